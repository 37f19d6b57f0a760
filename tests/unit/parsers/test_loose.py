"""Feeds that are not well-formed: read by a lenient reader that is handed in, or refused."""

from __future__ import annotations

import pytest

from digest.errors import ListingError
from digest.model import Document
from digest.parsers import Entry, Feed, Text, parse
from tests.unit.parsers.conftest import MakeDocument

BROKEN = """<rss version="2.0"><channel><title>Clouds</title>
<item><title>One</title><link>https://example.org/1</link></item>
<item><title>Two & three</title><link>https://example.org/2</link></item>
<item><title>Four</title></item></channel></rss>"""


def forgiving(document: Document) -> tuple[Feed, list[Entry]]:
    """Return the three entries a lenient reader would see."""
    assert document.body
    titles = ("One", "Two & three", "Four")
    return Feed(title="Clouds"), [Entry(where=f"entry {n}", title=Text(title)) for n, title in enumerate(titles, 1)]


def test_what_is_behind_the_fault_is_read_leniently(make_document: MakeDocument) -> None:
    """Every entry once, and a warning that names the line."""
    listing = parse(make_document(BROKEN), loose=forgiving)
    assert [paper.title for paper in listing.sightings] == ["One", "Two & three", "Four"]
    assert "not well-formed" in listing.warnings[0]
    assert "line 3" in listing.warnings[0]


def test_without_a_lenient_reader_the_fault_is_named(make_document: MakeDocument) -> None:
    """What came before the fault is there, and the listing says that it is not all."""
    listing = parse(make_document(BROKEN))
    assert [paper.title for paper in listing.sightings] == ["One"]
    assert "line 3" in listing.warnings[0]


def test_a_download_that_broke_off_is_not_mended(make_document: MakeDocument) -> None:
    """Half a feed is half a feed: no reader can know the rest."""
    whole = BROKEN.replace("&", "&amp;")
    listing = parse(make_document(whole[: whole.index("Four")]), loose=forgiving)
    assert len(listing.sightings) == 2
    assert "breaks off" in listing.warnings[0]


def test_what_only_resembles_a_feed_needs_the_lenient_reader(make_document: MakeDocument) -> None:
    """Rubbish before the feed: read if somebody can, an error otherwise."""
    document = make_document("rubbish\n" + BROKEN)
    assert len(parse(document, loose=forgiving).sightings) == 3
    with pytest.raises(ListingError, match="broken"):
        parse(document)
