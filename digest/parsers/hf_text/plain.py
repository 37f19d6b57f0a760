"""Titles and abstracts one after another with nothing to mark them: the shapes *paragraphs* and *lines*.

Which block is what is decided for the whole run of blocks at once: the most likely sequence of furniture, titles and
paragraphs in which every title has at least one paragraph (Viterbi's algorithm, three states).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from digest.model import Skipped
from digest.parsers.hf_text.furniture import is_banner, is_known, speaks_to_visitor, without_glued_button
from digest.parsers.hf_text.kinds import Block, Kind
from digest.parsers.hf_text.likeness import title_likeness

FURNITURE, TITLE, BODY = range(3)
_NEVER = float("-inf")
_LEAVE = -6.0
"""What it costs to find something in the middle of the list that belongs to no paper."""
_TOO_SHORT = -6.0
"""What it costs that an abstract begins with something shorter than any, or with what a page says to its visitor."""
_SHORTEST = 60
"""Characters that the first paragraph of an abstract has at least."""
_WINDOW = 512
_FRONT = 60
"""Blocks at the start of a page among which its furniture is expected."""


class Run(NamedTuple):
    """A title and its paragraphs."""

    title: Block
    body: list[Block]


def runs(stream: Iterable[Block | Skipped]) -> Iterator[Run | Block | Skipped]:
    """Yield the titles of a stream of blocks with their paragraphs, and the furniture between them."""
    window: list[Block] = []
    at_start = True
    for block in stream:
        if isinstance(block, Skipped):
            yield block
            continue
        window.append(block)
        if len(window) >= _WINDOW:
            states = decide(window, at_start=at_start)
            cut = _last_title(states, _WINDOW * 7 // 8)
            yield from _grouped(window[:cut], states[:cut])
            window, at_start = window[cut:], False
    yield from _grouped(window, decide(window, at_start=at_start, at_end=True))


def one_card(window: Sequence[Block]) -> Run | None:
    """Return the one title with its paragraphs that ends a run of blocks, or ``None`` where all of it is furniture."""
    states = decide(window, at_start=True, leave=_NEVER, again=_NEVER)
    if TITLE not in states:
        return None
    start = states.index(TITLE)
    return Run(window[start], list(window[start + 1 :]))


def decide(
    window: Sequence[Block], *, at_start: bool, at_end: bool = False, leave: float = _LEAVE, again: float = 0.0
) -> list[int]:
    """Return the most likely states of the blocks, ending in FURNITURE or BODY.

    ``leave`` is what it costs to go from a paragraph to furniture, ``again`` from a paragraph to the next title.
    """
    if not window:
        return []
    furniture, title, body = 0.0, 0.0, _NEVER
    origins: list[tuple[int, int, int]] = []
    undated = at_start
    foot = _foot(window) if at_end else len(window)
    for index, block in enumerate(window):
        scores = _scores(block, front=at_start and index < _FRONT, undated=undated, foot=index >= foot)
        undated = undated and block.kind is not Kind.DAY
        if index:
            out = 0.0 if index >= foot and block.kind in {Kind.TEXT, Kind.NUMBER} else leave
            begun = title + _beginning(block)
            stays, goes = furniture >= body + out, furniture >= body + again
            grows = begun >= body
            origins.append((FURNITURE if stays else BODY, FURNITURE if goes else BODY, TITLE if grows else BODY))
            furniture, title, body = (
                furniture if stays else body + out,
                furniture if goes else body + again,
                begun if grows else body,
            )
        furniture, title, body = furniture + scores[0], title + scores[1], body + scores[2]
    return _trace_back(origins, FURNITURE if furniture >= body else BODY)


def _foot(window: Sequence[Block]) -> int:
    """Return where the foot of a page may begin: behind the last block that is long enough for an abstract."""
    long = (index for index in range(len(window) - 1, -1, -1) if _is_long(window[index].text))
    return next(long, -1) + 1


def _is_long(text: str) -> bool:
    return len(text) >= _SHORTEST and not (is_known(text) or speaks_to_visitor(text))


def _beginning(block: Block) -> float:
    """Return what it costs that an abstract begins with a block."""
    return _TOO_SHORT if len(block.text) < _SHORTEST or speaks_to_visitor(block.text) else 0.0


def _trace_back(origins: Sequence[Sequence[int]], state: int) -> list[int]:
    states = [state]
    for origin in reversed(origins):
        state = origin[state]
        states.append(state)
    return states[::-1]


def _scores(block: Block, *, front: bool, undated: bool, foot: bool) -> tuple[float, float, float]:
    furniture = _furniture_score(block, front=front, undated=undated)
    if block.kind is Kind.NUMBER:
        return furniture or 0.0, 1.0, -5.0
    odds = title_likeness(without_glued_button(block.text) if front else block.text)
    if furniture is None:
        furniture = _label_score(block.text, odds, front=front, foot=foot)
    return furniture, odds / 2, -odds / 2


def _label_score(text: str, odds: float, *, front: bool, foot: bool) -> float:
    """Return how much a block that nobody knows looks like a label or a sentence to the page's visitor."""
    if odds > 0 and len(text) < 40:
        return 0.5 if foot else -1.0
    return -2.0 if front and len(text) < _SHORTEST and odds <= 0 else -6.0


def _furniture_score(block: Block, *, front: bool, undated: bool) -> float | None:
    """Return how much a block looks like furniture; ``None``: no more than its likeness to a title tells.

    A page has one day of its own: a second one is rather a title that looks like a day, or like a count of authors.
    """
    if is_known(block.text):
        return 7.0
    if block.kind in {Kind.DAY, Kind.AUTHORS}:
        return 6.0 if undated and block.kind is Kind.DAY else 1.0
    if block.kind is not Kind.TEXT:
        return 6.0 if front else 4.0
    if is_banner(block.text):
        return 8.0 if front else 5.0
    return None


def _last_title(states: Sequence[int], limit: int) -> int:
    return next((index for index in range(min(limit, len(states)) - 1, 0, -1) if states[index] == TITLE), limit)


def _grouped(window: Sequence[Block], states: Sequence[int]) -> Iterator[Run | Block]:
    run: Run | None = None
    for block, state in zip(window, states, strict=True):
        if state == BODY and run:
            run.body.append(block)
            continue
        if run:
            yield run
        run = Run(block, []) if state == TITLE else None
        if state == FURNITURE:
            yield block
    if run:
        yield run
