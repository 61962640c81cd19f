"""The same word in any spelling is found; two words that look alike are kept apart where it is asked for.

More than a thousand posts of our own sentences in four languages, each spelled by one of the ways that
keyboards, vowel marks, stretching, hamzas and joiners allow, and every word asked for in each of them.
"""

import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select

from archiver.posts import Account, Capture, Harvest, Post
from archiver.store import indexing, tables, translating, watches, writes
from archiver.store.database import Database
from archiver.store.filters import Filters
from archiver.store.query_language import terms
from archiver.store.search import find

NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)
Spell = Callable[[str], str]

# First halves and second halves; every pair is a post's text.
SENTENCES = {
    "ur": (
        (
            "آج شہر کے بازار کھلے ہیں",
            "نئی کتاب کل شائع ہوگی",
            "یہ لڑکی اسکول گئی",
            "پہاڑ کی سڑک برف سے بند ہے",
        ),
        (
            "کسانوں نے گندم بیچی",
            "دریا کا پانی کم ہے",
            "ہسپتال میں ڈاکٹر نہیں تھے",
            "گاؤں کے لوگ خوش ہیں",
            "مسئلہ ۲۰۲۴ میں حل ہوا",
        ),
    ),
    "ps": (
        (
            "د هرات لاره د واورې له امله بنده ده",
            "نوی کتاب پرون چاپ شو",
            "هلک ښوونځي ته ولاړ",
            "کلیوال د اوبو له کمي شکایت کوي",
        ),
        (
            "بزګرانو غنم وپلورل",
            "د سیند اوبه کمې دي",
            "ډاکټر په روغتون کې نه و",
            "د ولایت مشر خبرې وکړې",
            "مسؤل رئیس ښاروالۍ ته په ۱۴۰۳ کال راغی",
            "پاڼه مه ګډوئ او ژڼی راولئ",
        ),
    ),
    "ar": (
        (
            "الطريق إلى الجبل مغلق بسبب الثلج",
            "صدر كتاب جديد أمس",
            "ذهبت الطفلة إلى المدرسة",
            "سوق المدينة مفتوح اليوم",
        ),
        (
            "باع المزارعون القمح",
            "ماء النهر قليل",
            "لا طبيب في المستشفى",
            "أعلن المجلس موعد الاجتماع",
            "عاد المسؤول سنة ٢٠٢٤",
        ),
    ),
    "fa": (
        (
            "راه کوه به خاطر برف بسته است",
            "کتاب تازه دیروز چاپ شد",
            "دختر به مدرسه رفت",
            "بازار شهر امروز باز است",
        ),
        (
            "کشاورزان گندم فروختند",
            "آب رودخانه کم است",
            "پزشکی در بیمارستان نبود",
            "من هر روز کار می‌کنم",
            "مسئول سال ۱۴۰۳ آمد",
        ),
    ),
}


def _swapped(**letters: str) -> Spell:
    table = str.maketrans(letters)
    return lambda text: text.translate(table)


def _marked(text: str) -> str:
    """A vowel mark behind every second letter."""
    return "".join(c + ("\u064e" if c.isalpha() and n % 2 else "") for n, c in enumerate(text))


def _stretched(text: str) -> str:
    return "".join(c + ("ـــ" if c in "سكکهہ" else "") for c in text)


def _presented(text: str) -> str:
    return text.replace("لا", "\ufefb").replace("ب", "\ufe91")


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _plain(text: str) -> str:
    return text


def _arabic_keyboard_within_words(text: str) -> str:
    """In Pashto a final yeh tells words apart; within a word it is one letter on all keyboards."""
    return "".join(
        "ي" if c == "ی" and text[n + 1 : n + 2].isalpha() else "ك" if c == "ک" else c
        for n, c in enumerate(text)
    )


def _without_hamza(text: str) -> str:
    return text.translate(str.maketrans("أإ", "اا"))


def _joined(text: str) -> str:
    return text.replace("\u200c", "")


SAME: tuple[Spell, ...] = (_plain, _marked, _stretched, _presented, _decomposed)
SPELLINGS: dict[str, tuple[Spell, ...]] = {
    "ur": (*SAME, _swapped(ک="ك", ی="ي"), _swapped(ہ="ه"), _swapped(ک="ڪ", ی="ى")),
    "ps": (*SAME, _arabic_keyboard_within_words, _swapped(ک="ڪ", ګ="گ"), _swapped(ه="ہ")),
    "ar": (*SAME, _swapped(ك="ک"), _swapped(ه="ہ"), _without_hamza),
    "fa": (*SAME, _swapped(ک="ك", ی="ي"), _swapped(ه="ہ", ی="ى"), _joined),
}
TIMES = 2  # posts of each text in each spelling


def _digits(zero: str) -> Spell:
    return lambda text: "".join(chr(ord(zero) + int(c)) if c.isdecimal() else c for c in text)


# What people type who have another keyboard: found as look-alikes, not as the same word.
TYPED: dict[str, tuple[Spell, ...]] = {
    "ur": (
        _swapped(ئ="ی"),
        _swapped(ؤ="و"),
        _swapped(ھ="ہ"),
        _swapped(ں="ن"),
        _swapped(آ="ا"),
        _swapped(ے="ی"),
    ),
    "ps": (
        *(_swapped(**dict.fromkeys("یيېۍئ", typed)) for typed in "یيېےى"),
        _swapped(ټ="ٹ", ډ="ڈ", ړ="ڑ"),
        _swapped(ڼ="ن"),
        _swapped(ه="ە"),
        _swapped(ه="ۀ"),
        _swapped(ؤ="و"),
        _swapped(ګ="گ", ک="ك", ی="ي"),
    ),
    "ar": (_swapped(ؤ="و"), _swapped(ئ="ي"), _swapped(ة="ه"), _swapped(ى="ي"), _swapped(أ="آ")),
    "fa": (_swapped(ئ="ی"), _swapped(آ="ا"), _swapped(ی="ي", ک="ك")),
}
DIGITS = (_digits("0"), _digits("٠"), _digits("۰"))

# Words that the usual folding merges, and that are two words.
APART = {
    "ur": (
        ("کے", "کی"),
        ("تھے", "تھی"),
        ("ہے", "ہی"),
        ("گئے", "گئی"),
        ("لڑکے", "لڑکی"),
        ("کہا", "کھا"),
        ("آن", "ان"),
        ("آس", "اس"),
        ("دیں", "دین"),
        ("ماں", "مان"),
        ("ملین", "ملیں"),
    ),
    "ar": (
        ("أن", "إن"),
        ("أنه", "إنه"),
        ("ألا", "إلا"),
        ("على", "علي"),
        ("لدى", "لدي"),
        ("وحدة", "وحده"),
        ("أية", "أيه"),
        ("ما", "ماء"),
    ),
    "ps": (("دي", "دی"), ("دي", "دې"), ("شوي", "شوی"), ("شوي", "شوې"), ("کړی", "کړئ"), ("کړی", "کړې")),
    "fa": (("آن", "ان"), ("آید", "اید")),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("variants")
    with Database.create(f"sqlite:///{folder / 'archive.db'}") as database:
        _store(database, [*_posts(), *_pairs()])
        indexing.catch_up(database)
        yield database


def _posts() -> Iterator[tuple[str, str, str]]:
    """(name, language, text) of every post; the name holds what the text says, plainly spelled."""
    for language, (firsts, seconds) in SENTENCES.items():
        for (number, spell), first, second in product(
            enumerate(SPELLINGS[language] * TIMES), firsts, seconds
        ):
            text = f"{first} {second}"
            yield f"{language} {number}: {text}", language, spell(text)


def _pairs() -> Iterator[tuple[str, str, str]]:
    for language, pairs in APART.items():
        for word in sorted({word for pair in pairs for word in pair}):
            yield f"{language} alone: {word}", language, word


def _store(database: Database, told: list[tuple[str, str, str]]) -> None:
    author = Account(platform="telegram", native_id="1", handle="x")
    capture = Capture(
        url="https://example.org/x",
        fetched_at=NOON,
        status=200,
        sha256="0" * 64,
        size=1,
        warc="x.warc.gz",
        offset=0,
        length=1,
    )
    posts = tuple(
        Post(
            platform="telegram",
            native_id=name,
            author=author,
            text=text,
            published_at=NOON + timedelta(minutes=n),
        )
        for n, (name, _, text) in enumerate(told)
    )
    harvest = Harvest(
        platform="telegram",
        handle="x",
        capture=capture,
        cursor="{}",
        account=author,
        posts=posts,
        served=len(posts),
        problems=(),
    )
    with database.write() as connection:
        watches.add(connection, platform="telegram", handle="x", at=NOON)
        writes.store_harvest(connection, harvest)
        rows = select(tables.post.c.native_id, tables.post.c.current_revision_id)
        detected = [
            (row.current_revision_id, row.native_id[:2], 0.99, "ours") for row in connection.execute(rows)
        ]
        translating.save_detections(connection, detected, NOON)


def found(database: Database, query: str, language: str) -> set[str]:
    with database.read() as connection:
        ids = set(find(connection, Filters(query=query, languages=(language,))).answers.all())
        rows = connection.execute(select(tables.post.c.id, tables.post.c.native_id))
        return {row.native_id for row in rows if row.id in ids}


def test_every_spelling_of_a_word_finds_every_spelling_of_it(archive: Database) -> None:
    names = [(name, language) for name, language, _ in _posts()]
    assert len(names) >= 1000
    asked = 0
    for language, sides in SENTENCES.items():
        known = [name for name, of in names if of == language]
        for word in sorted({word for side in sides for text in side for word in text.split()}):
            expected = {name for name in known if word in name.partition(": ")[2].split()}
            for query in dict.fromkeys(spell(word) for spell in SPELLINGS[language]):
                missed = expected - found(archive, query, language)
                assert not missed, f"{query} misses {len(missed)} of {len(expected)}: {min(missed)}"
                asked += 1
    assert asked >= 300


def test_what_another_keyboard_types_finds_the_words_that_were_meant(archive: Database) -> None:
    """Yeh in all its forms, ڼ and ں, Urdu's retroflexes, heh, hamza left out, digits of three sets."""
    asked = 0
    for language, sides in SENTENCES.items():
        known = [name for name, of, _ in _posts() if of == language]
        for word in sorted({word for side in sides for text in side for word in text.split()}):
            expected = {name for name in known if word in name.partition(": ")[2].split()}
            typed = {spell(word) for spell in (*TYPED[language], *DIGITS)} - {word}
            for query in sorted(typed):
                missed = expected - found(archive, query, language)
                assert not missed, (
                    f"{query} misses {len(missed)} of {len(expected)} with {word}: {min(missed)}"
                )
                asked += 1
    assert asked >= 150


@pytest.mark.parametrize("language", APART)
def test_quoted_words_that_look_alike_are_two_words(archive: Database, language: str) -> None:
    for one, other in (pair for words in APART[language] for pair in (words, words[::-1])):
        names = found(archive, f'"{one}"', language)
        assert f"{language} alone: {one}" in names
        assert f"{language} alone: {other}" not in names, f"{one} finds {other}"


def test_no_query_of_this_test_is_something_else_than_words() -> None:
    from archiver.store.query_language import parse

    for language, sides in SENTENCES.items():
        for spell in SPELLINGS[language]:
            kinds = {term.kind for side in sides for text in side for term in terms(parse(spell(text)).node)}
            assert kinds == {"word"}
