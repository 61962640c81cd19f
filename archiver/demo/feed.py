"""A blog whose front page announces its RSS feed; the feed answers 304 to who has seen it."""

from email.utils import format_datetime
from html import escape

from archiver.demo.server import Answer, Query, not_found, page
from archiver.demo.world import BLOG, Said, World


def answer(world: World, path: str, query: Query, base: str) -> Answer:
    if path in ("", "/"):
        return page(
            f'<!DOCTYPE html><html lang="fa" dir="rtl"><head><meta charset="utf-8"><title>{escape(BLOG.name)}</title>'
            f'<link rel="alternate" type="application/rss+xml" title="RSS" href="{base}/rss.xml"></head>'
            f"<body><h1>{escape(BLOG.name)}</h1></body></html>"
        )
    if path == "/rss.xml":
        return page(_rss(world, base), "application/rss+xml; charset=utf-8")
    return not_found()


def _rss(world: World, base: str) -> str:
    entries = "".join(_entry(said) for said in reversed(world.said(BLOG)))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>{escape(BLOG.name)}</title><link>https://baad-e-saba.example/</link>"
        f'<atom:link rel="self" type="application/rss+xml" href="{base}/rss.xml"/>'
        f"<description>{escape(BLOG.about)}</description><language>en-US</language>{entries}</channel></rss>"
    )


def _entry(said: Said) -> str:
    """The feed says en-US of Persian texts, as feeds do: nobody may believe it over the text."""
    title = " ".join(said.text.split()[:4])
    return (
        f"<item><title>{escape(title)}</title><link>https://baad-e-saba.example/?p={said.number}</link>"
        f'<guid isPermaLink="false">https://baad-e-saba.example/?p={said.number}</guid>'
        f"<pubDate>{format_datetime(said.at)}</pubDate><dc:creator>نسیم</dc:creator>"
        f"<category>شهر</category><description>{escape(f'<p>{escape(said.text)}</p>')}</description></item>"
    )
