"""Pieces of a dossier's page: times, tables, and who or what made a translation."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from archiver.exports._markup import shown
from archiver.store.records import AltTranslationRecord, TranslationRecord
from translations.doubt import FLAGS


def time(at: datetime | None) -> str:
    if at is None:
        return "not told"
    moment = at.astimezone(UTC)
    return f'<time datetime="{moment.isoformat()}">{moment:%Y-%m-%d %H:%M:%S}</time>'


def maker(
    made: TranslationRecord | AltTranslationRecord,
    flags: Iterable[str],
    marks: str = "",
    *,
    is_older: bool = False,
) -> str:
    """What made a translation, when and how, and what speaks against it; `marks` are further list items."""
    person = made.engine == "person"
    by = f"{made.package} {made.version}".strip()
    who = f"Translation by a person, {by}" if person else f"Machine translation by {made.engine}, {by}"
    how = f"{made.options}; package SHA-256 {made.sha256}" if not person else made.options
    older = " (an older translation)" if is_older else ""
    items = "".join(f'<li class="flag">{_flag(flag)}</li>' for flag in sorted(set(flags))) + marks
    told = f"<ul>{items}</ul>" if items else ""
    return f"<p class=meta>{shown(who)}{older}, {time(made.at)}. {shown(how)}</p>{told}"


def _flag(flag: str) -> str:
    told = f": {shown(FLAGS[flag])}" if flag in FLAGS else ""
    return f"{shown(flag.replace('_', ' '))}{told}"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{column}</th>" for column in columns)
    body = "".join(f"<tr>{_cells(columns, row)}</tr>\n" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if body else "<p>None.</p>"


def _cells(columns: Sequence[str], row: Sequence[str]) -> str:
    cells = zip(columns, row, strict=True)
    return "".join(f'<td data-is="{column}">{cell}</td>' for column, cell in cells)


def things(title: str, items: Iterable[str]) -> Iterator[str]:
    listed = "".join(f"<li>{item}</li>" for item in items)
    if listed:
        yield f"<h4>{title}</h4><ul>{listed}</ul>"
