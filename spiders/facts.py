"""Facts out of JSON that may be anything: each comes back with its type, or as None for unknown."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from archiver.errors import PageChanged
from archiver.posts import Metric
from spiders.page import Page


def words(spaced: str) -> frozenset[str]:
    return frozenset(spaced.split())


def text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def filled(value: Any) -> str | None:
    """A text with something in it; "" and None are the same unknown."""
    return text(value) or None


def first(*values: Any) -> str | None:
    """The first text with something in it."""
    return next(filter(None, map(filled, values)), None)


def count(value: Any) -> int | None:
    """A number of things; servers that hide one send null or a negative number."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def table(value: Any) -> Mapping[str, Any]:
    """An object, or an empty one where there is none: `table(a.get("b")).get("c")` never fails."""
    return value if isinstance(value, dict) else {}


def tables(value: Any) -> tuple[Mapping[str, Any], ...] | None:
    """The objects of a list; None where the server sent no list."""
    return tuple(v for v in value if isinstance(v, dict)) if isinstance(value, list) else None


def moment(value: Any) -> datetime | None:
    """An ISO 8601 time in UTC. One that does not say its zone is not a moment."""
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
        return time.astimezone(UTC) if time is not None and time.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def metrics(counts: Mapping[str, Any], names: Mapping[str, str]) -> tuple[Metric, ...] | None:
    """The counts under their names here, in the order of `names`; None where the server sent none of them."""
    found: dict[str, int] = {}
    for key, name in names.items():  # two keys may be two spellings of one name
        value = count(counts.get(key))
        if value is not None:
            found.setdefault(name, value)
    return tuple(Metric(name=name, value=value) for name, value in found.items()) or None


def required(value: Any, page: Page, what: str) -> str:
    """A text that the page cannot do without. Raises PageChanged naming it."""
    if not isinstance(value, str) or not value:
        raise PageChanged(page.url, f"{what} is missing")
    return value


def answer(page: Page) -> Mapping[str, Any]:
    """The body as an object. Raises PageChanged where it is anything else."""
    body = page.json()
    if not isinstance(body, dict):
        raise PageChanged(page.url, f"expected a JSON object, got {type(body).__name__}")
    return body


def complaint(page: Page) -> Mapping[str, Any] | None:
    """The body of an error answer, or None where it is no JSON object (a proxy's or a web server's page)."""
    try:
        return answer(page)
    except PageChanged:
        return None


def host(url: Any) -> str | None:
    """The host that a web address names, with its port where it says one."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        if parts is None or parts.scheme not in ("https", "http") or not parts.hostname:
            return None
        return parts.hostname + (f":{parts.port}" if parts.port else "")
    except ValueError:  # "https://[", "https://host:port"
        return None


def with_query(url: str, changes: Mapping[str, str]) -> str:
    """`url` with these query parameters set, the others as they were."""
    parts = urlsplit(url)
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in changes]
    return urlunsplit(parts._replace(query=query([*kept, *changes.items()]), fragment=""))


def query(parameters: Sequence[tuple[str, str]]) -> str:
    """As a URL's query; commas stay readable. A lone surrogate cannot be sent and becomes "?"."""
    return urlencode(parameters, quote_via=quote, safe=",", errors="replace")


def in_query(url: str, key: str) -> str | None:
    """The first value of a query parameter."""
    return next((v for k, v in parse_qsl(urlsplit(url).query, keep_blank_values=True) if k == key), None)
