"""One account in one run: what follows from each page. Pure: no Scrapy, no clock, no database.

A visit asks who the account is (where that is a page of its own, and once a week), reads the newest page,
walks down to what is known, and then goes on where earlier walks stopped. Every answer is a list of steps:
things to store (`Harvest`), things that went wrong (`Failed`), and at most one page to ask for next (`Ask`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urljoin

from archiver.addresses import without_secrets
from archiver.errors import ArchiverError, PageError
from archiver.posts import Account, Capture, Harvest, Refusal
from spiders.cursor import Cursor, Identity, Seen, Validators
from spiders.page import Page, Target
from spiders.platform import Platform, Reading

_HOPS = 3  # pages that only point at another page, in a row
_EMPTY = 5  # pages without posts, in a row, before a walk is given up
_REPEATS = 2  # pages with the very posts of an earlier one, in a row
_ASK_AGAIN = timedelta(days=7)
_GONE = frozenset({400, 404, 410, 422})  # answers to an address of a former run that is no longer good
# What a reader stumbles over when a page is not as documented.
_SURPRISES = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A page to ask for, and why."""

    step: Literal["account", "newest", "older"]
    url: str
    hops: int = 0
    resumed: bool = False  # the address comes from a former run
    validators: Validators | None = None  # ask only if it changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A page that could not be had or read; its account is left alone for the rest of the run."""

    platform: str
    handle: str
    url: str
    what: str
    at: datetime
    capture: Capture | None = None
    rate_limited: bool = False
    changed: bool = False  # the page is there, but not as its platform documents it


Step = Harvest | Failed | Ask


@dataclass(slots=True, kw_only=True, eq=False)
class Visit:
    """`since` and `max_posts` end a walk early; a later visit goes on from there; `full` reads
    everything again."""

    target: Target
    cursor: Cursor = field(default_factory=Cursor)
    since: datetime | None = None
    max_posts: int | None = None
    full: bool = False

    finished: bool = False  # this run wants nothing more of the account
    _account: Account | None = None
    _served: int = 0
    # This run's memory against going round in circles: hashes, because an account may have 100,000 posts.
    _asked: set[int] = field(default_factory=set)
    _shown: set[int] = field(default_factory=set)
    _empty: int = 0
    _repeats: int = 0
    _rewalked: bool = False
    _next: str = ""  # the next address as the page wrote it, credentials and all

    @property
    def account(self) -> Account | None:
        """Who it is, as far as this run or an earlier one knows."""
        if self._account or not self.cursor.identity:
            return self._account
        known = self.cursor.identity
        return Account(
            platform=self.target.platform, native_id=known.native_id, handle=known.handle, url=known.url
        )

    @property
    def after_empty(self) -> bool:
        """Whether the last page read on this walk held no posts."""
        return self._empty > 0

    def begin(self, platform: Platform, now: datetime) -> Ask | Failed:
        """The first page to ask for."""
        identity = self.cursor.identity
        try:
            stale = identity is None or self.full or now - identity.asked_at > _ASK_AGAIN
            if stale and (url := platform.account_url(self.target)):
                return Ask(step="account", url=url)
            return self._newest(platform)
        except PageError as error:
            return self.failed(error.url, error.what, now)
        except (ArchiverError, *_SURPRISES) as error:
            return self.failed(str(self.target), str(error), now)

    def read(self, platform: Platform, page: Page, capture: Capture, ask: Ask) -> Sequence[Step]:
        """What follows from a page that is neither a rate limit nor a server's failure."""
        try:
            if page.status == 304 and ask.validators:
                return [self._harvest(capture), *self._onward()]
            return self._steps(platform, page, capture, ask)
        except PageError as error:
            what = error.what
        except ArchiverError as error:
            what = str(error)
        except _SURPRISES as error:
            what = f"not as {self.target.platform} documents it: {type(error).__name__}: {error}"
        return [self.failed(page.url, what, page.fetched_at, capture, changed=page.status < 400)]

    def failed(
        self,
        url: str,
        what: str,
        at: datetime,
        capture: Capture | None = None,
        *,
        rate_limited: bool = False,
        changed: bool = False,
    ) -> Failed:
        """The end of this visit, and why."""
        self.finished = True
        return Failed(
            platform=self.target.platform,
            handle=self.target.handle,
            url=without_secrets(url),
            what=what,
            at=at,
            capture=capture,
            rate_limited=rate_limited,
            changed=changed,
        )

    # -- one page ---------------------------------------------------------------------------------

    def _steps(self, platform: Platform, page: Page, capture: Capture, ask: Ask) -> Sequence[Step]:
        if url := platform.elsewhere(page):
            return self._follow(urljoin(page.url, url), page, capture, ask)
        if refusal := platform.refusal(page):
            return self._refused(platform, refusal, capture, ask)
        if page.status >= 300 and not _is_the_end(platform, page, ask):
            return self._wrong_status(platform, page, capture, ask)
        if ask.step == "account":
            account = platform.account(page)
            self._meet(account, page.fetched_at)
            self.cursor = replace(self.cursor, first=None)  # found anew from here
            return [self._harvest(capture, account=account), self._newest(platform)]
        return self._reading(platform, page, capture, ask)

    def _follow(self, url: str, page: Page, capture: Capture, ask: Ask) -> Sequence[Step]:
        if ask.hops >= _HOPS or url == page.url:
            what = f"points on and on, at last to {without_secrets(url)}"
            return [self.failed(page.url, what, page.fetched_at, capture)]
        if ask.step == "newest":
            self.cursor = replace(self.cursor, first=without_secrets(url))
        return [self._harvest(capture), Ask(step=ask.step, url=url, hops=ask.hops + 1)]

    def _refused(self, platform: Platform, refusal: Refusal, capture: Capture, ask: Ask) -> Sequence[Step]:
        if ask.step == "newest" and self.cursor.first and not ask.hops:
            # The page found once is gone; perhaps the account points at another one now.
            self.cursor = replace(self.cursor, first=None)
            return [self._newest(platform)]
        self.finished = True
        return [self._harvest(capture, refusal=refusal)]

    def _wrong_status(self, platform: Platform, page: Page, capture: Capture, ask: Ask) -> Sequence[Step]:
        if ask.resumed and page.status in _GONE and self.cursor.walks and not self._rewalked:
            # Where a former run stopped can no longer be asked for (tokens expire): walk down to it again.
            self.cursor = replace(self.cursor.dropped(), validators=None)
            self._rewalked = True
            self._forget()
            return [self._newest(platform)]
        return [self.failed(page.url, f"HTTP {page.status}", page.fetched_at, capture)]

    def _reading(self, platform: Platform, page: Page, capture: Capture, ask: Ask) -> Sequence[Step]:
        reading = platform.read(page)
        account = reading.account if reading.account is not page.account else None
        self._meet(account, page.fetched_at)
        self._next = urljoin(page.url, reading.next) if reading.next else ""
        shown = [(post.native_id, post.published_at) for post in reading.posts]
        seen = Seen.of(shown, without_secrets(self._next) or None, page.fetched_at)
        if ask.step == "newest":
            bounded = platform.only_changes(page)
            cursor = self.cursor.opened(seen, full=self.full, bounded=bounded)
            self.cursor = replace(cursor, validators=_validators(ask, page, reading))
        else:
            self.cursor = self.cursor.advanced(seen)
        self._served += reading.served
        harvest = replace(
            self._harvest(capture, account=account),
            posts=reading.posts,
            served=reading.served,
            problems=reading.problems,
        )
        if trouble := self._circling(reading, seen):
            return [harvest, self.failed(page.url, trouble, page.fetched_at, capture, changed=True)]
        return [harvest, *self._onward()]

    def _circling(self, reading: Reading, seen: Seen) -> str | None:
        """Why this walk leads nowhere, or None while it does."""
        content = hash(frozenset(seen.ids))
        self._empty = 0 if reading.served else self._empty + 1
        self._repeats = self._repeats + 1 if seen.ids and content in self._shown else 0
        self._shown.add(content)
        if not self.cursor.walks or self.cursor.walks[0].next != seen.next:
            return None  # this walk is over
        # An empty page may send us back up, to see whether it was the end or only a tired server.
        if reading.served and hash(seen.next) in self._asked:
            return f"names {seen.next} as the next page, which was read already"
        if self._empty >= _EMPTY:
            return f"{self._empty} pages without posts in a row, and still another one named"
        if self._repeats >= _REPEATS:
            return f"the same {len(seen.ids)} posts again on page after page"
        return None

    # -- where to go ------------------------------------------------------------------------------

    def _newest(self, platform: Platform) -> Ask:
        mark = None if self.full else self.cursor.known
        url = self.cursor.first or platform.first(self.target, self.account, mark)
        held = self.cursor.validators
        same = held is not None and not self.full and held.url == without_secrets(url)
        self._asked.add(hash(without_secrets(url)))
        return Ask(step="newest", url=url, validators=held if same else None)

    def _onward(self) -> Sequence[Ask]:
        """Where the newest walk goes on, unless this run shall not go there."""
        walks = self.cursor.walks
        enough = self.max_posts is not None and self._served >= self.max_posts
        if not walks or enough or (self.since and walks[0].at and walks[0].at < self.since):
            self.finished = True
            return []
        url = walks[0].next
        resumed = url != without_secrets(self._next)
        if resumed:
            self._forget()
        self._asked.add(hash(url))
        return [Ask(step="older", url=url if resumed else self._next, resumed=resumed)]

    def _forget(self) -> None:
        """Another walk begins, which may pass by pages that were read before."""
        self._asked.clear()
        self._shown.clear()
        self._empty = self._repeats = 0
        self._next = ""

    # -- what to keep -----------------------------------------------------------------------------

    def _meet(self, account: Account | None, at: datetime) -> None:
        if account is None:
            return
        self._account = account
        known = self.cursor.identity
        if known and not _same(known.native_id, account.native_id):
            # The name belongs to somebody else now: nothing of theirs is known.
            self.cursor = Cursor(first=self.cursor.first)
        met = Identity(native_id=account.native_id, handle=account.handle, url=account.url, asked_at=at)
        self.cursor = replace(self.cursor, identity=met)

    def _harvest(
        self, capture: Capture, *, account: Account | None = None, refusal: Refusal | None = None
    ) -> Harvest:
        return Harvest(
            platform=self.target.platform,
            handle=self.target.handle,
            capture=capture,
            cursor=self.cursor.dumps(),
            account=account,
            refusal=refusal,
        )


def _is_the_end(platform: Platform, page: Page, ask: Ask) -> bool:
    """Some servers answer with an error past the last page; its platform reads that as a page of none."""
    if ask.step != "older" or page.status not in _GONE:
        return False
    try:
        return not platform.items(page)
    except (PageError, *_SURPRISES):
        return False


def _same(one: str, other: str) -> bool:
    """A fallback id, made from the handle, may become the real one without being somebody else."""
    return one == other or one.startswith("@") or other.startswith("@")


def _validators(ask: Ask, page: Page, reading: Reading) -> Validators | None:
    etag, modified = page.headers.get("etag"), page.headers.get("last-modified")
    if reading.problems or not (etag or modified):
        return None  # a page with unreadable posts is read again, perhaps by a better reader
    return Validators(url=without_secrets(ask.url), etag=etag, last_modified=modified)
