"""A person's word on the language of a post or account, and the parts of mixed posts"""

import sqlalchemy as sa
from alembic import op

from archiver.store import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "language_rule",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("post_id", types.Key, nullable=True),
        sa.Column("account_id", types.Key, nullable=True),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(post_id IS NULL) <> (account_id IS NULL)", name=op.f("ck_language_rule_one_target")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_language_rule_account_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_language_rule_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_language_rule")),
        sa.UniqueConstraint("account_id", name=op.f("uq_language_rule_account_id")),
        sa.UniqueConstraint("post_id", name=op.f("uq_language_rule_post_id")),
        comment="a person's word on the language of a post, or of all an account posts",
    )
    op.add_column("detection", sa.Column("parts", types.Json, nullable=True))
