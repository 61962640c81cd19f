"""Pages for any browser: hostile texts shown harmlessly, each script in its direction, nothing fetched."""

from collections.abc import Mapping
from html import escape
from unicodedata import category

from translations.protect import items

NAMES = {"ur": "Urdu", "ps": "Pashto", "ar": "Arabic", "fa": "Persian", "prs": "Dari", "en": "English"}
RIGHT_TO_LEFT = frozenset({"ar", "arb", "ckb", "fa", "he", "pbt", "prs", "ps", "sd", "ug", "ur", "yi"})


_NONE: Mapping[str, str] = {}


def text(said: str, language: str, kind: str, readings: Mapping[str, str] = _NONE) -> str:
    """A paragraph in its language and direction; `readings` say what its hashtags mean."""
    direction = "rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "auto"
    return f'<p class="{kind}" lang="{shown(language)}" dir="{direction}">{isolated(said, readings)}</p>'


def is_web(url: str | None) -> bool:
    """Whether an address may be a link."""
    return bool(url) and str(url).lower().startswith(("https://", "http://"))


_KEPT = frozenset("\n\t\u200c\u200d")


def shown(text: str | None) -> str:
    """Text in a page: nothing that is mark-up, and no hidden character that acts on the reader's screen."""
    return escape("".join(c if c in _KEPT or _harmless(c) else f"⟪{ord(c):04X}⟫" for c in text or ""))


def _harmless(char: str) -> bool:
    return category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def document(title: str, body: str | None, style: str) -> str:
    """A whole document, or its beginning. It runs nothing and fetches nothing."""
    begin = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{style}</style></head><body><main>\n"
    )
    return begin if body is None else f"{begin}{body}\n</main></body></html>\n"


def isolated(said: str, readings: Mapping[str, str] = _NONE) -> str:
    """A text whose links, addresses and handles read from left to right everywhere, and a hashtag as its
    letters do: in a line that runs from right to left, `@name` would otherwise be shown as `name@`. What a
    hashtag says follows it in brackets."""
    made, at = "", 0
    for item in items(said):
        if (way := _WAYS.get(item.kind)) is not None:
            made += f"{shown(said[at : item.start])}<bdi{way}>{shown(item.text)}</bdi>"
            at = item.end
        if reading := readings.get(item.text):
            made += f' <span class="reading">[{shown(reading)}]</span>'
    return made + shown(said[at:])


_WAYS = {"link": " dir=ltr", "email": " dir=ltr", "handle": " dir=ltr", "code": " dir=ltr", "hashtag": ""}


STYLE = """
:root{--page:#fdfcf9;--ink:#1d1d1b;--faint:#66635c;--line:#dcd8cf;--soft:#f4f1ea;--mark:#8a4b00;--good:#1c6b3c}
@media (prefers-color-scheme:dark){:root{--page:#161719;--ink:#e8e6e1;--faint:#a09c93;--line:#34363a;
--soft:#1e2023;--mark:#f0b35a;--good:#7fd19b}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.6 system-ui,"Noto Sans","Segoe UI",Roboto,Helvetica,Arial,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.4rem;margin:0 0 .5rem;overflow-wrap:anywhere}
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
