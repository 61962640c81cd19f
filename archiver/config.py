"""archiver.toml as a frozen Config; a key that nobody knows is an error that names the nearest one.

Secrets never stand in the file: `token_env` names the environment variable that holds one.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, get_type_hints
from zoneinfo import ZoneInfo

from archiver.errors import BadConfig, NoArchive
from archiver.spans import seconds

FILE = "archiver.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformConfig:
    """[platforms.NAME]. `None` means the platform's own default."""

    base_url: str | None = None
    token_env: str | None = None
    delay: float | None = None  # seconds between two requests to one host
    page_size: int | None = None
    user_id: str | None = None  # instagram: the id of our own account, through which others are looked up
    spelling: str | None = None  # x: "tweet" (documented) or "post" (newest contract)
    revisit: str | None = None  # how far back its posts are looked at again; None: as [crawl] says
    source: str | None = (
        None  # bluesky: "appview", or "pds" (the account's own server, whole, without counts)
    )
    directory: str | None = None  # bluesky: where DIDs are looked up, instead of https://plc.directory


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlConfig:
    """[crawl]"""

    user_agent: str | None = None
    contact: str | None = None  # an address that server owners can write to; part of the user agent
    timeout: float = 30.0  # seconds for one response
    max_body: int = 16 * 2**20  # bytes of one response, decompressed
    retries: int = 4  # further tries of a request that failed
    max_wait: float = 300.0  # seconds; a longer Retry-After ends the account's crawl for this run
    verify_tls: bool = True
    respect_robots: bool = True
    revisit: str = "14d"  # posts of so long ago are looked at again once a day; "0": none
    media: str = "none"  # which files to have of watches that do not say: none, images, all
    quiet_hours: str | None = None  # "22:00-06:00": no server is asked for anything then
    time_zone: str | None = None  # of quiet_hours, such as Asia/Kabul; None: this machine's

    def __post_init__(self) -> None:
        if self.media not in ("none", "images", "all"):
            raise ValueError(f"'crawl.media' must be none, images or all, not {self.media!r}")
        if self.quiet_hours is not None and not _HOURS.fullmatch(self.quiet_hours):
            raise ValueError(f"'crawl.quiet_hours' must look like 22:00-06:00, not {self.quiet_hours!r}")
        if self.time_zone is not None:
            try:
                ZoneInfo(self.time_zone)
            except (KeyError, ValueError, OSError):
                raise ValueError(
                    f"'crawl.time_zone' must be a name such as Asia/Kabul, not {self.time_zone!r}"
                ) from None


_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d\s*-\s*([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaConfig:
    """[media]: how much to download, and from where."""

    max_file: int = 100 * 2**20  # bytes
    max_run: int = 2 * 2**30
    max_archive: int = 50 * 2**30
    timeout: float = 300.0  # seconds for one answer; what came until then is kept, and gone on from
    delay: float = 0.5  # seconds between two requests to one host
    allowed: tuple[str, ...] = ()  # private servers, as HOST:PORT, that are meant besides a watch's own


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectConfig:
    """[detect]"""

    cld2: bool = False  # ask pycld2 about near-ties; the extra `cld2`


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslateConfig:
    """[translate]"""

    to: str = "en"
    languages: tuple[str, ...] = ("ur", "ps", "ar", "fa")
    quality: str = "balanced"  # exact (beam 4), balanced (beam 2), fast (beam 1)
    vocabulary: str = "auto"  # mapped (only pieces the target can need), whole, auto (mapped where checked)
    device: str = "auto"  # cpu, cuda, auto (a graphics card where CTranslate2 finds one)
    index: str | None = None  # another package index than Argos's own


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceConfig:
    """[evidence]"""

    tsa: tuple[str, ...] = ()  # addresses of authorities that stamp the ledger (RFC 3161), tried in turn
    roots: tuple[str, ...] = ()  # files (PEM) of roots to trust with it; otherwise those of this machine
    timeout: float = 30.0  # seconds for one authority


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """An archive's settings. `folder` is where archiver.toml lies; relative paths start there."""

    folder: Path
    database: str = "sqlite:///archive.db"
    packages: str = "packages"
    crawl: CrawlConfig = CrawlConfig()
    media: MediaConfig = MediaConfig()
    detect: DetectConfig = DetectConfig()
    translate: TranslateConfig = TranslateConfig()
    evidence: EvidenceConfig = EvidenceConfig()
    platforms: Mapping[str, PlatformConfig] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def captures_dir(self) -> Path:
        return self.folder / "captures"

    @property
    def media_dir(self) -> Path:
        return self.folder / "media"

    @property
    def packages_dir(self) -> Path:
        return (self.folder / self.packages).resolve()

    @property
    def database_url(self) -> str:
        """The database's URL with a SQLite path made absolute; ARCHIVER_DATABASE outranks the file,
        so that a password can stay out of it."""
        url = os.environ.get("ARCHIVER_DATABASE") or self.database
        prefix = "sqlite:///"
        if url.startswith(prefix) and url != "sqlite:///:memory:":
            return prefix + str((self.folder / url.removeprefix(prefix)).resolve())
        return url

    def platform(self, name: str) -> PlatformConfig:
        return self.platforms.get(name, PlatformConfig())

    def reading(self, name: str, **otherwise: Any) -> "Config":
        """The same, but for some settings of one platform."""
        changed = replace(self.platform(name), **otherwise)
        return replace(self, platforms=MappingProxyType({**self.platforms, name: changed}))


def find(start: Path | None = None) -> Path:
    """The nearest folder from `start` upward that holds archiver.toml. Raises NoArchive."""
    named = os.environ.get("ARCHIVER_DIR") if start is None else None
    here = Path(named) if named else (start or Path.cwd())
    candidates = [here] if named or start else [here, *here.resolve().parents]
    for folder in candidates:
        if (folder / FILE).is_file():
            return folder.resolve()
    raise NoArchive(f"no {FILE} in {here}{'' if named or start else ' or above'}: run `archiver init {here}`")


def load(folder: Path) -> Config:
    """The settings of the archive in `folder`. Raises BadConfig naming the file and the key."""
    path = folder / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NoArchive(f"no {FILE} in {folder}: run `archiver init {folder}`") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path}: {error}") from None
    platforms = _table(table.pop("platforms", {}), path, "platforms")
    sections: dict[str, Any] = {
        "crawl": _section(CrawlConfig, table.pop("crawl", {}), path, "crawl"),
        "media": _section(MediaConfig, table.pop("media", {}), path, "media"),
        "detect": _section(DetectConfig, table.pop("detect", {}), path, "detect"),
        "translate": _section(TranslateConfig, table.pop("translate", {}), path, "translate"),
        "evidence": _section(EvidenceConfig, table.pop("evidence", {}), path, "evidence"),
        "platforms": MappingProxyType(
            {
                name: _section(PlatformConfig, keys, path, f"platforms.{name}")
                for name, keys in platforms.items()
            }
        ),
    }
    for where, section in (
        ("crawl", sections["crawl"]),
        *((f"platforms.{n}", s) for n, s in sections["platforms"].items()),
    ):
        try:
            seconds(section.revisit or "0", or_none=True)
        except ValueError as error:
            raise BadConfig(f"{path}: '{where}.revisit': {error}") from None
    top = _checked({"database": str, "packages": str}, table, path, "", also=tuple(sections))
    return Config(folder=folder.resolve(), **top, **sections)


T = TypeVar("T")


def _section(kind: type[T], table: Any, path: Path, where: str) -> T:
    hints = get_type_hints(kind)
    known = {f.name: hints[f.name] for f in fields(kind)}  # type: ignore[arg-type]
    try:
        return kind(**_checked(known, _table(table, path, where), path, where))
    except ValueError as error:
        raise BadConfig(f"{path}: {error}") from None


def _table(table: Any, path: Path, where: str) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise BadConfig(f"{path}: [{where}] must be a table")
    return table


def _checked(
    known: Mapping[str, Any], table: dict[str, Any], path: Path, where: str, also: tuple[str, ...] = ()
) -> dict[str, Any]:
    values = {}
    for key, value in table.items():
        full = f"{where}.{key}" if where else key
        if key not in known:
            near = difflib.get_close_matches(key, [*known, *also], n=1, cutoff=0.0)
            raise BadConfig(f"{path}: unknown key '{full}'; the nearest known one is '{near[0]}'")
        values[key] = _typed(known[key], value, path, full)
    return values


def _typed(hint: Any, value: Any, path: Path, full: str) -> Any:
    """`value` as the annotated type; an int is a fine float, a list is a tuple of texts."""
    wanted = str(hint)
    if "tuple" in wanted and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    ok = {
        "str": isinstance(value, str),
        "bool": isinstance(value, bool),
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, int | float) and not isinstance(value, bool),
    }
    kind = "bool" if hint is bool else next((k for k in ("float", "int", "str") if k in wanted), "str")
    if "tuple" in wanted or not ok[kind]:
        what = (
            "a list of texts"
            if "tuple" in wanted
            else {"str": "a text", "bool": "true or false"}.get(kind, "a number")
        )
        raise BadConfig(f"{path}: '{full}' must be {what}, not {value!r}")
    if kind in ("int", "float") and value < 0:
        raise BadConfig(f"{path}: '{full}' must not be negative, but is {value!r}")
    return float(value) if kind == "float" else value
