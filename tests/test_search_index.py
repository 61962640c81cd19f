"""What the search index promises: it can be checked, made anew, and killed at any moment."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update

from archiver import cli
from archiver.store import indexing, queries, rebuilding, tables
from archiver.store.corrections import CorrectionRow, save_corrections
from archiver.store.database import Database
from archiver.store.filters import Filters
from archiver.store.search import search

ROAD = "د هرات لاره د واورې له امله بنده ده."


def total(database: Database, query: str) -> int:
    with database.read() as connection:
        return search(connection, Filters(query=query)).total


def test_a_sound_index_is_called_sound(tell: Any) -> None:
    for number in range(5):
        tell.post(number, ROAD, "ps", [(ROAD, "The Herat road")], minutes=number)
    assert rebuilding.waiting(tell.database) == 5
    indexing.catch_up(tell.database)
    tell.post(1, "نوی متن", "ps")
    assert rebuilding.waiting(tell.database) == 1
    indexing.catch_up(tell.database)
    assert (rebuilding.check(tell.database), rebuilding.waiting(tell.database)) == ([], 0)


def test_damage_is_found_and_rebuilding_heals_it(tell: Any) -> None:
    for number in range(5):
        tell.post(number, ROAD, "ps", minutes=number)
    indexing.catch_up(tell.database)
    with tell.database.write() as connection:  # behind the back of the full-text index
        changed = update(tables.search_doc).where(
            tables.search_doc.c.id.in_(select(tables.search_doc.c.id).limit(2))
        )
        connection.execute(changed.values(original="بل څه"))
    wrong = rebuilding.check(tell.database)
    assert any("full-text" in line for line in wrong)
    assert any("vocabulary" in line for line in wrong)
    assert rebuilding.rebuild(tell.database) == 5
    assert rebuilding.check(tell.database) == []
    assert total(tell.database, "هرات") == 5


def test_a_lost_vocabulary_is_found_and_healed(tell: Any) -> None:
    tell.post(1, ROAD, "ps")
    indexing.catch_up(tell.database)
    with tell.database.write() as connection:
        connection.execute(delete(tables.search_term))
    [wrong] = rebuilding.check(tell.database)
    assert "the vocabulary counts 8 words wrongly" in wrong
    rebuilding.rebuild(tell.database)
    assert rebuilding.check(tell.database) == []


def test_a_post_indexed_without_its_correction_would_be_noticed(tell: Any) -> None:
    tell.post(1, ROAD, "ps", [(ROAD, "The Herat road")])
    tell.post(2, "نوی متن", "ps")
    indexing.catch_up(tell.database)
    with tell.database.write() as connection:
        post = queries.show(connection, "telegram:1")
        [segment] = post.revisions[0].translations[0].segments
        row = CorrectionRow(segment_id=segment.id, text="The road to Herat is closed.")
        assert save_corrections(connection, [row], tell.NOON).new == 1
    assert rebuilding.waiting(tell.database) == 1, "a correction makes its post wait for the index"
    indexing.catch_up(tell.database)
    assert rebuilding.check(tell.database) == []
    assert total(tell.database, "has:correction closed") == 1
    with tell.database.write() as connection:  # behind the back of the index
        connection.execute(update(tables.translation).values(flags=["corrected", "repetition"]))
    assert any("other words, flags or corrections" in line for line in rebuilding.check(tell.database))
    rebuilding.rebuild(tell.database)
    assert rebuilding.check(tell.database) == []
    assert total(tell.database, "flag:repetition") == 1


def test_a_full_text_table_with_torn_pages_is_healed(sqlite_tell: Any) -> None:
    for number in range(50):
        sqlite_tell.post(number, f"{ROAD} {number}", "ps", minutes=number)
    indexing.catch_up(sqlite_tell.database)
    with sqlite_tell.database.write() as connection:
        connection.execute(text("UPDATE search_fts_data SET block = x'00ff00ff00ff' WHERE id > 10"))
    assert rebuilding.check(sqlite_tell.database)
    assert rebuilding.rebuild(sqlite_tell.database) == 50
    assert rebuilding.check(sqlite_tell.database) == []
    assert total(sqlite_tell.database, "هرات") == 50


def test_indexing_that_was_killed_goes_on(tell: Any, database_url: str) -> None:
    for number in range(30):
        tell.post(number, f"{ROAD} {number}", "ps", minutes=number)
    code = (
        "import sys, time\n"
        "from archiver.store import indexing\n"
        "from archiver.store.database import Database\n"
        "indexing.BATCH = 2\n"
        "with Database.open(sys.argv[1]) as database:\n"
        "    indexing.catch_up(database, lambda count: (print(count, flush=True), time.sleep(0.05)))\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, database_url], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        while int(child.stdout.readline()) < 6:
            pass
        time.sleep(0.06)  # into the next batch
        child.send_signal(signal.SIGKILL)
        child.wait()
    waiting = rebuilding.waiting(tell.database)
    assert 0 < waiting <= 24
    assert rebuilding.check(tell.database) == [], "what is there is whole"
    assert indexing.catch_up(tell.database) == waiting
    assert rebuilding.check(tell.database) == []
    assert total(tell.database, "هرات") == 30


def test_the_command_checks_and_rebuilds(
    sqlite_tell: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "archiver.toml").touch()
    sqlite_tell.post(1, ROAD, "ps")
    archive = ("--archive", str(tmp_path))
    assert cli.run(("index", "check", *archive, "--json")) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {"sound": True, "wrong": [], "waiting": 1}
    assert "1 posts wait for the next search" in said.err
    indexing.catch_up(sqlite_tell.database)
    with sqlite_tell.database.write() as connection:
        connection.execute(delete(tables.search_term))
    assert cli.run(("index", "check", *archive)) == 1
    assert "archiver index rebuild" in capsys.readouterr().err
    assert cli.run(("index", "rebuild", *archive)) == 0
    assert "1 posts indexed" in capsys.readouterr().err
    assert cli.run(("index", "check", *archive)) == 0
