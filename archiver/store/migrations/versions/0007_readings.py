"""What the hashtags of a text say, kept beside its translation and in none of its pairs"""

import sqlalchemy as sa
from alembic import op

from archiver.store import types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("translation", sa.Column("readings", types.Json, nullable=True))
