"""The first tables"""

import sqlalchemy as sa
from alembic import op

from archiver.store import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _current_revision() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["current_revision_id"],
        ["revision.id"],
        name="fk_post_current_revision_id",
        initially="DEFERRED",
        deferrable=True,
    )


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    # post and revision point at each other: SQLite takes that as it stands and cannot add it later.
    current_revision = [_current_revision()] if sqlite else []
    op.create_table(
        "account",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("native_id", types.NativeId(), nullable=False),
        sa.Column("handle", types.NativeId(), nullable=False),
        sa.Column("url", types.Words(), nullable=True),
        sa.Column("name", types.Words(), nullable=True),
        sa.Column("description", types.Words(), nullable=True),
        sa.Column("avatar_url", types.Words(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=True),
        sa.Column("created_at", types.UTCDateTime(), nullable=True),
        sa.Column("metrics", types.Json, nullable=True),
        sa.Column("first_seen_at", types.UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("platform", "native_id", name=op.f("uq_account_platform_native_id")),
        comment="who posts",
    )
    op.create_index(op.f("ix_account_handle"), "account", ["handle"], unique=False)

    op.create_table(
        "capture",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("url", types.Words(), nullable=False),
        sa.Column("fetched_at", types.UTCDateTime(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", types.Key, nullable=False),
        sa.Column("warc", sa.String(length=255), nullable=False),
        sa.Column("offset", types.Key, nullable=False),
        sa.Column("length", types.Key, nullable=False),
        sa.Column("content_type", types.Words(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capture")),
        sa.UniqueConstraint("warc", "offset", name=op.f("uq_capture_warc_offset")),
        comment="one HTTP response kept byte for byte in WARC",
    )
    op.create_table(
        "engine",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("package_name", types.Words(), nullable=False),
        sa.Column("package_version", types.Words(), nullable=False),
        sa.Column("package_sha256", sa.String(length=64), nullable=False),
        sa.Column("options", sa.String(length=255), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engine")),
        sa.UniqueConstraint(
            "name",
            "package_sha256",
            "options",
            "target",
            name=op.f("uq_engine_name_package_sha256_options_target"),
        ),
        comment="what translates: equal rows give equal translations",
    )
    op.create_table(
        "account_snapshot",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("account_id", types.Key, nullable=False),
        sa.Column("capture_id", types.Key, nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("handle", types.NativeId(), nullable=False),
        sa.Column("name", types.Words(), nullable=True),
        sa.Column("description", types.Words(), nullable=True),
        sa.Column("avatar_url", types.Words(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=True),
        sa.Column("metrics", types.Json, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_snapshot_account_id")),
        sa.ForeignKeyConstraint(["capture_id"], ["capture.id"], name=op.f("fk_account_snapshot_capture_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_snapshot")),
        sa.UniqueConstraint(
            "account_id", "capture_id", name=op.f("uq_account_snapshot_account_id_capture_id")
        ),
        comment="how an account described itself; a row where that changed",
    )
    op.create_table(
        "post",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("native_id", types.NativeId(), nullable=False),
        sa.Column("account_id", types.Key, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("url", types.Words(), nullable=True),
        sa.Column("published_at", types.UTCDateTime(), nullable=True),
        sa.Column("group_ids", types.Json, nullable=False),
        sa.Column("first_seen_at", types.UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", types.UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("metrics", types.Json, nullable=True),
        sa.Column("current_revision_id", types.Key, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_post_account_id")),
        *current_revision,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("platform", "native_id", name=op.f("uq_post_platform_native_id")),
        comment="one post, whatever it said at which time",
    )
    op.create_index(
        op.f("ix_post_account_id_published_at"), "post", ["account_id", "published_at"], unique=False
    )
    op.create_index(op.f("ix_post_current_revision_id"), "post", ["current_revision_id"], unique=False)
    op.create_index(op.f("ix_post_published_at"), "post", ["published_at"], unique=False)

    op.create_table(
        "watch",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("handle", types.NativeId(), nullable=False),
        sa.Column("since", types.UTCDateTime(), nullable=True),
        sa.Column("note", types.Words(), nullable=True),
        sa.Column("tags", types.Json, nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("added_at", types.UTCDateTime(), nullable=False),
        sa.Column("cursor", types.Words(), nullable=True),
        sa.Column("account_id", types.Key, nullable=True),
        sa.Column("last_ok", types.UTCDateTime(), nullable=True),
        sa.Column("last_error", types.Words(), nullable=True),
        sa.Column("last_error_at", types.UTCDateTime(), nullable=True),
        sa.Column("refusal", sa.String(length=64), nullable=True),
        sa.Column("refusal_at", types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_watch_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch")),
        sa.UniqueConstraint("platform", "handle", name=op.f("uq_watch_platform_handle")),
        comment="our decision to follow an account",
    )
    op.create_index(op.f("ix_watch_account_id"), "watch", ["account_id"], unique=False)

    op.create_table(
        "availability",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("watch_id", types.Key, nullable=True),
        sa.Column("account_id", types.Key, nullable=True),
        sa.Column("capture_id", types.Key, nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("handle", types.NativeId(), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_availability_account_id")),
        sa.ForeignKeyConstraint(["capture_id"], ["capture.id"], name=op.f("fk_availability_capture_id")),
        sa.ForeignKeyConstraint(
            ["watch_id"], ["watch.id"], name=op.f("fk_availability_watch_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability")),
        sa.UniqueConstraint("capture_id", name=op.f("uq_availability_capture_id")),
        comment="whether a watched account could be seen; a row where that changed",
    )
    op.create_index(op.f("ix_availability_account_id"), "availability", ["account_id"], unique=False)
    op.create_index(op.f("ix_availability_watch_id"), "availability", ["watch_id"], unique=False)

    op.create_table(
        "page",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("capture_id", types.Key, nullable=False),
        sa.Column("watch_id", types.Key, nullable=True),
        sa.Column("served", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("revised", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["capture_id"], ["capture.id"], name=op.f("fk_page_capture_id")),
        sa.ForeignKeyConstraint(
            ["watch_id"], ["watch.id"], name=op.f("fk_page_watch_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page")),
        sa.UniqueConstraint("capture_id", name=op.f("uq_page_capture_id")),
        comment="what one stored page gave",
    )
    op.create_index(op.f("ix_page_watch_id"), "page", ["watch_id"], unique=False)

    op.create_table(
        "problem",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("watch_id", types.Key, nullable=True),
        sa.Column("capture_id", types.Key, nullable=True),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("whole_page", sa.Boolean(), nullable=False),
        sa.Column("url", types.Words(), nullable=False),
        sa.Column("what", types.Words(), nullable=False),
        sa.Column("resolved_at", types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["capture_id"], ["capture.id"], name=op.f("fk_problem_capture_id")),
        sa.ForeignKeyConstraint(
            ["watch_id"], ["watch.id"], name=op.f("fk_problem_watch_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem")),
        comment="what could not be read or fetched, and where its bytes are",
    )
    op.create_index(op.f("ix_problem_capture_id"), "problem", ["capture_id"], unique=False)
    op.create_index(op.f("ix_problem_watch_id"), "problem", ["watch_id"], unique=False)

    op.create_table(
        "revision",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("post_id", types.Key, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("title", types.Words(), nullable=True),
        sa.Column("warning", types.Words(), nullable=True),
        sa.Column("text", types.Words(), nullable=True),
        sa.Column("body", types.Words(), nullable=False),
        sa.Column("html", types.Words(), nullable=True),
        sa.Column("edited", sa.Boolean(), nullable=True),
        sa.Column("edited_at", types.UTCDateTime(), nullable=True),
        sa.Column("languages", types.Json, nullable=True),
        sa.Column("links", types.Json, nullable=True),
        sa.Column("tags", types.Json, nullable=True),
        sa.Column("mentions", types.Json, nullable=True),
        sa.Column("poll", types.Json, nullable=True),
        sa.Column("preview", types.Json, nullable=True),
        sa.Column("signature", types.Words(), nullable=True),
        sa.Column("unsupported", sa.Boolean(), nullable=True),
        sa.Column("withheld", sa.Boolean(), nullable=True),
        sa.Column("capture_id", types.Key, nullable=False),
        sa.Column("seen_at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["capture_id"], ["capture.id"], name=op.f("fk_revision_capture_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_revision_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("post_id", "digest", name=op.f("uq_revision_post_id_digest")),
        sa.UniqueConstraint("post_id", "seq", name=op.f("uq_revision_post_id_seq")),
        comment="what a post said; an edit is a new row",
    )
    op.create_table(
        "attachment",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("revision_id", types.Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", types.Words(), nullable=True),
        sa.Column("url", types.Words(), nullable=True),
        sa.Column("preview_url", types.Words(), nullable=True),
        sa.Column("alt", types.Words(), nullable=True),
        sa.Column("content_type", types.Words(), nullable=True),
        sa.Column("width", types.Count(), nullable=True),
        sa.Column("height", types.Count(), nullable=True),
        sa.Column("duration_seconds", sa.Float(precision=53), nullable=True),
        sa.Column("size_bytes", types.Count(), nullable=True),
        sa.Column("title", types.Words(), nullable=True),
        sa.Column("available", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_attachment_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("revision_id", "position", name=op.f("uq_attachment_revision_id_position")),
        comment="a piece of media of a revision",
    )
    op.create_table(
        "attempt",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("revision_id", types.Key, nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("remedy", types.Words(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("first_at", types.UTCDateTime(), nullable=False),
        sa.Column("last_at", types.UTCDateTime(), nullable=False),
        sa.Column("closed_at", types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_attempt_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint(
            "revision_id", "target", "reason", name=op.f("uq_attempt_revision_id_target_reason")
        ),
        comment="a translation that is owed, why, and what would help",
    )
    op.create_table(
        "detection",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("revision_id", types.Key, nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("confidence", sa.Float(precision=53), nullable=False),
        sa.Column("method", sa.String(length=255), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("superseded_at", types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_detection_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detection")),
        comment="which language a revision is in",
    )
    op.create_index(op.f("ix_detection_revision_id"), "detection", ["revision_id"], unique=False)
    op.create_index(
        "uq_detection_current",
        "detection",
        ["revision_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )

    op.create_table(
        "observation",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("post_id", types.Key, nullable=False),
        sa.Column("capture_id", types.Key, nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("metrics", types.Json, nullable=True),
        sa.Column("poll", types.Json, nullable=True),
        sa.Column("revision_id", types.Key, nullable=True),
        sa.ForeignKeyConstraint(["capture_id"], ["capture.id"], name=op.f("fk_observation_capture_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_observation_post_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_observation_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation")),
        sa.UniqueConstraint("post_id", "capture_id", name=op.f("uq_observation_post_id_capture_id")),
        comment="what a capture showed of a post; a row where that differed from before",
    )
    op.create_table(
        "reference",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("revision_id", types.Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("native_id", types.NativeId(), nullable=True),
        sa.Column("url", types.Words(), nullable=True),
        sa.Column("author_name", types.Words(), nullable=True),
        sa.Column("author_handle", types.NativeId(), nullable=True),
        sa.Column("author_native_id", types.NativeId(), nullable=True),
        sa.Column("published_at", types.UTCDateTime(), nullable=True),
        sa.Column("text", types.Words(), nullable=True),
        sa.Column("available", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_reference_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference")),
        sa.UniqueConstraint("revision_id", "position", name=op.f("uq_reference_revision_id_position")),
        comment="the post that a revision answers, quotes or passes on",
    )
    op.create_index(op.f("ix_reference_native_id"), "reference", ["native_id"], unique=False)

    op.create_table(
        "segment",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("revision_id", types.Key, nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.Column("source", types.Words(), nullable=False),
        sa.Column("source_key", types.Key, nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_segment_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("revision_id", "start", "stop", name=op.f("uq_segment_revision_id_start_stop")),
        comment="a span of a revision's body in code points, translated on its own",
    )
    op.create_index(op.f("ix_segment_source_key"), "segment", ["source_key"], unique=False)

    op.create_table(
        "translation",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("revision_id", types.Key, nullable=False),
        sa.Column("engine_id", types.Key, nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("flags", types.Json, nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["engine_id"], ["engine.id"], name=op.f("fk_translation_engine_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_translation_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_translation")),
        sa.UniqueConstraint("revision_id", "engine_id", name=op.f("uq_translation_revision_id_engine_id")),
        comment="a revision in another language, complete",
    )
    op.create_index(op.f("ix_translation_engine_id"), "translation", ["engine_id"], unique=False)

    op.create_table(
        "search_doc",
        sa.Column("id", types.Key, autoincrement=False, nullable=False),
        sa.Column("post_id", types.Key, nullable=False),
        sa.Column("revision_id", types.Key, nullable=False),
        sa.Column("detection_id", types.Key, nullable=True),
        sa.Column("translation_id", types.Key, nullable=True),
        sa.Column("account_id", types.Key, nullable=False),
        sa.Column("published_at", types.UTCDateTime(), nullable=True),
        sa.Column("fold_version", sa.Integer(), nullable=False),
        sa.Column("original", types.Words(), nullable=False),
        sa.Column("translated", types.Words(), nullable=False),
        sa.Column("filters", types.Words(), nullable=False),
        *(
            sa.ForeignKeyConstraint([f"{to}_id"], [f"{to}.id"], name=op.f(f"fk_search_doc_{to}_id"))
            for to in ("post", "revision", "detection", "translation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_doc")),
        sa.UniqueConstraint("post_id", name=op.f("uq_search_doc_post_id")),
        comment="a post as the search index holds it: derived, can be rebuilt",
    )
    for to in ("revision", "detection", "translation"):
        op.create_index(op.f(f"ix_search_doc_{to}_id"), "search_doc", [f"{to}_id"], unique=False)
    op.create_table(
        "search_term",
        sa.Column("term", types.Words(), nullable=False),
        sa.Column("loose", types.Words(), nullable=False),
        sa.Column("docs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("term", name=op.f("pk_search_term")),
        comment="the vocabulary of the search index",
    )
    op.create_index(op.f("ix_search_term_loose"), "search_term", ["loose"], unique=False)
    op.create_table(
        "search_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", types.Words(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_mark")),
        comment="how far the archive had grown when the search index was last complete",
    )

    op.create_table(
        "translated_segment",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("translation_id", types.Key, nullable=False),
        sa.Column("segment_id", types.Key, nullable=False),
        sa.Column("text", types.Words(), nullable=False),
        sa.Column("score", sa.Float(precision=53), nullable=True),
        sa.Column("flags", types.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segment.id"], name=op.f("fk_translated_segment_segment_id")
        ),
        sa.ForeignKeyConstraint(
            ["translation_id"], ["translation.id"], name=op.f("fk_translated_segment_translation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_translated_segment")),
        sa.UniqueConstraint(
            "translation_id", "segment_id", name=op.f("uq_translated_segment_translation_id_segment_id")
        ),
        comment="a segment of a translation: with its segment, an aligned pair",
    )
    op.create_index(
        op.f("ix_translated_segment_segment_id"), "translated_segment", ["segment_id"], unique=False
    )

    if not sqlite:
        op.create_foreign_key(
            "fk_post_current_revision_id",
            "post",
            "revision",
            ["current_revision_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )
    for statement in FULL_TEXT_SQLITE if sqlite else FULL_TEXT_POSTGRESQL:
        op.execute(statement)


# External content: edits and deletions need it. Folding and splitting into words are ours (store/words.py),
# so the tokenizer may only split at spaces: what else filters are made of is named as letters here.
FULL_TEXT_SQLITE = (
    "CREATE VIRTUAL TABLE search_fts USING fts5(original, translated, filters, content='search_doc', "
    "content_rowid='id', tokenize='ascii tokenchars ''_:#@.-''')",
)

# We write the vectors ourselves, word by word: PostgreSQL's own parser takes `a.b` or `1e5` for one word.
# Statistics: with the usual 100, a rare word makes the planner walk the archive backwards by time.
FULL_TEXT_POSTGRESQL = tuple(
    statement
    for side in ("original", "translated", "filters")
    for statement in (
        f"ALTER TABLE search_doc ADD COLUMN {side}_tsv tsvector",
        f"ALTER TABLE search_doc ALTER COLUMN {side}_tsv SET STATISTICS 2000",
        f"CREATE INDEX ix_search_doc_{side}_tsv ON search_doc USING gin ({side}_tsv)",
    )
)
