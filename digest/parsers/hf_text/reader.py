"""The readers of the shapes: blocks to sightings, with what the page says of days, counters and names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from urllib.parse import unquote

from digest.ids import arxiv
from digest.model import Document, Link, LinkKind, Sighting, Skipped
from digest.parsers.days import reference_day
from digest.parsers.decode import Stretch, head, stretches
from digest.parsers.hf_text.blocks import blocks
from digest.parsers.hf_text.cards import Card, cards
from digest.parsers.hf_text.copied import bare, bare_head
from digest.parsers.hf_text.furniture import is_banner, is_known, without_glued_button, without_marks
from digest.parsers.hf_text.headed import LEVEL, headed, titled_by_links, with_addresses, without_twins
from digest.parsers.hf_text.kinds import Block, Kind, day_in
from digest.parsers.hf_text.layout import layout_of
from digest.parsers.hf_text.markup import references
from digest.parsers.hf_text.plain import runs
from digest.parsers.pieces import ListedOn, Piece, Warn
from digest.text.readable import readable, readable_abstract

_HEADING = re.compile(r"^\s{0,3}(#{2,6})\s+\S", re.MULTILINE)
_CODE = re.compile(r"https?://(?:www\.)?(?:github|gitlab)\.com/[^/\s]+/[^/\s#?]+$")
_SENTENCE_END = re.compile(r"[.!?…:)\]\"'”’}$%]$|\S+[./]\S+$")


def read_plain(document: Document) -> Iterator[Piece]:
    """Read the shapes *paragraphs* and *lines*."""
    start, text = _bare(document)
    layout = layout_of(start)._replace(marked=False, addressed=False)
    parts = runs(blocks(text, layout))
    return _Page(document).read(
        part if isinstance(part, Skipped | Block) else Card(part.title, part.body) for part in parts
    )


def read_cards(document: Document) -> Iterator[Piece]:
    """Read the shape *cards*."""
    start, text = _bare(document)
    layout = layout_of(start)._replace(marked=False, addressed=False)
    return _Page(document).read(cards(blocks(text, layout)))


def read_headed(document: Document) -> Iterator[Piece]:
    """Read the shapes *numbered links*, *Markdown links* and *trending*."""
    start, text = _bare(document)
    levels = Counter(len(found[1]) for found in _HEADING.finditer(start))
    level = max(levels, key=lambda depth: (levels[depth], depth), default=0)
    layout = layout_of(start)._replace(marked=True, addressed=False, references=_references(document, start))
    stream = blocks(text, layout)
    titled = headed(stream, level) if level else headed(titled_by_links(stream), LEVEL)
    return _Page(document).read(without_twins(titled))


def read_addressed(document: Document) -> Iterator[Piece]:
    """Read the shape *link per line*."""
    start, text = _bare(document)
    layout = layout_of(start)._replace(marked=True, addressed=True)
    stream = titled_by_links(with_addresses(blocks(text, layout)))
    return _Page(document).read(without_twins(headed(stream, LEVEL)))


def _bare(document: Document) -> tuple[str, Iterator[Stretch]]:
    """Return the start of a document and all of it, without what copying left on it."""
    start = head(document)
    return bare_head(start), bare(stretches(document), start)


def _references(document: Document, start: str) -> dict[str, str]:
    return dict(references(stretch.text for stretch in _bare(document)[1])) if re.search(r"\]\[\d+\]", start) else {}


class _Page:
    """What one page says of itself while it is read: its day, and whether its first paper has been met."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.reference = reference_day(document)
        self.met_paper = False

    def read(self, parts: Iterable[Card | Block | Skipped]) -> Iterator[Piece]:
        """Yield the papers of the page, and what is left over of it."""
        last: Card | None = None
        for part in parts:
            if isinstance(part, Card):
                last = part
                yield from self._paper(part)
            elif isinstance(part, Block):
                yield from self._furniture(part)
            else:
                yield part
        if last and last.body and not last.day and not _SENTENCE_END.search(last.body[-1].text):
            yield Warn(
                "The last abstract breaks off in the middle of a sentence: the page was probably cut short.",
                is_broken=True,
            )

    def _furniture(self, block: Block) -> Iterator[Piece]:
        if block.kind is Kind.DAY and not self.met_paper:
            found = day_in(block.text)
            resolved = found[0].on_or_before(self.reference) if found else None
            if resolved and not self.document.listed_on:
                self.reference = resolved
                yield ListedOn(resolved)
        elif block.kind is Kind.TEXT and not (is_known(block.text) or is_banner(block.text) or self._is_menu(block)):
            yield Skipped(f"line {block.line}", f"neither a title nor an abstract: {_shortened(block.text)}")

    def _is_menu(self, block: Block) -> bool:
        """Return whether a block is a link or a label before the first paper."""
        return not self.met_paper and (bool(block.targets or block.level) or len(block.text) < 30)

    def _paper(self, card: Card) -> Iterator[Piece]:
        raw_title = without_marks(card.title.text if self.met_paper else without_glued_button(card.title.text))
        self.met_paper = True
        title = readable(raw_title)
        if not title:
            yield Skipped(f"line {card.title.line}", "a title in which nothing can be read")
            return
        if card.day and not card.day.year and self.reference is None:
            yield Warn(
                "The days have no year, and neither the file's name nor its time tells one: pass the listing's day."
            )
        yield _sighting(card, title, raw_title, card.day.on_or_before(self.reference) if card.day else None)


def _sighting(card: Card, title: str, raw_title: str, published: date | None) -> Sighting:
    raw_abstract = "\n\n".join(block.text for block in card.body)
    addresses = [*card.title.targets, *card.targets, *(target for block in card.body for target in block.targets)]
    identifier = next(filter(None, map(arxiv, map(unquote, addresses))), None)
    number = identifier.key.removeprefix("arxiv:") if identifier else ""
    return Sighting(
        title=title,
        abstract=readable_abstract(raw_abstract),
        author_count=card.author_count,
        published=published,
        upvotes=card.upvotes,
        comments=card.comments,
        organization=readable(card.organization or "") or None,
        keys=(identifier.key,) if identifier else (),
        version=identifier.version if identifier else None,
        url=f"https://huggingface.co/papers/{number}" if number else None,
        links=tuple(_links(card.targets)),
        where=f"line {card.title.line}",
        raw_title=raw_title,
        raw_abstract=raw_abstract,
    )


def _links(targets: Sequence[str]) -> Iterator[Link]:
    for target in dict.fromkeys(targets):
        if _CODE.match(target):
            yield Link(LinkKind.CODE, target)


def _shortened(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
