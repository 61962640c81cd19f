"""Links, e-mails, handles, hashtags and emoji are found whole, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translations.protect import cleaned, items, shield


def found(text: str) -> list[tuple[str, str]]:
    return [(item.kind, item.text) for item in items(text)]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("link", "https://example.org/a_b?c=d&e=%D8%A7#f"),
        ("link", "http://example.org/Kabul_(province)"),
        ("link", "www.example.org/x"),
        ("link", "example.com/path_x"),
        ("link", "https://example.org/کابل_خبر"),
        ("email", "a.b+c_d@mail.example.org"),
        ("handle", "@user_name"),
        ("handle", "@name@social.example"),
        ("handle", "@نوم_کوونکی"),
        ("handle", "RT @user"),
        ("hashtag", "#کابل_خبر"),
        ("hashtag", "#می‌خواهم"),
        ("hashtag", "#مُحَمَّد"),
        ("hashtag", "#2024_budget"),
        ("emoji", "❤️"),
        ("emoji", "👨‍👩‍👧‍👦"),
        ("emoji", "👍🏽"),
        ("emoji", "🇦🇫"),
        ("emoji", "1️⃣"),
        ("emoji", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
        ("code", ":blob_cat:"),
    ],
)
def test_an_item_is_one_item(kind: str, text: str) -> None:
    for around in ("{}", "سلام {} دوستو", "دیکھیے: {}، شکریہ", "({})", "«{}»", "سطر\n{}\nسطر", "د {}؟"):
        assert found(around.format(text)) == [(kind, text)]


@pytest.mark.parametrize(
    "around", ["صبر...{}", "یا/{}", "بس.{}", "دا«{}»", "د \u202e{}\u202c ده", "کور–{}؛", "۱۲/{}"]
)
@pytest.mark.parametrize(
    "text",
    ["@a_b_c", "x.y@mail.example", "#کابل_خبر", "dawn.com/x", "https://a.example/b_c", ":party_cat:", "❤️"],
)
def test_an_item_begins_behind_any_mark(around: str, text: str) -> None:
    assert [item for _, item in found(around.format(text))] == [text]


def test_neighbours_are_items_of_their_own() -> None:
    assert [item for _, item in found("#Kabul#Herat#کابل")] == ["#Kabul", "#Herat", "#کابل"]
    assert [item for _, item in found(":ok_hand:: :tada:")] == [":ok_hand:", ":tada:"]
    assert [item for _, item in found("#https://a.example/x")] == ["https://a.example/x"]
    assert [item for _, item in found("@a_b\u2069@c_d")] == ["@a_b", "@c_d"]


@pytest.mark.parametrize(
    "text", ["a.example.invalid/#x", "&#1234;", "mailto:no-at.example", "C#Sharp", "x/@y"]
)
def test_a_mark_inside_an_address_begins_nothing(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "قیمت #1 ہے",
        "۱۲:۳۰:۴۵ بجے",
        "a@ b",
        "نمبر # ۵",
        "3.5 فیصد",
        "و/أو",
        "C# زبان",
        "x_y",
        "10:30",
        "‌ ‍",
        "5 * 3",
    ],
)
def test_what_is_no_item_is_left_to_the_model(text: str) -> None:
    assert found(text) == []


def test_a_handle_ends_where_the_next_script_begins() -> None:
    assert found("@bbcپښتو") == [("handle", "@bbc")]
    assert found("سلام@user_1") == [("handle", "@user_1")]


def test_the_sentence_mark_after_a_link_is_not_the_links() -> None:
    assert found("دیکھیے https://example.org/a۔ اور https://example.org/b. پھر") == [
        ("link", "https://example.org/a"),
        ("link", "https://example.org/b"),
    ]


def test_edges_are_cut_off_and_the_mark_is_lent_to_the_sentence() -> None:
    shielded = shield("@a_b @c: شکریہ دوستو ❤️🙏🏽۔")
    assert shielded
    assert (shielded.before, shielded.core, shielded.after, shielded.closing) == (
        "@a_b @c: ",
        "شکریہ دوستو۔",
        " ❤️🙏🏽",
        "۔",
    )


def test_a_handle_inside_leaves_a_gap_and_a_hashtag_its_words() -> None:
    shielded = shield("آج #کابل_خبر میں @user_1، بارش ہے")
    assert shielded and shielded.core == "آج کابل خبر میں، بارش ہے"
    assert [(item.text, shielded.core[item.start : item.end]) for item in shielded.inner] == [
        ("#کابل_خبر", "کابل خبر"),
        ("@user_1", ""),
    ]


@pytest.mark.parametrize(
    "text", ["❤️🙏", "https://example.org/a @b #کابل", "۱۲۳ ۴۵٪", "!!! ؟؟", "…", "_", "👍 (12)"]
)
def test_a_text_without_words_is_not_for_the_model(text: str) -> None:
    assert shield(text) is None


def test_models_never_see_nul_or_surrogates() -> None:
    assert cleaned("a\x00b\ud800c\u202ed\ufeff") == "abcd"
    assert cleaned("۱۲\u202e۳۴") == "۱۲ ۳۴", "two numbers do not become one"
    assert cleaned("می‌خواهم 👨‍👩‍👧\n\t") == "می‌خواهم 👨‍👩‍👧\n\t"


ITEMS = ["https://a.example/b_c?d=1", "a_b@mail.example", "@user_1", "@x_y@host.example", "#کابل_خبر", "❤️",
         "🇵🇰🇦🇫", "👩🏽‍🚒", ":party_cat:"]  # fmt: skip
WORDS = ["آج", "بارش", "ہے،", "سړی", "و", "(", ")", "«", "»", "۔", "؟", "1", "۲۰۲۴", "word", "-"]


@given(st.lists(st.sampled_from(ITEMS + WORDS), min_size=1))
def test_a_shielded_text_is_still_all_there(pieces: list[str]) -> None:
    text = " ".join(pieces)
    shielded = shield(text)
    if shielded is None:
        return
    assert not items(shielded.core)
    core = shielded.core.removesuffix(shielded.closing)
    for item in reversed(shielded.inner):
        core = f"{core[: item.start]} {item.text} {core[item.end :]}"
    whole = shielded.before + core + shielded.after + shielded.closing
    assert "".join(whole.split()) == "".join(text.split())
    assert [item.text for item in items(whole)] == [item.text for item in items(text)]
