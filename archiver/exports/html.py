"""A reading copy: pages for any browser, original beside translation, nothing fetched from anywhere.

Texts without a translation are shown as well, and say so. A page holds 100 posts; index.html leads to them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from archiver.exports._markup import NAMES, STYLE, document, is_web, shown, text
from archiver.exports._pairs import Pair, Picture
from archiver.exports._parts import Add, Part, Shape
from translations.doubt import FLAGS

SHAPE = Shape(folder=True, untranslated=True)
_POSTS = 100  # on a page


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
        self.pictures: tuple[Picture, ...] = ()
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
        self.part.open(f"{self.folder}index.html").write(
            document("Reading copy", body, STYLE + _MEDIA).encode()
        )

    def _begin(self, pair: Pair) -> None:
        self._end_post()
        if self.posts % _POSTS == 0:
            self._end_page(last=False)
            self.page = self.part.open(f"{self.folder}{self._name(len(self.index) + 1)}")
            self.page.write(document(f"Page {len(self.index) + 1}", None, STYLE + _MEDIA).encode())
            self._write(self._way(len(self.index) + 1))
        self.posts += 1
        self.post, self.pictures = pair.post, pair.pictures
        if pair.published_at:
            self.days.append(pair.published_at.date().isoformat())
        self._write(_head(pair))

    def _end_post(self) -> None:
        if self.post is not None:
            self.post = None
            self._write("".join(map(_picture, self.pictures)) + "</article>\n")

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
        when = f'<time datetime="{shown(stamp)}">{pair.published_at:%Y-%m-%d %H:%M} UTC</time>'
    where = (
        f'<a rel="noreferrer nofollow" href="{shown(pair.url)}">{shown(pair.post)}</a>'
        if is_web(pair.url)
        else shown(pair.post)
    )
    sure = "" if pair.confidence is None else f" {pair.confidence:.2f}"
    language = f"{NAMES.get(pair.language, shown(pair.language))}{sure}"
    return (
        f"<article><header><b><bdi>{shown(pair.account)}</bdi></b> <span>{shown(pair.platform)}</span> "
        f"{when} <span>{language}</span> <bdi class=id>{where}</bdi>{_maker(pair)}</header>\n"
    )


def _maker(pair: Pair) -> str:
    if pair.target is None:
        return ""
    what = "translation by a person:" if pair.made_by == "person" else "machine translation by"
    by = " ".join(map(shown, filter(None, (pair.engine, pair.package, pair.version))))
    return f"<span>{what} {by}</span>"


def _row(pair: Pair) -> str:
    if not pair.source:
        return '<p class="none">no text</p>\n'
    source = text(pair.source, pair.language, "source")
    if pair.target is None:
        return f'<div class="pair">{source}<p class="none">not translated</p></div>\n'
    marks = '<span class="person">corrected by a person</span>' if pair.made_by == "person" else ""
    marks += "".join(
        f'<span class="flag" title="{shown(FLAGS.get(flag, ""))}">{shown(flag.replace("_", " "))}</span>'
        for flag in pair.flags
    )
    if pair.score is not None:
        marks += (
            f'<span class="score" title="the engine\'s log-probability a piece">score {pair.score:.2f}</span>'
        )
    if marks:
        marks = f'<p class="marks">{marks}</p>'
    kind = "target person" if pair.made_by == "person" else "target"
    target = text(pair.target, pair.target_language, kind, pair.readings)
    return f'<div class="pair" id="{shown(pair.id)}">{source}<div>{target}{marks}</div></div>\n'


def _picture(picture: Picture) -> str:
    """What hangs on a post: where its file is, and its description beside the post's own words."""
    where = f"{shown(picture.path)}" if picture.path else "not on disk"
    digest = f" sha256 {picture.sha256}" if picture.sha256 else ""
    head = f'<p class="media">{shown(picture.kind)}: <bdi>{where}</bdi>{digest}</p>'
    if not picture.alt:
        return f"{head}\n"
    alt = text(picture.alt, picture.language or "und", "source")
    if picture.translation is None:
        return f'{head}<div class="pair alt">{alt}<p class="none">not translated</p></div>\n'
    flags = "".join(
        f'<span class="flag" title="{shown(FLAGS.get(flag, ""))}">{shown(flag.replace("_", " "))}</span>'
        for flag in picture.flags
    )
    marks = f'<p class="marks"><span>machine translation</span>{flags}</p>'
    target = text(picture.translation, picture.target_language or "und", "target")
    return f'{head}<div class="pair alt">{alt}<div>{target}{marks}</div></div>\n'


_ABOUT = (
    "<p>Public posts beside their translations. <strong>Translations are a machine's, checked by nobody"
    "</strong>, unless they are marked as corrected by a person. README.md says how they were collected "
    "and made.</p>"
)
_MEDIA = """
.media{color:var(--faint);font-size:.78rem;overflow-wrap:anywhere}
.alt{font-size:.85rem;border-left:3px solid var(--line);padding-left:.7rem}
"""
