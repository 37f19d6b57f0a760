"""What a parser yields, one piece at a time, so that a file of any size never has to stand in memory as papers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from digest.model import Sighting, Skipped


@dataclass(frozen=True, slots=True)
class Warn:
    """A full sentence about the listing as a whole; said twice, it is kept once.

    ``is_broken`` says that the document ends where it should not: half a file, fetched or saved badly.
    """

    text: str
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class ListedOn:
    """The day the listing is of, as the document itself says."""

    day: date


@dataclass(frozen=True, slots=True)
class Resume:
    """What the next page of a paged answer is asked with, and how many records all pages hold, if it is said."""

    token: str
    total: int | None = None


Piece = Sighting | Skipped | Warn | ListedOn | Resume
"""What the stream of a parser is made of."""
