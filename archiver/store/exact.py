"""Texts that must stand in a post letter by letter: found by their words first, then read in the posts."""

import re
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from archiver.errors import Usage
from archiver.store import alt_texts, tables
from archiver.store.dialects import in_batches
from archiver.store.fields import Side
from archiver.store.fulltext import Answers
from archiver.store.texts import translated_texts
from archiver.store.types import original

MOST = 20_000  # posts that are read to compare their letters
_doc = tables.search_doc.c
_MARKS = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"


class Exactly:
    """The answers of the index that also hold every text of `wanted` and none of `unwanted` as written."""

    def __init__(
        self,
        connection: Connection,
        answers: Answers,
        side: Side,
        wanted: Sequence[str],
        unwanted: Sequence[str],
    ) -> None:
        if (total := answers.count()) > MOST:
            raise Usage(
                f"exact: {total:,} posts would have to be read for it, at most {MOST:,} are; narrow it"
            )
        self.connection = connection
        self.answers = answers
        self.side = side
        self.wanted = [_as_written(text) for text in wanted]
        self.unwanted = [_as_written(text) for text in unwanted]
        self.posts = [post for batch in in_batches(answers.newest(MOST)) for post in self._read(batch)]

    def count(self) -> int:
        return len(self.posts)

    def newest(self, limit: int) -> list[int]:
        return self.posts[:limit]

    def best(self, limit: int) -> list[int]:
        kept = set(self.posts)
        return [post for post in self.answers.best(MOST) if post in kept][:limit]

    def all(self) -> "array[int]":
        return array("q", sorted(self.posts))

    def rows(self, limit: int | None = None) -> Any:
        kept = self.posts if limit is None else self.posts[:limit]
        return select(_doc.id).where(_doc.post_id.in_(kept)).cte("hits")

    def _read(self, posts: Sequence[int]) -> Iterator[int]:
        """Those of `posts` that fit, in their order."""
        rows = (
            select(_doc.post_id, _doc.translation_id, _doc.revision_id, tables.revision.c.body)
            .join(tables.revision, tables.revision.c.id == _doc.revision_id)
            .where(_doc.post_id.in_(posts))
        )
        found = {row.post_id: row for row in self.connection.execute(rows)}
        translations = [row.translation_id for row in found.values() if row.translation_id]
        translated = translated_texts(self.connection, translations) if self.side != "original" else {}
        described = alt_texts.of_revisions(self.connection, [row.revision_id for row in found.values()])
        for post in posts:
            said: list[tuple[str, str | None]] = []
            said.append((found[post].body, translated.get(found[post].translation_id)))
            said += [(told.text, told.translation) for told in described.get(found[post].revision_id, ())]
            one, other = self.side != "translation", self.side != "original"
            sides = [text for here, there in said for text in (one and here, other and there)]
            texts = [original(text) for text in sides if text]
            if self._fit(texts):
                yield post

    def _fit(self, texts: Sequence[str]) -> bool:
        def stands(pattern: re.Pattern[str]) -> bool:
            return any(map(pattern.search, texts))

        return all(map(stands, self.wanted)) and not any(map(stands, self.unwanted))


def _as_written(text: str) -> re.Pattern[str]:
    """Whole words: neither a letter nor a mark goes on before or behind."""
    return re.compile(rf"(?<![\w{_MARKS}]){re.escape(text.strip())}(?![\w{_MARKS}])")
