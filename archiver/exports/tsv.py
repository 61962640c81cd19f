"""Aligned pairs, one segment and its translation a line, tab-separated with a header.

How tabs, line breaks and other control characters inside a text are written is said in `_cells`. `made_by`
says `machine` or `person`; engine, package, version and sha256 say which one, or who. Cells are not defused
for spreadsheets: read the file with a program.
"""

from collections import Counter
from collections.abc import Iterable
from typing import IO

from archiver.exports._cells import line
from archiver.exports._pairs import Pair, decimal, moment, pairs
from archiver.store.records import PostRecord

HEADER = (
    "post",
    "revision",
    "segment",
    "source",
    "target",
    "language",
    "confidence",
    "target_language",
    "platform",
    "account",
    "url",
    "published_at",
    "made_by",
    "engine",
    "package",
    "version",
    "sha256",
    "score",
    "flags",
)


def write(records: Iterable[PostRecord], file: IO[bytes]) -> Counter[str]:
    counted = Counter[str]()
    file.write(line(*HEADER))
    for pair in pairs(records):
        file.write(line(*_cells(pair)))
        counted["pairs"] += 1
    return counted


def _cells(pair: Pair) -> tuple[str | None, ...]:
    post, revision, translation, segment = pair.post, pair.revision, pair.translation, pair.segment
    return (
        post.post,
        str(revision.seq),
        str(segment.index),
        segment.source,
        segment.target,
        translation.language,
        decimal(pair.confidence),
        translation.target,
        post.platform,
        post.account.handle,
        post.url,
        moment(post.published_at),
        segment.made_by,
        translation.engine,
        translation.package,
        translation.version,
        translation.sha256,
        decimal(segment.score),
        " ".join(pair.flags),
    )
