"""A Bluesky AppView: profile and author feed, newest first, with facets in UTF-8 bytes."""

import hashlib
from typing import Any

from archiver.demo.markup import pieces
from archiver.demo.server import Answer, Query, as_json
from archiver.demo.world import Said, Voice, World

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"  # sortable base 32, as record keys are written


def answer(world: World, path: str, query: Query, base: str) -> Answer:
    actor = query.get("actor", query.get("handle", ""))
    known = (v for v in world.voices if v.platform == "bluesky" and actor in (v.handle, _did(v)))
    voice = next(known, None)
    method = path.removeprefix("/xrpc/")
    if voice is None:
        return as_json({"error": "InvalidRequest", "message": "Profile not found"}, status=400)
    if method == "com.atproto.identity.resolveHandle":
        return as_json({"did": _did(voice)})
    if method == "app.bsky.actor.getProfile":
        return as_json(_profile(voice))
    if method == "app.bsky.feed.getAuthorFeed":
        return as_json(_feed(world, voice, query))
    return as_json({"error": "MethodNotImplemented", "message": "Method Not Implemented"}, status=501)


def _did(voice: Voice) -> str:
    return "did:plc:" + hashlib.sha256(str(voice.number).encode()).hexdigest()[:24].translate(
        str.maketrans("0189", "wxyz")
    )


def _profile(voice: Voice) -> dict[str, Any]:
    return {
        **_author(voice),
        "description": voice.about,
        "followersCount": voice.followers,
        "followsCount": 3,
        "postsCount": 36,
        "indexedAt": "2024-02-01T00:00:00.000Z",
    }


def _author(voice: Voice) -> dict[str, Any]:
    return {
        "did": _did(voice),
        "handle": voice.handle,
        "displayName": voice.name,
        "createdAt": "2024-02-01T00:00:00.000Z",
        "labels": [],
    }


def _feed(world: World, voice: Voice, query: Query) -> dict[str, Any]:
    size = max(1, min(100, int(query.get("limit", "50"))))
    cursor = query.get("cursor")
    older = [p for p in world.said(voice) if cursor is None or _time(p) < cursor]
    served = older[: -size - 1 : -1]
    by_number = {p.number: p for p in world.said(voice)}
    answer: dict[str, Any] = {"feed": [_item(voice, p, by_number) for p in served]}
    if len(older) > size:
        answer["cursor"] = _time(served[-1])
    return answer


def _time(said: Said) -> str:
    return f"{said.at:%Y-%m-%dT%H:%M:%S}.000Z"


def _uri(voice: Voice, number: int) -> str:
    key, rest = "", 1_700_000 + number
    while rest:
        rest, digit = divmod(rest, 32)
        key = ALPHABET[digit] + key
    return f"at://{_did(voice)}/app.bsky.feed.post/{key.rjust(13, '3')}"


def _link(voice: Voice, said: Said) -> dict[str, str]:
    """A strong reference: the address and the digest of what was said."""
    digest = hashlib.sha256(f"{said.number}{said.text}".encode()).hexdigest()
    return {"uri": _uri(voice, said.number), "cid": f"bafyrei{digest[:52]}"}


def _item(voice: Voice, said: Said, known: dict[int, Said]) -> dict[str, Any]:
    item: dict[str, Any] = {"post": _post(voice, said, known)}
    if said.answers:
        parent = _post(voice, known[said.answers], known)
        seen = {"$type": "app.bsky.feed.defs#postView", **parent}
        item["reply"] = {"root": seen, "parent": seen}
    return item


def _post(voice: Voice, said: Said, known: dict[int, Said]) -> dict[str, Any]:
    record = _record(voice, said, known)
    post: dict[str, Any] = {
        **_link(voice, said),
        "author": _author(voice),
        "record": record,
        "replyCount": 0,
        "repostCount": said.number % 4,
        "likeCount": said.number,
        "quoteCount": 0,
        "indexedAt": _time(said),
        "labels": [],
    }
    if said.pictures:
        post["embed"] = {
            "$type": "app.bsky.embed.images#view",
            "images": [
                {
                    "thumb": f"https://cdn.example.org/thumb/{said.number}-{n}",
                    "fullsize": f"https://cdn.example.org/full/{said.number}-{n}",
                    "alt": alt,
                    "aspectRatio": {"width": 16, "height": 9},
                }
                for n, alt in enumerate(said.pictures)
            ],
        }
    if said.quotes:
        quoted = known[said.quotes]
        post["embed"] = {
            "$type": "app.bsky.embed.record#view",
            "record": {
                "$type": "app.bsky.embed.record#viewRecord",
                **_link(voice, quoted),
                "author": _author(voice),
                "value": _record(voice, quoted, known),
                "indexedAt": _time(quoted),
                "labels": [],
            },
        }
    return post


def _record(voice: Voice, said: Said, known: dict[int, Said]) -> dict[str, Any]:
    record: dict[str, Any] = {
        "$type": "app.bsky.feed.post",
        "text": said.text,
        "langs": [said.language],
        "createdAt": _time(said),
    }
    if facets := _facets(said.text):
        record["facets"] = facets
    if said.answers:
        parent = _link(voice, known[said.answers])
        record["reply"] = {"root": parent, "parent": parent}
    if said.quotes:
        record["embed"] = {"$type": "app.bsky.embed.record", "record": _link(voice, known[said.quotes])}
    if said.pictures:
        record["embed"] = {
            "$type": "app.bsky.embed.images",
            "images": [
                {
                    "alt": alt,
                    "image": {
                        "$type": "blob",
                        "ref": {
                            "$link": f"bafkrei{hashlib.sha256(f'{said.number}{n}'.encode()).hexdigest()[:52]}"
                        },
                        "mimeType": "image/jpeg",
                        "size": 120_000,
                    },
                }
                for n, alt in enumerate(said.pictures)
            ],
        }
    return record


def _facets(text: str) -> list[dict[str, Any]]:
    features = {
        "link": lambda t: {"$type": "app.bsky.richtext.facet#link", "uri": t},
        "tag": lambda t: {"$type": "app.bsky.richtext.facet#tag", "tag": t[1:]},
    }
    return [
        {
            "index": {
                "byteStart": len(text[: p.start].encode()),
                "byteEnd": len(text[: p.start + len(p.text)].encode()),
            },
            "features": [features[p.kind](p.text)],
        }
        for p in pieces(text)
        if p.kind in features
    ]
