"""Say better what a post says: a person's translation, beside the machine's and shown before it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from archiver.config import Config
from archiver.errors import Usage
from archiver.store import corrections, queries, translating, versions
from archiver.store.corrections import LONGEST, CorrectionRow
from archiver.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A segment as it can be named: `number` counts from 1. `translation` None: nobody has translated it."""

    number: int
    source: str
    translation: str | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What was kept: how many new corrections, how many said what was kept before."""

    post: str
    target: str
    new: int
    unchanged: int
    segments: tuple[Numbered, ...]


def segments(config: Config, post: str, *, target: str | None = None) -> Corrected:
    """The segments of what a post says now, as they can be corrected. Raises NotFound, Usage."""
    with Database.open(config.database_url) as database, database.read() as connection:
        name, text = _text(connection, post)
        target = target or _target(config, text)
        return Corrected(post=name, target=target, new=0, unchanged=0, segments=_numbered(text, target))


def correct(
    config: Config,
    post: str,
    *,
    text: str,
    segment: int | None = None,
    by: str | None = None,
    note: str | None = None,
    target: str | None = None,
) -> Corrected:
    """Keep a person's translation of one segment (from 1), or of all that a post says. See `correct_many`."""
    return correct_many(config, post, [(segment, text)], by=by, note=note, target=target)


def correct_many(
    config: Config,
    post: str,
    said: Sequence[tuple[int | None, str]],
    *,
    by: str | None = None,
    note: str | None = None,
    target: str | None = None,
) -> Corrected:
    """Keep (segment number, text) pairs, all or none; they are shown at once.

    Raises NotFound for a post that is not here, Usage for a segment that it does not have and for what is no
    text.
    """
    with Database.open(config.database_url) as database, database.write() as connection:
        name, now = _text(connection, post)
        target = target or _target(config, now)
        rows = [
            CorrectionRow(
                segment_id=_segment(connection, name, now, number, target),
                text=text.replace("\r\n", "\n").strip("\n"),
                language=now.language if now.language != "und" else None,
                target=target,
                author=_label(by, "--by"),
                note=_label(note, "--note"),
            )
            for number, text in said
        ]
        for (number, _), row in zip(said, rows, strict=True):
            if why := corrections.fault(row):
                where = f"segment {number} of {name}" if number else name
                raise Usage(f"{where}: {why}")
        done = corrections.save_corrections(connection, rows, datetime.now(UTC), confirm=True)
        _, after = _text(connection, post)
        return Corrected(
            post=name,
            target=target,
            new=done.new,
            unchanged=done.unchanged,
            segments=_numbered(after, target),
        )


def read_tsv(lines: Iterable[bytes], name: str) -> list[tuple[int | None, str]]:
    """NUMBER<TAB>TEXT a line, as `archiver correct POST` numbers them; `\\n` in a text is a line break."""
    said: list[tuple[int | None, str]] = []
    for number, raw in enumerate(lines, 1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise Usage(f"{name}, line {number}: this is no UTF-8") from None
        if not line.strip() or line.startswith("#"):
            continue
        segment, tab, text = line.partition("\t")
        if not tab or not segment.strip().isdecimal():
            raise Usage(f"{name}, line {number}: write the segment's number, a tab and its translation")
        if len(text) > 2 * LONGEST:
            raise Usage(f"{name}, line {number}: {len(text)} characters; there is room for {LONGEST}")
        said.append((int(segment), text.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")))
    if not said:
        raise Usage(f"{name}: no line says a segment's number, a tab and its translation")
    return said


def read_text(raw: bytes, name: str) -> str:
    """A text from a file or a pipe. Raises Usage for what is no UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Usage(f"{name}: byte {error.start + 1} is no UTF-8") from None


def opened(path: str) -> list[bytes]:
    """The lines of a file of corrections."""
    file = Path(path)
    if not file.is_file():
        raise Usage(f"there is no file {path}")
    return file.read_bytes().splitlines(keepends=True)


# -- the parts of it --------------------------------------------------------------------------------------


def _text(connection: Connection, post: str) -> tuple[str, versions.Text]:
    name, revision_id = queries.current_revision(connection, post)
    found = versions.texts(connection, [revision_id] if revision_id is not None else [])
    if not found or not next(iter(found.values())).body.strip():
        raise Usage(f"{name} says nothing in words: there is nothing to correct")
    return name, next(iter(found.values()))


def _target(config: Config, text: versions.Text) -> str:
    return text.versions[-1].target if text.versions else config.translate.to


def _numbered(text: versions.Text, target: str) -> tuple[Numbered, ...]:
    return tuple(
        Numbered(number=number, source=part.source, translation=part.text, flags=part.flags)
        for number, part in enumerate(text.parts(target), 1)
    )


def _segment(connection: Connection, name: str, text: versions.Text, number: int | None, target: str) -> int:
    """The id of a segment by its number; of the whole text where there is no number."""
    parts = text.parts(target)
    if number is None and len(parts) == 1 and parts[0].source == text.body.strip():
        number = 1
    if number is None:
        start, end, source = 0, len(text.body), text.body
    elif not 1 <= number <= len(parts):
        have = "one segment" if len(parts) == 1 else f"{len(parts)} segments"
        raise Usage(f"{name} has {have}, and no segment {number}; `archiver correct {name}` numbers them")
    else:
        part = parts[number - 1]
        if part.segment_id is not None:
            return part.segment_id
        start, end, source = part.start, part.end, part.source
    span = (text.revision_id, start, end)
    return translating.segment_ids(connection, {span: source})[span]


def _label(text: str | None, option: str) -> str | None:
    """A name or a note: one line of text."""
    if text is None or not text.strip():
        return None
    if len(text) > 1000 or any(not c.isprintable() and c not in "\u200c\u200d\u200e\u200f" for c in text):
        raise Usage(f"{option}: one line of up to 1000 characters, without control characters")
    return text.strip()
