"""Days as pages write them: with a year, without one, in a file's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from digest.model import Document

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"(?:(?<=jan)uary|(?<=feb)ruary|(?<=mar)ch|(?<=apr)il|(?<=jun)e|(?<=jul)y|(?<=aug)ust|(?<=sep)t(?:ember)?"
    r"|(?<=oct)ober|(?<=nov)ember|(?<=dec)ember)?\.?"
)
_PAGE_DAY = re.compile(
    rf"{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,?\s+(?P<year>(?:19|20)\d\d))?", re.IGNORECASE
)
_NAME_DAYS = (
    re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<sep>[-_.]?)(?P<month>\d\d)(?P=sep)(?P<day>\d\d)(?!\d)"),
    re.compile(
        rf"(?<![a-z]){_MONTH}[-_. ]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-_., ]+(?P<year>(?:19|20)\d\d)(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<!\d)(?P<day>\d{{1,2}})[-_. ]*{_MONTH}[-_., ]*(?P<year>(?:19|20)\d\d)(?!\d)", re.IGNORECASE),
)


class PageDay(NamedTuple):
    """A day as a page shows it: ``Feb 18, 2023``, or ``Jul 11`` with the year to be inferred."""

    month: int
    day: int
    year: int | None = None

    def on_or_before(self, reference: date | None) -> date | None:
        """Return the day itself, or the latest such day not after ``reference``; ``None`` where neither is known."""
        return _day_of(self, reference)


@lru_cache(1024)  # a page's papers share a few days
def _day_of(day: PageDay, reference: date | None) -> date | None:
    if day.year:
        return _valid(day.year, day.month, day.day)
    if reference is None:
        return None
    years = range(reference.year, max(0, reference.year - 9), -1)  # 29 February: at most 8 years back
    days = (_valid(year, day.month, day.day) for year in years)
    return next((found for found in days if found and found <= reference), None)


def page_day(text: str) -> PageDay | None:
    """Return the day that the whole of ``text`` is (``Feb 18, 2023``, ``Jul 11``), or ``None``."""
    found = _PAGE_DAY.fullmatch(text)
    if not found or found["day"] == "0":
        return None
    day = PageDay(MONTHS.index(found["month"].lower()) + 1, int(found["day"]), int(found["year"] or 0) or None)
    return day if _valid(day.year or 2000, day.month, day.day) else None


def starting_day(text: str) -> tuple[PageDay, str] | None:
    """Return the day ``text`` starts with and what follows it, or ``None``."""
    found = _PAGE_DAY.match(text)
    day = page_day(found[0]) if found else None
    return (day, text[found.end() :]) if found and day else None


def reference_day(document: Document) -> date | None:
    """Return the day from which missing years are told: the caller's, else the name's, else the file's own time."""
    modified = document.modified_at.date() if document.modified_at else None
    return document.listed_on or day_in_name(document.name) or modified


def day_in_name(name: str) -> date | None:
    """Return the last whole date in a file's name or address (``2024-12-11.json``, ``Dec-11-2024.txt``)."""
    return max(_days_in(name), default=(0, None))[1]


def _days_in(name: str) -> Iterator[tuple[int, date]]:
    for pattern in _NAME_DAYS:
        for found in pattern.finditer(name):
            month = found["month"].lower()[:3]
            number = int(month) if month.isdigit() else MONTHS.index(month) + 1
            day = _valid(int(found["year"]), number, int(found["day"]))
            if day:
                yield found.end(), day


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
