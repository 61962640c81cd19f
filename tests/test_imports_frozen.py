"""Every frozen file is still read as it was: tests/imported/FORMAT/CASE/ holds a file and what it gives.

A folder called NAME.zip or NAME.tar.gz stands for the archive with these members. `expected.json` lists what
was found, in order, without the unknown. All texts are our own; the shapes are those of the programs that
write such files. `python tests/test_imports_frozen.py` writes expected.json again: read the difference as
you would read code.
"""

import dataclasses
import json
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from archiver import imports
from archiver.imports import Asked, Opened

CASES = sorted(p for p in (Path(__file__).parent / "imported").glob("*/*") if p.is_dir())


def made(case: Path, folder: Path) -> Path:
    """The file of a case, as a user has it."""
    (source,) = (p for p in case.iterdir() if p.name != "expected.json")
    if source.is_file():
        return source
    path = folder / source.name
    members = sorted(p for p in source.rglob("*") if p.is_file())
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in members:
                archive.write(member, member.relative_to(source).as_posix())
    else:
        with tarfile.open(path, "w:gz") as tar:
            for member in members:
                tar.add(member, member.relative_to(source).as_posix())
    return path


def portions(path: Path) -> tuple[str, list[imports.Portion]]:
    opened = Opened(path)
    format = imports.recognised(opened.head)
    assert format is not None, f"{path.name} is recognised by nobody"
    return format.name, list(format.read(opened, Asked()))


def said(case: Path, folder: Path) -> list[Any]:
    _, found = portions(made(case, folder))
    things = [thing for portion in found for thing in portion.things]
    return [{type(thing).__name__: _known(thing)} for thing in things]


def _known(thing: Any) -> Any:
    """Without what is unknown and what is the same everywhere."""
    if dataclasses.is_dataclass(thing):
        told = {f.name: _known(getattr(thing, f.name)) for f in dataclasses.fields(thing)}
        return {name: value for name, value in told.items() if value is not None and value is not False}
    match thing:
        case datetime():
            return thing.isoformat()
        case tuple() | list():
            return [_known(each) for each in thing]
        case Mapping():
            return {name: _known(value) for name, value in thing.items()}
    return thing


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_a_frozen_file_is_read_as_it_was(case: Path, tmp_path: Path) -> None:
    assert said(case, tmp_path) == json.loads((case / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_the_content_tells_the_format_whatever_the_file_is_called(case: Path, tmp_path: Path) -> None:
    path = made(case, tmp_path)
    other = tmp_path / "something.bin"
    other.write_bytes(path.read_bytes())
    name, _ = portions(other)
    assert name == case.parent.name


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_pieces_are_the_bytes_of_the_file_without_what_is_private(case: Path, tmp_path: Path) -> None:
    path = made(case, tmp_path)
    _, found = portions(path)
    pieces = [portion.piece for portion in found if portion.piece]
    for piece in pieces:
        _, _, member = piece.name.partition("!/")
        whole = _member(case, member) if member else path.read_bytes()
        assert whole[piece.start : piece.start + len(piece.content)] == piece.content
        assert b"secret words" not in piece.content and b"+93 700" not in piece.content
        assert b"nobody@example.org" not in piece.content
    assert pieces, "something is kept of every file"


def _member(case: Path, name: str) -> bytes:
    (source,) = (p for p in case.iterdir() if p.name != "expected.json")
    return (source / name).read_bytes()


def test_there_is_a_frozen_file_of_every_format() -> None:
    # Our own JSONL is tested by the way out and back (test_imports_own.py).
    assert {case.parent.name for case in CASES} == {*imports.names()} - {"jsonl"}


if __name__ == "__main__":
    for case in CASES:
        if not sys.argv[1:] or f"{case.parent.name}/{case.name}" in sys.argv[1:]:
            with tempfile.TemporaryDirectory() as folder:
                text = json.dumps(said(case, Path(folder)), ensure_ascii=False, indent=1)
            (case / "expected.json").write_text(text + "\n", encoding="utf-8")
