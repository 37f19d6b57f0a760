"""The readers of the shapes: blocks to sightings, with what the page says of days, counters and names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from digest.model import Document, Sighting, Skipped
from digest.parsers.days import page_day, reference_day
from digest.parsers.decode import lines
from digest.parsers.hf_text.blocks import Block, Kind, blocks
from digest.parsers.hf_text.cards import Card, cards
from digest.parsers.hf_text.furniture import is_banner, is_known, without_glued_button
from digest.parsers.hf_text.plain import Run, runs
from digest.parsers.pieces import ListedOn, Piece, Warn
from digest.text.readable import readable, readable_abstract


def read_plain(document: Document) -> Iterator[Piece]:
    """Read the shapes *paragraphs* and *lines*."""
    page = _Page(document)
    for part in runs(blocks(lines(document))):
        if isinstance(part, Skipped):
            yield part
        elif part.title is None:
            yield from page.furniture(part.body)
        else:
            yield from page.sighting(_card_of(part))


def read_cards(document: Document) -> Iterator[Piece]:
    """Read the shape *cards*."""
    page = _Page(document)
    for part in cards(blocks(lines(document))):
        if isinstance(part, Skipped):
            yield part
        elif isinstance(part, Block):
            yield from page.furniture((part,))
        else:
            yield from page.sighting(part)


class _Page:
    """What one page says of itself while it is read: its day, and whether its first paper has been met."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.reference = reference_day(document)
        self.listed_on: date | None = document.listed_on
        self.met_paper = False

    def furniture(self, body: Sequence[Block]) -> Iterator[Piece]:
        for block in body:
            if block.kind is Kind.DAY and not self.met_paper:
                yield from self._own_day(block)
            elif not (is_known(block.text) or block.kind is not Kind.TEXT or is_banner(block.text)):
                yield Skipped(f"line {block.line}", f"neither a title nor an abstract: {_shortened(block.text)}")

    def sighting(self, card: Card) -> Iterator[Piece]:
        raw_title = card.title.text if self.met_paper else without_glued_button(card.title.text)
        self.met_paper = True
        title = readable(raw_title)
        if not title:
            yield Skipped(f"line {card.title.line}", "a title in which nothing can be read")
            return
        yield from self._warn_of_year(card)
        raw_abstract = "\n\n".join(block.text for block in card.body)
        yield Sighting(
            title=title,
            abstract=readable_abstract(raw_abstract),
            author_count=card.author_count,
            published=card.day.on_or_before(self.reference) if card.day else None,
            upvotes=card.upvotes,
            comments=card.comments,
            organization=card.organization,
            where=f"line {card.title.line}",
            raw_title=raw_title,
            raw_abstract=raw_abstract,
        )

    def _own_day(self, block: Block) -> Iterator[Piece]:
        day = page_day(block.text)
        resolved = day.on_or_before(self.reference) if day else None
        if resolved and not self.document.listed_on:
            self.listed_on = self.reference = resolved
            yield ListedOn(resolved)

    def _warn_of_year(self, card: Card) -> Iterable[Piece]:
        if card.day and not card.day.year and self.reference is None:
            yield Warn(
                "The days have no year, and neither the file's name nor its time tells one: pass the listing's day."
            )


def _card_of(run: Run) -> Card:
    if run.title is None:
        raise ValueError("furniture is no card")
    return Card(run.title, run.body)


def _shortened(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
