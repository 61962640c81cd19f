"""The fields of the query language: `name:value`, what may stand behind the colon, and what it means.

lang:ps,ur   platform:x   account:NAME   tag:کابل   has:media   flag:repetition        anywhere
since:2026-01   until:2026-03-21   side:original   exact:كِتاب                         for the whole query
"""

import difflib
import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal, cast

from archiver.store import doubts
from archiver.store.words import tag_of, words
from translations.fold import fold

Side = Literal["both", "original", "translation"]
SIDES = ("both", "original", "translation")
HAS = ("media", "translation", "correction", "edit", "poll")
ANYWHERE = ("lang", "platform", "account", "tag", "has", "flag")
OF_THE_WHOLE = ("since", "until", "side", "exact")
NAMES = (*ANYWHERE, *OF_THE_WHOLE)


def problem(name: str) -> str | None:
    """What is wrong with the name of a field: it is unknown, and another is near."""
    if name.lower() in NAMES:
        return None
    [near] = difflib.get_close_matches(name.lower(), NAMES, n=1, cutoff=0.0)
    return f"there is no field '{name}'; the nearest is '{near}' (\"quotes\" search for the words)"


def problem_with(name: str, value: str) -> str | None:
    """What is wrong with the value of the field `name`."""
    match name:
        case "has" if value.lower() not in HAS:
            return f"has: is followed by {', '.join(HAS[:-1])} or {HAS[-1]}, not '{value}'"
        case "side" if value.lower() not in SIDES:
            return f"side: is followed by {', '.join(SIDES[:-1])} or {SIDES[-1]}, not '{value}'"
        case "since" | "until" if _moments(value) is None:
            return f"'{value}' is no date; write {name}:2026, {name}:2026-03 or {name}:2026-03-21"
        case "lang" if not any(split(value)):
            return "lang: is followed by a language such as ps, or several: ps,ur"
        case "exact" if not words(value, None):
            return "exact: is followed by letters or digits"
        case "tag" if not tag_of(value, None):
            return "tag: is followed by a hashtag, with or without its #"
        case "account" | "platform" | "flag" if not any(split(value)):
            return f"{name}: is followed by a name"
        case "flag":
            return next(filter(None, map(doubts.problem, split(value))), None)
    return None


def split(value: str) -> Iterator[str]:
    """The languages, platforms ... of a list: `ps,ur`."""
    return (part.strip() for part in re.split("[,،]", value) if part.strip())


def side(value: str) -> Side:
    return cast(Side, value.lower())


def first_moment(value: str) -> datetime:
    """The first moment of a year, month, day, or the moment itself."""
    return _known(value)[0]


def last_moment(value: str) -> datetime:
    return _known(value)[1]


_DAY = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")


def _known(value: str) -> tuple[datetime, datetime]:
    found = _moments(value)
    assert found is not None, "asked before `problem_with`"
    return found


def _moments(value: str) -> tuple[datetime, datetime] | None:
    """The span of time that a date names; dates may be written in any of the three sets of digits."""
    written = fold(value.strip())
    try:
        if parts := _DAY.fullmatch(written):
            year, month, day = int(parts[1]), int(parts[2] or 0), int(parts[3] or 0)
            end_month = month or 12
            first = datetime(year, month or 1, day or 1, tzinfo=UTC)
            last = datetime(year, end_month, day or monthrange(year, end_month)[1], tzinfo=UTC)
            return first, last.replace(hour=23, minute=59, second=59, microsecond=999_999)
        moment = datetime.fromisoformat(written.upper())
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment, moment
