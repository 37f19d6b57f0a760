"""One entry of a feed as it stands there, whatever wrote the feed: what every reader of feeds yields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple


class Text(NamedTuple):
    """A text of a feed, and whether it is HTML."""

    raw: str = ""
    is_html: bool = False


NOTHING = Text()


@dataclass(slots=True, kw_only=True)
class Entry:
    """An entry of a feed, nothing interpreted yet; ``extra`` holds what extensions say (``doi``, ``announce_type``)."""

    where: str
    id: str = ""
    title: Text = NOTHING
    summary: Text = NOTHING
    links: list[tuple[str, str]] = field(default_factory=list)
    """Relation (``alternate``, ``pdf``) and address."""
    authors: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    identifiers: list[str] = field(default_factory=list)
    published: str = ""
    updated: str = ""
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Feed:
    """What a feed says of itself: title, home, day, and the numbers of a paged answer."""

    title: str = ""
    link: str = ""
    updated: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    def number(self, name: str) -> int | None:
        """Return one of the feed's numbers (``totalResults``)."""
        said = self.extra.get(name, "").strip()
        return int(said) if said.isascii() and said.isdigit() and len(said) < 12 else None


def day_of(text: str) -> date | None:
    """Return the day of a timestamp (RFC 3339 or RFC 822) on the clock it was written by; ``None`` for none."""
    text = text.strip()
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    try:
        return date.fromisoformat(text[:10]) if text[:4].isdigit() else parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def said(values: Mapping[str, str], *names: str) -> str:
    """Return the first of the named values that is not empty."""
    return next((values[name] for name in names if values.get(name)), "")
