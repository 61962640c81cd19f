"""PLATFORM<TAB>NATIVE_ID a line: a corpus without its texts, to be fetched again by others."""

from collections import Counter
from collections.abc import Iterable
from typing import IO

from archiver.exports._cells import line
from archiver.store.records import PostRecord


def write(records: Iterable[PostRecord], file: IO[bytes]) -> Counter[str]:
    counted = Counter[str]()
    for record in records:
        file.write(line(record.platform, record.native_id))
        counted["posts"] += 1
    return counted
