"""The law of the text shapes: *parse(render(papers, shape)) = papers*."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import zip_longest
from random import Random
from typing import Any

from digest.model import Document, Sighting
from digest.parsers import parse
from digest.text.readable import readable, readable_abstract
from tests.pages.invent import Invented, papers
from tests.pages.relatives import RELATIVES
from tests.pages.render import SHAPES, Page, with_noise

PLAIN = {"hf-paragraphs", "hf-lines"}
UNLINKED = PLAIN | {"hf-cards", "hf-trending"}
UNWRAPPED = {"hf-lines", "hf-link-lines"}


def draw(shape: str, seed: int, relative: str = "") -> tuple[Document, list[dict[str, Any]]]:
    """Return a random page of a shape, and what a reader of it must find; ``relative``: what was done to the page."""
    random = Random(f"{shape} {seed} {relative}".rstrip())
    listed_on = date(2025, 1, 1) + timedelta(days=random.randint(0, 700))
    wraps = shape == "hf-numbered" or (shape not in UNWRAPPED and random.random() < 0.3)
    page = Page(
        random=random,
        listed_on=listed_on,
        width=random.randint(*(40, 180) if relative else (64, 140)) if wraps else None,
        hyphens=random.random() < 0.3,
        upvotes=random.random() < 0.3,
    )
    invented = papers(random, listed_on, count=random.randint(3, 30), marked=shape not in PLAIN)
    rows = SHAPES[shape](page, invented)
    titles = {paper.title for paper in invented}
    body = RELATIVES[relative](random, rows, titles).encode() if relative else with_noise(random, rows)
    document = Document(source="files", name=f"{listed_on}.txt", body=body)
    return document, [expected(paper, shape, page) for paper in invented]


def expected(paper: Invented, shape: str, page: Page) -> dict[str, Any]:
    """Return what the shape carries of a paper."""
    signed, linked = shape not in PLAIN, shape not in UNLINKED
    shows_upvotes = linked or shape == "hf-trending" or (shape == "hf-cards" and page.upvotes)
    return {
        "title": readable(paper.title),
        "abstract": readable_abstract("\n\n".join(paper.paragraphs)),
        "author_count": paper.author_count if signed else None,
        "organization": paper.organization if signed else None,
        "published": paper.day if signed else None,
        "upvotes": paper.upvotes if shows_upvotes else None,
        "comments": paper.comments if signed and shape != "hf-trending" else None,
        "keys": (f"arxiv:{paper.number}",) if linked else (),
    }


def found(sighting: Sighting, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the same fields of what was found."""
    return {name: getattr(sighting, name) for name in fields}


def faults(shape: str, seed: int, relative: str = "") -> list[str]:
    """Return what a draw gets wrong, in words; the empty list is the law."""
    document, wanted = draw(shape, seed, relative)
    listing = parse(document)
    if listing.format != shape:
        return [f"taken for {listing.format}"]
    got = [found(sighting, wanted[0]) for sighting in listing.sightings]
    titles = [paper["title"] for paper in wanted]
    lost = [title for title in titles if title not in [paper["title"] for paper in got]]
    new = [paper["title"] for paper in got if paper["title"] not in titles]
    wrong = [
        f"{name} of {paper['title'][:40]!r}: {_difference(other[name], paper[name])}"
        for paper in wanted
        for other in got
        if paper["title"] == other["title"]
        for name in paper
        if paper[name] != other[name]
    ]
    order = [] if [paper["title"] for paper in got] == titles or lost or new else ["another order, or doubled"]
    day = [] if str(listing.listed_on) == document.name[:10] else [f"listed on {listing.listed_on}"]
    return [f"lost {title!r}" for title in lost] + [f"invented {title!r}" for title in new] + wrong + order + day


def _difference(got: object, wanted: object) -> str:
    """Return the places where two values part."""
    if not (isinstance(got, str) and isinstance(wanted, str)):
        return f"{got!r} instead of {wanted!r}"
    start = max(0, next(index for index, pair in enumerate(zip_longest(got, wanted)) if pair[0] != pair[1]) - 30)
    return f"…{got[start : start + 90]!r} instead of …{wanted[start : start + 90]!r}"
