"""RSS 0.9x–2.0, RSS 1.0 and 1.1 (RDF), Atom 0.3 and 1.0 as entries, nothing interpreted.

Sources: https://www.rssboard.org/rss-specification, https://web.resource.org/rss/1.0/spec, RFC 4287, and the extensions
papers come with: Dublin Core, content, PRISM and arXiv's own (https://info.arxiv.org/help/rss_specifications.html).
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator

from digest.model import Document
from digest.parsers.entry import Entry, Feed, Text
from digest.parsers.xmltree import Node, read_items

_ITEMS = frozenset({"item", "entry"})
_EXTRA = frozenset(
    {
        "announce_type",
        "DOI",
        "doi",
        "journal_reference",
        "journal_ref",
        "comment",
        "rights",
        "publicationName",
        "section",
    }
)
_HOLDERS = frozenset({"channel", "Channel", "feed", "RDF", "rss"})


def read_feed(document: Document, feed: Feed) -> Iterator[Entry]:
    """Yield the entries of a feed in order, and note in ``feed`` what it says of itself as it is met."""
    number = 0
    for node in read_items(document, _ITEMS):
        if node.name in _ITEMS:
            number += 1
            yield _atom(node, number) if node.name == "entry" else _rss(node, number)
        elif node.parent in _HOLDERS:
            _note(feed, node)


def _note(feed: Feed, node: Node) -> None:
    said = node.text.strip()
    match node.name:
        case "title":
            feed.title = feed.title or said
        case "link":
            if node.attributes.get("rel", "alternate") == "alternate":
                feed.link = feed.link or node.attributes.get("href", said)
        case "updated" | "pubDate" | "lastBuildDate" | "date":
            feed.updated = feed.updated or said
        case _:
            feed.extra.setdefault(node.name, said)


def _rss(node: Node, number: int) -> Entry:
    guid = node.first("guid")
    address = _own(node, "link") or (guid.text.strip() if guid and guid.text.strip().startswith("http") else "")
    content = node.say("encoded") or _own(node, "summary")
    creators = [child.text for child in node.children if child.name in {"creator", "author"}]
    return Entry(
        where=_where(number, guid.text.strip() if guid else node.attributes.get("about", "")),
        id=guid.text.strip() if guid else node.attributes.get("about", ""),
        title=Text(_own(node, "title"), is_html=True),
        summary=Text(_own(node, "description") or content, is_html=True),
        links=[("alternate", address)] if address else [],
        authors=creators,
        categories=[child.text.strip() for child in node.children if child.name in {"category", "subject"}],
        identifiers=[child.text.strip() for child in node.children if child.name in {"identifier", "doi", "DOI"}],
        published=node.say("pubDate") or node.say("date") or node.say("publicationDate"),
        updated=node.say("modified") or node.say("updated"),
        extra=_extra(node),
    )


def _atom(node: Node, number: int) -> Entry:
    return Entry(
        where=_where(number, node.say("id")),
        id=node.say("id"),
        title=_text(node.own("title")),
        summary=_text(node.own("summary") or node.own("content")),
        links=[
            (
                child.attributes.get("title") or child.attributes.get("rel", "alternate"),
                child.attributes.get("href", ""),
            )
            for child in node.all("link")
        ],
        authors=[child.say("name") for child in node.all("author")] or [child.text for child in node.all("creator")],
        categories=[child.attributes.get("term", child.text).strip() for child in node.all("category")],
        identifiers=[child.text.strip() for child in node.children if child.name in {"identifier", "doi", "DOI"}],
        published=node.say("published") or node.say("issued"),
        updated=node.say("updated") or node.say("modified"),
        extra=_extra(node),
    )


def _text(node: Node | None) -> Text:
    if node is None:
        return Text()
    kind = node.attributes.get("type", "text").lower()
    if node.attributes.get("mode") == "base64":
        return Text(_decoded(node.text), is_html="html" in kind)
    if kind in {"xhtml", "application/xhtml+xml"}:
        return Text(node.markup, is_html=True)
    if "/" in kind and not kind.startswith("text/") and not kind.endswith("xml"):
        return Text()  # a picture or a PDF in base64 (RFC 4287, 4.1.3.3)
    return Text(node.text, is_html=kind in {"html", "text/html"})


def _decoded(base64: str) -> str:
    """Return the text in Atom 0.3's ``mode="base64"``, or what stands there where it is none."""
    try:
        return b64decode(base64).decode("utf-8", "replace")
    except ValueError:
        return base64


def _own(node: Node, name: str) -> str:
    child = node.own(name)
    return child.text.strip() if child else ""


def _extra(node: Node) -> dict[str, str]:
    found = {child.name: child.text.strip() for child in node.children if child.name in _EXTRA}
    primary = node.first("primary_category")
    return found | ({"primary_category": primary.attributes.get("term", "")} if primary else {})


def _where(number: int, identifier: str) -> str:
    return f"entry {number}" + (f", {identifier[:100]}" if identifier else "")
