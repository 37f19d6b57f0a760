"""Hits to digest: sections, order, caps, reasons; and when the next one is due.

A slot is the local date and time of day at which a subscription's digest is due; what is due is data (an instant and
its local date), so a DST change, a restart or a second scheduler neither doubles nor drops one. A digest composed
late is the digest of its newest slot, so missed days come as one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

from digest.model import (
    Cadence,
    DailyCounts,
    Digest,
    Due,
    Event,
    EventKind,
    Hit,
    Item,
    NextDue,
    Order,
    Paper,
    Scored,
    Section,
    Settings,
    Subscriber,
    Subscription,
)

Explain = Callable[[str, Paper], Hit | None]
"""Says why a query matches a paper: ``Matcher.explain``."""

HISTORY_DAYS = 30
"""How far back a subscription counts its papers."""

MAX_SHOWN = 24
"""Papers shown in one digest, whatever its subscriptions allow: each takes up to 3.9 KB of HTML, and Gmail
clips mail at about 102 KB and hides its end."""

MAX_UPDATES = 8
"""Updates among them; withdrawals come first, then what has become popular."""

UPVOTES_WEIGHT, HALF_UPVOTES = 0.5, 20
FRESH_WEIGHT, HALF_DAYS = 0.4, 3

_URGENCY = (EventKind.WITHDRAWN, EventKind.HOT, EventKind.REVISED, EventKind.NEW)
_WORKDAYS = (0, 1, 2, 3, 4)
_ONE_DAY = timedelta(days=1)
_BEFORE_ANY = date.min


def next_due(subscriber: Subscriber, settings: Settings, after: datetime) -> NextDue:
    """Return the first slot strictly after an instant; for at-once subscriptions that instant itself."""
    zone = ZoneInfo(subscriber.timezone)
    day = after.astimezone(zone).date()
    if settings.cadence is Cadence.AT_ONCE:
        return NextDue(at=after, on=day)
    day -= _ONE_DAY
    while not (_is_slot(settings, day) and _instant(subscriber, day) > after):
        day += _ONE_DAY
    return NextDue(at=_instant(subscriber, day), on=day)


def newest_slot(subscriber: Subscriber, settings: Settings, now: datetime) -> date:
    """Return the local date of the last slot at or before ``now``."""
    day = now.astimezone(ZoneInfo(subscriber.timezone)).date() + _ONE_DAY
    if settings.cadence is Cadence.AT_ONCE:
        return day - _ONE_DAY
    while not (_is_slot(settings, day) and _instant(subscriber, day) <= now):
        day -= _ONE_DAY
    return day


def with_history(due: Due, events: Sequence[Event], hits: Mapping[int, Sequence[Scored]], now: datetime) -> Due:
    """Return who is due with the new papers of each of their subscriptions counted by local day."""
    zone = ZoneInfo(due.subscriber.timezone)
    today = now.astimezone(zone).date()
    counted = []
    for subscription in due.subscriptions:
        found = _fresh_hits(subscription, events, hits.get(subscription.id, ())).values()
        days = Counter(f.event.at.astimezone(zone).date() for f in found if f.event.kind is EventKind.NEW)
        counted.append(replace(subscription, history=_continued(subscription.history, days, today)))
    return replace(due, subscriptions=tuple(counted))


def _continued(before: DailyCounts | None, days: Mapping[date, int], today: date) -> DailyCounts:
    """Return the counts of the last ``HISTORY_DAYS`` days, today the last."""
    total = Counter(days)
    if before is not None:
        total.update({before.until - back * _ONE_DAY: n for back, n in enumerate(reversed(before.counts))})
    window = (today - back * _ONE_DAY for back in reversed(range(HISTORY_DAYS)))
    return DailyCounts(today, tuple(total[day] for day in window))


def compose(
    due: Due,
    events: Sequence[Event],
    hits: Mapping[int, Sequence[Scored]],
    told: frozenset[int],
    explain: Explain,
    now: datetime,
) -> Digest | None:
    """Compose the digest of one due subscriber, or return ``None`` where there is nothing to send.

    ``hits`` maps a subscription's id to places in ``events``; events at or below a subscription's own cursor are not
    for it. ``told`` holds the ids of papers the subscriber has had before.
    """
    found = {s.id: _fresh_hits(s, events, hits.get(s.id, ())) for s in due.subscriptions}
    draft = _Draft(due.subscriptions, found, explain, told, now.date())
    updates = draft.updates()
    sections = _within(draft.sections(), MAX_SHOWN - len(updates[:MAX_UPDATES]))
    shown = tuple(section for section in sections if section.items)
    if not shown and not updates and not any(s.settings.empty_digest for s in due.subscriptions):
        return None
    day = max(newest_slot(due.subscriber, s.settings, now) for s in due.subscriptions)
    lowest = min(s.cursor for s in due.subscriptions)
    return Digest(
        subscriber=due.subscriber,
        slot=_slot(due.subscriptions, day, events),
        day=day,
        composed_at=now,
        sections=shown,
        updates=updates[:MAX_UPDATES],
        updates_left_out=updates[MAX_UPDATES:],
        scanned=len(events) - bisect_right(events, lowest, key=attrgetter("id")),
        next_on=min(next_due(due.subscriber, s.settings, now).on for s in due.subscriptions),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """A hit of one subscription on one event, before it is explained."""

    event: Event
    score: float


def _fresh_hits(subscription: Subscription, events: Sequence[Event], scored: Sequence[Scored]) -> dict[int, _Found]:
    """Return a subscription's own hits by event id: above its cursor and at least its minimum score."""
    found = (_Found(events[s.position], s.score) for s in scored if s.score >= subscription.settings.min_score)
    return {f.event.id: f for f in found if f.event.id > subscription.cursor}


class _Draft:
    """One subscriber's hits on their way into sections: costs what was found, not what was scanned.

    ``found`` are the hits by subscription id and event id.
    """

    def __init__(
        self,
        subscriptions: Sequence[Subscription],
        found: Mapping[int, Mapping[int, _Found]],
        explain: Explain,
        told: frozenset[int],
        today: date,
    ) -> None:
        self.subscriptions = subscriptions
        self.found = found
        self.explain = explain
        self.today = today
        events = {f.event.id: f.event for of in found.values() for f in of.values()}
        self.events = [events[key] for key in sorted(events)]
        self.placed = self._placed(told)
        self.new = {events[key].paper.id for key in self.placed}
        self.changes = [e for e in self.events if e.kind is not EventKind.NEW]

    def sections(self) -> list[Section]:
        return [self._section(s, [e for e in self.events if self.placed.get(e.id) == s.id]) for s in self.subscriptions]

    def updates(self) -> tuple[Item, ...]:
        """Return what happened to known papers, for the subscriptions that ask for it; the newest word on each.

        What happened to a paper that is new in this digest stands with the paper.
        """
        wanting = [s for s in self.subscriptions if s.settings.events]
        newest: dict[tuple[int, EventKind], Item] = {}
        for event in self.changes:
            subscription = next((s for s in wanting if event.id in self.found[s.id]), None)
            if subscription is not None and event.paper.id not in self.new:
                newest[event.paper.id, event.kind] = self._item(event, subscription)
        return tuple(sorted(newest.values(), key=lambda item: _URGENCY.index(item.kind)))

    def _placed(self, told: frozenset[int]) -> dict[int, int]:
        """Return, by event id, the subscription a new paper stands under: the best score, else the first asked."""
        placed: dict[int, int] = {}
        seen = set(told)
        for event in self.events:
            if event.kind is EventKind.NEW and event.paper.id not in seen:
                seen.add(event.paper.id)
                matching = [s for s in self.subscriptions if event.id in self.found[s.id]]
                placed[event.id] = max(matching, key=lambda s: self.found[s.id][event.id].score).id
        return placed

    def _section(self, subscription: Subscription, mine: Sequence[Event]) -> Section:
        items = _ordered([self._item(event, subscription) for event in mine], subscription.settings.order, self.today)
        cap = subscription.settings.max_papers
        return Section(subscription=subscription, items=tuple(items[:cap]), left_out=tuple(items[cap:]))

    def _item(self, event: Event, subscription: Subscription) -> Item:
        hit = self.explain(subscription.query, event.paper) or Hit()
        score = self.found[subscription.id][event.id].score
        also_in = tuple(s.title for s in self.subscriptions if s.id != subscription.id and event.id in self.found[s.id])
        note = self._whole_note(event) if event.kind is EventKind.NEW else event.note
        return Item(paper=event.paper, kind=event.kind, hit=replace(hit, score=score), also_in=also_in, note=note)

    def _whole_note(self, new: Event) -> str:
        """Return a new paper's note, and what happened to it between its coming and this digest."""
        later = (e.note for e in self.changes if e.paper.id == new.paper.id and e.id > new.id)
        return "; ".join(dict.fromkeys(note for note in (new.note, *later) if note))


def _within(sections: Sequence[Section], limit: int) -> list[Section]:
    """Return sections that show at most ``limit`` papers together: the longest give way first, to what is left out."""
    longest = max((len(section.items) for section in sections), default=0)
    while sum(min(len(section.items), longest) for section in sections) > limit:
        longest -= 1
    return [
        replace(section, items=section.items[:longest], left_out=section.items[longest:] + section.left_out)
        for section in sections
    ]


def _ordered(items: Sequence[Item], order: Order, today: date) -> list[Item]:
    """Return items in the reader's order, those pinned by an author's name first.

    Ties go to upvotes, then to the newest, then to the first seen.
    """
    ranked = sorted(items, key=attrgetter("paper.id"))
    ranked.sort(key=lambda item: item.paper.published or _BEFORE_ANY, reverse=True)
    if order is not Order.NEWEST:
        ranked.sort(key=lambda item: item.paper.upvotes or 0, reverse=True)
    if order is Order.RELEVANCE:
        ranked.sort(key=lambda item: -worth(item, today))
    return sorted(ranked, key=lambda item: not _is_pinned(item))


def worth(item: Item, today: date) -> float:
    """Return what ``Order.RELEVANCE`` sorts by: the BM25F score plus what upvotes and freshness add.

    Each adds at most its weight and half of it at its half-way point, ``w * x / (k + x)``: the saturating form for
    evidence that is not of the query (N. Craswell, S. Robertson, H. Zaragoza, M. Taylor, "Relevance weighting for
    query independent evidence", SIGIR 2005). Together they are less than
    one matched title word of idf 1 (about 1.5).
    """
    upvotes = item.paper.upvotes or 0
    age = max(0, (today - (item.paper.published or item.paper.first_seen_at.date())).days)
    popular = UPVOTES_WEIGHT * upvotes / (HALF_UPVOTES + upvotes)
    fresh = FRESH_WEIGHT * HALF_DAYS / (HALF_DAYS + age)
    return item.hit.score + popular + fresh


def _is_pinned(item: Item) -> bool:
    """Return whether an author the reader asked for wrote it."""
    return any(span.field == "authors" for span in item.hit.spans)


def _slot(subscriptions: Sequence[Subscription], day: date, events: Sequence[Event]) -> str:
    if all(s.settings.cadence is Cadence.AT_ONCE for s in subscriptions):
        return f"{day.isoformat()}.{events[-1].id if events else 0}"
    return day.isoformat()


def _is_slot(settings: Settings, day: date) -> bool:
    if settings.cadence is Cadence.WEEKDAYS:
        return day.weekday() in (settings.weekdays or _WORKDAYS)
    if settings.cadence is Cadence.WEEKLY:
        return day.weekday() in (settings.weekdays or (0,))
    return True


def _instant(subscriber: Subscriber, day: date) -> datetime:
    """Return the instant of a subscriber's time of day on a local date; in a DST gap, as if the clock had not moved."""
    return datetime.combine(day, subscriber.send_at, ZoneInfo(subscriber.timezone)).astimezone(UTC)
