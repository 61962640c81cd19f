"""What an index offers is fetched whole, from a safe place, or not at all."""

import functools
import hashlib
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from translations import demo
from translations.errors import DownloadFailed, IndexUnreadable
from translations.packages import AvailablePackage, available, download

UR = demo.packages()[0]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"x" * 10)
        else:
            super().do_GET()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "served").mkdir()
    shutil.copy(UR, tmp_path / "served" / "ur_en.argosmodel")
    handler = functools.partial(Quiet, directory=tmp_path / "served")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{served.server_port}"
        index = [
            {
                "package_version": "1.9",
                "argos_version": "1.9",
                "from_code": "ur",
                "from_name": "Urdu",
                "to_code": "en",
                "to_name": "English",
                "links": [f"{base}/missing.argosmodel", f"{base}/ur_en.argosmodel"],
            },
            {"type": "sbd", "from_codes": ["en"], "links": []},
        ]
        (tmp_path / "served" / "index.json").write_text(json.dumps(index))
        (tmp_path / "served" / "page.json").write_text("<html>")
        yield base
        served.shutdown()


def test_an_index_is_read_and_a_package_fetched_from_the_link_that_works(server: str, tmp_path: Path) -> None:
    (offered,) = available(f"{server}/index.json")
    assert (offered.name, offered.source, offered.target, offered.version) == (
        "translate-ur_en",
        "ur",
        "en",
        "1.9",
    )
    digest = hashlib.sha256(UR.read_bytes()).hexdigest()
    assert download(offered, tmp_path, digest).read_bytes() == UR.read_bytes()
    assert available(str(tmp_path / "served" / "index.json")) == [offered]


def test_a_wrong_or_broken_download_leaves_no_file(server: str, tmp_path: Path) -> None:
    (offered,) = available(f"{server}/index.json")
    (tmp_path / "to").mkdir()
    with pytest.raises(DownloadFailed, match="its SHA-256 is"):
        download(offered, tmp_path / "to", "0" * 64)
    short = AvailablePackage(name="a", source="ur", target="en", version="1", links=(f"{server}/short",))
    with pytest.raises(DownloadFailed, match="broke after 10 of 1000 bytes"):
        download(short, tmp_path / "to")
    assert list((tmp_path / "to").iterdir()) == []


@pytest.mark.parametrize(
    "link", ["http://packages.example/a.argosmodel", "ftp://packages.example/a", "ipfs://Qm"]
)
def test_an_unsafe_link_is_not_followed(link: str, tmp_path: Path) -> None:
    offered = AvailablePackage(name="a", source="ur", target="en", version="1", links=(link,))
    with pytest.raises(DownloadFailed, match="https"):
        download(offered, tmp_path)


def test_an_index_that_cannot_be_read_says_why(server: str) -> None:
    with pytest.raises(IndexUnreadable, match="HTTP Error 404"):
        available(f"{server}/nothing.json")
    with pytest.raises(IndexUnreadable, match="is no Argos index"):
        available(f"{server}/page.json")
    with pytest.raises(IndexUnreadable, match="Connection refused"):
        available("http://127.0.0.1:9/index.json")
