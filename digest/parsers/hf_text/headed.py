"""The shapes in which a mark says what the title is: a heading, or a paper's address on the line below.

    [65]  ### Title  abstract …  • N authors | organisation  ·  day [comments]        numbered links, Markdown
    65  address  Title  address  abstract …  address  N authors  ·  day  [comments]   link per line
    ### Title  summary …  • N authors | organisation  ·  day  Upvote 117  GitHub 131  trending, everything twice

What stands between two titles is cut at the signature, that is, at the last dot and day: before it is the abstract,
after it are counters, links and the next paper's upvotes.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from functools import lru_cache

from digest.model import Skipped
from digest.parsers.hf_text.cards import Card, sign
from digest.parsers.hf_text.furniture import is_known
from digest.parsers.hf_text.kinds import Block, Kind, number_in

_PAPER = re.compile(r"(?:^|huggingface\.co|arxiv\.org)/(?:papers|abs|pdf)/(?P<id>[^\s/?#]+)(?P<rest>[?#/]\S*)?$")
_LINKS = re.compile(
    r"(?:LINK: ?)?(?:(?:GitHub|arXiv(?: Page)?|Project(?: Page)?|HF Papers?|PDF|Code|Demo|Website)"
    r"(?: ?[\d.,]+[kK]?)?\s*)+"
)
LEVEL = 3
"""The level of heading that titles have on a Hugging Face page."""
_UPVOTE = "upvote"
_LONGEST_LABELS = 120
_REMEMBERED = 512
"""Labels and addresses whose meaning is remembered: they come again with every paper, or three times in one."""


def headed(stream: Iterable[Block | Skipped], level: int) -> Iterator[Card | Block | Skipped]:
    """Yield the cards of a page whose titles are headings of ``level``, and the furniture before the first.

    A card that stands again just as the one before is read once.
    """
    title: Block | None = None
    rest: list[Block] = []
    before: list[Block] = []
    for block in stream:
        if isinstance(block, Skipped):
            yield block
        elif block.level != level:
            rest.append(block)
        elif title and before and _says_the_same(before, title, rest):
            title, rest = block, []
        else:
            said = [title, *rest] if title else []
            upvotes = yield from _finished(title, rest)
            before = [] if upvotes else said  # a number at the end belongs to the next card, and makes it another
            title, rest = block, upvotes
    yield from _finished(title, rest)


def _says_the_same(before: list[Block], title: Block, rest: list[Block]) -> bool:
    """Return whether a card differs from the one before in the numbers of its lines at most."""
    return before[0].text == title.text and [block[1:] for block in before] == [block[1:] for block in (title, *rest)]


def with_addresses(stream: Iterable[Block | Skipped]) -> Iterator[Block | Skipped]:
    """Give the address on a line of its own to the block above it."""
    held: Block | None = None
    for block in stream:
        if isinstance(block, Skipped):
            if held:
                yield held
            held = None
            yield block
        elif block.kind is Kind.ADDRESS:
            held = held and _leading(held, held.level, held.targets + block.targets)
        else:
            if held:
                yield held
            held = block
    if held:
        yield held


def titled_by_links(stream: Iterable[Block | Skipped]) -> Iterator[Block | Skipped]:
    """Turn the first block that leads to a paper's page into a heading; the next with that address is its abstract."""
    paper = ""
    for block in stream:
        if isinstance(block, Block) and block.targets and (number := _paper_at(block.targets[0])) not in ("", paper):
            paper = number
            yield _leading(block, LEVEL, block.targets)
        else:
            yield block


def _leading(block: Block, level: int, targets: tuple[str, ...]) -> Block:
    """Return a block as a heading, and with other targets."""
    return Block(block.line, block.text, block.kind, block.apart, level, targets)


@lru_cache(_REMEMBERED)
def _paper_at(target: str) -> str:
    """Return the number of the paper whose page, and no part of it, an address leads to."""
    found = _PAPER.search(target)
    return found["id"] if found and not found["rest"] else ""


def without_twins(parts: Iterable[Card | Block | Skipped]) -> Iterator[Card | Block | Skipped]:
    """Yield a paper that stands twice in a row (narrow and wide layout) once."""
    previous: Card | None = None
    for part in parts:
        if isinstance(part, Card) and previous and _is_twin(previous, part):
            _fill(previous, part)
            continue
        if previous:
            yield previous
        previous = part if isinstance(part, Card) else None
        if not isinstance(part, Card):
            yield part
    if previous:
        yield previous


def _is_twin(card: Card, other: Card) -> bool:
    if card.title.text != other.title.text:
        return False
    same = card.title.targets and card.title.targets == other.title.targets
    return bool(same) or [block.text for block in card.body] == [block.text for block in other.body]


def _fill(card: Card, other: Card) -> None:
    for name in ("day", "upvotes", "comments", "author_count", "organization"):
        if getattr(card, name) is None:
            setattr(card, name, getattr(other, name))
    card.targets.extend(other.targets)


def _finished(title: Block | None, rest: list[Block]) -> Generator[Card | Block | Skipped, None, list[Block]]:
    """Yield the card that ends here, and return the blocks that belong to the next one."""
    if title is None:
        yield from rest
        return [block for block in rest[-1:] if block.kind is Kind.NUMBER]
    upvotes = [rest.pop(0)] if rest and rest[0].line < title.line else []
    cut = _signature(rest)
    body, tail = rest[: cut[0]], rest[cut[0] : cut[1]]
    after = rest[cut[1] :]
    card = Card(title, upvotes=number_in(upvotes[0].text) if upvotes else None, targets=list(title.targets))
    content = [title, *body]
    sign(card, content, signature=tail)
    card.body = [block for block in content[1:] if not _is_links(card, block)]
    following = _read_after(card, after)
    yield card
    return following


def _signature(rest: Sequence[Block]) -> tuple[int, int]:
    """Return where the signature of a card starts and ends."""
    for index in range(len(rest) - 1, 0, -1):
        if rest[index].kind is Kind.DAY and rest[index - 1].kind is Kind.DOT:
            return index - 1, index + 1
    for index in range(len(rest) - 1, 0, -1):
        if rest[index].kind is Kind.DAY and rest[index - 1].kind is Kind.AUTHORS:
            return index, index + 1
    for index in range(len(rest) - 1, -1, -1):
        if rest[index].kind is Kind.AUTHORS:
            return index + 1, index + 1
    end = next((index for index, block in enumerate(rest) if index and _starts_tail(block)), len(rest))
    return end, end


def _starts_tail(block: Block) -> bool:
    return block.kind is Kind.DAY or block.kind is Kind.NUMBER or is_known(block.text) or _is_label(block.text)


def _is_label(text: str) -> bool:
    """Return whether a block is nothing but the labels of links (``GitHub 11.3k``, ``arXiv Page``)."""
    return len(text) < _LONGEST_LABELS and _are_labels(text)


@lru_cache(_REMEMBERED)
def _are_labels(text: str) -> bool:
    return bool(_LINKS.fullmatch(text))


def _is_links(card: Card, block: Block) -> bool:
    is_links = _is_label(block.text) or block.text == "-"
    card.targets.extend(block.targets if is_links else ())
    return is_links


def _read_after(card: Card, after: list[Block]) -> list[Block]:
    """Read counters and links behind a signature; return the number that is the next paper's upvotes."""
    label = ""
    numbers: list[Block] = []
    for block in after:
        if block.kind is Kind.NUMBER:
            if label == _UPVOTE:
                card.upvotes = number_in(block.text)
            else:
                numbers.append(block)
        elif block.targets and _is_label(block.text):
            card.targets.extend(block.targets)
        label = block.text.lower() if len(block.text) == len(_UPVOTE) else ""
    if numbers and card.comments is None and _leads_to_comments(numbers[0]):
        card.comments = number_in(numbers.pop(0).text)
    return numbers[-1:]


def _leads_to_comments(block: Block) -> bool:
    return any(target.endswith("#community") for target in block.targets)
