"""An account's own server (PDS): found through its DID document, its posts listed as the records they are."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from archiver.errors import PageChanged
from spiders import facts
from spiders.bluesky_record import POST, did_of
from spiders.page import Page

LIST, PLC = "com.atproto.repo.listRecords", "https://plc.directory"
_HOST = re.compile(r"[a-z0-9.-]+(:\d{1,5})?", re.I)


def document_address(did: str, directory: str | None) -> str:
    """The address of a DID's document, which names the account's server."""
    if not did.startswith("did:web:"):
        return f"{(directory or PLC).rstrip('/')}/{did}"
    host, *path = (unquote(part) for part in did.removeprefix("did:web:").split(":"))
    if not _HOST.fullmatch(host):
        raise ValueError(f"{did} names no host")
    return f"https://{host}/{'/'.join(path) or '.well-known'}/did.json"


def list_address(page: Page, size: int) -> str:
    """From a DID's document to the list of its posts. Raises PageChanged where it names no server."""
    document = facts.answer(page)
    for service in facts.tables(document.get("service")) or ():
        if str(service.get("id")).endswith("#atproto_pds"):
            home = facts.required(service.get("serviceEndpoint"), page, "the address of its server")
            whose = facts.required(document.get("id"), page, "whose document it is")
            asked = [("repo", whose), ("collection", POST), ("limit", str(size))]
            return f"{home.rstrip('/')}/xrpc/{LIST}?{facts.query(asked)}"
    raise PageChanged(page.url, "the DID document names no server with the account's posts")


def is_list(url: str) -> bool:
    return urlsplit(url).path.endswith(LIST)


def as_in_feed(record: Mapping[str, Any], page: Page) -> Mapping[str, Any]:
    """A record as the AppView would show it, without what only that adds."""
    uri = str(record.get("uri"))
    author = {"did": did_of(uri), "handle": page.account.handle if page.account else None}
    return {"post": {"uri": uri, "cid": record.get("cid"), "author": author, "record": record.get("value")}}
