"""Text in a cell of a tab-separated line: one line, no tab, and UTF-8 whatever the text holds.

A backslash is written `\\\\`; tab, line feed and carriage return are `\\t`, `\\n` and `\\r`; every other
control character, the line and paragraph separators and lone surrogates are `\\uXXXX`. Read back, they give
the exact text.
"""

import re

_UNSAFE = re.compile("[\x00-\x1f\\\\\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UNSAFE_BUT_TABS = re.compile("[\x00-\x08\x0a-\x1f\\\\\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SHORT = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def cell(text: str | None) -> str:
    return _UNSAFE.sub(_escaped, text) if text else ""


def line(*cells: str | None) -> bytes:
    # Most lines hold nothing to escape: looking once is much quicker than looking at every cell.
    joined = "\t".join([text or "" for text in cells])
    if joined.count("\t") == len(cells) - 1 and not _UNSAFE_BUT_TABS.search(joined):
        return (joined + "\n").encode("utf-8")
    return ("\t".join(map(cell, cells)) + "\n").encode("utf-8")


def _escaped(found: re.Match[str]) -> str:
    return _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}"
