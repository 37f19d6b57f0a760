"""Days that are rightly empty."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from digest.sources.calendar import is_arxiv_holiday, why_arxiv_is_empty, why_hugging_face_is_empty


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
        (date(2027, 1, 18), "arXiv holiday (18 January)"),
    ],
)
def test_arxiv_is_empty_on_weekends_on_holidays_and_the_day_after_them(day: date, why: str) -> None:
    """The reason names the day; an ordinary weekday has none."""
    assert why_arxiv_is_empty(day) == why


def test_the_holidays_of_2026_are_those_arxiv_names() -> None:
    """Nine days, as listed by arXiv."""
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [f"{day:%m-%d}" for day in year if is_arxiv_holiday(day)] == [
        "01-01", "01-19", "06-19", "07-03", "09-07", "11-26", "12-25", "12-29", "12-31",
    ]  # fmt: skip


def test_a_year_that_is_not_listed_has_the_usual_holidays() -> None:
    """Thanksgiving is the fourth Thursday, Labor Day the first Monday."""
    assert is_arxiv_holiday(date(2031, 11, 27))
    assert is_arxiv_holiday(date(2031, 9, 1))
    assert not is_arxiv_holiday(date(2031, 11, 20))


def test_hugging_face_lists_no_weekends() -> None:
    """Its own holidays it has none."""
    assert why_hugging_face_is_empty(date(2026, 11, 21)).startswith("Saturday")
    assert why_hugging_face_is_empty(date(2026, 11, 26)) == ""
