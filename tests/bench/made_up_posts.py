"""Made-up posts by the million: real sentences' words of our own among invented ones."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection, insert

from archiver.store import tables
from archiver.store.database import Database

FIRST = datetime(2019, 1, 1, tzinfo=UTC)
LAST_DAY = 2740  # to mid-2026
CHUNK = 5000
SHARES = {"ur": 35, "ar": 25, "ps": 20, "fa": 15, "en": 5}
FREQUENT = {
    "ur": "کے میں کی ہے اور سے کا کو اس کہ ہیں پر نے ایک بھی نہیں یہ تھا کتاب سڑک شہر برف بازار پانی لوگ آج",
    "ar": "في من على أن إلى عن مع هذا التي الذي كان بعد كل ما قد بين الطريق المدينة كتاب ماء السوق اليوم",
    "ps": "د په چې او کې ته له دی هم نه یو سره دا کړي شوي لاره ښار واوره بازار اوبه خلک نن کتاب هرات کابل",
    "fa": "و در به از که این را با است برای آن یک خود تا کرد بر هم نیز کتاب راه شهر برف بازار آب مردم امروز",
    "en": "the of and to in a is that for on was with as by at from road city snow market water book",
}
LETTERS = {
    "ur": "ابپتٹجچخدڈرڑزسشعفقکگلمنںوہھیے",
    "ar": "ابتثجحخدذرزسشصضطعغفقكلمنهوي",
    "ps": "ابپتټجځچڅخدډرړزژښسشغفقکګلمنڼوهیې",
    "fa": "ابپتثجچحخدرزژسشصطعغفقکگلمنوهی",
    "en": "abcdefghijklmnopqrstuvwxyz",
}
HARAKAT = "\u064e\u064f\u0650\u0651"
INVENTED = 60_000  # words of each language
ACCOUNTS = 2000  # each of them watched
A_PAGE = 20  # posts
LONG = 200  # code points of a text that is translated in two segments


class Tongue:
    """A language's words, the n-th 1/n as frequent as the first."""

    def __init__(self, language: str) -> None:
        chance = random.Random(f"words of {language}")
        letters = LETTERS[language]
        invented = {"".join(chance.choices(letters, k=chance.randint(3, 9))) for _ in range(INVENTED)}
        self.language = language
        self.words = [*FREQUENT[language].split(), *sorted(invented)]
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(len(self.words))))

    def text(self, chance: random.Random, shortest: int, longest: int) -> str:
        spoken = chance.choices(self.words, cum_weights=self.weights, k=chance.randint(shortest, longest))
        return " ".join(spoken)


def fill(database: Database, count: int) -> None:
    """Store `count` posts as crawls, a detection and a translation would have left them."""
    with database.write() as connection:
        _accounts(connection)
    for start in range(1, count + 1, CHUNK):
        made: dict[str, list[dict[str, Any]]] = {table.name: [] for table in _TABLES}
        for number in range(start, min(start + CHUNK, count + 1)):
            for name, row in _rows(number, count):
                made[name].append(row)
        with database.write() as connection:
            for table in _TABLES:
                if made[table.name]:
                    connection.execute(insert(table), made[table.name])


_TABLES = (
    tables.capture,
    tables.page,
    tables.post,
    tables.revision,
    tables.observation,
    tables.detection,
    tables.segment,
    tables.translation,
    tables.translated_segment,
)
PLATFORMS = ("telegram", "x", "mastodon")


def _accounts(connection: Connection) -> None:
    accounts = [
        {
            "id": number,
            "platform": PLATFORMS[number % 3],
            "native_id": f"a{number}",
            "handle": f"account_{number}",
            "first_seen_at": FIRST,
            "last_seen_at": FIRST,
        }
        for number in range(1, ACCOUNTS + 1)
    ]
    connection.execute(insert(tables.account), accounts)
    watches = [
        {
            "id": account["id"],
            "platform": account["platform"],
            "handle": account["handle"],
            "account_id": account["id"],
            "tags": [],
            "paused": False,
            "added_at": FIRST,
        }
        for account in accounts
    ]
    connection.execute(insert(tables.watch), watches)
    engine = {
        "id": 1,
        "name": "argos",
        "package_name": "made-up",
        "package_version": "1.0",
        "package_sha256": "0" * 64,
        "options": "beam=2",
        "target": "en",
    }
    connection.execute(insert(tables.engine), engine)


_SHARES = list(accumulate(SHARES.values()))
_BUSY = list(accumulate(1 / (rank + 2) for rank in range(ACCOUNTS)))


def _rows(number: int, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a post, each with the name of its table; English ones have no translation."""
    chance = random.Random(number)
    [language] = chance.choices(list(SHARES), cum_weights=_SHARES)
    [account] = chance.choices(range(1, ACCOUNTS + 1), cum_weights=_BUSY)
    body = _noisy(tongue(language).text(chance, 8, 60), language, chance)
    at = FIRST + timedelta(days=LAST_DAY * number / count, seconds=chance.randrange(86_400))
    page = (number - 1) // A_PAGE + 1
    if number % A_PAGE == 1:
        yield from _page(page, account, at)
    yield (
        "post",
        {
            "id": number,
            "platform": PLATFORMS[account % 3],
            "native_id": f"{number}",
            "account_id": account,
            "kind": "post",
            "url": f"https://example.org/{number}",
            "published_at": at,
            "group_ids": [],
            "first_seen_at": at,
            "last_seen_at": at,
            "state": "live",
            "current_revision_id": number,
        },
    )
    yield (
        "revision",
        {
            "id": number,
            "post_id": number,
            "seq": 1,
            "digest": f"{number:064x}",
            "text": body,
            "body": body,
            "capture_id": page,
            "seen_at": at,
        },
    )
    yield (
        "observation",
        {
            "id": number,
            "post_id": number,
            "capture_id": page,
            "at": at,
            "state": "live",
            "metrics": {"views": {"value": chance.randrange(10_000), "granularity": 1}},
            "revision_id": number,
        },
    )
    yield (
        "detection",
        {
            "id": number,
            "revision_id": number,
            "language": language,
            "confidence": 0.99,
            "method": "made up",
            "at": at,
        },
    )
    if language != "en":
        yield from _translation(number, language, body, at, chance)


def _page(number: int, account: int, at: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        "capture",
        {
            "id": number,
            "url": f"https://example.org/page/{number}",
            "fetched_at": at,
            "status": 200,
            "sha256": f"{number:064x}",
            "size": 1,
            "warc": "made-up.warc.gz",
            "offset": number,
            "length": 1,
        },
    )
    counts = {"served": A_PAGE, "new": 0, "revised": 0, "unchanged": 0, "unread": 0}
    yield "page", {"id": number, "capture_id": number, "watch_id": account, **counts}


def _translation(
    number: int, language: str, body: str, at: datetime, chance: random.Random
) -> Iterator[tuple[str, dict[str, Any]]]:
    flags = ["repetition"] if number % 50 == 0 else []
    yield (
        "translation",
        {
            "id": number,
            "revision_id": number,
            "engine_id": 1,
            "language": language,
            "target": "en",
            "flags": flags,
            "at": at,
        },
    )
    cut = body.index(" ", len(body) // 2) if len(body) > LONG else None
    spans = [(0, len(body))] if cut is None else [(0, cut), (cut + 1, len(body))]
    for place, (start, stop) in enumerate(spans):
        id = 2 * number + place
        yield (
            "segment",
            {
                "id": id,
                "revision_id": number,
                "start": start,
                "stop": stop,
                "source": body[start:stop],
                "source_key": id,
            },
        )
        yield (
            "translated_segment",
            {
                "id": id,
                "translation_id": number,
                "segment_id": id,
                "text": tongue("en").text(chance, 8, 60 if cut is None else 30),
                "score": -0.3,
                "flags": [],
            },
        )


def _noisy(text: str, language: str, chance: random.Random) -> str:
    """Some write with another keyboard, some with vowel marks, some add hashtags."""
    kind = chance.random()
    if language in ("ur", "fa", "ps") and kind < 0.12:
        text = text.replace("ک", "ك").replace("ی", "ي")
    elif language == "ar" and kind < 0.15:
        text = "".join(
            c + (chance.choice(HARAKAT) if c.isalpha() and chance.random() < 0.3 else "") for c in text
        )
    if kind > 0.9:
        text += f" #{chance.choice(FREQUENT[language].split())}"
    return text


_tongues: dict[str, Tongue] = {}


def tongue(language: str) -> Tongue:
    if language not in _tongues:
        _tongues[language] = Tongue(language)
    return _tongues[language]
