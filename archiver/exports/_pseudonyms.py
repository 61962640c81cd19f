"""Accounts, mentions and links under names that nobody can trace back without the key, which is not kept.

The same account has the same pseudonym in its column, in mentions and in the post's text, throughout one
export and in no other. Verbatim public posts can be found again by searching for their words: pseudonyms
alone are not anonymity, and the data card says so.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime

from archiver.exports._pairs import Pair
from archiver.store.versions import PERSON
from translations.protect import Item, items

_LENGTH = 12  # hex digits: 48 bits


class Pseudonyms:
    """HMAC-SHA-256 under a key of its own, made for this export and forgotten with it."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def pair(self, pair: Pair) -> Pair:
        """The pair without native ids, addresses and times of day."""
        own = _own_handle(pair.account)

        def hidden(text: str) -> str:
            return self.text(text, pair.platform, own)

        return replace(
            pair,
            id=self._of("pair", pair.id, prefix="x"),
            post=self._of("post", pair.post, prefix="post_"),
            account=self.account(pair.platform, pair.account),
            url=None,
            published_at=_day(pair.published_at),
            source=hidden(pair.source),
            target=None if pair.target is None else hidden(pair.target),
            machine_target=None if pair.machine_target is None else hidden(pair.machine_target),
            package="" if pair.engine == PERSON else pair.package,  # who corrected it is a person as well
            translated_at=None,
            # A file's digest finds the post as its address would.
            pictures=tuple(
                replace(
                    each,
                    alt=each.alt and hidden(each.alt),
                    translation=each.translation and hidden(each.translation),
                    path=None,
                    sha256=None,
                )
                for each in pair.pictures
            ),
        )

    def account(self, platform: str, handle: str) -> str:
        return self._of("account", f"{platform}:{_bare(handle)}", prefix="user_")

    def text(self, text: str, platform: str, own: str | None = None) -> str:
        """`text` with its mentions, links and addresses replaced, and the author's handle in words."""
        written, place = [], 0
        for item in items(text):
            written += [self._plain(text[place : item.start], platform, own), self._item(item, platform)]
            place = item.end
        return "".join((*written, self._plain(text[place:], platform, own)))

    def _item(self, item: Item, platform: str) -> str:
        match item.kind:
            case "handle":
                before, _, handle = item.text.partition("@")  # "RT @name"
                return f"{before}@{self.account(platform, handle)}"
            case "link":
                return f"https://{self._of('link', item.text, prefix='')}.invalid"
            case "email":
                return f"{self._of('email', item.text.casefold(), prefix='')}@mail.invalid"
        return item.text

    def _plain(self, text: str, platform: str, own: str | None) -> str:
        if not own or own.casefold() not in text.casefold():
            return text
        alone = re.compile(rf"(?<!\w){re.escape(own)}(?!\w)", re.IGNORECASE)
        return alone.sub(self.account(platform, own), text)

    def _of(self, kind: str, what: str, *, prefix: str) -> str:
        told = f"{kind}\0{what}".encode("utf-8", "surrogatepass")
        return prefix + hmac.new(self._key, told, hashlib.sha256).hexdigest()[:_LENGTH]


def _bare(handle: str) -> str:
    return handle.removeprefix("@").casefold()


def _own_handle(handle: str) -> str | None:
    """The author's handle, if it is long enough to be looked for among words."""
    bare = handle.removeprefix("@")
    return bare if len(bare) >= 4 else None


def _day(time: datetime | None) -> datetime | None:
    """The day without its hour: a time to the second finds a post."""
    return time and time.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
