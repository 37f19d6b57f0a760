"""Mails joined from pieces: what does not depend on the reader is rendered, inlined and encoded once.

A paper's card is rendered once for all its readers, with holes for highlights and why-line; so are the top, the
headings and the foot for every count they can show. The law: whatever the digest, the bytes are those of rendering,
inlining and encoding the whole (``mail.assemble``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from threading import Lock
from typing import Any, NamedTuple

from css_inline import CSSInliner
from markupsafe import Markup

from digest.model import Digest, Item, Links, Section
from digest.render import view
from digest.render.book import Book, Budgets, Pieces
from digest.render.chosen import Layout, Reading
from digest.render.environment import SHIPPED, Folder, environment, render, underlined, wrapped
from digest.render.kept import Budget, Kept
from digest.render.marks import html_text
from digest.render.papers import PaperView, marker, one_line, paper_view
from digest.render.passages import Lead
from digest.render.pieces import (
    LATER,
    LINKS,
    MARK,
    Filling,
    Later,
    NotInPieces,
    Piece,
    Slot,
    Value,
    given,
    hole,
    piece,
    split,
    value,
)
from digest.render.quoted import escaped
from digest.render.reasons import Reason, reason
from digest.render.words import long_day

MOST_BOOKS = 1024
MOST_PIECES = 8192
MOST_READINGS = 50_000
"""Readings that all papers together remember: at about 800 bytes each."""
MOST_LINES = 500_000
"""What all papers together remember of lines, in units of ``render.book``."""
MOST_REASONS = 32_768
"""Why-lines kept, at about 1 KB each."""
WHY, MARKER = frozenset({"why"}), frozenset({"marker"})

_EDGE = "<tr><td>\x01edge\x02</td></tr>\n"
_EDGES = re.compile("<tr><td[^>]*>\x01edge\x02</td></tr>\n")
_are_plain_links = re.compile(r"[\w./:?#@!$()*+,;=%~-]*", re.ASCII).fullmatch


class Written(NamedTuple):
    """A mail's two parts in quoted-printable, in stretches to be joined."""

    subject: str
    html: list[str]
    text: list[str]


class _Counts(NamedTuple):
    """What top and foot show that many readers have in common; ``has`` says which links there are."""

    day: str
    scanned: int
    shown: int
    left_out: int
    updated: int
    next_day: str
    notes: tuple[str, ...]
    has: tuple[bool, ...]


class _Sheet:
    """One part on its way: what there is of it, encoded, what fills the holes, and which slots a why-line fills."""

    def __init__(self, values: dict[str, Filling], *, on_page: bool) -> None:
        self.coded: list[str] = []
        self.values = values
        self.on_page = on_page

    def put(self, of: Piece) -> None:
        self.coded += of.filled(self.values)

    def lay(self, of: Layout, book: Book, reading: Reading, reason: Reason, marker: str) -> None:
        """Put a paper's card, or its entry."""
        self.coded += of.head
        fills = reason.fills
        for slot, after in of.rest:
            self.coded.append(fills.get(slot) or self._filled(slot, book, reading, reason, marker))
            self.coded += after

    def _filled(self, slot: Slot, book: Book, reading: Reading, reason: Reason, marker: str) -> str:
        if slot.needs is MARKER:
            return book.numbered(slot, marker)
        if slot.needs is WHY:
            return reason.filled(slot, on_page=self.on_page)
        values = reading.values(on_page=self.on_page)
        return slot.filled(values | {"why": reason.of(on_page=self.on_page), "marker": value(marker)})


class FragmentWriter:
    """Writes mails from pieces of the templates in these folders; raises ``NotInPieces`` where that cannot be."""

    def __init__(self, folders: Sequence[Folder], inliner: CSSInliner) -> None:
        self._inliner = inliner
        self._laters: list[Later] = []
        filters: dict[str, Callable[..., str]] = {"wrapped": self._wrapped, "underlined": self._underlined}
        self._environment = environment(folders, filters, has_holes=True)
        self._pieces: Kept[Hashable, Piece] = Kept(MOST_PIECES)
        self._books: Kept[Hashable, Book] = Kept(MOST_BOOKS)
        self._budgets = Budgets(Budget(MOST_READINGS, self._forget_readings), Budget(MOST_LINES, self._forget))
        self._reasons: Kept[tuple[tuple[str, ...], tuple[str, ...]], Reason] = Kept(MOST_REASONS)
        self._slots: Kept[Hashable, Slot] = Kept(MOST_PIECES)
        self._pieces_of_papers = Pieces(self._card, self._letter, self._link)
        self._making = Lock()
        self._check_order()

    def _check_order(self) -> None:
        """Raise ``NotInPieces`` where the order of the pieces is the user's own: it may depend on anything."""
        for name in ("email/digest.html.j2", "email/digest.txt.j2"):
            own, shipped = (self._source(path) for path in (name, f"{SHIPPED}/{name}"))
            if own != shipped:
                raise NotInPieces(f"{name} is not the shipped one")

    def _source(self, name: str) -> str:
        loader = self._environment.loader
        return loader.get_source(self._environment, name)[0] if loader else ""

    def write(self, digest: Digest, links: Links) -> Written:
        """Return the parts of a digest's mail."""
        counts = _counts(digest, links)
        subject = view.subject(digest)
        own = {"subject": subject, "preheader": view.preheader(digest), "address": digest.subscriber.address}
        to = _link_values(links)
        letter = _Sheet({name: value(text) for name, text in own.items()} | to, on_page=False)
        page = _Sheet({name: value(html_text(text)) for name, text in own.items()} | to, on_page=True)
        self._both(page, letter, "top", counts)
        self._sections(digest, page, letter, counts)
        self._both(page, letter, "foot", counts)
        return Written(subject, page.coded, letter.coded)

    def _sections(self, digest: Digest, page: _Sheet, letter: _Sheet, counts: _Counts) -> None:
        references: list[str] = []
        for section in digest.sections:
            self._section(section, page, letter, counts)
            self._papers(section.items, page, letter, references)
            if section.left_out:
                self._both(page, letter, "more", counts.has, len(section.left_out))
        if digest.updates:
            self._both(page, letter, "updates", len(digest.updates))
            self._papers(digest.updates, page, letter, references)
        if references:
            letter.put(self._piece("email/links.txt.j2", (), dict))
            letter.coded += references

    def _section(self, section: Section, page: _Sheet, letter: _Sheet, counts: _Counts) -> None:
        heading, query = view.heading(section), view.query(section)
        page.values["heading"], page.values["query"] = value(html_text(heading)), value(html_text(query))
        letter.values["heading"], letter.values["query"] = value(heading), value(query)
        spark = view.spark(section)
        if spark:
            shown = {"spark": value(spark), "spark_label": value(view.spark_label(section))}
            page.values |= shown
            letter.values |= shown
        matched = len(section.items) + len(section.left_out)
        self._both(page, letter, "section", counts.has, matched, len(section.left_out), bool(query), bool(spark))

    def _papers(self, items: Sequence[Item], page: _Sheet, letter: _Sheet, references: list[str]) -> None:
        for item in items:
            hit = item.hit
            book = self._book(item)
            reading = book.reading(hit.spans)
            said = hit.terms, item.also_in
            why = self._reasons.get(said) or self._reasons.keep(said, reason(*said))
            number = _marker(len(references) + 1)
            page.lay(reading.card, book, reading, why, number)
            letter.lay(reading.letter, book, reading, why, number)
            references.append(book.link(number))

    def _both(self, page: _Sheet, letter: _Sheet, name: str, *key: Any) -> None:
        """Put a piece that is no paper's into both parts; its context follows from its name and key."""
        page.put(self._piece(f"email/{name}.html.j2", key, _CONTEXTS[name]))
        letter.put(self._piece(f"email/{name}.txt.j2", key, _CONTEXTS[name]))

    def _book(self, item: Item) -> Book:
        paper = item.paper
        key = (paper.id, paper.revision, item.kind, item.note)
        book = self._books.get(key)
        if book is None or (book.paper is not paper and book.paper != paper):
            book = self._books.keep(key, Book(item, self._pieces_of_papers, self._budgets))
        return book

    def _forget_readings(self) -> None:
        for book in list(self._books.values()):
            book.forget_readings()

    def _forget(self) -> None:
        for book in list(self._books.values()):
            book.forget()

    def _card(self, item: Item, is_whole: bool) -> Piece:
        shown = _common(item)
        lead = Lead(shown.lead.text, _marked_hole("lead"), is_whole)
        paper = replace(shown, title_html=_marked_hole("title"), lead=lead)
        return self._of_paper(self._compiled("email/paper.html.j2", paper=paper), "html")

    def _letter(self, item: Item, is_whole: bool) -> Piece:
        shown = _common(item)
        lead = Lead(hole("lead") if shown.lead.text else "", shown.lead.html, is_whole)
        return self._of_paper(self._compiled("email/paper.txt.j2", paper=replace(shown, lead=lead)), "txt")

    def _link(self, item: Item) -> Callable[[str], str]:
        """Return what makes the paper's links of its number."""
        parts = self._compiled("email/link.txt.j2", paper=_common(item)).parts
        if not all(isinstance(part, str) or part.needs <= MARKER for part in parts):
            raise NotInPieces("a link shows what differs from reader to reader")
        return lambda marker: "".join(map(str, given(parts, {"marker": value(marker)})))

    def _of_paper(self, made: Piece, part: str) -> Piece:
        """Return a paper's piece in which slots that a why-line fills alike are one slot for all papers."""
        return made._replace(parts=tuple([p if isinstance(p, str) else self._shared(p, part) for p in made.parts]))

    def _shared(self, slot: Slot, part: str) -> Slot:
        slot.needs = next((known for known in (WHY, MARKER) if known == slot.needs), slot.needs)
        if slot.needs is not WHY:
            return slot
        return self._slots.get((part, slot.key)) or self._slots.keep((part, slot.key), slot)

    def _piece(self, name: str, key: tuple[Any, ...], context: Callable[..., Mapping[str, Any]]) -> Piece:
        known = self._pieces.get((name, key))
        return known or self._pieces.keep((name, key), self._compiled(name, **context(*key)))

    def _compiled(self, name: str, **context: Any) -> Piece:
        with self._making:
            self._laters.clear()
            rendered = render(self._environment, name, **context)
            laters = tuple(self._laters)
            if not name.endswith(".html.j2"):
                return piece(rendered, laters)
            if laters:
                raise NotInPieces("a filter would see HTML where it sees text in the whole")
            return piece(self._inlined(name, rendered))

    def _inlined(self, name: str, rendered: str) -> str:
        """Return a piece of HTML as it comes out of the style sheet's inlining between a top and a foot."""
        place = {"email/top.html.j2": 0, "email/foot.html.j2": 2}.get(name, 1)
        whole = [*self._frame]
        whole[place] = rendered
        parts = _EDGES.split(self._inliner.inline(_EDGE.join(whole)))
        if len(parts) != 3:
            raise NotInPieces("the top does not end, or the foot not begin, between two rows of a table")
        return parts[place]

    @cached_property
    def _frame(self) -> tuple[str, str, str]:
        counts = _Counts("", 0, 0, 0, 0, "", (), (False,) * len(LINKS))
        names = ("email/top.html.j2", "email/foot.html.j2")
        top, foot = (render(self._environment, name, **_frame_context(counts)) for name in names)
        return top, "", foot

    def _wrapped(self, text: str, indent: int = 0) -> str:
        return self._later(partial(wrapped, indent=indent), text, indent)

    def _underlined(self, text: str, sign: str = "=") -> str:
        return self._later(partial(underlined, sign=sign), text)

    def _later(self, work: partial[str], text: str, indent: int | None = None) -> str:
        if "\x01" not in text:
            return work(text)
        name = f"{LATER}{len(self._laters)}"
        self._laters.append(Later(name, work, split(text), indent))
        return hole(name)


_NO_SCORE = float("nan")
"""A template that shows scores shows this one, and is found out."""


def _common(item: Item) -> PaperView:
    """Return what all readers of a paper have in common, with holes for the rest; some fit nowhere."""
    shown = paper_view(item)
    lead = Lead(hole("no lead") if shown.lead.text else "", Markup(hole("no lead")), is_whole=True)  # noqa: S704
    return replace(
        shown,
        title_html=Markup(hole("no title")),  # noqa: S704 - our own signs
        lead=lead,
        why=hole("why"),
        score=_NO_SCORE,
        marker=hole("marker"),
    )


def _marked_hole(name: str) -> Markup:
    return Markup(hole(name) + MARK)  # noqa: S704 - our own signs


_marker = lru_cache(maxsize=1024)(marker)


def _counts(digest: Digest, links: Links) -> _Counts:
    return _Counts(
        day=long_day(digest.day),
        scanned=digest.scanned,
        shown=len(digest.items),
        left_out=sum(len(section.left_out) for section in digest.sections),
        updated=len(digest.updates),
        next_day=long_day(digest.next_on) if digest.next_on else "",
        notes=tuple(one_line(note) for note in digest.notes),
        has=tuple(bool(getattr(links, name)) for name in LINKS),
    )


def _link_values(links: Links) -> dict[str, Filling]:
    urls = {name: getattr(links, name) for name in LINKS}
    if not _are_plain_links("".join(urls.values())):
        raise NotInPieces("a link holds letters that HTML escapes")
    return {name: Value(escaped(url), len(url)) for name, url in urls.items()}


def _links(has: tuple[bool, ...]) -> Links:
    return Links(**{name: hole(name) if there else "" for name, there in zip(LINKS, has, strict=True)})


def _frame_context(counts: _Counts) -> Mapping[str, Any]:
    shown = view.DigestView(
        subject=hole("subject"),
        preheader=hole("preheader"),
        day=counts.day,
        address=hole("address"),
        scanned=counts.scanned,
        shown=counts.shown,
        left_out=counts.left_out,
        updated=counts.updated,
        next_day=counts.next_day,
        notes=counts.notes,
    )
    return {"digest": shown, "links": _links(counts.has)}


def _section_context(
    has: tuple[bool, ...], matched: int, more: int, has_query: bool, has_spark: bool
) -> Mapping[str, Any]:
    query = hole("query") if has_query else ""
    spark, label = (hole("spark"), hole("spark_label")) if has_spark else ("", "")
    shown = view.SectionView(
        heading=hole("heading"), query=query, count=matched, more=more, spark=spark, spark_label=label
    )
    return {"section": shown, "links": _links(has)}


def _more_context(has: tuple[bool, ...], more: int) -> Mapping[str, Any]:
    return {"section": view.SectionView(heading="", query="", count=more, more=more), "links": _links(has)}


def _updates_context(updated: int) -> Mapping[str, Any]:
    shown = _frame_context(_Counts("", 0, 0, 0, updated, "", (), (False,) * len(LINKS)))["digest"]
    return {"digest": shown}


_CONTEXTS: Mapping[str, Callable[..., Mapping[str, Any]]] = {
    "top": _frame_context,
    "section": _section_context,
    "more": _more_context,
    "updates": _updates_context,
    "foot": _frame_context,
}
