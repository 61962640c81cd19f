"""The elements of a feed, by names of our own: `dc:creator`, `media:content`, whatever prefixes it chose."""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime

from lxml import etree

from archiver.posts import Reference
from spiders.feeds.document import when
from spiders.html import text_of

Element = etree._Element
ATOM = ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#")
PREFIXES = {
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/rss/1.0/modules/slash/": "slash:",
    "http://purl.org/syndication/thread/1.0": "thr:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://search.yahoo.com/mrss": "media:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner:",
    "http://webns.net/mvcb/": "admin:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
    **dict.fromkeys(ATOM, "atom:"),
}
XML = "{http://www.w3.org/XML/1998/namespace}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
MARKUP = re.compile(r"</[a-zA-Z]\w*>|<(?:br|hr|p|img|a|div)\b[^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]\w*);")
Children = dict[str, list[Element]]


def name_of(element: Element) -> str:
    """prefix:local in our own prefixes; an unknown namespace stays in braces; comments have no name."""
    if not isinstance(element.tag, str):  # a comment
        return ""  # type: ignore[unreachable]
    name = etree.QName(element)
    if not name.namespace:
        return name.localname
    prefix = PREFIXES.get(name.namespace)
    return element.tag if prefix is None else prefix + name.localname


def children(element: Element) -> Children:
    said: Children = {}
    for child in element:
        said.setdefault(name_of(child), []).append(child)
    return said


def deeper(said: Children, name: str) -> Children:
    return children(said[name][0]) if name in said else {}


def each_of(said: Children, *names: str) -> Iterator[Element]:
    return (element for name in names for element in said.get(name, ()))


def said_in(element: Element) -> str:
    """The text of an element; markup that stands in it unescaped stays markup."""
    parts = [element.text or ""]
    for child in element:
        parts.append(_as_html(child) if name_of(child) else child.tail or "")  # comments are not said
    return "".join(parts)


def _as_html(element: Element) -> str:
    """An XHTML element and its tail, without namespaces and their prefixes."""
    copied = deepcopy(element)
    for each in copied.iter():
        if isinstance(each.tag, str):
            each.tag = etree.QName(each).localname
    etree.cleanup_namespaces(copied)
    return etree.tostring(copied, encoding="unicode", method="html")


def text_in(said: Children, *names: str) -> str | None:
    """The first of these elements that says something, without the space around it."""
    found = [said_in(element).strip() for element in each_of(said, *names)]
    return next((text for text in found if text), "" if found else None)


def plain(written: str | None) -> str | None:
    """A title as plain text. RSS does not say whether it is HTML: only real markup is taken for it."""
    if written is None:
        return None
    return text_of(written) if MARKUP.search(written) else " ".join(written.split())


def html_or_text(body: str | None) -> tuple[str | None, str | None]:
    """As HTML where there is markup in it, else as the plain text it is."""
    return (body, None) if body and MARKUP.search(body) else (None, body)


def first_date(said: Children, *names: str) -> datetime | None:
    return next((date for element in each_of(said, *names) if (date := when(said_in(element)))), None)


def language_of(element: Element | None) -> str | None:
    """The nearest xml:lang."""
    while element is not None:
        if language := element.get(XML + "lang"):
            return language
        element = element.getparent()
    return None


def links_in(said: Children) -> dict[str, str]:
    """Addresses by relation, the first of each."""
    links: dict[str, str] = {}
    for link in said.get("atom:link", ()):
        links.setdefault(link.get("rel", "alternate"), link.get("href", ""))
    return links


def creators(said: Children) -> str | None:
    names = [said_in(element) for element in each_of(said, "dc:creator")]
    for person in each_of(said, "atom:author", "author"):
        inner = children(person)
        names.append(text_in(inner, "atom:name", "name") or ("" if inner else said_in(person)))
    if not any(name.strip() for name in names):
        names = [said_in(element) for element in each_of(said, "itunes:author")]
    # RSS writes "mail@example.org (Name)".
    shown = (_without_mail(name.strip()) for name in names)
    return ", ".join(dict.fromkeys(name for name in shown if name)) or None


def _without_mail(person: str) -> str:
    mail, bracket, name = person.partition(" (")
    return name[:-1] if bracket and "@" in mail and name.endswith(")") else person


def reply_in(said: Children) -> Reference | None:
    answered = next(each_of(said, "thr:in-reply-to"), None)
    if answered is None:
        return None
    return Reference(relation="reply", native_id=answered.get("ref"), url=answered.get("href"))


def generator_in(root: Element, said: Children) -> str:
    """Whatever names the software: an element, its address, or a comment (RSS 0.92 of WordPress)."""
    names = [said_in(e) + " " + (e.get("uri") or "") for e in each_of(said, "generator", "atom:generator")]
    names += [e.get(RDF + "resource") or "" for e in each_of(said, "admin:generatorAgent")]
    comments = [e.text or "" for e in root.iter(etree.Comment) if "generator" in (e.text or "")]
    return " ".join(names + comments[:3]).strip()
