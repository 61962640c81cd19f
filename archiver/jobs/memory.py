"""The archive's translation memory: what people said that sentences mean, brought in, listed, handed on."""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO

from archiver.config import Config
from archiver.errors import Usage
from archiver.exports._memory import write_tmx, write_tsv
from archiver.jobs.memory_files import Unit, read
from archiver.store import corrected, corrections
from archiver.store.corrected import Correction
from archiver.store.corrections import CorrectionRow
from archiver.store.database import Database

BATCH = 1000  # units kept in one transaction
LONGEST_LABEL = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a file's units. `refused` are the first of them, with their places and reasons."""

    new: int = 0
    unchanged: int = 0
    overruled: int = 0
    skipped: Counter[str]
    refused: tuple[str, ...] = ()


def import_memory(
    config: Config,
    path: Path,
    *,
    source: str | None = None,
    target: str | None = None,
    by: str | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Imported:
    """Bring a TMX or TSV file into the memory. Raises Usage for a broken file, before anything is kept.

    Of contradictory units for one sentence the last one counts. A unit is bounded as a correction is.
    """
    target = target or config.translate.to
    with Database.open(config.database_url) as database:
        for _ in read(path, source, target, Counter()):
            pass  # to its end, so that a file that breaks off leaves nothing half-kept
        skipped, refused = Counter[str](), list[str]()
        new = unchanged = overruled = seen = 0
        units = read(path, source, target, skipped)
        while batch := list(islice(units, BATCH)):
            rows = [_row(unit, by) for unit in batch]
            with database.write() as connection:
                done = corrections.save_corrections(connection, rows, datetime.now(UTC))
            new, unchanged = new + done.new, unchanged + done.unchanged
            overruled += done.overruled
            for place, why in done.refused:
                skipped["no usable text"] += 1
                if len(refused) < 10:
                    refused.append(f"{batch[place].where}: {why}")
            seen += len(batch)
            if on_progress:
                on_progress(seen)
    return Imported(
        new=new, unchanged=unchanged, overruled=overruled, skipped=skipped, refused=tuple(refused)
    )


def listed(config: Config, limit: int | None = None) -> Iterator[Correction]:
    """What people said, in the order of saying; what was superseded is left out."""
    with Database.open(config.database_url) as database:
        after, left = 0, limit
        while left is None or left > 0:
            with database.read() as connection:
                found = corrected.page(
                    connection, after=after, limit=BATCH if left is None else min(BATCH, left)
                )
            if not found:
                return
            yield from found
            after = found[-1].id
            left = None if left is None else left - len(found)


def export_memory(config: Config, to: Path | IO[bytes], format: str) -> int:
    """Write the memory as `tmx` or `tsv`, a file that appears when it is complete; how many sentences."""
    write = {"tmx": write_tmx, "tsv": write_tsv}.get(format)
    if write is None:
        raise Usage(f"a memory is written as tmx or tsv, not as '{format}': name the file so")
    if not isinstance(to, Path):
        return write(listed(config), to)
    if to.is_dir() or not to.parent.is_dir():
        raise Usage(f"{to} is a folder: name a file" if to.is_dir() else f"there is no folder {to.parent}")
    handle, name = tempfile.mkstemp(dir=to.parent, prefix=f".{to.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            count = write(listed(config), file)
            file.flush()
            os.fsync(handle)
        part.chmod(0o644)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return count


def _row(unit: Unit, by: str | None) -> CorrectionRow:
    return CorrectionRow(
        text=unit.target.strip(),
        source=unit.source.strip(),
        language=unit.language,
        target=unit.target_language,
        author=(by or unit.author or "")[:LONGEST_LABEL] or None,
        note=(unit.note or "")[:LONGEST_LABEL] or None,
    )
