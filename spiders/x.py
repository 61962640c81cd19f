"""X's API v2: an account's own timeline (the newest 3,200 posts), with a bearer token.

The contract has two spellings, `tweet.fields`/`referenced_tweets`/`note_tweet` and the newer
`post.fields`/`referenced_posts`/`note_post`. `[platforms.x] spelling` says which is asked for; both are read.

An edit is a post of its own with a new id; the ids of the other versions are its `group_ids`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from archiver.errors import BadConfig, PageChanged, PageError, Usage
from archiver.posts import Account, Post, Refusal
from spiders import facts, x_post
from spiders.page import Page, Target
from spiders.platform import ABSENT, UNCLEAR, WITHHELD, Mark, Platform, Single, Verdict

USERNAME = re.compile(r"@?([A-Za-z0-9_]{1,15})")
HOSTS = frozenset({"x.com", "twitter.com", "mobile.x.com", "mobile.twitter.com"})
RESERVED = facts.words(
    "about account compose download explore hashtag home i intent jobs login logout messages notifications"
    " privacy search settings share signup tos"
)
USER_FIELDS = (
    "created_at,description,entities,id,name,profile_image_url,protected,public_metrics,username,"
    "verified,verified_type"
)
COMMON = {
    "user.fields": USER_FIELDS,
    "media.fields": "alt_text,duration_ms,height,media_key,preview_image_url,type,url,variants,width",
    "poll.fields": "duration_minutes,end_datetime,id,options,voting_status",
}
# What is asked for in each spelling: a name that the server does not know is a 400 for the whole request.
SPELLINGS: Mapping[str, Mapping[str, str]] = {
    "tweet": {
        "tweet.fields": "article,attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,"
        "entities,id,in_reply_to_user_id,lang,note_tweet,possibly_sensitive,public_metrics,"
        "referenced_tweets,text,withheld",
        "expansions": "attachments.media_keys,attachments.poll_ids,author_id,in_reply_to_user_id,"
        "referenced_tweets.id,referenced_tweets.id.attachments.media_keys,"
        "referenced_tweets.id.author_id",
        **COMMON,
    },
    "post": {
        "post.fields": "article,attachments,author_id,conversation_id,created_at,entities,id,lang,note_post,"
        "possibly_sensitive,public_metrics,text,withheld",
        "expansions": "attachments.media_keys,attachments.poll_ids,author_id,edit_history_post_ids,"
        "in_reply_to_user_id,referenced_posts",
        **COMMON,
    },
}


class X(Platform):
    name = "x"
    base_url = "https://api.x.com"
    obeys_robots = False
    token_env = "X_BEARER_TOKEN"
    needs_token = True
    reach = 3200

    # -- who --------------------------------------------------------------------------------------

    @classmethod
    def address(cls, pasted: str) -> Target | None:
        try:
            url = urlsplit(pasted.strip())
            host = (url.hostname or "").removeprefix("www.")
        except ValueError:
            return None
        named = USERNAME.fullmatch(url.path.strip("/").partition("/")[0])
        if url.scheme not in ("http", "https") or host not in HOSTS or not named:
            return None
        return None if named[1].lower() in RESERVED else Target(platform=cls.name, handle=named[1])

    @classmethod
    def handle(cls, handle: str) -> Target:
        named = USERNAME.fullmatch(handle.strip())
        if named:
            return Target(platform=cls.name, handle=named[1])
        target = cls.address(handle)
        if target is None:
            raise Usage(f"x: {handle!r} is no username; write x:name (letters, digits and _, at most 15)")
        return target

    # -- where ------------------------------------------------------------------------------------

    def headers(self, target: Target) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def account_url(self, target: Target, account: Account | None = None) -> str:
        if account and account.native_id.isdecimal():  # an id outlives a username
            return f"{self.root(target)}/2/users/{account.native_id}?user.fields={USER_FIELDS}"
        return f"{self.root(target)}/2/users/by/username/{target.handle}?user.fields={USER_FIELDS}"

    def first(self, target: Target, account: Account | None, mark: Mark | None) -> str:
        if account is None:
            raise Usage(f"{target}: its account must be looked up before its posts")
        known = [int(i) for i in mark.ids if i.isascii() and i.isdigit()] if mark else []
        asked = {
            "max_results": str(max(5, min(self.config.page_size or 100, 100))),
            **({"since_id": str(max(known))} if known else {}),
            **self._fields,
        }
        return f"{self.root(target)}/2/users/{account.native_id}/tweets?{facts.query([*asked.items()])}"

    @property
    def _fields(self) -> Mapping[str, str]:
        spelling = self.config.spelling or "tweet"
        if spelling not in SPELLINGS:
            raise BadConfig(f"platforms.x.spelling is {spelling!r}; there are {', '.join(SPELLINGS)}")
        return SPELLINGS[spelling]

    # -- what a page says -------------------------------------------------------------------------

    def refusal(self, page: Page) -> Refusal | None:
        answer = facts.complaint(page)
        if answer is None or page.status == 429 or page.status >= 500:
            return None
        if page.status == 200 and (answer.get("data") is not None or "meta" in answer):
            user = facts.table(answer.get("data"))
            return "protected" if _is_profile(page) and user.get("protected") is True else None
        named = [answer] if answer.get("resource_type") == "user" else []
        for error in (*(facts.tables(answer.get("errors")) or ()), *named):
            if said := _refusal(error):
                return said
        if page.status in (401, 402, 403):
            detail = facts.first(answer.get("detail"), answer.get("title")) or "no reason given"
            raise PageError(
                page.url,
                f"X refuses the token in {self._variable}: {page.status} {detail}; check it and its plan",
            )
        return None

    @property
    def _variable(self) -> str:
        return self.config.token_env or str(self.token_env)

    def account(self, page: Page) -> Account | None:
        if _is_profile(page):
            user = facts.answer(page).get("data")
            if not isinstance(user, dict):
                raise PageChanged(page.url, "expected a user, but the answer has no object 'data'")
            return x_post.account(user, page)
        included = x_post.Included.of(facts.answer(page))
        user = included.users.get(_asked_for(page) or "")
        return x_post.account(user, page) if user and facts.filled(user.get("username")) else None

    def items(self, page: Page) -> Sequence[Any]:
        answer = facts.answer(page)
        posts, meta = answer.get("data"), facts.table(answer.get("meta"))
        if posts is None and meta.get("result_count") == 0:
            return ()
        if not isinstance(posts, list):
            raise PageChanged(page.url, f"expected a list of posts: {_why(answer)}")
        included = x_post.Included.of(answer)
        return tuple(x_post.Item(raw=raw, included=included) for raw in posts)

    def post(self, item: Any, page: Page) -> Post:
        return x_post.post(item, page, author_id=_asked_for(page))

    def next(self, page: Page) -> str | None:
        answer = facts.answer(page)
        token = facts.filled(facts.table(answer.get("meta")).get("next_token"))
        if token is None:
            return None
        if token == facts.in_query(page.url, "pagination_token") and not answer.get("data"):
            return None
        return facts.with_query(page.url, {"pagination_token": token})

    # -- single posts -----------------------------------------------------------------------------

    def singles(self, page: Page, native_ids: Sequence[str]) -> Iterator[Single]:
        ids = [i for i in native_ids if i.isascii() and i.isdigit()]
        for start in range(0, len(ids), 100):
            asked = facts.query([("ids", ",".join(ids[start : start + 100])), *self._fields.items()])
            url = f"{self.root(page.target)}/2/tweets?{asked}"
            yield Single(url=url, native_ids=tuple(ids[start : start + 100]))

    def verdicts(self, page: Page, native_ids: Sequence[str]) -> Mapping[str, Verdict]:
        """Posts that are not there have an error of their own, or are left out; X does not tell why a post is
        not found, but tells when its account is protected or suspended."""
        answer = facts.complaint(page)
        if page.status != 200 or answer is None:
            return {}
        posts, errors = facts.tables(answer.get("data")), facts.tables(answer.get("errors"))
        if posts is None and errors is None:
            return {}
        included = x_post.Included.of(answer)
        there = {
            str(raw.get("id")): Verdict(says="live", item=x_post.Item(raw=raw, included=included))
            for raw in posts or ()
        }
        # Errors about who or what a post mentions bear other ids.
        told = {
            str(error.get("resource_id") or error.get("value")): _said_of_post(error)
            for error in errors or ()
            if error.get("parameter") in ("ids", "id", None)
        }
        return {i: there.get(i) or told.get(i, ABSENT) for i in native_ids}


def _said_of_post(error: Mapping[str, Any]) -> Verdict:
    title = str(error.get("title"))
    return ABSENT if title == "Not Found Error" else WITHHELD if "Authorization" in title else UNCLEAR


def _is_profile(page: Page) -> bool:
    return re.search(r"/2/users/(by/username/[^/]+|\d+)$", urlsplit(page.url).path) is not None


def _asked_for(page: Page) -> str | None:
    """The id of the account whose timeline this is."""
    found = re.search(r"/2/users/(\d+)/tweets", urlsplit(page.url).path)
    return found[1] if found else None


def _refusal(error: Mapping[str, Any]) -> Refusal | None:
    """What an error of X says of the account asked for; errors about other people and posts say nothing."""
    if error.get("resource_type") not in (None, "user") or error.get("parameter") not in (
        None,
        "id",
        "username",
    ):
        return None
    title, detail = str(error.get("title")), str(error.get("detail") or error.get("message")).lower()
    if "suspended" in detail:
        return "suspended"
    if title == "Not Found Error":
        return "not_found"
    return "protected" if title == "Authorization Error" else None


def _why(answer: Mapping[str, Any]) -> str:
    for error in facts.tables(answer.get("errors")) or ():
        if said := facts.first(error.get("detail"), error.get("message")):
            return said
    return facts.filled(answer.get("detail")) or "the answer has no list 'data'"
