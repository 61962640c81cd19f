"""Sentences on which a package's vocabulary map is tried: our own, a few a language."""

from __future__ import annotations

from translations import demo

SIZE = 32

# News, numbers, names and talk; the other languages have the demonstration's sentences.
_PERSIAN = (
    "امروز در کابل باران سنگین بارید و چند خیابان بسته شد.",
    "وزارت آموزش اعلام کرد که مکتب‌ها هفته آینده باز می‌شوند.",
    "قیمت نان در بازار هرات ۱۲ درصد بالا رفت.",
    "آیا کسی می‌داند راه قندهار باز است؟",
    "تیم ملی کرکت افغانستان دیروز پاکستان را شکست داد.",
    "پزشکان می‌گویند ۲۵ نفر در این حادثه زخمی شدند.",
    "دوستم مریم از مزار شریف به تهران سفر کرد.",
    "برق شهر از ساعت ۸ شب قطع است و هیچ‌کس پاسخ نمی‌دهد!",
    "کتابخانه جدید با کمک یونیسف ساخته شد.",
    "کشاورزان از خشکسالی و کمبود آب نگران هستند.",
    "این ویدیو قدیمی است و به رویداد امروز ربطی ندارد.",
    "نماینده سازمان ملل با خبرنگاران گفتگو کرد.",
)


def sample(language: str) -> tuple[str, ...]:
    """At most SIZE sentences of `language`, evenly from what we have; none for a language without any."""
    if language == "fa":
        return _PERSIAN
    if language not in demo.LANGUAGES:
        return ()
    sentences = [source for source, _ in demo.corpus(language)]
    return tuple(sentences[:: max(1, len(sentences) // SIZE)][:SIZE])
