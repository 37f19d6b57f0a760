"""Saved web pages as a stream of small trees: only the elements asked for, each with all that is inside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from digest.model import Document
from digest.parsers.decode import text
from digest.parsers.xmltree import Node

_CHUNK = 1 << 16
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905
_SILENT = frozenset({"script", "style", "template", "noscript", "svg"})
_CLOSED_BY = {
    "p": frozenset({"p", "div", "ul", "ol", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "table", "article"}),
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
}
_DEEPEST = 100


class _Builder(HTMLParser):
    def __init__(self, units: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.units = units
        self.stack: list[Node] = []
        self.silent = ""
        self.ready: list[Node] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.silent or tag in _SILENT:
            self.silent = self.silent or tag
            return
        while self.stack and tag in _CLOSED_BY.get(self.stack[-1].name, frozenset()):
            self.handle_endtag(self.stack[-1].name)
        if (not self.stack and tag not in self.units) or len(self.stack) > _DEEPEST:
            return
        node = Node(tag, "", {name: value or "" for name, value in attrs}, self.getpos()[0])
        if self.stack:
            self.stack[-1].children.append(node)
            self.stack[-1].pieces.append(node)
        if tag not in _VOID:
            self.stack.append(node)

    def handle_endtag(self, tag: str) -> None:
        if self.silent:
            self.silent = "" if tag == self.silent else self.silent
            return
        if not any(node.name == tag for node in self.stack):
            return
        while self.stack:
            node = self.stack.pop()
            if not self.stack:
                self.ready.append(node)
            if node.name == tag:
                return

    def handle_data(self, data: str) -> None:
        if self.stack and not self.silent:
            self.stack[-1].pieces.append(data)


_PAGE_END = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)


def is_cut(document: Document) -> bool:
    """Return whether a page lacks its end: it was fetched or saved by half."""
    return not _PAGE_END.search(text(document)[-_CHUNK:])


def read_units(document: Document, units: frozenset[str], *, closed: bool = False) -> Iterator[Node]:
    """Yield every element of the given names that is in none of the others, in order.

    The last may lack its end tag, as may all that is in it; with ``closed`` it is left out then.
    """
    builder = _Builder(units)
    page = text(document)
    for start in range(0, len(page), _CHUNK):
        builder.feed(page[start : start + _CHUNK])
        yield from builder.ready
        builder.ready.clear()
    builder.close()
    yield from builder.ready
    if not closed:
        yield from builder.stack[:1]


def descend(node: Node) -> Iterator[Node]:
    """Yield a node's descendants in the order of the document."""
    for child in node.children:
        yield child
        yield from descend(child)


def with_class(node: Node, name: str) -> Iterator[Node]:
    """Yield the descendants that have a class."""
    return (child for child in descend(node) if name in child.attributes.get("class", "").split())
