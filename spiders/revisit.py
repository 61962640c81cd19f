"""Which posts are looked at again, and what follows when one is not there any more. Pure.

A revisit walks the account's own list from its newest post down to the end of the window, at most once in
twenty hours. What is stored and is not on those pages is asked for at its own address. Only there can a post
become *gone*: when the platform says that it was deleted, or shows nothing on two different days (UTC).
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from archiver.errors import PageError
from archiver.posts import Absence, Absent, Known, Post, Problem
from spiders.cursor import Cursor, Revisit
from spiders.page import Page
from spiders.platform import SURPRISES, UNCLEAR, Platform, Verdict

APART = timedelta(hours=20)
REQUESTS = 40  # for single posts in one visit; what is left is asked for at the next revisit


def planned(
    cursor: Cursor,
    now: datetime,
    *,
    window: timedelta | None,
    since: datetime | None,
    forced: bool = False,
    full: bool = False,
) -> Revisit | None:
    """The revisit to begin with the newest page, or None: it is off, too early, or one is under way.

    It goes no deeper than what the newest unfinished walk has read, or than `since`: below lies what is read
    for the first time.
    """
    if full:
        return Revisit(at=now, down_to=since)
    if not window or cursor.revisiting:
        return None
    if not forced and cursor.revisited and now - cursor.revisited.at < APART:
        return None
    reached = cursor.walks[0].at if cursor.walks else None
    return Revisit(at=now, down_to=max(t for t in (now - window, since, reached) if t))


def suspects(
    known: Iterable[Known],
    shown: Collection[str],
    over: Revisit,
    lasting: Callable[[str], str] = lambda native_id: native_id,
) -> list[str]:
    """Posts that should have been on the pages of `over` and were not, and those that were missing before:
    these first, then the newest. `shown` are ids as `lasting` makes them."""

    def is_covered(post: Known) -> bool:
        return over.down_to is None or bool(post.published_at and post.published_at >= over.down_to)

    found = [
        post
        for post in known
        if lasting(post.native_id) not in shown
        and post.last_seen_at < over.at
        and (post.missing_since or is_covered(post))
    ]
    found.sort(key=lambda post: post.published_at or over.at, reverse=True)
    found.sort(key=lambda post: post.missing_since is None)
    return [post.native_id for post in found]


def absence(verdict: Verdict, known: Known | None, at: datetime) -> Absence | None:
    """What a verdict of time `at` means for a post; None: nothing that has to be noted."""
    if verdict.says == "deleted":
        return "gone"
    if verdict.says == "withheld":
        return "withheld"
    if verdict.says != "absent":
        return None
    before = known.missing_since if known else None
    return "gone" if before is not None and at.date() > before.date() else "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a page says of the posts that it was asked for; of what is unclear there is nothing."""

    live: tuple[Post, ...]
    absent: tuple[Absent, ...]
    problems: tuple[Problem, ...]


def judged(platform: Platform, page: Page, about: Iterable[str], known: Iterable[Known]) -> Judged:
    """The verdicts of a page, with those posts read that are there."""
    said = platform.verdicts(page, tuple(about))
    before = {post.native_id: post for post in known}
    live: list[Post] = []
    absent: list[Absent] = []
    problems: list[Problem] = []
    for native_id in about:
        verdict = said.get(native_id, UNCLEAR)
        if verdict.says == "live":
            try:
                live.append(platform.post(verdict.item, page))
            except (PageError, *SURPRISES) as error:
                problems.append(Problem(url=page.url, what=f"{native_id} could not be read: {error}"))
        elif state := absence(verdict, before.get(native_id), page.fetched_at):
            absent.append(Absent(native_id=native_id, state=state))
    return Judged(live=tuple(live), absent=tuple(absent), problems=tuple(problems))
