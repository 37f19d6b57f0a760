"""Saved listing pages of arXiv: https://arxiv.org/list/cs.CL/new, …/recent, …/pastweek, …/2401.

A heading begins a section (new, cross, replacement); a ``dt`` holds number and marks, the ``dd`` behind it the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from urllib.parse import urljoin

from digest.ids import arxiv
from digest.model import Announced, Document, Sighting, Skipped
from digest.parsers.facts import home_of, is_withdrawn, links_of, why_empty
from digest.parsers.htmltree import descend, is_cut, read_units, with_class
from digest.parsers.names import count_names, natural_names, split_names
from digest.parsers.pieces import ListedOn, Piece, Warn
from digest.parsers.xmltree import Node
from digest.text.readable import readable, readable_abstract

_SITE = "https://arxiv.org/"
_UNITS = frozenset({"h1", "h2", "h3", "dt", "dd", "small"})
_SECTIONS = (
    (re.compile(r"\breplace", re.IGNORECASE), Announced.REPLACE),
    (re.compile(r"\bcross", re.IGNORECASE), Announced.CROSS),
    (re.compile(r"\bnew submissions?\b", re.IGNORECASE), Announced.NEW),
)
_DAY = re.compile(r"\b(?:\w{3,9}, )?(?P<day>\d{1,2}) (?P<month>\w{3,9}) (?P<year>\d{2,4})\b")
_SHOWING = re.compile(r"showing (?:first |last )?(?P<shown>\d+) of (?P<all>\d+) entries", re.IGNORECASE)
_SUBJECT = re.compile(r"\(([a-z-]+(?:\.[A-Za-z-]+)?)\)")
_DESCRIPTOR = re.compile(r"^\s*(?:Title|Authors?|Comments?|Subjects?|Journal[- ]ref(?:erence)?|Abstract)\s*:\s*")
_THIS_URL = re.compile(r"this (?:https?|ftp) URL", re.IGNORECASE)
_UNAVAILABLE = "author list is unavailable"


def is_arxiv_html(head: str) -> bool:
    """Return whether ``head`` starts a listing page of arXiv."""
    return bool(re.match(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html)\b", head, re.IGNORECASE | re.DOTALL)) and (
        bool(re.search(r"arxiv\.org", head)) and bool(re.search(r"list-title|<dl\b|/list/|article listing", head))
    )


def read_arxiv_html(document: Document) -> Iterator[Piece]:
    """Read a listing page; of one that breaks off, the entries that are whole."""
    page, cut = _Page(), is_cut(document)
    for node in read_units(document, _UNITS, closed=cut):
        yield from page.take(node)
    if cut or page.entry:
        if page.entry:
            yield Skipped(f"line {page.entry.line}", "a number without a title behind it, or with half of it")
        yield Warn(f"The page breaks off after {page.count} whole entries: it was cut short.", is_broken=True)
    elif not page.count:
        yield Warn(why_empty(page.day))


class _Page:
    """What a page has said so far: section, day, and the ``dt`` that waits for its ``dd``."""

    def __init__(self) -> None:
        self.section: Announced | None = None
        self.day: date | None = None
        self.entry: Node | None = None
        self.count = 0

    def take(self, node: Node) -> Iterator[Piece]:
        text = " ".join(node.text.split())
        if node.name == "dt":
            if self.entry:
                yield Skipped(f"line {self.entry.line}", "a number without a title behind it")
            self.entry = node
        elif node.name == "dd":
            entry, self.entry = self.entry, None
            if entry:
                self.count += 1
                yield _paper(entry, node, self.section)
        else:
            yield from self._heading(text)

    def _heading(self, text: str) -> Iterator[Piece]:
        self.section = next((kind for pattern, kind in _SECTIONS if pattern.search(text)), self.section)
        found = _DAY.search(text)
        if found and self.day is None and (day := _day_of(found)):
            self.day = day
            yield ListedOn(day)
        showing = _SHOWING.search(text)
        if showing and int(showing["shown"]) < int(showing["all"]):
            yield Warn(f"The page shows {showing['shown']} of {showing['all']} entries: the rest is on other pages.")


def _day_of(found: re.Match[str]) -> date | None:
    year = found["year"] if len(found["year"]) == 4 else f"20{found['year'][-2:]}"
    try:
        return datetime.strptime(f"{found['day']} {found['month'][:3]} {year}", "%d %b %Y").date()  # noqa: DTZ007
    except ValueError:
        return None


def _paper(entry: Node, body: Node, section: Announced | None) -> Sighting | Skipped:
    where, marks = f"line {entry.line}", " ".join(entry.text.split())
    addresses = (node.attributes.get("href", "") for node in descend(entry) if node.name == "a")
    identifier = next(
        (found for address in addresses if "/abs/" in address and (found := arxiv(urljoin(_SITE, address)))), None
    )
    raw_title = _field(body, "list-title")
    title = readable(raw_title)
    if not title:
        return Skipped(where, "an entry without a title")
    comment = readable(_field(body, "list-comments"))
    raw_abstract = next((_DESCRIPTOR.sub("", _text(node), count=1) for node in descend(body) if node.name == "p"), "")
    abstract = readable_abstract(raw_abstract)
    people, authors = _authors(body)
    return Sighting(
        title=title,
        abstract=abstract,
        authors=authors,
        author_count=count_names(people, authors),
        keys=(identifier.key,) if identifier else (),
        version=identifier.version if identifier else None,
        url=home_of(identifier.key) if identifier else None,
        links=links_of(identifier.key) if identifier else (),
        categories=tuple(dict.fromkeys(_SUBJECT.findall(_field(body, "list-subjects")))),
        announced=_kind(section, marks),
        comment=comment or None,
        journal_ref=readable(_field(body, "list-journal-ref")) or None,
        withdrawn=is_withdrawn(comment, abstract),
        where=where,
        raw_title=raw_title,
        raw_abstract=raw_abstract,
    )


def _kind(section: Announced | None, marks: str) -> Announced | None:
    """Return the announce type: the marks behind the number, where there are some, else the section's."""
    cross, replaced = "cross-list" in marks, "replaced" in marks
    if replaced:
        return Announced.REPLACE_CROSS if cross else Announced.REPLACE
    return Announced.CROSS if cross else section


def _authors(body: Node) -> tuple[str, tuple[str, ...]]:
    """Return the list of authors as it stands there, and the names in it."""
    block = next(with_class(body, "list-authors"), None)
    if block is None or _UNAVAILABLE in block.text:
        return "", ()
    text = _DESCRIPTOR.sub("", block.text, count=1)
    linked = natural_names([node.text for node in descend(block) if node.name == "a"])
    return text, linked or split_names(text)


def _field(body: Node, name: str) -> str:
    """Return the text of a field without its label."""
    block = next(with_class(body, name), None)
    return _DESCRIPTOR.sub("", _text(block), count=1).strip() if block else ""


def _text(node: Node) -> str:
    """Return a node's text with the addresses that arXiv hides behind "this https URL", and its paragraphs apart."""
    if node.name == "br":
        return "\n\n"
    if node.name == "a" and _THIS_URL.fullmatch(" ".join(node.text.split())):
        return node.attributes.get("href", node.text)
    return "".join(piece if isinstance(piece, str) else _text(piece) for piece in node.pieces)
