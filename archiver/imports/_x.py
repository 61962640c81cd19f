"""Posts of X in its older shapes, brought into that of API v2, so that one reader reads them all.

API v1.1 (twarc1, Twitter's account archives) and the website's own GraphQL (Zeeschuimer) say the same in
other words. Both always say what they know of links, media and references: what is missing is not there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from archiver.posts import Post
from spiders import facts, x_post
from spiders.page import Page, Target

Status = Mapping[str, Any]
# As if asked for everything: none means none.
COMPLETE = "https://api.x.com/2/tweets?tweet.fields=attachments,entities,referenced_tweets"
# The number before the _ of a media key, by what the address of the preview says.
_KEYS = (("/amplify_video_thumb/", "13"), ("/tweet_video_thumb/", "16"), ("/ext_tw_video_thumb/", "7"))
_KEY_OF_TYPE = {"photo": "3", "video": "7", "animated_gif": "16"}


def post(
    raw: Status,
    included: x_post.Included,
    *,
    seen_at: datetime,
    url: str = COMPLETE,
    owner: str | None = None,
) -> Post:
    """A post in v2's shape. `url`: the request that it answers, `owner`: whose timeline that is, if the file
    tells."""
    author = str(raw.get("author_id") or owner)
    username = facts.filled(included.users.get(author, {}).get("username"))
    target = Target(platform="x", handle=username or author)
    page = Page(url=url, body=b"", target=target, fetched_at=seen_at)
    return x_post.post(x_post.Item(raw=raw, included=included), page, owner)


def from_v1(status: Status, *, seen_at: datetime) -> Post:
    """A post of API v1.1, or of an account archive with the `user` put in."""
    shelf = _Shelf()
    return post(shelf.put(status), shelf.included(), seen_at=seen_at)


def from_graphql(tweet: Status, *, seen_at: datetime) -> Post:
    """A post as the website's GraphQL has it."""
    return from_v1(_flat(tweet), seen_at=seen_at)


class _Shelf:
    """What a v2 answer would bring along in `includes`."""

    def __init__(self) -> None:
        self.posts: dict[str, Status] = {}
        self.users: dict[str, Status] = {}
        self.media: dict[str, Status] = {}
        self.polls: dict[str, Status] = {}

    def included(self) -> x_post.Included:
        return x_post.Included(
            posts=self.posts, users=self.users, media=self.media, polls=self.polls, missing=frozenset()
        )

    def put(self, status: Status) -> Status:
        """A status in v2's shape; what belongs to it comes onto the shelf."""
        user = self._user(facts.table(status.get("user")))
        entities = _entities(status)
        media = self._media(status)
        poll = facts.table(status.get("poll"))
        if poll:
            self.polls[str(poll["id"])] = poll
        attachments = {
            **({"media_keys": media} if media else {}),
            **({"poll_ids": [str(poll["id"])]} if poll else {}),
        }
        native_id = _id(status, "id")
        raw = {
            "id": native_id,
            "text": _text(status),
            "author_id": user or facts.filled(status.get("user_id_str")),
            "created_at": moment(status.get("created_at")),
            "lang": status.get("lang"),
            "conversation_id": facts.filled(status.get("conversation_id_str")),
            "entities": entities,
            "attachments": attachments or None,
            "referenced_tweets": self._references(status),
            "public_metrics": _counts(status),
            "edit_history_tweet_ids": status.get("edit_ids"),
            "note_tweet": status.get("note"),
        }
        return {name: value for name, value in raw.items() if value is not None}

    def _user(self, user: Status) -> str | None:
        native_id = _id(user, "id")
        username = facts.filled(user.get("screen_name"))
        if native_id is None or username is None:
            return native_id
        described = facts.table(facts.table(user.get("entities")).get("description"))
        counts = {
            "followers_count": user.get("followers_count"),
            "following_count": user.get("friends_count"),
            "tweet_count": user.get("statuses_count"),
        }
        self.users[native_id] = {
            "id": native_id,
            "username": username,
            "name": user.get("name"),
            "description": user.get("description"),
            "entities": {"description": {"urls": list(facts.tables(described.get("urls")) or ())}},
            "profile_image_url": facts.first(
                user.get("profile_image_url_https"), user.get("profile_image_url")
            ),
            "verified": user.get("verified"),
            "created_at": moment(user.get("created_at")),
            "public_metrics": {name: count for name, count in counts.items() if count is not None},
        }
        return native_id

    def _media(self, status: Status) -> list[str]:
        keys = []
        for medium in _media(status):
            native_id = facts.first(medium.get("media_key"), _id(medium, "id"))
            if native_id is None:
                continue
            preview = facts.first(medium.get("media_url_https"), medium.get("media_url"))
            kind = str(medium.get("type"))
            number = next((n for part, n in _KEYS if part in (preview or "")), _KEY_OF_TYPE.get(kind, "3"))
            if kind == "photo":
                number = "3"
            key = native_id if "_" in native_id else f"{number}_{native_id}"
            film = facts.table(medium.get("video_info"))
            size = facts.table(medium.get("original_info"))
            self.media[key] = {
                "media_key": key,
                "type": kind,
                "url": preview if kind == "photo" else None,
                "preview_image_url": None if kind == "photo" else preview,
                "alt_text": medium.get("ext_alt_text"),
                "duration_ms": film.get("duration_millis"),
                "variants": [
                    {**v, "bit_rate": v.get("bitrate")} for v in facts.tables(film.get("variants")) or ()
                ],
                "width": size.get("width"),
                "height": size.get("height"),
            }
            keys.append(key)
        return keys

    def _references(self, status: Status) -> list[Status]:
        found: list[Status] = []
        original = facts.table(status.get("retweeted_status"))
        quoted = facts.table(status.get("quoted_status"))
        if original:
            found.append({"type": "retweeted", "id": self._other(original)})
        if answered := _id(status, "in_reply_to_status_id"):
            found.append({"type": "replied_to", "id": answered})
        quoted_id = self._other(quoted) if quoted else _id(status, "quoted_status_id")
        if quoted_id and not original:
            found.append({"type": "quoted", "id": quoted_id})
        return [entry for entry in found if entry["id"]]

    def _other(self, status: Status) -> str | None:
        native_id = _id(status, "id")
        if native_id is not None and native_id not in self.posts:
            self.posts[native_id] = {}  # a quotation that leads back here ends here
            self.posts[native_id] = self.put(status)
        return native_id


# -- pieces of a v1.1 status ------------------------------------------------------------------------------


def moment(value: Any) -> str | None:
    """ "Sat Mar 21 12:00:00 +0000 2026" in ISO 8601; what is so already stays."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.strptime(value, "%a %b %d %H:%M:%S %z %Y").isoformat()
    except ValueError:
        return value


def _id(of: Status, name: str) -> str | None:
    """Ids are texts; as numbers they may have lost their last digits on the way, so those come second."""
    number = of.get(name)
    whole = str(number) if isinstance(number, int) and not isinstance(number, bool) else None
    return facts.first(of.get(f"{name}_str"), number, whole)


def _text(status: Status) -> str | None:
    longer = facts.table(status.get("extended_tweet"))
    said = (longer.get("full_text"), status.get("full_text"), status.get("text"))
    return next((text for text in map(facts.text, said) if text is not None), None)


def _all_entities(status: Status) -> Status:
    longer = facts.table(status.get("extended_tweet"))
    return facts.table(longer.get("entities")) or facts.table(status.get("entities"))


def _media(status: Status) -> Sequence[Status]:
    longer = facts.table(status.get("extended_tweet"))
    for entities in (
        longer.get("extended_entities"),
        status.get("extended_entities"),
        longer.get("entities"),
        status.get("entities"),
    ):
        if media := facts.tables(facts.table(entities).get("media")):
            return media
    return ()


def _entities(status: Status) -> Status:
    said = _all_entities(status)
    pointers = facts.tables(said.get("media")) or ()
    return {
        "urls": [*(facts.tables(said.get("urls")) or ()), *pointers],
        "hashtags": [{"tag": tag.get("text")} for tag in facts.tables(said.get("hashtags")) or ()],
        "mentions": [
            {"username": who.get("screen_name"), "id": _id(who, "id")}
            for who in facts.tables(said.get("user_mentions")) or ()
        ],
    }


def _counts(status: Status) -> Status:
    names = {
        "impression_count": "view_count",
        "reply_count": "reply_count",
        "retweet_count": "retweet_count",
        "quote_count": "quote_count",
        "like_count": "favorite_count",
        "bookmark_count": "bookmark_count",
    }
    counts = {name: whole_number(status.get(old)) for name, old in names.items()}
    return {name: count for name, count in counts.items() if count is not None}


def whole_number(value: Any) -> int | None:
    """A count; account archives write them as texts."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    return facts.count(value)


# -- GraphQL ----------------------------------------------------------------------------------------------


def _flat(tweet: Status) -> Status:
    """A tweet of GraphQL as a v1.1 status with the user, the repeated and the quoted status in it."""
    tweet = facts.table(tweet.get("tweet")) or tweet  # one with limited visibility is wrapped once more
    legacy = facts.table(tweet.get("legacy"))
    user = facts.table(tweet.get("user")) or _user(tweet)
    flat: dict[str, Any] = {
        **legacy,
        "id_str": facts.first(tweet.get("rest_id"), legacy.get("id_str")),
        "user": user,
        "view_count": facts.table(tweet.get("views") or tweet.get("ext_views")).get("count"),
        "edit_ids": _edits(tweet),
        "note": _note(tweet),
        "poll": _poll(tweet),
    }
    for name, place in (("retweeted_status", legacy), ("quoted_status", tweet)):
        other = facts.table(facts.table(place.get(f"{name}_result")).get("result"))
        if other and (other.get("legacy") or other.get("tweet")):
            flat[name] = _flat(other)
    return flat


def _user(tweet: Status) -> Status:
    found = facts.table(facts.table(facts.table(tweet.get("core")).get("user_results")).get("result"))
    core = facts.table(found.get("core"))  # since 2025 the names stand here
    named = {
        name: core[name] for name in ("screen_name", "name", "created_at") if facts.filled(core.get(name))
    }
    verified = found.get("is_blue_verified")
    return {
        **({"verified": verified} if isinstance(verified, bool) else {}),
        **facts.table(found.get("legacy")),
        **named,
        "id_str": facts.first(found.get("rest_id")),
    }


def _edits(tweet: Status) -> list[str] | None:
    control = facts.table(tweet.get("edit_control"))
    control = facts.table(control.get("edit_control_initial")) or control
    ids = control.get("edit_tweet_ids")
    return ids if isinstance(ids, list) else None


def _note(tweet: Status) -> Status | None:
    results = facts.table(facts.table(tweet.get("note_tweet")).get("note_tweet_results"))
    note = facts.table(results.get("result"))
    if not facts.filled(note.get("text")):
        return None
    entities = _entities({"entities": note.get("entity_set")})
    return {"text": note["text"], "entities": {k: v for k, v in entities.items() if v}}


def _poll(tweet: Status) -> Status | None:
    card = facts.table(facts.table(tweet.get("card")).get("legacy"))
    values = {
        str(entry.get("key")): facts.table(entry.get("value"))
        for entry in facts.tables(card.get("binding_values")) or ()
    }
    if not str(card.get("name")).startswith("poll"):
        return None
    options = []
    for number in range(1, 5):
        label = facts.filled(values.get(f"choice{number}_label", {}).get("string_value"))
        if label:
            votes = whole_number(values.get(f"choice{number}_count", {}).get("string_value"))
            options.append({"position": number, "label": label, "votes": votes})
    final = values.get("counts_are_final", {}).get("boolean_value")
    return {
        "id": facts.first(card.get("url")) or "poll",
        "options": options,
        "end_datetime": values.get("end_datetime_utc", {}).get("string_value"),
        "voting_status": {True: "closed", False: "open"}.get(final) if isinstance(final, bool) else None,
    }
