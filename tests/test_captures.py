"""What a server sent is kept byte for byte, can be read again, and shows no credential."""

import gzip
import hashlib
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.errors import DamagedArchive, DiskFull
from archiver.store.captures import Captures, Exchange
from archiver.store.gzipped import members

BODY = "متن".encode() * 300
EXCHANGE = Exchange(
    url="https://h.example/feed?page=2&access_token=SEKRET",
    method="GET",
    request_headers=(("Authorization", "Bearer SEKRET"), ("Accept", "*/*"), ("X-Own", "SEKRET")),
    private=("X-Own",),
    status=200,
    reason="OK",
    headers=(
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Encoding", "gzip"),
        ("Transfer-Encoding", "chunked"),
        ("Set-Cookie", "session=SEKRET"),
    ),
    body=gzip.compress(BODY),
    fetched_at=datetime(2026, 11, 22, 12, 30, 1, 250_000, tzinfo=UTC),
    ip_address="192.0.2.7",
)


@pytest.fixture
def captures(tmp_path: Path) -> Iterator[Captures]:
    with Captures(tmp_path / "captures") as opened:
        yield opened


def test_a_body_is_read_as_it_was_received(captures: Captures) -> None:
    first, second = captures.append_all(
        [EXCHANGE, replace(EXCHANGE, body=b"", status=304, reason="Not Modified")]
    )
    headers, body = captures.read(first)
    assert body == EXCHANGE.body
    assert first.sha256 == hashlib.sha256(EXCHANGE.body).hexdigest()
    assert (first.size, first.status, first.content_type) == (len(body), 200, "text/html; charset=utf-8")
    assert first.fetched_at == EXCHANGE.fetched_at
    assert headers["content-encoding"] == "gzip"
    assert "transfer-encoding" not in headers  # already undone: a reader must not look for chunks
    assert captures.read(second)[1] == b""


def test_no_credential_is_written(captures: Captures) -> None:
    capture = captures.append(EXCHANGE)
    captures.close()
    [file] = captures.folder.iterdir()
    written = gzip.decompress(file.read_bytes())
    assert b"SEKRET" not in written
    assert b"Accept: */*" in written
    assert capture.url == "https://h.example/feed?page=2"


def test_the_files_pass_warcio_check(captures: Captures) -> None:
    for number in range(5):
        captures.append(replace(EXCHANGE, body=bytes([number]) * 1000, cut=number == 3))
    captures.close()
    [file] = captures.folder.iterdir()
    checked = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "-v", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count("digest pass") == 11  # warcinfo and five pairs
    assert "fail" not in checked.stdout


def test_odd_headers_and_statuses_are_kept(captures: Captures) -> None:
    odd = replace(EXCHANGE, status=799, reason="Unknown", headers=(("X-Name", "\xe9\xff"), ("X-Name", "")))
    assert captures.read(captures.append(odd))[1] == odd.body


def test_half_a_record_at_the_end_harms_nobody(captures: Captures, tmp_path: Path) -> None:
    before = captures.append(EXCHANGE)
    captures.close()
    [file] = captures.folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole + whole[before.offset : before.offset + before.length // 2])  # killed here
    with Captures(captures.folder) as again:
        after = again.append(replace(EXCHANGE, body=b"later"))
        assert after.warc != before.warc
        assert again.read(before)[1] == EXCHANGE.body
        assert again.read(after)[1] == b"later"


def test_changed_bytes_are_noticed(captures: Captures) -> None:
    capture = captures.append(EXCHANGE)
    captures.close()
    [file] = captures.folder.iterdir()
    damaged = bytearray(file.read_bytes())
    damaged[capture.offset + capture.length // 2] ^= 0xFF
    file.write_bytes(damaged)
    with pytest.raises(DamagedArchive):
        captures.read(capture)
    with pytest.raises(DamagedArchive):
        captures.read(replace(capture, offset=len(damaged) + 10))
    file.unlink()
    with pytest.raises(DamagedArchive):
        captures.read(capture)


@pytest.fixture
def file_limit() -> Iterator[Callable[[int], None]]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_said_and_leaves_whole_records(
    captures: Captures, file_limit: Callable[[int], None]
) -> None:
    kept = captures.append(EXCHANGE)
    file_limit(kept.offset + kept.length + 2000)
    with pytest.raises(DiskFull, match="free some space"):
        captures.append(replace(EXCHANGE, body=os.urandom(20_000)))
    file_limit(2**20)
    after = captures.append(EXCHANGE)  # there is room again: the file goes on after the last whole record
    assert captures.read(kept)[1] == captures.read(after)[1] == EXCHANGE.body


def records(captures: Captures) -> list[dict[str, str]]:
    [file] = captures.folder.iterdir()
    return [member.headers for member in members(file.read_bytes())]


def test_each_file_says_what_made_it_and_requests_lie_beside_their_responses(tmp_path: Path) -> None:
    about = {"robots": "obey", "http-header-user-agent": "bilingual-archiver/0 (+me@example.org)"}
    with Captures(tmp_path / "captures", about) as captures:
        captures.append(EXCHANGE)
        [file] = captures.folder.iterdir()
        first = next(members(file.read_bytes()))
        info, response, request = records(captures)
    assert b"robots: obey\r\n" in first.block and b"(+me@example.org)\r\n" in first.block
    assert b"software: bilingual-archiver/" in first.block
    assert [each["warc-type"] for each in (info, response, request)] == ["warcinfo", "response", "request"]
    assert request["warc-concurrent-to"] == response["warc-record-id"]
    assert response["warc-ip-address"] == request["warc-ip-address"] == "192.0.2.7"
    for each in (response, request):
        assert each["warc-payload-digest"].startswith("sha256:")
        assert each["warc-block-digest"].startswith("sha256:")


def test_a_capture_knows_the_digests_of_its_bytes_as_they_lie_there(captures: Captures) -> None:
    kept = [captures.append(EXCHANGE), *captures.append_all([EXCHANGE, replace(EXCHANGE, body=b"x")])]
    [file] = captures.folder.iterdir()
    whole = file.read_bytes()
    for capture in kept:
        assert capture.record_length is not None
        end = capture.offset + capture.record_length
        assert capture.record_sha256 == hashlib.sha256(whole[capture.offset : end]).hexdigest()
        assert capture.file_sha256 == hashlib.sha256(whole[:end]).hexdigest()
    assert end == len(whole)


def test_a_newer_protocol_is_kept_in_words_that_readers_of_warc_know(captures: Captures) -> None:
    captures.append(replace(EXCHANGE, protocol="h2"))
    [file] = captures.folder.iterdir()
    response = list(members(file.read_bytes()))[1]
    assert (
        response.block.startswith(b"HTTP/1.1 200 OK\r\n") and b"X-Archive-Orig-Protocol: h2" in response.block
    )
