"""What the layout of the index promises: filters hold, an older one is made anew, a read-only one answers."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from archiver import cli
from archiver.errors import ReadOnlyArchive
from archiver.jobs.search import bring_up
from archiver.store import indexing, rebuilding, tables
from archiver.store.database import Database
from archiver.store.doc_ids import behind_doc_id, doc_id, first_doc_id, kinds
from archiver.store.expansion import Spellings
from archiver.store.filters import Filters
from archiver.store.highlights import Marker
from archiver.store.search import search
from archiver.store.words import _located_by_letter, located, words

ROAD = "د هرات لاره د واورې له امله بنده ده."
NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)


def found(database: Database, query: str, **filters: Any) -> list[str]:
    indexing.catch_up(database)
    with database.read() as connection:
        answer = search(connection, Filters(query=query, **filters))
    assert answer.total == len(answer.hits)
    return sorted(hit.post.partition(":")[2] for hit in answer.hits)


# -- the numbers of rows ----------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [1, 1700, 1969, 1970, 2026, 2107, 9999])
def test_numbers_of_rows_lie_in_their_second_and_fit_both_databases(year: int) -> None:
    moment = datetime(year, 6, 15, tzinfo=UTC)
    for language in ("ps", "fa-AF", "tr", None):
        number = doc_id(2**27 - 1, moment, moment, language)
        assert -(2**63) <= first_doc_id(moment) <= number < behind_doc_id(moment) < 2**63


def test_demands_for_languages_hold_together() -> None:
    assert kinds([("ps",), ("ur",)], dated=False) == 0
    assert kinds([("tr",)], dated=False) is None, "Turkish is one of the others: its number does not tell"
    assert kinds([("fa-AF",)], dated=False) is None, "neither does it tell Dari from Persian"


def test_filters_by_language_and_time_leave_out_what_they_should(tell: Any) -> None:
    languages = ["ps", "ur", "fa", "fa-AF", "ar", "en", "tr", None]
    for number, language in enumerate(languages):
        tell.post(number, "برف 2026", language, minutes=number)
    tell.post("undated", "برف 2026", "ps")
    with tell.database.write() as connection:
        undated = tables.post.c.native_id == "undated"
        connection.execute(update(tables.post).where(undated).values(published_at=None))

    def those(*wanted: Any) -> list[str]:
        return sorted(str(languages.index(language)) for language in wanted)

    assert found(tell.database, "برف", languages=("fa",)) == those("fa", "fa-AF")
    assert found(tell.database, "برف lang:fa-AF") == those("fa-AF")
    assert found(tell.database, "برف lang:tr,ur") == those("tr", "ur")
    assert found(tell.database, "برف", languages=("und",)) == those(None)
    assert found(tell.database, "برف lang:ps") == sorted([*those("ps"), "undated"])
    assert found(tell.database, "lang:ps") == sorted([*those("ps"), "undated"])
    assert found(tell.database, "برف lang:ps since:1900") == those("ps")
    assert found(tell.database, "برف lang:ps lang:ur") == []
    assert found(tell.database, "برف lang:ps", languages=("ps", "ur")) == sorted([*those("ps"), "undated"])
    assert found(tell.database, "برف (lang:ps OR lang:en) since:1900") == those("ps", "en")
    assert found(tell.database, "-lang:ps since:1900 برف") == those(*languages[1:])


# -- an index of the first layout -------------------------------------------------------------------------


def as_first_laid_out(database: Database) -> None:
    """The index as the first release left it: seconds above 28 bits of the post, times among the filters."""
    doc = tables.search_doc.c
    with database.write() as connection:
        rows = connection.execute(
            select(tables.search_doc, tables.post.c.first_seen_at).join(tables.post)
        ).all()
        for row in rows:
            second = int((row.published_at or row.first_seen_at).timestamp() // 1)
            filters = f"{row.filters} dated m:{row.published_at:%Y%m}" if row.published_at else row.filters
            old = {"id": second << 28 | row.post_id, "filters": filters, "fold_version": 1}
            connection.execute(update(tables.search_doc).where(doc.id == row.id).values(old))
        connection.execute(update(tables.search_mark).values(mark="1:1:1:1:1"))
        if connection.dialect.name == "sqlite":
            connection.execute(text("INSERT INTO search_fts(search_fts) VALUES ('rebuild')"))
        else:
            connection.execute(text("UPDATE search_doc SET filters_tsv = to_tsvector('simple', filters)"))


def test_an_index_of_the_first_layout_is_made_anew_and_answers_the_same(tell: Any) -> None:
    for number in range(12):
        language = ("ps", "ur", None)[number % 3]
        tell.post(number, f"{ROAD} {number}", language, [(ROAD, "The Herat road")], minutes=number)
    queries = ("هرات", '"Herat road" lang:ps', "lang:ur", "since:2026-03 هرات", "until:2025 هرات", "wrong")

    def answers() -> list[Any]:
        with tell.database.read() as connection:
            return [search(connection, Filters(query=query)) for query in queries]

    indexing.catch_up(tell.database)
    before = answers()
    as_first_laid_out(tell.database)
    told: list[int] = []
    assert indexing.catch_up(tell.database, told.append) == 12
    assert told == [12], "with progress"
    assert (answers(), rebuilding.check(tell.database)) == (before, [])
    assert indexing.catch_up(tell.database) == 0


# -- where nothing can be written -------------------------------------------------------------------------


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Nobody can write there: not even root, who becomes somebody else for that."""
    for path in (*folder.iterdir(), folder):
        path.chmod(0o555)
    was = os.geteuid()
    if was == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(was)
        folder.chmod(0o755)


@pytest.fixture
def shared() -> Iterator[Path]:
    """An archive's folder that others can read; pytest's own folders they cannot even enter."""
    with tempfile.TemporaryDirectory(prefix="archive-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "archiver.toml").touch()
        yield folder


def test_a_read_only_archive_answers_and_says_what_is_missing(
    shared: Path, sqlite_tell: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Database.create(f"sqlite:///{shared / 'archive.db'}") as database:
        tell = type(sqlite_tell)(database)
        tell.post(1, ROAD, "ps", minutes=1)
        indexing.catch_up(database)
        tell.post(2, ROAD, "ps", minutes=2)
        tell.post(3, ROAD, "ps", minutes=3)
    archive = ("--archive", str(shared))
    commands = [("search", "هرات"), ("trends", "هرات"), ("words", "هرات"), ("search", "هرات", "--facets")]
    (tmp_path / "archiver.toml").touch()
    sqlite_tell.post(1, ROAD, "ps")
    for command in commands:  # so that nothing is left to be imported by somebody else
        assert cli.run((*command, "--archive", str(tmp_path))) == 0
    for command in (*commands, ("index", "check")):
        with unwritable(shared):
            capsys.readouterr()
            code = cli.run((*command, *archive))
            said = capsys.readouterr()
        if command[0] == "index":
            assert (code, "cannot be written to" in said.err) == (1, True), "which is no damage"
        else:
            assert code == 0, said.err
            assert "the archive cannot be written to: 2 posts are not indexed" in said.err
    assert cli.run(("search", "هرات", *archive)) == 0
    assert "3 posts found" in capsys.readouterr().err


def test_a_read_only_index_of_another_layout_does_not_answer_wrongly(tell: Any, read_only: Any) -> None:
    tell.post(1, ROAD, "ps")
    indexing.catch_up(tell.database)
    as_first_laid_out(tell.database)
    with read_only(tell.database) as database, pytest.raises(ReadOnlyArchive, match="of another version"):
        bring_up(database)


def test_a_reading_role_is_told_how_many_posts_are_missing(tell: Any, read_only: Any) -> None:
    tell.post(1, ROAD, "ps")
    indexing.catch_up(tell.database)
    with read_only(tell.database) as database:
        assert bring_up(database) is None
    tell.post(2, ROAD, "ps")
    with read_only(tell.database) as database:
        behind = bring_up(database)
        assert behind is not None
        assert "cannot be written to: 1 post is not indexed" in behind
        with database.read() as connection:
            assert search(connection, Filters(query="هرات")).total == 1


@pytest.fixture
def read_only() -> Any:
    """Opens an archive again, in a way that the database server or the file system lets nobody write."""

    @contextmanager
    def opened(database: Database) -> Iterator[Database]:
        url = database.engine.url
        if url.get_backend_name() == "postgresql":
            options = "-c timezone=UTC -c default_transaction_read_only=on"
            reading = url.update_query_dict({"options": options})
            with Database.open(reading.render_as_string(hide_password=False)) as opened:
                yield opened
            return
        with tempfile.TemporaryDirectory(prefix="archive-") as name:
            copy = Path(name) / "archive.db"
            copy.write_bytes(Path(str(url.database)).read_bytes())
            with unwritable(copy.parent), Database.open(f"sqlite:///{copy}") as opened:
                yield opened

    return opened


# -- marks ------------------------------------------------------------------------------------------------

PIECES = [
    *"کتابهرايىكيگەۂۀ",
    *("کتاب", "کِتاب", "كتاب", "herat", "Herat", "HERAT", "Straße", "ﻛﺘﺎب", "ﷺ", "ﷲ", "آ", "ا\u0653", "ي"),
    *(
        " ",
        " ",
        " ",
        ".",
        "،",
        "\u200c",
        "ـ",
        "\u064e",
        "\u0301",
        "#",
        "@",
        "_",
        "\n",
        "-",
        "é",
        "e\u0301",
        "२",
    ),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=20)
LANGUAGES = st.sampled_from(["ar", "fa", "ur", "ps", "en", None])


@given(TEXTS, LANGUAGES)
@settings(max_examples=400, deadline=None)
def test_words_are_located_where_the_map_of_letters_says(text: str, language: str | None) -> None:
    assert located(text, language) == _located_by_letter(text, language)


@given(TEXTS, LANGUAGES, st.data())
@settings(max_examples=400, deadline=None)
def test_marks_lie_on_the_words_that_are_said(text: str, language: str | None, data: Any) -> None:
    said = words(text, language)
    if not said:
        return
    first = data.draw(st.integers(0, len(said) - 1))
    phrase = tuple(said[first : first + data.draw(st.integers(1, 3))])
    prefix = data.draw(st.booleans())
    if prefix:
        phrase = (*phrase[:-1], phrase[-1][: data.draw(st.integers(1, 9))])
    spans = Marker([Spellings(phrases=(phrase,), prefix=prefix)]).spans(text, language)
    there = _located_by_letter(text, language)
    expected: set[int] = set()
    for place in range(len(said) - len(phrase) + 1):
        here = said[place : place + len(phrase)]
        last = here[-1].startswith(phrase[-1]) if prefix else here[-1] == phrase[-1]
        if here[:-1] == list(phrase[:-1]) and last:
            expected.update(range(there[place].start, there[place + len(phrase) - 1].end))
    assert {place for start, end in spans for place in range(start, end)} == expected
