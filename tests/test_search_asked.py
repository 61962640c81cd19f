"""What the query language's fields, nearness and letters promise, and what is counted of the answers."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from archiver import cli
from archiver.errors import NotFound, Usage
from archiver.jobs.charts import svg
from archiver.posts import Attachment
from archiver.store import collocates as near
from archiver.store import counts, expansion, indexing, saved
from archiver.store.concordance import concordance
from archiver.store.database import Database
from archiver.store.filters import Filters, why_nothing
from archiver.store.query_language import parse
from archiver.store.search import Hit, find, search

ROAD = "د هرات لاره د واورې له امله بنده ده."


@pytest.fixture
def filled(tell: Any) -> Any:
    """Five posts of two languages, platforms and months."""
    tell.post(
        1,
        "واوره پر لاره ده #هرات",
        "ps",
        [("واوره پر لاره ده", "Snow lies on the road")],
        flags=("repetition",),
    )
    tell.post(
        2, "لاره خلاصه ده", "ps", [("لاره خلاصه ده", "The road is open")], handle="Kabul_Daily", minutes=10
    )
    picture = (Attachment(kind="image", key="1.jpg"),)
    tell.post(
        3, "نئی کِتاب", "ur", minutes=60 * 24 * 40, platform="mastodon", handle="n@x.org", attachments=picture
    )
    tell.post(4, "کتاب میلہ", "ur", minutes=60 * 24 * 41, platform="mastodon", handle="n@x.org")
    tell.post(5, "کتاب میلہ کل", "ur", published_at=None)
    tell.post(4, "کتاب میلہ آج", "ur", minutes=60 * 24 * 41, platform="mastodon", handle="n@x.org")
    indexing.catch_up(tell.database)
    return tell.database


def hits(database: Database, query: str, **wanted: Any) -> tuple[Hit, ...]:
    indexing.catch_up(database)
    with database.read() as connection:
        answer = search(connection, Filters(query=query, **wanted))
    assert answer.total == len(answer.hits)
    return answer.hits


def ids(database: Database, query: str, **wanted: Any) -> str:
    return "".join(sorted(hit.post[-1] for hit in hits(database, query, **wanted)))


ASKED = (
    ("lang:ps", "12"),
    ("lang:ps,ur", "12345"),
    ("lang:ps لاره -lang:ur", "12"),
    ("(lang:ps واوره) OR میلہ", "145"),
    ("platform:mastodon", "34"),
    ("account:kabul_daily", "2"),
    ('account:"telegram:Kabul_Daily"', "2"),
    ("account:nobody", ""),
    ("tag:هرات", "1"),
    ("tag:#هرات", "1"),
    ("has:media", "3"),
    ("HAS:translation", "12"),
    ("-has:translation", "345"),
    ("has:edit", "4"),
    ("flag:repetition", "1"),
    ("since:2026-04", "34"),
    ("since:۲۰۲۶-۰۴", "34"),
    ("until:2026-03", "12"),
    ("since:2026-04-30 until:2026-04-30", "3"),
    ("since:2026-03-21T12:05Z", "234"),
    ("لاره (since:2026-03-21T12:05Z)", "2"),
    ("road side:original", ""),
    ("road side:translation", "12"),
    ("exact:کتاب", "45"),
    ("exact:کِتاب", "3"),
    ("کتاب -exact:کتاب", "3"),
    ('exact:"کتاب میلہ"', "45"),
    ("exact:Road", ""),
    ("exact:road", "12"),
    ("exact:roa", ""),
    ('"snow road"~3', "1"),
    ('"road snow"~3', "1"),
    ('"snow road"~2', ""),
    ('"snow road lies"~3', "1"),
    ('"واوره ده"~2', "1"),
    ('-"snow road"~3 lang:ps', "2"),
    ('"کتاب میلہ"ّ', "45"),
    ('"کتاب"ّ*', "345"),
    ("https://example.org/1", ""),
    ("note: road", ""),
)


def test_fields_nearness_and_letters(filled: Any) -> None:
    for query, expected in ASKED:
        assert ids(filled, query) == expected, query


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("road langauge:ps", "character 6: there is no field 'langauge'; the nearest is 'lang'"),
        ('"a b" acount:x', "character 7: there is no field 'acount'; the nearest is 'account'"),
        ("has:pictures", "character 5: has: is followed by media, translation, correction, edit or poll"),
        ("side:left", "character 6: side: is followed by both, original or translation"),
        ("since:soon", "character 7: 'soon' is no date; write since:2026"),
        ("until:2026-02-30", "character 7: '2026-02-30' is no date"),
        ("snow lang: ps", "character 11: lang: stands right before what it asks for"),
        ("flag:repitition", "character 6: there is no flag 'repitition'; the nearest is 'repetition'"),
        ("lang:,", "character 6: lang: is followed by a language"),
        ("exact:😀", "character 7: exact: is followed by letters"),
        ("road OR since:2026", "character 9: since: holds for the whole query"),
        ("-(a exact:b)", "character 5: exact: holds for the whole query"),
        ('"a b"~', "character 6: ~ says how many words"),
        ('"a b"~99999', "character 6: ~ says how many words"),
        ('"a"~5', "character 1: ~ needs 2 to 8 words"),
        ('x "a', "character 3: this quotation mark is never closed"),
        ("a " * 10_000, "20000 characters; at most 10000"),
    ],
)
def test_an_error_points_at_the_character(query: str, said: str) -> None:
    with pytest.raises(Usage, match=re.escape(said)):
        parse(query)


def test_a_beginning_that_almost_every_word_has_is_refused(
    filled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expansion, "MOST_BEGUN", 1)
    with pytest.raises(
        Usage, match="character 3: more than 1 words begin with 'ک'; write more of its letters"
    ):
        hits(filled, "a ک*")
    assert ids(filled, "میل*") == "45"


def test_a_field_that_nothing_has_says_so(filled: Any) -> None:
    with filled.read() as connection:
        assert "there are posts in ps, ur" in (why_nothing(connection, Filters(query="lang:fa x")) or "")
        assert "no account is called 'nobody'" in (
            why_nothing(connection, Filters(query="account:nobody")) or ""
        )


# -- counting ---------------------------------------------------------------------------------------------


def test_facets_count_all_that_match(filled: Any) -> None:
    with filled.read() as connection:
        counted = counts.facets(connection, find(connection, Filters()))
        only = counts.facets(connection, find(connection, Filters(query="exact:کتاب")))

    def pairs(values: Any) -> list[tuple[str, int]]:
        return [(count.value, count.posts) for count in values]

    assert pairs(counted.languages) == [("ur", 3), ("ps", 2)]
    assert pairs(counted.platforms) == [("telegram", 3), ("mastodon", 2)]
    assert sorted(pairs(counted.accounts)) == [
        ("mastodon:n@x.org", 2),
        ("telegram:Kabul_Daily", 1),
        ("telegram:herat_roads", 2),
    ]
    assert pairs(counted.months) == [("2026-03", 2), ("2026-04", 1), ("2026-05", 1)]
    assert pairs(counted.flags) == [("repetition", 1)]
    assert pairs(only.languages) == [("ur", 2)]


def test_a_trend_counts_every_period_beside_what_is_archived(filled: Any) -> None:
    with filled.read() as connection:
        months = counts.trend(connection, Filters(query="میلہ OR واوره"), "month")
        weeks = counts.trend(connection, Filters(query="lang:ur کتاب"), "week")
        nothing = counts.trend(connection, Filters(query="نشته"), "day")
        days = counts.trend(connection, Filters(query="کتاب"), "day")
    assert [(str(p.start), p.posts, p.archived) for p in months] == [
        ("2026-03-01", 1, 2),
        ("2026-04-01", 0, 1),
        ("2026-05-01", 1, 1),
    ]
    assert [(str(p.start), p.posts, p.archived) for p in weeks] == [("2026-04-27", 2, 2)]
    assert [str(p.start) for p in days] == ["2026-04-30", "2026-05-01"]
    assert nothing == ()


def test_a_trend_before_1970_falls_on_its_day(tell: Any) -> None:
    tell.post(1, ROAD, "ps", published_at=tell.NOON - timedelta(days=80 * 365))
    indexing.catch_up(tell.database)
    with tell.database.read() as connection:
        [day] = counts.trend(connection, Filters(query="هرات"), "day")
    assert day.start == (tell.NOON - timedelta(days=80 * 365)).date()


def test_a_trend_is_drawn_with_its_numbers_and_without_colours_of_its_own(filled: Any) -> None:
    with filled.read() as connection:
        periods = counts.trend(connection, Filters(query="کتاب"), "day")
    for drawn in (svg(periods, query='<b>&"کتاب\x00', by="day"), svg((), query="", by="month")):
        root = ElementTree.fromstring(drawn)
        assert root.get("fill") == "currentColor" and "#" not in drawn
    bars = ElementTree.fromstring(svg(periods, query="کتاب", by="day")).findall(".//{*}rect/{*}title")
    assert [bar.text for bar in bars] == ["2026-04-30: 1 of 1", "2026-05-01: 1 of 1"]


def test_a_concordance_shows_words_beside_every_hit_and_sorts_by_them(tell: Any) -> None:
    tell.post(1, "one two Road three four, the road (six) seven", "en", minutes=2)
    tell.post(2, "above the road beyond", "en", minutes=1)
    found = hits(tell.database, "road")
    lines = [(line.left, line.match, line.right) for line in concordance(found, 2)]
    assert lines == [
        ("one two", "Road", "three four"),
        ("four, the", "road", "(six) seven"),
        ("above the", "road", "beyond"),
    ]
    assert [line.right for line in concordance(found, 2, "right")] == ["beyond", "(six) seven", "three four"]
    assert [line.left for line in concordance(found, 2, "left")] == ["above the", "four, the", "one two"]
    assert [line.left for line in concordance(found, 0)] == ["", "", ""]


def test_words_are_counted_as_the_index_spells_them(filled: Any) -> None:
    with filled.read() as connection:
        found = near.word_list(connection, Filters(languages=("ur",), side="original"), 2)
    assert [(f.word, f.count, f.posts) for f in found.frequencies] == [("کتاب", 3, 3), ("میلہ", 2, 2)]
    assert (found.total, found.read, found.words, found.kinds) == (3, 3, 8, 5)


def test_collocates_are_ranked_by_how_much_they_keep_company(tell: Any) -> None:
    for number in range(4):
        tell.post(number, f"the aid convoy came to town {number}", "en", minutes=number)
        tell.post(f"b{number}", f"the town was quiet {number}", "en", minutes=number)
    indexing.catch_up(tell.database)
    with tell.database.read() as connection:
        found = near.collocates(connection, Filters(query="convoy"), window=2, at_least=2, limit=10)
        with pytest.raises(Usage, match="write a word"):
            near.collocates(connection, Filters(query="lang:en"), window=2, at_least=2, limit=10)
    assert [(c.word, c.left, c.right, c.posts) for c in found.collocates] == [
        ("aid", 4, 0, 4),
        ("came", 0, 4, 4),
        ("to", 0, 4, 4),
        ("the", 4, 0, 4),
    ]
    assert [c.score for c in found.collocates] == [14.0, 14.0, 14.0, 13.415]


# -- saved searches ---------------------------------------------------------------------------------------


def news(database: Database, name: str) -> list[str]:
    indexing.catch_up(database)
    with database.write() as connection:
        [kept] = saved.listed(connection, [name])
        found = saved.news(connection, kept, 20)
        saved.told(connection, kept, found.posts)
    return [hit.post[-1] for hit in found.hits]


def test_a_saved_search_tells_every_post_once(tell: Any) -> None:
    tell.post(1, ROAD, "ps", minutes=10)
    indexing.catch_up(tell.database)
    with tell.database.write() as connection:
        assert (
            saved.save(connection, "roads", Filters(query="هرات OR snow", languages=("ps",)), tell.NOON) == 1
        )
    assert news(tell.database, "roads") == []
    tell.post(2, ROAD, "ps", minutes=-60 * 24 * 900)  # found by a back-fill: older, and yet new here
    tell.post(3, "واوره ده", "ps")
    assert news(tell.database, "roads") == ["2"]
    assert news(tell.database, "roads") == []
    tell.post(3, "واوره ده", "ps", [("واوره ده", "There is snow")])  # matches since it is translated
    tell.post(1, ROAD, "ps", [(ROAD, "Snow on the Herat road")], minutes=10)  # matched before
    assert news(tell.database, "roads") == ["3"]
    with tell.database.write() as connection:
        assert saved.forget(connection, "roads")
        with pytest.raises(NotFound, match="no saved search 'roads'"):
            saved.listed(connection, ["roads"])


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[list[dict[str, Any]], str]:
    assert cli.run(words) == 0
    said = capsys.readouterr()
    return [json.loads(line) for line in said.out.splitlines()], said.err


def test_the_commands(sqlite_tell: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "archiver.toml").touch()
    sqlite_tell.post(1, ROAD, "ps", [(ROAD, "The Herat road is closed")])
    common = ("--archive", str(tmp_path), "--json")
    [line], _ = run(capsys, "search", "هرات", "--kwic", "1", *common)
    assert (line["left"], line["match"], line["right"], line["side"]) == ("د", "هرات", "لاره", "original")
    rows, said = run(capsys, "search", "هرات", "--facets", *common)
    assert {"facet": "language", "value": "ps", "posts": 1} in rows and "1 posts found" in said
    [period], _ = run(capsys, "trends", "هرات", *common, "--svg", str(tmp_path / "t.svg"))
    assert period == {"start": "2026-03-01", "posts": 1, "archived": 1, "share": 1.0}
    ElementTree.parse(tmp_path / "t.svg")
    rows, _ = run(capsys, "words", *common, "--side", "original", "--limit", "1")
    assert rows == [{"word": "د", "count": 2, "posts": 1}]
    rows, _ = run(capsys, "collocates", "هرات", *common, "--at-least", "1")
    assert {"د", "لاره"} <= {row["word"] for row in rows}
    _, said = run(capsys, "search", "هرات", "--save", "herat", *common)
    assert "saved as 'herat'; 1 posts match now" in said
    sqlite_tell.post(2, ROAD, "ps", minutes=1)
    for arguments, found in ((("--peek",), 1), ((), 1), ((), 0)):
        rows, said = run(capsys, "alerts", *arguments, *common)
        assert [row["post"] for row in rows] == ["telegram:2"] * found
        assert f"herat: {found} new" in said
    [kept], _ = run(capsys, "alerts", "--list", *common)
    assert (kept["name"], kept["query"]) == ("herat", "هرات")
    _, said = run(capsys, "alerts", "herat", "--remove", *common)
    assert "removed herat" in said
    _, said = run(capsys, "alerts", *common)
    assert "no search is saved" in said
