"""How a text is laid out as a whole, told from its start: at which column it was wrapped, how it writes links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from digest.parsers.hf_text.kinds import NARROWEST, WIDEST, Kind, Layout, fold, is_broken, kind_of

_MARKED = re.compile(r"\]\((?:https?://|/)|\]\[\d+\]|^\s{0,3}#{2,4} \S", re.MULTILINE)
_ADDRESS_LINE = re.compile(
    r"^[ \t]*<?(?:https?://(?:www\.)?huggingface\.co)?/papers/\d{4}\.\d{4,5}\S*[ \t]*$", re.MULTILINE
)
_FEWEST, _SHARE = 4, 0.6
"""Broken lines, and their share of all neighbouring lines, from which a text counts as wrapped."""


def layout_of(head: str) -> Layout:
    """Return the layout of the text that starts with ``head``."""
    neighbours = list(_neighbours(head.split("\n")))
    width = _width(neighbours)
    return Layout(
        width=width,
        hyphens=bool(width) and _breaks_behind_hyphens(neighbours, width),
        marked=bool(_MARKED.search(head)),
        addressed=len(_ADDRESS_LINE.findall(head)) >= 2,
    )


def _neighbours(rows: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of lines of prose that follow each other without a blank line."""
    for text, following in pairwise(fold(row.rstrip("\\ \t")) for row in rows):
        short = max(len(text), len(following)) <= WIDEST
        prose = text.count(" ") >= 3 and not text.startswith(("#", "* ", "- "))
        if short and prose and following and kind_of(text) is Kind.TEXT is kind_of(following):
            yield text, following


def _width(neighbours: list[tuple[str, str]]) -> int:
    """Return the column that explains the most line ends, or 0 where none explains most of them."""
    votes = [0] * (WIDEST + 2)
    for text, following in neighbours:
        end = min(WIDEST + 1, len(text) + 1 + len(following.split(" ", 1)[0]))
        for column in range(max(len(text), len(following), NARROWEST), end):
            votes[column] += 1
    best = max(votes)
    if best < max(_FEWEST, _SHARE * len(neighbours)):
        return 0
    return max(column for column, vote in enumerate(votes) if vote == best)


def _breaks_behind_hyphens(neighbours: list[tuple[str, str]], width: int) -> bool:
    """Return whether no fewer lines end as in ``long-/context`` than could have ended so and did not."""
    ended = refrained = 0
    for text, following in neighbours:
        if not is_broken(text, following, width):
            continue
        ended += bool(re.search(r"\w-$", text)) and not re.match(r"(?:and|or|to)\b", following)
        chunk = re.match(r"[^\W\d]{2,}-(?=[^\W\d]{2})", following.split(" ", 1)[0])
        refrained += bool(chunk) and len(text) + 1 + len(chunk[0] if chunk else "") <= width
    return ended >= refrained
