"""Bytes of a feed as text that an XML parser takes: declared, undeclared, wrongly declared or damaged.

A single damaged byte must not turn a whole Urdu feed into Latin letters, as it does where a reader tries one
encoding after another: UTF-8 that is nearly whole stays UTF-8, with U+FFFD for what is broken.
"""

import codecs
import re

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"']")
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
# XML has no such characters; NUL is among them.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
PROLOG = re.compile(
    r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)", re.DOTALL | re.IGNORECASE
)
ROOT = re.compile(r"\s*<(?:[\w.-]+:)?(rss|feed|RDF|channel)[\s/>]")


def text(body: bytes, content_type: str = "") -> str:
    """The document without its XML declaration and DOCTYPE, both of which are done with once it is text."""
    decoded = ILLEGAL.sub("\ufffd", _decoded(body, content_type))
    return decoded[_root_at(decoded) :].strip()


def is_feed(document: str) -> bool:
    return bool(ROOT.match(document))


def beginning(document: str) -> str:
    """What stands where a feed was expected, for a message."""
    return repr(" ".join(document[:60].split()))


def _root_at(document: str) -> int:
    at = 0
    while match := PROLOG.match(document, at):
        at = match.end()
    return at


def _decoded(body: bytes, content_type: str) -> str:
    for mark, name in MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    if body[:4] in (b"<\0?\0", b"\0<\0?"):
        return body.decode("utf-16-le" if body[1] == 0 else "utf-16-be", "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        named = _named(body, content_type)
        return _nearly_utf8(body) or named or body.decode(_guess(body), "replace")


def _named(body: bytes, content_type: str) -> str | None:
    """In the encoding that the document or, failing that, the server names."""
    declared, charset = DECLARED.search(body[:512]), CHARSET.search(content_type)
    for name in (declared and declared[1].decode("ascii", "replace"), charset and charset[1]):
        try:
            codec = codecs.lookup(name or "utf-8").name
            if codec == "iso8859-1":
                codec = "cp1252"  # what servers mean by it, as every browser knows
            if codec not in ("utf-8", "ascii"):
                return body.decode(codec, "replace")
        except LookupError:
            continue
    return None


def _nearly_utf8(body: bytes) -> str | None:
    """As UTF-8 where at most one in fifty of the characters beyond ASCII is damaged."""
    decoded = body.decode("utf-8", "replace")
    beyond = sum(character > "\x7f" for character in decoded)
    return decoded if decoded.count("\ufffd") * 50 <= beyond else None


def _guess(body: bytes) -> str:
    """Arabic words are runs of bytes beyond ASCII, in Latin words such bytes stand alone."""
    runs = re.findall(rb"[\x80-\xff]+", body)
    return "cp1256" if len(runs) * 2 < sum(map(len, runs)) else "cp1252"
