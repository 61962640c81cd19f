"""A reading copy: pages for any browser, original beside translation, nothing fetched from anywhere.

Texts without a translation are shown as well, and say so. A page holds 100 posts; index.html leads to them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from typing import IO
from unicodedata import category

from archiver.exports._pairs import Pair
from archiver.exports._parts import Add, Part, Shape
from translations.doubt import FLAGS
from translations.protect import items

SHAPE = Shape(folder=True, untranslated=True)
_POSTS = 100  # on a page
_NAMES = {"ur": "Urdu", "ps": "Pashto", "ar": "Arabic", "fa": "Persian", "prs": "Dari", "en": "English"}
_NONE: Mapping[str, str] = {}
_RIGHT_TO_LEFT = frozenset({"ar", "arb", "ckb", "fa", "he", "pbt", "prs", "ps", "sd", "ug", "ur", "yi"})


@contextmanager
def writing(part: Part) -> Iterator[Add]:
    copy = _Copy(part)
    yield copy.add
    copy.close()


class _Copy:
    """Pages one after the other, and what the index says of them."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.folder = f"{part.split}/" if part.split else ""
        self.page: IO[bytes] | None = None
        self.post: str | None = None
        self.index: list[str] = []
        self.posts = 0
        self.days: list[str] = []

    def add(self, pair: Pair) -> None:
        if pair.post != self.post:
            self._begin(pair)
        self._write(_row(pair))

    def close(self) -> None:
        self._end_page(last=True)
        items = "".join(self.index) or "<li>No post fits.</li>"
        body = f"<h1>Reading copy</h1>\n{_ABOUT}\n<ol class=pages>{items}</ol>"
        self.part.open(f"{self.folder}index.html").write(_document("Reading copy", body).encode())

    def _begin(self, pair: Pair) -> None:
        self._end_post()
        if self.posts % _POSTS == 0:
            self._end_page(last=False)
            self.page = self.part.open(f"{self.folder}{self._name(len(self.index) + 1)}")
            self.page.write(_document(f"Page {len(self.index) + 1}", None).encode())
            self._write(self._way(len(self.index) + 1))
        self.posts += 1
        self.post = pair.post
        if pair.published_at:
            self.days.append(pair.published_at.date().isoformat())
        self._write(_head(pair))

    def _end_post(self) -> None:
        if self.post is not None:
            self.post = None
            self._write("</article>\n")

    def _end_page(self, *, last: bool) -> None:
        self._end_post()
        if self.page is None:
            return
        number = len(self.index) + 1
        self._write(self._way(number, last=last) + "</main></body></html>\n")
        span = f", {min(self.days)} to {max(self.days)}" if self.days else ""
        count = (self.posts - 1) % _POSTS + 1
        self.index.append(f'<li><a href="{self._name(number)}">Page {number}</a>: {count} posts{span}</li>\n')
        self.days = []
        self.page.close()
        self.page = None

    def _way(self, number: int, *, last: bool | None = None) -> str:
        """The way to the neighbouring pages; whether there is a next one is known at a page's end."""
        before = f'<a href="{self._name(number - 1)}">← older in the archive</a>' if number > 1 else ""
        after = f'<a href="{self._name(number + 1)}">newer in the archive →</a>' if last is False else ""
        return f'<nav>{before} <a href="index.html">all pages</a> {after}</nav>\n'

    def _name(self, number: int) -> str:
        return f"page-{number:04d}.html"

    def _write(self, text: str) -> None:
        assert self.page is not None
        self.page.write(text.encode())


def _head(pair: Pair) -> str:
    when = ""
    if pair.published_at:
        stamp = pair.published_at.isoformat()
        when = f'<time datetime="{_shown(stamp)}">{pair.published_at:%Y-%m-%d %H:%M} UTC</time>'
    where = (
        f'<a rel="noreferrer nofollow" href="{_shown(pair.url)}">{_shown(pair.post)}</a>'
        if _is_web(pair.url)
        else _shown(pair.post)
    )
    sure = "" if pair.confidence is None else f" {pair.confidence:.2f}"
    language = f"{_NAMES.get(pair.language, _shown(pair.language))}{sure}"
    return (
        f"<article><header><b><bdi>{_shown(pair.account)}</bdi></b> <span>{_shown(pair.platform)}</span> "
        f"{when} <span>{language}</span> <bdi class=id>{where}</bdi>{_maker(pair)}</header>\n"
    )


def _maker(pair: Pair) -> str:
    if pair.target is None:
        return ""
    what = "translation by a person:" if pair.made_by == "person" else "machine translation by"
    by = " ".join(map(_shown, filter(None, (pair.engine, pair.package, pair.version))))
    return f"<span>{what} {by}</span>"


def _row(pair: Pair) -> str:
    source = _text(pair.source, pair.language, "source")
    if pair.target is None:
        return f'<div class="pair">{source}<p class="none">not translated</p></div>\n'
    marks = '<span class="person">corrected by a person</span>' if pair.made_by == "person" else ""
    marks += "".join(
        f'<span class="flag" title="{_shown(FLAGS.get(flag, ""))}">{_shown(flag.replace("_", " "))}</span>'
        for flag in pair.flags
    )
    if pair.score is not None:
        marks += (
            f'<span class="score" title="the engine\'s log-probability a piece">score {pair.score:.2f}</span>'
        )
    if marks:
        marks = f'<p class="marks">{marks}</p>'
    kind = "target person" if pair.made_by == "person" else "target"
    target = _text(pair.target, pair.target_language, kind, pair.readings)
    return f'<div class="pair" id="{_shown(pair.id)}">{source}<div>{target}{marks}</div></div>\n'


def _text(text: str, language: str, kind: str, readings: Mapping[str, str] = _NONE) -> str:
    direction = "rtl" if language.split("-")[0] in _RIGHT_TO_LEFT else "auto"
    return f'<p class="{kind}" lang="{_shown(language)}" dir="{direction}">{_isolated(text, readings)}</p>'


def _isolated(text: str, readings: Mapping[str, str]) -> str:
    """Links, addresses and handles read from left to right everywhere, a hashtag as its letters do;
    what a hashtag says follows it in brackets."""
    made, at = "", 0
    for item in items(text):
        if (way := _WAYS.get(item.kind)) is not None:
            made += f"{_shown(text[at : item.start])}<bdi{way}>{_shown(item.text)}</bdi>"
            at = item.end
        if reading := readings.get(item.text):
            made += f' <span class="reading">[{_shown(reading)}]</span>'
    return made + _shown(text[at:])


_WAYS = {"link": " dir=ltr", "email": " dir=ltr", "handle": " dir=ltr", "code": " dir=ltr", "hashtag": ""}


def _is_web(url: str | None) -> bool:
    return bool(url) and str(url).lower().startswith(("https://", "http://"))


_KEPT = frozenset("\n\t\u200c\u200d")


def _shown(text: str | None) -> str:
    """Text in a page: nothing that is mark-up, and no hidden character that acts on the reader's screen."""
    return escape("".join(c if c in _KEPT or _harmless(c) else f"⟪{ord(c):04X}⟫" for c in text or ""))


def _harmless(char: str) -> bool:
    return category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _document(title: str, body: str | None) -> str:
    """A whole document, or its beginning."""
    begin = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main>\n"
    )
    return begin if body is None else f"{begin}{body}\n</main></body></html>\n"


_ABOUT = (
    "<p>Public posts beside their translations. <strong>Translations are a machine's, checked by nobody"
    "</strong>, unless they are marked as corrected by a person. README.md says how they were collected "
    "and made.</p>"
)
_STYLE = """
:root{--page:#fdfcf9;--ink:#1d1d1b;--faint:#66635c;--line:#dcd8cf;--soft:#f4f1ea;--mark:#8a4b00;--good:#1c6b3c}
@media (prefers-color-scheme:dark){:root{--page:#161719;--ink:#e8e6e1;--faint:#a09c93;--line:#34363a;
--soft:#1e2023;--mark:#f0b35a;--good:#7fd19b}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.6 system-ui,"Noto Sans","Segoe UI",Roboto,Helvetica,Arial,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.4rem;margin:0 0 .5rem}
a{color:inherit;text-decoration-color:var(--faint);text-underline-offset:.2em}
nav{display:flex;gap:1.5rem;flex-wrap:wrap;margin:.5rem 0 1.5rem;color:var(--faint)}
article{border-top:1px solid var(--line);padding:1.1rem 0 1.3rem}
header{display:flex;flex-wrap:wrap;gap:.1rem 1rem;color:var(--faint);font-size:.85rem;margin-bottom:.6rem}
header b{color:var(--ink)}
.id{overflow-wrap:anywhere}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 2.5rem;padding:.15rem 0}
p{margin:.2rem 0;overflow-wrap:anywhere;white-space:pre-line}
.source{grid-column:2;grid-row:1;font-size:1.15em;line-height:1.9;
font-family:"Noto Naskh Arabic","Amiri","Scheherazade New","Geeza Pro","Segoe UI","Times New Roman",serif}
.pair>:not(.source){grid-column:1;grid-row:1}
.source:lang(ur){font-family:"Noto Nastaliq Urdu","Jameel Noori Nastaleeq","Urdu Typesetting",
"Noto Naskh Arabic",serif;line-height:2.5}
.reading{color:var(--faint);font-size:.88em}
.score{color:var(--faint)}
.none{color:var(--faint);font-style:italic}
.marks{display:flex;flex-wrap:wrap;gap:.3rem .6rem;font-size:.78rem}
.flag{color:var(--mark);border:1px solid;border-radius:.3rem;padding:0 .4rem}
.marks .person{color:var(--good);border:1px solid;border-radius:.3rem;padding:0 .4rem}
@media (max-width:44rem){.pair{grid-template-columns:1fr;padding:.5rem 0}
.pair>*,.pair>:not(.source){grid-column:1;grid-row:auto}
.source{background:var(--soft);padding:.2rem .7rem;border-radius:.4rem}}
@media print{nav{display:none}.pair{break-inside:avoid}}
"""
