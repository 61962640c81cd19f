"""A timeline item of Nitter's pages. Counts that it leaves away (it does so for 0) stay unknown."""

import re
from datetime import UTC, datetime
from urllib.parse import unquote, urljoin, urlsplit

from lxml.html import HtmlElement

from archiver.errors import PageChanged
from archiver.posts import Account, Attachment, Kind, LinkPreview, Metric, Poll, PollOption, Post, Reference
from spiders.feeds.document import number
from spiders.html import first_within, inner_html, is_within, text_of, text_within, within
from spiders.page import Page, Target

PLATFORM = "nitter"
STATUS = re.compile(r"/(\w+)/status/(\d+)", re.ASCII)
BANNER = re.compile(r"profile_banners(?:%2F|/)(\d+)")
DATES = ("%b %d, %Y · %I:%M %p UTC", "%d/%m/%Y, %H:%M:%S")  # since 2021, and before
COUNTS = {"comment": "replies", "retweet": "reposts", "quote": "quotes", "heart": "likes", "views": "views"}
COUNTS["play"] = "views"
STATISTICS = {"posts": "posts", "following": "following", "followers": "followers"}


def name_of(target: Target) -> str:
    return target.handle.partition("@")[0]


# -- who ------------------------------------------------------------------------------------------


def account(root: HtmlElement, page: Page) -> Account | None:
    """Whose page it is. Only the banner's address tells X's number for the account."""
    card = first_within(root, "profile-card")
    if card is None:
        return None
    banner = first_within(root, "profile-banner")
    told = BANNER.search(inner_html(banner)) if banner is not None else None
    name = text_within(card, "profile-card-username").strip().removeprefix("@") or name_of(page.target)
    counts = (
        (STATISTICS.get(li.get("class") or ""), _count(text_within(li, "profile-stat-num")))
        for li in card.iter("li")
    )
    avatar = first_within(card, "profile-card-avatar")
    return Account(
        platform=PLATFORM,
        native_id=told[1] if told else page.account.native_id if page.account else f"@{name.lower()}",
        handle=page.target.handle,
        url=f"https://x.com/{name}",
        name=text_within(card, "profile-card-fullname").strip() or None,
        description=text_within(card, "profile-bio") or None,
        avatar_url=urljoin(page.url, avatar.get("href"))
        if avatar is not None and avatar.get("href")
        else None,
        metrics=tuple(Metric(name=n, value=v) for n, v in counts if n and v is not None) or None,
    )


# -- what -----------------------------------------------------------------------------------------


def items(timeline: HtmlElement, page: Page) -> list[HtmlElement]:
    """The watched account's own posts and reposts; a conversation also shows what others said."""
    shown = [
        each
        for each in within(timeline, "timeline-item")
        if not {"show-more", "more-replies-thread", "unavailable"} & set((each.get("class") or "").split())
    ]
    return [
        each for each in shown if _is_repost(each) or _by(each).lower() in ("", name_of(page.target).lower())
    ]


def post(item: HtmlElement, page: Page, author: Account | None) -> Post:
    link = first_within(item, "tweet-link")
    named = STATUS.search("" if link is None else link.get("href") or "")
    if named is None:
        raise PageChanged(page.url, "a post has no address")
    repost, name = _is_repost(item), name_of(page.target)
    content = _own(item, "tweet-content")
    if content is None:
        raise PageChanged(page.url, f"post {named[2]} has no text, not even an empty one")
    said_at = _when(item)
    references = _references(item, named, said_at if repost else None)
    anchors = [(a.get("href") or "", text_of(a)) for a in content.iter("a")]
    return Post(
        platform=PLATFORM,
        native_id=f"{named[2]}:repost:{name.lower()}" if repost else named[2],
        author=author or Account(platform=PLATFORM, native_id=f"@{name.lower()}", handle=page.target.handle),
        kind=_kind(references),
        url=f"https://x.com/{named[1]}/status/{named[2]}",
        published_at=None if repost else said_at,
        edited=True if first_within(item, "latest-post-version") is not None else None,
        text=text_of(content, verbatim=True),
        html=inner_html(content),
        links=tuple(dict.fromkeys(href for href, _ in anchors if href.startswith("http"))),
        tags=tuple(dict.fromkeys(shown[1:] for _, shown in anchors if shown.startswith("#"))),
        mentions=tuple(dict.fromkeys(shown[1:] for _, shown in anchors if shown.startswith("@"))),
        references=references or None,
        attachments=_attachments(item, page),
        poll=_poll(item),
        preview=_preview(item, page),
        metrics=_metrics(item),
    )


def _own(item: HtmlElement, name: str) -> HtmlElement | None:
    """The first element of that class that is not inside a quoted post."""
    return next((each for each in within(item, name) if not is_within(each, "quote")), None)


def _is_repost(item: HtmlElement) -> bool:
    return first_within(item, "retweet-header") is not None


def _by(item: HtmlElement) -> str:
    header = first_within(item, "tweet-header")
    return "" if header is None else text_within(header, "username").strip().removeprefix("@")


def _when(item: HtmlElement) -> datetime | None:
    date = first_within(item, "tweet-date")
    titles = [] if date is None else [" ".join(a.get("title", "").split()) for a in date.iter("a")]
    for form in DATES:
        for title in titles:
            try:
                return datetime.strptime(title, form).replace(tzinfo=UTC)
            except ValueError:
                continue
    return None


def _kind(references: tuple[Reference, ...]) -> Kind:
    relations = [reference.relation for reference in references]
    return next((kind for kind in ("repost", "reply", "quote") if kind in relations), "post")


def _references(item: HtmlElement, named: re.Match[str], passed_on: datetime | None) -> tuple[Reference, ...]:
    found: list[Reference] = []
    header = first_within(item, "tweet-header")
    if _is_repost(item):
        name = "" if header is None else text_within(header, "fullname").strip()
        found.append(
            Reference(
                relation="repost",
                native_id=named[2],
                url=f"https://x.com/{named[1]}/status/{named[2]}",
                author_name=name or None,
                author_handle=named[1],
                published_at=passed_on,
            )
        )
    reply = _own(item, "replying-to")
    for anchor in () if reply is None else reply.iter("a"):
        found.append(Reference(relation="reply", author_handle=text_of(anchor).removeprefix("@")))
    quote = first_within(item, "quote")
    if quote is not None:
        found.append(_quote(quote))
    return tuple(found)


def _quote(quote: HtmlElement) -> Reference:
    link = first_within(quote, "quote-link")
    named = STATUS.search("" if link is None else link.get("href") or "")
    if named is None:
        return Reference(relation="quote", available=False)
    text = first_within(quote, "quote-text")
    return Reference(
        relation="quote",
        native_id=named[2],
        url=f"https://x.com/{named[1]}/status/{named[2]}",
        author_name=text_within(quote, "fullname").strip() or None,
        author_handle=named[1],
        published_at=_when(quote),
        text=None if text is None else text_of(text, verbatim=True),
        available=True,
    )


# -- what hangs on it -----------------------------------------------------------------------------


def _attachments(item: HtmlElement, page: Page) -> tuple[Attachment, ...]:
    found: list[Attachment] = []
    for image in within(item, "still-image"):
        if not is_within(image, "quote"):
            shown = next(image.iter("img"), None)
            url = urljoin(page.url, image.get("href"))
            alt = (shown.get("alt") if shown is not None else None) or None
            found.append(Attachment(kind="image", key=media_key(url), url=url, alt=alt))
    for video in item.iter("video"):
        if is_within(video, "quote"):
            continue
        source = next((s.get("src") for s in video.iter("source")), None) or video.get("data-url")
        url, poster = source and urljoin(page.url, source), video.get("poster")
        found.append(
            Attachment(
                kind="animation" if "gif" in (video.get("class") or "").split() else "video",
                key=media_key(url or poster or ""),
                url=url,
                preview_url=urljoin(page.url, poster) if poster else None,
            )
        )
    for overlay in within(item, "video-overlay"):
        container = overlay.getparent()
        if (
            container is not None
            and next(container.iter("video"), None) is None
            and not is_within(overlay, "quote")
        ):
            thumb = next((image.get("src") for image in container.iter("img")), None)
            preview = urljoin(page.url, thumb) if thumb else None
            found.append(
                Attachment(kind="video", key=media_key(thumb or ""), preview_url=preview, available=False)
            )
    return tuple(found)


def media_key(url: str) -> str | None:
    """X's own name of a file, the same on every instance and in every size."""
    path = unquote(urlsplit(url).path)
    for known in (
        "media/",
        "ext_tw_video/",
        "amplify_video/",
        "tweet_video/",
        "ext_tw_video_thumb/",
        "amplify_video_thumb/",
        "tweet_video_thumb/",
    ):
        if known in path:
            return known + re.split(r"[?:&]", path.rpartition(known)[2])[0]
    return path or None


def _poll(item: HtmlElement) -> Poll | None:
    poll = _own(item, "poll")
    if poll is None:
        return None
    options = []
    for meter in within(poll, "poll-meter"):
        percent = text_within(meter, "poll-choice-value").strip().removesuffix("%").strip()
        shown = float(percent) if re.fullmatch(r"\d+(\.\d+)?", percent, re.ASCII) else None
        options.append(PollOption(text=text_within(meter, "poll-choice-option"), percent=shown))
    votes, _, state = text_within(poll, "poll-info").partition("•")
    voters = _count(re.sub(r"votes?", "", votes))
    return Poll(options=tuple(options), voters=voters, closed="final" in state.lower() if state else None)


def _preview(item: HtmlElement, page: Page) -> LinkPreview | None:
    card = _own(item, "card-container")
    url = card.get("href") if card is not None else None
    if card is None or not url:
        return None
    image = next((i.get("src") for i in card.iter("img")), None)
    return LinkPreview(
        url=urljoin(page.url, url),
        title=text_within(card, "card-title") or None,
        description=text_within(card, "card-description") or None,
        site=text_within(card, "card-destination") or None,
        image_url=urljoin(page.url, image) if image else None,
    )


def _metrics(item: HtmlElement) -> tuple[Metric, ...] | None:
    found = {}
    for stat in within(item, "tweet-stat"):
        value = _count(text_of(stat))
        icon = next((c for e in stat.iter() for c in (e.get("class") or "").split() if c[5:] in COUNTS), "")
        if icon.startswith("icon-") and value is not None:
            found[COUNTS[icon[5:]]] = value
    return tuple(Metric(name=name, value=value) for name, value in found.items()) or None


def _count(written: str) -> int | None:
    return number(written.strip().replace(",", ""))
