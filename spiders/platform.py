"""What a platform module has to say: which address is whose, what a page holds, where the next one is.

A platform is a pure reader. `spiders.base.AccountSpider` asks for the pages; nothing here knows Scrapy's
engine, a clock or the database. One page is read in this order:

    elsewhere(page)   the page only points at the one wanted (a site that announces its feed)
    refusal(page)     the platform says no: no such account, no public preview ...
    account(page)     who this is
    items(page)       the posts' raw pieces, in the page's order; their number is what was *served*
    post(item, page)  one piece as a Post
    next(page)        the address of the page with older posts, or None at the end

A post that is stored and no longer listed is asked for at its own address:

    singles(...)      the requests that ask for single posts, several in one where the platform allows it
    verdicts(page)    what such a page says of each
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from archiver.config import PlatformConfig
from archiver.errors import PageError
from archiver.posts import Account, Post, Problem, Refusal
from spiders.page import Page, Target

if TYPE_CHECKING:
    from spiders.cursor import Cursor


# What a reader stumbles over when a page is not as documented.
SURPRISES = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far an account is known: the newest ids stored (newest first) and the time of the newest."""

    ids: tuple[str, ...]
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that one page said. `problems` are posts that could not be read, each named."""

    account: Account | None
    posts: tuple[Post, ...]
    served: int
    problems: tuple[Problem, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """One request that asks for single posts by their native ids."""

    url: str
    native_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the page of a single post says. live: `item` is its raw piece, as of `items`. absent: not there.
    deleted: the platform says in its own words that it was taken away. withheld: kept back, which is no
    deletion. unclear: an error, a login wall, anything that is no answer about this post."""

    says: Literal["live", "absent", "deleted", "withheld", "unclear"]
    item: Any = None


ABSENT, DELETED, WITHHELD, UNCLEAR = (
    Verdict(says="absent"),
    Verdict(says="deleted"),
    Verdict(says="withheld"),
    Verdict(says="unclear"),
)


class Platform(ABC):
    """Base of every platform module. A subclass sets the attributes and overrides the methods below."""

    name: str
    base_url: ClassVar[str] = ""  # the real one; archiver.toml may name another
    obeys_robots: ClassVar[bool] = True  # False for documented APIs, which follow their own limits
    token_env: ClassVar[str | None] = None  # the environment variable that holds a token, if one is used
    needs_token: ClassVar[bool] = False
    delay: ClassVar[float] = 1.0  # seconds between two requests to one host, unless configured
    keeps_history: ClassVar[bool] = False  # whether it tells what edited posts said before
    reach: ClassVar[int | None] = None  # the platform lists only so many of an account's newest posts

    config: PlatformConfig = PlatformConfig()
    token: str | None = None  # value of the environment variable; never stored, never logged

    # -- who --------------------------------------------------------------------------------------

    @classmethod
    @abstractmethod
    def address(cls, pasted: str) -> Target | None:
        """The account that a pasted address names, or None when it is not this platform's.

        Also takes the bare HANDLE of `PLATFORM:HANDLE`, without its prefix, through `handle()`.
        """

    @classmethod
    @abstractmethod
    def handle(cls, handle: str) -> Target:
        """The account of `PLATFORM:HANDLE`, canonical. Raises errors.Usage when it cannot be one."""

    # -- where ------------------------------------------------------------------------------------

    def root(self, target: Target) -> str:
        """The base address to ask, without a slash at its end."""
        return (self.config.base_url or self.base_url).rstrip("/")

    def headers(self, target: Target) -> Mapping[str, str]:
        """Request headers beyond the usual ones; the token goes here and nowhere else."""
        return {}

    def account_url(self, target: Target, account: Account | None = None) -> str | None:
        """The page that tells who the target is, where that is not its first page of posts. An `account` that
        is known already is asked for by its id, where the platform can: it may have another name by now."""
        return None

    @abstractmethod
    def first(self, target: Target, account: Account | None, mark: Mark | None) -> str:
        """The page with the newest posts. `mark` is what is known already, for APIs that can be asked
        only for what is newer."""

    def is_first(self, url: str) -> bool:
        """Whether an address that an earlier run was led to is still where the newest posts are asked for."""
        return True

    # -- what a page says -------------------------------------------------------------------------

    def only_changes(self, page: Page) -> bool:
        """Whether the page holds only what is new *or changed*, so that known posts on it are no end."""
        return False

    def elsewhere(self, page: Page) -> str | None:
        return None

    def limited(self, page: Page) -> bool:
        """Whether the platform says "not now" in its own words instead of HTTP's (429, 503)."""
        return False

    def refusal(self, page: Page) -> Refusal | None:
        """Why the platform shows nothing of this account. Only for answers that mean it for good or until the
        account changes; 429 and 5xx are the base class's business."""
        return None

    def account(self, page: Page) -> Account | None:
        """Who the page is about, as far as it says. Raises PageChanged when it should say and does not."""
        return None

    @abstractmethod
    def items(self, page: Page) -> Sequence[Any]:
        """The raw pieces that are posts. Raises PageChanged when the page is not what was asked for.
        An empty sequence means: the platform says that there are none. Past the last page it is also asked
        about an answer of 400, 404, 410 or 422: empty then means that this is how the platform says so."""

    @abstractmethod
    def post(self, item: Any, page: Page) -> Post:
        """One of `items` as a Post. Raises PageError, or whatever a surprise makes it stumble over."""

    def next(self, page: Page) -> str | None:
        """The address of the next older page; None only where the platform says that this was the last."""
        return None

    @staticmethod
    def lasting(native_id: str) -> str:
        """What of a post's id stays as it is when its account takes another name."""
        return native_id

    @classmethod
    def unread_numbers(cls, cursor: "Cursor") -> int | None:
        """Where an account numbers its posts one by one: how many numbers between its newest and its first
        stored post were never on a page that was asked for. None: it does not number them."""
        return None

    # -- single posts -----------------------------------------------------------------------------

    def singles(self, page: Page, native_ids: Sequence[str]) -> Iterator[Single]:
        """The requests that ask for these posts, which the list that ends with `page` does not show any more;
        those that have no address of their own are left out."""
        return iter(())

    def verdicts(self, page: Page, native_ids: Sequence[str]) -> Mapping[str, Verdict]:
        """What the answer says of each post that was asked for; one that is left out is unclear. Of any
        status but those that mean "not now" (429, 5xx)."""
        return {}

    def history_url(self, post: Post, target: Target, account: Account | None) -> str | None:
        """Where the platform tells what an edited post said before."""
        return None

    def history(self, page: Page) -> Sequence[Any]:
        """All versions, the oldest first, as `items`; empty where the server keeps none."""
        return ()

    def moved_to(self, page: Page) -> str | None:
        """The account's new place as a watch is named, where the account's page says that it has moved."""
        return None

    # -- put together -----------------------------------------------------------------------------

    def posts(self, page: Page) -> Iterator[Post]:
        """Every post of the page; the first that cannot be read raises."""
        return (self.post(item, page) for item in self.items(page))

    def read(self, page: Page) -> Reading:
        """Everything the page says. One unreadable post does not hide the others: it becomes a Problem."""
        account = self.account(page) or page.account
        items = self.items(page)
        posts: list[Post] = []
        unread: list[str] = []
        for item in items:
            try:
                posts.append(self.post(item, page))
            except PageError as error:
                unread.append(error.what)
            except (LookupError, TypeError, ValueError, AttributeError, AssertionError) as error:
                unread.append(f"a post could not be read: {type(error).__name__}: {error}")
        return Reading(
            account=account,
            posts=tuple(posts),
            served=len(items),
            problems=tuple(Problem(url=page.url, what=what) for what in _told_apart(unread)),
            next=self.next(page),
        )


def _told_apart(unread: Sequence[str]) -> Iterator[str]:
    """Two posts of a page with the same trouble are two problems; their place on the page tells nothing,
    because it changes with every new post."""
    for index, what in enumerate(unread):
        before = unread[:index].count(what)
        yield f"{what} (post {before + 1} like this)" if before else what
