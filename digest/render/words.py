"""Dates and numbers as a letter has them, whatever the machine's locale."""

from __future__ import annotations

from datetime import date

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def long_day(day: date) -> str:
    """Return ``Friday, 20 November 2026``."""
    return f"{_DAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """Return ``20 Nov 2026``."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]} {day.year}"


def counted(number: int, noun: str) -> str:
    """Return ``1 paper``, ``2 papers``, ``1,200 papers``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def shortened(text: str, length: int = 32) -> str:
    """Return a text of at most ``length`` letters."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
