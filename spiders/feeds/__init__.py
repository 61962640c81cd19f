"""Feed formats: bytes in whatever encoding -> `document.Feed`. `spiders.feed` asks for them."""

from spiders.feeds import encoding, jsonfeed, xml
from spiders.feeds.document import Feed


def read(body: bytes, content_type: str, base: str) -> Feed:
    """The feed that an answer holds. Raises ValueError, with the reason, where it holds none."""
    if not body.strip():
        raise ValueError("the answer is empty")
    if jsonfeed.is_json_feed(body):
        return jsonfeed.read(body, base)
    text = encoding.text(body, content_type)
    if not encoding.is_feed(text):
        raise ValueError(f"neither RSS nor Atom nor JSON Feed: {encoding.beginning(text)}")
    return xml.read(text, base)
