"""What lies beside every corpus: README.md (the data card), manifest.json and CITATION.cff.

None of them says when the export ran or where: the same archive gives the same bytes.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from archiver import __version__
from archiver.exports._choices import Choices
from archiver.exports._pairs import moment
from archiver.exports._places import Written
from archiver.exports._tally import Tally
from archiver.store.filters import Filters
from translations.doubt import FLAGS

_MANY = 100  # accounts named in the card; the manifest has all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A corpus that has been written."""

    format: str
    filters: Filters
    choices: Choices
    tally: Tally
    counted: Counter[str]
    left_out: Counter[str]
    files: Sequence[Written]
    head: str = ""  # what the format puts before the card: YAML for the Hugging Face hub

    @property
    def of_pairs(self) -> bool:
        return bool(self.tally.pairs) or not self.tally.posts

    @property
    def version(self) -> str:
        """Twelve digits that change when a byte of the corpus does."""
        told = "".join(f"{file.name}\0{file.sha256}\n" for file in self.files)
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def manifest(made: Made) -> str:
    tally = made.tally
    told = {
        "software": "bilingual-archiver",
        "software_version": __version__,
        "format": made.format,
        "version": made.version,
        "query": _query(made),
        "choices": _told(asdict(made.choices)),
        "posts": tally.posts,
        "pairs": tally.pairs,
        "published": {"first": _time(made, tally.first), "last": _time(made, tally.last)},
        "archived_until": _time(made, tally.seen),
        "by_language": _sorted(tally.by_language),
        "by_account": _sorted(tally.by_account),
        "by_split": _sorted(tally.by_split),
        "made_by": _sorted(tally.made_by),
        "translated_by": [
            dict(zip(("engine", "package", "version", "sha256", "options"), maker, strict=True), pairs=count)
            for maker, count in sorted(tally.makers.items())
        ],
        "flags": _sorted(tally.flags),
        "left_out": _sorted(made.left_out),
        "counted": _sorted(made.counted),
        "files": [{"name": file.name, "bytes": file.size, "sha256": file.sha256} for file in made.files],
    }
    return json.dumps(told, indent=1, ensure_ascii=True) + "\n"


def readme(made: Made) -> str:
    return made.head + "\n".join(_card(made)) + "\n"


def citation(made: Made) -> str:
    """Citation File Format 1.2. Who keeps the archive fills in the names."""
    lines = [
        "cff-version: 1.2.0",
        "type: dataset",
        "message: If you use this corpus, please cite it; name the keepers of the archive here first.",
        f"title: {json.dumps(_title(made))}",
        "authors:",
        "  - name: The keepers of the archive",
        f"version: {json.dumps(made.version)}",
    ]
    if made.tally.seen:
        lines.append(f"date-released: {made.tally.seen.astimezone(UTC).date().isoformat()}")
    return "\n".join((*lines, "keywords:", *(f"  - {json.dumps(word)}" for word in _keywords(made)))) + "\n"


def _keywords(made: Made) -> list[str]:
    kind = ["parallel corpus", "machine translation"] if made.of_pairs else ["social media posts"]
    return [*kind, *sorted(made.tally.by_language)]


def _title(made: Made) -> str:
    what = "Aligned pairs of public posts and their translations" if made.of_pairs else "Public posts"
    return f"{what}, {', '.join(sorted(made.tally.by_language))}" if made.tally.by_language else what


# -- the card -------------------------------------------------------------------------------------


def _card(made: Made) -> Iterator[str]:
    tally = made.tally
    yield f"# {_title(made)}"
    yield ""
    yield f"Format `{made.format}`, version `{made.version}`: {_amount(tally)}."
    yield ""
    yield "## What this is"
    yield ""
    yield from _what(made)
    yield ""
    yield "## How it was collected"
    yield ""
    yield (
        "bilingual-archiver followed public accounts, kept every response of their platforms byte for byte, "
        "and read the posts out of them. A post is in here with what it said when it was last seen."
    )
    first, last = _time(made, tally.first), _time(made, tally.last)
    yield f"Published from {first or 'an unknown time'} to {last or 'an unknown time'} (UTC)" + (
        f"; archived until {_time(made, tally.seen)}." if tally.seen else "."
    )
    if made.of_pairs:
        yield ""
        yield "## How it was translated"
        yield ""
        yield from _translated(tally)
    yield ""
    yield "## What was chosen"
    yield ""
    yield from _chosen(made)
    yield ""
    yield "## Counts"
    yield ""
    yield from _table("language", "pairs" if made.of_pairs else "posts", tally.by_language)
    if tally.by_split:
        yield from _table("part", "pairs", tally.by_split)
    yield from _table("account", "pairs" if made.of_pairs else "posts", tally.by_account)
    if tally.flags:
        yield from _table("flag", "pairs", tally.flags)
        yield from (f"- `{name}`: {FLAGS[name]}" for name in sorted(tally.flags) if name in FLAGS)
        yield ""
    yield "## Licences and caveats"
    yield ""
    yield from _caveats(made)
    yield ""
    yield "## Files"
    yield ""
    yield "| file | bytes | SHA-256 |"
    yield "|---|---|---|"
    yield from (f"| {_cell(file.name)} | {file.size} | `{file.sha256}` |" for file in made.files)


def _amount(tally: Tally) -> str:
    posts = f"{tally.posts} posts"
    return f"{tally.pairs} pairs from {posts}" if tally.pairs else posts


def _what(made: Made) -> Iterator[str]:
    if not made.of_pairs:
        yield "Public posts as their platforms showed them."
        return
    yield "Texts of public posts, each beside its translation; a pair names its post, and what translated it."
    people, machines = made.tally.made_by["person"], made.tally.made_by["machine"]
    both = made.tally.made_by["both"]
    if made.choices.by == "post":
        yield "A pair is a whole post; its score is that of its least sure segment."
    yield (
        f"**{machines} translations are a machine's and no person has checked them; {people} were corrected "
        f"by a person{f', {both} in part' if both else ''}** (`made_by`). Do not train or evaluate on the "
        "machine's as if they were people's."
    )


def _translated(tally: Tally) -> Iterator[str]:
    if not tally.makers:
        yield "Nothing in here is translated."
        return
    yield "Offline, segment by segment (alignment is one to one by construction), by:"
    yield ""
    yield "| engine | package | version | options | SHA-256 of the package | pairs |"
    yield "|---|---|---|---|---|---|"
    for (engine, package, version, sha256, options), count in sorted(tally.makers.items()):
        told = " | ".join(map(_cell, (engine, package, version, options)))
        yield f"| {told} | `{sha256}` | {count} |"
    yield ""
    yield (
        "`score` is the engine's own log-probability per word piece: it compares translations of one package "
        "and is no measure of quality. `confidence` is how sure the language is."
    )


def _chosen(made: Made) -> Iterator[str]:
    query = {name: value for name, value in _query(made).items() if value not in (None, "", "both", [])}
    default = _told(asdict(Choices()))
    choices = {name: value for name, value in _told(asdict(made.choices)).items() if value != default[name]}
    for name, value in (*query.items(), *choices.items()):
        told = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield f"- {name.replace('_', ' ')}: {_cell(told)}"
    if not (query or choices):
        yield "Everything that the archive holds of this kind."
    for reason, count in sorted(made.left_out.items()):
        yield f"- left out, {reason}: {count}"
    for what, count in sorted(made.counted.items()):
        yield f"- {what}: {count}"


def _caveats(made: Made) -> Iterator[str]:
    yield "- The texts belong to those who wrote them; that they are public is no licence."
    yield "- Platforms have rules for handing posts on; X allows ids only (`archiver export ids`)."
    yield "- Posts may have been edited or deleted since. Nothing here says that what they claim is true."
    if made.of_pairs and made.tally.makers:
        yield "- What a translation package says of its licence may bind its output as well."
        yield "- Machine translations of these languages are a gist, Pashto most of all: cite the original."
    if made.tally.flags["demo_package"]:
        yield "- Pairs flagged `demo_package` were made by demonstration packages and are worth nothing."
    if made.format in ("warc", "wacz"):
        yield "- A captured response holds whatever its page showed: also posts that were not chosen."
    if made.choices.pseudonymise:
        yield (
            "- Accounts, mentions, links and e-mail addresses are HMAC-SHA-256 pseudonyms under a key that "
            "was not kept. Verbatim public posts can be found by searching for their words, and names in "
            "running text were left: **this is not anonymity**."
        )
    elif made.format != "ids":
        yield "- People are named in here. `--pseudonymise` makes a corpus that does not name accounts."


def _table(what: str, of: str, counts: Counter[str]) -> Iterator[str]:
    yield f"| {what} | {of} |"
    yield "|---|---|"
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    yield from (f"| {_cell(name)} | {count} |" for name, count in ordered[:_MANY])
    if len(ordered) > _MANY:
        yield f"| {len(ordered) - _MANY} more | {sum(count for _, count in ordered[_MANY:])} |"
    yield ""


def _cell(text: str) -> str:
    """Text inside a table of Markdown: no mark-up, no line break, nothing that UTF-8 cannot hold."""
    kept = "".join(c if c.isprintable() else " " for c in text)
    for sign in "\\`|<>[]*_":
        kept = kept.replace(
            sign, f"\\{sign}" if sign not in "`<>" else {"`": "'", "<": "&lt;", ">": "&gt;"}[sign]
        )
    return kept


def _query(made: Made) -> dict[str, Any]:
    told: dict[str, Any] = _told(asdict(made.filters))
    if made.choices.pseudonymise:  # the filters may name the very people
        for name in ("query", "account"):
            if told.get(name):
                told[name] = "(withheld)"
    return told


def _told(value: Any) -> Any:
    match value:
        case datetime():
            return moment(value)
        case dict():
            return {key: _told(item) for key, item in value.items()}
        case list() | tuple():
            return [_told(item) for item in value]
    return value


def _time(made: Made, at: datetime | None) -> str | None:
    if at is None:
        return None
    return at.astimezone(UTC).date().isoformat() if made.choices.pseudonymise else moment(at)


def _sorted(counts: Iterable[Any]) -> dict[str, int]:
    return dict(sorted(dict(counts).items()))
