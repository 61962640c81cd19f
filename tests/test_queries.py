"""What reading whole posts promises, on both databases."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select

from archiver.errors import NotFound
from archiver.posts import Attachment, Metric, Poll, PollOption, Reference
from archiver.store import indexing, queries, tables, translating
from archiver.store.filters import Filters
from archiver.store.records import PostRecord, as_json
from archiver.store.search import search

ROAD = "د هرات لاره د واورې له امله بنده ده."
PAIR = (ROAD, "The Herat road is closed because of snow.")


def shown(tell: Any, named: str) -> PostRecord:
    with tell.database.read() as connection:
        return queries.show(connection, named)


def names(tell: Any, **wanted: Any) -> list[str]:
    return [record.post for record in queries.records(tell.database, Filters(**wanted))]


def test_a_post_is_shown_with_all_it_ever_said_and_the_bytes_that_showed_it(tell: Any) -> None:
    tell.post(1, "لاره بنده ده.", "ps", [("لاره بنده ده.", "The road is closed.")])
    tell.post(1, ROAD, "ps", [PAIR], package="translate-ps_en", flags=("repetition",), score=-0.5)
    post = shown(tell, "telegram:1")
    first, second = post.revisions
    assert (first.seq, first.current, first.body) == (1, False, "لاره بنده ده.")
    assert (second.seq, second.current, second.body) == (2, True, ROAD)
    assert post.revision is second
    assert (first.capture.sha256, first.capture.offset) == (f"{1:064x}", 1000)
    assert (second.capture.sha256, second.capture.offset) == (f"{2:064x}", 2000)
    assert second.capture.warc == "captures/2026-03.warc.gz"
    made = second.translation
    assert made is not None and second.detection is not None
    assert (second.detection.language, second.detection.confidence) == ("ps", 0.97)
    assert (made.package, made.version, made.sha256) == (
        "translate-ps_en",
        "1.0",
        sha256(b"translate-ps_en").hexdigest(),
    )
    assert (made.text, made.flags, made.language, made.target) == (PAIR[1], ("repetition",), "ps", "en")
    [segment] = made.segments
    assert (segment.source, segment.target, segment.score) == (*PAIR, -0.5)
    assert [o.revision for o in post.observations] == [1, 2]


def test_a_translation_reads_like_its_original_with_the_segments_in_their_places(tell: Any) -> None:
    body = "لومړی.\n\n— دوهم! 😀\n#کابل"
    tell.post(1, body, "ps", [("لومړی.", "First."), ("دوهم!", "Second!")])
    [translation] = shown(tell, "telegram:1").revisions[0].translations
    assert translation.text == "First.\n\n— Second! 😀\n#کابل"


def test_what_hangs_on_a_post_is_shown_with_it(tell: Any) -> None:
    facts: dict[str, Any] = {
        "references": (Reference(relation="reply", native_id="7", author_handle="wali", text="سلام"),),
        "attachments": (Attachment(kind="image", key="k1", url="https://example.org/a.jpg", alt="غر"),),
        "poll": Poll(question="هو؟", options=(PollOption(text="هو", votes=3), PollOption(text="نه"))),
        "tags": ("کابل",),
    }
    for views in (1300, 1400):
        tell.post(1, "نظر څه دی؟", metrics=(Metric(name="views", value=views, granularity=100),), **facts)
    post = shown(tell, "telegram:1")
    [revision] = post.revisions
    assert [(r.relation, r.native_id, r.text) for r in revision.references] == [("reply", "7", "سلام")]
    assert [(a.kind, a.alt) for a in revision.attachments] == [("image", "غر")]
    assert [option["text"] for option in revision.poll["options"]] == ["هو", "نه"]
    assert revision.tags == ["کابل"]
    views = [o.metrics["views"]["value"] for o in post.observations]
    assert views == [1300, 1400]


def test_a_translation_that_is_owed_says_why_and_what_would_help(tell: Any) -> None:
    tell.post(1, ROAD, "ps")
    with tell.database.write() as connection:
        revision = connection.scalar(select(tables.revision.c.id))
        attempt = (revision, "en", "no package translates ps to en", "archiver packages install ps")
        translating.save_attempts(connection, [attempt], tell.NOON)
    [owed] = shown(tell, "telegram:1").revisions[0].owed
    assert (owed.reason, owed.remedy) == attempt[2:]


def test_a_post_is_found_by_its_name_and_by_its_address(tell: Any) -> None:
    tell.post("herat/12", ROAD, url="https://t.me/herat/12", group_ids=("herat/13",))
    tell.post("herat/1", ROAD, url="https://t.me/herat/1")
    for named in (
        "telegram:herat/12",
        "https://t.me/herat/12",
        "http://t.me/herat/12/",
        "https://t.me/s/herat/12?before=20#x",
        "t.me/herat/12",
        "www.t.me/herat/12",
        "telegram:herat/13",  # another picture of its album
        " telegram:herat/12\n",
    ):
        assert shown(tell, named).post == "telegram:herat/12", named


def test_a_post_that_is_not_here_is_named(tell: Any) -> None:
    tell.post(1, ROAD)
    for named in ("telegram:99", "x:1", "", ":", "https://example.org/none", "http://[", "1%", "\x00"):
        with pytest.raises(NotFound, match="in this archive"):
            shown(tell, named)


def test_every_post_is_given_once_in_the_order_of_storing(tell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    for number in (5, 1, 4, 2, 3):
        tell.post(number, ROAD, "ps", minutes=number)
    in_order = [f"telegram:{number}" for number in (5, 1, 4, 2, 3)]
    assert names(tell) == in_order
    assert queries.count(tell.database, Filters()) == 5
    indexing.catch_up(tell.database)
    assert names(tell, query="هرات") == in_order
    assert queries.count(tell.database, Filters(query="هرات")) == 5


def test_filters_mean_the_same_in_a_search_and_in_an_export(tell: Any) -> None:
    tell.post(1, ROAD, "ps", minutes=0)
    tell.post(2, ROAD, "fa-AF", minutes=1, handle="kabul")
    tell.post(3, ROAD, "fa", minutes=2, handle="kabul", platform="mastodon")
    tell.post(4, ROAD, minutes=3, published_at=None)
    tell.post(5, ROAD, "zh-Hans-CN", minutes=4)
    tell.post(6, ROAD, "ps", published_at=tell.NOON + timedelta(minutes=1, milliseconds=700))
    indexing.catch_up(tell.database)
    minute = tell.NOON + timedelta(minutes=1)
    for wanted, count in (
        ({"languages": ("fa",)}, 2),
        ({"languages": ("FA-af",)}, 1),
        ({"languages": ("und",)}, 1),
        ({"languages": ("zh-Hans",)}, 1),
        ({"languages": ("p",)}, 0),
        ({"languages": ("ps", "zh")}, 3),
        ({"platform": "mastodon"}, 1),
        ({"account": "kabul"}, 2),
        ({"account": "mastodon:kabul"}, 1),
        ({"account": "nobody"}, 0),
        ({"since": minute}, 4),
        ({"until": minute}, 3),
        ({"since": minute, "until": minute}, 2),
    ):
        with tell.database.read() as connection:
            found = search(connection, Filters(query="هرات", **wanted))
        assert sorted(hit.post for hit in found.hits) == sorted(names(tell, **wanted)), wanted
        assert sorted(names(tell, query="هرات", **wanted)) == sorted(names(tell, **wanted)), wanted
        assert found.total == count, wanted


def test_an_index_that_is_behind_leaves_no_post_out(tell: Any) -> None:
    tell.post(1, ROAD, "ps")
    indexing.catch_up(tell.database)
    tell.post(2, ROAD, "ps")
    assert names(tell) == names(tell, languages=("ps",)) == ["telegram:1", "telegram:2"]


def test_text_that_no_database_takes_comes_back_as_it_was(tell: Any) -> None:
    body = "a\x00b\ud800c"
    tell.post("id\x00", body, "en", [("a\x00b", "A\x00B")], tags=("t\udfff",))
    post = shown(tell, "telegram:id\x00")
    assert (post.native_id, post.revisions[0].text, post.revisions[0].tags) == ("id\x00", body, ["t\udfff"])
    assert post.revisions[0].translations[0].segments[0].target == "A\x00B"
    assert json.loads(json.dumps(as_json(post)))["revisions"][0]["body"] == body
