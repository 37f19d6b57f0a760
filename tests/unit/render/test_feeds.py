"""Feeds: well-formed whatever the papers hold, with ids that never change."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from email.utils import parsedate_to_datetime

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.links import LinkMaker
from digest.model import Digest, EventKind, FeedFormat
from digest.render import TemplateRenderer
from tests.unit.render.conftest import ADA, LETTERHEAD, NOW, TEMPLATES, digest, entries, item, paper, section

ATOM = "{http://www.w3.org/2005/Atom}"
LINKS = LinkMaker(b"k" * 32, base_url="https://digest.example", mail_domain="digest.example")
RENDERER = TemplateRenderer([TEMPLATES], LINKS, LETTERHEAD)
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(title=ANY_TEXT, abstract=ANY_TEXT, author=ANY_TEXT, query=ANY_TEXT)
def test_every_feed_is_well_formed_whatever_a_paper_holds(title: str, abstract: str, author: str, query: str) -> None:
    """Control characters, markup and quotes in titles, abstracts, names and queries never break a feed."""
    of = entries(digest(section(1, query, item(paper(title=title, abstract=abstract, authors=(author,))))))
    for feed_format in (FeedFormat.RSS, FeedFormat.ATOM):
        raw = RENDERER.feed(ADA, of, feed_format)
        ET.fromstring(raw)
        assert feedparser.parse(raw).bozo == 0
    assert json.loads(RENDERER.feed(ADA, of, FeedFormat.JSON))["items"][0]["content_html"]


@pytest.mark.parametrize("feed_format", list(FeedFormat))
def test_ids_are_the_papers_own_and_differ_from_feed_to_feed(feed_format: FeedFormat, rich: Digest) -> None:
    """A changed title, counter or day keeps the id; another subscriber's feed has other ids."""
    changed = [
        replace(e, item=replace(e.item, paper=replace(e.item.paper, title="New", upvotes=1))) for e in entries(rich)
    ]
    ids = [feed_ids(RENDERER.feed(ADA, of, feed_format), feed_format) for of in (entries(rich), changed)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3
    other = feed_ids(RENDERER.feed(replace(ADA, id=36), entries(rich), feed_format), feed_format)
    assert not set(other) & set(ids[0])


def feed_ids(raw: bytes, feed_format: FeedFormat) -> list[str]:
    if feed_format is FeedFormat.JSON:
        return [entry["id"] for entry in json.loads(raw)["items"]]
    return [entry.id for entry in feedparser.parse(raw).entries]


def test_rss_has_what_strict_readers_ask_for(rich: Digest) -> None:
    """Guid that is no permalink, one dc:creator, a pubDate with the right weekday, a self link, HTML escaped twice."""
    raw = RENDERER.feed(ADA, entries(rich), FeedFormat.RSS)
    channel = ET.fromstring(raw).find("channel")
    assert channel is not None
    link = channel.find(f"{ATOM}link")
    assert link is not None
    assert link.attrib["href"].startswith("https://digest.example/feeds/")
    first = channel.findall("item")[0]
    guid = first.find("guid")
    assert guid is not None
    assert guid.attrib == {"isPermaLink": "false"}
    assert parsedate_to_datetime(first.findtext("pubDate", "")) == NOW
    assert first.findtext("pubDate", "").startswith("Fri, 20 Nov 2026")
    assert len(first.findall("{http://purl.org/dc/elements/1.1/}creator")) == 1
    description = first.findtext("description", "")
    assert "keeps its recall &lt;intact&gt;" in description
    assert "<em>State space models: matches “mamba”, also in Clocks</em>" in description


def test_atom_has_every_element_rfc_4287_requires(rich: Digest) -> None:
    """id, title, updated on feed and entries, an author, links with rel; content declared as html."""
    feed = ET.fromstring(RENDERER.feed(ADA, entries(rich), FeedFormat.ATOM))
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert element.findtext(f"{ATOM}{name}")
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    assert {link.attrib["rel"] for link in feed.findall(f"{ATOM}link")} == {"self", "alternate"}
    content = feed.find(f"{ATOM}entry/{ATOM}content")
    assert content is not None
    assert content.attrib["type"] == "html"


def test_json_feed_has_what_its_version_1_1_requires(rich: Digest) -> None:
    """version, title, feed_url, items with id and content."""
    feed = json.loads(RENDERER.feed(ADA, entries(rich), FeedFormat.JSON))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"].endswith(".json")
    assert feed["items"][0]["date_published"] == "2026-11-20T07:30:00Z"
    assert feed["items"][0]["tags"] == ["State space models", "cs.LG"]


def test_a_revision_is_an_item_of_its_own() -> None:
    """A reader who has had the paper sees the update as new."""
    new = entries(digest(section(1, "q", item(paper()))))
    update = [replace(new[0], item=item(paper(), kind=EventKind.REVISED, note="version 2: title changed"))]
    both = feedparser.parse(RENDERER.feed(ADA, [*update, *new], FeedFormat.ATOM)).entries
    assert len({entry.id for entry in both}) == 2
    assert both[0].title.startswith("[revised] ")


@pytest.mark.parametrize("feed_format", list(FeedFormat))
def test_an_empty_feed_is_a_feed(feed_format: FeedFormat) -> None:
    """Before the first digest there is something to subscribe to."""
    raw = RENDERER.feed(ADA, [], feed_format)
    assert feed_ids(raw, feed_format) == []
