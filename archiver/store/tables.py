"""What the archive keeps, table by table.

Every fact leads to the capture that showed it. NULL is *unknown*: the platform did not say. Revisions,
observations and snapshots are only ever added; `post` and `account` repeat the newest of them for reading.
The full-text index (SQLite: table `search_fts`; PostgreSQL: columns `search_doc.*_tsv`) is made by the
migrations in each database's own words and is not described here.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

from archiver.store.types import Count, Json, Key, NativeId, UTCDateTime, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", Key, primary_key=True)


def _to(target: str, *, nullable: bool = False, ondelete: str | None = None, name: str = "") -> Column[int]:
    """A foreign key named after the table it points at."""
    column = name or f"{target}_id"
    return Column(column, Key, ForeignKey(f"{target}.id", ondelete=ondelete), nullable=nullable)


# -- collecting ------------------------------------------------------------------------------------

capture = Table(
    "capture",
    metadata,
    _id(),
    Column("url", Words, nullable=False),
    Column("fetched_at", UTCDateTime, nullable=False),
    Column("status", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),  # of the body as received
    Column("size", Key, nullable=False),
    Column("warc", String(255), nullable=False),
    Column("offset", Key, nullable=False),
    Column("length", Key, nullable=False),
    Column("content_type", Words),
    # Of the bytes as they lie in the file: the response with its request, and the file up to their end.
    Column("record_length", Key),
    Column("record_sha256", String(64)),
    Column("file_sha256", String(64)),
    UniqueConstraint("warc", "offset"),
    comment="one HTTP response kept byte for byte in WARC",
)

account = Table(
    "account",
    metadata,
    _id(),
    Column("platform", String(64), nullable=False),
    Column("native_id", NativeId, nullable=False),  # "@handle" until the platform's own id is known
    Column("handle", NativeId, nullable=False, index=True),
    Column("url", Words),
    Column("name", Words),
    Column("description", Words),
    Column("avatar_url", Words),
    Column("verified", Boolean),
    Column("created_at", UTCDateTime),
    Column("metrics", Json),  # newest known
    Column("first_seen_at", UTCDateTime, nullable=False),
    Column("last_seen_at", UTCDateTime, nullable=False),
    UniqueConstraint("platform", "native_id"),
    comment="who posts",
)

account_snapshot = Table(
    "account_snapshot",
    metadata,
    _id(),
    _to("account"),
    _to("capture"),
    Column("at", UTCDateTime, nullable=False),
    Column("handle", NativeId, nullable=False),
    Column("name", Words),
    Column("description", Words),
    Column("avatar_url", Words),
    Column("verified", Boolean),
    Column("metrics", Json),
    UniqueConstraint("account_id", "capture_id"),
    comment="how an account described itself; a row where that changed",
)

watch = Table(
    "watch",
    metadata,
    _id(),
    Column("platform", String(64), nullable=False),
    Column("handle", NativeId, nullable=False),
    Column("since", UTCDateTime),
    Column("note", Words),
    Column("tags", Json, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("added_at", UTCDateTime, nullable=False),
    Column("cursor", Words),  # opaque JSON of the crawl
    _to("account", nullable=True),
    Column("last_ok", UTCDateTime),
    Column("last_error", Words),
    Column("last_error_at", UTCDateTime),
    Column("refusal", String(64)),  # the platform's last word, where it was no
    Column("refusal_at", UTCDateTime),
    Column(
        "revisit", Integer
    ),  # seconds back that its posts are looked at again; NULL: as archiver.toml says
    Column("every", Integer),  # seconds between two visits of `run --due`; NULL: at each
    Column("media", String(16)),  # "none", "images" or "all"; NULL: as archiver.toml says
    Column("visited_at", UTCDateTime),  # when the last visit began, however it went
    UniqueConstraint("platform", "handle"),
    Index(None, "account_id"),
    comment="our decision to follow an account",
)

watch_change = Table(
    "watch_change",
    metadata,
    _id(),
    # By name: the history of a watch outlives it.
    Column("platform", String(64), nullable=False),
    Column("handle", NativeId, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("what", String(16), nullable=False),  # "added", "removed", or the decision that changed
    Column("before", Json),
    Column("after", Json),
    Index(None, "platform", "handle"),
    comment="what was decided about a watch, and when",
)

page = Table(
    "page",
    metadata,
    _id(),
    _to("capture"),
    _to("watch", nullable=True, ondelete="SET NULL"),
    Column("served", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("revised", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("unread", Integer, nullable=False),
    UniqueConstraint("capture_id"),
    Index(None, "watch_id"),
    comment="what one stored page gave",
)

problem = Table(
    "problem",
    metadata,
    _id(),
    _to("watch", nullable=True, ondelete="SET NULL"),
    _to("capture", nullable=True),
    Column("at", UTCDateTime, nullable=False),
    Column("whole_page", Boolean, nullable=False),  # False: one post of a page that was stored
    Column("url", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("resolved_at", UTCDateTime),
    Index(None, "watch_id"),
    Index(None, "capture_id"),
    comment="what could not be read or fetched, and where its bytes are",
)

availability = Table(
    "availability",
    metadata,
    _id(),
    _to("watch", nullable=True, ondelete="SET NULL"),
    _to("account", nullable=True),
    _to("capture"),
    Column("platform", String(64), nullable=False),
    Column("handle", NativeId, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("state", String(64), nullable=False),  # "live", or why the platform shows nothing
    UniqueConstraint("capture_id"),
    Index(None, "watch_id"),
    Index(None, "account_id"),
    comment="whether a watched account could be seen; a row where that changed",
)

# -- posts -----------------------------------------------------------------------------------------

post = Table(
    "post",
    metadata,
    _id(),
    Column("platform", String(64), nullable=False),
    Column("native_id", NativeId, nullable=False),
    _to("account"),
    Column("kind", String(16), nullable=False),
    Column("url", Words),
    Column("published_at", UTCDateTime),
    Column("group_ids", Json, nullable=False),
    Column("first_seen_at", UTCDateTime, nullable=False),
    Column("last_seen_at", UTCDateTime, nullable=False),
    Column("state", String(16), nullable=False),  # newest known: "live", "missing", "withheld", "gone"
    Column("metrics", Json),  # newest known
    Column(
        "current_revision_id",
        Key,
        ForeignKey("revision.id", use_alter=True, deferrable=True, initially="DEFERRED"),
    ),
    UniqueConstraint("platform", "native_id"),
    Index(None, "account_id", "published_at"),
    Index(None, "published_at"),
    Index(None, "current_revision_id"),
    comment="one post, whatever it said at which time",
)

revision = Table(
    "revision",
    metadata,
    _id(),
    _to("post"),
    Column("seq", Integer, nullable=False),  # in the order of storing, from 1
    Column("digest", String(64), nullable=False),
    Column("title", Words),
    Column("warning", Words),
    Column("text", Words),
    Column("body", Words, nullable=False),  # title, warning, text and poll: what is translated and searched
    Column("html", Words),
    Column("edited", Boolean),
    Column("edited_at", UTCDateTime),
    Column("languages", Json),  # the platform's own hint
    Column("links", Json),
    Column("tags", Json),
    Column("mentions", Json),
    Column("poll", Json),
    Column("preview", Json),
    Column("signature", Words),
    Column("unsupported", Boolean),
    Column("withheld", Boolean),
    _to("capture"),  # the earliest that shows it
    Column("seen_at", UTCDateTime, nullable=False),
    UniqueConstraint("post_id", "seq"),
    UniqueConstraint("post_id", "digest"),
    comment="what a post said; an edit is a new row",
)

reference = Table(
    "reference",
    metadata,
    _id(),
    _to("revision"),
    Column("position", Integer, nullable=False),
    Column("relation", String(16), nullable=False),
    Column("native_id", NativeId, index=True),
    Column("url", Words),
    Column("author_name", Words),
    Column("author_handle", NativeId),
    Column("author_native_id", NativeId),
    Column("published_at", UTCDateTime),
    Column("text", Words),
    Column("available", Boolean),
    UniqueConstraint("revision_id", "position"),
    comment="the post that a revision answers, quotes or passes on",
)

attachment = Table(
    "attachment",
    metadata,
    _id(),
    _to("revision"),
    Column("position", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("key", Words),
    Column("url", Words),
    Column("preview_url", Words),
    Column("alt", Words),
    Column("content_type", Words),
    Column("width", Count),
    Column("height", Count),
    Column("duration_seconds", Float(53)),
    Column("size_bytes", Count),
    Column("title", Words),
    Column("available", Boolean),
    UniqueConstraint("revision_id", "position"),
    comment="a piece of media of a revision",
)

media_file = Table(
    "media_file",
    metadata,
    _id(),
    Column("sha256", String(64), nullable=False),
    Column("size", Key, nullable=False),
    Column("content_type", String(64), nullable=False),  # as its first bytes say
    Column("path", String(255), nullable=False),  # relative to the archive
    Column("stored_at", UTCDateTime, nullable=False),
    UniqueConstraint("sha256"),
    comment="the bytes of media, once however often they were posted",
)

download = Table(
    "download",
    metadata,
    _id(),
    _to("attachment", ondelete="CASCADE"),
    Column("url", Words, nullable=False),
    Column("url_key", Key, nullable=False, index=True),  # 63 bits of its SHA-256
    Column("final_url", Words),
    Column("at", UTCDateTime, nullable=False),
    Column("status", Integer),
    Column("headers", Json),  # those of the answer that say what it is
    _to("media_file", nullable=True),
    Column("reason", Words),  # why there is no file
    Column("next_at", UTCDateTime),  # not to be tried before; NULL without a file: never again
    Index(None, "attachment_id"),
    Index(None, "media_file_id"),
    comment="a try to have the file of an attachment, and what the server said",
)

alt_text = Table(
    "alt_text",
    metadata,
    _id(),
    _to("attachment", ondelete="CASCADE"),
    Column("language", String(64), nullable=False),
    Column("confidence", Float(53), nullable=False),
    Column("method", String(255), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    UniqueConstraint("attachment_id"),
    comment="which language the description of an attachment is in",
)

observation = Table(
    "observation",
    metadata,
    _id(),
    _to("post"),
    _to("capture"),
    Column("at", UTCDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("metrics", Json),  # NULL: not said; {name: {"value": n, "granularity": g}}
    Column("poll", Json),  # as counted at that time
    _to("revision", nullable=True),
    UniqueConstraint("post_id", "capture_id"),
    comment="what a capture showed of a post; a row where that differed from before",
)

# -- languages and translations --------------------------------------------------------------------

detection = Table(
    "detection",
    metadata,
    _id(),
    _to("revision"),
    Column("language", String(64), nullable=False),  # BCP 47; "und" when there is nothing to tell from
    Column("confidence", Float(53), nullable=False),
    Column("method", String(255), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("superseded_at", UTCDateTime),  # NULL: the current one, at most one a revision
    Column("parts", Json),  # of a mixed text: [{"start", "end", "language", "confidence"}]; NULL: not mixed
    Index(None, "revision_id"),
    Index(
        "uq_detection_current",
        "revision_id",
        unique=True,
        sqlite_where=text("superseded_at IS NULL"),
        postgresql_where=text("superseded_at IS NULL"),
    ),
    comment="which language a revision is in",
)

language_rule = Table(
    "language_rule",
    metadata,
    _id(),
    _to("post", nullable=True),
    _to("account", nullable=True),
    Column("language", String(64), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    UniqueConstraint("post_id"),
    UniqueConstraint("account_id"),
    CheckConstraint("(post_id IS NULL) <> (account_id IS NULL)", name="one_target"),
    comment="a person's word on the language of a post, or of all an account posts",
)

segment = Table(
    "segment",
    metadata,
    _id(),
    _to("revision"),
    Column("start", Integer, nullable=False),
    Column("stop", Integer, nullable=False),
    Column("source", Words, nullable=False),
    Column("source_key", Key, nullable=False, index=True),  # 63 bits of its SHA-256, for the memory
    UniqueConstraint("revision_id", "start", "stop"),
    comment="a span of a revision's body in code points, translated on its own",
)

engine = Table(
    "engine",
    metadata,
    _id(),
    Column("name", String(64), nullable=False),
    Column("package_name", Words, nullable=False),
    Column("package_version", Words, nullable=False),
    Column("package_sha256", String(64), nullable=False),
    Column("options", String(255), nullable=False),
    Column("target", String(64), nullable=False),
    UniqueConstraint("name", "package_sha256", "options", "target"),
    comment="what translates: equal rows give equal translations",
)

translation = Table(
    "translation",
    metadata,
    _id(),
    _to("revision"),
    _to("engine"),
    Column("language", String(64), nullable=False),  # translated from
    Column("target", String(64), nullable=False),
    Column("flags", Json, nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("readings", Json),  # what its hashtags say: {"#کابل": "Kabul"}; they stand in no pair
    UniqueConstraint("revision_id", "engine_id"),
    Index(None, "engine_id"),
    comment="a revision in another language, complete",
)

correction = Table(
    "correction",
    metadata,
    _id(),
    _to("segment", nullable=True),  # NULL: a sentence of nobody's post, brought in from a translation memory
    Column("source", Words, nullable=False),
    Column("source_key", Key, nullable=False, index=True),
    Column("folded_key", Key, nullable=False, index=True),  # the same for its folded form
    Column("language", String(64), nullable=False),
    Column("target", String(64), nullable=False),
    Column("text", Words, nullable=False),
    Column("author", Words),
    Column("note", Words),
    Column("at", UTCDateTime, nullable=False),
    _to("correction", nullable=True, name="supersedes_id"),
    Index(None, "segment_id"),
    Index(None, "supersedes_id"),
    comment="a person's translation; a better one is a new row",
)

translated_segment = Table(
    "translated_segment",
    metadata,
    _id(),
    _to("translation"),
    _to("segment"),
    Column("text", Words, nullable=False),
    Column("score", Float(53)),
    Column("flags", Json, nullable=False),
    _to("correction", nullable=True),  # whose words these are; NULL: a machine's
    Column("glossary", Json),  # the terms that were kept: [{"term": ..., "translation": ...}]
    UniqueConstraint("translation_id", "segment_id"),
    Index(None, "segment_id"),
    Index(None, "correction_id"),
    comment="a segment of a translation: with its segment, an aligned pair",
)

alt_translation = Table(
    "alt_translation",
    metadata,
    _id(),
    _to("alt_text", ondelete="CASCADE"),
    _to("engine"),
    Column("text", Words, nullable=False),
    Column("score", Float(53)),
    Column("flags", Json, nullable=False),
    Column("segments", Json, nullable=False),  # [{"start", "end", "source", "target", "score", "flags"}]
    Column("at", UTCDateTime, nullable=False),
    UniqueConstraint("alt_text_id", "engine_id"),
    Index(None, "engine_id"),
    comment="the description of an attachment in another language",
)

attempt = Table(
    "attempt",
    metadata,
    _id(),
    _to("revision"),
    Column("target", String(64), nullable=False),
    Column("reason", String(255), nullable=False),
    Column("remedy", Words),
    Column("tries", Integer, nullable=False),
    Column("first_at", UTCDateTime, nullable=False),
    Column("last_at", UTCDateTime, nullable=False),
    Column("closed_at", UTCDateTime),
    UniqueConstraint("revision_id", "target", "reason"),
    comment="a translation that is owed, why, and what would help",
)

# -- evidence --------------------------------------------------------------------------------------

ledger = Table(
    "ledger",
    metadata,
    Column("seq", Key, primary_key=True, autoincrement=False),  # from 1, without gaps
    Column("prev", String(64), nullable=False),  # the hash of the row before
    Column("kind", String(32), nullable=False),
    Column("ref", Words, nullable=False),  # the fact's name, whatever its row's number is
    Column("payload_sha256", String(64), nullable=False),  # over what the fact says
    Column("at", UTCDateTime, nullable=False),
    Column("hash", String(64), nullable=False),  # over all of the above
    comment="which facts were stored in which order; triggers refuse to change or delete a row",
)

stamp = Table(
    "stamp",
    metadata,
    _id(),
    Column("seq", Key, nullable=False, index=True),  # the ledger's head that was stamped
    Column("hash", String(64), nullable=False),
    Column("at", UTCDateTime, nullable=False),  # as the authority says
    Column("authority", Words, nullable=False),  # its address
    Column("token", LargeBinary, nullable=False),  # its answer (RFC 3161), as received
    Column("certificates", Words, nullable=False),  # PEM: the chain that vouches for it, the root last
    comment="an authority's word that the ledger's head was there at a time; never changed or deleted",
)

# -- searching -------------------------------------------------------------------------------------

search_doc = Table(
    "search_doc",
    metadata,
    # When, in which language, which post (see `doc_ids`): rows lie in the order of time.
    Column("id", Key, primary_key=True, autoincrement=False),
    _to("post"),
    # What the row was made from; where one of these has changed, it is made again.
    _to("revision"),
    _to("detection", nullable=True),
    _to("translation", nullable=True),
    Column("alt_translation_id", Key),  # the newest of those of its attachments' descriptions
    Column("account_id", Key, nullable=False),  # no foreign key: accounts that turn out to be one are merged
    Column("published_at", UTCDateTime),
    Column("fold_version", Integer, nullable=False),  # of the fold table and of the row itself
    # Folded words, one space between two.
    Column("original", Words, nullable=False),
    Column("translated", Words, nullable=False),
    Column("filters", Words, nullable=False),  # such as `any a:12 l:ps p:telegram #کابل`
    UniqueConstraint("post_id"),
    Index(None, "revision_id"),
    Index(None, "detection_id"),
    Index(None, "translation_id"),
    comment="a post as the search index holds it: derived, can be rebuilt",
)

search_term = Table(
    "search_term",
    metadata,
    Column("term", Words, primary_key=True),
    Column("loose", Words, nullable=False, index=True),  # its look-alikes share this key
    Column("docs", Integer, nullable=False),  # how many rows of search_doc hold it
    comment="the vocabulary of the search index",
)

search_mark = Table(
    "search_mark",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("mark", Words, nullable=False),
    comment="how far the archive had grown when the search index was last complete",
)

saved_search = Table(
    "saved_search",
    metadata,
    _id(),
    Column("name", Words, nullable=False),
    Column("filters", Json, nullable=False),
    Column("saved_at", UTCDateTime, nullable=False),
    UniqueConstraint("name"),
    comment="a query and its filters, asked again by `archiver alerts`",
)

saved_search_post = Table(
    "saved_search_post",
    metadata,
    Column(
        "saved_search_id",
        Key,
        ForeignKey("saved_search.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("post_id", Key, ForeignKey("post.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Index(None, "post_id"),
    comment="a post that a saved search has told of",
)

FULL_TEXT = "search_fts"
# As the migrations make it; to make it again where it is lost.
FULL_TEXT_SQLITE = (
    f"CREATE VIRTUAL TABLE {FULL_TEXT} USING fts5(original, translated, filters, content='search_doc', "
    "content_rowid='id', tokenize='ascii tokenchars ''_:#@.-''')"
)
