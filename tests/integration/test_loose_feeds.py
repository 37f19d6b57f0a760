"""feedparser in its child: forgiving, and held on a short lead."""

from __future__ import annotations

import pytest

from digest.errors import ListingError
from digest.model import Document
from digest.parsers import parse
from digest.sources.loose import LooseReader, read_loosely


def document(body: bytes) -> Document:
    """Return a document of these bytes."""
    return Document(source="files", name="feed.xml", body=body)


def test_a_broken_feed_gives_its_entries() -> None:
    """Bare ampersands and HTML entities do not cost an entry; fields arrive as they are."""
    body = b"""<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Clouds</title>
    <item><title>Rain &nbsp; & Clouds</title><link>https://example.org/1</link><dc:creator>Ada Lovelace</dc:creator>
    <description>&lt;p&gt;It &lt;i&gt;rains&lt;/i&gt;.&lt;/p&gt;</description><category>clouds</category>
    <guid>https://doi.org/10.1000/x</guid><pubDate>Wed, 19 Aug 2026 10:00:00 GMT</pubDate></item></channel></rss>"""
    (paper,) = parse(document(body), loose=read_loosely).sightings
    assert paper.title == "Rain & Clouds"
    assert paper.abstract == "It rains."
    assert paper.authors == ("Ada Lovelace",)
    assert paper.keys == ("doi:10.1000/x",)
    assert str(paper.published) == "2026-08-19"


@pytest.mark.parametrize("body", [b"/etc/hostname", b"http://localhost:1/feed", b"", b"\0\1\2"])
def test_bytes_are_never_taken_for_a_place(body: bytes) -> None:
    """A path or an address is no feed, and is not opened."""
    with pytest.raises(ListingError) as caught:
        read_loosely(document(body))
    assert caught.value.place == "feed.xml"
    assert caught.value.hint


def test_a_feed_that_costs_too_much_is_refused() -> None:
    """Nonsense ends in an error within the child's seconds or memory, not in a hang."""
    nonsense = b"<rss version='2.0'><channel>" + b"<" * 4_000_000
    with pytest.raises(ListingError, match=r"more time or memory"):
        LooseReader(seconds=1)(document(nonsense))
    with pytest.raises(ListingError, match=r"more time or memory"):
        LooseReader(memory=24 << 20)(document(b"<rss></rss>"))
    with pytest.raises(ListingError, match="too large"):
        read_loosely(document(b"<rss>" + b" " * (9 << 20)))
