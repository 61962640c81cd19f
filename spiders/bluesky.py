"""Bluesky's public AppView: an account's own posts, replies, quotes and reposts, without a login.

A watch may be named by handle or DID; everything stored is keyed by DID and at:// address, because handles
change hands. A record that changes keeps its address; what it says then differs, so it is a new revision.

With `[platforms.bluesky] source = "pds"` the account's own server is read instead, which its DID document
names: the whole repository of posts, in the same words and under the same addresses, but without counts,
reposts and what others' posts say.

`!no-unauthenticated` is how an account asks not to be shown to people who are not logged in. The AppView
serves its posts all the same; here such an account is refused as "protected", and where others repost or
quote it only the fact is kept (`withheld`), not what it said.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from archiver.errors import BadConfig, PageChanged, Usage
from archiver.posts import Account, Post, Reference, Refusal
from spiders import bluesky_record, bluesky_repository, facts
from spiders.bluesky_record import is_withheld, web_address
from spiders.page import Page, Target
from spiders.platform import ABSENT, DELETED, Mark, Platform, Single, Verdict

DID = re.compile(r"did:(?:plc:[a-z2-7]{24}|web:[A-Za-z0-9.:%-]+)")
HANDLE = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.I)
PROFILE, FEED = "app.bsky.actor.getProfile", "app.bsky.feed.getAuthorFeed"
POSTS, RECORD, REPOST = "app.bsky.feed.getPosts", "com.atproto.repo.getRecord", "app.bsky.feed.repost"
_AT_ONCE = 25  # posts that getPosts takes
ACCOUNT_COUNTS = {"followersCount": "followers", "followsCount": "following", "postsCount": "posts"}
COUNTS = {
    "replyCount": "replies",
    "repostCount": "reposts",
    "quoteCount": "quotes",
    "likeCount": "likes",
    "bookmarkCount": "bookmarks",
}
# What XRPC errors say of the account. "InvalidRequest" is also a wrong parameter of ours, hence the message.
REFUSALS: Mapping[str, Refusal] = {
    "AccountDeactivated": "suspended",
    "AccountTakedown": "suspended",
    "AccountSuspended": "suspended",
    "BlockedActor": "protected",
    "BlockedByActor": "protected",
    "RepoDeactivated": "suspended",
    "RepoTakendown": "suspended",
    "RepoSuspended": "suspended",
    "RepoNotFound": "not_found",
}
NOT_FOUND = ("profile not found", "actor not found", "could not find", "unable to resolve handle")


class Bluesky(Platform):
    name = "bluesky"
    base_url = "https://public.api.bsky.app"
    obeys_robots = False

    # -- who --------------------------------------------------------------------------------------

    @classmethod
    def address(cls, pasted: str) -> Target | None:
        pasted = pasted.strip()
        if pasted.startswith(("at://", "did:")):
            return cls._target(pasted.removeprefix("at://").partition("/")[0])
        if pasted.startswith("@") and pasted.lower().endswith(".bsky.social"):
            return cls._target(pasted[1:])
        try:
            url = urlsplit(pasted)
            host = (url.hostname or "").removeprefix("www.")
        except ValueError:
            return None
        if url.scheme not in ("http", "https"):
            return None
        if host.endswith(".bsky.social"):
            return cls._target(host)
        named = re.match(r"/profile/([^/]+)", unquote(url.path)) if host == "bsky.app" else None
        return cls._target(named[1].removeprefix("@")) if named else None

    @classmethod
    def handle(cls, handle: str) -> Target:
        target = cls._target(handle.strip().removeprefix("at://").removeprefix("@")) or cls.address(handle)
        if target is None:
            raise Usage(
                f"bluesky: {handle!r} is neither a handle nor a DID;"
                " write bluesky:name.bsky.social or bluesky:did:plc:..."
            )
        return target

    @classmethod
    def _target(cls, actor: str) -> Target | None:
        if DID.fullmatch(actor):
            return Target(platform=cls.name, handle=actor)
        return Target(platform=cls.name, handle=actor.lower()) if HANDLE.fullmatch(actor) else None

    # -- where ------------------------------------------------------------------------------------

    def account_url(self, target: Target, account: Account | None = None) -> str:
        actor = account.native_id if account else target.handle  # a DID outlives a handle
        return f"{self.root(target)}/xrpc/{PROFILE}?{facts.query([('actor', actor)])}"

    def first(self, target: Target, account: Account | None, mark: Mark | None) -> str:
        actor = account.native_id if account else target.handle
        if self._from_pds:
            return bluesky_repository.document_address(actor, self.config.directory)
        asked = facts.query(
            [("actor", actor), ("limit", str(self._page_size)), ("filter", "posts_with_replies")]
        )
        return f"{self.root(target)}/xrpc/{FEED}?{asked}"

    @property
    def _from_pds(self) -> bool:
        source = self.config.source or "appview"
        if source not in ("appview", "pds"):
            raise BadConfig(f"platforms.bluesky.source is {source!r}; there are appview, pds")
        return source == "pds"

    def is_first(self, url: str) -> bool:
        return bluesky_repository.is_list(url) == self._from_pds

    def elsewhere(self, page: Page) -> str | None:
        """From an account's DID document to the list of its posts on its server."""
        if not self._from_pds or "/xrpc/" in page.url or page.status != 200:
            return None
        return bluesky_repository.list_address(page, self._page_size)

    @property
    def _page_size(self) -> int:
        return max(1, min(self.config.page_size or 100, 100))

    # -- what a page says -------------------------------------------------------------------------

    def refusal(self, page: Page) -> Refusal | None:
        if page.status == 200:
            return "protected" if _asks_not_to_be_shown(page) else None
        error = facts.complaint(page) if page.status in (400, 401, 403, 404) else None
        if error is None:
            return None
        name, said = str(error.get("error")), str(error.get("message")).lower()
        if name in REFUSALS:
            return REFUSALS[name]
        if name in ("InvalidRequest", "NotFound", "ActorNotFound", "ProfileNotFound"):
            return "not_found" if any(words in said for words in NOT_FOUND) else None
        return None

    def account(self, page: Page) -> Account | None:
        return _account(facts.answer(page), page) if _is_profile(page) else None

    def items(self, page: Page) -> Sequence[Any]:
        answer = facts.answer(page)
        if bluesky_repository.is_list(page.url):
            records = facts.tables(answer.get("records"))
            if records is None:
                raise PageChanged(page.url, "expected a list of records")
            return [bluesky_repository.as_in_feed(record, page) for record in records]
        feed = answer.get("feed")
        if not isinstance(feed, list):
            said = facts.first(answer.get("message"), answer.get("error")) or "the answer has no list 'feed'"
            raise PageChanged(page.url, f"expected an author feed: {said}")
        return feed

    def next(self, page: Page) -> str | None:
        answer = facts.answer(page)
        cursor = facts.filled(answer.get("cursor"))
        if cursor is None or (bluesky_repository.is_list(page.url) and not answer.get("records")):
            return None
        if cursor == facts.in_query(page.url, "cursor") and not answer.get("feed"):
            return None
        return facts.with_query(page.url, {"cursor": cursor})

    def post(self, item: Any, page: Page) -> Post:
        view = facts.table(facts.table(item).get("post"))
        uri = facts.required(view.get("uri"), page, "a post's uri")
        whose = facts.table(view.get("author"))
        author = _account(whose, page)
        record = view.get("record")
        if not isinstance(record, dict):
            raise PageChanged(page.url, f"{uri} has no record")
        quoted = bluesky_record.quoted(view, record)
        answered = bluesky_record.answered(record, facts.table(item.get("reply")))
        said = bluesky_record.wording(record)
        post = Post(
            platform=self.name,
            native_id=uri,
            author=author,
            kind="reply" if answered else "quote" if quoted else "post",
            url=web_address(uri),
            published_at=facts.moment(record.get("createdAt")),
            warning=bluesky_record.warning(record),
            text=said.text,
            languages=_languages(record),
            links=said.links,
            tags=said.tags,
            mentions=said.mentions,
            references=(*answered, *quoted),
            attachments=bluesky_record.attachments(view, record),
            preview=bluesky_record.preview(view),
            metrics=facts.metrics(view, COUNTS),
            withheld=is_withheld(whose),
        )
        reason = facts.table(item.get("reason"))
        if str(reason.get("$type")).endswith("#reasonRepost"):
            post = _reposted(post, reason, quoted, page)
        return _only_the_fact(post) if post.withheld else post

    # -- single posts -----------------------------------------------------------------------------

    def singles(self, page: Page, native_ids: Sequence[str]) -> Iterator[Single]:
        """Posts by getPosts, reposts (which are records, too, but no posts) by getRecord."""
        posts = [uri for uri in native_ids if f"/{bluesky_record.POST}/" in uri and "#" not in uri]
        for start in range(0, len(posts), _AT_ONCE):
            uris = posts[start : start + _AT_ONCE]
            asked = facts.query([("uris", uri) for uri in uris])
            yield Single(url=f"{self.root(page.target)}/xrpc/{POSTS}?{asked}", native_ids=tuple(uris))
        for uri in native_ids:
            parts = uri.removeprefix("at://").split("/")
            if len(parts) == 3 and parts[1] == REPOST:
                asked = facts.query([*zip(("repo", "collection", "rkey"), parts, strict=True)])
                yield Single(url=f"{self.root(page.target)}/xrpc/{RECORD}?{asked}", native_ids=(uri,))

    def verdicts(self, page: Page, native_ids: Sequence[str]) -> Mapping[str, Verdict]:
        """getPosts leaves out what is not there; getRecord says so. A repost that is still there is not told
        anew: its record does not say what it passes on."""
        answer = facts.complaint(page) or {}
        if urlsplit(page.url).path.endswith(RECORD):
            missing = page.status in (400, 404) and answer.get("error") == "RecordNotFound"
            return dict.fromkeys(native_ids, DELETED) if missing else {}
        views = facts.tables(answer.get("posts"))
        if page.status != 200 or views is None:
            return {}
        there = {str(view.get("uri")): Verdict(says="live", item={"post": view}) for view in views}
        return {uri: there.get(uri, ABSENT) for uri in native_ids}


def _reposted(post: Post, reason: Mapping[str, Any], quoted: tuple[Reference, ...], page: Page) -> Post:
    """The repost of a post: the same words, another author, id and time."""
    by = _account(facts.table(reason.get("by")), page)
    original = Reference(
        relation="repost",
        native_id=post.native_id,
        url=post.url,
        author_name=post.author.name,
        author_handle=post.author.handle,
        author_native_id=post.author.native_id,
        published_at=post.published_at,
        available=True,
    )
    return replace(
        post,
        native_id=facts.filled(reason.get("uri")) or f"{post.native_id}#repost-by-{by.native_id}",
        author=by,
        kind="repost",
        # The repost's own record is not in the feed; this is the time that the AppView gives it.
        published_at=facts.moment(reason.get("indexedAt")),
        references=(original, *quoted),
    )


def _only_the_fact(post: Post) -> Post:
    """That there is a post, without what it says."""
    return replace(
        post,
        warning=None,
        text=None,
        languages=None,
        links=None,
        tags=None,
        mentions=None,
        attachments=None,
        preview=None,
    )


def _account(view: Mapping[str, Any], page: Page) -> Account:
    did = facts.required(view.get("did"), page, "an account's DID")
    handle = facts.filled(view.get("handle"))
    verification = facts.table(view.get("verification")).get("verifiedStatus")
    return Account(
        platform=Bluesky.name,
        native_id=did,
        handle=handle if handle and handle != "handle.invalid" else did,
        url=f"https://bsky.app/profile/{did}",
        name=facts.text(view.get("displayName")),
        description=facts.text(view.get("description")),
        avatar_url=facts.filled(view.get("avatar")),
        verified=verification == "valid" if verification else None,
        created_at=facts.moment(view.get("createdAt")),
        metrics=facts.metrics(view, ACCOUNT_COUNTS),
    )


def _languages(record: Mapping[str, Any]) -> tuple[str, ...] | None:
    langs = record.get("langs")
    return tuple(tag for tag in langs if facts.filled(tag)) or None if isinstance(langs, list) else None


def _is_profile(page: Page) -> bool:
    return urlsplit(page.url).path.endswith(PROFILE)


def _asks_not_to_be_shown(page: Page) -> bool:
    """Whether the watched account does, on its profile or as the author of posts in its feed."""
    answer = facts.answer(page)
    if _is_profile(page):
        return is_withheld(answer) is True
    own = {page.account.native_id, page.account.handle} if page.account else {page.target.handle}
    authors = [
        facts.table(facts.table(i.get("post")).get("author")) for i in facts.tables(answer.get("feed")) or ()
    ]
    return any(is_withheld(a) for a in authors if own & {str(a.get("did")), str(a.get("handle")).lower()})
