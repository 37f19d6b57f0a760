"""How each shape is told by the start of a text."""

from __future__ import annotations

import re

from digest.model import Skipped
from digest.parsers.decode import Stretch
from digest.parsers.hf_text.blocks import blocks
from digest.parsers.hf_text.copied import bare_head
from digest.parsers.hf_text.furniture import is_known
from digest.parsers.hf_text.kinds import Block
from digest.parsers.hf_text.layout import layout_of
from digest.parsers.hf_text.likeness import title_likeness
from digest.parsers.hf_text.plain import Run, runs

_MARKUP = re.compile(r"\s*(?:<(?!https?:)[!?a-zA-Z]|[\[{]\s*[\[{\"'\]}]|%PDF)")
_DAY = r"(?:Published on )?[A-Z][a-z]{2,8}\.? +\d{1,2}\b"
_CARD_END = re.compile(rf"^[^\n]{{0,80}}[·•∙⋅][ \t\xa0]*\s*{_DAY}", re.MULTILINE)
_PAGE = re.compile(
    r"papers in your email inbox|daily papers|trending papers|by ?\[?AK\b.{0,60} and the research", re.IGNORECASE
)
_LINKED_HEADING = re.compile(r"^\s{0,3}#{2,6} \[[^\n]*(?:\n[^\n]*){0,4}?\]\(\S*/papers/", re.MULTILINE)
_LINKED_TITLE = re.compile(r"^\s*(?:\*\*)?\[[^\n]{3,}\]\(\S*/papers/\d{4}\.\d{4,5}", re.MULTILINE)
_NUMBERED_HEADING = re.compile(r"^\s{0,3}#{2,6} \[[^\n]*(?:\n[^\n]*){0,4}?\]\[\d+\]", re.MULTILINE)
_HEADING = re.compile(r"^\s{0,3}#{2,6} \S", re.MULTILINE)
_AUTHORS = re.compile(r"^\s*(?:[-*•]\s+)?\d[\d,]* authors?\s*$|^\s*(?:\[?LINK: ?)?GitHub [\d.]+k?\b", re.MULTILINE)
_ENOUGH = 1 << 14
"""Characters by which a page of titles and abstracts is told."""
_SHORTEST_ABSTRACT = 60
_NO_TITLE = frozenset("|{}=")
"""What rows of a table, code and rulers begin with."""


def is_markdown(head: str) -> bool:
    """Return whether ``head`` holds titles that are links to papers, as Markdown writes them."""
    head = bare_head(head)
    return bool(_LINKED_HEADING.search(head) or _LINKED_TITLE.search(head))


def is_numbered(head: str) -> bool:
    """Return whether ``head`` holds headings that are numbered links, and what stands under a paper's."""
    head = bare_head(head)
    return bool(_NUMBERED_HEADING.search(head)) and bool(_CARD_END.search(head) or _PAGE.search(head))


def is_trending(head: str) -> bool:
    """Return whether ``head`` holds headings without links, with author counts or repositories under them."""
    head = bare_head(head)
    return bool(_HEADING.search(head)) and bool(
        _PAGE.search(head) and (_AUTHORS.search(head) or _CARD_END.search(head))
    )


def is_link_lines(head: str) -> bool:
    """Return whether ``head`` holds the addresses of papers on lines of their own."""
    head = bare_head(head)
    return layout_of(head).addressed


def is_cards(head: str) -> bool:
    """Return whether ``head`` shows the end of a card: a dot on a line of its own, then a day."""
    head = bare_head(head)
    return bool(_CARD_END.search(head))


def is_paragraphs(head: str) -> bool:
    """Return whether ``head`` is prose in blocks with blank lines between most of them."""
    head = bare_head(head)
    return _is_prose(head) and _apart(head) >= 0.5


def is_lines(head: str) -> bool:
    """Return whether ``head`` is prose, a line each for title and abstract."""
    head = bare_head(head)
    return _is_prose(head)


def _is_prose(head: str) -> bool:
    """Return whether a text is a page of titles and abstracts: no markup, and most of it makes papers.

    On a page that says it is one, a single paper is enough, unless it holds as many rows of a table or lines of code.
    """
    if _MARKUP.match(head):
        return False
    stream = blocks(_stretch(_whole_lines(head)), layout_of(head)._replace(marked=False, addressed=False))
    found = [part for part in runs(stream) if not isinstance(part, Skipped)]
    good = sum(_is_paper(part) for part in found)
    known = sum(isinstance(part, Block) and is_known(part.text) for part in found)
    foreign = sum(isinstance(part, Run) and _is_foreign(part) for part in found)
    return good > foreign if _PAGE.search(head[:4000]) else good > 0.7 * (len(found) - known)


def _is_paper(part: Run | Block) -> bool:
    if isinstance(part, Block) or title_likeness(part.title.text) < 0 or _is_foreign(part):
        return False
    return sum(len(block.text) for block in part.body) >= _SHORTEST_ABSTRACT and title_likeness(part.body[0].text) < 2


def _is_foreign(run: Run) -> bool:
    """Return whether what stands as a title is a row of a table, a ruler or code."""
    return run.title.text[0] in _NO_TITLE


def _apart(head: str) -> float:
    """Return the share of blocks that stand between blank lines."""
    found = [block.apart for block in blocks(_stretch(head), layout_of(head)) if isinstance(block, Block)]
    return sum(found) / len(found)


def _whole_lines(head: str) -> str:
    """Return enough of a text's start, without the line it is cut in."""
    return head if len(head) <= _ENOUGH else head[:_ENOUGH].rpartition("\n")[0] or head[:_ENOUGH]


def _stretch(head: str) -> tuple[Stretch, ...]:
    return (Stretch(1, head),)
