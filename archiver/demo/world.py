"""Who lives in the made-up world and what they post, on its first day and on the day after.

Urdu, Pashto and Arabic posts are made of sentences that the demonstration packages know; nobody here is real.
On the second day there is news, one post has been edited on every platform that can show it, and one is deleted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from archiver.demo.sentences import ENGLISH, PERSIAN
from translations.demo import corpus

START = datetime(2026, 3, 1, 5, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Someone who posts. `number` is the id that never changes."""

    platform: str
    number: int
    handle: str
    name: str
    about: str
    followers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One post, before any platform has given it its shape. `number` orders posts in time."""

    number: int
    at: datetime
    text: str
    language: str
    answers: int | None = None  # number of the post of the same account that this one replies to
    quotes: int | None = None
    by: Voice | None = None  # whose post is passed on
    pictures: tuple[str, ...] = ()  # their alt texts
    poll: tuple[str, ...] = ()  # the options; the question is the text
    warning: str | None = None
    service: bool = False
    edited: bool = False
    views: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Posts of each account, oldest first."""

    voices: tuple[Voice, ...]
    posts: dict[str, tuple[Said, ...]]

    def voice(self, platform: str, handle: str) -> Voice | None:
        same = (v for v in self.voices if v.platform == platform and v.handle.lower() == handle.lower())
        return next(same, None)

    def said(self, voice: Voice) -> tuple[Said, ...]:
        return self.posts.get(voice.platform, ()) if voice in WATCHED else ()


CHANNEL = Voice(
    platform="telegram",
    number=1500000001,
    handle="demo_khar_ghag",
    name="د ښار غږ",
    about="د يوه خيالي ښار خبرونه",
    followers=12_400,
)
WEATHER = Voice(
    platform="telegram",
    number=1500000002,
    handle="demo_hawa",
    name="د هوا خبر",
    about="د هوا وړاندوينې",
    followers=870,
)
CITY = Voice(
    platform="x",
    number=700000000000000011,
    handle="demo_shehri",
    name="شہری آواز",
    about="ایک خیالی شہر کی خبریں",
    followers=5_310,
)
FAN = Voice(
    platform="x", number=700000000000000012, handle="demo_chhakka", name="چھکا", about="کرکٹ", followers=96
)
MARKET = Voice(
    platform="mastodon",
    number=110000000000000021,
    handle="souq",
    name="سوق المدينة",
    about="أسعار وأخبار مدينة من الخيال",
    followers=640,
)
TEACHER = Voice(
    platform="mastodon",
    number=110000000000000022,
    handle="muallima",
    name="معلمة",
    about="عن المدرسة والكتب",
    followers=75,
)
SPORT = Voice(
    platform="bluesky",
    number=31,
    handle="maidan.demo.test",
    name="میدان | Maidan",
    about="Sport in Urdu, Pashto and English, all of it invented",
    followers=223,
)
BLOG = Voice(
    platform="feed",
    number=41,
    handle="baad-e-saba",
    name="باد صبا",
    about="یادداشت‌های یک شهر خیالی",
    followers=0,
)
WATCHED = (CHANNEL, CITY, MARKET, SPORT, BLOG)

NEWS = {
    "telegram": ("ټولو ته اختر مبارک! #اختر 🌙", "ps"),
    "x": ("سب دوستوں کو عید مبارک! 🌙 #عید_مبارک", "ur"),
    "mastodon": ("عيد مبارك وكل عام وأنتم بخير! #العيد", "ar"),
    "bluesky": ("ہماری ٹیم فائنل میں پہنچ گئی ہے! 🏆", "ur"),
    "feed": ("نوروز همگی پیروز! امروز بازار گل شهر پر از سنبل و لاله است.", "fa"),
}


def world(day: int) -> World:
    """The world on its first day, or from the second day on."""
    posts = {
        "telegram": _channel(),
        "x": _city(),
        "mastodon": _market(),
        "bluesky": _sport(),
        "feed": _blog(),
    }
    if day > 1:
        posts = {platform: _a_day_later(platform, said) for platform, said in posts.items()}
    voices = (CHANNEL, WEATHER, CITY, FAN, MARKET, TEACHER, SPORT, BLOG)
    return World(voices=voices, posts={p: tuple(said) for p, said in posts.items()})


EDITED, DELETED = 33, 29  # numbers of the posts that change


def _a_day_later(platform: str, posts: list[Said]) -> list[Said]:
    """One post gone, one edited (a feed and X have no edits in place), one new."""
    kept = [p for p in posts if p.number != DELETED or platform == "feed"]
    if platform in ("telegram", "mastodon", "bluesky"):
        correction = {"ps": "دا خبر سم نه دی.", "ur": "یہ خبر درست نہیں ہے۔", "ar": "هذا الخبر غير صحيح."}
        kept = [
            replace(p, text=f"{p.text}\n{correction.get(p.language, 'Corrected.')}", edited=True)
            if p.number == EDITED
            else p
            for p in kept
        ]
    text, language = NEWS[platform]
    last = kept[-1]
    return [
        *kept,
        Said(number=last.number + 1, at=last.at + timedelta(hours=20), text=text, language=language),
    ]


def _plain(texts: Iterable[tuple[str, str]], every: timedelta) -> list[Said]:
    return [
        Said(number=n, at=START + n * every, text=text, language=language, views=137 * n * n + 41)
        for n, (text, language) in enumerate(texts, 1)
    ]


def _sentences(language: str, count: int) -> list[tuple[str, str]]:
    return [(source, language) for source, _ in corpus(language)[:count]]


def _with(posts: list[Said], number: int, **changes: object) -> None:
    posts[number - 1] = replace(posts[number - 1], **changes)  # type: ignore[arg-type]


def _channel() -> list[Said]:
    """45 Pashto messages: three pages of the preview."""
    posts = _plain(_sentences("ps", 45), timedelta(hours=9))
    _with(posts, 1, text="Channel created", language="en", service=True)
    _with(posts, 3, text=posts[2].text + "\n\n#پاکي_کمپاين @demo_hawa https://example.org/pakhi?a=1&b=2")
    _with(posts, 8, by=WEATHER)
    _with(posts, 15, answers=12)
    _with(posts, 20, pictures=("", "", ""))
    _with(posts, 30, text="ستاسو نظر څه دی؟", poll=("👍", "👎", "🤔"))
    return posts


def _city() -> list[Said]:
    """32 Urdu posts."""
    posts = _plain(_sentences("ur", 32), timedelta(hours=13))
    _with(posts, 2, text=posts[1].text + " #ٹریفک_اپڈیٹ 🚗 https://example.org/pul")
    _with(posts, 5, answers=4)
    _with(posts, 11, by=FAN)
    _with(posts, 18, quotes=15)
    _with(posts, 25, pictures=("آٹے کے تھیلے کی قیمت کا بورڈ",))
    return posts


def _market() -> list[Said]:
    """44 Arabic statuses."""
    posts = _plain(_sentences("ar", 44), timedelta(hours=9))
    _with(posts, 6, text=posts[5].text + " @muallima #طقس_الغد")
    _with(posts, 14, answers=13)
    _with(posts, 21, pictures=("لوحة أسعار في سوق الخضار",))
    _with(posts, 27, warning="خبر حزين")
    _with(posts, 31, by=TEACHER)
    _with(posts, 35, text="أين تشاهدون المباراة الليلة؟", poll=("🏠", "☕"))
    return posts


def _sport() -> list[Said]:
    """36 posts: Urdu, Pashto and English by turns."""
    urdu, pashto = corpus("ur")[10:22], corpus("ps")[10:22]
    mixed = [
        pair
        for u, p, e in zip(urdu, pashto, ENGLISH, strict=False)
        for pair in ((u[0], "ur"), (p[0], "ps"), (e, "en"))
    ]
    posts = _plain(mixed, timedelta(hours=11))
    _with(posts, 4, text=posts[3].text + " https://example.org/match #کرکٹ")
    _with(posts, 7, answers=6)
    _with(posts, 10, pictures=("میدان میں کھلاڑی",))
    _with(posts, 16, quotes=13)
    return posts


def _blog() -> list[Said]:
    """12 Persian entries: no demonstration package knows Persian, and the archive says so."""
    return _plain([(text, "fa") for text in PERSIAN], timedelta(hours=31))
