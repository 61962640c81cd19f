"""The watch list as a CSV file, out and in again.

A cell that a spreadsheet would take for a formula gets an apostrophe in front, and so does one that begins
with an apostrophe; reading takes it away again, so that a list comes back as it was.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import spiders
from archiver import spans
from archiver.errors import ArchiverError, Usage
from archiver.jobs.watch import Wish
from archiver.store.types import LONGEST_ID
from archiver.store.watches import MEDIA, Media, Watch

COLUMNS = ("watch", "since", "every", "revisit", "media", "paused", "tags", "note")
_FORMULA = re.compile(
    "[\\s\u00a0\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\\-@|%＝＋－＠−]|[\\t\\r\\n]"
)
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A line that could not be read, by its number in the file (the header is line 1), and why."""

    line: int
    why: str


def written(watches: Iterable[Watch]) -> str:
    """The list as CSV, as `read` takes it."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for watch in watches:
        cells = (
            str(watch),
            watch.since.astimezone(UTC).isoformat().replace("+00:00", "Z") if watch.since else "",
            spans.written(watch.every) if watch.every else "",
            "" if watch.revisit is None else spans.written(watch.revisit),
            watch.media or "",
            "yes" if watch.paused else "",
            ";".join(watch.tags),
            watch.note or "",
        )
        writer.writerow(map(_safe, cells))
    return file.getvalue()


def read(path: Path) -> tuple[list[Wish], list[Broken]]:
    """Wishes from a CSV file whose header names `watch` (or url, account) and perhaps the other columns, and
    the lines that are none. Raises Usage for a file that cannot be read at all."""
    wishes: list[Wish] = []
    broken: list[Broken] = []
    try:
        for line, row in _rows(path):
            try:
                wishes.append(_wish(row))
            except (ArchiverError, ValueError) as error:
                broken.append(Broken(line=line, why=str(error)))
    except UnicodeDecodeError:
        raise Usage(f"{path} is not UTF-8: save it as CSV UTF-8") from None
    except csv.Error as error:
        raise Usage(f"{path} is no CSV file: {error}") from None
    return wishes, broken


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line by its number, its cells by the names in the header; empty lines are left out."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        names = [name.strip().lower() for name in next(rows, [])]
        key = next((name for name in ("watch", "url", "account") if name in names), None)
        if key is None:
            raise Usage(f"{path}: its first line must name a column 'watch', 'url' or 'account'")
        begins = rows.line_num + 1
        for cells in rows:
            row = dict(zip(names, map(_plain, cells), strict=False))
            if any(row.values()):
                yield begins, {**row, "watch": row.get(key, "")}
            begins = rows.line_num + 1


def _wish(row: dict[str, str]) -> Wish:
    named = row["watch"]
    if not named:
        raise ValueError("it names no watch")
    if len(spiders.identify(named).handle) > LONGEST_ID:
        raise ValueError(f"a handle has at most {LONGEST_ID} characters")
    since, media, paused = row.get("since"), row.get("media", "").lower(), row.get("paused", "").lower()
    if media and media not in MEDIA:
        raise ValueError(f"'{media}' is no choice of media; there are {', '.join(MEDIA)}")
    if paused and paused not in _YES:
        raise ValueError(f"paused is '{paused}'; write yes or nothing")
    chosen: dict[str, Media] = {name: name for name in MEDIA}
    return Wish(
        named=named,
        since=_moment(since) if since else None,
        note=row.get("note") or None,
        tags=tuple(t.strip() for t in row.get("tags", "").split(";") if t.strip()),
        every=spans.seconds(row["every"]) if row.get("every") else None,
        revisit=spans.seconds(row["revisit"], or_none=True) if row.get("revisit") else None,
        media=chosen.get(media),
        paused=_YES.get(paused),
    )


def _moment(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is no date; write 2026-11-22") from None
    return read.replace(tzinfo=read.tzinfo or UTC)


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith("'") or _FORMULA.match(cell) else cell


def _plain(cell: str) -> str:
    text = cell.strip(" ")
    if text.startswith("'") and (text.startswith("''") or _FORMULA.match(text[1:])):
        return text[1:]
    return text
