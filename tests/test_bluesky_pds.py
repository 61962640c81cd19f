"""`source = "pds"`: an account's posts from its own server, the same posts as by the AppView."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.config import PlatformConfig
from archiver.errors import BadConfig, PageChanged
from archiver.posts import Account
from spiders.bluesky import Bluesky
from spiders.bluesky_repository import document_address
from spiders.page import Page, Target

DID = "did:plc:" + "k" * 24
HERE = Target(platform="bluesky", handle="kabul.example")
KABUL = Account(platform="bluesky", native_id=DID, handle="kabul.example", name="کابل")
URI = f"at://{DID}/app.bsky.feed.post/3kaaaaaaaaa2a"
RECORD = {
    "$type": "app.bsky.feed.post",
    "text": "د کابل هوا: example.org/weather…",
    "createdAt": "2026-03-01T05:00:00Z",
    "langs": ["ps"],
    "facets": [
        {
            "index": {"byteStart": 20, "byteEnd": 42},
            "features": [
                {
                    "$type": "app.bsky.richtext.facet#link",
                    "uri": "https://example.org/weather/today",
                }
            ],
        }
    ],
    "labels": {"values": [{"val": "graphic-media"}]},
    "embed": {
        "$type": "app.bsky.embed.images",
        "images": [{"alt": "یو غر", "image": {"ref": {"$link": "bafkrei1"}, "mimeType": "image/jpeg"}}],
    },
}


def pds(**config: Any) -> Bluesky:
    reader = Bluesky()
    reader.config = PlatformConfig(**{"source": "pds", **config})
    return reader


def page(url: str, said: Any, account: Account | None = KABUL) -> Page:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    return Page(url=url, body=json.dumps(said).encode(), target=HERE, fetched_at=now, account=account)


def listing(records: list[Any], cursor: str | None = None, asked: str = "") -> Page:
    url = f"https://pds.example/xrpc/com.atproto.repo.listRecords?repo={DID}&limit=100{asked}"
    return page(url, {"records": records} | ({"cursor": cursor} if cursor else {}))


def test_a_record_and_the_appviews_view_of_it_are_one_post_with_one_digest() -> None:
    [record] = pds().posts(listing([{"uri": URI, "cid": "c", "value": RECORD}]))
    view = {
        "uri": URI,
        "cid": "c",
        "author": {"did": DID, "handle": "kabul.example"},
        "record": RECORD,
        "embed": {
            "$type": "app.bsky.embed.images#view",
            "images": [{"fullsize": "https://cdn.example/x/bafkrei1@jpeg", "alt": "یو غر"}],
        },
        "likeCount": 4,
    }
    feed = page("https://appview.example/xrpc/app.bsky.feed.getAuthorFeed", {"feed": [{"post": view}]})
    [shown] = Bluesky().posts(feed)
    assert record.native_id == shown.native_id == URI
    assert record.digest() == shown.digest()
    assert record.text == "د کابل هوا: https://example.org/weather/today" == shown.text
    assert (record.author.native_id, record.published_at) == (DID, shown.published_at)
    assert record.metrics is None, "unknown, not 0"


def test_the_list_is_found_through_the_accounts_did_document() -> None:
    reader = pds()
    document = reader.first(HERE, KABUL, None)
    assert document == f"https://plc.directory/{DID}"
    told = {
        "id": DID,
        "service": [
            {"id": "#other", "serviceEndpoint": "https://else.example"},
            {"id": "#atproto_pds", "serviceEndpoint": "https://pds.example/"},
        ],
    }
    found = reader.elsewhere(page(document, told))
    assert found is not None
    assert found.startswith("https://pds.example/xrpc/com.atproto.repo.listRecords?repo=did%3Aplc%3Akkk")
    assert reader.elsewhere(page(found, {"records": []})) is None
    assert reader.is_first(found) and not Bluesky().is_first(found)
    with pytest.raises(PageChanged, match="names no server"):
        reader.elsewhere(page(document, {"id": DID, "service": []}))


@pytest.mark.parametrize(
    ("did", "directory", "address"),
    [
        (DID, "http://localhost:2582/", f"http://localhost:2582/{DID}"),
        ("did:web:kabul.example", None, "https://kabul.example/.well-known/did.json"),
        ("did:web:kabul.example%3A8443:u:me", None, "https://kabul.example:8443/u/me/did.json"),
    ],
)
def test_where_a_did_document_lies(did: str, directory: str | None, address: str) -> None:
    assert document_address(did, directory) == address


def test_a_did_that_hides_another_address_is_refused() -> None:
    with pytest.raises(ValueError, match="names no host"):
        document_address("did:web:evil.example%2F@127.0.0.1", None)


def test_the_end_is_a_page_without_records_or_without_a_cursor() -> None:
    reader = pds()
    record = {"uri": URI, "cid": "c", "value": RECORD}
    assert "cursor=3k" in str(reader.next(listing([record], "3k")))
    assert reader.next(listing([], "3k", "&cursor=3k")) is None
    assert reader.next(listing([record])) is None


def test_an_unknown_source_names_those_there_are() -> None:
    with pytest.raises(BadConfig, match="there are appview, pds"):
        pds(source="relay").first(HERE, KABUL, None)
