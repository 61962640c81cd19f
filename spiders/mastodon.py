"""Mastodon's REST API, as Mastodon itself and Pleroma, Akkoma, GoToSocial, hollo, takahe ... speak it.

A watch is `name@host`. Ids are opaque texts that mean something on one server only, so posts and accounts are
`<id>@<host>`, with the watched host even where `base_url` or a split domain sends the requests elsewhere.

Pages follow `max_id` = the last id received, not the Link header: hollo's skips a post a page, and a server
that filters a page after fetching it announces no next one. Only an empty page is the end.

Most servers need no token. ARCHIVER_MASTODON_TOKEN_<HOST> (dots as _) holds the token for one server;
ARCHIVER_MASTODON_TOKEN is used only with `base_url`, since it would otherwise go to every server watched.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from archiver.errors import PageChanged, PageError, Usage
from archiver.posts import Account, Post, Refusal
from spiders import facts, mastodon_status
from spiders.mastodon_status import handle_of, host_of
from spiders.page import Page, Target
from spiders.platform import ABSENT, DELETED, WITHHELD, Mark, Platform, Single, Verdict

HANDLE = re.compile(r"@?([\w.-]*\w)@((?:[\w-]+\.)+[\w-]+|localhost)(:\d{1,5})?")
PATH = re.compile(
    r"/(?:(?:web|deck)/)?@(?P<name>[\w.-]*\w)(?:@(?P<remote>[\w.:-]+))?(?:/.*)?"
    r"|/users/(?P<user>[\w.-]*\w)(?:/statuses/.*|/)?"
)
# They have /@name paths and are certainly no Mastodon servers.
OTHERS = facts.words(
    "t.me telegram.me telegram.dog x.com twitter.com bsky.app tiktok.com medium.com youtube.com threads.net"
    " threads.com instagram.com facebook.com substack.com odysee.com rumble.com npmjs.com hackmd.io"
    " steemit.com hive.blog stackoverflow.com github.com"
)
# What servers say with a 403 or 422 where others say 401; a firewall's 403 says something else.
WANTS_TOKEN = re.compile("authenticat|unauthori|credentials")
# With a token, a server also shows what only its owner may see; that is no public post.
NOT_PUBLIC = ("private", "direct", "mutuals_only", "limited")
LOOKUP, SEARCH, WEBFINGER = "/api/v1/accounts/lookup", "/api/v1/accounts/search", "/.well-known/webfinger"


class Mastodon(Platform):
    name = "mastodon"
    obeys_robots = False
    keeps_history = True
    token_env = "ARCHIVER_MASTODON_TOKEN"

    # -- who --------------------------------------------------------------------------------------

    @classmethod
    def address(cls, pasted: str) -> Target | None:
        pasted = pasted.strip()
        if found := HANDLE.fullmatch(pasted):
            return cls._target(found[1], found[2] + (found[3] or ""))
        try:
            url = urlsplit(pasted)
            host = (url.hostname or "") + (f":{url.port}" if url.port else "")
        except ValueError:
            return None
        bare = (url.hostname or "").removeprefix("www.").removeprefix("m.")
        named = PATH.fullmatch(unquote(url.path))
        if url.scheme not in ("http", "https") or not host or bare in OTHERS or not named:
            return None
        return cls._target(named["name"] or named["user"], named["remote"] or host)

    @classmethod
    def handle(cls, handle: str) -> Target:
        target = cls.address(handle)
        if target is None:
            raise Usage(
                f"mastodon: {handle!r} is no account; write name@host, such as mastodon:name@example.org"
            )
        return target

    @classmethod
    def _target(cls, name: str, host: str) -> Target | None:
        try:  # the form that a server writes its own name in
            host = host.lower() if host.isascii() else host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
        return Target(platform=cls.name, handle=f"{name}@{host}")

    # -- where ------------------------------------------------------------------------------------

    def root(self, target: Target) -> str:
        return (self.config.base_url or f"https://{host_of(target)}").rstrip("/")

    def headers(self, target: Target) -> Mapping[str, str]:
        token = os.environ.get(_token_name(target)) or (self.token if self.config.base_url else None)
        return {"Authorization": f"Bearer {token}"} if token else {}

    def account_url(self, target: Target, account: Account | None = None) -> str:
        if account and not account.native_id.startswith("@"):  # an id outlives a name
            local = quote(_local(account.native_id, target), safe="")
            return f"{self._api(target, account)}/api/v1/accounts/{local}"
        return f"{self.root(target)}{LOOKUP}?{facts.query([('acct', _name(target))])}"

    def first(self, target: Target, account: Account | None, mark: Mark | None) -> str:
        if account is None:
            raise Usage(f"{target}: its account must be looked up before its posts")
        local = _local(account.native_id, target)
        size = max(1, min(self.config.page_size or 40, 40))
        return f"{self._api(target, account)}/api/v1/accounts/{quote(local, safe='')}/statuses?limit={size}"

    def _api(self, target: Target, account: Account) -> str:
        """The server that has the account: with a split domain not the one in the handle."""
        home = facts.host(account.url) if (account.url or "").startswith("https://") else None
        return self.root(target) if self.config.base_url or home is None else f"https://{home}"

    # -- what a page says -------------------------------------------------------------------------

    def elsewhere(self, page: Page) -> str | None:
        """Without `lookup`, WebFinger says where the account lives, and then a search finds it."""
        path, target = urlsplit(page.url).path, page.target
        search = f"?{facts.query([('q', '@' + target.handle), ('limit', '5')])}"
        if path.endswith(WEBFINGER):
            home = _home(facts.complaint(page)) if page.status == 200 else None
            if home and home != host_of(target):
                return f"https://{home}{LOOKUP}?{facts.query([('acct', target.handle)])}"
            return self.root(target) + SEARCH + search
        if not path.endswith(LOOKUP) or not _does_not_know(page):
            return None
        asked = urlsplit(page.url)
        if self.config.base_url or facts.in_query(page.url, "acct") == target.handle:
            return f"{asked.scheme}://{asked.netloc}{path.removesuffix(LOOKUP)}{SEARCH}{search}"
        resource = facts.query([("resource", f"acct:{target.handle}")])
        return f"{self.root(target)}{WEBFINGER}?{resource}"

    def refusal(self, page: Page) -> Refusal | None:
        if page.status == 200:
            if _is_search(page) and _found(page) is None:
                return "not_found"
            about = _is_lookup(page) or _is_account(page)
            if about and facts.table(_account_json(page)).get("suspended") is True:
                return "suspended"
            return None
        error = facts.complaint(page)
        said = str((error or {}).get("error") or (error or {}).get("error_description") or "").lower()
        if page.status == 410:
            return "suspended"
        if page.status == 404 and error is not None:
            return "not_found"
        if page.status == 401 or (page.status in (403, 422) and WANTS_TOKEN.search(said)):
            if "Authorization" in self.headers(page.target):
                own = _token_name(page.target)
                variable = own if os.environ.get(own) else self.config.token_env or self.token_env
                raise PageError(page.url, f"the server refuses the token in {variable}: renew or unset it")
            return "unauthorised"
        return None

    def account(self, page: Page) -> Account | None:
        if not (_is_lookup(page) or _is_search(page) or _is_account(page)):
            return None
        found = _account_json(page)
        if found is None:
            raise PageChanged(page.url, f"no account {page.target.handle} among the answers")
        return mastodon_status.account(found, page)

    def items(self, page: Page) -> Sequence[Any]:
        return [s for s in _statuses(page) if facts.table(s).get("visibility") not in NOT_PUBLIC]

    def next(self, page: Page) -> str | None:
        statuses = _statuses(page)
        ids = [i for s in statuses if (i := facts.filled(facts.table(s).get("id")))]
        if statuses and not ids:
            raise PageChanged(page.url, "no status has an id: older ones cannot be asked for")
        if not ids or ids == [facts.in_query(page.url, "max_id")]:  # some servers repeat the last one
            return None
        return facts.with_query(page.url, {"max_id": ids[-1]})

    def post(self, item: Any, page: Page) -> Post:
        return mastodon_status.post(item, page)

    # -- single posts -----------------------------------------------------------------------------

    def singles(self, page: Page, native_ids: Sequence[str]) -> Iterator[Single]:
        if page.account is None:
            return
        for native_id in native_ids:
            url = self._status_url(native_id, page.target, page.account)
            yield Single(url=url, native_ids=(native_id,))

    def _status_url(self, native_id: str, target: Target, account: Account) -> str:
        local = quote(_local(native_id, target), safe="")
        return f"{self._api(target, account)}/api/v1/statuses/{local}"

    def verdicts(self, page: Page, native_ids: Sequence[str]) -> Mapping[str, Verdict]:
        """Mastodon says 404 in JSON of what is not there or not public; an error page says nothing."""
        said = facts.complaint(page)
        if page.status == 410:
            return dict.fromkeys(native_ids, DELETED)
        if said is None:
            return {}
        if page.status in (401, 403):
            return dict.fromkeys(native_ids, WITHHELD)
        if page.status == 404 and "error" in said:
            return dict.fromkeys(native_ids, ABSENT)
        if page.status != 200 or not facts.filled(said.get("id")):
            return {}
        hidden = facts.table(said.get("account")).get("suspended") is True
        public = said.get("visibility") not in NOT_PUBLIC and not hidden
        return dict.fromkeys(native_ids, Verdict(says="live", item=said) if public else WITHHELD)

    def history_url(self, post: Post, target: Target, account: Account | None) -> str | None:
        if account is None or post.edited_at is None or post.kind == "repost":
            return None
        return self._status_url(post.native_id, target, account) + "/history"

    def history(self, page: Page) -> Sequence[Any]:
        """The versions as statuses: they have no ids, and their `created_at` is when each was written."""
        versions = facts.tables(page.json())
        if versions is None:
            raise PageChanged(page.url, "expected a list of versions")
        if not versions:
            return ()
        published = versions[0].get("created_at")
        shared = {"id": _asked_status(page), "created_at": published}
        return [
            {**version, **shared, "edited_at": None if number == 0 else version.get("created_at")}
            for number, version in enumerate(versions)
        ]

    def moved_to(self, page: Page) -> str | None:
        found = facts.table(_account_json(page)).get("moved")
        return handle_of(facts.table(found), page.target) if found else None


def _local(native_id: str, target: Target) -> str:
    """The id on its own server."""
    return native_id.removesuffix("@" + host_of(target))


def _asked_status(page: Page) -> str:
    found = re.search(r"/api/v1/statuses/([^/]+)/history$", urlsplit(page.url).path)
    return unquote(found[1]) if found else ""


def _is_account(page: Page) -> bool:
    return re.search(r"/api/v1/accounts/(?!lookup$|search$)[^/]+$", urlsplit(page.url).path) is not None


def _name(target: Target) -> str:
    return target.handle.rpartition("@")[0]


def _token_name(target: Target) -> str:
    return "ARCHIVER_MASTODON_TOKEN_" + re.sub(r"\W", "_", host_of(target)).replace("-", "_").upper()


def _statuses(page: Page) -> Sequence[Any]:
    statuses = page.json()
    if not isinstance(statuses, list):
        raise PageChanged(page.url, f"expected a list of statuses, got {type(statuses).__name__}")
    return statuses


def _is_lookup(page: Page) -> bool:
    return urlsplit(page.url).path.endswith(LOOKUP)


def _is_search(page: Page) -> bool:
    return urlsplit(page.url).path.endswith(SEARCH)


def _account_json(page: Page) -> Mapping[str, Any] | None:
    return _found(page) if _is_search(page) else facts.answer(page)


def _found(page: Page) -> Mapping[str, Any] | None:
    """The search result that is the watched account, not merely like it."""
    results = facts.tables(page.json())
    if results is None:
        raise PageChanged(page.url, "expected a list of accounts")
    wanted = page.target.handle.lower()
    return next((r for r in results if (handle_of(r, page.target) or "").lower() == wanted), None)


def _does_not_know(page: Page) -> bool:
    """Whether the answer shows that this server has no `lookup` (as against no such account)."""
    if page.status in (400, 405, 501):
        return True
    return page.status in (200, 404) and facts.complaint(page) is None


def _home(answer: Mapping[str, Any] | None) -> str | None:
    """The host that WebFinger says the account lives on."""
    for link in facts.tables((answer or {}).get("links")) or ():
        href = facts.text(link.get("href")) or ""
        if link.get("rel") == "self" and href.startswith("https://") and (home := facts.host(href)):
            return home
    return None
