"""HTML becomes the text that a reader would see."""

import pytest

from spiders.html import absolute, links_of, parse, text_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("one<br>two<br/><br>three", "one\ntwo\n\nthree"),
        ("<p>one  two</p>\n<p>three<b> four</b> five</p>", "one two\n\nthree four five"),
        ("<p>one<br></p><p>two</p>", "one\n\ntwo"),
        ("<div>one</div>two<div><div>three</div></div>four", "one\ntwo\nthree\nfour"),
        ("<ul><li>one<li>two<ul><li>three</ul></ul><p>four", "- one\n- two\n  - three\n\nfour"),
        ("<ol start=3><li>one</li><li>two</li></ol>three", "3. one\n4. two\n\nthree"),
        ("<table><tr><td>one<td>two<tr><td>three<td>four</table>", "one\ttwo\nthree\tfour"),
        ("<pre>\none\n  two\n</pre>three", "one\n  two\n\nthree"),
        ("plain & text &lt;b&gt;", "plain & text <b>"),
        ("<style>p{}</style><script>x()</script>one<!-- note --> two<template>no</template>", "one two"),
        ('Good<img class="wp-smiley" alt="😀"> <img src="x.jpg" alt="a photo">day', "Good😀 day"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_what_a_reader_sees(html: str, text: str) -> None:
    assert text_of(html) == text


def test_the_authors_own_spaces_and_joiners_stay() -> None:
    assert (
        text_of("<p>می‌خواهم\u00a0بروم\u2028باز \u2067خانه\u2069</p>")
        == "می‌خواهم\u00a0بروم\u2028باز \u2067خانه\u2069"
    )


def test_a_link_that_mastodon_cuts_into_spans_is_whole_again() -> None:
    html = (
        '<p>See <a href="https://example.org/a/long/path?x=1"><span class="invisible">https://</span>'
        '<span class="ellipsis">example.org/a/long</span><span class="invisible">/path?x=1</span></a>!</p>'
    )
    assert text_of(html) == "See https://example.org/a/long/path?x=1!"


@pytest.mark.parametrize(
    ("shown", "href", "text"),
    [
        ("example.org/a/lo…", "https://www.example.org/a/long", "https://www.example.org/a/long"),
        ("example.org/پښتو...", "https://example.org/%D9%BE%DA%9A%D8%AA%D9%88/1", None),
        ("read on…", "https://example.org/", "read on…"),
        ("bank.example/…", "https://thief.example/", "bank.example/…"),
        ("example.org", "https://example.org/", "example.org"),
    ],
)
def test_only_a_shortened_form_of_its_own_address_is_replaced(
    shown: str, href: str, text: str | None
) -> None:
    assert text_of(f'<a href="{href}">{shown}</a>') == (text or href)


def test_links_are_whole_and_in_order_and_never_scripts() -> None:
    html = (
        '<a href="/one">1</a><a href="https://b.example/two">2</a><a href="javascript:x()">3</a>'
        '<a href="http://[">4</a><a href="#five">5</a><a href="/one">6</a><a>7</a>'
    )
    assert links_of(html, "https://a.example/posts/") == ("https://a.example/one", "https://b.example/two")
    assert links_of(html) == ("https://b.example/two",)
    assert absolute("//c.example/x", "https://a.example/") == "https://c.example/x"


def test_a_part_of_a_page_ends_where_it_ends() -> None:
    root = parse("<div><p>one</p><b>two</b> three</div>")
    assert root is not None
    assert text_of(next(root.iter("b"))) == "two"


def test_a_nul_is_made_visible_and_does_not_end_the_text() -> None:
    assert text_of("one\0two") == "one\ufffdtwo"
    assert text_of("one\ud800two") == "one\ufffdtwo"


def test_verbatim_keeps_the_spaces_of_the_source() -> None:
    assert text_of("<div>one  two\n three<br/>four</div>", verbatim=True) == "one  two\n three\nfour"


def test_hostile_nesting_is_refused_at_once_and_much_text_is_not() -> None:
    with pytest.raises(ValueError, match="nested too deep"):
        text_of("<div>" * 200_000 + "lost")
    assert text_of("<div>" * 1_000 + "kept") == "kept"
    assert len(text_of("<b>و</b> " * 50_000)) == 99_999
