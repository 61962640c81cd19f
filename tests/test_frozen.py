"""Every frozen page is still read as it was: tests/frozen/PLATFORM/CASE/ holds a page and what it says.

`page.html`, `page.json` or `page.xml` is the body, `request.json` how it came ({"url", "target"} and, where
they matter, "status", "headers", "base_url" and "account", the native id known before), `expected.json` what
a crawl makes of it: where it points, why it is refused, how it failed, or the Reading without the unknown.
`make refreeze` writes expected.json again: read the difference as you would read code.
"""

import dataclasses
import importlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.config import PlatformConfig
from archiver.errors import PageError
from archiver.posts import Account
from spiders.page import Page
from spiders.platform import Platform

FROZEN = Path(__file__).parent / "frozen"
CASES = sorted(request.parent for request in FROZEN.glob("*/*/request.json"))


def platform(name: str) -> type[Platform]:
    """The platform module's one class, found as the registry finds it."""
    module = importlib.import_module(f"spiders.{name}")
    found = [c for c in vars(module).values() if isinstance(c, type) and getattr(c, "name", None) == name]
    assert len(found) == 1, f"spiders/{name}.py has {len(found)} platforms named '{name}'"
    assert issubclass(found[0], Platform)
    return found[0]


def page_of(case: Path) -> tuple[Platform, Page]:
    request = json.loads((case / "request.json").read_text(encoding="utf-8"))
    (body,) = case.glob("page.*")
    reader = platform(case.parent.name)()
    reader.config = PlatformConfig(base_url=request.get("base_url"))
    target = reader.handle(request["target"])
    known = request.get("account")
    page = Page(
        url=request["url"],
        body=body.read_bytes(),
        target=target,
        status=request.get("status", 200),
        headers=request.get("headers", {}),
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        account=known and Account(platform=reader.name, native_id=known, handle=target.handle),
    )
    return reader, page


def said(case: Path) -> dict[str, Any]:
    """What a crawl makes of the page, in the order in which it asks."""
    reader, page = page_of(case)
    try:
        if elsewhere := reader.elsewhere(page):
            return {"elsewhere": elsewhere}
        if refusal := reader.refusal(page):
            return {"refusal": refusal}
        told: dict[str, Any] = plain(reader.read(page))
        for post in told["posts"]:
            if post["author"] == told.get("account"):
                post["author"] = post["author"]["native_id"]
        return told
    except PageError as error:
        return {"error": type(error).__name__, "what": error.what}


def plain(value: Any) -> Any:
    """As JSON; what is unknown is left out, what is empty stays."""
    if dataclasses.is_dataclass(value):
        pairs = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        return {name: plain(inner) for name, inner in pairs if inner is not None}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value


def frozen(case: Path) -> str:
    return json.dumps(said(case), ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_frozen_page_is_read_as_it_was(case: Path) -> None:
    expected = (case / "expected.json").read_text(encoding="utf-8")
    assert json.loads(frozen(case)) == json.loads(expected), "read the difference, then `make refreeze`"


def test_there_are_frozen_pages_and_each_is_complete() -> None:
    assert {case.parent.name for case in CASES} >= {"bluesky", "feed", "mastodon", "telegram", "x"}
    for folder in FROZEN.glob("*/*"):
        names = sorted(path.name.split(".")[0] for path in folder.iterdir())
        assert names == ["expected", "page", "request"], folder


if __name__ == "__main__":
    for chosen in CASES:
        if not sys.argv[1:] or f"{chosen.parent.name}/{chosen.name}" in sys.argv[1:]:
            (chosen / "expected.json").write_text(frozen(chosen), encoding="utf-8")
            print(f"{chosen.parent.name}/{chosen.name}")
