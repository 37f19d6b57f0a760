"""What every reader of arXiv's listings needs: withdrawn papers, announce types, empty days."""

from __future__ import annotations

import re
from datetime import date, timedelta

from digest.ids import page_url
from digest.model import Announced, Key, Link, LinkKind

_WITHDRAWN = re.compile(
    r"\b(?:paper|article|submission|manuscript|version|work|preprint|draft)\s+(?:has been|is|was|is hereby|been)\s+"
    r"(?:temporarily\s+)?withdrawn\b|\bwithdrawn\s+(?:by|due|because|in favou?r|from)\b|^\W*withdrawn\W*$",
    re.IGNORECASE,
)
_CLOSED_2026 = ((12, 29), (12, 31))
"""https://info.arxiv.org/help/availability.html: the days between the years differ from year to year."""


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
    """Return, as a sentence, why nothing was listed on ``day``, or that this is not what is to be expected.

    arXiv announces nothing at the weekend and on its holidays, Hugging Face lists nothing at the weekend.
    """
    if day is None:
        return "The listing holds no papers and does not say of which day it is."
    if day.weekday() >= 5:
        return f"{day} is a {day:%A}: {'arXiv announces' if of_arxiv else 'Hugging Face lists'} nothing."
    if of_arxiv and not _holidays(day.year).isdisjoint({day, day - timedelta(days=1)}):
        return f"{day} is, or follows, an arXiv holiday: nothing is announced."
    usual = "a working day" if not of_arxiv else f"a {day:%A} and no holiday"
    return f"{day} is {usual}, yet the listing holds no papers: it is probably broken, or not made yet."


def _holidays(year: int) -> frozenset[date]:
    """Return arXiv's holidays: the New Year, the federal holidays it keeps, and the days after Christmas."""
    fixed = [date(year, 1, 1), date(year, 6, 19), _observed(date(year, 7, 4)), date(year, 12, 25)]
    moving = [_nth(year, 1, 0, 3), _nth(year, 9, 0, 1), _nth(year, 11, 3, 4)]
    return frozenset(fixed + moving + [date(year, month, day) for month, day in _CLOSED_2026])


def _observed(day: date) -> date:
    """Return the working day on which a holiday at the weekend is kept."""
    return day - timedelta(days=1) if day.weekday() == 5 else day + timedelta(days=1) if day.weekday() == 6 else day


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))
