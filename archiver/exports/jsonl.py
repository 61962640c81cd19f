"""One JSON object a post and line, with all its revisions, detections and translations: all there is."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import IO

from archiver.store.records import PostRecord, as_json


def write(records: Iterable[PostRecord], file: IO[bytes]) -> Counter[str]:
    counted = Counter[str]()
    for record in records:
        file.write(_line(as_json(record)))
        counted["posts"] += 1
    return counted


def _line(post: object) -> bytes:
    try:
        return json.dumps(post, ensure_ascii=False).encode("utf-8") + b"\n"
    except UnicodeEncodeError:  # a lone surrogate: JSON can say it in ASCII, UTF-8 cannot
        return json.dumps(post, ensure_ascii=True).encode("ascii") + b"\n"
