"""Sentences end where they end, and nothing of a post is lost between them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translations.segments import join, split


def texts(text: str, language: str | None = None) -> list[str]:
    return [segment.text for segment in split(text, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("آج بارش ہوگی۔ کل دھوپ نکلے گی؟ ہاں!", ["آج بارش ہوگی۔", "کل دھوپ نکلے گی؟", "ہاں!"]),
        ("نن باران دی. سبا به لمر وي؟ هو!", ["نن باران دی.", "سبا به لمر وي؟", "هو!"]),
        ("وصل القطار؛ نزل الركاب. أين الباب؟", ["وصل القطار؛", "نزل الركاب.", "أين الباب؟"]),
        ("The road is open. Drive slowly! Why?", ["The road is open.", "Drive slowly!", "Why?"]),
        ("پہلی سطر\nدوسری سطر\r\n\r\nتیسری", ["پہلی سطر", "دوسری سطر", "تیسری"]),
    ],
)
def test_a_mark_or_a_line_end_ends_a_sentence(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "پٹرول ۳۔۵ روپے سستا ہوا",
        "الحرارة ٣.٥ درجة",
        "قیمت 3.5 فیصد بڑھی",
        "اجلاس 12.05.2024 کو ہوگا",
        "پی۔ٹی۔آئی کا اجلاس",
        "ایم۔ کیو۔ ایم کا اجلاس",
        "وصل د. سامر إلى المدينة",
        "Dr. Khan met Prof. Ali in the U.S. embassy",
        "سنه ۱۴۰۳ ه.ش بود",
        "دیکھیے https://example.org/a.b?c=d!e اور بتائیں",
        "لکھیے team.one@example.org پر",
        "آج... موسم اچھا ہے",
        "کیا واقعی؟!",
        "خوش آمدید !",
    ],
)
def test_these_marks_end_nothing(text: str) -> None:
    assert texts(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("وہ گیا۔میں آیا", ["وہ گیا۔", "میں آیا"]),
        ("سړی راغی.ښځه لاړه", ["سړی راغی.", "ښځه لاړه"]),
        ("سلام؟کیا حال ہے", ["سلام؟", "کیا حال ہے"]),
        ("The rain stopped.The sun came", ["The rain stopped.", "The sun came"]),
    ],
)
def test_a_missing_space_after_a_mark_hides_no_sentence(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


SENTENCES = {
    "ur": [
        ["ڈاکٹر خان آئے۔", "وہ بیٹھے۔"],
        ["قیمت ۳۔۵ روپے ہے۔", "شکریہ۔"],
        ["وقت 10:30 بجے ہے۔", "آئیں۔"],
        ["اس نے کہا ”میں آؤں گا؟“", "اور چلا گیا۔"],
        ["اس نے کہا: ’آؤ!‘", "پھر گیا۔"],
        ["ایم۔کیو۔ایم کا اجلاس ہوا۔", "ختم۔"],
        ["کیا ہوا؟!", "کچھ نہیں…"],
        ["کام یہ ہیں۔", "۲۔ دوسرا۔", "۳۔ تیسرا۔"],
        ["لنک https://a.example/x.y?z=1۔", "دیکھیں۔"],
        ['اس نے "Go now. Run!" کہا۔', "وہ بھاگا۔"],
        ["تم کون ہو؟", "“میں علی ہوں” وہ بولا۔"],
    ],
    "ps": [
        ["ډاکټر. احمد راغی.", "هغه ناست و.", "بیا لاړ."],
        ["د ۱۲.۵ سلنه ده.", "بله خبره."],
        ["څه شوي؟!", "نه پوهېږم..."],
        ["هغه وویل: «زه راځم.»", "بیا لاړ."],
        ["م. ا. خان راغی.", "لاړ."],
        ["لومړی؛", "دویم؛", "درېیم."],
        ["سلام... ښه یې؟", "هو."],
    ],
    "ar": [
        ["وصل د. أحمد.", "جلس."],
        ["في ص. ٥ من الكتاب.", "انتهى."],
        ["النسبة ٣٫٥٪.", "ارتفعت."],
        ["أ. د. سامي.", "حضر."],
        ["الساعة ١٠:٣٠.", "بدأ الاجتماع."],
        ["هل أنت هنا؟", "نعم."],
    ],
    "fa": [
        ["آقای م. ر. احمدی آمد.", "نشست."],
        ["سال ۱۴۰۳ ه.ش. بود.", "گذشت."],
        ["قیمت ۳٫۱۴ است.", "گران است."],
        ["می‌آیم!", "کی؟"],
    ],
    "en": [
        ["Dr. Khan met Mr. Ali at 10:30 a.m. near Mt. Elbrus.", "He left."],
        ["It costs 3.14.", "Buy it."],
        ["He said “Go!” and left.", "She stayed."],
        ['"Stop."', '"Why?" he asked.'],
        ["See e.g. page 5.", "Go to example.com.", "Now."],
        ["J. R. R. Tolkien wrote.", "He did."],
        ["Wait... what?", "Yes."],
    ],
}


@pytest.mark.parametrize("language", SENTENCES)
def test_hard_cases_are_cut_where_a_reader_would(language: str) -> None:
    for sentences in SENTENCES[language]:
        assert texts(" ".join(sentences), language) == sentences


@pytest.mark.parametrize("language", SENTENCES)
def test_hard_cases_come_back_as_they_were(language: str) -> None:
    for glue in (" ", "", "\n", "\u200f ", " – "):
        text = glue.join(sentence for sentences in SENTENCES[language] for sentence in sentences)
        segments = split(text, language)
        assert join([segment.text for segment in segments], segments, text) == text


def test_pashto_sentences_end_on_a_word_of_one_letter() -> None:
    assert texts("هغه ښه سړی و. بیا راغی.", "ps") == ["هغه ښه سړی و.", "بیا راغی."]


def test_closing_quotes_and_brackets_stay_with_their_sentence() -> None:
    assert texts('اس نے کہا: "ٹھیک ہے۔" پھر چلا گیا۔') == ['اس نے کہا: "ٹھیک ہے۔"', "پھر چلا گیا۔"]
    assert texts("(سفر بخیر.) بله خبره") == ["(سفر بخیر.)", "بله خبره"]


def test_list_markers_are_between_segments() -> None:
    text = "- پہلا کام\n• دوسرا کام\n۱۔ تیسرا کام\n2) چوتھا کام"
    assert texts(text) == ["پہلا کام", "دوسرا کام", "تیسرا کام", "چوتھا کام"]
    assert join(["A", "B", "C", "D"], split(text), text) == "- A\n• B\n۱۔ C\n2) D"


def test_translations_keep_the_lines_of_the_post() -> None:
    text = "\n  سلام۔ خیر؟\n\n\tشکریہ  \n"
    assert join(["Hello.", "Well?", "Thanks"], split(text), text) == "\n  Hello. Well?\n\n\tThanks  \n"


def test_sentences_that_touch_get_a_space_in_translation() -> None:
    text = "وہ گیا۔میں آیا"
    segments = split(text)
    assert join(["He left.", "I came"], segments, text) == "He left. I came"
    assert join([segment.text for segment in segments], segments, text) == text


def test_join_refuses_a_wrong_number_of_texts() -> None:
    with pytest.raises(ValueError, match="1 texts for 2 segments"):
        join(["one"], split("ایک۔ دو۔"), "ایک۔ دو۔")


MARKS = [*"۔؟؛!?.… \n\r\t،:()«»\"'-•_#@/", "...", "1. ", "\u200c", "\x00", "\ud800", "\u2028", "\u202e"]
WORDS = ["آج", "بارش", "سړی", "و", "الخبر", "word", "U.S.", "پی", "3.5", "۱۲", "❤️", "👨‍👩‍👧", "🇦🇫"]
ITEMS = ["https://a.bc/d?e=f.", "@a_b", "#کابل_خبر", "x@y.example"]
PIECES = st.sampled_from(MARKS + WORDS + ITEMS)


@given(
    st.one_of(st.text(), st.lists(PIECES).map("".join)),
    st.sampled_from([None, "ur", "ps", "ar", "fa-AF", "en"]),
)
def test_splitting_and_joining_gives_every_text_back(text: str, language: str | None) -> None:
    segments = split(text, language)
    assert join([segment.text for segment in segments], segments, text) == text
    end = 0
    for index, segment in enumerate(segments):
        assert segment.index == index
        assert end <= segment.start < segment.end <= len(text)
        assert segment.text == text[segment.start : segment.end] == segment.text.strip()
        assert not any(map(str.isalpha, text[end : segment.start]))
        end = segment.end
    assert not any(map(str.isalpha, text[end:]))


@pytest.mark.parametrize(
    "piece", ["سلام", ".", "۔ ", "a... ", "http://", "@", "#1", "❤️", "(", "- ", "پی۔", "www."]
)
def test_a_hundred_thousand_characters_take_no_quadratic_time(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    start = time.process_time()
    segments = split(text)
    assert time.process_time() - start < 3
    assert join([segment.text for segment in segments], segments, text) == text
