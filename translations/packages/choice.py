"""Which package translates a language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from packaging.version import InvalidVersion, parse

from translations.errors import DemoPackageRefused, NoPackage
from translations.packages.package import Package


def choose(
    packages: Sequence[Package], source: str, target: str = "en", *, allow_demo: bool = False
) -> Package:
    """The newest package from `source` to `target`; raises NoPackage with the command that would help.

    A real package is preferred to a demonstration package, which is only used where it is allowed.
    """
    fitting: list[Package] = []
    for language in codes(source):
        fitting = [p for p in packages if p.source == language and p.target in codes(target)]
        real = [p for p in fitting if not p.demo]
        if real or (fitting and allow_demo):
            return max(real or fitting, key=_preference)
    wanted = codes(source)[-1]
    if fitting or any(p.source in codes(source) and p.target in codes(target) for p in packages):
        raise DemoPackageRefused(source, target, f"archiver packages install {wanted}")
    raise NoPackage(source, target, f"archiver packages install {wanted}")


def _preference(package: Package) -> tuple[Any, ...]:
    """More than the gist before the gist; of gist packages the better published score; then the newest."""
    return (
        not package.gist,
        package.bleu or 0.0 if package.gist else 0.0,
        version_order(package.version),
        package.sha256,
    )


# Varieties that are translated by their written language's package; Dari is written as Persian is.
_WRITTEN_AS = {
    "prs": "fa", "pes": "fa", "fas": "fa", "per": "fa", "urd": "ur", "eng": "en",
    "pus": "ps", "pbt": "ps", "pbu": "ps", "pst": "ps",
    "ara": "ar", "arb": "ar", "arz": "ar", "ary": "ar", "arq": "ar", "apc": "ar", "ajp": "ar", "acm": "ar",
    "afb": "ar", "ars": "ar", "ayn": "ar", "aec": "ar", "aeb": "ar", "ayl": "ar",
}  # fmt: skip
_SCRIPTS = {"arab", "aran"}


def codes(tag: str) -> tuple[str, ...]:
    """The package codes that fit a BCP 47 tag, best first: "prs-AF" -> ("prs-AF", "prs", "fa").

    A tag that names another script ("ur-Latn") fits only a package that says so itself.
    """
    language, *rest = tag.split("-")
    language = language.lower()
    if any(len(part) == 4 and part.isalpha() and part.lower() not in _SCRIPTS for part in rest):
        return (tag,)
    return tuple(dict.fromkeys([tag, language, _WRITTEN_AS.get(language, language)]))


def version_order(version: str) -> tuple[int, Any]:
    """Orders versions as argospm does: 1.10 is newer than 1.9; what is no version is oldest."""
    try:
        return 1, parse(version)
    except InvalidVersion:
        return 0, version
