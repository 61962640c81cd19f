"""One module a platform. This folder is the registry: a module that defines a class whose `name` is the
module's own name is a platform; every other module helps them.

Listing the names reads the sources and imports nothing, so `archiver --help` stays fast.
"""

import difflib
import importlib
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archiver.errors import UnknownPlatform

if TYPE_CHECKING:
    from spiders.page import Target
    from spiders.platform import Platform

_LAST_RESORT = "feed"  # any web page may announce a feed, so every other platform is asked first


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """The platforms there are, in alphabetical order."""
    modules = sorted(Path(__file__).parent.glob("[a-z]*.py"))
    return tuple(module.stem for module in modules if _is_platform(module))


def load(name: str) -> "type[Platform]":
    """The platform's class. Raises UnknownPlatform, which names the platforms there are."""
    if name not in names():
        near = difflib.get_close_matches(name.lower(), names(), n=1, cutoff=0.5)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise UnknownPlatform(f"no platform '{name}'{hint}; there are {', '.join(names())}")
    from spiders.platform import Platform

    module = importlib.import_module(f"{__name__}.{name}")
    found: type[Platform] = next(
        thing
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Platform) and vars(thing).get("name") == name
    )
    return found


def identify(pasted: str) -> "Target":
    """Whose posts a pasted text means: `PLATFORM:HANDLE`, a profile's address, or `@user@host`.

    Raises UnknownPlatform when nobody here reads it, Usage when the handle cannot be one.
    """
    text = pasted.strip()
    prefix, colon, handle = text.partition(":")
    if colon and not handle.startswith("//") and re.fullmatch(r"(?!did$)[A-Za-z_]\w*", prefix):
        return load(prefix.lower()).handle(handle)
    for spelling in _spellings(text):
        for platform in _in_order():
            if target := platform.address(spelling):
                return target
    raise UnknownPlatform(
        f"'{text}' is no address that {', '.join(names())} can read; "
        "paste a profile's address, @user@host or PLATFORM:HANDLE"
    )


def _is_platform(module: Path) -> bool:
    pattern = rf"""^[ \t]+name(?:[ \t]*:[^=\n]+)?[ \t]*=[ \t]*["']{re.escape(module.stem)}["']"""
    return re.search(pattern, module.read_text(encoding="utf-8"), re.MULTILINE) is not None


def _spellings(text: str) -> tuple[str, ...]:
    """As pasted, and as an address when somebody left `https://` away."""
    first = text.partition("/")[0]
    if "//" in text or "@" in first or "." not in first or urlsplit(text).scheme:
        return (text,)
    return text, f"https://{text}"


def _in_order() -> "list[type[Platform]]":
    """Platforms of one site first, then those with many servers, the last resort last."""
    platforms = [load(name) for name in names()]
    return sorted(platforms, key=lambda p: (p.name == _LAST_RESORT, not p.base_url, p.name))
