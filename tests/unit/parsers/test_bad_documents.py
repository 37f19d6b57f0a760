"""Whatever is handed over: one clear error or a listing, quickly, and never a traceback."""

from __future__ import annotations

import contextlib
import gzip
import tracemalloc

import pytest

from digest.errors import ListingError
from digest.parsers import FORMATS, entries, parse, sniff
from tests.unit.parsers.conftest import MakeDocument

ABSTRACT = "We study how clouds are counted from below. A simple count turns out to be enough in most of the cases."


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"%PDF-1.7 clouds", "PDF"),
        (b"PK\x03\x04clouds", "zip"),
        (gzip.compress(b"clouds"), "gzip"),
        (bytes(range(256)) * 40, "binary"),
        (b"name,price\napple,3\npear,4\n", "no listing"),
        (b"#!/bin/sh\necho hello\n", "no listing"),
        (b'{"colour": "red"}', "no listing"),
    ],
)
def test_what_is_no_listing_is_refused_in_words(make_document: MakeDocument, body: bytes, says: str) -> None:
    """Empty, binary and foreign files give one line that says what they are, with the file's name."""
    with pytest.raises(ListingError, match=says) as caught:
        parse(make_document(body, name="thing.dat"))
    assert str(caught.value).startswith("thing.dat: ")
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_an_unknown_format_names_the_known(make_document: MakeDocument) -> None:
    """``--format`` with a wrong name answers with the right ones."""
    with pytest.raises(ListingError, match="hf-cards"):
        parse(make_document("x"), format="cards")


def test_every_format_stands_any_text(make_document: MakeDocument) -> None:
    """A reader forced upon a foreign file refuses it or finds nothing wrong to say but ``Skipped``."""
    bodies = ("x", "[]", "{}", "<html>", "·\nMay 5\n", "\\\\\n", "• 3 authors\n·\nMay 5", "]" * 500, "\ufffd")
    for name in FORMATS:
        for body in bodies:
            with contextlib.suppress(ListingError):
                assert parse(make_document(body), format=name).warnings


def test_a_hundred_megabytes_in_one_line_are_skipped(make_document: MakeDocument) -> None:
    """A page with a monstrous line keeps its papers; the line is named, and memory stays small."""
    page = f"Daily Papers\n\nClouds from Below\n\n{ABSTRACT}\n\n".encode()
    body = page + b"a" * 100_000_000 + b"\n\nRain from Above\n\n" + ABSTRACT.encode()
    document = make_document(body)
    tracemalloc.start()
    listing = parse(document)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [paper.title for paper in listing.sightings] == ["Clouds from Below", "Rain from Above"]
    assert [item.where for item in listing.skipped] == ["line 7"]
    assert peak < 32_000_000


def test_a_long_page_is_streamed(make_document: MakeDocument) -> None:
    """Entries come one by one: the first is there without reading on, and memory does not grow with the page."""
    body = "\n\n".join(f"Clouds from Below, Part {number}\n\n{ABSTRACT}" for number in range(4_000))
    document = make_document(body)
    assert sniff(document) == "hf-paragraphs"
    tracemalloc.start()
    count = sum(1 for _ in entries(document))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 4_000
    assert peak < 4_000_000
