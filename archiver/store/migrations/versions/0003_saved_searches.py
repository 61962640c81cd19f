"""Saved searches"""

import sqlalchemy as sa
from alembic import op

from archiver.store import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_search",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("name", types.Words(), nullable=False),
        sa.Column("filters", types.Json, nullable=False),
        sa.Column("saved_at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
        sa.UniqueConstraint("name", name=op.f("uq_saved_search_name")),
        comment="a query and its filters, asked again by `archiver alerts`",
    )
    op.create_table(
        "saved_search_post",
        sa.Column("saved_search_id", types.Key, nullable=False),
        sa.Column("post_id", types.Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["saved_search_id"],
            ["saved_search.id"],
            name=op.f("fk_saved_search_post_saved_search_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_saved_search_post_post_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("saved_search_id", "post_id", name=op.f("pk_saved_search_post")),
        comment="a post that a saved search has told of",
    )
    op.create_index(op.f("ix_saved_search_post_post_id"), "saved_search_post", ["post_id"], unique=False)
