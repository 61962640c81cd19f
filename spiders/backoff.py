"""How long to leave a server alone: what it asked for in its headers, or else doubling waits with jitter."""

import json
import random
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

# 420 and 425 are old and rare ways to say 429; the 52x are a proxy's words for a server that is down.
TRY_AGAIN = frozenset({408, 420, 425, 429, 500, 502, 503, 504, *range(520, 531), 598, 599})
LIMITED = frozenset({420, 429})
_SHORT_LIMIT = 10.0  # X: a 429 with requests remaining is a short-term limit, whatever the reset says
_RESETS = ("x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset")
_REMAINING = ("x-rate-limit-remaining", "x-ratelimit-remaining", "ratelimit-remaining")
# Meta: how much of a quota is used, in per cent, over a window of an hour or a day that moves along.
_USAGE = ("x-app-usage", "x-page-usage", "x-business-use-case-usage", "x-ad-account-usage")
_USED = ("call_count", "total_time", "total_cputime", "acc_id_util_pct")
_CALM = 75.0  # per cent up to which nothing is held back
_SLOWEST = 300.0  # seconds between two requests when all is used


def pause(tries: int, longest: float) -> float:
    """Seconds before try number `tries` + 1 when the server did not say: 1, 2, 4 ... with jitter."""
    return min(longest, 2.0 ** max(0, tries - 1)) * random.uniform(0.75, 1.25)


def asked(headers: Mapping[str, str], status: int, now: datetime) -> float | None:
    """Seconds that the server asked us to wait, from lower-case `headers`; None when it did not say."""
    if (wait := _seconds(headers.get("retry-after"), now)) is not None:
        return wait
    if (minutes := max(_each(headers, ("estimated_time_to_regain_access",)), default=0.0)) > 0:
        return minutes * 60
    if status not in LIMITED:
        return None
    waits = [wait for name in _RESETS if (wait := _reset(headers.get(name), now)) is not None]
    if not waits:
        return None
    left = next((headers[name].strip() for name in _REMAINING if name in headers), "0")
    return min(waits[0], _SHORT_LIMIT) if left.isdecimal() and int(left) > 0 else waits[0]


def ahead(headers: Mapping[str, str]) -> float:
    """Seconds to wait before the next request, so that a quota that is nearly used up is never exceeded: none
    up to three quarters of it, then more and more."""
    used = max(_each(headers, _USED), default=0.0)
    return min(1.0, max(0.0, (used - _CALM) / (100 - _CALM))) ** 2 * _SLOWEST


def _each(headers: Mapping[str, str], keys: tuple[str, ...]) -> Iterator[float]:
    """Every number under one of `keys` in the usage headers, however deep."""
    for name in _USAGE:
        try:
            told: Any = json.loads(headers.get(name) or "null")
        except (ValueError, RecursionError):
            continue  # not as documented: it slows nobody down
        tables = [told]
        while tables:
            each = tables.pop()
            if isinstance(each, dict):
                numbers = (v for k, v in each.items() if k in keys and isinstance(v, int | float))
                yield from map(float, numbers)
            if isinstance(each, dict | list):
                tables.extend(each.values() if isinstance(each, dict) else each)


def _seconds(text: str | None, now: datetime) -> float | None:
    """Retry-After: seconds or an HTTP date."""
    if not text:
        return None
    if re.fullmatch(r"\s*\d+(\.\d+)?\s*", text):
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return _until(at, now)


def _reset(text: str | None, now: datetime) -> float | None:
    """Seconds since the epoch (X, Bluesky), seconds from now (IETF draft), or an ISO time (Mastodon)."""
    if not text:
        return None
    if re.fullmatch(r"\s*\d+(\.\d+)?\s*", text):
        value = float(text)
        return max(0.0, value - now.timestamp()) if value > 1e9 else value
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return _until(at, now)


def _until(at: datetime, now: datetime) -> float:
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
