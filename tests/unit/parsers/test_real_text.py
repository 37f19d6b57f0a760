"""The three real pages, read again by their line numbers: nothing is lost, invented or changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from digest.model import Document, Listing
from digest.parsers import parse
from digest.text.readable import readable

TOLD_AT = datetime(2026, 11, 21, tzinfo=UTC)
DEC_11 = date(2025, 12, 11)


def listing_of(path: Path) -> Listing:
    """Return what is read of a saved file whose time is ``TOLD_AT``."""
    return parse(Document(source="files", name=path.name, body=path.read_bytes(), modified_at=TOLD_AT))


def rows_of(path: Path) -> list[str]:
    """Return the lines of a saved file."""
    return path.read_text(encoding="utf-8").split("\n")


def pairs(listing: Listing) -> list[tuple[str, str]]:
    """Return title and abstract of each paper."""
    return [(paper.title, paper.abstract) for paper in listing.sightings]


def told(rows: list[str], start: int, step: int, gap: int) -> list[tuple[str, str]]:
    """Return every title from line ``start`` on, ``step`` lines apart, with the abstract ``gap`` lines below."""
    return [
        (readable(rows[index]), readable(rows[index + gap]))
        for index in range(start, len(rows), step)
        if rows[index].strip()
    ]


def test_cards_are_read_to_the_letter(samples: Path) -> None:
    """42 cards: every title and abstract is what the file says."""
    path = samples / "hf-text" / "dec-11.cards.txt"
    listing = listing_of(path)
    assert listing.format == "hf-cards"
    assert pairs(listing) == told(rows_of(path), 12, 8, 2)
    assert len(listing.sightings) == 42
    assert not listing.skipped
    assert not listing.warnings


def test_cards_carry_counts_and_days(samples: Path) -> None:
    """Author counts, days and comments stand with their papers; a missing year is the latest that can be."""
    path = samples / "hf-text" / "dec-11.cards.txt"
    listing = listing_of(path)
    rows = rows_of(path)
    for number, paper in enumerate(listing.sightings):
        authors, shown = rows[16 + 8 * number].split(), rows[18 + 8 * number].split()
        assert paper.author_count == int(authors[1])
        bare = len(shown) < 3 or len(shown[2]) < 4
        assert paper.comments == (int(shown[-1]) if len(shown) == (3 if bare else 4) else None)
        assert paper.published
        assert (paper.published.strftime("%b"), paper.published.day) == (shown[0], int(shown[1].rstrip(",")))
        assert paper.published.year == (2025 if bare else int(shown[2]))
    assert listing.listed_on == DEC_11


def test_the_callers_day_tells_the_years(samples: Path) -> None:
    """What the caller says goes before the file's name and time."""
    path = samples / "hf-text" / "dec-11.cards.txt"
    document = Document(
        source="files",
        name="2025-12-11.txt",
        body=path.read_bytes(),
        listed_on=date(2024, 6, 30),
        modified_at=TOLD_AT,
    )
    listing = parse(document)
    years = {paper.title: paper.published for paper in listing.sightings if paper.author_count == 1}
    assert listing.listed_on == date(2024, 6, 30)
    assert years["Universal Approximation Theorem for a Single-Layer Transformer"] == date(2023, 7, 11)


def test_paragraphs_are_read_to_the_letter(samples: Path) -> None:
    """64 papers with nothing but blank lines between title and abstract."""
    path = samples / "hf-text" / "mar-11.paragraphs.txt"
    listing = listing_of(path)
    assert listing.format == "hf-paragraphs"
    assert pairs(listing) == told(rows_of(path), 10, 4, 2)
    assert len(listing.sightings) == 64
    assert listing.listed_on == date(2026, 3, 11)
    assert not listing.skipped


def test_lines_are_read_to_the_letter(samples: Path) -> None:
    """80 papers a line each; the button glued to the first title is gone."""
    path = samples / "hf-text" / "undated.lines.txt"
    listing = listing_of(path)
    expected = told(rows_of(path), 2, 2, 1)
    expected[0] = (expected[0][0].removeprefix("Subscribe"), expected[0][1])
    assert listing.format == "hf-lines"
    assert pairs(listing) == expected
    assert len(listing.sightings) == 80
    assert listing.listed_on is None
    assert not listing.skipped


@pytest.mark.parametrize("name", ["dec-11.cards.txt", "mar-11.paragraphs.txt", "undated.lines.txt"])
@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_line_ends_and_marks_change_nothing(samples: Path, name: str, ends: str) -> None:
    """Windows or old Mac line ends, a byte order mark or UTF-16 give the same papers."""
    body = (samples / "hf-text" / name).read_text(encoding="utf-8")
    plain = parse(Document(source="files", name=name, body=body.encode()))
    for encoding in ("utf-8-sig", "utf-16"):
        other = Document(source="files", name=name, body=body.replace("\n", ends).encode(encoding))
        assert pairs(parse(other)) == pairs(plain)
