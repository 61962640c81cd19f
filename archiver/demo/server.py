"""The made-up world's web server: five platforms under one address, on loopback only."""

import importlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from archiver.demo.world import world

PLATFORMS = ("telegram", "x", "mastodon", "bluesky", "feed")

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    body: bytes
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def page(text: str, content_type: str = "text/html; charset=utf-8") -> Answer:
    return Answer(body=text.encode(), content_type=content_type)


def as_json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    raw = json.dumps(body, ensure_ascii=False).encode()
    return Answer(
        body=raw, content_type="application/json; charset=utf-8", status=status, headers=headers or {}
    )


def not_found() -> Answer:
    return as_json({"error": "Record not found"}, status=404)


class WorldServer:
    """Serves the world of `day` from a thread. `requests` lists the paths that were asked."""

    def __init__(self, day: int = 1) -> None:
        self.day = day
        self.requests: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, method: str, target: str) -> Answer:
        parts = urlsplit(target)
        self.requests.append(target)
        platform, _, rest = unquote(parts.path).lstrip("/").partition("/")
        if platform not in PLATFORMS or method != "GET":
            return not_found()
        module = importlib.import_module(f"archiver.demo.{platform}")
        query = dict(parse_qsl(parts.query))
        answered: Answer = module.answer(world(self.day), f"/{rest}", query, f"{self.url}/{platform}")
        return answered

    def __enter__(self) -> "WorldServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(server: WorldServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "made-up-world"
        sys_version = ""

        def do_GET(self) -> None:
            answer = server.answer("GET", self.path)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:
            """The world keeps quiet; the tour says what is asked."""

    return Handler
