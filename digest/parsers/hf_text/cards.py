"""The parts of a paper as a page shows them, and the shape *cards*, in which every paper ends in a signature.

A signature is ``• N authors`` or an organisation's name, ``·`` and a day. It is the only mark of the shape: what
stands between two signatures is upvotes (perhaps), a title and the paragraphs of an abstract; before the first title
stands the page's furniture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from digest.model import Skipped
from digest.parsers.days import PageDay
from digest.parsers.hf_text.furniture import is_known
from digest.parsers.hf_text.kinds import Block, Kind, authors_in, day_in, number_in
from digest.parsers.hf_text.likeness import title_likeness
from digest.parsers.hf_text.plain import one_card

_LONGEST_NAME = 80
_OF_PAPER = re.compile(r"/(?:papers|abs|pdf)/|#community")


@dataclass(slots=True)
class Card:
    """The parts of one paper as the page shows them; ``targets`` are the addresses it links to."""

    title: Block
    body: list[Block] = field(default_factory=list)
    day: PageDay | None = None
    upvotes: int | None = None
    comments: int | None = None
    author_count: int | None = None
    organization: str | None = None
    targets: list[str] = field(default_factory=list)


def cards(stream: Iterable[Block | Skipped]) -> Iterator[Card | Block | Skipped]:
    """Yield the cards of a page, and the blocks that belong to none: the page's furniture, and what is left over."""
    waiting: list[Block] = []
    previous: Card | None = None
    for block in stream:
        if isinstance(block, Skipped):
            yield block
            continue
        waiting.append(block)
        if not _is_end(waiting):
            continue
        card, spare = _card(waiting, previous)
        if previous:
            yield previous
        yield from spare
        waiting, previous = [], card
    if previous:
        waiting = _take_comments(previous, waiting, more=False)
        yield previous
    yield from waiting


def sign(card: Card, content: list[Block], *, signature: list[Block]) -> None:
    """Take what a signature says, and the author count or name that ends ``content``, into the card."""
    for block in signature:
        found = day_in(block.text) if block.kind is Kind.DAY else None
        if found:
            card.day, card.comments = found
    last = content[-1] if content else None
    if last is None:
        return
    if last.kind is Kind.AUTHORS and len(content) > 1:
        card.author_count = authors_in(content.pop().text)
    elif is_name(content, signature[0] if signature else None):
        card.organization = re.sub(r"^(?:[•*-]\s+)?(?:\[[^\]]*\]\s*)?", "", content.pop().text) or None


def is_name(content: list[Block], following: Block | None) -> bool:
    """Return whether the last block before a signature is an organisation's name: it ends no sentence.

    It links to no paper, and it stands on the line just above the dot, or it is short between blank lines.
    """
    if len(content) < 3 or content[-1].kind is not Kind.TEXT or len(content[-1].text) > _LONGEST_NAME:
        return False
    if content[-1].targets:
        return not any(map(_OF_PAPER.search, content[-1].targets))
    last = content[-1].text
    if last.endswith((".", "!", "?", ":")) and not re.search(r"\b(?:Inc|Ltd|Co|Corp|St|Univ)\.$", last):
        return False
    glued = following is not None and not following.apart
    return (glued and content[-1].apart) or (title_likeness(last) > 2 and "://" not in last)


def _is_end(waiting: list[Block]) -> bool:
    if len(waiting) < 4 or waiting[-1].kind is not Kind.DAY:
        return False
    return waiting[-2].kind is Kind.DOT


def _card(waiting: list[Block], previous: Card | None) -> tuple[Card | None, list[Block | Skipped]]:
    """Return the card that ends here, and what stands before it."""
    *content, dot, day = waiting
    card = Card(content[0])
    sign(card, content, signature=[dot, day])
    spare: list[Block | Skipped] = []
    if previous is None:
        run = one_card(content)
        cut = len(content) - (len(run.body) + 1 if run else 0)
        spare, content = [*content[:cut]], content[cut:]
        if spare and isinstance(last := spare[-1], Block) and last.kind is Kind.NUMBER:
            card.upvotes = number_in(last.text)
    else:
        content = _take_comments(previous, content)
        _take_upvotes(card, content)
    if len(content) < 2:
        return None, [
            *spare,
            Skipped(f"line {waiting[0].line}", "a signature without a title and an abstract before it"),
        ]
    card.title, *card.body = content
    return card, spare


def _take_comments(previous: Card, content: list[Block], *, more: bool = True) -> list[Block]:
    """Give the number right under a day (or the first of two) to the card before."""
    numbers = next((index for index, block in enumerate(content) if block.kind is not Kind.NUMBER), len(content))
    if numbers and previous.comments is None and (not content[0].apart or (more and numbers > 1)):
        previous.comments = number_in(content[0].text)
        return content[1:]
    return content


def _take_upvotes(card: Card, content: list[Block]) -> None:
    while (
        len(content) > 2
        and content[0].kind is Kind.TEXT
        and is_known(content[0].text)
        and title_likeness(content[1].text) > 0
    ):
        content.pop(0)
    if len(content) > 2 and content[0].kind is Kind.NUMBER and title_likeness(content[1].text) > 0:
        card.upvotes = number_in(content.pop(0).text)
