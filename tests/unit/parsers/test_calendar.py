"""Days that are rightly empty."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from digest.parsers.calendar import is_arxiv_holiday, usual_holidays, why_arxiv_is_empty, why_hugging_face_is_empty


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 11, 20), ""),
        (date(2026, 11, 21), "Saturday: arXiv announces nothing for weekends"),
        (date(2026, 11, 22), "Sunday: arXiv announces nothing for weekends"),
        (date(2026, 11, 23), ""),
        (date(2026, 11, 26), "arXiv holiday (26 November)"),
        (date(2026, 11, 27), "arXiv holiday (26 November)"),
        (date(2026, 12, 30), "arXiv holiday (29 December)"),
        (date(2024, 10, 9), "arXiv holiday (08 October)"),
        (date(2027, 1, 18), "probably an arXiv holiday (18 January)"),
    ],
)
def test_arxiv_is_empty_on_weekends_on_holidays_and_the_day_after_them(day: date, why: str) -> None:
    """The reason names the day; an ordinary weekday has none."""
    assert why_arxiv_is_empty(day) == why


def _holidays(year: int) -> list[str]:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    return [f"{day:%m-%d}" for day in days if day.year == year and is_arxiv_holiday(day)]


def test_the_holidays_of_2026_are_those_arxiv_names() -> None:
    """Nine days, as listed by arXiv."""
    assert _holidays(2026) == [
        "01-01", "01-19", "06-19", "07-03", "09-07", "11-26", "12-25", "12-29", "12-31",
    ]  # fmt: skip


def test_a_year_that_is_not_listed_has_the_usual_holidays() -> None:
    """Thanksgiving is the fourth Thursday, Labor Day the first Monday; a Sunday's holiday is kept on Monday."""
    assert _holidays(2027) == ["01-01", "01-18", "06-18", "07-05", "09-06", "11-25", "12-24"]
    assert _holidays(2031) == ["01-01", "01-20", "06-19", "07-04", "09-01", "11-27", "12-25"]


def test_the_rule_gives_what_arxiv_named_but_for_what_no_rule_can_know() -> None:
    """In the years arXiv named, the rule misses ad hoc days and those after Christmas, and one moved holiday."""
    missed, invented = [], []
    for year in (2023, 2024, 2025, 2026):
        computed = {f"{day:%m-%d}" for day in usual_holidays(year)}
        missed += [f"{year}-{day}" for day in _holidays(year) if day not in computed]
        invented += [f"{year}-{day}" for day in sorted(computed) if day not in _holidays(year)]
    assert missed == [
        "2023-06-14", "2023-08-17", "2023-12-27", "2024-05-22", "2024-10-08", "2024-12-26", "2024-12-31",
        "2025-07-06", "2025-12-30", "2026-12-29", "2026-12-31",
    ]  # fmt: skip
    assert invented == ["2023-01-02", "2024-01-01", "2025-07-04"]


def test_what_is_computed_is_not_told_as_known() -> None:
    """In a year that arXiv has not named yet, its holidays are probable, and those after Christmas possible."""
    assert why_arxiv_is_empty(date(2031, 9, 1)) == "probably an arXiv holiday (01 September)"
    assert why_arxiv_is_empty(date(2031, 12, 30)).startswith("perhaps an arXiv holiday")
    assert why_arxiv_is_empty(date(2031, 11, 19)) == ""


def test_hugging_face_lists_no_weekends() -> None:
    """Its own holidays it has none."""
    assert why_hugging_face_is_empty(date(2026, 11, 21)).startswith("Saturday")
    assert why_hugging_face_is_empty(date(2026, 11, 26)) == ""
