"""The search index follows the posts: whatever changed since it was last complete is indexed again.

It is derived and may be behind; it is brought up before every search. A row of `search_doc`, its full-text
entry and its share of the vocabulary are written together, in one transaction, so they cannot come apart.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    case,
    column,
    delete,
    func,
    insert,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.dialects import postgresql

from archiver.store import alt_texts, tables
from archiver.store.alt_texts import Told
from archiver.store.database import Database
from archiver.store.doc_ids import LAYOUT, doc_id
from archiver.store.texts import current_detection, current_translation, translated_texts
from archiver.store.words import handle_of, hashtags, mentions, tag_of, words
from translations.fold import FOLD_VERSION, loose

BATCH = 2000  # posts indexed in one transaction: the more, the more words they share
_doc, _post, _revision = tables.search_doc.c, tables.post.c, tables.revision.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """How many posts were indexed, and the last of them (None: none was left)."""

    count: int
    last: int | None


def catch_up(database: Database, on_progress: Callable[[int], None] | None = None) -> int:
    """Index whatever is not indexed as it is now; returns how many posts that were."""
    with database.read() as connection:
        now = _mark(connection)
        if connection.scalar(select(tables.search_mark.c.mark)) == now:
            return 0
        outdated = is_outdated(connection)
    if outdated:
        with database.write() as connection:
            if is_outdated(connection):  # nobody else has done it meanwhile
                empty(connection)
    count, after = 0, 0
    while True:
        with database.write() as connection:
            done = index(connection, limit=BATCH, after=after)
            if done.last is None:
                # As it was before the first batch: what came in between makes the next search look again.
                connection.execute(delete(tables.search_mark))
                connection.execute(insert(tables.search_mark).values(id=1, mark=now))
                return count
        count, after = count + done.count, done.last
        if on_progress:
            on_progress(count)


def index(connection: Connection, *, limit: int = BATCH, after: int = 0) -> Indexed:
    """Index up to `limit` posts above the post `after` whose row is missing or made from something else."""
    stale = connection.execute(_stale().limit(limit), {"after": after, "version": version()}).all()
    if not stale:
        return Indexed(count=0, last=None)
    remove(connection, [row.post_id for row in stale])
    _write(connection, _made_of(connection, stale))
    return Indexed(count=len(stale), last=stale[-1].post_id)


def owed(connection: Connection) -> int:
    """How many posts `catch_up` would index."""
    stale = select(func.count()).select_from(_stale().order_by(None).subquery())
    return int(connection.scalar(stale, {"after": 0, "version": version()}) or 0)


def is_outdated(connection: Connection) -> bool:
    """Whether the rows are of another version: they have to be made anew before they are asked."""
    # All rows are of one version: the index is emptied before the first of another one is written.
    return connection.scalar(select(_doc.fold_version).limit(1)) not in (None, version())


def empty(connection: Connection) -> None:
    """Take all posts out of the index."""
    connection.execute(delete(tables.search_mark))
    if connection.dialect.name == "sqlite":
        # Dropped, not emptied: a damaged full-text table cannot be read to be emptied.
        made = text("SELECT sql FROM sqlite_master WHERE name = :name")
        ddl = connection.scalar(made, {"name": tables.FULL_TEXT})
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {tables.FULL_TEXT}")
        connection.exec_driver_sql(str(ddl or tables.FULL_TEXT_SQLITE))
        connection.execute(delete(tables.search_doc))
        connection.execute(delete(tables.search_term))
    else:
        # Emptied with their indexes' files, which heals those as well.
        connection.exec_driver_sql("TRUNCATE search_doc, search_term")


def differing(connection: Connection) -> int:
    """How many rows of the index do not hold what their posts say, although they were made from just that."""
    held = (getattr(_doc, side).label(f"held_{side}") for side in SIDES)
    rows = _posts().add_columns(*held).where(~_changed()).limit(BATCH)
    count, after = 0, 0
    while page := connection.execute(rows, {"after": after, "version": version()}).all():
        after = page[-1].post_id
        for row, made in zip(page, _made_of(connection, page), strict=True):
            same = (made["original"], made["translated"]) == (row.held_original, row.held_translated)
            count += not same or _asked_for(made["filters"]) != _asked_for(row.held_filters)
    return count


def _asked_for(filters: str) -> set[str]:
    """Without the kind of post, which can change without a revision: nothing asks for it."""
    return {token for token in filters.split() if not token.startswith("k:")}


def remove(connection: Connection, post_ids: Sequence[int]) -> None:
    """Take posts out of the index. Whoever deletes a post calls this first."""
    old = connection.execute(select(tables.search_doc).where(_doc.post_id.in_(post_ids))).all()
    if not old:
        return
    if connection.dialect.name == "sqlite":
        # FTS5 is told what it holds of a row that goes; anything else would damage it.
        gone = text(
            f"INSERT INTO {tables.FULL_TEXT}({tables.FULL_TEXT}, rowid, original, translated, filters) "
            "VALUES ('delete', :id, :original, :translated, :filters)"
        )
        connection.execute(gone, [_full_text_row(row._mapping) for row in old])
    _count_terms(connection, ((row.original, row.translated) for row in old), -1)
    connection.execute(delete(tables.search_doc).where(_doc.post_id.in_(post_ids)))


def _mark(connection: Connection) -> str:
    """A text that differs whenever something may have become stale: every change adds a row to one of these.

    Writers exclude each other, so the largest id is also the last that was kept.
    """
    grown = (tables.page, tables.revision, tables.detection, tables.translation, tables.alt_translation)
    newest = connection.execute(
        select(*(select(func.max(t.c.id)).scalar_subquery().label(t.name) for t in grown))
    )
    return ":".join(str(part) for part in (version(), *newest.one()))


def version() -> int:
    """What rows are made by: their layout, and the fold table."""
    return 1000 * LAYOUT + FOLD_VERSION


def _stale() -> Any:
    """Posts whose row in the index is missing or was made from something else than what is current."""
    return _posts().where(_changed())


def _changed() -> Any:
    detection, translation = tables.detection.c, tables.translation.c
    newest_alt = alt_texts.newest_of_revision()
    made_from = (
        (_doc.revision_id, _revision.id),
        (_doc.detection_id, detection.id),
        (_doc.translation_id, translation.id),
        (_doc.alt_translation_id, newest_alt),
        (_doc.account_id, _post.account_id),
        (_doc.published_at, _post.published_at),
    )
    return or_(
        _doc.id.is_(None),
        _doc.fold_version != bindparam("version"),
        *(was.is_distinct_from(now) for was, now in made_from),
    )


def _posts() -> Any:
    """Posts as they are now, beside their rows in the index."""
    detection, translation = tables.detection.c, tables.translation.c
    media = select(tables.attachment.c.id).where(tables.attachment.c.revision_id == _revision.id).exists()
    return (
        select(
            _post.id.label("post_id"),
            _post.platform,
            _post.kind,
            _post.account_id,
            _post.published_at,
            _post.first_seen_at,
            _revision.id.label("revision_id"),
            _revision.seq,
            _revision.body,
            _revision.tags,
            _revision.mentions,
            _revision.poll,
            detection.id.label("detection_id"),
            detection.language,
            translation.id.label("translation_id"),
            translation.target,
            translation.flags,
            alt_texts.newest_of_revision().label("alt_translation_id"),
            case((media, 1), else_=0).label("has_media"),
        )
        .select_from(tables.post)
        .join(tables.revision, _revision.id == _post.current_revision_id)
        .outerjoin(tables.detection, current_detection())
        .outerjoin(tables.translation, translation.id == current_translation())
        .outerjoin(tables.search_doc, _doc.post_id == _post.id)
        .where(_post.id > bindparam("after"))
        .order_by(_post.id)
    )


def _made_of(connection: Connection, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """The index rows of `_posts`."""
    translated = translated_texts(connection, [row.translation_id for row in rows if row.translation_id])
    described = alt_texts.of_revisions(connection, [row.revision_id for row in rows if row.has_media])
    return [
        _made(row, translated.get(row.translation_id), described.get(row.revision_id, ())) for row in rows
    ]


def _made(row: Row[Any], translation: str | None, described: Sequence[Told]) -> dict[str, Any]:
    """The index row of a post: what it says and, behind that, what its pictures are described as."""
    original = [words(row.body, row.language)]
    original += [words(told.text, told.language or row.language) for told in described]
    translated = [words(translation or "", row.target)]
    translated += [words(told.translation or "", told.target) for told in described]
    return {
        "id": doc_id(row.post_id, row.published_at, row.first_seen_at, row.language),
        "post_id": row.post_id,
        "revision_id": row.revision_id,
        "detection_id": row.detection_id,
        "translation_id": row.translation_id,
        "alt_translation_id": row.alt_translation_id,
        "account_id": row.account_id,
        "published_at": row.published_at,
        "fold_version": version(),
        "original": " ".join(word for said in original for word in said),
        "translated": " ".join(word for said in translated for word in said),
        "filters": " ".join(dict.fromkeys(map(filter_token, _filters(row)))),
    }


def _filters(row: Row[Any]) -> Iterable[str]:
    """What a post can be asked for besides its words."""
    yield from ("any", f"a:{row.account_id}", f"p:{row.platform}", f"k:{row.kind}")
    yield from language_filters(row.language or "und")
    facts = {
        "translation": row.translation_id,
        "media": row.has_media,
        "poll": row.poll,
        "edit": row.seq > 1,
        "correction": "corrected" in (row.flags or ()),
    }
    yield from (f"has:{name}" for name, there in facts.items() if there)
    yield from (f"flag:{flag}" for flag in row.flags or ())
    yield from (f"#{tag.text}" for tag in hashtags(row.body, row.language))
    yield from (f"#{tag}" for given in row.tags or () if (tag := tag_of(given, row.language)))
    yield from (f"@{handle.text}" for handle in mentions(row.body))
    yield from (f"@{handle}" for given in row.mentions or () if (handle := handle_of(given)))


def language_filters(language: str) -> Iterable[str]:
    """`fa-AF` is found as `fa` and, last, as itself."""
    parts = language.casefold().replace("_", "-").split("-")
    return [f"l:{'-'.join(parts[: count + 1])}" for count in range(len(parts))]


def filter_token(wanted: str) -> str:
    """A filter as one word of the index: SQLite's tokenizer must not split it, PostgreSQL must take it."""
    return "".join(c if c.isalnum() or c in "_:#@.-" else "_" for c in wanted)[:256]


def _write(connection: Connection, made: Sequence[dict[str, Any]]) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(insert(tables.search_doc), made)
        new = text(
            f"INSERT INTO {tables.FULL_TEXT}(rowid, original, translated, filters) "
            "VALUES (:id, :original, :translated, :filters)"
        )
        connection.execute(new, [_full_text_row(row) for row in made])
    else:
        connection.execute(insert(_DOC_WITH_VECTORS), [{**row, **vectors(row)} for row in made])
    _count_terms(connection, ((row["original"], row["translated"]) for row in made), 1)


def _full_text_row(row: Any) -> dict[str, Any]:
    return {key: row[key] for key in ("id", "original", "translated", "filters")}


SIDES = ("original", "translated", "filters")
# The vectors are no columns of `tables`: SQLite has a table of its own in their place.
_DOC_WITH_VECTORS = table(
    "search_doc",
    *(column(c.name, c.type) for c in tables.search_doc.c),
    *(column(f"{side}_tsv", postgresql.TSVECTOR) for side in SIDES),
)
_LAST_POSITION = 16_383  # PostgreSQL counts no further
_VECTOR_BYTES = 900_000  # and takes no larger vector than 1 MiB


def vectors(row: dict[str, Any]) -> dict[str, str]:
    """The three columns as PostgreSQL writes its vectors: 'word':1,5 'other':2.

    Beyond its 16,383rd word a text can be found by its words, but not by phrases.
    """
    return {f"{side}_tsv": _vector(row[side].split()) for side in SIDES}


def _vector(found: Sequence[str]) -> str:
    places: dict[str, list[str]] = {}
    for position, word in enumerate(found, start=1):
        at = places.setdefault(word, [])
        if position <= _LAST_POSITION and len(at) < 255:
            at.append(str(position))
    entries, size = [], 0
    for word, at in places.items():
        size += len(word.encode()) + 2 * len(at) + 8
        if size > _VECTOR_BYTES:
            break
        entries.append(f"'{word}'" + (":" + ",".join(at) if at else ""))
    return " ".join(entries)


def _count_terms(connection: Connection, texts: Iterable[tuple[str, str]], by: int) -> None:
    """Keep the vocabulary's counts; a word's first row brings its loose key along."""
    counted = Counter[str]()
    for original, translated in texts:
        counted.update(set(original.split()) | set(translated.split()))
    terms = sorted(counted)
    keys, docs = [loose(term) for term in terms], [by * counted[term] for term in terms]
    if not terms:
        return
    if connection.dialect.name == "sqlite":
        # Straight to the driver: these are most of the rows that indexing writes.
        rows = list(zip(terms, keys, docs, strict=True))
        connection.exec_driver_sql(f"{_TERMS} VALUES (?, ?, ?) {_COUNTED}", rows)
    else:
        # One statement with three arrays: row by row it would take longer than everything else together.
        arrays = "CAST(:terms AS text[]), CAST(:keys AS text[]), CAST(:docs AS integer[])"
        values = {"terms": terms, "keys": keys, "docs": docs}
        connection.execute(text(f"{_TERMS} SELECT * FROM unnest({arrays}) {_COUNTED}"), values)


_TERMS = "INSERT INTO search_term (term, loose, docs)"
_COUNTED = "ON CONFLICT (term) DO UPDATE SET docs = search_term.docs + excluded.docs"
