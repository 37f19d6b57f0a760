"""How a text is laid out as a whole, told from its start: at which column it was wrapped, how it writes links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from digest.parsers.hf_text.kinds import NARROWEST, WIDEST, Kind, Layout, breaks_word, fold, kind_of, room_needed

_MARKED = re.compile(r"\]\((?:https?://|/)|\]\[\d+\]|^\s{0,3}#{2,4} \S", re.MULTILINE)
_ADDRESS_LINE = re.compile(
    r"^[ \t]*<?(?:https?://(?:www\.)?huggingface\.co)?/papers/\d{4}\.\d{4,5}\S*[ \t]*$", re.MULTILINE
)
_FEWEST, _SHARE = 4, 0.6
"""Broken lines, and their share of all neighbouring lines, from which a text counts as wrapped."""
_LINK_END = re.compile(r"\]\[\d+\]$|\]\([^\s()]+\)$")
"""A line that ends with a link, as a day with its counter does, is whole."""
_CHUNK = re.compile(r"[^\W\d]{2,}-(?=[^\W\d]{2})")
_SENTENCE_ENDS = frozenset(".!?:")

Neighbours = Sequence[tuple[str, str]]
"""Lines that follow each other without a blank one between them."""


def layout_of(head: str) -> Layout:
    """Return the layout of the text that starts with ``head``."""
    width, hyphens = _wrapping(list(_neighbours(head.split("\n"))))
    return Layout(
        width=width,
        hyphens=hyphens,
        marked=bool(_MARKED.search(head)),
        addressed=len(_ADDRESS_LINE.findall(head)) >= 2,
    )


def _neighbours(rows: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of lines of prose that follow each other without a blank line."""
    for text, following in pairwise(fold(row.rstrip("\\ \t")) for row in rows):
        short = max(len(text), len(following)) <= WIDEST
        prose = text.count(" ") >= 3 and not text.startswith(("#", "* ", "- ")) and not _LINK_END.search(text)
        if short and prose and following and kind_of(text) is Kind.TEXT is kind_of(following):
            yield text, following


def _wrapping(neighbours: Neighbours) -> tuple[int, bool]:
    """Return the column that explains the most line ends, 0 where none explains enough, and whether hyphens end lines.

    Of columns that explain as many the widest; hyphens end lines unless that leaves more line ends unexplained.
    """
    behind_hyphens, behind_blanks = _votes(neighbours, hyphens=True), _votes(neighbours, hyphens=False)
    hyphens = max(behind_hyphens) >= max(behind_blanks)
    votes = behind_hyphens if hyphens else behind_blanks
    best = max(votes)
    wrapped = best >= max(_FEWEST, _SHARE * len(neighbours)) or (best == len(neighbours) and _go_on(neighbours))
    return (max(column for column, vote in enumerate(votes) if vote == best), hyphens) if wrapped else (0, False)


def _votes(neighbours: Neighbours, *, hyphens: bool) -> list[int]:
    """Return by how many line ends each column is explained, if words were broken behind ``hyphens`` or were not."""
    votes = [0] * (WIDEST + 2)
    for text, following in neighbours:
        for column in range(max(len(text), len(following), NARROWEST), _end(text, following, hyphens=hyphens)):
            votes[column] += 1
    return votes


def _end(text: str, following: str, *, hyphens: bool) -> int:
    """Return the first column at which ``following`` would not have begun on a line of its own."""
    if not hyphens and breaks_word(text, following):
        return 0
    word = following.split(" ", 1)[0]
    chunk = _CHUNK.match(word) if hyphens else None
    return min(WIDEST + 1, room_needed(text, chunk[0] if chunk else word, hyphens=hyphens))


def _go_on(neighbours: Neighbours) -> bool:
    """Return whether most of a few lines go on in the middle of a sentence: then they were wrapped, few as they are."""
    inside = sum(text[-1] not in _SENTENCE_ENDS and not following[0].isupper() for text, following in neighbours)
    return bool(neighbours) and 2 * inside >= len(neighbours)
