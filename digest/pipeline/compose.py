"""The second verb: who is due, what is fresh to them, what they get.

    who is due ─▶ fresh events ─▶ matcher ─▶ Digest ─▶ render ─▶ outbox + ledger + next due (one transaction)

Rendering happens before the transaction, never in it. Two composers may run at once: the store commits a subscriber
only if their cursors have not moved since they were read, so one of the two does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from digest import compose
from digest.errors import DigestError, QueryError
from digest.model import ChannelName, Composed, Digest, Due, Event, Hit, NextDue, Paper, Scored, Subscription
from digest.ports import Digests, Matcher, Papers, Renderer

MATCHED_TOGETHER = 10_000
"""How many due subscribers share one pass of the matcher over the fresh papers."""

COMMITTED_TOGETHER = 250
"""How many of them are rendered and committed together: few enough to hold their messages in memory."""


@dataclass(frozen=True, slots=True)
class ComposedFor:
    """What composing did for one due subscriber: a digest, or in words why there is none."""

    due: Due
    digest: Digest | None
    reason: str = ""
    failed: bool = False


def compose_due(
    papers: Papers, digests: Digests, matcher: Matcher, renderer: Renderer, *, now: datetime, dry_run: bool = False
) -> Iterator[ComposedFor]:
    """Compose for everybody who is due at ``now`` and commit batch by batch; yield what was done for whom.

    A subscriber whose digest cannot be made (a broken stored query, a template error) is reported as failed and
    stays due: nothing of theirs is lost, and nobody else waits for it.
    """
    after = 0
    while batch := digests.due(now, limit=MATCHED_TOGETHER, after=after):
        after = batch[-1].subscriber.id
        day = _matched(batch, papers, matcher)
        for chunk in _chunks(batch):
            told = digests.told([due.subscriber.id for due in chunk], day.paper_ids)
            drafts = [_draft(due, day, told.get(due.subscriber.id, frozenset()), renderer, now) for due in chunk]
            yield from _commit(drafts, digests, dry_run=dry_run)


@dataclass(frozen=True, slots=True)
class _Day:
    """The fresh events of one batch, what matched them, and the queries that cannot be understood any more."""

    events: Sequence[Event]
    hits: Mapping[int, Sequence[Scored]]
    broken: Mapping[int, DigestError]
    explain: Callable[[str, Paper], Hit | None]

    @property
    def paper_ids(self) -> list[int]:
        return [event.paper.id for event in self.events]


def _matched(batch: Sequence[Due], papers: Papers, matcher: Matcher) -> _Day:
    """Match one batch of due subscribers against everything that is fresh to any of them.

    Their queries stay in the matcher: one that it knows already costs nothing when it is due again.
    """
    subscriptions = [s for due in batch for s in due.subscriptions]
    broken: dict[int, DigestError] = {}
    for subscription in subscriptions:
        try:
            matcher.put(subscription.id, subscription.query)
        except QueryError as error:
            broken[subscription.id] = error
    events = papers.fresh(min(s.cursor for s in subscriptions))
    among = {subscription.id for subscription in subscriptions} - broken.keys()
    return _Day(events, matcher.match([event.paper for event in events], among), broken, matcher.explain)


def _draft(
    due: Due, day: _Day, told: frozenset[int], renderer: Renderer, now: datetime
) -> tuple[Composed | None, ComposedFor]:
    broken = next((day.broken[s.id] for s in due.subscriptions if s.id in day.broken), None)
    if broken is not None:
        return None, ComposedFor(due, None, str(broken), failed=True)
    due = compose.with_history(due, day.events, day.hits, now)
    cursor = day.events[-1].id if day.events else max(s.cursor for s in due.subscriptions)
    draft = Composed(due=due, cursor=cursor, next_due=next_dues(due, now))
    try:
        digest = compose.compose(due, day.events, day.hits, told, day.explain, now)
        if digest is None:
            return draft, ComposedFor(due, None, why_nothing(due, day.events, day.hits, told))
        message = renderer.message(digest) if _gets_mail(due) else None
    except DigestError as error:
        return None, ComposedFor(due, None, str(error), failed=True)
    return replace(draft, digest=digest, message=message), ComposedFor(due, digest)


def _commit(
    drafts: Sequence[tuple[Composed | None, ComposedFor]], digests: Digests, *, dry_run: bool
) -> Iterator[ComposedFor]:
    committed = frozenset() if dry_run else digests.commit([draft for draft, _ in drafts if draft])
    for draft, outcome in drafts:
        if draft is None or dry_run or draft.due.subscriber.id in committed:
            yield outcome
        else:
            yield replace(outcome, digest=None, reason="another composer was faster")


def next_dues(due: Due, now: datetime) -> dict[int, NextDue]:
    """Return when each of the due subscriptions is due again."""
    return {s.id: compose.next_due(due.subscriber, s.settings, now) for s in due.subscriptions}


def why_nothing(due: Due, events: Sequence[Event], hits: Mapping[int, Sequence[Scored]], told: frozenset[int]) -> str:
    """Say in words why a due subscriber gets no digest."""
    fresh = [event for event in events if any(event.id > s.cursor for s in due.subscriptions)]
    if not fresh:
        return "nothing new since the last digest"
    matched = {events[scored.position].id for s in due.subscriptions for scored in _above(s, events, hits)}
    known = sum(1 for event in fresh if event.id in matched and event.paper.id in told)
    if known:
        return f"scanned {len(fresh)} new, matched {len(matched)}, all sent before"
    return f"scanned {len(fresh)} new, matched {len(matched)}"


def _above(
    subscription: Subscription, events: Sequence[Event], hits: Mapping[int, Sequence[Scored]]
) -> Iterator[Scored]:
    return (s for s in hits.get(subscription.id, ()) if events[s.position].id > subscription.cursor)


def _gets_mail(due: Due) -> bool:
    return due.subscriber.channel is not ChannelName.NONE and not due.subscriber.suppressed


def _chunks(batch: Sequence[Due]) -> Iterator[list[Due]]:
    due = iter(batch)
    while chunk := list(islice(due, COMMITTED_TOGETHER)):
        yield chunk
