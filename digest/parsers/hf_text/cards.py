"""The shape *cards*: every paper ends in ``• N authors`` or an organisation's name, ``·`` and a date.

The end is the only mark there is: what stands between two ends is upvotes (perhaps), a title and the paragraphs of an
abstract; before the first title stands the page's furniture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from digest.model import Skipped
from digest.parsers.days import PageDay, starting_day
from digest.parsers.hf_text.blocks import Block, Kind, authors_in, comments_after_day, number_in
from digest.parsers.hf_text.furniture import is_known
from digest.parsers.hf_text.likeness import title_likeness
from digest.parsers.hf_text.plain import one_card


@dataclass(slots=True)
class Card:
    """The parts of one paper as the page shows them."""

    title: Block
    body: list[Block] = field(default_factory=list)
    day: PageDay | None = None
    upvotes: int | None = None
    comments: int | None = None
    author_count: int | None = None
    organization: str | None = None


def cards(stream: Iterable[Block | Skipped]) -> Iterator[Card | Block | Skipped]:
    """Yield the cards of a page, and the blocks that belong to none: the page's furniture, and what is left over."""
    waiting: list[Block] = []
    first = True
    for block in stream:
        if isinstance(block, Skipped):
            yield block
            continue
        waiting.append(block)
        if not _is_end(waiting):
            continue
        yield from _card(waiting, first=first)
        waiting, first = [], False
    yield from waiting


def _is_end(waiting: list[Block]) -> bool:
    return len(waiting) > 3 and waiting[-1].kind is Kind.DAY and waiting[-2].kind is Kind.DOT


def _card(waiting: list[Block], *, first: bool) -> Iterator[Card | Block | Skipped]:
    *content, dot, end = waiting
    found = starting_day(end.text)
    card = Card(content[0], day=found[0] if found else None, comments=comments_after_day(found[1]) if found else None)
    _take_signature(card, content, dot)
    if first:
        run = one_card(content)
        yield from content[: len(content) - len(run.body) - 1]
        content = content[len(content) - len(run.body) - 1 :]
    elif len(content) > 2 and content[0].kind is Kind.NUMBER:
        card.upvotes = number_in(content.pop(0).text)
    if not content or (is_known(content[0].text) and len(content) == 1):
        yield Skipped(f"line {waiting[0].line}", "a date with no title before it")
        return
    card.title, *card.body = content
    yield card


def _take_signature(card: Card, content: list[Block], dot: Block) -> None:
    """Take the author count or the organisation's name off the end of what stands before the dot."""
    last = content[-1]
    if last.kind is Kind.AUTHORS:
        card.author_count = authors_in(content.pop().text)
    elif (len(content) > 2 and not last.apart | dot.apart and _is_name(last)) or _is_loose_name(content):
        card.organization = content.pop().text.lstrip("•*- ")


def _is_name(block: Block) -> bool:
    return block.kind is Kind.TEXT and len(block.text) < 80 and not block.text.endswith(".")


def _is_loose_name(content: list[Block]) -> bool:
    """Return whether a name stands between blank lines: a short block that ends no sentence, after a paragraph."""
    return len(content) > 2 and _is_name(content[-1]) and title_likeness(content[-1].text) > 2
