"""How far back the posts of a watch are looked at again, where it says so itself"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("watch", sa.Column("revisit", sa.Integer))
