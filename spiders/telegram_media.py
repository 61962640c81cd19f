"""What hangs on a Telegram message: photos, videos, voice, files, stickers, places, contacts.

Media addresses expire, so that an attachment's key is the id of the message that carries it. An album is one
post that occupies the ids of all its pictures: gaps in the numbering are not deletions.
"""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from lxml.html import HtmlElement

from archiver.posts import Attachment
from spiders.html import absolute, first_within, text_of, text_within

PREFIX = "tgme_widget_message_"
_BACKGROUND = re.compile(r"background-image:\s*url\((['\"]?)(.*?)\1\)")
_LENGTH = re.compile(r"(?:(\d+):)?(\d+):(\d\d)")


def attachments_of(message: HtmlElement, native_id: str, base: str) -> tuple[Attachment, ...]:
    """In the page's order, each with its own key."""
    found: list[Attachment] = []
    used: dict[str, int] = {}
    for element, read in _media(message):
        carrier = _carrier(element, native_id)
        used[carrier] = used.get(carrier, 0) + 1
        key = carrier if used[carrier] == 1 else f"{carrier}#{used[carrier]}"
        found.append(read(element, key, base))
    return tuple(found)


def group_ids(attachments: tuple[Attachment, ...], native_id: str) -> tuple[str, ...]:
    """The further ids that an album occupies."""
    ids = dict.fromkeys((attachment.key or "").split("#")[0] for attachment in attachments)
    return tuple(key for key in ids if key and key != native_id)


def background(element: HtmlElement, base: str) -> str | None:
    """The picture that an element's style shows."""
    match = _BACKGROUND.search((element.get("style") or "")[:4096])
    return absolute(match[2], base) if match else None


Reader = Callable[[HtmlElement, str, str], Attachment]


def _media(message: HtmlElement) -> list[tuple[HtmlElement, Reader]]:
    """The outermost elements that are media. What the quoted post and the link's preview show is not ours."""
    found: list[tuple[HtmlElement, Reader]] = []
    inside: set[HtmlElement] = set()
    for element in message.iter():
        if not isinstance(element.tag, str):
            continue
        names = (element.get("class") or "").split()
        read = next((READERS[name] for name in names if name in READERS), None)
        if element.getparent() in inside or read or any(name in FOREIGN for name in names):
            inside.add(element)
        if read and element.getparent() not in inside:
            found.append((element, read))
    return found


def _carrier(element: HtmlElement, native_id: str) -> str:
    """The id of the message that an album's picture is; the post's own id where the page names no other."""
    path = [step for step in urlsplit(element.get("href") or "").path.split("/") if step]
    channel = native_id.split("/")[0]
    same = len(path) >= 2 and path[-2].lower() == channel.lower() and path[-1].isdigit()
    return f"{channel}/{path[-1]}" if same else native_id


def _photo(element: HtmlElement, key: str, base: str) -> Attachment:
    url = background(element, base)
    return Attachment(kind="image", key=key, url=url, available=url is not None)


def _service_photo(element: HtmlElement, key: str, base: str) -> Attachment:
    image = element.find(".//img[@src]")
    url = None if image is None else absolute(image.get("src"), base)
    return Attachment(kind="image", key=key, url=url, available=url is not None)


def _video(element: HtmlElement, key: str, base: str) -> Attachment:
    """A GIF is a video without a play button. Without an address it is "too big" for the web."""
    thumb = first_within(element, PREFIX + "video_thumb")
    thumb = first_within(element, PREFIX + "roundvideo_thumb") if thumb is None else thumb
    length = _length(text_within(element, "message_video_duration"))
    length = length if length is not None else _length(text_within(element, PREFIX + "roundvideo_duration"))
    round_one = PREFIX + "roundvideo" in (element.get("class") or "")
    playable = round_one or length is not None or first_within(element, "message_video_play") is not None
    url = _source(element, base)
    return Attachment(
        kind="video" if playable or url is None else "animation",
        key=key,
        url=url,
        preview_url=None if thumb is None else background(thumb, base),
        duration_seconds=length,
        available=url is not None,
    )


def _voice(element: HtmlElement, key: str, base: str) -> Attachment:
    around = element.getparent() if element.tag == "audio" else element
    length = _length(text_within(element if around is None else around, PREFIX + "voice_duration"))
    url = _source(element, base)
    return Attachment(kind="voice", key=key, url=url, duration_seconds=length, available=url is not None)


def _document(element: HtmlElement, key: str, base: str) -> Attachment:
    """The web names a file without giving it. Music has its performer where files have a size."""
    icon = first_within(element, PREFIX + "document_icon")
    music = icon is not None and "audio" in (icon.get("class") or "").split()
    title = text_within(element, PREFIX + "document_title")
    extra = text_within(element, PREFIX + "document_extra")
    if music and extra:
        title = f"{extra} – {title}"
    return Attachment(kind="audio" if music else "document", key=key, title=title or None, available=False)


def _sticker(element: HtmlElement, key: str, base: str) -> Attachment:
    sources = [element.get("data-webp"), background(element, base)]
    sources += [each.get("srcset") for each in element.iter("source")] + [_source(element, base)]
    sources += [each.get("src") for each in element.iter("img")]
    url = next((url for source in sources if (url := absolute(source, base))), None)
    return Attachment(kind="sticker", key=key, url=url, available=url is not None)


def _location(element: HtmlElement, key: str, base: str) -> Attachment:
    """The place is its coordinates, before the name if it has one."""
    url = absolute(element.get("href"), base)
    coordinates = parse_qs(urlsplit(url or "").query).get("q", [])
    title = " ".join(part for part in (*coordinates, text_of(element)) if part)
    return Attachment(kind="location", key=key, url=url, title=title or None)


def _contact(element: HtmlElement, key: str, base: str) -> Attachment:
    return Attachment(kind="contact", key=key, title=text_of(element) or None)


def _source(element: HtmlElement, base: str) -> str | None:
    """The address of the first video or audio, the element itself included."""
    sources = (absolute(each.get("src"), base) for each in element.iter("video", "audio"))
    return next((source for source in sources if source), None)


def _length(shown: str) -> float | None:
    match = _LENGTH.fullmatch(shown.strip())
    return float(int(match[1] or 0) * 3600 + int(match[2]) * 60 + int(match[3])) if match else None


READERS: dict[str, Reader] = {
    PREFIX + "photo_wrap": _photo,
    PREFIX + "service_photo": _service_photo,
    PREFIX + "video_player": _video,
    PREFIX + "roundvideo_player": _video,
    PREFIX + "roundvideo": _video,
    PREFIX + "voice_player": _voice,
    PREFIX + "voice": _voice,
    PREFIX + "document_wrap": _document,
    PREFIX + "sticker": _sticker,
    PREFIX + "tgsticker": _sticker,
    PREFIX + "videosticker": _sticker,
    PREFIX + "location_wrap": _location,
    PREFIX + "contact": _contact,
}
FOREIGN = frozenset((PREFIX + "reply", PREFIX + "link_preview"))
