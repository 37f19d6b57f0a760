"""Mails joined from pieces: what does not depend on the reader is rendered, inlined and encoded once.

A paper's card is rendered once for all its readers, with holes for highlights and why-line; so are the top, the
headings and the foot for every count they can show. The law: whatever the digest, the bytes are those of rendering,
inlining and encoding the whole (``mail.assemble``).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

from css_inline import CSSInliner

from digest.model import Digest, Item, Links, Section
from digest.render import view
from digest.render.book import Book, Budgets, Pieces
from digest.render.chosen import Numbered
from digest.render.contexts import CONTEXTS, common, for_card, for_letter, link_urls
from digest.render.environment import Folder
from digest.render.kept import Budget, Kept
from digest.render.marks import html_text
from digest.render.papers import marker
from digest.render.pieces import LINKS, MARKER, WHY, Filling, NotInPieces, Piece, Slot, Value, Values, given, value
from digest.render.quoted import escaped
from digest.render.reasons import Reason, reason
from digest.render.workshop import Workshop

MOST_BOOKS = 1024
MOST_PIECES = 8192
MOST_REASONS = 2_048
"""Why-lines kept, at about 1 KB each."""
_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:?#@!$()*+,;=%~-"
"""The letters of addresses that stand for themselves in HTML."""


class Limits(NamedTuple):
    """What is remembered of all papers together; beyond that it starts again.

    Places of matches take about 400 bytes each, entries 600, lines 250 bytes a unit (``render.book``).
    """

    places: int = 100_000
    entries: int = 50_000
    lines: int = 250_000


class Written(NamedTuple):
    """A mail's two parts in quoted-printable, in stretches to be joined."""

    subject: str
    html: list[str]
    text: list[str]


class _Part:
    """One part on its way: what there is of it, encoded, and what fills the holes."""

    def __init__(self, values: Values) -> None:
        self.coded: list[str] = []
        self.values = values

    def put(self, of: Piece) -> None:
        self.coded += of.filled(self.values)


class FragmentWriter:
    """Writes mails from pieces of the templates in these folders; raises ``NotInPieces`` where that cannot be."""

    def __init__(self, folders: Sequence[Folder], inliner: CSSInliner, limits: Limits | None = None) -> None:
        self._workshop = Workshop(folders, inliner)
        self._pieces: Kept[Hashable, Piece] = Kept(MOST_PIECES)
        self._books: Kept[Hashable, Book] = Kept(MOST_BOOKS)
        most = limits or Limits()
        self._budgets = Budgets(
            places=Budget(most.places, self._books.clear),
            entries=Budget(most.entries, self._forget_entries),
            lines=Budget(most.lines, self._forget),
        )
        self._reasons: Kept[tuple[tuple[str, ...], tuple[str, ...]], Reason] = Kept(MOST_REASONS)
        self._slots: Kept[Hashable, Slot] = Kept(MOST_PIECES)
        self._pieces_of_papers = Pieces(self._card, self._letter, self._link, self._reason)

    def write(self, digest: Digest, links: Links) -> Written:
        """Return the parts of a digest's mail."""
        counts, has = view.counts(digest), tuple(map(bool, link_urls(links)))
        subject = view.subject(digest)
        own = {"subject": subject, "preheader": view.preheader(digest), "address": digest.subscriber.address}
        to = _link_values(links)
        letter = _Part(Values(own, to, on_page=False))
        page = _Part(Values(own, {**to, "preheader": _preheader(digest)}, on_page=True))
        self._both(page, letter, "top", counts, has)
        self._sections(digest, page, letter, has)
        self._both(page, letter, "foot", counts, has)
        return Written(subject, page.coded, letter.coded)

    def _sections(self, digest: Digest, page: _Part, letter: _Part, has: tuple[bool, ...]) -> None:
        references: list[str] = []
        for section in digest.sections:
            self._section(section, page, letter, has)
            self._papers(section.items, page, letter, references)
            if section.left_out:
                self._both(page, letter, "more", has, len(section.left_out))
        if digest.updates:
            self._both(page, letter, "updates", len(digest.updates))
            self._papers(digest.updates, page, letter, references)
        if digest.updates_left_out:
            self._both(page, letter, "more-updates", has, len(digest.updates_left_out))
        if references:
            letter.put(self._piece("links", "txt", ()))
            letter.coded += references

    def _section(self, section: Section, page: _Part, letter: _Part, has: tuple[bool, ...]) -> None:
        """Put what stands above the papers of a section: hardly two readers ask in the same words."""
        texts = view.texts(section)
        page.values.tell(texts)
        letter.values.tell(texts)
        more = len(section.left_out)
        matched = len(section.items) + more
        self._both(page, letter, "section", has, matched, more, bool(texts["query"]), bool(texts["spark"]))

    def _papers(self, items: Sequence[Item], page: _Part, letter: _Part, references: list[str]) -> None:
        for item in items:
            book = self._book(item)
            number = _marker(len(references) + 1)
            book.put(page.coded, letter.coded, item, number)
            references.append(book.link(number))

    def _both(self, page: _Part, letter: _Part, name: str, *key: Any) -> None:
        """Put a piece that is no paper's into both parts; its context follows from its name and key."""
        page.put(self._piece(name, "html", key))
        letter.put(self._piece(name, "txt", key))

    def _piece(self, name: str, part: str, key: tuple[Any, ...]) -> Piece:
        known = self._pieces.get((name, part, key))
        return known or self._pieces.keep(
            (name, part, key), self._workshop.piece(f"email/{name}.{part}.j2", **CONTEXTS[name](*key))
        )

    # --- papers ------------------------------------------------------------------------------------------------------

    def _book(self, item: Item) -> Book:
        paper = item.paper
        key = (paper.id, paper.revision, paper.upvotes, paper.comments, item.kind, item.note)
        book = self._books.get(key)
        if book is None or (book.paper is not paper and book.paper != paper):
            book = self._books.keep(key, Book(item, self._pieces_of_papers, self._budgets))
        return book

    def _forget_entries(self) -> None:
        for book in list(self._books.values()):
            book.forget_entries()

    def _forget(self) -> None:
        for book in list(self._books.values()):
            book.forget()

    def _card(self, item: Item, is_whole: bool) -> Piece:
        return self._of_paper(self._workshop.piece("email/paper.html.j2", paper=for_card(item, is_whole=is_whole)))

    def _letter(self, item: Item, is_whole: bool) -> Piece:
        return self._of_paper(self._workshop.piece("email/paper.txt.j2", paper=for_letter(item, is_whole=is_whole)))

    def _link(self, item: Item) -> Numbered:
        """Return what makes the paper's links of its number."""
        parts = self._workshop.piece("email/link.txt.j2", paper=common(item)).parts
        if not all(isinstance(part, str) or part.needs <= MARKER for part in parts):
            raise NotInPieces("a link shows what differs from reader to reader")
        return partial(_numbered, parts)

    def _reason(self, terms: tuple[str, ...], also_in: tuple[str, ...]) -> Reason:
        said = terms, also_in
        return self._reasons.get(said) or self._reasons.keep(said, reason(*said))

    def _of_paper(self, made: Piece) -> Piece:
        """Return a paper's piece in which slots that a why-line fills alike are one slot for all papers."""
        return made._replace(parts=tuple([p if isinstance(p, str) else self._shared(p) for p in made.parts]))

    def _shared(self, slot: Slot) -> Slot:
        return self._slots.get(slot.key) or self._slots.keep(slot.key, slot) if slot.needs is WHY else slot


_marker = lru_cache(maxsize=1024)(marker)


def _numbered(parts: Sequence[str | Slot], number: str) -> str:
    return "".join(map(str, given(tuple(parts), {"marker": value(number)})))


def _preheader(digest: Digest) -> Value:
    """Return what ``view.preheader`` does, in HTML: letters are escaped one by one, so titles can be for themselves."""
    return Value(_BETWEEN_TITLES.join(map(_short_title, view.first_titles(digest))))


_BETWEEN_TITLES = escaped(html_text(view.BETWEEN_TITLES))


@lru_cache(maxsize=4096)
def _short_title(title: str) -> str:
    return escaped(html_text(view.short_title(title)))


def _link_values(links: Links) -> dict[str, Filling]:
    urls = link_urls(links)
    if "".join(urls).encode().translate(None, _PLAIN):
        raise NotInPieces("a link holds letters that HTML escapes")
    return {name: Value(url.replace("=", "=3D"), len(url), url) for name, url in zip(LINKS, urls, strict=True)}
