"""What Meta's three APIs (Threads, Instagram, Facebook pages) have in common.

The token goes into a header, so that no address carries it; addresses that the answers name for the next page
do, and only their other parameters are used. What an error's number means is Meta's documentation's.
"""

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

from archiver.addresses import without_secrets
from archiver.errors import PageChanged, PageError, Usage
from archiver.posts import Refusal
from spiders import facts
from spiders.page import Page, Target
from spiders.platform import ABSENT, Platform, Single, Verdict

FACEBOOK = "https://graph.facebook.com"
VERSION = "v23.0"
LIMITS = frozenset({4, 17, 32, 613, *range(80000, 80015)})
EXPIRED = frozenset({102, 190, 463, 467})
FORBIDDEN = frozenset({3, 10, *range(200, 300)})
NOT_THERE = (100, 33)  # "Object with ID ... does not exist", while others of its account are shown
NOBODY = frozenset({803})  # no page has that name; for others it is not told apart from a missing permission


class Graph(Platform):
    """Base of the three."""

    obeys_robots = False
    needs_token = True

    hosts: ClassVar[frozenset[str]]
    username: ClassVar[re.Pattern[str]] = re.compile(r"@?([A-Za-z0-9._]{1,30})")
    called: ClassVar[str] = "profile"  # what an account is called there
    example: ClassVar[str]  # an account's address

    # -- who --------------------------------------------------------------------------------------

    @classmethod
    @abstractmethod
    def named_in(cls, url: SplitResult) -> str | None:
        """The name in an address of one of the hosts, or None where it is no account's."""

    @classmethod
    def address(cls, pasted: str) -> Target | None:
        try:
            url = urlsplit(pasted.strip())
            host = (url.hostname or "").removeprefix("www.")
        except ValueError:
            return None
        if url.scheme not in ("http", "https") or host not in cls.hosts:
            return None
        named = cls.username.fullmatch(cls.named_in(url) or "")
        if named is None:
            raise Usage(f"{cls.name}: {pasted!r} is no {cls.called}'s address; paste {cls.example}")
        return Target(platform=cls.name, handle=named[1].lower())

    @classmethod
    def handle(cls, handle: str) -> Target:
        if named := cls.username.fullmatch(handle.strip()):
            return Target(platform=cls.name, handle=named[1].lower())
        target = cls.address(handle)
        if target is None:
            raise Usage(f"{cls.name}: {handle!r} names no {cls.called}; write {cls.name}:name")
        return target

    # -- what an answer says ----------------------------------------------------------------------

    def headers(self, target: Target) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def limited(self, page: Page) -> bool:
        return page.status in (400, 403) and error_of(page).get("code") in LIMITS

    def refusal(self, page: Page) -> Refusal | None:
        """PageError where the token is at fault: it is not the account that refuses."""
        error = error_of(page)
        code = error.get("code")
        if code in NOBODY or self.means_nobody(error):
            return "not_found"
        said = facts.first(error.get("message")) or f"HTTP {page.status}"
        variable = self.config.token_env or self.token_env
        if code in EXPIRED or (page.status == 401 and not error):
            raise PageError(page.url, f"{self.name} refuses the token in {variable}: {said}; renew it")
        if code in FORBIDDEN or (code == 100 and "ermission" in said) or "Public Content Access" in said:
            what = f"the token in {variable} may not read {page.target}: {said}"
            raise PageError(page.url, what)
        if error and page.status == 200:
            raise PageChanged(page.url, f"an error instead of an answer: {said}")
        return None

    def means_nobody(self, error: Mapping[str, Any]) -> bool:
        """Whether the platform's own numbers say that there is no such account."""
        return False

    # -- single posts -----------------------------------------------------------------------------

    def single_url(self, native_id: str, target: Target) -> str | None:
        """Where one post is asked for; None where the API has no such way."""
        return None

    def singles(self, page: Page, native_ids: Sequence[str]) -> Iterator[Single]:
        for native_id in native_ids:
            if url := self.single_url(native_id, page.target):
                yield Single(url=url, native_ids=(native_id,))

    def verdicts(self, page: Page, native_ids: Sequence[str]) -> Mapping[str, Verdict]:
        error, said = error_of(page), facts.complaint(page) or {}
        if (error.get("code"), error.get("error_subcode")) == NOT_THERE:
            return dict.fromkeys(native_ids, ABSENT)
        if page.status != 200 or error:
            return {}
        return {i: Verdict(says="live", item=said) for i in native_ids if said.get("id") == i}


def error_of(page: Page) -> Mapping[str, Any]:
    """The error that an answer holds, or an empty one."""
    return facts.table((facts.complaint(page) or {}).get("error"))


def listed(container: Mapping[str, Any], page: Page, what: str) -> Sequence[Any]:
    """The list in `data`. Raises PageChanged, with the API's own words where it says why there is none."""
    found = container.get("data")
    if not isinstance(found, list):
        why = facts.first(error_of(page).get("message")) or "the answer has no list 'data'"
        raise PageChanged(page.url, f"expected {what}: {why}")
    return found


def following(answer: Mapping[str, Any], page: Page) -> str | None:
    """The page after this one: `paging.next`'s own parameters, else the cursor. A page of none is the end:
    the cursor of the last page is sent as well."""
    paging = facts.table(answer.get("paging"))
    if not answer.get("data"):
        return None
    told = facts.filled(paging.get("next"))
    if told:
        named = parse_qsl(urlsplit(without_secrets(told)).query, keep_blank_values=True)
        return facts.with_query(page.url, dict(named))
    after = facts.filled(facts.table(paging.get("cursors")).get("after"))
    if after is None or after == facts.in_query(page.url, "after"):
        return None
    return facts.with_query(page.url, {"after": after})
