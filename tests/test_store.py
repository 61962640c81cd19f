"""What storing a page promises, on both databases."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select

from archiver.errors import DamagedArchive, NotFound
from archiver.posts import (
    Account,
    Attachment,
    Capture,
    Harvest,
    LinkPreview,
    Metric,
    Poll,
    PollOption,
    Post,
    Problem,
    Reference,
)
from archiver.store import shapes, tables, watches, writes
from archiver.store.database import Database
from archiver.store.types import original, storable
from archiver.store.writes import Stored

NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HERAT = Account(platform="telegram", native_id="4001", handle="herat_roads", name="د هرات لارې")
PASHTO = "د هرات لاره د واورې له امله بنده ده."


def capture(minute: int = 0, offset: int | None = None) -> Capture:
    return Capture(
        url="https://example.org/s/herat_roads",
        fetched_at=NOON + minute * MINUTE,
        status=200,
        sha256="ab" * 32,
        size=9000,
        warc="telegram-2026-03.warc.gz",
        offset=1000 * minute if offset is None else offset,
        length=900,
        content_type="text/html",
    )


def post(number: int = 1, **facts: Any) -> Post:
    told = {"platform": "telegram", "native_id": str(number), "author": HERAT, "text": PASHTO}
    return Post(**{**told, **facts})


def page(*posts: Post, minute: int = 0, **facts: Any) -> Harvest:
    told: dict[str, Any] = {
        "platform": "telegram",
        "handle": "herat_roads",
        "capture": capture(minute),
        "cursor": f'{{"minute":{minute}}}',
        "account": HERAT,
        "posts": posts,
        "served": len(posts),
    }
    return Harvest(**{**told, **facts})


@pytest.fixture
def archive(database: Database) -> Database:
    with database.write() as connection:
        watches.add(connection, platform="telegram", handle="herat_roads", at=NOON)
    return database


def store(archive: Database, harvest: Harvest) -> Stored:
    with archive.write() as connection:
        return writes.store_harvest(connection, harvest)


def rows(archive: Database, table: Any) -> list[dict[str, Any]]:
    with archive.read() as connection:
        found = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        return [dict(row) for row in found]


def everything(archive: Database, *but: str) -> dict[str, list[dict[str, Any]]]:
    named = {name: table for name, table in tables.metadata.tables.items() if name not in but}
    return {name: rows(archive, table) for name, table in named.items()}


def current_text(archive: Database) -> str | None:
    revision = tables.revision
    with archive.read() as connection:
        join = tables.post.join(revision, revision.c.id == tables.post.c.current_revision_id)
        return connection.scalar(select(revision.c.text).select_from(join))


FULL = post(
    kind="quote",
    url="https://example.org/herat_roads/1",
    published_at=NOON - MINUTE,
    edited=True,
    edited_at=NOON,
    title="خبر",
    warning="تریخ",
    html="<p>د هرات لاره</p>",
    languages=("ps", "fa"),
    links=("https://example.org/a?b=1",),
    tags=("هرات",),
    mentions=(),
    references=(
        Reference(
            relation="quote", native_id="99999999999999999999999", text="لاره خلاصه ده", available=True
        ),
        Reference(relation="reply", url="https://example.org/x/2", author_handle="x", published_at=NOON),
    ),
    attachments=(
        Attachment(
            kind="image", key="k1", url="https://example.org/k1.jpg", alt="واوره", width=800, height=600
        ),
        Attachment(kind="video", duration_seconds=12.5, size_bytes=3_000_000_000, available=False),
    ),
    poll=Poll(
        question="لاره خلاصه ده؟",
        options=(PollOption(text="هو", votes=3, percent=75.0), PollOption(text="نه", votes=1, percent=25.0)),
        voters=4,
        closes_at=NOON + MINUTE,
    ),
    preview=LinkPreview(url="https://example.org/a?b=1", title="د هوا حال"),
    metrics=(Metric(name="views", value=1300, granularity=100), Metric(name="reaction:👍", value=2)),
    signature="زمری",
    group_ids=("2", "3"),
    unsupported=False,
    withheld=True,
)


def test_every_field_of_a_post_comes_back_as_it_was_told(archive: Database) -> None:
    assert store(archive, page(FULL)) == Stored(new=1, revised=0, unchanged=0)
    [kept] = rows(archive, tables.post)
    [said] = rows(archive, tables.revision)
    for name in ("native_id", "kind", "url", "published_at"):
        assert kept[name] == getattr(FULL, name)
    assert tuple(kept["group_ids"]) == FULL.group_ids
    assert set(shapes.metrics_of(kept["metrics"]) or ()) == set(FULL.metrics or ())
    texts = ("title", "warning", "text", "body", "html", "signature")
    for name in (*texts, "edited", "edited_at", "unsupported", "withheld"):
        assert said[name] == getattr(FULL, name)
    for name in ("languages", "links", "tags", "mentions"):
        assert tuple(said[name]) == getattr(FULL, name)
    assert said["digest"] == FULL.digest()
    assert shapes.poll_of(said["poll"]) == FULL.poll
    assert shapes.preview_of(said["preview"]) == FULL.preview
    assert tuple(map(shapes.reference_of, rows(archive, tables.reference))) == FULL.references
    assert tuple(map(shapes.attachment_of, rows(archive, tables.attachment))) == FULL.attachments


def test_unknown_is_kept_apart_from_empty_and_from_zero(archive: Database) -> None:
    silent = post(1, text=None)
    empty = post(2, text="", links=(), languages=(), metrics=(), unsupported=False)
    zero = post(3, metrics=(Metric(name="views", value=0),))
    store(archive, page(silent, empty, zero))
    said = rows(archive, tables.revision)
    assert [row["text"] for row in said] == [None, "", PASHTO]
    assert [row["links"] for row in said] == [None, [], None]
    assert [row["unsupported"] for row in said] == [None, False, None]
    counts = [row["metrics"] for row in rows(archive, tables.post)]
    assert counts == [None, {}, {"views": {"value": 0, "granularity": 1}}]
    with archive.read() as connection:
        nothing = select(func.count()).where(tables.post.c.metrics.is_(None))
        assert connection.scalar(nothing) == 1  # SQL NULL, not JSON null


def test_the_same_harvest_twice_changes_nothing_at_all(archive: Database) -> None:
    harvest = page(FULL, post(2), problems=(Problem(url="https://example.org/p", what="post 3"),), served=3)
    store(archive, harvest)
    before = everything(archive)
    assert store(archive, harvest) == Stored(new=0, revised=0, unchanged=2)
    assert everything(archive) == before


def test_storing_the_same_harvest_again_does_not_even_write(sqlite_url: str) -> None:
    with Database.create(sqlite_url) as database, database.write() as connection:
        watches.add(connection, platform="telegram", handle="herat_roads", at=NOON)
        harvest = page(FULL, post(2), problems=(Problem(url="u", what="post 3"),), served=3)
        writes.store_harvest(connection, harvest)
        sqlite = connection.connection.dbapi_connection
        before = sqlite.total_changes  # type: ignore[union-attr]
        writes.store_harvest(connection, harvest)
        assert sqlite.total_changes == before  # type: ignore[union-attr]


def test_the_same_content_in_two_captures_is_one_revision(archive: Database) -> None:
    store(archive, page(FULL, post(2)))
    before = everything(archive, "capture", "page", "post", "account", "watch", "ledger")
    assert store(archive, page(FULL, post(2), minute=5)) == Stored(new=0, revised=0, unchanged=2)
    assert everything(archive, "capture", "page", "post", "account", "watch", "ledger") == before
    assert {row["last_seen_at"] for row in rows(archive, tables.post)} == {NOON + 5 * MINUTE}
    assert {row["first_seen_at"] for row in rows(archive, tables.post)} == {NOON}


def test_an_edit_is_a_new_revision_and_nothing_is_overwritten(archive: Database) -> None:
    store(archive, page(post(text="لاره بنده ده")))
    edited = post(text="لاره خلاصه ده", edited=True)
    assert store(archive, page(edited, minute=1)) == Stored(new=0, revised=1, unchanged=0)
    assert [(r["seq"], r["text"]) for r in rows(archive, tables.revision)] == [
        (1, "لاره بنده ده"),
        (2, "لاره خلاصه ده"),
    ]
    assert current_text(archive) == "لاره خلاصه ده"


def test_going_back_to_an_old_text_points_at_its_old_revision(archive: Database) -> None:
    for minute, text in enumerate(("یو", "دوه", "یو")):
        stored = store(archive, page(post(text=text), minute=minute))
    assert stored == Stored(new=0, revised=1, unchanged=0)
    assert len(rows(archive, tables.revision)) == 2
    assert current_text(archive) == "یو"
    history = [(r["at"], r["revision_id"]) for r in rows(archive, tables.observation)]
    first, second = (r["id"] for r in rows(archive, tables.revision))
    assert history == [(NOON, first), (NOON + MINUTE, second), (NOON + 2 * MINUTE, first)]


def test_an_older_capture_never_turns_back_the_present(archive: Database) -> None:
    new = post(text="نوی", metrics=(Metric(name="views", value=90),), url="https://example.org/new/1")
    old = post(text="زوړ", metrics=(Metric(name="views", value=10),), url="https://example.org/old/1")
    store(archive, page(new, minute=9))
    assert store(archive, page(old, minute=3, account=None)) == Stored(new=0, revised=1, unchanged=0)
    assert current_text(archive) == "نوی"
    [kept] = rows(archive, tables.post)
    assert kept["metrics"] == {"views": {"value": 90, "granularity": 1}}
    assert kept["url"] == "https://example.org/new/1"
    assert (kept["first_seen_at"], kept["last_seen_at"]) == (NOON + 3 * MINUTE, NOON + 9 * MINUTE)
    assert [r["metrics"]["views"]["value"] for r in rows(archive, tables.observation)] == [90, 10]


def test_the_order_of_captures_does_not_change_what_the_archive_says(archive: Database) -> None:
    looks = [
        page(post(text="یو", metrics=(Metric(name="views", value=1),)), minute=1),
        page(post(text="دوه", published_at=NOON), minute=2),
        page(post(text="دوه", metrics=(Metric(name="views", value=7),)), minute=3),
    ]
    for harvest in (looks[2], looks[0], looks[1]):
        store(archive, harvest)
    [kept] = rows(archive, tables.post)
    assert current_text(archive) == "دوه"
    assert kept["published_at"] == NOON
    assert kept["metrics"]["views"]["value"] == 7
    seen = {r["text"]: r["seen_at"] for r in rows(archive, tables.revision)}
    assert seen == {"یو": NOON + MINUTE, "دوه": NOON + 2 * MINUTE}


looks = some.lists(some.tuples(some.sampled_from("یدس"), some.booleans()), min_size=1, max_size=6)


@given(looks.flatmap(lambda all: some.tuples(some.just(all), some.permutations(range(len(all))))))
@settings(max_examples=25, deadline=None)
def test_any_order_of_captures_leads_to_the_same_posts(
    shared_database: Database, told: tuple[list[tuple[str, bool]], list[int]]
) -> None:
    texts, order = told

    def archived(native_id: int, minutes: Sequence[int]) -> tuple[Any, ...]:
        for minute in minutes:
            text, has_url = texts[minute]
            shown = post(native_id, text=text, url="https://example.org/1" if has_url else None)
            offset = native_id * 100 + minute
            store(shared_database, page(shown, capture=capture(minute, offset), cursor=""))
        with shared_database.read() as connection:
            kept = connection.execute(
                select(tables.post).where(tables.post.c.native_id == str(native_id))
            ).one()
            said = connection.execute(
                select(tables.revision, tables.capture.c.fetched_at)
                .join(tables.capture)
                .where(tables.revision.c.post_id == kept.id)
            ).all()
        current = next(row.text for row in said if row.id == kept.current_revision_id)
        history = {(row.text, row.seen_at, row.fetched_at) for row in said}
        return current, kept.url, kept.first_seen_at, kept.last_seen_at, history

    number = next(_numbers)
    assert archived(2 * number, order) == archived(2 * number + 1, range(len(texts)))


_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def shared_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with Database.create(f"sqlite:///{tmp_path_factory.mktemp('orders') / 'archive.db'}") as database:
        with database.write() as connection:
            watches.add(connection, platform="telegram", handle="herat_roads", at=NOON)
        yield database


def test_counts_are_appended_only_when_they_change_and_unknown_forgets_nothing(archive: Database) -> None:
    def views(*counts: tuple[str, int]) -> Post:
        return post(metrics=tuple(Metric(name=name, value=value) for name, value in counts))

    looks = [
        views(("views", 5), ("likes", 1)),
        views(("views", 5)),
        post(),
        views(("views", 6)),
        views(("views", 6)),
    ]
    for minute, look in enumerate(looks):
        store(archive, page(look, minute=minute))
    assert [r["at"] for r in rows(archive, tables.observation)] == [NOON, NOON + 3 * MINUTE]
    [kept] = rows(archive, tables.post)
    assert {name: count["value"] for name, count in kept["metrics"].items()} == {"views": 6, "likes": 1}


def test_the_votes_of_a_poll_are_observed(archive: Database) -> None:
    def asked(votes: int) -> Post:
        return post(poll=Poll(question="هو که نه؟", options=(PollOption(text="هو", votes=votes),)))

    for minute, votes in enumerate((1, 1, 4)):
        store(archive, page(asked(votes), minute=minute))
    assert len(rows(archive, tables.revision)) == 1
    seen = [shapes.poll_of(r["poll"]) for r in rows(archive, tables.observation)]
    assert [poll.options[0].votes for poll in seen if poll] == [1, 4]


def test_a_later_capture_fills_in_what_was_unknown(archive: Database) -> None:
    store(archive, page(post()))
    store(archive, page(post(published_at=NOON, html="<p>x</p>", signature="زمری"), minute=1))
    store(archive, page(post(), minute=2))
    store(archive, page(post(html="<p>y</p>", published_at=NOON + MINUTE), minute=3))
    [said] = rows(archive, tables.revision)
    assert (said["html"], said["signature"]) == ("<p>x</p>", "زمری")
    assert rows(archive, tables.post)[0]["published_at"] == NOON


def test_a_page_that_shows_a_post_twice_loses_neither_state(archive: Database) -> None:
    assert store(archive, page(post(text="یو"), post(text="دوه"), post(2))) == Stored(
        new=2, revised=1, unchanged=0
    )
    assert sorted(r["text"] for r in rows(archive, tables.revision)) == sorted(["یو", "دوه", PASHTO])


def test_a_post_that_is_gone_stays_and_says_so(archive: Database) -> None:
    store(archive, page(post()))
    with archive.write() as connection:
        writes.record_gone(connection, platform="telegram", native_id="1", capture=capture(4))
        with pytest.raises(NotFound, match="telegram:77"):
            writes.record_gone(connection, platform="telegram", native_id="77", capture=capture(5))
    assert rows(archive, tables.post)[0]["state"] == "gone"
    assert current_text(archive) == PASHTO
    store(archive, page(post(), minute=6))
    assert [r["state"] for r in rows(archive, tables.observation)] == ["live", "gone", "live"]
    assert rows(archive, tables.post)[0]["state"] == "live"


def test_an_older_look_stored_later_does_not_bring_back_what_is_gone(archive: Database) -> None:
    store(archive, page(post(), minute=1))
    with archive.write() as connection:
        writes.record_gone(connection, platform="telegram", native_id="1", capture=capture(3))
    said = post(text="نوی", metrics=(Metric(name="views", value=5),))
    assert store(archive, page(said, minute=2)) == Stored(new=0, revised=1, unchanged=0)
    [kept] = rows(archive, tables.post)
    assert (kept["state"], kept["last_seen_at"]) == ("gone", NOON + 2 * MINUTE)
    assert current_text(archive) == "نوی" and kept["metrics"]["views"]["value"] == 5
    with archive.write() as connection:
        for state in ("withheld", "live"):
            writes.record_gone(
                connection, platform="telegram", native_id="1", capture=capture(2, offset=7), state=state
            )
    assert rows(archive, tables.post)[0]["state"] == "gone"
    store(archive, page(said, minute=4))
    assert rows(archive, tables.post)[0]["state"] == "live"
    observed = sorted((r["at"], r["state"]) for r in rows(archive, tables.observation))
    assert [state for _, state in observed] == ["live", "live", "gone", "live"]
    assert observed[-1][0] == NOON + 4 * MINUTE


def test_an_older_look_that_shows_nothing_new_adds_nothing_to_what_is_gone(archive: Database) -> None:
    store(archive, page(post(), minute=1))
    with archive.write() as connection:
        writes.record_gone(connection, platform="telegram", native_id="1", capture=capture(3))
    store(archive, page(post(), minute=2))
    assert [r["state"] for r in rows(archive, tables.observation)] == ["live", "gone"]
    assert rows(archive, tables.post)[0]["state"] == "gone"


# -- hostile and odd input -------------------------------------------------------------------------


def test_nul_and_lone_surrogates_are_kept_in_a_form_that_leads_back(archive: Database) -> None:
    odd = "a\x00b \ud83d یې \udfff"
    strange = post(
        text=odd,
        html=odd,
        links=(odd,),
        url=odd,
        attachments=(Attachment(kind="image", key=odd, alt=odd),),
        preview=LinkPreview(url=odd),
        metrics=(Metric(name=f"reaction:{odd}", value=1),),
        author=replace(HERAT, name=odd),
    )
    harvest = page(strange, problems=(Problem(url=odd, what=odd),), served=2)
    store(archive, harvest)
    before = everything(archive)
    store(archive, harvest)
    assert everything(archive) == before
    [said] = rows(archive, tables.revision)
    # The same characters on both databases, and as many as before: spans keep fitting.
    assert said["text"] == "a\U0010e000b \U0010d83d یې \U0010dfff"
    assert len(said["text"]) == len(odd)
    assert original(said["text"]) == odd
    assert said["links"] == [storable(odd)]
    said["body"].encode("utf-8")


def test_numbers_that_no_database_takes_are_unknown_and_the_post_is_kept(archive: Database) -> None:
    odd = post(
        attachments=(Attachment(kind="image", width=10**30, height=600, size_bytes=-(2**64)),),
        poll=Poll(options=(PollOption(text="هو", percent=float("nan")),)),
        metrics=(Metric(name="views", value=10**25),),
    )
    store(archive, page(odd))
    [media] = rows(archive, tables.attachment)
    assert (media["width"], media["height"], media["size_bytes"]) == (None, 600, None)
    assert rows(archive, tables.revision)[0]["poll"]["options"][0]["percent"] is None
    assert rows(archive, tables.post)[0]["metrics"]["views"]["value"] == 10**25


def test_a_post_of_a_hundred_thousand_characters_is_kept_whole(archive: Database) -> None:
    long = "".join(f"{number} لاره خلاصه ده. " for number in range(6000))
    assert len(long) > 100_000
    store(archive, page(post(text=long)))
    assert current_text(archive) == long


def test_ids_are_text_of_any_size(archive: Database) -> None:
    feed_id = "https://example.org/" + "لاره/" * 2000
    store(archive, page(post(2**63 + 10), post(native_id=feed_id), post(native_id=feed_id + "x")))
    ids = [row["native_id"] for row in rows(archive, tables.post)]
    assert ids[0] == str(2**63 + 10)
    assert len(set(ids)) == 3
    assert store(archive, page(post(native_id=feed_id), minute=1)) == Stored(new=0, revised=0, unchanged=1)


def test_times_are_utc_and_naive_ones_are_refused(archive: Database) -> None:
    kabul = timezone(timedelta(hours=4, minutes=30))
    odd = datetime(2026, 3, 21, 16, 30, 0, 123456, tzinfo=kabul)
    first = datetime(1, 1, 1, tzinfo=kabul)
    store(archive, page(post(1, published_at=odd), post(2, published_at=first)))
    published = [row["published_at"] for row in rows(archive, tables.post)]
    assert published == [NOON + timedelta(microseconds=123456), datetime(1, 1, 1, tzinfo=UTC)]
    assert published[0].tzinfo is UTC
    with pytest.raises(Exception, match="no time zone"):
        store(archive, page(post(3, published_at=datetime(2026, 3, 21)), minute=1))  # noqa: DTZ001
    assert len(rows(archive, tables.post)) == 2  # all of that page was undone
    assert len(rows(archive, tables.capture)) == 1


# -- accounts --------------------------------------------------------------------------------------


def test_an_account_has_a_snapshot_for_each_change_and_never_forgets_a_name(archive: Database) -> None:
    looks = [
        HERAT,
        replace(HERAT, name=None, description="د لارو حال"),
        replace(HERAT, name=None, avatar_url="https://example.org/1.jpg"),
        replace(HERAT, handle="herat_lare", metrics=(Metric(name="subscribers", value=12),)),
    ]
    for minute, account in enumerate(looks):
        store(archive, page(minute=minute, account=account))
    [kept] = rows(archive, tables.account)
    assert (kept["name"], kept["description"], kept["handle"]) == ("د هرات لارې", "د لارو حال", "herat_lare")
    assert kept["avatar_url"] == "https://example.org/1.jpg"
    snapshots = rows(archive, tables.account_snapshot)
    assert [s["at"] for s in snapshots] == [NOON, NOON + MINUTE, NOON + 3 * MINUTE]
    assert [s["name"] for s in snapshots] == ["د هرات لارې"] * 3


def test_an_older_capture_of_an_account_is_history(archive: Database) -> None:
    store(archive, page(minute=5, account=replace(HERAT, name="نوی")))
    store(archive, page(minute=1, account=replace(HERAT, name="زوړ", verified=True)))
    [kept] = rows(archive, tables.account)
    assert (kept["name"], kept["verified"]) == ("نوی", True)
    assert (kept["first_seen_at"], kept["last_seen_at"]) == (NOON + MINUTE, NOON + 5 * MINUTE)
    assert {s["at"]: s["name"] for s in rows(archive, tables.account_snapshot)} == {
        NOON + MINUTE: "زوړ",
        NOON + 5 * MINUTE: "نوی",
    }


def test_an_account_known_by_its_handle_takes_on_its_own_id(archive: Database) -> None:
    nameless = replace(HERAT, native_id="@Herat_Roads", handle="Herat_Roads")
    store(archive, page(post(1, author=nameless), account=nameless))
    store(archive, page(post(2), minute=1))
    store(archive, page(post(3, author=nameless), account=nameless, minute=2))
    [kept] = rows(archive, tables.account)
    assert kept["native_id"] == "4001"
    assert {row["account_id"] for row in rows(archive, tables.post)} == {kept["id"]}
    assert rows(archive, tables.watch)[0]["account_id"] == kept["id"]


def test_an_account_stored_under_both_names_becomes_one(archive: Database) -> None:
    nameless = replace(HERAT, native_id="@herat_roads", handle="herat_roads")
    # Its own id comes first under another handle, so nothing tells yet that they are the same.
    store(
        archive,
        page(post(1, author=replace(HERAT, handle="old_name")), account=replace(HERAT, handle="old_name")),
    )
    store(archive, page(post(2, author=nameless), account=nameless, minute=1))
    assert len(rows(archive, tables.account)) == 2
    store(archive, page(post(3), minute=2))
    [kept] = rows(archive, tables.account)
    assert kept["native_id"] == "4001"
    assert {row["account_id"] for row in rows(archive, tables.post)} == {kept["id"]}


# -- pages, problems, watches ----------------------------------------------------------------------


def test_a_page_counts_what_became_of_everything_it_served(archive: Database) -> None:
    store(archive, page(post(1), post(2)))
    troubles = (Problem(url="https://example.org/4", what="no time"),)
    store(archive, page(post(1, text="نوی"), post(2), post(3), problems=troubles, served=4, minute=1))
    counted = rows(archive, tables.page)[-1]
    names = ("served", "new", "revised", "unchanged", "unread")
    assert [counted[name] for name in names] == [4, 1, 1, 1, 1]
    [problem] = rows(archive, tables.problem)
    assert (problem["what"], problem["whole_page"], problem["resolved_at"]) == ("no time", False, None)


def test_reading_a_capture_again_with_a_better_reader_adds_what_it_missed(archive: Database) -> None:
    store(archive, page(post(1), problems=(Problem(url="u", what="post 2"),), served=2))
    store(archive, page(minute=7))
    assert store(archive, page(post(1), post(2), served=2)) == Stored(new=1, revised=0, unchanged=1)
    counted = rows(archive, tables.page)[0]
    assert [counted[n] for n in ("served", "new", "revised", "unchanged", "unread")] == [2, 2, 0, 0, 0]
    assert rows(archive, tables.problem)[0]["resolved_at"] is not None
    assert rows(archive, tables.watch)[0]["cursor"] == '{"minute":7}'


def test_a_failure_is_kept_until_the_next_good_page(archive: Database) -> None:
    def fail(minute: int, seen: Capture | None = None) -> None:
        with archive.write() as connection:
            writes.record_failure(
                connection,
                platform="telegram",
                handle="herat_roads",
                url="https://example.org/s",
                what="HTTP 500",
                at=NOON + minute * MINUTE,
                capture=seen,
            )

    fail(1)
    fail(2)
    fail(3, capture(3))
    [watch] = rows(archive, tables.watch)
    assert (watch["last_error"], watch["last_error_at"]) == ("HTTP 500", NOON + 3 * MINUTE)
    assert len(rows(archive, tables.problem)) == 2  # the same failure without bytes is one problem
    store(archive, page(post(), minute=4))
    [watch] = rows(archive, tables.watch)
    assert (watch["last_error"], watch["last_error_at"], watch["last_ok"]) == (None, None, NOON + 4 * MINUTE)
    assert all(row["resolved_at"] for row in rows(archive, tables.problem))


def test_a_refusal_is_recorded_as_such_and_each_change_once(archive: Database) -> None:
    store(archive, page(post()))
    store(archive, page(minute=1, account=None, refusal="not_found"))
    store(archive, page(minute=2, account=None, refusal="not_found"))
    with archive.read() as connection:
        watch = watches.find(connection, "telegram", "herat_roads")
    assert watch is not None
    assert (watch.refusal, watch.last_ok) == ("not_found", NOON)
    store(archive, page(post(), minute=3))
    assert [r["state"] for r in rows(archive, tables.availability)] == ["not_found", "live"]
    assert {r["account_id"] for r in rows(archive, tables.availability)} == {watch.account_id}
    assert rows(archive, tables.watch)[0]["refusal"] is None


def test_a_harvest_of_an_unknown_watch_is_refused(archive: Database) -> None:
    with pytest.raises(NotFound, match=r"telegram:nobody.*archiver watch add"):
        store(archive, page(handle="nobody"))
    assert rows(archive, tables.capture) == []


def test_two_responses_at_one_place_of_a_warc_file_are_damage(archive: Database) -> None:
    store(archive, page(post()))
    with pytest.raises(DamagedArchive, match=r"telegram-2026-03\.warc\.gz at 0"):
        store(archive, page(post(), capture=replace(capture(), sha256="cd" * 32)))


def test_a_watch_is_added_once_changed_paused_and_removed_and_its_posts_stay(archive: Database) -> None:
    store(archive, page(post()))
    with archive.write() as connection:
        watch, new = watches.add(
            connection,
            platform="telegram",
            handle="herat_roads",
            note="لارې",
            tags=("roads",),
            at=NOON + MINUTE,
        )
        assert (new, watch.note, watch.tags, watch.cursor) == (False, "لارې", ("roads",), '{"minute":0}')
        assert watch.added_at == NOON
        other, new = watches.add(connection, platform="mastodon", handle="a@b", since=NOON, at=NOON)
        assert new and str(other) == "mastodon:a@b"
        watches.pause(connection, watch.id)
        assert [w.paused for w in watches.listed(connection)] == [False, True]
        assert [w.handle for w in watches.listed(connection, tag="roads")] == ["herat_roads"]
        watches.resume(connection, watch.id)
        watches.remove(connection, watch.id)
        assert watches.find(connection, "telegram", "herat_roads") is None
        for verb in (watches.pause, watches.resume, watches.remove):
            with pytest.raises(NotFound, match="archiver watch list"):
                verb(connection, watch.id)
    assert len(rows(archive, tables.post)) == 1
    assert len(rows(archive, tables.page)) == 1
