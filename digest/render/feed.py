"""What the feed templates see.

Item ids are tag URIs (RFC 4151) of feed and paper: they never change, and they differ from feed to feed, because some
readers keep items by id across all feeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup, escape

from digest.model import EventKind, FeedEntry, Subscriber
from digest.render.mail import Letterhead
from digest.render.papers import PaperView, paper_view

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without entries was last changed."""


@dataclass(frozen=True, slots=True)
class EntryView:
    """One item of a feed: ``html`` is its content, ``id`` is stable for ever."""

    id: str
    title: str
    url: str
    authors: str
    html: str
    text: str
    section: str
    at: datetime
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedView:
    """A subscriber's feed. ``home`` and ``self_url`` are "" where there is no web server."""

    id: str
    title: str
    description: str
    home: str
    self_url: str
    updated: datetime
    entries: tuple[EntryView, ...]


def feed_view(
    subscriber: Subscriber, entries: Sequence[FeedEntry], home: str, self_url: str, letterhead: Letterhead
) -> FeedView:
    """Return what the feed templates see of a subscriber's entries, each paper's id once."""
    base = f"tag:{letterhead.domain},2026:digest/{subscriber.id}"
    views: dict[str, EntryView] = {}
    for entry in entries:
        view = _entry(entry, base, home)
        views.setdefault(view.id, view)
    return FeedView(
        id=base,
        title="Paper digest",
        description="New papers that match your saved queries, each once, with the reason why.",
        home=home or f"https://{letterhead.domain}/",
        self_url=self_url,
        updated=max((view.at for view in views.values()), default=NEVER),
        entries=tuple(views.values()),
    )


def _entry(entry: FeedEntry, base: str, home: str) -> EntryView:
    paper = paper_view(entry.item)
    is_new = entry.item.kind is EventKind.NEW
    occasion = f"paper/{paper.paper.id}" if is_new else f"{entry.item.kind.value}/{paper.paper.id}/{entry.slot}"
    return EntryView(
        id=f"{base}/{occasion}",
        title=paper.title if is_new else f"[{paper.mark}] {paper.title}",
        url=paper.url or home,
        authors=paper.authors,
        html=str(_html(paper, entry.section)),
        text=paper.abstract,
        section=entry.section,
        at=entry.delivered_at,
        tags=tuple(dict.fromkeys((entry.section, *paper.paper.categories))),
    )


def _html(paper: PaperView, section: str) -> Markup:
    lines = [escape(part) for part in (paper.authors, " · ".join(paper.facts)) if part]
    said = f"{section}: {paper.why}" + (f" — {paper.note}" if paper.note else "")
    links = Markup(" · ").join(Markup('<a href="{}">{}</a>').format(url, name) for name, url in paper.links)
    parts = [Markup("<p>{}</p>").format(Markup("<br>").join(lines))] if lines else []
    parts += [Markup("<p><em>{}</em></p>").format(said)]
    parts += [Markup("<p>{}</p>").format(paragraph) for paragraph in paper.abstract.split("\n") if paragraph]
    parts += [Markup("<p>{}</p>").format(links)] if links else []
    return Markup("").join(parts)
