"""How each shape is told by the start of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.model import Skipped
from digest.parsers.decode import Line
from digest.parsers.hf_text.blocks import blocks
from digest.parsers.hf_text.furniture import is_known
from digest.parsers.hf_text.likeness import title_likeness
from digest.parsers.hf_text.plain import Run, runs

_MARKUP = re.compile(r"\s*(?:<(?!https?:)[!?a-zA-Z]|[\[{]\s*[\[{\"'\]}]|%PDF)")
_CARD_END = re.compile(r"^[ \t\xa0]*[·•∙⋅][ \t\xa0]*\n\s*[A-Z][a-z]{2,8}\.? +\d{1,2}\b", re.MULTILINE)
_PAGE = re.compile(r"papers in your email inbox|daily papers|trending papers|by ?AK and the research", re.IGNORECASE)
_ENOUGH = 1 << 14
"""Characters by which a page of titles and abstracts is told."""
_SHORTEST_ABSTRACT = 60


def is_cards(head: str) -> bool:
    """Return whether ``head`` shows the end of a card: a dot on a line of its own, then a day."""
    return bool(_CARD_END.search(_unix(head)))


def is_paragraphs(head: str) -> bool:
    """Return whether ``head`` is prose in blocks with blank lines between most of them."""
    return _is_prose(head) and _blank_share(head) >= 0.3


def is_lines(head: str) -> bool:
    """Return whether ``head`` is prose, a line each for title and abstract."""
    return _is_prose(head)


def _is_prose(head: str) -> bool:
    """Return whether a text is a page of titles and abstracts: no markup, and most of it makes papers.

    On a page that says it is one, a single paper is enough.
    """
    if _MARKUP.match(head):
        return False
    found = [part for part in runs(blocks(_lines(head[:_ENOUGH]))) if not isinstance(part, Skipped)]
    good = sum(_is_paper(run) for run in found)
    strange = sum(not is_known(block.text) for run in found if run.title is None for block in run.body)
    return good >= 1 if _PAGE.search(head[:4000]) else good > 0.7 * (len(found) + strange)


def _is_paper(run: Run) -> bool:
    if run.title is None or title_likeness(run.title.text) < 0:
        return False
    return sum(len(block.text) for block in run.body) >= _SHORTEST_ABSTRACT and title_likeness(run.body[0].text) < 2


def _lines(head: str) -> Iterator[Line]:
    return (Line(number, text) for number, text in enumerate(_unix(head).split("\n")[:-1] or [head], 1))


def _blank_share(head: str) -> float:
    rows = _unix(head).strip().split("\n")
    return sum(not row.strip() for row in rows) / len(rows)


def _unix(head: str) -> str:
    return head.replace("\r\n", "\n").replace("\r", "\n")
