"""Saved pages: Hugging Face with its data and without, arXiv's listings, and pages that are no listing."""

from __future__ import annotations

import html
import json
from datetime import date

import pytest

from digest.errors import ListingError
from digest.model import Announced
from digest.parsers import parse
from tests.unit.parsers.conftest import MakeDocument

HF = """<!doctype html><html><head><title>Daily Papers - Hugging Face</title>
<script>var a = "<article>";</script></head>
<body><nav><a href="/models">Models</a></nav>
<div class="SVELTE_HYDRATER" data-target="DailyPapers" data-props="{props}">
<h1>Daily Papers</h1><time>Aug 19</time>
<article><a href="/papers/2608.00001" class="shadow"><img src="x.png"></a>
<div><a href="/login?next=%2Fpapers%2F2608.00001"><svg><path d="M0"/></svg><div>65</div></a>
<h3><a href="/papers/2608.00001" class="line-clamp-3">Clouds &amp; Rain
   from Below</a></h3>
<a href="/papers/2608.00001"><p>We count clouds from below. They are many, and <b>most</b> of them are white.</p></a>
<div><ul><li><img src="a.png"></li><li>19 authors</li></ul><span>·</span> <time>Feb 18, 2023</time>
<a href="/papers/2608.00001#community">6</a></div></div></article>
<article><a href="/login?next=%2Fpapers%2F2608.00002"><div>-</div></a>
<h3><a href="/papers/2608.00002">Rain</a></h3><div>·<time>Jul 1</time></div></article>
</div></body></html>"""


def row(number: str) -> dict[str, object]:
    """Return one row of the page's data."""
    inner = {"id": number, "title": "Clouds & Rain", "summary": "It rains.", "publishedAt": "2026-08-18T00:00:00.000Z"}
    return {"paper": {**inner, "upvotes": 3}, "numComments": 2, "publishedAt": "2026-08-18T04:00:00.000Z"}


def test_the_pages_data_is_read(make_document: MakeDocument) -> None:
    """``data-props`` holds the same rows as the API, and the page's own day."""
    props = html.escape(json.dumps({"dateString": "2026-08-19", "dailyPapers": [row("2608.00003"), row("2608.00004")]}))
    listing = parse(make_document(HF.replace("{props}", props)))
    assert (listing.format, listing.listed_on) == ("hf-html", date(2026, 8, 19))
    assert [paper.keys for paper in listing.sightings] == [("arxiv:2608.00003",), ("arxiv:2608.00004",)]
    assert (listing.sightings[0].title, listing.sightings[0].upvotes) == ("Clouds & Rain", 3)


@pytest.mark.parametrize("props", ["", "{&quot;dailyPapers&quot;:[{&quot;publishedAt&quot;"])
def test_without_its_data_the_visible_cards_are_read(make_document: MakeDocument, props: str) -> None:
    """Title, abstract, counters, day and key of every card; data that is broken is said to be."""
    listing = parse(make_document(HF.replace("{props}", props), listed_on=date(2026, 8, 19)))
    first, second = listing.sightings
    assert (first.title, first.keys) == ("Clouds & Rain from Below", ("arxiv:2608.00001",))
    assert first.abstract == "We count clouds from below. They are many, and most of them are white."
    assert (first.upvotes, first.comments, first.author_count) == (65, 6, 19)
    assert first.published == date(2023, 2, 18)
    assert (second.title, second.abstract, second.upvotes, second.published) == ("Rain", "", 0, date(2026, 7, 1))
    assert bool(listing.warnings) == bool(props)


ARXIV = """<!DOCTYPE html><html lang="en"><head><title>Computation and Language</title></head><body>
<a href="https://arxiv.org">arXiv</a><div id="dlpage"><h1>Computation and Language</h1>
<h3>Showing new listings for Friday, 20 November 2026</h3><div class='paging'>Total of 812 entries</div>
<dl id='articles'><h3>New submissions (showing 1 of 1 entries)</h3>
<dt><a name='item1'>[1]</a> <a href ="/abs/2611.00001" title="Abstract" id="2611.00001"> arXiv:2611.00001 </a>
[<a href="/pdf/2611.00001">pdf</a>, <a href="/format/2611.00001">other</a>]</dt>
<dd><div class='meta'><div class='list-title mathjax'><span class='descriptor'>Title:</span>
 Clouds: A $\\alpha$ Survey by Schr\\"odinger</div>
<div class='list-authors'><a href="x">Ada Lovelace</a>, <a href="y">M{\\aa}ns P\\'aez</a>, <a href="z">Yi Li</a>,
et al. (9 additional authors not shown)</div>
<div class='list-comments mathjax'><span class='descriptor'>Comments:</span> 7 pages</div>
<div class='list-journal-ref'><span class='descriptor'>Journal-ref:</span> Clouds 3 (2026)</div>
<div class='list-subjects'><span class='descriptor'>Subjects:</span>
<span class="primary-subject">Computation and Language (cs.CL)</span>; Machine Learning (stat.ML)</div>
<p class='mathjax'> It rains, a &lt; b. </p></div></dd>
<h3>Cross submissions (showing 1 of 1 entries)</h3>
<dt>[2] <a href="/abs/2611.00002">arXiv:2611.00002</a> (cross-list from cs.CV)</dt>
<dd><div class='list-title'><span class='descriptor'>Title:</span> Crossing</div></dd>
<h3>Replacement submissions (showing 3 of 10 entries)</h3>
<dt>[3] <a href="/abs/2401.00003">arXiv:2401.00003</a> (replaced)</dt>
<dd><div class='list-title'>Title: Replaced</div></dd>
<dt>[4] <a href="/abs/2401.00004">arXiv:2401.00004</a> (replaced, cross-list from cs.CV)</dt>
<dd><div class='list-title'>Title: Both</div></dd>
<dt>[5] <a href="/abs/2401.00005">arXiv:2401.00005</a> (replaced)</dt><dd><div class='list-title'></div></dd>
</dl></div></body></html>"""


def test_a_listing_page_of_arxiv(make_document: MakeDocument) -> None:
    """Three sections, four announce types, fields without their labels, a cut section and an entry without title."""
    listing = parse(make_document(ARXIV))
    first, *rest = listing.sightings
    assert (listing.format, listing.listed_on) == ("arxiv-html", date(2026, 11, 20))
    assert first.title.endswith("Survey by Schrödinger")
    assert first.title.startswith("Clouds: A ")
    assert (first.authors, first.author_count) == (("Ada Lovelace", "Måns Páez", "Yi Li"), 12)
    assert (first.abstract, first.comment, first.journal_ref) == ("It rains, a < b.", "7 pages", "Clouds 3 (2026)")
    assert first.categories == ("cs.CL", "stat.ML")
    assert first.keys == ("arxiv:2611.00001",)
    assert [paper.announced for paper in (first, *rest)] == list(Announced)
    assert [item.reason for item in listing.skipped] == ["an entry without a title"]
    assert listing.warnings == ("The page shows 3 of 10 entries: the rest is on other pages.",)


def test_a_listing_page_cut_in_two(make_document: MakeDocument) -> None:
    """The number whose title is missing is named, and the listing warns."""
    listing = parse(make_document(ARXIV[: ARXIV.index("<dd><div class='list-title'>Title: Both")]))
    assert len(listing.sightings) == 3
    assert "cut short" in listing.warnings[-1]


@pytest.mark.parametrize("title", ["503 Service Unavailable", "Log in &amp; go on"])
def test_a_page_that_is_no_listing_is_named(make_document: MakeDocument, title: str) -> None:
    """An error page in disguise is an error with its title."""
    with pytest.raises(ListingError, match=html.unescape(title)):
        parse(make_document(f"<html><head><title>{title}</title></head><body>Sorry</body></html>"))
