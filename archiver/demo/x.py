"""X API v2 as documented: user look-up and posts of a user, newest first, with includes."""

from typing import Any

from archiver.demo.markup import pieces
from archiver.demo.server import Answer, Query, as_json
from archiver.demo.world import FAN, Said, Voice, World

FIRST = 1_900_000_000_000_000_000


def answer(world: World, path: str, query: Query, base: str) -> Answer:
    parts = path.strip("/").split("/")
    if parts[:4] == ["2", "users", "by", "username"] and len(parts) == 5:
        voice = world.voice("x", parts[4])
        return as_json({"data": _user(voice)} if voice else _missing(parts[4]))
    if len(parts) == 4 and parts[:2] == ["2", "users"] and parts[3] == "tweets":
        voice = next((v for v in world.voices if v.platform == "x" and str(v.number) == parts[2]), None)
        return as_json(_timeline(world, voice, query) if voice else _missing(parts[2]))
    return as_json({"title": "Not Found", "status": 404, "type": "about:blank"}, status=404)


def _missing(value: str) -> dict[str, Any]:
    return {
        "errors": [
            {
                "title": "Not Found Error",
                "detail": f"Could not find user with username: [{value}].",
                "resource_type": "user",
                "parameter": "username",
                "value": value,
                "type": "https://api.twitter.com/2/problems/resource-not-found",
            }
        ]
    }


def _id(number: int) -> str:
    return str(FIRST + number * 10_007)


def _timeline(world: World, voice: Voice, query: Query) -> dict[str, Any]:
    size = max(5, min(100, int(query.get("max_results", "10"))))
    since = int(query.get("since_id", "0"))
    until = int(query.get("pagination_token", "0")) or None
    fitting = [p for p in world.said(voice) if int(_id(p.number)) > since]
    older = [p for p in fitting if until is None or int(_id(p.number)) < until]
    served = older[: -size - 1 : -1]
    if not served:
        return {"meta": {"result_count": 0}}
    meta: dict[str, Any] = {
        "newest_id": _id(served[0].number),
        "oldest_id": _id(served[-1].number),
        "result_count": len(served),
    }
    if len(older) > size:
        meta["next_token"] = meta["oldest_id"]
    return {
        "data": [_post(voice, p) for p in served],
        "includes": _includes(world, voice, served),
        "meta": meta,
    }


def _user(voice: Voice) -> dict[str, Any]:
    return {
        "id": str(voice.number),
        "username": voice.handle,
        "name": voice.name,
        "description": voice.about,
        "created_at": "2020-04-01T08:00:00.000Z",
        "protected": False,
        "verified": False,
        "public_metrics": {
            "followers_count": voice.followers,
            "following_count": 12,
            "tweet_count": 32,
            "listed_count": 1,
        },
    }


def _post(voice: Voice, said: Said, *, original: bool = False) -> dict[str, Any]:
    shown = said.text if original or said.by is None else f"RT @{said.by.handle}: {said.text}"[:140]
    shown, urls = _shortened(shown)
    post: dict[str, Any] = {
        "id": _id(said.number + (5000 if original else 0)),
        "author_id": str(voice.number),
        "conversation_id": _id(said.answers or said.number),
        "created_at": f"{said.at:%Y-%m-%dT%H:%M:%S}.000Z",
        "edit_history_tweet_ids": [_id(said.number)],
        "lang": said.language,
        "text": shown.replace("&", "&amp;"),
        "public_metrics": {
            "retweet_count": said.number,
            "reply_count": 1,
            "like_count": said.number * 3,
            "quote_count": 0,
            "bookmark_count": 0,
            "impression_count": said.views,
        },
    }
    if urls:
        post["entities"] = {"urls": urls}
    references = [
        {"type": kind, "id": _id(number)}
        for kind, number in (("replied_to", said.answers), ("quoted", said.quotes))
        if number
    ]
    if said.by and not original:
        references.append({"type": "retweeted", "id": _id(said.number + 5000)})
    if references:
        post["referenced_tweets"] = references
    if said.answers:
        post["in_reply_to_user_id"] = str(voice.number)
    if said.pictures:
        post["attachments"] = {"media_keys": [f"3_{said.number}"]}
    return post


def _shortened(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Links are shown as t.co, and told in full beside the text."""
    shown, urls = "", []
    for piece in pieces(text):
        if piece.kind != "link":
            shown += piece.text
            continue
        short = f"https://t.co/demo{len(piece.text):05}"
        urls.append(
            {
                "start": len(shown),
                "end": len(shown) + len(short),
                "url": short,
                "expanded_url": piece.text,
                "display_url": piece.text.split("//")[1][:20],
            }
        )
        shown += short
    return shown, urls


def _includes(world: World, voice: Voice, served: list[Said]) -> dict[str, Any]:
    all_posts = {p.number: p for p in world.said(voice)}
    wanted = {n for p in served for n in (p.answers, p.quotes) if n}
    posts = [_post(voice, all_posts[n]) for n in sorted(wanted)]
    posts += [_post(p.by, p, original=True) for p in served if p.by]
    media = [
        {
            "media_key": f"3_{p.number}",
            "type": "photo",
            "url": f"https://cdn.example.org/media/{p.number}.jpg",
            "width": 1200,
            "height": 800,
            "alt_text": p.pictures[0],
        }
        for p in served
        if p.pictures
    ]
    return {"users": [_user(voice), _user(FAN)], "tweets": posts, **({"media": media} if media else {})}
