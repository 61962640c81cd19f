"""What a corpus consists of, counted as it passes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from archiver.exports._choices import AnyPost
from archiver.exports._pairs import Pair
from archiver.store.records import PostRecord


@dataclass(slots=True, kw_only=True)
class Tally:
    posts: int = 0
    pairs: int = 0
    by_language: Counter[str] = field(default_factory=Counter)  # "ps-en", or "ps" of whole posts
    by_account: Counter[str] = field(default_factory=Counter)
    by_split: Counter[str] = field(default_factory=Counter)
    made_by: Counter[str] = field(default_factory=Counter)
    makers: Counter[tuple[str, str, str, str, str]] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None  # published
    last: datetime | None = None
    seen: datetime | None = None  # the newest thing known of any post
    _post: str | None = None

    def saw(self, records: Iterable[AnyPost]) -> Iterator[AnyPost]:
        for record in records:
            if self.seen is None or record.last_seen_at > self.seen:
                self.seen = record.last_seen_at
            yield record

    def post(self, record: PostRecord) -> None:
        """A post that went in whole."""
        self.posts += 1
        detection = record.revision.detection if record.revision else None
        self.by_language[detection.language if detection else "und"] += 1
        self.by_account[f"{record.platform}:{record.account.handle}"] += 1
        self._published(record.published_at)

    def pair(self, pair: Pair, split: str | None) -> None:
        self.pairs += 1
        if pair.post != self._post:
            self._post = pair.post
            self.posts += 1
        untranslated = pair.target is None
        self.by_language[pair.language if untranslated else f"{pair.language}-{pair.target_language}"] += 1
        self.by_account[f"{pair.platform}:{pair.account}"] += 1
        self.made_by[pair.made_by] += 1
        self.flags.update(pair.flags)
        if split:
            self.by_split[split] += 1
        if not untranslated and pair.made_by != "person":
            self.makers[(pair.engine, pair.package, pair.version, pair.sha256, pair.options)] += 1
        self._published(pair.published_at)

    def _published(self, at: datetime | None) -> None:
        if at:
            if self.first is None or at < self.first:
                self.first = at
            if self.last is None or at > self.last:
                self.last = at
