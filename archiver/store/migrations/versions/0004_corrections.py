"""Corrections, and whose words a translated segment is in"""

import sqlalchemy as sa
from alembic import op

from archiver.store import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("segment_id", types.Key, nullable=True),
        sa.Column("source", types.Words(), nullable=False),
        sa.Column("source_key", types.Key, nullable=False),
        sa.Column("folded_key", types.Key, nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("text", types.Words(), nullable=False),
        sa.Column("author", types.Words(), nullable=True),
        sa.Column("note", types.Words(), nullable=True),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("supersedes_id", types.Key, nullable=True),
        sa.ForeignKeyConstraint(["segment_id"], ["segment.id"], name=op.f("fk_correction_segment_id")),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["correction.id"], name=op.f("fk_correction_supersedes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        comment="a person's translation; a better one is a new row",
    )
    for column in ("segment_id", "source_key", "folded_key", "supersedes_id"):
        op.create_index(op.f(f"ix_correction_{column}"), "correction", [column], unique=False)
    # Written out: Alembic would copy the whole table on SQLite for a column that points at another.
    key = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE translated_segment ADD COLUMN correction_id {key} "
        "CONSTRAINT fk_translated_segment_correction_id REFERENCES correction (id)"
    )
    op.add_column("translated_segment", sa.Column("glossary", types.Json, nullable=True))
    op.create_index(
        op.f("ix_translated_segment_correction_id"), "translated_segment", ["correction_id"], unique=False
    )
