"""Folding joins the spellings of a word and keeps different words apart."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translations.fold import FOLD_VERSION, fold, fold_map, loose

LANGUAGES = [None, "ar", "fa", "prs", "ur", "ps", "en", "sd", "ur-PK"]

SAME = [
    # Arabic and Persian keyboards
    ("ur", "کتاب", "كتاب"),
    ("fa", "کتابی", "كتابي"),
    ("ar", "كتابي", "کتابی"),
    ("ps", "کې", "كې"),
    ("ur", "ہے", "هے"),
    ("ur", "مدرسہ", "مدرسة"),
    ("fa", "مدرسه", "مدرسة"),
    ("fa", "خانه", "خانۀ"),
    ("ar", "هذه", "ہذھ"),
    ("ps", "ګل", "گل"),
    ("ps", "هغه", "ہغہ"),
    ("ps", "یو", "يو"),
    ("ps", "سړى", "سړی"),
    ("ps", "ډېر", "ډێر"),
    ("ur", "گئے", "گ\u06cc\u0654ے"),
    ("ur", "ۓ", "ے"),
    # marks, stretching, invisible characters
    ("ar", "محمد", "مُحَمَّد"),
    ("ar", "كتاب", "كِتَابٌ"),
    ("ar", "رحمن", "رحمٰن"),
    ("ar", "سلام", "ســـــلام"),
    ("ar", "الله", "ٱلله"),
    ("ur", "پاکستان", "پاک\u200fس\u200dتان\ufeff"),
    ("ar", "صلى", "صلى\u06d6"),
    # composed and decomposed, also with a haraka in between
    ("ar", "آمن", "ا\u0653من"),
    ("ar", "أَكل", "ا\u064e\u0654كل"),
    ("ar", "مسؤول", "مسو\u0654ول"),
    ("fa", "خانۀ", "خانه\u0654"),
    ("fa", "رئیس", "ری\u0654یس"),
    ("ur", "آ", "\ufe81"),
    ("ar", "آ", "\ufe8d\u0653"),
    # presentation forms
    ("ar", "سلام", "ﺳﻼﻡ"),
    ("ur", "پاکستان", "ﭘﺎﮐﺴﺘﺎﻥ"),
    ("ar", "الله", "ﷲ"),
    ("ar", "كتب", "ﻛﹷﺘﹷﺐ"),
    (None, "صلى الله عليه وسلم", "ﷺ"),
    # digits and case
    ("ur", "2024", "۲۰۲۴"),
    ("ar", "2024", "٢٠٢٤"),
    ("fa", "3.5", "٣٫٥"),
    ("ar", "1,000", "١٬٠٠٠"),
    ("en", "strasse", "STRAßE"),
    ("ps", "kabul", "KABUL"),
    # zero-width non-joiner
    ("fa", "می کنم", "می\u200cکنم"),
    ("ur", "خوب صورت", "خوب\u200cصورت"),
    ("ar", "المدرسة", "المد\u200cرسة"),
]

APART = [
    ("ur", "کے", "کی"),
    ("ur", "لڑکے", "لڑکی"),
    ("ur", "کہا", "کھا"),
    ("ur", "ماں", "مان"),
    ("ur", "آن", "ان"),
    ("ar", "على", "علي"),
    ("ar", "وحدة", "وحده"),
    ("ar", "أن", "إن"),
    ("ar", "ماء", "ما"),
    ("ps", "دي", "دی"),
    ("ps", "شوی", "شوې"),
    ("ps", "کړئ", "کړۍ"),
    ("ps", "ړنګ", "رنګ"),
    ("ps", "ښه", "سه"),
    ("fa", "آن", "ان"),
]

LOOSELY_SAME = [
    ("ur", "کے", "کی"),
    ("ur", "کہا", "کھا"),
    ("ur", "ماں", "مان"),
    ("ar", "على", "علي"),
    ("ar", "أن", "إن"),
    ("ar", "ماء", "ما"),
    ("ar", "وحدة", "وحده"),
    ("ps", "دي", "دی"),
    ("ps", "شوی", "شوې"),
    ("fa", "علائم", "علایم"),
    (None, "ټول", "ٹول"),
    (None, "ګل", "گل"),
]


@pytest.mark.parametrize(("language", "one", "other"), SAME)
def test_spellings_of_a_word_meet(language: str | None, one: str, other: str) -> None:
    assert one != other
    assert fold(one, language) == fold(other, language)


@pytest.mark.parametrize(("language", "one", "other"), APART)
def test_different_words_stay_apart(language: str, one: str, other: str) -> None:
    assert fold(one, language) != fold(other, language)


@pytest.mark.parametrize(("language", "one", "other"), LOOSELY_SAME)
def test_look_alikes_meet_in_the_loose_key(language: str | None, one: str, other: str) -> None:
    assert fold(one, language) != fold(other, language)
    assert loose(fold(one, language)) == loose(fold(other, language))


def test_the_loose_key_is_the_same_from_every_language() -> None:
    for word in ("کتابی", "كتابي", "مُحَمَّد", "گل", "ګل", "هه", "ہہ", "ﺳﻼﻡ"):
        assert len({loose(fold(word, language)) for language in ("ar", "fa", "ur", "ps", None)}) == 1


def test_the_loose_key_still_tells_letters_apart() -> None:
    assert len({loose(fold(letter)) for letter in "ابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنوهی"}) == 35


def test_final_yeh_matters_in_pashto_only_at_the_end_of_a_word() -> None:
    assert fold("دي. ډير ميدان دي", "ps") == "دي. ډیر میدان دي"


def test_an_unknown_language_gets_the_steps_that_are_safe_for_all() -> None:
    assert fold("كِتاب ۱۲", None) == fold("كِتاب ۱۲", "xx") == "كتاب 12"
    assert fold("کے\u200cکی") == "کے کی"


def test_the_map_leads_back_to_the_original() -> None:
    original = "قال: مُحَمَّدٌ ﷺ"
    folded, origins = fold_map(original, "ar")
    start = folded.index("محمد")
    assert original[origins[start] : origins[start + 3] + 1] == "مُحَمَّد"
    assert {original[origins[at]] for at in range(folded.index("صلى"), len(folded))} == {"ﷺ"}


def test_the_map_of_a_composed_letter_names_its_base() -> None:
    assert fold_map("xا\u064e\u0653y", "fa") == ("xآy", [0, 1, 4])


def test_the_version_is_stored_as_a_number() -> None:
    assert isinstance(FOLD_VERSION, int)


ARABIC_SCRIPT = st.text(
    st.one_of(
        st.sampled_from("ابپتٹټجدډرړسشکكگګلمنںوؤهہھۀۂةۃيىیئېےۓۍآأإٱء ـ\u200c\u200d"),
        st.sampled_from("\u0653\u0654\u0655\u064e\u0651\u0670\u0316\u0610\u06e3"),
        st.characters(min_codepoint=0x0600, max_codepoint=0x06FF),
        st.characters(min_codepoint=0xFB50, max_codepoint=0xFEFC),
        st.characters(min_codepoint=0x08A0, max_codepoint=0x08FF),
    ),
    max_size=40,
)
# Everything a `str` can hold: NUL, lone surrogates, unassigned code points.
ANYTHING = st.one_of(ARABIC_SCRIPT, st.text(st.characters(exclude_categories=()), max_size=40))


@given(ANYTHING, st.sampled_from(LANGUAGES))
def test_folding_twice_changes_nothing(text: str, language: str | None) -> None:
    once = fold(text, language)
    assert fold(once, language) == once
    key = loose(once)
    assert loose(key) == key
    assert loose(fold(key, language)) == key


@given(ANYTHING, st.sampled_from(LANGUAGES))
def test_the_map_belongs_to_the_fold(text: str, language: str | None) -> None:
    folded, origins = fold_map(text, language)
    assert folded == fold(text, language)
    assert len(origins) == len(folded)
    assert origins == sorted(origins)
    assert all(0 <= origin < len(text) for origin in origins)


@given(ARABIC_SCRIPT, st.sampled_from(LANGUAGES))
def test_canonically_equivalent_texts_fold_alike(text: str, language: str | None) -> None:
    composed = fold(unicodedata.normalize("NFC", text), language)
    assert composed == fold(unicodedata.normalize("NFD", text), language) == fold(text, language)


def test_a_folded_text_carries_no_marks_and_no_presentation_forms() -> None:
    every = "".join(map(chr, [*range(0x0600, 0x0700), *range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFD)]))
    for language in LANGUAGES:
        folded = fold(every, language)
        assert not any(unicodedata.category(letter) == "Mn" for letter in folded)
        assert not any(
            unicodedata.decomposition(letter).startswith("<") and ord(letter) > 0xFB00 for letter in folded
        )
