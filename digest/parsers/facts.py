"""What every reader of arXiv's listings needs: withdrawn papers, announce types, empty days."""

from __future__ import annotations

import re
from datetime import date

from digest.ids import page_url
from digest.model import Announced, Key, Link, LinkKind
from digest.parsers.calendar import why_arxiv_is_empty, why_hugging_face_is_empty

_WITHDRAWN = re.compile(
    r"\b(?:paper|article|submission|manuscript|version|work|preprint|draft)\s+(?:has been|is|was|is hereby|been)\s+"
    r"(?:temporarily\s+)?withdrawn\b|\bwithdrawn\s+(?:by|due|because|in favou?r|from)\b|^\W*withdrawn\W*$",
    re.IGNORECASE,
)


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Return whether a paper's comment, or the whole of its short abstract, says that it is withdrawn."""
    return bool(_WITHDRAWN.search(comment)) or (len(abstract) < 400 and bool(_WITHDRAWN.search(abstract)))


def announced(text: str) -> Announced | None:
    """Return the announce type of that name (``new``, ``cross``, ``replace``, ``replace-cross``)."""
    try:
        return Announced(text.strip().lower())
    except ValueError:
        return None


def links_of(key: Key) -> tuple[Link, ...]:
    """Return the PDF of an arXiv paper; arXiv makes one for every paper."""
    number = key.removeprefix("arxiv:")
    return (Link(LinkKind.PDF, f"https://arxiv.org/pdf/{number}"),) if number != key else ()


def home_of(key: Key) -> str | None:
    """Return the address of a paper's own page."""
    return page_url(key)


def why_empty(day: date | None, *, of_arxiv: bool = True) -> str:
    """Return, as a sentence, why nothing was listed on ``day``, or that this is not what is to be expected."""
    if day is None:
        return "The listing holds no papers and does not say of which day it is."
    if why := (why_arxiv_is_empty if of_arxiv else why_hugging_face_is_empty)(day):
        return f"The listing of {day} holds no papers: {why}."
    return (
        f"{day} is a {day:%A} on which papers are listed, yet the listing holds none: probably broken, or not made yet."
    )
