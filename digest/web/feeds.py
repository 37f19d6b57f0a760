"""Rendered feeds, kept compressed: most readers poll hourly for what changes daily."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from digest.model import FeedEntry, FeedFormat, Subscriber
from digest.web.site import Site

CONTENT_TYPES = {
    FeedFormat.RSS: "application/rss+xml; charset=utf-8",
    FeedFormat.ATOM: "application/atom+xml; charset=utf-8",
    FeedFormat.JSON: "application/feed+json",
}
"""RSS has no registered type but this is what everybody sends; RFC 4287, section 7; JSON Feed 1.1."""

KEPT = 512
"""How many rendered feeds are kept: at 30 KB each, 15 MB."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A feed as it is sent: gzipped bytes, the strong validator of the plain ones, when its newest entry came."""

    gzipped: bytes
    etag: str
    modified_at: datetime

    def plain(self) -> bytes:
        """Return the bytes for a reader that does not take gzip."""
        return gzip.decompress(self.gzipped)


class Feeds:
    """Renders a reader's feed, or hands out what it rendered before where nothing in it has changed."""

    def __init__(self, site: Site, *, kept: int = KEPT) -> None:
        self._site = site
        self._kept = kept
        self._rendered: OrderedDict[tuple[int, FeedFormat], tuple[int, Rendered]] = OrderedDict()
        self._lock = Lock()

    def get(self, subscriber: Subscriber, feed_format: FeedFormat) -> Rendered:
        """Return the feed of a subscriber."""
        entries = self._site.views.feed(subscriber.id, limit=self._site.entries)
        place, state = (subscriber.id, feed_format), hash((subscriber, tuple(entries)))
        with self._lock:
            before = self._rendered.get(place)
        if before and before[0] == state:
            return before[1]
        rendered = self._render(subscriber, entries, feed_format)
        self._keep(place, state, rendered)
        return rendered

    def _render(self, subscriber: Subscriber, entries: Sequence[FeedEntry], feed_format: FeedFormat) -> Rendered:
        plain = self._site.renderer.feed(subscriber, entries, feed_format)
        newest = max((entry.delivered_at for entry in entries), default=subscriber.created_at)
        return Rendered(gzip.compress(plain, mtime=0), hashlib.sha256(plain).hexdigest()[:32], newest)

    def _keep(self, place: tuple[int, FeedFormat], state: int, rendered: Rendered) -> None:
        with self._lock:
            self._rendered[place] = (state, rendered)
            self._rendered.move_to_end(place)
            while len(self._rendered) > self._kept:
                self._rendered.popitem(last=False)
