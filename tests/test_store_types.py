"""Column types: what a database cannot hold is held in another form, and times are never guessed."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy.dialects import postgresql, sqlite

from archiver.store.shapes import metrics_json, metrics_of, poll_json, poll_of
from archiver.store.types import UTCDateTime, json_text, original, storable, storable_id

characters = (
    some.characters(exclude_categories=["Co"]) | some.just("\x00") | some.characters(categories=["Cs"])
)
texts = some.text(characters)


@given(texts)
def test_storable_text_can_be_stored_has_the_same_length_and_leads_back(text: str) -> None:
    stored = storable(text)
    stored.encode("utf-8")
    assert "\x00" not in stored
    assert len(stored) == len(text)
    assert original(stored) == text
    assert storable(stored) == stored


@given(
    some.recursive(
        some.none() | some.floats() | texts, lambda kids: some.lists(kids) | some.dictionaries(texts, kids)
    )
)
def test_json_is_such_as_both_databases_take(value: object) -> None:
    text = json_text(value)
    text.encode("utf-8")
    back = json.loads(text, parse_constant=pytest.fail)  # no NaN, no Infinity
    assert "\\u0000" not in json.dumps(back, ensure_ascii=True).replace("\\\\", "")


def test_plain_text_is_stored_as_it_is() -> None:
    for text in ("", "د هرات لاره\n\tبنده ده ۔ 👍🏽", "\ufeff\u202e\u200c"):
        assert storable(text) is text


def test_a_long_id_keeps_its_head_and_stays_itself() -> None:
    long = "لاره" * 500
    assert len(storable_id(long)) <= 512
    assert storable_id(long) != storable_id(long + "x")
    assert storable_id(storable_id(long)) == storable_id(long)
    assert storable_id("x" * 512) == "x" * 512


offsets = some.timedeltas(-timedelta(hours=23), timedelta(hours=23)).map(timezone)


@given(some.datetimes(timezones=offsets))
def test_times_come_back_exactly(moment: datetime) -> None:
    kind = UTCDateTime()
    bound = kind.process_bind_param(moment, sqlite.dialect())
    assert isinstance(bound, int)
    back = kind.process_result_value(bound, sqlite.dialect())
    assert back is not None and back.tzinfo is UTC
    assert kind.process_bind_param(moment, postgresql.dialect()) == back
    if 1 < moment.year < 9999:
        assert back == moment


def test_a_naive_time_is_refused_and_an_unknown_one_stays_unknown() -> None:
    kind = UTCDateTime()
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        with pytest.raises(ValueError, match="no time zone"):
            kind.process_bind_param(datetime(2026, 3, 21), dialect)  # noqa: DTZ001
        assert kind.process_bind_param(None, dialect) is None
        assert kind.process_result_value(None, dialect) is None


def test_unknown_counts_and_polls_stay_unknown() -> None:
    assert metrics_json(None) is metrics_of(None) is poll_json(None) is poll_of(None) is None
    assert metrics_of(metrics_json(())) == ()
