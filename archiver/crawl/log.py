"""What a crawl says: one line a fact, and never a secret."""

import logging
import re
from collections.abc import Iterable
from typing import Any

from scrapy.logformatter import LogFormatter

_IN_URL = re.compile(
    r"(?i)([?&](?:access_?token|api_?key|auth|token|key|secret|password|sig|signature)=)[^&\s\"'<>)]+"
)
_USER = re.compile(r"(?i)(https?://)[^/\s@]+@")


class Redact(logging.Filter):
    """Blots out known secrets, and what looks like one in an address."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self.secrets = {s for s in secrets if s}

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        clean = _USER.sub(r"\1***@", _IN_URL.sub(r"\1***", said))
        for secret in self.secrets:
            clean = clean.replace(secret, "***")
        if clean != said:
            record.msg, record.args = clean, ()
        return True


class Lines(LogFormatter):
    """Scrapy's messages without the items, which are whole pages of posts."""

    def scraped(self, item: Any, response: Any, spider: Any) -> Any:
        return None

    def dropped(self, item: Any, exception: BaseException, response: Any, spider: Any) -> Any:
        return {"level": logging.DEBUG, "msg": "a page was not stored: %(why)s", "args": {"why": exception}}

    def item_error(self, item: Any, exception: BaseException, response: Any, spider: Any) -> Any:
        kind = type(item).__name__
        return {"level": logging.ERROR, "msg": "a %(kind)s could not be handled", "args": {"kind": kind}}
