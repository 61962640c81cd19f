"""How far an account has been read, as a stack of walks: pure, and JSON in and out.

A walk goes from the newest page down. `top` is what it started from, `next` the page where it goes on; all
between the two is stored. Newer walks lie above older ones and end where the next one began, so a back-fill
that was interrupted leaves no hole: the gap is whatever lies between a walk's `next` and the `top` below it.
Below all walks lies `done`: that post and everything older are stored.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from spiders.platform import Mark

VERSION = 1
_REMEMBERED = 50  # ids of a mark: enough that one survives when some of the newest posts are deleted
_IN_A_ROW = 3  # known posts at a page's older end that close a walk; a single one may be a repeat or a pin


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a page showed, newest post first, and the address of the next older one."""

    ids: tuple[str, ...]
    times: tuple[datetime | None, ...]
    next: str | None

    @classmethod
    def of(cls, posts: Sequence[tuple[str, datetime | None]], next: str | None, now: datetime) -> "Seen":
        """Whichever way round the page was. Times after `now` are wrong and tell nothing."""
        times = [at if at and at <= now else None for _, at in posts]
        known = [at for at in times if at]
        rising = sum(a < b for a, b in pairwise(known))
        falling = sum(a > b for a, b in pairwise(known))
        step = -1 if rising > falling else 1
        return cls(ids=tuple(id for id, _ in posts)[::step], times=tuple(times)[::step], next=next)

    @property
    def mark(self) -> Mark:
        return Mark(ids=self.ids[:_REMEMBERED], at=max((t for t in self.times if t), default=None))

    @property
    def oldest(self) -> datetime | None:
        """The time at the page's older end; a lone old post among new ones (a repeat) does not count."""
        known = sorted((t for t in self.times[-_IN_A_ROW:] if t), reverse=True)
        return known[0] if known else None

    def reaches(self, mark: Mark | None) -> bool:
        """Are the posts at the page's older end known already?"""
        if mark is None or not self.ids:
            return False
        end = list(zip(self.ids, self.times, strict=True))[-_IN_A_ROW:]
        return all(id in mark.ids or bool(at and mark.at and at < mark.at) for id, at in end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisit:
    """Posts that are known, looked at again: begun at `at`, from the newest down to `down_to` (None: all)."""

    at: datetime
    down_to: datetime | None

    def passed(self, seen: Seen) -> bool:
        """Is `seen` the last page that it wants? A page that tells no times cannot be measured and is."""
        if seen.next is None:
            return True
        if self.down_to is None or not seen.ids:
            return False
        return seen.oldest is None or seen.oldest <= self.down_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One way down. `at` is the oldest time reached; a `full` walk does not end at what is known, nor does a
    `bounded` one: it was asked only for what is new or changed, and the server says where that ends. One
    that is a `revisit` ends at nothing either until it has passed the posts that it is for."""

    next: str
    top: Mark
    at: datetime | None = None
    full: bool = False
    bounded: bool = False
    revisit: Revisit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the account turned out to be, and when that was last asked."""

    native_id: str
    handle: str
    url: str | None
    asked_at: datetime
    moved_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave to ask for `url` again only if it changed."""

    url: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Everything that a crawl needs to know of the crawls before it."""

    done: Mark | None = None
    walks: tuple[Walk, ...] = ()  # newest first
    identity: Identity | None = None
    first: str | None = None  # where the account's first page turned out to be
    validators: Validators | None = None
    revisited: Revisit | None = None  # the last one that came to its end

    @property
    def revisiting(self) -> Revisit | None:
        """The one that is under way."""
        return next((walk.revisit for walk in self.walks if walk.revisit), None)

    @property
    def known(self) -> Mark | None:
        """The newest posts that are stored."""
        return self.walks[0].top if self.walks else self.done

    def opened(
        self, seen: Seen, *, full: bool = False, bounded: bool = False, revisit: Revisit | None = None
    ) -> "Cursor":
        """After the newest page: a new walk, closed at once when it reaches what is known."""
        walk = Walk(
            next=seen.next or "", top=seen.mark, at=seen.oldest, full=full, bounded=bounded, revisit=revisit
        )
        return replace(self, walks=(walk, *self.walks))._settled(seen)

    def advanced(self, seen: Seen) -> "Cursor":
        """After the page where the newest walk goes on."""
        walk = self.walks[0]
        top = _joined(walk.top, seen.mark) if len(walk.top.ids) < _REMEMBERED else walk.top
        at = min((t for t in (walk.at, seen.oldest) if t), default=None)
        walk = replace(walk, next=seen.next or "", top=top, at=at)
        return replace(self, walks=(walk, *self.walks[1:]))._settled(seen)

    def dropped(self) -> "Cursor":
        """Without the newest walk, whose next page is no longer to be had: it has to be walked again."""
        return replace(self, walks=self.walks[1:])

    def _settled(self, seen: Seen) -> "Cursor":
        walk, *older = self.walks
        if walk.revisit and walk.revisit.passed(seen):
            ordinary = replace(walk, revisit=None)
            return replace(self, walks=(ordinary, *older), revisited=walk.revisit)._settled(seen)
        below = older[0].top if older else self.done
        goes_on = walk.full or walk.bounded or walk.revisit or not seen.reaches(below)
        if seen.next is not None and goes_on:
            return self
        if walk.full:
            return replace(self, walks=(), done=walk.top)
        top = _joined(walk.top, below)
        if older:
            return replace(self, walks=(replace(older[0], top=top), *older[1:]))
        return replace(self, walks=(), done=top)

    # -- as text ----------------------------------------------------------------------------------

    def dumps(self) -> str:
        told: dict[str, Any] = {
            "v": VERSION,
            "done": _mark_out(self.done),
            "walks": [
                {
                    "next": w.next,
                    "top": _mark_out(w.top),
                    "at": _time_out(w.at),
                    "full": w.full,
                    **({"bounded": True} if w.bounded else {}),
                    **({"revisit": _revisit_out(w.revisit)} if w.revisit else {}),
                }
                for w in self.walks
            ],
        }
        if self.identity:
            i = self.identity
            told["account"] = {
                "id": i.native_id,
                "handle": i.handle,
                "url": i.url,
                "at": _time_out(i.asked_at),
                **({"moved": i.moved_to} if i.moved_to else {}),
            }
        if self.first:
            told["first"] = self.first
        if self.validators:
            v = self.validators
            told["validators"] = {"url": v.url, "etag": v.etag, "last_modified": v.last_modified}
        if self.revisited:
            told["revisited"] = _revisit_out(self.revisited)
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def loads(cls, text: str | None) -> "Cursor":
        """Raises ValueError for what is no cursor, or one of a later version."""
        if not text:
            return cls()
        try:
            told = json.loads(text)
            if told["v"] != VERSION:
                raise ValueError(f"cursor of version {told['v']}, this archiver knows {VERSION}")
            account, validators = told.get("account"), told.get("validators")
            return cls(
                done=_mark_in(told["done"]),
                walks=tuple(
                    Walk(
                        next=w["next"],
                        top=_mark_in(w["top"]) or Mark(ids=()),
                        at=_time_in(w["at"]),
                        full=w["full"],
                        bounded=w.get("bounded", False),
                        revisit=_revisit_in(w.get("revisit")),
                    )
                    for w in told["walks"]
                ),
                identity=account
                and Identity(
                    native_id=account["id"],
                    handle=account["handle"],
                    url=account["url"],
                    asked_at=datetime.fromisoformat(account["at"]),
                    moved_to=account.get("moved"),
                ),
                first=told.get("first"),
                validators=validators and Validators(**validators),
                revisited=_revisit_in(told.get("revisited")),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a cursor: {error!r}") from None


def _joined(newer: Mark, older: Mark | None) -> Mark:
    ids = tuple(dict.fromkeys((*newer.ids, *(older.ids if older else ()))))[:_REMEMBERED]
    times = [m.at for m in (newer, older) if m and m.at]
    return Mark(ids=ids, at=max(times, default=None))


def _mark_out(mark: Mark | None) -> dict[str, Any] | None:
    return {"ids": list(mark.ids), "at": _time_out(mark.at)} if mark else None


def _mark_in(told: dict[str, Any] | None) -> Mark | None:
    return Mark(ids=tuple(told["ids"]), at=_time_in(told["at"])) if told else None


def _revisit_out(revisit: Revisit) -> dict[str, Any]:
    return {"at": _time_out(revisit.at), "down_to": _time_out(revisit.down_to)}


def _revisit_in(told: dict[str, Any] | None) -> Revisit | None:
    if not told:
        return None
    return Revisit(at=datetime.fromisoformat(told["at"]), down_to=_time_in(told["down_to"]))


def _time_out(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time_in(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
