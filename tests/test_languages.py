"""Tags are known by name, script, direction and package, also when nobody has heard of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translations import profiles
from translations.languages import argos_code, direction, known, language, normalise, primary


@pytest.mark.parametrize(
    "tag", ["ps", "ur", "ar", "fa", "prs", "sd", "ckb", "ug", "pnb", "ks", "azb", "he", "ps-AF"]
)
def test_arabic_and_hebrew_script_run_from_right_to_left(tag: str) -> None:
    assert direction(tag) == "rtl"


@pytest.mark.parametrize(
    "tag", ["en", "ur-Latn", "ar-Latn", "ru", "und", "xx", "zh-Hans", "", "ps-Latn", "ur-Latn-PK"]
)
def test_everything_else_runs_from_left_to_right(tag: str) -> None:
    assert direction(tag) == "ltr"


@pytest.mark.parametrize(
    ("tag", "expected"), [("az-Arab", "rtl"), ("uz_arab", "rtl"), ("dv", "rtl"), ("mzn", "rtl")]
)
def test_an_unknown_tag_has_the_direction_of_its_script(tag: str, expected: str) -> None:
    assert direction(tag) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("UR_pk", "ur-PK"),
        ("urd", "ur"),
        ("pus", "ps"),
        ("pes-IR", "fa-IR"),
        ("ZH-hans-cn", "zh-Hans-CN"),
        ("ur-latn", "ur-Latn"),
        ("", "und"),
        (" en ", "en"),
        ("es-419", "es-419"),
    ],
)
def test_tags_have_one_spelling(tag: str, expected: str) -> None:
    assert normalise(tag) == expected


def test_a_region_does_not_hide_the_language() -> None:
    assert language("ur-PK").name == "Urdu"
    assert language("ur-PK").tag == "ur-PK"
    assert primary("fa_AF") == "fa"
    assert language("ur-Latn-PK").name == "Urdu (romanised)"


def test_a_script_we_do_not_expect_is_not_the_language_we_know() -> None:
    assert language("ps-Latn").name == "ps-Latn"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("prs", "fa"),
        ("fa-AF", "fa"),
        ("ur-PK", "ur"),
        ("ps", "ps"),
        ("fr-CA", "fr"),
        ("ko", "ko"),
        ("ur-Latn", None),
        ("pnb", None),
        ("und", None),
        ("xx-Arab", None),
    ],
)
def test_packages_are_asked_for_by_their_own_codes(tag: str, expected: str | None) -> None:
    assert argos_code(tag) == expected


def test_every_language_that_detection_names_in_arabic_script_is_known() -> None:
    names = {entry.tag for entry in known()}
    assert names >= {*profiles.ARABIC_SCRIPT, *profiles.LATIN_SCRIPT, "ur-Latn", "ar-Latn", "prs", "und"}
    assert all(direction(tag) == "rtl" for tag in profiles.ARABIC_SCRIPT)


@given(st.text(max_size=12))
def test_any_string_is_a_tag_of_some_kind(tag: str) -> None:
    found = language(tag)
    assert found.tag == normalise(tag) == normalise(normalise(tag))
    assert found.direction in ("rtl", "ltr")
