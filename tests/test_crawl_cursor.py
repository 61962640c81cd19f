"""However a crawl is stopped and however the account goes on posting: no hole, nothing asked for in vain."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.posts import Account, Capture, Harvest, Known, Post
from spiders import revisit
from spiders.cursor import Cursor, Identity, Revisit, Seen, Validators, Walk
from spiders.page import Page, Target
from spiders.platform import Mark, Platform, Verdict
from spiders.visit import Ask, Failed, Visit

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TARGET = Target(platform="diary", handle="someone")
AUTHOR = Account(platform="diary", native_id="1", handle="someone")


@dataclass
class Diary(Platform):
    """A platform in memory: posts newest first, `size` on a page, paged by id or by number."""

    name = "diary"
    size: int = 5
    by_number: bool = False
    oldest_first: bool = False
    posts_: list[int] = field(default_factory=list)  # minutes; newest last
    asked: list[str] = field(default_factory=list)

    @classmethod
    def address(cls, pasted: str) -> Target | None:
        return None

    @classmethod
    def handle(cls, handle: str) -> Target:
        return Target(platform="diary", handle=handle)

    def first(self, target: Target, account: Account | None, mark: Mark | None) -> str:
        return "https://diary.example/posts"

    def items(self, page: Page) -> Sequence[Any]:
        return json.loads(page.body)["posts"]  # type: ignore[no-any-return]

    def post(self, item: Any, page: Page) -> Post:
        at = NOW - timedelta(days=30) + timedelta(minutes=item)
        return Post(platform="diary", native_id=str(item), author=AUTHOR, published_at=at)

    def next(self, page: Page) -> str | None:
        return json.loads(page.body)["next"]  # type: ignore[no-any-return]

    def answer(self, url: str) -> bytes:
        self.asked.append(url)
        query = {key: int(value[0]) for key, value in parse_qs(urlsplit(url).query).items()}
        newest_first = self.posts_[::-1]
        if self.by_number:
            number = query.get("page", 0)
            rest = newest_first[number * self.size :]
            following = f"https://diary.example/posts?page={number + 1}"
        else:
            rest = [post for post in newest_first if post < query.get("before", 10**9)]
            following = f"https://diary.example/posts?before={rest[: self.size][-1]}" if rest else ""
        shown = rest[: self.size]
        order = shown[::-1] if self.oldest_first else shown
        return json.dumps({"posts": order, "next": following if len(rest) > self.size else None}).encode()


def capture(url: str, body: bytes) -> Capture:
    return Capture(
        url=url, fetched_at=NOW, status=200, sha256="0" * 64, size=len(body), warc="w", offset=0, length=1
    )


def crawl(
    diary: Diary, kept: dict[str, str], cursor: str | None, pages: int = 10**6, **limits: Any
) -> str | None:
    """One run, killed after `pages` pages; what it leaves is the stored ids and the last stored cursor."""
    visit = Visit(target=TARGET, cursor=Cursor.loads(cursor), **limits)
    step: Any = visit.begin(diary, NOW)
    while isinstance(step, Ask) and pages:
        pages -= 1
        body = diary.answer(step.url)
        page = Page(url=step.url, body=body, target=TARGET, fetched_at=NOW, account=visit.account)
        steps = visit.read(diary, page, capture(step.url, body), step)
        for harvest in (each for each in steps if isinstance(each, Harvest)):
            kept |= {post.native_id: harvest.cursor for post in harvest.posts}
            cursor = harvest.cursor
        assert not [each for each in steps if isinstance(each, Failed)]
        step = steps[-1]
    return cursor


runs = st.lists(
    st.tuples(
        st.integers(0, 23),  # new posts before the run
        st.integers(1, 4),  # pages until it is killed
        st.sampled_from(
            [
                {},
                {},
                {"max_posts": 7},
                {"since": NOW - timedelta(days=30) + timedelta(minutes=20)},
                {"window": timedelta(days=30, minutes=-15), "revisit": True},
                {"window": timedelta(days=30, minutes=-15), "revisit": True, "max_posts": 7},
            ]
        ),
        st.booleans(),  # --full
    ),
    max_size=6,
)


@given(runs=runs, by_number=st.booleans(), oldest_first=st.booleans(), size=st.integers(1, 9))
@settings(max_examples=300, deadline=None)
def test_interrupted_and_limited_runs_leave_no_hole(
    runs: list[tuple[int, int, dict[str, Any], bool]], by_number: bool, oldest_first: bool, size: int
) -> None:
    diary = Diary(size=size, by_number=by_number, oldest_first=oldest_first)
    kept: dict[str, str] = {}
    cursor: str | None = None
    for new, pages, limits, full in runs:
        start = len(diary.posts_)
        diary.posts_ += range(start, start + new)
        cursor = crawl(diary, kept, cursor, pages, full=full, **limits)
    cursor = crawl(diary, kept, cursor)
    assert set(kept) == {str(post) for post in diary.posts_}
    assert Cursor.loads(cursor).walks == ()
    diary.asked.clear()
    crawl(diary, kept, cursor)
    assert len(diary.asked) == 1  # nothing new: one page


@given(killed=st.integers(1, 8), late=st.integers(1, 12))
def test_posts_that_appear_during_a_walk_shift_pages_without_a_hole(killed: int, late: int) -> None:
    diary = Diary(size=4, by_number=True, posts_=list(range(40)))
    kept: dict[str, str] = {}
    cursor = crawl(diary, kept, None, killed)
    diary.posts_ += range(40, 40 + late)
    cursor = crawl(diary, kept, cursor)
    assert len(kept) == 40 + late


def test_a_limit_is_not_owed_and_a_looser_one_goes_on_where_it_stopped() -> None:
    diary = Diary(size=5, posts_=list(range(100)))
    kept: dict[str, str] = {}
    cursor = crawl(diary, kept, None, max_posts=20)
    assert len(kept) == 20
    diary.asked.clear()
    crawl(diary, kept, cursor)
    assert len(kept) == 100
    assert len(diary.asked) == 1 + 16  # the newest page, then only what was missing


def test_since_stops_a_walk_and_asks_for_one_page_afterwards() -> None:
    diary = Diary(size=5, posts_=list(range(100)))
    since = NOW - timedelta(days=30) + timedelta(minutes=80)
    kept: dict[str, str] = {}
    cursor = crawl(diary, kept, None, since=since)
    assert {str(n) for n in range(80, 100)} <= set(kept) and len(kept) < 30
    diary.asked.clear()
    crawl(diary, kept, cursor, since=since)
    assert len(diary.asked) == 1


def test_a_since_that_is_lowered_opens_the_back_fill_again() -> None:
    diary = Diary(size=5, posts_=list(range(100)))
    late, early = (NOW - timedelta(days=30) + timedelta(minutes=m) for m in (80, 30))
    kept: dict[str, str] = {}
    cursor = crawl(diary, kept, None, since=late, window=timedelta(days=14))
    diary.posts_ += range(100, 107)
    cursor = crawl(diary, kept, cursor, since=late, window=timedelta(days=14))
    assert {str(n) for n in range(80, 107)} <= set(kept) and len(kept) < 35
    diary.asked.clear()
    cursor = crawl(diary, kept, cursor, since=early, window=timedelta(days=14))
    assert {str(n) for n in range(30, 107)} <= set(kept) and len(kept) < 85
    assert len(diary.asked) <= 1 + 11, "only what was missing"
    crawl(diary, kept, cursor)
    assert set(kept) == {str(n) for n in diary.posts_}


def day(number: float) -> datetime:
    return NOW - timedelta(days=30) + timedelta(minutes=number)


def test_a_revisit_goes_as_deep_as_its_window_and_no_deeper() -> None:
    diary = Diary(size=5, posts_=list(range(100)))
    kept: dict[str, str] = {}
    cursor = crawl(diary, kept, None)
    diary.asked.clear()
    cursor = crawl(diary, kept, cursor, window=NOW - day(60), revisit=True)
    assert len(diary.asked) == 9, "40 posts, five on a page, and one page to be sure"
    done = Cursor.loads(cursor).revisited
    assert done == Revisit(at=NOW, down_to=day(60))
    diary.asked.clear()
    crawl(diary, kept, cursor, window=NOW - day(60))
    assert len(diary.asked) == 1, "it was done a moment ago"


def test_a_revisit_ends_where_the_back_fill_has_not_been_yet() -> None:
    """What lies below is read for the first time anyway."""
    diary = Diary(size=5, posts_=list(range(100)))
    kept: dict[str, str] = {}
    cursor = crawl(diary, kept, None, max_posts=20, window=NOW - day(10))
    assert Cursor.loads(cursor).revisiting, "the first walk is as good as a revisit"
    cursor = crawl(diary, kept, cursor, max_posts=20)
    diary.asked.clear()
    cursor = crawl(diary, kept, cursor, window=NOW - day(10))
    assert len(diary.asked) <= 1 + 13 and len(kept) == 100
    assert Cursor.loads(cursor).revisited and not Cursor.loads(cursor).walks


def known(number: int, missing: datetime | None = None, seen: datetime | None = None) -> Known:
    return Known(
        native_id=str(number),
        published_at=day(number),
        last_seen_at=seen or NOW - timedelta(days=1),
        missing_since=missing,
    )


def test_suspects_are_what_the_revisit_should_have_shown_and_did_not() -> None:
    over = Revisit(at=NOW, down_to=day(50))
    posts = [known(n) for n in range(40, 60)] + [known(3, missing=NOW - timedelta(days=9))]
    posts += [known(60, seen=NOW + timedelta(seconds=1))]  # shown by an earlier run of this revisit
    shown = {str(n) for n in range(40, 60)} - {"45", "55", "58"}
    assert revisit.suspects(posts, shown, over) == ["3", "58", "55"], "the missing first, then the newest"
    everything = Revisit(at=NOW, down_to=None)
    assert revisit.suspects(posts, shown, everything) == ["3", "58", "55", "45"]


@pytest.mark.parametrize(
    ("says", "missing_for", "state"),
    [
        ("absent", None, "missing"),
        ("absent", timedelta(minutes=5), "missing"),
        ("absent", timedelta(days=1), "gone"),
        ("absent", timedelta(days=-1), "missing"),  # a clock that went backwards proves nothing
        ("deleted", None, "gone"),
        ("withheld", timedelta(days=1), "withheld"),
        ("unclear", timedelta(days=1), None),
        ("live", timedelta(days=1), None),
    ],
)
def test_what_a_verdict_means(says: Any, missing_for: timedelta | None, state: str | None) -> None:
    at = NOW + timedelta(hours=12)
    before = known(1, missing=None if missing_for is None else at - missing_for)
    assert revisit.absence(Verdict(says=says), before, at) == state


def test_midnight_makes_another_day_wherever_the_hours_lie() -> None:
    before = known(1, missing=NOW - timedelta(minutes=1))
    assert revisit.absence(Verdict(says="absent"), before, NOW + timedelta(minutes=1)) == "gone"


def test_full_reads_everything_again() -> None:
    diary = Diary(size=5, posts_=list(range(50)))
    kept: dict[str, str] = {}
    cursor = crawl(diary, kept, None)
    diary.asked.clear()
    crawl(diary, kept, cursor, full=True)
    assert len(diary.asked) == 10


def test_an_old_post_shown_again_on_top_does_not_end_the_walk() -> None:
    mark = Mark(ids=("1", "2"), at=NOW - timedelta(days=9))
    posts = [("1", NOW - timedelta(days=9)), *((str(n), NOW - timedelta(minutes=n)) for n in range(50, 60))]
    assert not Seen.of(posts, "next", NOW).reaches(mark)


def test_a_time_in_the_future_does_not_make_later_posts_old() -> None:
    wrong = Seen.of([("9", NOW + timedelta(days=3000)), ("8", NOW - timedelta(days=1))], None, NOW)
    later = NOW + timedelta(hours=1)
    seen = Seen.of([("11", later), ("10", later)], "next", NOW + timedelta(days=1))
    assert not seen.reaches(wrong.mark)


def test_the_newest_of_deleted_marks_still_end_the_walk() -> None:
    mark = Mark(ids=("5", "4"), at=NOW - timedelta(days=1))
    seen = Seen.of([(str(n), NOW - timedelta(days=5 - n)) for n in (3, 2, 1)], "next", NOW)
    assert seen.reaches(mark)


def walk_round(diary: Diary, pages: Iterator[bytes]) -> Failed | None:
    visit = Visit(target=TARGET)
    step: Any = visit.begin(diary, NOW)
    for body in pages:
        page = Page(url=step.url, body=body, target=TARGET, fetched_at=NOW)
        steps = visit.read(diary, page, capture(step.url, body), step)
        if failed := next((each for each in steps if isinstance(each, Failed)), None):
            return failed
        step = steps[-1]
    return None


def answers(posts: list[list[int]], addresses: list[str]) -> Iterator[bytes]:
    for shown, address in zip(posts, addresses, strict=True):
        yield json.dumps({"posts": shown, "next": f"https://diary.example/{address}"}).encode()


def test_a_page_that_was_read_already_ends_the_walk() -> None:
    failed = walk_round(Diary(), answers([[9, 8], [7, 6]], ["a", "a"]))
    assert failed and "read already" in failed.what


def test_a_few_empty_pages_are_followed_but_not_for_ever() -> None:
    assert walk_round(Diary(), answers([[9], [], [], [8]], list("abcd"))) is None
    failed = walk_round(Diary(), answers([[9], *[[]] * 20], [str(n) for n in range(21)]))
    assert failed and "without posts" in failed.what


def test_the_same_posts_on_ever_new_addresses_end_the_walk() -> None:
    failed = walk_round(Diary(), answers([[9, 8]] * 20, [str(n) for n in range(20)]))
    assert failed and "same 2 posts" in failed.what


def test_an_address_of_a_former_run_that_expired_is_walked_to_again() -> None:
    diary = Diary(size=5, posts_=list(range(30)))
    kept: dict[str, str] = {}
    cursor = crawl(diary, kept, None, 3)
    visit = Visit(target=TARGET, cursor=Cursor.loads(cursor))
    step: Any = visit.begin(diary, NOW)
    expired = False
    while isinstance(step, Ask):
        gone = step.resumed and not expired
        expired |= gone
        body = b"{}" if gone else diary.answer(step.url)
        status = 400 if gone else 200
        page = Page(url=step.url, body=body, status=status, target=TARGET, fetched_at=NOW)
        steps = visit.read(diary, page, capture(step.url, body), step)
        kept |= {post.native_id: "" for each in steps if isinstance(each, Harvest) for post in each.posts}
        step = steps[-1] if steps else None
    assert expired
    assert len(kept) == 30


def test_a_name_that_belongs_to_somebody_else_now_is_read_from_its_beginning() -> None:
    class Named(Diary):
        def account(self, page: Page) -> Account:
            return Account(platform="diary", native_id=owner, handle="someone")

    diary, kept, owner = Named(size=5, posts_=list(range(30))), dict[str, str](), "1"
    cursor = crawl(diary, kept, None)
    owner, kept = "2", {}
    crawl(diary, kept, cursor)
    assert len(kept) == 30


times = st.none() | st.datetimes(timezones=st.just(UTC))
revisits = st.none() | st.builds(Revisit, at=st.datetimes(timezones=st.just(UTC)), down_to=times)
marks = st.builds(Mark, ids=st.lists(st.text(), max_size=50).map(tuple), at=times)
cursors = st.builds(
    Cursor,
    done=st.none() | marks,
    walks=st.lists(
        st.builds(Walk, next=st.text(), top=marks, at=times, full=st.booleans(), revisit=revisits), max_size=4
    ).map(tuple),
    identity=st.none()
    | st.builds(
        Identity,
        native_id=st.text(),
        handle=st.text(),
        url=st.none() | st.text(),
        asked_at=st.datetimes(timezones=st.just(UTC)),
        moved_to=st.none() | st.text(min_size=1),
    ),
    revisited=revisits,
    first=st.none() | st.text(min_size=1),
    validators=st.none()
    | st.builds(Validators, url=st.text(), etag=st.none() | st.text(), last_modified=st.none() | st.text()),
)


@given(cursors)
def test_a_cursor_comes_back_from_its_text(cursor: Cursor) -> None:
    assert Cursor.loads(cursor.dumps()) == cursor


@pytest.mark.parametrize("text", ["{", "[]", '{"v":1}', '{"v":2,"done":null,"walks":[]}', "7"])
def test_a_text_that_is_no_cursor_of_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Cursor.loads(text)
