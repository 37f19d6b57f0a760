"""arXiv's feeds and API, and any other feed: entries told apart, nothing read into them that is not there."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from digest.errors import ListingError
from digest.model import Announced, Link, LinkKind
from digest.parsers import parse
from tests.unit.parsers.conftest import MakeDocument

RSS = """<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">
<channel><title>cs.AI updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.AI</link>
<pubDate>Wed, 20 Aug 2025 00:00:00 -0400</pubDate><image><title>not this</title></image>
<skipDays><day>Sunday</day><day>Saturday</day></skipDays>{items}</channel></rss>"""

ITEM = """<item><title>Clouds with $a&lt;b$ of Rain</title><link>https://arxiv.org/abs/2508.13426</link>
<description>arXiv:2508.13426v{version} Announce Type: {kind}
Abstract: We count clouds where a&lt;b and c&gt;d, P\\'aez says.
  And a second paragraph.</description>
<guid isPermaLink="false">oai:arXiv.org:2508.13426v{version}</guid><category>cs.CL</category><category>cs.AI</category>
<pubDate>Wed, 20 Aug 2025 00:00:00 -0400</pubDate><arxiv:announce_type>{kind}</arxiv:announce_type>
<dc:creator>Ada Lovelace, Grace Hopper (Navy, Washington), J. R\\'enyi</dc:creator>
<arxiv:DOI>10.1000/Clouds</arxiv:DOI><arxiv:journal_reference>J. Clouds 3 (2025)</arxiv:journal_reference></item>"""


@pytest.mark.parametrize(
    ("kind", "version", "published"),
    [("new", 1, date(2025, 8, 20)), ("cross", 1, date(2025, 8, 20)), ("replace", 3, None), ("replace-cross", 2, None)],
)
def test_an_arxiv_item_gives_all_it_holds(
    make_document: MakeDocument, kind: str, version: int, published: date | None
) -> None:
    """Announce type, version, keys, names and text; the day of a replacement says nothing of the paper's."""
    listing = parse(make_document(RSS.format(items=ITEM.format(kind=kind, version=version))))
    (paper,) = listing.sightings
    assert (listing.format, listing.listed_on) == ("arxiv-rss", date(2025, 8, 20))
    assert paper.announced is Announced(kind)
    assert (paper.version, paper.published) == (version, published)
    assert paper.abstract == "We count clouds where a<b and c>d, Páez says.\nAnd a second paragraph."
    assert paper.authors == ("Ada Lovelace", "Grace Hopper", "J. Rényi")
    assert paper.keys == ("arxiv:2508.13426", "doi:10.1000/clouds")
    assert paper.categories == ("cs.CL", "cs.AI")
    assert paper.journal_ref == "J. Clouds 3 (2025)"
    assert paper.links == (Link(LinkKind.PDF, "https://arxiv.org/pdf/2508.13426"),)
    assert not listing.warnings


def test_the_real_feed_and_the_real_answer(samples: Path, make_document: MakeDocument) -> None:
    """Seven entries of cs.AI with their types, ten of the API with versions, days and wrapped titles joined."""
    feed = parse(make_document((samples / "arxiv-feed" / "cs.AI.atom.xml").read_bytes()))
    assert len(feed.sightings) == 7
    assert feed.listed_on == date(2025, 8, 20)
    assert all(paper.announced and paper.keys and paper.version and paper.abstract for paper in feed.sightings)
    assert feed.sightings[0].authors == ("Chunhua Liu", "Kabir Manandhar Shrestha", "Sukai Huang")
    answer = parse(make_document((samples / "arxiv-api" / "all-science.2019-08-10.atom.xml").read_bytes()))
    assert len(answer.sightings) == 10
    assert answer.sightings[0].published == date(2015, 1, 21)
    assert all(paper.keys and paper.version and paper.authors and "\n" not in paper.title for paper in answer.sightings)
    assert "10 of 120839" in answer.warnings[0]
    assert answer.sightings[7].categories == ("cs.LO", "03B70", "68Q99", "F.4.1", "F.4.m", "K.2")


OLD = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="http://export.arxiv.org/rss/nucl-th"><title>nucl-th updates on arXiv.org</title>
<link>http://export.arxiv.org/rss/nucl-th</link><dc:date>2018-09-13T20:30:00-05:00</dc:date></channel>
<item rdf:about="http://arxiv.org/abs/1805.06430">
<title>Rain on Nuclei. (arXiv:1805.06430v2 [nucl-th] {mark})</title>
<link>http://arxiv.org/abs/1805.06430</link>
<description>&lt;p&gt;We let it rain on H&lt;sub&gt;2&lt;/sub&gt;O.&lt;/p&gt;</description>
<dc:creator>&lt;a href="http://arxiv.org/find/nucl-th/1/au:+A"&gt;A. Cloud&lt;/a&gt;, B. Rain</dc:creator></item>
</rdf:RDF>"""


@pytest.mark.parametrize(
    ("mark", "kind"), [("UPDATED", Announced.REPLACE), ("CROSS LISTED", Announced.CROSS), ("", Announced.NEW)]
)
def test_the_feeds_before_2024(make_document: MakeDocument, mark: str, kind: Announced) -> None:
    """The title's tail is id, category and type, and no part of the title."""
    body = OLD.format(mark=mark).replace(" )", ")")
    (paper,) = parse(make_document(body)).sightings
    assert (paper.title, paper.abstract) == ("Rain on Nuclei", "We let it rain on H₂O.")
    assert (paper.announced, paper.version, paper.keys) == (kind, 2, ("arxiv:1805.06430",))
    assert paper.authors == ("A. Cloud", "B. Rain")
    assert paper.categories == ("nucl-th",)


API = """<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">
<link href="http://arxiv.org/api/query?x" rel="self"/><title>ArXiv Query: x</title><id>http://arxiv.org/api/abc</id>
{rest}</feed>"""


def test_error_feeds_are_errors(make_document: MakeDocument) -> None:
    """Neither the RSS server's nor the API's error passes for a paper or an empty day."""
    rss = RSS.replace("cs.AI updates on arXiv.org", "Feed error for query: cs.XY")
    with pytest.raises(ListingError, match=r"cs\.XY"):
        parse(make_document(rss.format(items="")))
    entry = "<entry><id>http://arxiv.org/api/errors#bad_id</id><title>Error</title><summary>bad id 1</summary></entry>"
    with pytest.raises(ListingError, match="bad id 1"):
        parse(make_document(API.format(rest=entry)))


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("Sat, 22 Aug 2026 00:00:00 -0400", "Saturday: arXiv announces nothing"),
        ("Mon, 07 Sep 2026 00:00:00 -0400", "holiday"),
        ("Wed, 19 Aug 2026 00:00:00 -0400", "probably broken"),
    ],
)
def test_an_empty_day_says_why(make_document: MakeDocument, day: str, says: str) -> None:
    """A weekend and a holiday are reasons; a plain Wednesday without papers is not."""
    (warning,) = parse(make_document(RSS.format(items="").replace("Wed, 20 Aug 2025 00:00:00 -0400", day))).warnings
    assert says in warning


def test_a_feed_cut_at_the_limit_is_flagged(make_document: MakeDocument) -> None:
    """Exactly 2,000 items: the rest is missing."""
    item = "<item><title>Cloud</title><guid>oai:arXiv.org:2508.13426v1</guid></item>"
    listing = parse(make_document(RSS.format(items=item * 2000)))
    assert "probably cut" in listing.warnings[0]
    assert not parse(make_document(RSS.format(items=item * 1999))).warnings


def test_half_a_feed_gives_its_whole_entries(make_document: MakeDocument) -> None:
    """A broken download is read up to the break, and says so; nothing readable is an error with its line."""
    body = RSS.format(items=ITEM.format(kind="new", version=1) * 3)
    listing = parse(make_document(body[: body.rindex("<guid")]))
    assert len(listing.sightings) == 2
    assert "breaks off" in listing.warnings[0]
    with pytest.raises(ListingError, match="broken"):
        parse(make_document(body[:300]))


@pytest.mark.parametrize("encoding", ["big5", "bogus"])
def test_an_encoding_nobody_reads_is_an_error(make_document: MakeDocument, encoding: str) -> None:
    """What the XML declares may be unknown, or known but not to expat; both are said."""
    with pytest.raises(ListingError, match="encoding cannot be read"):
        parse(make_document(RSS.format(items="").replace("UTF-8", encoding)))


def test_a_document_type_is_refused(make_document: MakeDocument) -> None:
    """Entity bombs and external files have no way in."""
    bomb = RSS.format(items="").replace("<rss", '<!DOCTYPE x [<!ENTITY a "aa">]><rss')
    with pytest.raises(ListingError, match="entities of its own"):
        parse(make_document(bomb), format="rss")


def test_the_real_biorxiv_item(samples: Path, make_document: MakeDocument) -> None:
    """White space around everything, commas inside names, the DOI as identifier."""
    (paper,) = parse(make_document((samples / "other-feeds" / "biorxiv.bioengineering.rdf.xml").read_bytes())).sightings
    assert paper.title.startswith("Microscale Collagen and Fibroblast")
    assert paper.authors == ("D. Kukla", "A. Crampton", "D. Wood", "S. Khetani")
    assert paper.keys == ("doi:10.1101/857789",)
    assert paper.published == date(2019, 11, 29)
    assert paper.url == "http://biorxiv.org/cgi/content/short/857789v1?rss=1"


def test_pubmed_and_nature_habits(make_document: MakeDocument) -> None:
    """PubMed repeats creators and gives two identifiers; Nature puts the journal before the abstract."""
    pubmed = """<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
    <channel><title>pubmed: clouds</title>
    <item><title>Clouds of Cells</title><link>https://pubmed.ncbi.nlm.nih.gov/38012345/?utm_source=x</link>
    <description>&lt;p&gt;&lt;b&gt;ABSTRACT&lt;/b&gt;&lt;/p&gt;&lt;p&gt;Cells form clouds.&lt;/p&gt;</description>
    <dc:creator>Ada Lovelace</dc:creator><dc:creator>Grace Hopper</dc:creator>
    <dc:identifier>pmid:38012345</dc:identifier><dc:identifier>doi:10.1000/ABC.1</dc:identifier></item>
    </channel></rss>"""
    (paper,) = parse(make_document(pubmed)).sightings
    assert paper.authors == ("Ada Lovelace", "Grace Hopper")
    assert paper.keys == ("doi:10.1000/abc.1", "pmid:38012345")
    nature = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
    xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Nature</title></channel>
    <item><title>Rain</title><link>https://www.nature.com/articles/x</link>
    <content:encoded><![CDATA[<p>Nature, Published
    online: 20 August 2026; <a href="https://www.nature.com/articles/x">doi:10.1038/s41586-026-1</a></p>It rains.]]>
    </content:encoded></item></rdf:RDF>"""
    (paper,) = parse(make_document(nature)).sightings
    assert (paper.abstract, paper.journal_ref) == ("It rains.", "Nature")
    assert paper.keys == ("doi:10.1038/s41586-026-1",)


def test_markup_in_any_feed_becomes_text(make_document: MakeDocument) -> None:
    """Scripts are gone, MathML and superscripts legible, what only looks like a tag stays."""
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Clouds</title><updated>2026-08-19T00:00:00Z</updated>
    <entry><id>urn:1</id><title type="html">x&lt;sup&gt;2&lt;/sup&gt; &amp;amp; rain</title>
    <link href="javascript:alert(1)"/><link rel="alternate" href="https://example.org/1"/>
    <summary type="html">&lt;p onclick="x()"&gt;One &lt;b&gt;two&lt;/b&gt;&lt;/p&gt;&lt;script&gt;evil()&lt;/script&gt;
    a&amp;lt;b, &lt;math&gt;&lt;mi&gt;E&lt;/mi&gt;&lt;mo&gt;=&lt;/mo&gt;&lt;mi&gt;m&lt;/mi&gt;&lt;/math&gt;</summary>
    <author><name>Hopper, Grace</name></author><author><name>Ada Lovelace</name></author></entry></feed>"""
    listing = parse(make_document(atom))
    (paper,) = listing.sightings
    assert (listing.format, listing.listed_on) == ("atom", date(2026, 8, 19))
    assert paper.title == "x² & rain"
    assert paper.abstract == "One two\na<b, E=m"
    assert paper.url == "https://example.org/1"
    assert paper.authors == ("Grace Hopper", "Ada Lovelace")


@pytest.mark.parametrize("version", ["1", "1.1"])
def test_json_feeds_of_both_versions(make_document: MakeDocument, version: str) -> None:
    """HTML or plain content, one author or several; an item that is no object is skipped with its place."""
    people = {"authors": [{"name": "Ada"}, {"name": "Grace"}]} if version == "1.1" else {"author": {"name": "Ada"}}
    item = {
        "id": "https://doi.org/10.1000/x",
        "url": "https://example.org/1",
        "title": "Clouds &amp; Rain",
        "content_html": "<p>It <i>rains</i>.</p>",
        "date_published": "2026-08-19T10:00:00+02:00",
        "tags": ["clouds"],
        **people,
    }
    body = {"version": f"https://jsonfeed.org/version/{version}", "title": "Clouds", "items": [item, 7, {"id": 3}]}
    listing = parse(make_document(json.dumps(body)))
    (paper,) = listing.sightings
    assert listing.format == "json-feed"
    assert (paper.title, paper.abstract) == ("Clouds & Rain", "It rains.")
    assert paper.keys == ("doi:10.1000/x",)
    assert paper.authors == (("Ada", "Grace") if version == "1.1" else ("Ada",))
    assert paper.published == date(2026, 8, 19)
    assert [item.where for item in listing.skipped] == ["item 2", "item 3, 3"]


def test_broken_json_feeds_are_errors(make_document: MakeDocument) -> None:
    """Half a feed, and one without items, in one clear line."""
    head = '{"version": "https://jsonfeed.org/version/1.1", "title": "x"'
    for body in (head, head + "}", head + ', "items": {}}'):
        with pytest.raises(ListingError):
            parse(make_document(body))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32-le", "utf-32-be", "utf-32"])
def test_a_feed_in_a_wide_encoding(make_document: MakeDocument, encoding: str) -> None:
    """UTF-16 and UTF-32, with a byte order mark or without one, whatever the XML says of it."""
    body = RSS.format(items=ITEM.format(kind="new", version=1).replace("Rain", "Måns"))
    (paper,) = parse(make_document(body.replace("UTF-8", "utf-16").encode(encoding))).sightings
    assert paper.title == "Clouds with a<b of Måns"


OWN = """<r:rss version="2.0" xmlns:r="http://backend.userland.com/rss2" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:media="http://search.yahoo.com/mrss/"><r:channel><r:title>Clouds</r:title><r:item>
<media:title>cloud.png</media:title><atom:link rel="self" href="x"/><media:description>A picture.</media:description>
<r:title>Rain</r:title><r:link>https://example.org/1</r:link><r:description>It rains.</r:description>
</r:item></r:channel></r:rss>"""


def test_names_of_extensions_are_not_the_feeds(make_document: MakeDocument) -> None:
    """A picture's title and an Atom link before the item's own do not stand for them, whatever the prefixes."""
    (paper,) = parse(make_document(OWN)).sightings
    assert (paper.title, paper.url, paper.abstract) == ("Rain", "https://example.org/1", "It rains.")


def test_an_entry_that_is_a_document(make_document: MakeDocument) -> None:
    """Atom allows an entry without a feed around it (RFC 4287, section 2); so do we."""
    body = "<entry xmlns='http://www.w3.org/2005/Atom'><title>Rain</title><id>https://doi.org/10.1000/x</id></entry>"
    listing = parse(make_document(body))
    assert (listing.format, listing.sightings[0].title) == ("atom", "Rain")
    assert listing.sightings[0].keys == ("doi:10.1000/x",)


def test_rss_1_1(make_document: MakeDocument) -> None:
    """RSS 1.1 (http://inamidst.com/rss1.1/) has a Channel with all items in a list."""
    body = """<Channel xmlns="http://purl.org/net/rss1.1#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <title>Clouds</title><items rdf:parseType="Collection"><item rdf:about="https://example.org/1"><title>Rain</title>
    <link>https://example.org/1</link></item><item><title>Hail</title></item></items></Channel>"""
    listing = parse(make_document(body))
    assert (listing.format, [paper.title for paper in listing.sightings]) == ("rss", ["Rain", "Hail"])


ATOM_03 = """<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Clouds</title><entry>
<title mode="base64" type="text/html">UmFpbiA8Yj5vbjwvYj4gQ2xvdWRz</title>
<summary mode="escaped" type="text/html">&lt;p&gt;It rains.&lt;/p&gt;</summary></entry>
<entry><title mode="base64">no base 64 at all</title><content type="image/png">iVBORw0KGgo=</content></entry></feed>"""


def test_the_content_modes_of_atom_03(make_document: MakeDocument) -> None:
    """Base64 and escaped text are read; what says base64 and is none stays; a picture is no abstract."""
    one, other = parse(make_document(ATOM_03)).sightings
    assert (one.title, one.abstract) == ("Rain on Clouds", "It rains.")
    assert (other.title, other.abstract) == ("no base 64 at all", "")
