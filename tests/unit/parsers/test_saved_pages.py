"""Saved pages as the sites have written them over the years, whole and by half."""

from __future__ import annotations

import html
import json
from datetime import date

import pytest

from digest.errors import ListingError
from digest.model import Announced, Listing
from digest.parsers import parse
from tests.unit.parsers.conftest import MakeDocument

HEAD = """<!DOCTYPE html><html lang="en"><head><title>Computation and Language</title></head><body>
<a href="https://arxiv.org/">arXiv.org</a><main><div class="content"><div id='content-inner'><div id='dlpage'>
<h1>Computation and Language</h1>"""
TAIL = "</div></div></div></main><footer><p>About &middot; Help</p></footer></body></html>"


def entry(index: int, number: str, title: str, *, marks: str = "", abstract: str = "") -> str:
    """Return an entry as arXiv's pages have had it since 2023."""
    shown = f"<p class='mathjax'>\n  {abstract}\n</p>" if abstract else ""
    return f"""<dt>
      <a name='item{index}'>[{index}]</a>
      <a href ="/abs/{number}" title="Abstract" id="{number}">
        arXiv:{number}
      </a>
      {marks}
      [<a href="/pdf/{number}" title="Download PDF" id="pdf-{number}">pdf</a>, <a href="/format/{number}"
       title="Other formats">other</a>]
    </dt>
    <dd>
      <div class='meta'>
        <div class='list-title mathjax'><span class='descriptor'>Title:</span>
          {title}
        </div>
        <div class='list-authors'><a href="https://arxiv.org/search/cs?searchtype=author&amp;query=Lovelace,+A">Ada
         Lovelace</a>, <a href="https://arxiv.org/search/cs?searchtype=author&amp;query=Hopper">Grace Hopper</a></div>
        <div class='list-comments mathjax'><span class='descriptor'>Comments:</span>
          Code at <a href="https://github.com/clouds/rain" rel="external" class="link-https">this https URL</a>
        </div>
        <div class='list-subjects'><span class='descriptor'>Subjects:</span>
          <span class="primary-subject">Computation and Language (cs.CL)</span>; Robotics (cs.RO)
        </div>
        {shown}
      </div>
    </dd>"""


RECENT = f"""{HEAD}<h2>Authors and titles for recent submissions</h2><ul><li>
<a href="/list/cs.CL/recent?skip=0&amp;show=50">
Fri, 20 Nov 2026</a></li><li><a href="/list/cs.CL/recent?skip=41&amp;show=50">Thu, 19 Nov 2026</a></li></ul>
<div class='paging'>Total of 43 entries : <span>1-3</span> <a href=/list/cs.CL/recent?skip=3&amp;show=3>4-43</a></div>
<div class='morefewer'>Showing up to 3 entries per page:
<a href=/list/cs.CL/recent?show=25 rel="nofollow">more</a></div>
<dl id='articles'><h3>Fri, 20 Nov 2026 (continued, showing last 2 of 41 entries )</h3>
{entry(40, "2611.00040", "Clouds: From Below")}
{entry(41, "2611.00041", "Rain", marks="(cross-list from cs.RO)")}
</dl><dl id='articles'><h3>Thu, 19 Nov 2026 (showing first 1 of 2 entries )</h3>
{entry(42, "2611.00042v2", "Rivers")}</dl>{TAIL}"""


def test_a_page_of_recent_papers(make_document: MakeDocument) -> None:
    """Sections are days, the newest is the listing's; a page of ``?skip=&show=`` says that it is one of several."""
    listing = parse(make_document(RECENT))
    assert (listing.format, listing.listed_on, listing.broken) == ("arxiv-html", date(2026, 11, 20), "")
    assert [paper.title for paper in listing.sightings] == ["Clouds: From Below", "Rain", "Rivers"]
    assert [paper.announced for paper in listing.sightings] == [None, Announced.CROSS, None]
    assert [paper.version for paper in listing.sightings] == [None, None, 2]
    assert listing.sightings[0].authors == ("Ada Lovelace", "Grace Hopper")
    assert [warning[:28] for warning in listing.warnings] == [
        "The page shows 2 of 41 entri",
        "The page shows 1 of 2 entrie",
    ]


PARAGRAPHS = """It rains.
<br />See <a href="https://rain.org/a_b" class="x">this https URL</a> for a map."""
NEW = f"""{HEAD}<ul><li><a href="/list/cs.CL/new?skip=0&amp;show=2000#item0">New submissions</a></li></ul>
<p>See <a id="recent-cs.CL" href="/list/cs.CL/recent">recent</a> articles</p>
<h3>Showing new listings for Friday, 20 November 2026</h3>
<dl id='articles'><h3>New submissions (showing 1 of 1 entries)</h3>
{entry(1, "2611.00001", "Clouds", abstract=PARAGRAPHS)}
</dl><dl id='articles'><h3>Cross submissions (showing 1 of 1 entries)</h3>
{entry(2, "2611.00002", "Rain: a < b", marks="(cross-list from math.CO)", abstract="We count.")}
</dl><dl id='articles'><h3>Replacement submissions (showing 1 of 1 entries)</h3>
{entry(3, "hep-th/9901003", "Rivers", marks="(replaced)", abstract="We count again.")}
</dl>{TAIL}"""


def test_a_page_of_new_papers(make_document: MakeDocument) -> None:
    """Paragraphs stay apart, and what stands behind "this https URL" is said."""
    listing = parse(make_document(NEW))
    first, second, third = listing.sightings
    assert (first.abstract, first.comment) == (
        "It rains.\nSee https://rain.org/a_b for a map.",
        "Code at https://github.com/clouds/rain",
    )
    assert (second.title, third.keys) == ("Rain: a < b", ("arxiv:hep-th/9901003",))
    assert [paper.announced for paper in listing.sightings] == [Announced.NEW, Announced.CROSS, Announced.REPLACE]
    assert not listing.warnings


OLD = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Computation and Language  authors/titles "new.CL"</title></head>
<body class="with-cu-identity"><div id="header"><h1><a href="https://arxiv.org/">arXiv.org</a> &gt; <a href="/list/cs/recent">cs</a></h1></div>
<div id="content"><div id="dlpage"><h1>Computation and Language</h1><h2>New submissions</h2>
<div class="list-dateline">Submissions received from  Mon 10 Feb 20  to  Tue 11 Feb 20, announced Wed, 12 Feb 20</div>
<small>[ total of 2 entries:  <b>1-2</b> ]<br />[ showing up to 2000 entries per page:  <a href="x">fewer</a> ]<br /></small>
<h3>New submissions for Wed, 12 Feb 20</h3><dl>
<dt><a name="item1">[1]</a>&nbsp;  <span class="list-identifier"><a href="/abs/2002.03001" title="Abstract">arXiv:2002.03001</a>
 [<a href="/pdf/2002.03001" title="Download PDF">pdf</a>]</span></dt>
<dd><div class="meta"><div class="list-title mathjax">
<span class="descriptor">Title:</span> Clouds
</div><div class="list-authors">
<span class="descriptor">Authors:</span>
<a href="/search/cs?query=Lovelace">Ada Lovelace</a>,
</div><div class="list-subjects"><span class="descriptor">Subjects:</span> <span class="primary-subject">Computation and Language (cs.CL)</span></div>
<p class="mathjax">It rains.
</p></div></dd></dl>
<h3>Replacements for Wed, 12 Feb 20</h3><dl>
<dt><a name="item2">[2]</a>&nbsp;  <span class="list-identifier"><a href="/abs/1905.00002" title="Abstract">arXiv:1905.00002</a> (cross-list from cs.CV, replaced)</span></dt>
<dd><div class="meta"><div class="list-title mathjax"><span class="descriptor">Title:</span> Rain</div>
<div class="list-authors"><span class="descriptor">Authors:</span> (author list is unavailable)</div></div></dd></dl>
</div></div></body></html>"""  # noqa: E501 - as arXiv wrote it


def test_a_page_as_arxiv_wrote_it_until_2023(make_document: MakeDocument) -> None:
    """Labels before the authors, the number in a span, a year of two digits; no author is made of an excuse."""
    listing = parse(make_document(OLD))
    first, second = listing.sightings
    assert (listing.listed_on, listing.warnings) == (date(2020, 2, 12), ())
    assert (first.title, first.authors, first.abstract) == ("Clouds", ("Ada Lovelace",), "It rains.")
    assert (second.authors, second.announced) == ((), Announced.REPLACE_CROSS)


def test_a_day_without_updates_is_empty_and_not_broken(make_document: MakeDocument) -> None:
    """What arXiv says of such a day is told by the calendar."""
    page = f"{HEAD}<h3>Showing new listings for Saturday, 21 November 2026</h3><p>No updates today.</p>{TAIL}"
    listing = parse(make_document(page.replace("<h3>", '<a href="/list/cs.CL/recent">recent</a><h3>')))
    assert (listing.sightings, listing.broken) == ((), "")
    assert "arXiv announces nothing for weekends" in listing.warnings[0]


def row(number: int) -> dict[str, object]:
    """Return one row of the data of a Hugging Face page."""
    inner = {"id": f"2608.{number:05}", "title": f"Clouds & Rain {number}", "summary": "It rains > it pours."}
    return {"paper": {**inner, "publishedAt": "2026-08-18T00:00:00.000Z", "upvotes": number}, "numComments": 2}


def hugging_face(data: dict[str, object]) -> str:
    """Return a page of Hugging Face with its data."""
    props = html.escape(json.dumps(data))
    return (
        '<!doctype html><html><head><title>Daily Papers - Hugging Face</title></head><body><div class="SVELTE_HYDRATER '
        f'contents" data-target="DailyPapers" data-props="{props}"><h1>Daily Papers</h1></div></body></html>'
    )


CARD = """<article class="relative"><a href="/papers/2608.0000{0}"><img src="x.png"></a><div class="from-gray-50-to-white">
<a href="/login?next=%2Fpapers%2F2608.0000{0}"><svg></svg><div class="leading-none">{0}</div></a>
<h3 class="mb-1"><a href="/papers/2608.0000{0}" class="line-clamp-3 cursor-pointer text-balance">Clouds over {0} Rivers</a></h3>
<a href="/papers/2608.0000{0}"><ul><li title="a"><img src="a.png"></li><li>{0} authors</li></ul></a><span>·</span>
<a href="/papers/2608.0000{0}#community">2</a></div></article>"""  # noqa: E501 - as on the page
CARDS = (
    "<!doctype html><html><head><title>Daily Papers - Hugging Face</title></head><body><main><h1>Daily Papers</h1>"
    f"{''.join(map(CARD.format, (2, 3, 4)))}</main><footer>TOS</footer></body></html>"
)


def test_papers_that_were_searched_for_stand_beside_those_of_the_day(make_document: MakeDocument) -> None:
    """The page of a search holds both; it is asked for the search."""
    listing = parse(make_document(hugging_face({"dailyPapers": [row(1)], "searchResults": [row(2), row(3)]})))
    assert [paper.upvotes for paper in listing.sightings] == [2, 3]


def test_a_page_of_a_day_without_papers_is_empty_and_not_broken(make_document: MakeDocument) -> None:
    """An empty array on a Sunday is what it should be."""
    listing = parse(make_document(hugging_face({"dateString": "2026-08-16", "dailyPapers": []})))
    assert (listing.sightings, listing.broken) == ((), "")
    assert "Hugging Face lists no weekends" in listing.warnings[0]


def test_compact_cards_are_read_without_abstracts(make_document: MakeDocument) -> None:
    """The cards of today hold title, counters and authors only."""
    listing = parse(make_document(CARDS))
    assert [(paper.title, paper.upvotes, paper.author_count) for paper in listing.sightings] == [
        (f"Clouds over {number} Rivers", number, number) for number in (2, 3, 4)
    ]
    assert not listing.broken


@pytest.mark.parametrize(
    "page",
    [RECENT, NEW, OLD, hugging_face({"dateString": "2026-08-19", "dailyPapers": [*map(row, range(1, 9))]}), CARDS],
    ids=["recent", "new", "old", "data", "cards"],
)
def test_of_half_a_page_the_whole_papers_are_kept_and_the_rest_is_named(make_document: MakeDocument, page: str) -> None:
    """Wherever a page breaks off: its first papers to the letter, none by half, and the day is broken, never empty."""
    whole = parse(make_document(page)).sightings
    most = 0
    for end in (*range(200, len(page) - 20, 37), page.index("</body>")):
        listing = _parsed(make_document, page[:end])
        if listing is None:
            continue
        found = [(paper.title, paper.abstract, paper.authors, paper.keys) for paper in listing.sightings]
        assert found == [(paper.title, paper.abstract, paper.authors, paper.keys) for paper in whole[: len(found)]]
        assert listing.broken or len(found) == len(whole), end
        most = max(most, len(found))
    assert most == len(whole)


def _parsed(make_document: MakeDocument, page: str) -> Listing | None:
    """Return what half a page holds, ``None`` where so little is left that it is no listing."""
    try:
        return parse(make_document(page))
    except ListingError:
        return None
