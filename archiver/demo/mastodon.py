"""The Mastodon REST API: account look-up and an account's statuses, newest first, with Link headers."""

from typing import Any

from archiver.demo.markup import html, pieces
from archiver.demo.server import Answer, Query, as_json, not_found
from archiver.demo.world import Said, Voice, World

HOST = "social.demo.example"
FIRST = 114_000_000_000_000_000


def answer(world: World, path: str, query: Query, base: str) -> Answer:
    if path == "/api/v1/accounts/lookup":
        voice = world.voice("mastodon", query.get("acct", "").removeprefix("@").partition("@")[0])
        return as_json(_account(voice)) if voice else not_found()
    parts = path.strip("/").split("/")
    if len(parts) == 5 and parts[:3] == ["api", "v1", "accounts"] and parts[4] == "statuses":
        voice = next(
            (v for v in world.voices if v.platform == "mastodon" and str(v.number) == parts[3]), None
        )
        return _statuses(world, voice, query, base) if voice else not_found()
    return not_found()


def _statuses(world: World, voice: Voice, query: Query, base: str) -> Answer:
    size = max(1, min(40, int(query.get("limit", "20"))))
    below = int(query.get("max_id", "0")) or None
    above = int(query.get("since_id", query.get("min_id", "0")))
    fitting = [p for p in world.said(voice) if above < _id(p) and (below is None or _id(p) < below)]
    served = fitting[: -size - 1 : -1]
    where = f"{base}/api/v1/accounts/{voice.number}/statuses?limit={size}"
    links = []
    if served and len(fitting) > size:
        links.append(f'<{where}&max_id={_id(served[-1])}>; rel="next"')
    if served:
        links.append(f'<{where}&min_id={_id(served[0])}>; rel="prev"')
    return as_json([_status(voice, p) for p in served], headers={"Link": ", ".join(links)} if links else {})


def _id(said: Said) -> int:
    return FIRST + said.number * 10_009


def _account(voice: Voice) -> dict[str, Any]:
    return {
        "id": str(voice.number),
        "username": voice.handle,
        "acct": voice.handle,
        "display_name": voice.name,
        "locked": False,
        "bot": False,
        "created_at": "2022-11-01T00:00:00.000Z",
        "note": f"<p>{html(voice.about)}</p>",
        "url": f"https://{HOST}/@{voice.handle}",
        "uri": f"https://{HOST}/users/{voice.handle}",
        "avatar": f"https://{HOST}/avatars/original/missing.png",
        "followers_count": voice.followers,
        "following_count": 7,
        "statuses_count": 44,
        "emojis": [],
        "fields": [],
    }


def _status(voice: Voice, said: Said, *, original: bool = False) -> dict[str, Any]:
    number = _id(said) + (500_000_000 if original else 0)
    time = f"{said.at:%Y-%m-%dT%H:%M:%S}.000Z"
    address = f"https://{HOST}/@{voice.handle}/{number}"
    whole = said.by is None or original
    return {
        "id": str(number),
        "created_at": time,
        "edited_at": f"{said.at:%Y-%m-%dT%H}:59:00.000Z" if said.edited else None,
        "in_reply_to_id": str(FIRST + said.answers * 10_009) if said.answers else None,
        "in_reply_to_account_id": str(voice.number) if said.answers else None,
        "sensitive": said.warning is not None,
        "spoiler_text": said.warning or "",
        "visibility": "public",
        "language": said.language,
        "uri": f"https://{HOST}/users/{voice.handle}/statuses/{number}",
        "url": address,
        "replies_count": 0,
        "reblogs_count": said.number % 5,
        "favourites_count": said.number,
        "content": f"<p>{_text(said.text)}</p>" if whole else "",
        "reblog": None if whole or said.by is None else _status(said.by, said, original=True),
        "account": _account(voice),
        "media_attachments": [
            {
                "id": f"{number}{n}",
                "type": "image",
                "url": f"https://{HOST}/media/{number}-{n}.jpg",
                "preview_url": f"https://{HOST}/media/{number}-{n}-small.jpg",
                "remote_url": None,
                "meta": {"original": {"width": 1024, "height": 768}},
                "description": alt,
            }
            for n, alt in enumerate(said.pictures)
        ],
        "mentions": [
            {"id": "1", "username": p.text[1:], "acct": p.text[1:], "url": f"https://{HOST}/{p.text}"}
            for p in pieces(said.text)
            if p.kind == "mention"
        ],
        "tags": [
            {"name": p.text[1:], "url": f"https://{HOST}/tags/{p.text[1:]}"}
            for p in pieces(said.text)
            if p.kind == "tag"
        ],
        "emojis": [],
        "card": None,
        "poll": _poll(number, said) if said.poll else None,
    }


def _text(text: str) -> str:
    drawn = []
    for piece in pieces(text):
        match piece.kind:
            case "tag":
                link = f"https://{HOST}/tags/{piece.text[1:]}"
                drawn.append(
                    f'<a href="{link}" class="mention hashtag" rel="tag">#<span>{html(piece.text[1:])}</span></a>'
                )
            case "mention":
                link = f"https://{HOST}/{piece.text}"
                drawn.append(
                    f'<span class="h-card"><a href="{link}" class="u-url mention">@<span>{html(piece.text[1:])}</span></a></span>'
                )
            case "link":
                drawn.append(f'<a href="{html(piece.text)}" rel="nofollow noopener">{html(piece.text)}</a>')
            case _:
                drawn.append(html(piece.text))
    return "".join(drawn)


def _poll(number: int, said: Said) -> dict[str, Any]:
    return {
        "id": str(number),
        "expires_at": "2026-06-01T00:00:00.000Z",
        "expired": False,
        "multiple": False,
        "votes_count": 30,
        "voters_count": 30,
        "options": [{"title": option, "votes_count": 30 // len(said.poll)} for option in said.poll],
        "emojis": [],
    }
