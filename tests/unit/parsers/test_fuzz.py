"""Any reader forced upon anything: a listing or one ``ListingError``, never another exception."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date
from functools import cache
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.errors import ListingError
from digest.model import Document, Listing
from digest.parsers import FORMATS, parse
from tests.pages.documents import DOCUMENTS
from tests.pages.invent import papers
from tests.pages.render import SHAPES, Page
from tests.unit.parsers.conftest import MakeDocument

DAY = date(2026, 8, 19)
ROWS = (
    *(
        "",
        "",
        " ",
        "·",
        "-",
        "[",
        "]",
        "][3]",
        "\\\\",
        "- - -",
        "•",
        "65",
        "1.2k",
        "[-] 74",
        "•  19 authors",
        "0 authors",
    ),
    *("Aug 19", "Feb 29", "Feb 30 2", "Jun 7, 2024 2", "Published on Oct 4, 2026", "Docs", "Papers", "Page 3 of 12"),
    *("Subscribe", "SubscribeClouds", "### Clouds", "### [Clouds](/papers/2401.00001)", "[Clouds][1]", "## ", "# x"),
    *(
        "https://huggingface.co/papers/2401.00001",
        "/papers/2401.00001#community",
        "[1]: https://huggingface.co/papers/1",
    ),
    *(
        "Clouds from Below",
        "We count clouds. They are many.",
        "Acme",
        "3 authors · Aug 1",
        "· Aug 1",
        "Upvote",
        "GitHub 1",
    ),
    *(
        "arXiv:2401.00001",
        "Title: Clouds",
        "  from below",
        "Paper: astro-ph/0702001",
        "Date: Mon, 1 Jan 2024",
        "Abstract:",
    ),
    *(
        "-" * 78,
        "%-%-%-%-%-",
        "%%--%%--",
        "%%%---%%%---",
        "From x Mon Jan  1 00:00:00 2024",
        "Subject: cs daily",
        "a: b",
    ),
    *(
        '[{"paper": {}}]',
        '["{}"]',
        "<rss>",
        "<feed>",
        "<dl>",
        "<dt><a href='/abs/1'>",
        "\x0c",
        "\u2028",
        "\u200b",
        "\ufffd",
    ),
)


@cache
def pages() -> dict[str, str]:
    """Return a good document of each format that has a renderer."""
    random = Random(3)
    invented = papers(random, DAY, count=4, marked=False)
    page = Page(random=random, listed_on=DAY, width=90, hyphens=True, upvotes=True)
    shapes = {name: "\n".join(render(page, invented)) for name, render in SHAPES.items()}
    return shapes | {name: render(invented) for name, render in DOCUMENTS.items()}


@st.composite
def spoiled(draw: st.DrawFn) -> str:
    """Return a good document with rows taken out, swapped, doubled, cut short or put in."""
    text = pages()[draw(st.sampled_from(sorted(pages())))]
    rows = text.split("\n") if text.count("\n") > 5 else text.replace(">", ">\n").split("\n")
    for kind in draw(st.lists(st.sampled_from("dscia"), min_size=1, max_size=8)):
        at = draw(st.integers(0, len(rows) - 1))
        rows[at : at + 2] = _spoil(kind, rows[at : at + 2], draw(st.sampled_from(ROWS)), draw(st.integers(0, 90)))
        rows = rows or [""]
    return "\n".join(rows)[: draw(st.one_of(st.none(), st.integers(1, len(text))))]


def _spoil(kind: str, rows: list[str], new: str, size: int) -> list[str]:
    changes = {
        "d": rows[1:],
        "s": rows[::-1],
        "c": [rows[0][:size], *rows[1:]],
        "i": [new, *rows],
        "a": [*rows, *rows],
    }
    return changes[kind]


def read(make_document: MakeDocument, body: str | bytes, formats: Iterator[str] | list[str]) -> None:
    """Read a body in each of the formats; only a ``ListingError`` with place and way out may come out."""
    for name in formats:
        outcome = parsed(make_document(body), name)
        if isinstance(outcome, ListingError):
            assert outcome.place
            assert outcome.hint
        else:
            assert outcome.sightings or outcome.skipped or outcome.warnings
            assert all(paper.title.strip() for paper in outcome.sightings)


def parsed(document: Document, name: str) -> Listing | ListingError:
    """Return what a document holds, or why it is refused."""
    try:
        return parse(document, format=name)
    except ListingError as error:
        return error


@pytest.mark.parametrize("name", FORMATS)
@settings(deadline=None, max_examples=50)
@example(rows=["Papers", "", "Docs", "", "·", "", "Aug 19"])
@given(rows=st.lists(st.sampled_from(ROWS), max_size=25))
def test_no_order_of_rows_breaks_a_reader(make_document: MakeDocument, name: str, rows: list[str]) -> None:
    """Lines as pages, mailings and feeds have them, in any order."""
    read(make_document, "\n".join(rows), [name])


@pytest.mark.parametrize("name", FORMATS)
@settings(deadline=None, max_examples=20)
@example(body=b"From nobody knows when")
@given(body=st.one_of(st.text(max_size=200).map(str.encode), st.binary(max_size=200)))
def test_no_bytes_break_a_reader(make_document: MakeDocument, name: str, body: bytes) -> None:
    """Any text and any bytes."""
    read(make_document, body, [name])


@settings(deadline=None, max_examples=60)
@given(text=spoiled())
def test_no_spoiled_document_breaks_a_reader(make_document: MakeDocument, text: str) -> None:
    """Good documents with rows missing, swapped, doubled or cut, in every format's reader and as they are sniffed."""
    read(make_document, text, list(FORMATS))
    with contextlib.suppress(ListingError):
        parse(make_document(text))
