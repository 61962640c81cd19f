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
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from archiver.errors import PageChanged, PageError, Usage
from archiver.posts import (
    Account,
    Attachment,
    Kind,
    LinkPreview,
    MediaKind,
    Poll,
    PollOption,
    Post,
    Reference,
    Refusal,
)
from spiders import facts
from spiders.html import links_of, parse, text_of
from spiders.page import Page, Target
from spiders.platform import Mark, Platform

HANDLE = re.compile(r"@?([\w.-]*\w)@((?:[\w-]+\.)+[\w-]+|localhost)(:\d{1,5})?")
PATH = re.compile(
    r"/(?:(?:web|deck)/)?@(?P<name>[\w.-]*\w)(?:@[\w.-]+)?(?:/.*)?"
    r"|/users/(?P<user>[\w.-]*\w)(?:/statuses/.*|/)?"
)
# They have /@name paths and are certainly no Mastodon servers.
OTHERS = facts.words(
    "t.me telegram.me telegram.dog x.com twitter.com bsky.app tiktok.com medium.com youtube.com threads.net"
    " threads.com instagram.com facebook.com substack.com odysee.com rumble.com npmjs.com hackmd.io"
    " steemit.com hive.blog stackoverflow.com github.com"
)
MEDIA: Mapping[str, MediaKind] = {"image": "image", "gifv": "animation", "video": "video", "audio": "audio"}
COUNTS = {
    "replies_count": "replies",
    "reblogs_count": "reposts",
    "quotes_count": "quotes",
    "favourites_count": "likes",
}
ACCOUNT_COUNTS = {
    "followers_count": "followers",
    "following_count": "following",
    "statuses_count": "posts",
}
# What a quote's state says of the quoted post; pending and unknown ones say nothing.
SHOWN = {"accepted": True} | dict.fromkeys(
    ("rejected", "revoked", "deleted", "unauthorized", "blocked_account", "blocked_domain", "muted_account"),
    False,
)
LOOKUP, SEARCH, WEBFINGER = "/api/v1/accounts/lookup", "/api/v1/accounts/search", "/.well-known/webfinger"


class Mastodon(Platform):
    name = "mastodon"
    obeys_robots = False
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
        return cls._target(named["name"] or named["user"], host)

    @classmethod
    def handle(cls, handle: str) -> Target:
        target = cls.address(handle)
        if target is None:
            raise Usage(
                f"mastodon: {handle!r} is no account; write name@host, such as mastodon:name@example.org"
            )
        return target

    @classmethod
    def _target(cls, name: str, host: str) -> Target:
        return Target(platform=cls.name, handle=f"{name}@{host.lower()}")

    # -- where ------------------------------------------------------------------------------------

    def root(self, target: Target) -> str:
        return (self.config.base_url or f"https://{_host(target)}").rstrip("/")

    def headers(self, target: Target) -> Mapping[str, str]:
        token = os.environ.get(_token_name(target)) or (self.token if self.config.base_url else None)
        return {"Authorization": f"Bearer {token}"} if token else {}

    def account_url(self, target: Target) -> str:
        return f"{self.root(target)}{LOOKUP}?{facts.query([('acct', _name(target))])}"

    def first(self, target: Target, account: Account | None, mark: Mark | None) -> str:
        if account is None:
            raise Usage(f"{target}: its account must be looked up before its posts")
        local = account.native_id.removesuffix("@" + _host(target))
        size = max(1, min(self.config.page_size or 40, 40))
        return f"{self._api(target, account)}/api/v1/accounts/{quote(local, safe='')}/statuses?limit={size}"

    def _api(self, target: Target, account: Account) -> str:
        """The server that has the account: with a split domain not the one in the handle."""
        home = urlsplit(account.url or "")
        if self.config.base_url or home.scheme != "https" or not home.netloc or "@" in home.netloc:
            return self.root(target)
        return f"https://{home.netloc}"

    # -- what a page says -------------------------------------------------------------------------

    def elsewhere(self, page: Page) -> str | None:
        """Without `lookup`, WebFinger says where the account lives, and then a search finds it."""
        path, target = urlsplit(page.url).path, page.target
        search = f"?{facts.query([('q', '@' + target.handle), ('limit', '5')])}"
        if path.endswith(WEBFINGER):
            home = _home(facts.complaint(page)) if page.status == 200 else None
            if home and home != _host(target):
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
            if _is_lookup(page) and facts.table(_account_json(page)).get("suspended") is True:
                return "suspended"
            return None
        error = facts.complaint(page)
        said = str((error or {}).get("error") or (error or {}).get("error_description") or "").lower()
        if page.status == 410:
            return "suspended"
        if page.status == 404 and error is not None:
            return "not_found"
        if page.status == 401 or (page.status in (403, 422) and "authenticat" in said):
            if "Authorization" in self.headers(page.target):
                own = _token_name(page.target)
                variable = own if os.environ.get(own) else self.token_env
                raise PageError(page.url, f"the server refuses the token in {variable}: renew or unset it")
            return "unauthorised"
        return None

    def account(self, page: Page) -> Account | None:
        if not (_is_lookup(page) or _is_search(page)):
            return None
        found = _account_json(page)
        if found is None:
            raise PageChanged(page.url, f"no account {page.target.handle} among the answers")
        return self._account(found, page)

    def items(self, page: Page) -> Sequence[Any]:
        statuses = page.json()
        if not isinstance(statuses, list):
            raise PageChanged(page.url, f"expected a list of statuses, got {type(statuses).__name__}")
        return statuses

    def next(self, page: Page) -> str | None:
        ids = [s["id"] for s in self.items(page) if isinstance(s, dict) and isinstance(s.get("id"), str)]
        if not ids:
            if self.items(page):
                raise PageChanged(page.url, "no status has an id: older ones cannot be asked for")
            return None
        older = facts.with_query(page.url, {"max_id": ids[-1]})
        return older if facts.in_query(page.url, "max_id") != ids[-1] else None

    def post(self, item: Any, page: Page) -> Post:
        if not isinstance(item, dict):
            raise PageChanged(page.url, f"expected a status, got {type(item).__name__}")
        native_id = facts.required(item.get("id"), page, "a status's id")
        author = self._account(facts.table(item.get("account")), page)
        original = facts.table(item.get("reblog"))
        said = original or item  # a repost says what its original says
        content = facts.text(said.get("content"))
        root = parse(content) if content else None
        kind, references = self._references(item, said, page)
        tags, mentions = facts.tables(said.get("tags")), facts.tables(said.get("mentions"))
        return Post(
            platform=self.name,
            native_id=f"{native_id}@{_host(page.target)}",
            author=author,
            kind=kind,
            url=facts.filled(item.get("url")) or facts.filled(item.get("uri")),
            published_at=facts.moment(item.get("created_at")),
            edited=bool(said["edited_at"]) if "edited_at" in said else None,
            edited_at=facts.moment(said.get("edited_at")),
            warning=facts.text(said.get("spoiler_text")),
            text=None if content is None else "" if root is None else text_of(root),
            html=content,
            languages=(said["language"],) if facts.filled(said.get("language")) else None,
            links=_links(root, tags, mentions) if content is not None else None,
            tags=None if tags is None else tuple(t["name"] for t in tags if facts.filled(t.get("name"))),
            mentions=None if mentions is None else tuple(_full(m, page) for m in mentions if m.get("acct")),
            references=references,
            attachments=_attachments(said),
            poll=_poll(said.get("poll")),
            preview=_preview(said.get("card")),
            metrics=facts.metrics(said, COUNTS),
        )

    # -- pieces -----------------------------------------------------------------------------------

    def _account(self, found: Mapping[str, Any], page: Page) -> Account:
        host = _host(page.target)
        native_id = facts.required(found.get("id"), page, "an account's id")
        note = facts.text(found.get("note"))
        return Account(
            platform=self.name,
            native_id=f"{native_id}@{host}",
            handle=_full(found, page),
            url=facts.filled(found.get("url")),
            name=facts.text(found.get("display_name")),
            description=None if note is None else text_of(note),
            avatar_url=facts.filled(found.get("avatar")),
            created_at=facts.moment(found.get("created_at")),
            metrics=facts.metrics(found, ACCOUNT_COUNTS),
        )

    def _references(
        self, item: Mapping[str, Any], said: Mapping[str, Any], page: Page
    ) -> tuple[Kind, tuple[Reference, ...] | None]:
        host = _host(page.target)
        quoted = _quote(said, page)
        if said is not item:
            of = self._account(facts.table(said.get("account")), page)
            repost = Reference(
                relation="repost",
                native_id=f"{facts.required(said.get('id'), page, 'the reposted id')}@{host}",
                url=facts.filled(said.get("url")) or facts.filled(said.get("uri")),
                author_name=of.name,
                author_handle=of.handle,
                author_native_id=of.native_id,
                published_at=facts.moment(said.get("created_at")),
                available=True,
            )
            return "repost", (repost, *quoted)
        answered = facts.filled(item.get("in_reply_to_id"))
        if answered is None:
            known = "in_reply_to_id" in item
            return ("quote" if quoted else "post"), quoted or (() if known else None)
        return "reply", (_reply(item, answered, page), *quoted)


def _host(target: Target) -> str:
    return target.handle.rpartition("@")[2]


def _name(target: Target) -> str:
    return target.handle.rpartition("@")[0]


def _token_name(target: Target) -> str:
    return "ARCHIVER_MASTODON_TOKEN_" + re.sub(r"\W", "_", _host(target)).replace("-", "_").upper()


def _full(account: Mapping[str, Any], page: Page) -> str:
    """`name@host`; a server calls its own accounts by name alone."""
    acct = facts.filled(account.get("acct")) or facts.required(account.get("username"), page, "a handle")
    return acct if "@" in acct else f"{acct}@{_host(page.target)}"


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
    return next((r for r in results if r.get("acct") and _full(r, page).lower() == wanted), None)


def _does_not_know(page: Page) -> bool:
    """Whether the answer shows that this server has no `lookup` (as against no such account)."""
    if page.status in (400, 405, 501):
        return True
    return page.status in (200, 404) and facts.complaint(page) is None


def _home(answer: Mapping[str, Any] | None) -> str | None:
    """The host that WebFinger says the account lives on."""
    for link in facts.tables((answer or {}).get("links")) or ():
        if link.get("rel") == "self" and (href := facts.filled(link.get("href"))):
            try:
                home = urlsplit(href)
                port = f":{home.port}" if home.port else ""
            except ValueError:
                continue
            if home.scheme == "https" and home.hostname:
                return home.hostname + port
    return None


def _reply(item: Mapping[str, Any], answered: str, page: Page) -> Reference:
    host = _host(page.target)
    author = facts.filled(item.get("in_reply_to_account_id"))
    known = [a for a in facts.tables(item.get("mentions")) or () if a.get("id") == author and a.get("acct")]
    own = facts.table(item.get("account"))
    people = known or ([own] if author and own.get("id") == author else [])
    return Reference(
        relation="reply",
        native_id=f"{answered}@{host}",
        author_handle=_full(people[0], page) if people else None,
        author_native_id=f"{author}@{host}" if author else None,
    )


def _quote(said: Mapping[str, Any], page: Page) -> tuple[Reference, ...]:
    """Mastodon 4.4+ wraps the quoted status with a state; Fedibird, Pleroma and hollo give it bare."""
    host = _host(page.target)
    fork = facts.table(said.get("pleroma"))
    quote = facts.table(said.get("quote")) or facts.table(fork.get("quote"))
    wrapped = "state" in quote or "quoted_status" in quote
    status = facts.table(quote.get("quoted_status")) if wrapped else quote
    shown = SHOWN.get(str(quote.get("state"))) if wrapped else (True if status else None)
    of = facts.table(status.get("account"))
    native_id = next(
        filter(
            None,
            map(
                facts.filled,
                (status.get("id"), quote.get("quoted_status_id"), said.get("quote_id"), fork.get("quote_id")),
            ),
        ),
        None,
    )
    url = (
        facts.filled(status.get("url"))
        or facts.filled(status.get("uri"))
        or facts.filled(fork.get("quote_url"))
    )
    if not quote and not native_id and not url:
        return ()
    content = facts.text(status.get("content"))
    return (
        Reference(
            relation="quote",
            native_id=f"{native_id}@{host}" if native_id else None,
            url=url,
            author_name=facts.text(of.get("display_name")),
            author_handle=_full(of, page) if of else None,
            author_native_id=f"{of['id']}@{host}" if facts.filled(of.get("id")) else None,
            published_at=facts.moment(status.get("created_at")),
            text=None if content is None else text_of(content),
            available=shown,
        ),
    )


def _links(
    root: Any, tags: Sequence[Mapping[str, Any]] | None, mentions: Sequence[Mapping[str, Any]] | None
) -> tuple[str, ...]:
    """The links that the author wrote: not those that the server made of #tags and @mentions."""
    if root is None:
        return ()
    made = {entry.get("url") for entry in (*(tags or ()), *(mentions or ()))}
    for anchor in root.iter("a"):
        if {"mention", "hashtag"} & set((anchor.get("class") or "").split()):
            made.add(anchor.get("href"))
    return tuple(link for link in links_of(root) if link not in made)


def _attachments(said: Mapping[str, Any]) -> tuple[Attachment, ...] | None:
    media = facts.tables(said.get("media_attachments"))
    return None if media is None else tuple(map(_attachment, media))


def _attachment(media: Mapping[str, Any]) -> Attachment:
    meta = facts.table(media.get("meta"))
    size = facts.table(meta.get("original")) or meta
    url = facts.filled(media.get("url")) or facts.filled(media.get("remote_url"))
    return Attachment(
        kind=MEDIA.get(str(media.get("type")), "unknown"),
        key=facts.filled(media.get("id")),
        url=url,
        preview_url=facts.filled(media.get("preview_url")),
        alt=facts.text(media.get("description")),
        content_type=facts.filled(facts.table(media.get("pleroma")).get("mime_type")),
        width=facts.count(size.get("width")),
        height=facts.count(size.get("height")),
        duration_seconds=facts.number(size.get("duration")),
        available=None if url else False,
    )


def _poll(said: Any) -> Poll | None:
    options = facts.tables(facts.table(said).get("options"))
    if options is None:
        return None
    multiple = facts.flag(said.get("multiple"))
    voters = facts.count(said.get("voters_count"))
    if voters is None and multiple is False:  # one vote each
        voters = facts.count(said.get("votes_count"))
    return Poll(
        options=tuple(
            PollOption(text=str(o.get("title") or ""), votes=facts.count(o.get("votes_count")))
            for o in options
        ),
        voters=voters,
        closes_at=facts.moment(said.get("expires_at")),
        closed=facts.flag(said.get("expired")),
        multiple=multiple,
    )


def _preview(card: Any) -> LinkPreview | None:
    card = facts.table(card)
    url = facts.filled(card.get("url"))
    if url is None:
        return None
    return LinkPreview(
        url=url,
        title=facts.text(card.get("title")),
        description=facts.text(card.get("description")),
        site=facts.filled(card.get("provider_name")),
        image_url=facts.filled(card.get("image")),
    )
