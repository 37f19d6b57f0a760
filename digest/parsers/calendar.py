"""The days on which an archive announces nothing. Pure: a day goes in, the reason why it may be empty comes out.

arXiv announces Sunday to Thursday at 20:00 US Eastern, so its lists and feeds are of Monday to Friday. What is known of
its holidays:

* exact: the years in ``_NAMED``, as arXiv itself named them (https://info.arxiv.org/help/availability.html and the
  history of that page, https://github.com/arXiv/arxiv-docs). Days it adds in the course of a year (a staff meeting, a
  move) are known only for years whose list is complete, that is, not for the last one.
* computed: all other years, by the United States' federal holidays that arXiv keeps, moved to the Friday before or the
  Monday after where they fall on a weekend, as those are. In the named years this rule gives every holiday but the ad
  hoc ones, the days after Christmas, and Independence Day of 2025 (kept on Sunday the 6th); it gives New Year's Day of
  2023 and 2024 too, which arXiv did not name.
* not to be computed: which days between Christmas and New Year are left out. Each of them may be.

Hugging Face lists no weekends; holidays of its own it has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

ARXIV_ZONE = ZoneInfo("America/New_York")
"""arXiv's days are those of US Eastern time."""

_SATURDAY = 5

_NAMED: Mapping[int, str] = {
    2023: "01-16 06-14 06-19 07-04 08-17 09-04 11-23 12-25 12-27",
    2024: "01-15 05-22 06-19 07-04 09-02 10-08 11-28 12-25 12-26 12-31",
    2025: "01-01 01-20 06-19 07-06 09-01 11-27 12-25 12-30",
    2026: "01-01 01-19 06-19 07-03 09-07 11-26 12-25 12-29 12-31",
}
"""The holidays of a year as arXiv named them, at the end of the year (of the current one: so far)."""


def why_arxiv_is_empty(day: date) -> str:
    """Return why arXiv's list of that day is rightly empty, "" where it should hold papers.

    A holiday empties its own list or, as announcements are made in the evening before, the next day's.
    """
    if day.weekday() >= _SATURDAY:
        return f"{day:%A}: arXiv announces nothing for weekends"
    known = day.year in _NAMED
    for holiday in (day, day - timedelta(days=1)):
        if is_arxiv_holiday(holiday):
            return f"arXiv holiday ({holiday:%d %B})" if known else f"probably an arXiv holiday ({holiday:%d %B})"
    if not known and (day.month, day.day) > (12, 25):
        return "perhaps an arXiv holiday: some days between Christmas and New Year are"
    return ""


def why_hugging_face_is_empty(day: date) -> str:
    """Return why the Daily Papers of that day are rightly empty, "" where there should be some."""
    return f"{day:%A}: Hugging Face lists no weekends" if day.weekday() >= _SATURDAY else ""


def is_arxiv_holiday(day: date) -> bool:
    """Return whether arXiv makes no announcement on that day because it is a holiday, as named or as computed."""
    named = _NAMED.get(day.year)
    return f"{day:%m-%d}" in named.split() if named is not None else day in usual_holidays(day.year)


def usual_holidays(year: int) -> frozenset[date]:
    """Return the federal holidays of the United States that arXiv keeps, on the days they are kept on.

    New Year, Martin Luther King's birthday, Juneteenth, Independence Day, Labor Day, Thanksgiving, Christmas
    (5 U.S.C. 6103).
    """
    fixed = (date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 12, 25))
    return frozenset((*map(_kept, fixed), _nth(year, 1, 0, 3), _nth(year, 9, 0, 1), _nth(year, 11, 3, 4)))


def _kept(day: date) -> date:
    """Return the working day on which a holiday at the weekend is kept."""
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    """Return the day of a month that is its ``which``th of a weekday (0: Monday)."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))


WHY_EMPTY: Mapping[str, Callable[[date], str]] = {
    "arxiv-rss": why_arxiv_is_empty,
    "arxiv-oai": why_arxiv_is_empty,
    "arxiv-api": why_arxiv_is_empty,
    "huggingface": why_hugging_face_is_empty,
}
"""Kind of source to who knows its empty days; other kinds may be empty on any day."""
