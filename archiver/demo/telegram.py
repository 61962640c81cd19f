"""The public preview of a channel, as t.me/s/NAME serves it: 20 messages a page, oldest first."""

import base64
import json
from html import escape

from archiver.demo.markup import html, pieces
from archiver.demo.server import Answer, Query, page
from archiver.demo.world import Said, Voice, World

SIZE = 20
ALBUM = 3  # ids that an album occupies


def answer(world: World, path: str, query: Query, base: str) -> Answer:
    name = path.removeprefix("/s/").strip("/")
    voice = world.voice("telegram", name)
    if voice is None:
        return page(_landing(name))
    if not path.startswith("/s/"):
        return page(_landing(voice.handle, voice))
    before = int(query.get("before", "0")) or None
    older = [p for p in world.said(voice) if before is None or _id(p) < before]
    return page(_preview(voice, older[-SIZE:], more=len(older) > SIZE))


def _id(said: Said) -> int:
    """From 1, with room for the further pictures of an album."""
    return said.number * ALBUM - 2


def _landing(name: str, voice: Voice | None = None) -> str:
    title = voice.name if voice else f"Telegram: Contact @{name}"
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{escape(title)}</title></head>"
        f'<body><div class="tgme_page"><div class="tgme_page_title"><span dir="auto">{escape(title)}</span></div>'
        f'<div class="tgme_page_action"><a class="tgme_action_button_new" href="tg://resolve?domain={name}">'
        "View in Telegram</a></div></div></body></html>"
    )


def _preview(voice: Voice, messages: list[Said], *, more: bool) -> str:
    name = voice.handle
    first = _id(messages[0]) if messages else 0
    older = (
        '<div class="tgme_widget_message_centered js-messages_more_wrap">'
        f'<a href="/s/{name}?before={first}" class="tme_messages_more js-messages_more" data-before="{first}"></a></div>'
        if more
        else ""
    )
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(voice.name)} – Telegram</title>
{f'<link rel="prev" href="/s/{name}?before={first}">' if more else ""}<link rel="canonical" href="/s/{name}"></head>
<body><header class="tgme_header"><section class="tgme_right_column"><div class="tgme_channel_info">
<div class="tgme_channel_info_header">
<div class="tgme_channel_info_header_title"><span dir="auto">{escape(voice.name)}</span></div>
<div class="tgme_channel_info_header_username"><a href="https://t.me/{name}">@{name}</a></div></div>
<div class="tgme_channel_info_counters"><div class="tgme_channel_info_counter">
<span class="counter_value">{_count(voice.followers)}</span> <span class="counter_type">subscribers</span></div></div>
<div class="tgme_channel_info_description">{html(voice.about)}</div></div></section></header>
<main class="tgme_main"><section class="tgme_channel_history js-message_history">{older}
{"".join(_message(voice, said) for said in messages)}</section></main></body></html>"""


def _message(voice: Voice, said: Said) -> str:
    link = f"{voice.handle}/{_id(said)}"
    view = json.dumps({"c": -voice.number, "p": _id(said), "t": int(said.at.timestamp()), "h": "demo"})
    token = base64.urlsafe_b64encode(view.encode()).decode().rstrip("=")
    service = " service_message" if said.service else ""
    inside = f'<div class="tgme_widget_message_text js-message_text" dir="auto">{_text(said.text)}</div>'
    if said.poll:
        inside = _poll(link, said)
    return f"""<div class="tgme_widget_message_wrap js-widget_message_wrap">
<div class="tgme_widget_message{service} js-widget_message" data-post="{link}" data-view="{token}">
<div class="tgme_widget_message_bubble"><div class="tgme_widget_message_author accent_color">
<a class="tgme_widget_message_owner_name" href="https://t.me/{voice.handle}"><span dir="auto">{escape(voice.name)}</span></a></div>
{_forward(said)}{_reply(voice, said)}{_album(link, said)}{inside}
<div class="tgme_widget_message_footer"><div class="tgme_widget_message_info">
{"" if said.service else f'<span class="tgme_widget_message_views">{_count(said.views)}</span>'}
<span class="tgme_widget_message_meta">{"edited &nbsp;" if said.edited else ""}<a class="tgme_widget_message_date"
 href="https://t.me/{link}"><time datetime="{said.at.isoformat()}" class="time">{said.at:%H:%M}</time></a></span>
</div></div></div></div></div>"""


def _text(text: str) -> str:
    drawn = []
    for piece in pieces(text):
        match piece.kind:
            case "link":
                drawn.append(
                    f'<a href="{escape(piece.text)}" target="_blank" rel="noopener">{html(piece.text)}</a>'
                )
            case "tag":
                drawn.append(f'<a href="?q=%23{escape(piece.text[1:])}">{html(piece.text)}</a>')
            case "mention":
                drawn.append(
                    f'<a href="https://t.me/{escape(piece.text[1:])}" target="_blank">{html(piece.text)}</a>'
                )
            case _:
                drawn.append(html(piece.text))
    return "".join(drawn)


def _forward(said: Said) -> str:
    if said.by is None:
        return ""
    return (
        '<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from '
        f'<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/{said.by.handle}/77">'
        f'<span dir="auto">{escape(said.by.name)}</span></a></div>'
    )


def _reply(voice: Voice, said: Said) -> str:
    if said.answers is None:
        return ""
    return (
        f'<a class="tgme_widget_message_reply user-color-5" href="https://t.me/{voice.handle}/{said.answers * ALBUM - 2}">'
        f'<div class="tgme_widget_message_author accent_color"><span class="tgme_widget_message_author_name" dir="auto">'
        f"{escape(voice.name)}</span></div>"
        '<div class="tgme_widget_message_text js-message_reply_text" dir="auto">...</div></a>'
    )


def _album(link: str, said: Said) -> str:
    channel, _, first = link.partition("/")
    photos = "".join(
        '<a class="tgme_widget_message_photo_wrap grouped_media_wrap blured js-message_photo" '
        f"style=\"width:453px;background-image:url('https://cdn.example.org/file/{first}-{n}.jpg')\" "
        f'href="https://t.me/{channel}/{int(first) + n}?single"></a>'
        for n in range(len(said.pictures))
    )
    return (
        f'<div class="tgme_widget_message_grouped_wrap js-message_grouped_wrap">{photos}</div>'
        if photos
        else ""
    )


def _poll(link: str, said: Said) -> str:
    share = 100 // len(said.poll)
    options = "".join(
        '<div class="tgme_widget_message_poll_option">'
        f'<div class="tgme_widget_message_poll_option_percent">{share}%</div>'
        f'<div class="tgme_widget_message_poll_option_value">'
        f'<div class="tgme_widget_message_poll_option_text">{html(option)}</div></div></div>'
        for option in said.poll
    )
    return (
        '<div class="tgme_widget_message_poll js-poll">'
        f'<div class="tgme_widget_message_poll_question">{html(said.text)}</div>'
        '<div class="tgme_widget_message_poll_type">Anonymous Poll</div>'
        f'<a class="tgme_widget_message_poll_options" href="https://t.me/{link}">{options}</a></div>'
        '<div class="tgme_widget_message_info"><span class="tgme_widget_message_voters">96</span></div>'
    )


def _count(number: int) -> str:
    """As the platform rounds: 12.4K."""
    return str(number) if number < 1000 else f"{number / 1000:.1f}".removesuffix(".0") + "K"
