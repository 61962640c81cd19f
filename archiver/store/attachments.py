"""What hangs on revisions: each piece of media, its description in other languages, what is on disk of it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from archiver.store import alt_texts, media, tables
from archiver.store.dialects import in_batches
from archiver.store.reading import Row, made, named
from archiver.store.records import AltTranslationRecord, AttachmentRecord, DownloadRecord, FileRecord

_attachment = tables.attachment


def of_revisions(
    connection: Connection, revision_ids: Sequence[int]
) -> dict[int, tuple[AttachmentRecord, ...]]:
    """By revision, in their order; revisions without any are left out."""
    rows: list[Any] = []
    for ids in in_batches(revision_ids):
        here = select(_attachment).where(_attachment.c.revision_id.in_(ids))
        rows += connection.execute(here.order_by(_attachment.c.revision_id, _attachment.c.position))
    if not rows:
        return {}
    pieces = [row.id for row in rows]
    descriptions = alt_texts.rows_of(connection, pieces)
    downloads = media.downloads(connection, pieces)
    found: dict[int, list[AttachmentRecord]] = defaultdict(list)
    for row in rows:
        told, tries = descriptions.get(row.id, ()), downloads.get(row.id, ())
        found[row.revision_id].append(_record(row, told, tries))
    return {revision_id: tuple(records) for revision_id, records in found.items()}


def _record(row: Any, descriptions: Sequence[Any], downloads: Sequence[Any]) -> AttachmentRecord:
    told, tries = [named(each) for each in descriptions], [named(each) for each in downloads]
    hanging = {
        "alt_language": told[0]["language"] if told else None,
        "alt_translations": tuple(_alt_translation(each) for each in told if each["id"] is not None),
        "downloads": tuple(
            made(DownloadRecord, {**each, "file": made(FileRecord, each) if each["sha256"] else None})
            for each in tries
        ),
    }
    return made(AttachmentRecord, {**named(row), **hanging})


def _alt_translation(row: Row) -> AltTranslationRecord:
    more = {
        "engine": row["name"],
        "package": row["package_name"],
        "version": row["package_version"],
        "sha256": row["package_sha256"],
        "flags": tuple(row["flags"]),
    }
    return made(AltTranslationRecord, {**row, **more})
