"""Whether the search index is sound, and how it is made anew. It is derived: rebuilding it loses nothing."""

from collections import Counter
from collections.abc import Callable, Iterator

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DatabaseError

from archiver.store import tables
from archiver.store.database import Database
from archiver.store.indexing import SIDES, catch_up, differing, empty, owed, vectors

_BATCH = 2000
_doc = tables.search_doc.c


def check(database: Database) -> list[str]:
    """What is wrong with the index, a line each; nothing: it is sound. What is merely not indexed yet is
    not wrong: the next search does it."""
    with database.write() as connection:  # nobody may change what is compared
        return [*_full_text(connection), *_posts(connection), *_vocabulary(connection)]


def waiting(database: Database) -> int:
    """How many posts are not indexed as they are now."""
    with database.read() as connection:
        return int(owed(connection))


def rebuild(database: Database, on_progress: Callable[[int], None] | None = None) -> int:
    """Empty the index and index all posts again, in batches; returns how many. Killed on the way, the next
    search goes on."""
    with database.write() as connection:
        empty(connection)
    return catch_up(database, on_progress)


def _full_text(connection: Connection) -> Iterator[str]:
    return _sqlite(connection) if connection.dialect.name == "sqlite" else _postgresql(connection)


def _sqlite(connection: Connection) -> Iterator[str]:
    name = tables.FULL_TEXT
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"INSERT INTO {name}({name}, rank) VALUES ('integrity-check', 1)")
    except DatabaseError as error:
        if getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_READONLY"):
            raise  # the check is written as a command to the index, and nothing is wrong with it
        yield f"the full-text index does not hold what the posts say ({error.orig})"


def _postgresql(connection: Connection) -> Iterator[str]:
    """Every vector against its text, and what the index finds against what the table holds."""
    wrong = 0
    columns = ", ".join(f"{side}_tsv = CAST(:{side}_tsv AS tsvector)" for side in SIDES)
    same = text(f"SELECT coalesce({columns.replace(', ', ' AND ')}, false) FROM search_doc WHERE id = :id")
    rows = select(_doc.id, _doc.original, _doc.translated, _doc.filters)
    for row in connection.execute(rows.execution_options(yield_per=_BATCH)):
        wrong += not connection.scalar(same, {"id": row.id, **vectors(dict(row._mapping))})
    if wrong:
        yield f"the full-text vectors of {wrong} posts do not hold what the posts say"
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    found = connection.scalar(text("SELECT count(*) FROM search_doc WHERE filters_tsv @@ 'any'::tsquery"))
    connection.exec_driver_sql("SET LOCAL enable_seqscan = on")
    held = connection.scalar(select(func.count()).select_from(tables.search_doc))
    if found != held:
        yield f"the full-text index finds {found} of {held} posts"


def _posts(connection: Connection) -> Iterator[str]:
    post = tables.post.c
    lost = select(func.count()).select_from(tables.search_doc).where(_doc.post_id.not_in(select(post.id)))
    if count := connection.scalar(lost):
        yield f"{count} posts are in the index that are not in the archive"
    if count := differing(connection):
        yield f"{count} posts are in the index with other words, flags or corrections than they have"


def _vocabulary(connection: Connection) -> Iterator[str]:
    counted = Counter[str]()
    rows = select(_doc.original, _doc.translated).execution_options(yield_per=_BATCH)
    for original, translated in connection.execute(rows):
        counted.update({*original.split(), *translated.split()})
    term = tables.search_term.c
    wrong = 0
    known = select(term.term, term.docs).where(term.docs != 0).execution_options(yield_per=_BATCH)
    for word, docs in connection.execute(known):
        wrong += counted.pop(word, 0) != docs
    if wrong := wrong + len(counted):
        yield f"the vocabulary counts {wrong} words wrongly"
