"""What a search promises, on both databases."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from archiver.errors import Usage
from archiver.store import indexing
from archiver.store.database import Database
from archiver.store.filters import Filters
from archiver.store.query_language import parse
from archiver.store.search import Answer, search

ROAD = "د هرات لاره د واورې له امله بنده ده."
ROAD_EN = "The Herat road is closed because of snow."
BOOK_UR = "نئی کتاب بازار میں آ گئی ہے۔"
BOOK_UR_EN = "The new book has come to the market."


def find(database: Database, query: str, **wanted: Any) -> Answer:
    indexing.catch_up(database)
    how = {name: wanted.pop(name) for name in ("sort", "limit") if name in wanted}
    with database.read() as connection:
        return search(connection, Filters(query=query, **wanted), **how)


def found(database: Database, query: str, **wanted: Any) -> list[str]:
    answer = find(database, query, **wanted)
    assert answer.total == len(answer.hits)
    return [hit.post.removeprefix("telegram:") for hit in answer.hits]


def marked(answer: Answer, side: str) -> list[str]:
    [hit] = answer.hits
    text = hit.original if side == "original" else hit.translation or ""
    return [text[start:end] for start, end in hit.highlights[side]]


# -- spellings ------------------------------------------------------------------------------------------


def test_a_word_is_found_however_its_letters_are_typed(tell: Any) -> None:
    tell.post(1, BOOK_UR, "ur")
    tell.post(2, "هٰذا كِتَابٌ جديد", "ar", minutes=1)
    tell.post(3, "این کتاب تازه است", "fa", minutes=2)
    tell.post(4, "دا کتاب نوی دی", "ps", minutes=3)
    tell.post(5, "كتاب", None, minutes=4)
    tell.post(6, ROAD, "ps", minutes=5)
    for typed in (
        "كتاب",  # Arabic kaf
        "کتاب",  # Persian kaf
        "كِتَاب",  # vowel marks
        "کـــتاب",  # stretched
        "ﮐﺘﺎﺏ",  # presentation forms
        "کتاب\u200f",  # an invisible mark behind it
        '"کتاب"',
        "کت*",
    ):
        assert found(tell.database, typed) == ["5", "4", "3", "2", "1"], typed


def test_a_quoted_word_keeps_apart_what_unquoted_look_alikes_join(tell: Any) -> None:
    tell.post(1, "لڑکے میدان میں ہیں", "ur")
    tell.post(2, "لڑکی میدان میں ہے", "ur", minutes=1)
    assert found(tell.database, '"لڑکے"') == ["1"]
    answer = find(tell.database, "لڑکے")
    assert [hit.post for hit in answer.hits] == ["telegram:2", "telegram:1"]
    assert answer.also == ("لڑکی",)


def test_an_excluded_word_takes_no_look_alike_along(tell: Any) -> None:
    tell.post(1, "لڑکے میدان میں ہیں", "ur")
    tell.post(2, "لڑکی میدان میں ہے", "ur", minutes=1)
    assert found(tell.database, "میدان -لڑکے") == ["2"]
    assert find(tell.database, "میدان -لڑکے").also == ()


def test_words_without_hamza_find_words_with_it(tell: Any) -> None:
    tell.post(1, "أعلنت الوزارة عن إغلاق الطريق", "ar")
    assert found(tell.database, "اعلنت اغلاق") == ["1"]


def test_a_persian_joiner_may_be_a_joiner_a_space_or_nothing(tell: Any) -> None:
    tell.post(1, "من کار می‌کنم", "fa")
    tell.post(2, "من کار میکنم", "fa", minutes=1)
    tell.post(3, "من کار می کنم", "fa", minutes=2)
    for typed in ("می‌کنم", "میکنم"):
        assert found(tell.database, typed) == ["3", "2", "1"]


def test_digits_of_all_three_sets_are_one(tell: Any) -> None:
    tell.post(1, "په ۱۴۰۵ کال کې", "ps")
    tell.post(2, "في سنة ١٤٠٥", "ar", minutes=1)
    assert found(tell.database, "1405") == ["2", "1"]


def test_english_ignores_case_and_accents(tell: Any) -> None:
    tell.post(1, "قهوه‌خانه باز است", "fa", [("قهوه‌خانه باز است", "The Café is open")])
    assert found(tell.database, "CAFE") == ["1"]
    assert found(tell.database, "cafe\u0301") == ["1"]


# -- sides ----------------------------------------------------------------------------------------------


def test_both_sides_are_searched_and_each_can_be_searched_alone(tell: Any) -> None:
    tell.post(1, BOOK_UR, "ur", [(BOOK_UR, BOOK_UR_EN)])
    tell.post(2, "A new book about Herat", "en", minutes=1)
    assert found(tell.database, "book") == ["2", "1"]
    assert found(tell.database, "book", side="original") == ["2"]
    assert found(tell.database, "book", side="translation") == ["1"]
    assert found(tell.database, "کتاب market") == ["1"], "a word on each side"
    assert found(tell.database, "کتاب market", side="original") == []


def test_a_post_without_translation_is_found_by_its_original(tell: Any) -> None:
    tell.post(1, ROAD)
    [hit] = find(tell.database, "هرات").hits
    assert (hit.original, hit.translation, hit.language) == (ROAD, None, None)


def test_a_hit_says_where_it_comes_from(tell: Any) -> None:
    tell.post(7, ROAD, "ps", [(ROAD, ROAD_EN)], flags=("demo_package",))
    [hit] = find(tell.database, "snow").hits
    assert (hit.post, hit.url, hit.account) == ("telegram:7", "https://example.org/7", "herat_roads")
    assert (hit.language, hit.confidence, hit.revision, hit.kind) == ("ps", 0.97, 1, "post")
    assert (hit.translation, hit.package, hit.flags) == (ROAD_EN, "translate-xx_en 1.0", ("demo_package",))
    assert hit.published_at == tell.NOON


# -- the query language ---------------------------------------------------------------------------------


QUERIES = (
    ("", "54321"),
    ("road", "41"),
    ("road snow", "1"),
    ("road AND snow", "1"),
    ("snow OR bread", "321"),
    ("road -snow", "4"),
    ("road NOT snow", "4"),
    ("NOT road", "532"),
    ("-road -bread", "5"),
    ("(snow OR market) -bread", "541"),
    ('"the road"', "41"),
    ('"road the"', ""),
    ("mark*", "54"),
    ('"price of br"*', "32"),
    ("#هرات", "1"),
    ("#bread_price", "2"),
    ("#bread", ""),
    ("@herat_news", "3"),
    ("covid-19", "5"),
    ("19-covid", ""),
    ("o'neil", ""),
    ("NOT (road OR bread)", "5"),
    ("bread OR -road", "532"),
)


def test_the_query_language(tell: Any) -> None:
    tell.post(1, "#هرات لاره", "ps", [("#هرات لاره", "Snow on the road")], minutes=1)
    tell.post(2, "روټۍ #Bread_Price", "ps", [("روټۍ", "The price of bread")], minutes=2)
    tell.post(3, "ډوډۍ @Herat_News", "ps", [("ډوډۍ", "Price of bread and snow")], minutes=3)
    tell.post(4, "بازار", "ps", [("بازار", "The road to the market")], minutes=4)
    tell.post(5, "covid-19", "en", [], minutes=5, title="Markets, the market")
    for query, ids in QUERIES:
        assert "".join(found(tell.database, query)) == ids, query


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ('snow "the road', "character 6: this quotation mark is never closed"),
        ("snow OR", "character 6: OR stands between two words"),
        ("OR snow", "character 1: OR stands between two words"),
        ("snow AND", "character 6: AND stands between two words"),
        ("snow NOT", "character 6: NOT stands before a word"),
        ("(snow", "character 1: this parenthesis is never closed"),
        ("snow)", "character 5: this parenthesis was never opened"),
        ("snow ()", "character 6: there is nothing between"),
        ("برف *", "character 5: a * stands for the rest of a word"),
        ("😀", "nothing in '😀' can be searched"),
        ("a " * 101, "101 words; at most 100"),
        ("(" * 30 + "a", "character 21: more than 20 parentheses"),
        ("a" * 10_001, "10001 characters"),
    ],
)
def test_an_error_points_at_the_character(query: str, said: str) -> None:
    with pytest.raises(Usage, match=re.escape(said)):
        parse(query)


def test_no_query_reaches_the_engine_as_syntax(tell: Any) -> None:
    tell.post(1, ROAD, "ps")
    for query in (
        "'; DROP TABLE post; --",
        "{original} : x",
        "original:x ^y",
        "NEAR(a b, 5)",
        "a:b & c | !d <-> e",
        "a\x00b",
        "a\ud800b",
        "كتابّ",
        "ّ كتاب",
        "x' | 'y",
        "a \\",
        "a\\b:*",
        "w " * 100,
        "NOT " * 2000 + "a",
        "عربی" * 100,
    ):
        assert find(tell.database, query).total in (0, 1), query


# -- filters and order ----------------------------------------------------------------------------------


def test_filters_narrow_the_answer(tell: Any) -> None:
    tell.post(1, ROAD, "ps", minutes=0)
    tell.post(2, ROAD, "fa-AF", minutes=1, handle="Kabul_Daily")
    tell.post("9@example.org", ROAD, "ps", minutes=2, platform="mastodon", handle="nadia@example.org")
    tell.post(4, ROAD, minutes=3, published_at=None)
    noon: datetime = tell.NOON
    minute = timedelta(minutes=1)

    def ids(**wanted: Any) -> list[str]:
        return [hit.post for hit in find(tell.database, "هرات", **wanted).hits]

    assert ids(languages=("ps",)) == ["mastodon:9@example.org", "telegram:1"]
    assert ids(languages=("fa",)) == ids(languages=("fa-AF",)) == ["telegram:2"]
    assert ids(languages=("und",)) == ["telegram:4"]
    assert ids(languages=("ps", "fa")) == ["mastodon:9@example.org", "telegram:2", "telegram:1"]
    assert ids(platform="mastodon") == ["mastodon:9@example.org"]
    for named in ("kabul_daily", "@Kabul_Daily", "telegram:Kabul_Daily", "id-Kabul_Daily"):
        assert ids(account=named) == ["telegram:2"]
    assert ids(account="mastodon:nadia@example.org") == ["mastodon:9@example.org"]
    assert ids(account="mastodon:Kabul_Daily") == ids(account="nobody") == ids(platform="x") == []
    assert ids(since=noon + minute) == ["mastodon:9@example.org", "telegram:2"]
    assert ids(until=noon + minute) == ["telegram:2", "telegram:1"]
    assert ids(since=noon + minute, until=noon + minute) == ["telegram:2"]
    assert ids(since=noon + minute, languages=("ps",), platform="telegram") == []


def test_the_newest_come_first_whatever_was_stored_first(tell: Any) -> None:
    for number, minutes in ((1, 50), (2, 10), (3, -(60 * 24 * 365 * 80)), (4, 30)):
        tell.post(number, ROAD, "ps", minutes=minutes)
    assert found(tell.database, "هرات") == ["1", "4", "2", "3"]
    answer = find(tell.database, "هرات", limit=2)
    assert (answer.total, [hit.post for hit in answer.hits]) == (4, ["telegram:1", "telegram:4"])


def test_the_best_come_first_when_asked_for(tell: Any) -> None:
    tell.post(1, "snow snow snow", "en")
    tell.post(2, "The road was long and there was little snow on it that day", "en", minutes=1)
    assert found(tell.database, "snow", sort="best") == ["1", "2"]
    assert found(tell.database, "-snow", sort="best") == []


# -- highlights -----------------------------------------------------------------------------------------


def test_highlights_are_spans_of_the_original_text(tell: Any) -> None:
    english = [("قال: هٰذا كِتَابٌ.", "He said: this is a"), ("كتب الكتـاب", "BOOK; books")]
    tell.post(1, "قال: هٰذا كِتَابٌ. كتب الكتـاب", "ar", english)
    answer = find(tell.database, "كتاب OR الکتاب OR book")
    assert marked(answer, "original") == ["كِتَابٌ", "الكتـاب"]
    assert marked(answer, "translation") == ["BOOK"]


def test_phrases_prefixes_tags_and_mentions_are_highlighted(tell: Any) -> None:
    tell.post(1, "The long road, the LONG-road #Herat_Road @herat.news road works", "en")
    assert marked(find(tell.database, '"long road"'), "original") == ["long road", "LONG-road"]
    assert marked(find(tell.database, "wor*"), "original") == ["works"]
    assert marked(find(tell.database, "#herat_road"), "original") == ["#Herat_Road"]
    assert marked(find(tell.database, "@herat.news"), "original") == ["@herat.news"]
    assert marked(find(tell.database, "works -snow"), "original") == ["works"]


def test_only_the_searched_side_is_highlighted(tell: Any) -> None:
    tell.post(1, "Kabul کابل", "fa", [("Kabul کابل", "Kabul Kabul")])
    assert marked(find(tell.database, "kabul", side="original"), "translation") == []
    assert marked(find(tell.database, "kabul", side="translation"), "original") == []


def test_text_that_no_encoding_takes_is_found_and_comes_back(tell: Any) -> None:
    body = "برف\x00سنگین \ud83d هرات"
    tell.post(1, body, "fa")
    [hit] = find(tell.database, "هرات").hits
    assert hit.original == body
    assert marked(find(tell.database, "سنگین"), "original") == ["سنگین"]


# -- the index follows the archive ----------------------------------------------------------------------


def test_an_edit_a_detection_and_a_translation_are_found_at_once(tell: Any) -> None:
    tell.post(1, "ساده متن")
    assert found(tell.database, "ساده") == ["1"]
    tell.post(1, "نوی متن")
    assert (found(tell.database, "ساده"), found(tell.database, "نوی")) == ([], ["1"])
    tell.post(1, "نوی متن", "ps", [("نوی متن", "new text")])
    assert found(tell.database, "text", languages=("ps",)) == ["1"]
    assert find(tell.database, "نوی").also == ()


def test_what_is_gone_from_every_post_is_gone_from_the_vocabulary(tell: Any) -> None:
    tell.post(1, "لڑکی", "ur")
    tell.post(2, "لڑکے", "ur")
    assert find(tell.database, "لڑکے").also == ("لڑکی",)
    tell.post(1, "میدان", "ur")
    assert find(tell.database, "لڑکے").also == ()


def test_indexing_goes_on_where_it_was_stopped(tell: Any) -> None:
    for number in range(5):
        tell.post(number, ROAD, "ps", minutes=number)
    with tell.database.write() as connection:
        assert indexing.index(connection, limit=2).count == 2
    assert indexing.catch_up(tell.database) == 3
    assert indexing.catch_up(tell.database) == 0
    assert len(found(tell.database, "هرات")) == 5


def test_a_changed_fold_table_indexes_everything_again(tell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tell.post(1, ROAD, "ps")
    assert indexing.catch_up(tell.database) == 1
    monkeypatch.setattr(indexing, "FOLD_VERSION", indexing.FOLD_VERSION + 1)
    assert indexing.catch_up(tell.database) == 1
    assert found(tell.database, "هرات") == ["1"]


def test_accounts_that_turn_out_to_be_one_keep_their_posts_findable(tell: Any) -> None:
    tell.post(1, ROAD, "ps", handle="Kabul_Daily")
    assert found(tell.database, "هرات", account="kabul_daily") == ["1"]
    with tell.database.write() as connection:
        connection.execute(text("UPDATE account SET handle = 'kabul_today'"))
    assert found(tell.database, "هرات", account="kabul_today") == ["1"]


def test_removed_posts_leave_index_and_vocabulary(tell: Any) -> None:
    tell.post(1, ROAD, "ps")
    tell.post(2, "واوره", "ps")
    indexing.catch_up(tell.database)
    with tell.database.write() as connection:
        post = connection.scalar(text("SELECT id FROM post WHERE native_id = '1'"))
        assert post is not None
        indexing.remove(connection, [post])
        left = connection.scalar(text("SELECT count(*) FROM search_term WHERE docs > 0"))
        assert left == 1
    with tell.database.read() as connection:
        assert search(connection, Filters(query="هرات")).total == 0
        assert search(connection, Filters(query="واوره")).total == 1


def test_sqlites_index_is_sound_after_edits(sqlite_tell: Any) -> None:
    for number in range(4):
        sqlite_tell.post(number, ROAD, "ps")
    indexing.catch_up(sqlite_tell.database)
    for number in range(3):
        sqlite_tell.post(number, BOOK_UR, "ur", [(BOOK_UR, BOOK_UR_EN)])
    indexing.catch_up(sqlite_tell.database)
    with sqlite_tell.database.write() as connection:
        connection.execute(text("INSERT INTO search_fts(search_fts, rank) VALUES ('integrity-check', 1)"))
    assert len(found(sqlite_tell.database, "کتاب")) == 3


def test_a_very_long_post_and_a_very_long_word_are_indexed(tell: Any) -> None:
    body = "واوره " * 20_000 + "ا" * 5000 + " پای"
    tell.post(1, body, "ps")
    assert found(tell.database, "پای") == ["1"]
    assert found(tell.database, "ا" * 5000) == ["1"]


def test_times_are_utc(tell: Any) -> None:
    tell.post(1, ROAD, "ps")
    [hit] = find(tell.database, "هرات").hits
    assert hit.published_at is not None and hit.published_at.tzinfo is UTC
