"""Of the answers of the index, those whose translation and language are sure enough.

Scores are not in the index: they are read of what it answers.
"""

from array import array
from typing import Any

from sqlalchemy import Connection, func, select

from archiver.store import tables
from archiver.store.doubts import Doubts, sure_enough
from archiver.store.fulltext import Answers

_doc = tables.search_doc.c


class SureEnough:
    """`answers` with the scores and the confidence that are `wanted`."""

    def __init__(self, connection: Connection, answers: Answers, wanted: Doubts) -> None:
        self.connection = connection
        self.answers = answers
        self.wanted = wanted

    def count(self) -> int:
        return int(self.connection.scalar(select(func.count()).select_from(self.rows())) or 0)

    def newest(self, limit: int) -> list[int]:
        rows = self.rows(limit)
        newest = select(_doc.post_id).join(rows, rows.c.id == _doc.id).order_by(_doc.id.desc())
        return list(self.connection.scalars(newest))

    def best(self, limit: int) -> list[int]:
        kept = set(self.all())
        return [post for post in self.answers.best(self.answers.count()) if post in kept][:limit]

    def all(self) -> "array[int]":
        rows = self.rows()
        posts = self.connection.scalars(select(_doc.post_id).join(rows, rows.c.id == _doc.id))
        return array("q", sorted(posts))

    def rows(self, limit: int | None = None) -> Any:
        rows, detection = self.answers.rows(), tables.detection.c
        sure = (
            select(_doc.id)
            .join(rows, rows.c.id == _doc.id)
            .outerjoin(tables.detection, detection.id == _doc.detection_id)
            .where(*sure_enough(self.wanted, _doc.translation_id, detection.confidence))
        )
        return (sure if limit is None else sure.order_by(_doc.id.desc()).limit(limit)).cte("sure")
