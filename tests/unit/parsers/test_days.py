"""Days with and without a year, on pages and in names."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from digest.parsers.days import day_in_name, page_day, reference_day
from tests.unit.parsers.conftest import MakeDocument


@pytest.mark.parametrize(
    ("text", "listed_on", "day"),
    [
        ("Feb 18, 2023", None, date(2023, 2, 18)),
        ("Jul 11", date(2025, 12, 11), date(2025, 7, 11)),
        ("Dec 11", date(2025, 12, 11), date(2025, 12, 11)),
        ("Dec 12", date(2025, 12, 11), date(2024, 12, 12)),
        ("Feb 29", date(2026, 3, 1), date(2024, 2, 29)),
        ("September 3", date(2026, 1, 1), date(2025, 9, 3)),
        ("Jul 11", None, None),
        ("Feb 30, 2023", date(2026, 1, 1), None),
        ("Mayhem 3", date(2026, 1, 1), None),
        ("12", date(2026, 1, 1), None),
    ],
)
def test_a_missing_year_is_the_latest_possible(text: str, listed_on: date | None, day: date | None) -> None:
    """A day without a year is the latest such day not after the listing's; what is no day is none."""
    found = page_day(text)
    assert (found.on_or_before(listed_on) if found else None) == day


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2024-12-11.json", date(2024, 12, 11)),
        ("saved/papers_20241211.txt", date(2024, 12, 11)),
        ("https://huggingface.co/papers/date/2026-03-24", date(2026, 3, 24)),
        ("Dec-11-2024.cards.txt", date(2024, 12, 11)),
        ("11 December 2024.txt", date(2024, 12, 11)),
        ("2023-01-01/2024-12-11.txt", date(2024, 12, 11)),
        ("dec-11.cards.txt", None),
        ("2401.00001v2.txt", None),
        ("2024-13-41.txt", None),
    ],
)
def test_a_files_name_may_hold_its_day(name: str, day: date | None) -> None:
    """The last whole date of a name counts; a day without a year and a paper's number do not."""
    assert day_in_name(name) == day


def test_caller_then_name_then_time(make_document: MakeDocument) -> None:
    """The year comes from the caller, the file's name, or the file's time, in that order."""
    modified = datetime(2026, 5, 5, tzinfo=UTC)
    told, named, dated = date(2024, 1, 1), "2025-02-02.txt", make_document("x", modified_at=modified)
    assert reference_day(make_document("x", name=named, listed_on=told, modified_at=modified)) == told
    assert reference_day(make_document("x", name=named, modified_at=modified)) == date(2025, 2, 2)
    assert reference_day(dated) == date(2026, 5, 5)
    assert reference_day(make_document("x")) is None
