"""Files of media, translated descriptions, and the schedule and history of watches"""

import sqlalchemy as sa
from alembic import op

from archiver.store import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "media_file",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", types.Key, nullable=False),
        sa.Column("content_type", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("stored_at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_media_file_sha256")),
        comment="the bytes of media, once however often they were posted",
    )
    op.create_table(
        "watch_change",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("handle", types.NativeId(), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("before", types.Json, nullable=True),
        sa.Column("after", types.Json, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_change")),
        comment="what was decided about a watch, and when",
    )
    op.create_index(
        op.f("ix_watch_change_platform_handle"), "watch_change", ["platform", "handle"], unique=False
    )

    op.create_table(
        "alt_text",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("attachment_id", types.Key, nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("confidence", sa.Float(precision=53), nullable=False),
        sa.Column("method", sa.String(length=255), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_alt_text_attachment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alt_text")),
        sa.UniqueConstraint("attachment_id", name=op.f("uq_alt_text_attachment_id")),
        comment="which language the description of an attachment is in",
    )
    op.create_table(
        "download",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("attachment_id", types.Key, nullable=False),
        sa.Column("url", types.Words(), nullable=False),
        sa.Column("url_key", types.Key, nullable=False),
        sa.Column("final_url", types.Words(), nullable=True),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", types.Json, nullable=True),
        sa.Column("media_file_id", types.Key, nullable=True),
        sa.Column("reason", types.Words(), nullable=True),
        sa.Column("next_at", types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_download_attachment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["media_file_id"], ["media_file.id"], name=op.f("fk_download_media_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_download")),
        comment="a try to have the file of an attachment, and what the server said",
    )
    op.create_index(op.f("ix_download_attachment_id"), "download", ["attachment_id"], unique=False)
    op.create_index(op.f("ix_download_media_file_id"), "download", ["media_file_id"], unique=False)
    op.create_index(op.f("ix_download_url_key"), "download", ["url_key"], unique=False)

    op.create_table(
        "alt_translation",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("alt_text_id", types.Key, nullable=False),
        sa.Column("engine_id", types.Key, nullable=False),
        sa.Column("text", types.Words(), nullable=False),
        sa.Column("score", sa.Float(precision=53), nullable=True),
        sa.Column("flags", types.Json, nullable=False),
        sa.Column("segments", types.Json, nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alt_text_id"], ["alt_text.id"], name=op.f("fk_alt_translation_alt_text_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["engine_id"], ["engine.id"], name=op.f("fk_alt_translation_engine_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alt_translation")),
        sa.UniqueConstraint(
            "alt_text_id", "engine_id", name=op.f("uq_alt_translation_alt_text_id_engine_id")
        ),
        comment="the description of an attachment in another language",
    )
    op.create_index(op.f("ix_alt_translation_engine_id"), "alt_translation", ["engine_id"], unique=False)

    op.add_column("search_doc", sa.Column("alt_translation_id", types.Key, nullable=True))

    op.add_column("watch", sa.Column("every", sa.Integer(), nullable=True))
    op.add_column("watch", sa.Column("media", sa.String(length=16), nullable=True))
    op.add_column("watch", sa.Column("visited_at", types.UTCDateTime(), nullable=True))
    # Descriptions belong into the index: posts that have some are indexed again.
    described = "SELECT revision_id FROM attachment WHERE alt IS NOT NULL"
    op.execute(f"UPDATE search_doc SET fold_version = 0 WHERE revision_id IN ({described})")
    op.execute("DELETE FROM search_mark")
