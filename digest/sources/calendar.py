"""The days on which an archive announces nothing. Pure: a day goes in, the reason why it may be empty comes out.

arXiv announces Sunday to Thursday at 20:00 US Eastern, so its lists and feeds are of Monday to Friday; on its holidays
there is no announcement (https://info.arxiv.org/help/availability.html, a new list each year). Hugging Face lists no
weekends. Years whose holidays are not known yet get the ones that fall on fixed rules in the United States.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

ARXIV_ZONE = ZoneInfo("America/New_York")
"""arXiv's days are those of US Eastern time."""

_SATURDAY = 5

_ARXIV_HOLIDAYS: Mapping[int, frozenset[tuple[int, int]]] = {
    2026: frozenset({(1, 1), (1, 19), (6, 19), (7, 3), (9, 7), (11, 26), (12, 25), (12, 29), (12, 31)})
}


def why_arxiv_is_empty(day: date) -> str:
    """Return why arXiv's list of that day is rightly empty, "" where it should hold papers.

    A holiday empties its own list or, as announcements are made in the evening before, the next day's.
    """
    if day.weekday() >= _SATURDAY:
        return f"{day:%A}: arXiv announces nothing for weekends"
    for holiday in (day, day - timedelta(days=1)):
        if is_arxiv_holiday(holiday):
            return f"arXiv holiday ({holiday:%d %B})"
    return ""


def why_hugging_face_is_empty(day: date) -> str:
    """Return why the Daily Papers of that day are rightly empty, "" where there should be some."""
    return f"{day:%A}: Hugging Face lists no weekends" if day.weekday() >= _SATURDAY else ""


def is_arxiv_holiday(day: date) -> bool:
    """Return whether arXiv makes no announcement on that day because it is a holiday."""
    known = _ARXIV_HOLIDAYS.get(day.year)
    return (day.month, day.day) in known if known is not None else _is_usual_holiday(day)


def _is_usual_holiday(day: date) -> bool:
    """Return whether a day of an unlisted year is a holiday in most years: fixed dates and "third Monday of" days."""
    fixed = {(1, 1), (6, 19), (7, 4), (12, 25), (12, 31)}
    nth = {(1, 0, 3), (9, 0, 1), (11, 3, 4)}  # Martin Luther King, Labor Day, Thanksgiving: month, weekday, which
    return (day.month, day.day) in fixed or (day.month, day.weekday(), (day.day + 6) // 7) in nth


WHY_EMPTY: Mapping[str, Callable[[date], str]] = {
    "arxiv-rss": why_arxiv_is_empty,
    "arxiv-oai": why_arxiv_is_empty,
    "arxiv-api": why_arxiv_is_empty,
    "huggingface": why_hugging_face_is_empty,
}
"""Kind of source to who knows its empty days; other kinds may be empty on any day."""
