"""Composing: slots in local time, sections, caps, and each paper once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.compose import MAX_SHOWN, MAX_UPDATES, compose, newest_slot, next_due, with_history
from digest.model import (
    Cadence,
    DailyCounts,
    Digest,
    Due,
    Event,
    EventKind,
    Hit,
    Order,
    Paper,
    Scored,
    Settings,
    Span,
    Subscriber,
    Subscription,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ADA = Subscriber(id=1, address="ada@example.org", created_at=NOW)


def subscription(key: int, query: str, **settings: object) -> Subscription:
    return Subscription(
        id=key,
        subscriber_id=1,
        query=query,
        settings=Settings(**settings),  # type: ignore[arg-type]
        due_at=NOW,
        due_on=NOW.date(),
        created_at=NOW,
    )


def event(key: int, kind: EventKind = EventKind.NEW, *, paper: int = 0, note: str = "", **facts: object) -> Event:
    of = Paper(id=paper or key, title=f"Paper {paper or key}", first_seen_at=NOW, **facts)  # type: ignore[arg-type]
    return Event(id=key, kind=kind, paper=of, at=NOW, note=note)


def composed(
    subscriptions: Sequence[Subscription],
    events: Sequence[Event],
    hits: dict[int, dict[int, float]],
    *,
    told: frozenset[int] = frozenset(),
    subscriber: Subscriber = ADA,
) -> Digest | None:
    """Compose with ``hits`` given as subscription id -> event id -> score."""
    places = {e.id: n for n, e in enumerate(events)}
    scored = {s: [Scored(places[e], score) for e, score in of.items()] for s, of in hits.items()}
    due = Due(subscriber=subscriber, subscriptions=tuple(subscriptions))
    return compose(due, events, scored, told, lambda query, _: Hit(terms=(query,)), NOW)


def shown(digest: Digest | None) -> list[list[int]]:
    assert digest is not None
    return [[item.paper.id for item in section.items] for section in digest.sections]


def test_a_paper_stands_once_under_its_best_section_and_says_where_else_it_matched() -> None:
    """Two subscriptions match one paper: it is shown under the better score, the other is named."""
    both = [subscription(1, "mamba"), subscription(2, "diffusion")]
    digest = composed(both, [event(1), event(2)], {1: {1: 1.0, 2: 2.0}, 2: {2: 3.0}})
    assert shown(digest) == [[1], [2]]
    assert digest is not None
    assert digest.sections[1].items[0].also_in == ("mamba",)


def test_a_paper_the_reader_has_had_is_never_shown_again() -> None:
    """What the ledger holds is left out, and where nothing else is left nothing is sent."""
    mine = [subscription(1, "mamba")]
    assert shown(composed(mine, [event(1), event(2)], {1: {1: 1.0, 2: 1.0}}, told=frozenset({1}))) == [[2]]
    assert composed(mine, [event(1)], {1: {1: 1.0}}, told=frozenset({1})) is None


def test_a_paper_with_two_new_events_stands_once() -> None:
    """A split or a re-sent event cannot double a paper inside one digest."""
    digest = composed([subscription(1, "q")], [event(1, paper=7), event(2, paper=7)], {1: {1: 1.0, 2: 1.0}})
    assert shown(digest) == [[7]]


def test_events_at_or_below_a_subscriptions_own_cursor_are_not_for_it() -> None:
    """A daily and a weekly subscription read the same events from different places."""
    mine = [replace(subscription(1, "daily"), cursor=1), subscription(2, "weekly")]
    digest = composed(mine, [event(1), event(2)], {1: {1: 9.0, 2: 9.0}, 2: {1: 1.0, 2: 1.0}})
    assert shown(digest) == [[2], [1]]
    assert digest is not None
    assert digest.scanned == 2


def test_the_cap_keeps_the_best_and_leaves_the_rest_one_click_away() -> None:
    """Nothing the cap leaves out is lost: it is in the digest, beside what is shown."""
    hits = {1: {n: float(n) for n in range(1, 6)}}
    digest = composed([subscription(1, "q", max_papers=2)], [event(n) for n in range(1, 6)], hits)
    assert shown(digest) == [[5, 4]]
    assert digest is not None
    assert [item.paper.id for item in digest.sections[0].left_out] == [3, 2, 1]


def test_a_digest_of_many_subscriptions_stays_short_and_the_longest_give_way() -> None:
    """More than one mail holds: the small section is whole, the large ones share the rest, no paper is lost."""
    queries = {1: range(1, 4), 2: range(4, 54), 3: range(54, 104)}
    mine = [subscription(key, f"q{key}", max_papers=50) for key in queries]
    hits = {key: {n: float(n) for n in of} for key, of in queries.items()}
    digest = composed(mine, [event(n) for n in range(1, 104)], hits)
    assert digest is not None
    assert [len(section.items) for section in digest.sections] == [3, 10, 10]
    assert [len(section.items) + len(section.left_out) for section in digest.sections] == [3, 50, 50]


@pytest.mark.parametrize(
    ("order", "expected"), [(Order.RELEVANCE, [2, 1, 3]), (Order.NEWEST, [3, 1, 2]), (Order.UPVOTES, [1, 3, 2])]
)
def test_a_section_stands_in_the_readers_order(order: Order, expected: list[int]) -> None:
    """Relevance, newest first or most upvotes first, as the subscription says."""
    events = [
        event(1, published=date(2026, 11, 2), upvotes=9),
        event(2, published=date(2026, 11, 1)),
        event(3, published=date(2026, 11, 3), upvotes=5),
    ]
    digest = composed([subscription(1, "q", order=order)], events, {1: {1: 1.0, 2: 2.0, 3: 0.5}})
    assert shown(digest) == [expected]


def test_an_authors_paper_stands_first_whatever_the_order_and_the_cap() -> None:
    """What an ``author:`` query pins is never pushed down by a score, nor out by the cap."""
    events = [event(1, upvotes=900), event(2, upvotes=1)]
    due = Due(subscriber=ADA, subscriptions=(subscription(1, "author:Lovelace OR mamba", max_papers=1),))
    spans = {1: (Span("title", 0, 5),), 2: (Span("authors", 0, 8),)}
    digest = compose(
        due,
        events,
        {1: [Scored(0, 9.0), Scored(1, 1.0)]},
        frozenset(),
        lambda _, paper: Hit(spans=spans[paper.id]),
        NOW,
    )
    assert shown(digest) == [[2]]


def test_upvotes_and_freshness_decide_between_equals_and_never_outweigh_a_word() -> None:
    """Equal scores: the popular one first, then the fresh one; a clearly better match stays above both."""
    events = [
        event(1, published=date(2026, 11, 1)),
        event(2, published=date(2026, 11, 20)),
        event(3, published=date(2026, 11, 1), upvotes=5000),
        event(4, published=date(2020, 1, 1)),
    ]
    digest = composed([subscription(1, "q")], events, {1: {1: 1.0, 2: 1.0, 3: 1.0, 4: 2.0}})
    assert shown(digest) == [[4, 3, 2, 1]]


def test_a_hit_below_the_minimum_score_is_no_hit() -> None:
    """min_score drops weak matches altogether."""
    digest = composed([subscription(1, "q", min_score=1.5)], [event(1), event(2)], {1: {1: 1.0, 2: 2.0}})
    assert shown(digest) == [[2]]


def test_a_subscription_counts_its_new_papers_by_local_day_over_thirty_days() -> None:
    """What came in before midnight counts for that day; days without a digest are there; the oldest fall out."""
    reader = replace(ADA, timezone="Pacific/Auckland")
    old = DailyCounts(date(2026, 11, 18), (7, *[0] * 28, 3))
    one = replace(subscription(1, "q"), history=old)
    events = [event(1), event(2, EventKind.REVISED), replace(event(3), at=NOW - timedelta(hours=2)), event(4)]
    due = Due(subscriber=reader, subscriptions=(one, subscription(2, "other")))
    hits = {1: [Scored(0, 1.0), Scored(1, 1.0), Scored(2, 1.0)]}
    counted, other = with_history(due, events, hits, NOW).subscriptions
    assert counted.history == DailyCounts(date(2026, 11, 21), (*[0] * 26, 3, 0, 1, 1))
    assert other.history == DailyCounts(date(2026, 11, 21), (0,) * 30)
    again = with_history(Due(subscriber=reader, subscriptions=(counted,)), [], {}, NOW + timedelta(days=1))
    assert again.subscriptions[0].history == DailyCounts(date(2026, 11, 22), (*[0] * 25, 3, 0, 1, 1, 0))


def test_an_empty_day_sends_nothing_unless_asked() -> None:
    """empty_digest sends a digest without sections."""
    assert composed([subscription(1, "q")], [event(1)], {}) is None
    digest = composed([subscription(1, "q", empty_digest=True)], [event(1)], {})
    assert digest is not None
    assert digest.is_empty
    assert digest.scanned == 1


def test_revisions_and_withdrawals_come_in_a_section_of_their_own_for_those_who_ask() -> None:
    """An update of a paper the reader has had is told once, with its newest word."""
    events = [
        event(1, EventKind.REVISED, paper=5, note="version 2: title changed"),
        event(2, EventKind.REVISED, paper=5, note="version 3: abstract changed"),
        event(3, EventKind.WITHDRAWN, paper=6, note="withdrawn"),
    ]
    hits = {1: {1: 1.0, 2: 1.0, 3: 1.0}}
    assert composed([subscription(1, "q")], events, hits) is None
    digest = composed([subscription(1, "q", events=True)], events, hits, told=frozenset({5}))
    assert digest is not None
    assert [(item.paper.id, item.note) for item in digest.updates] == [
        (6, "withdrawn"),
        (5, "version 3: abstract changed"),
    ]


def test_what_happened_to_a_paper_that_is_new_stands_with_it() -> None:
    """A weekly reader meets a paper once, also where it was revised and became popular within the week."""
    events = [
        event(1, paper=5),
        event(2, EventKind.REVISED, paper=5, note="version 2: title changed"),
        event(3, EventKind.HOT, paper=5, note="passed 100 upvotes"),
    ]
    digest = composed([subscription(1, "q", events=True)], events, {1: {1: 1.0, 2: 1.0, 3: 1.0}})
    assert digest is not None
    assert digest.updates == ()
    assert [(i.kind, i.note) for i in digest.items] == [(EventKind.NEW, "version 2: title changed; passed 100 upvotes")]


def test_updates_have_a_cap_of_their_own_and_never_crowd_out_a_withdrawal() -> None:
    """A day of mass revisions leaves room for what is new, and says how many updates it does not show."""
    revised = [event(n, EventKind.REVISED, paper=n, note="version 2") for n in range(1, 40)]
    events = [*revised, event(40, EventKind.WITHDRAWN, paper=40, note="withdrawn")]
    events += [event(n) for n in range(41, 81)]
    hits = {1: {e.id: 1.0 for e in events}}
    digest = composed([subscription(1, "q", events=True, max_papers=100)], events, hits)
    assert digest is not None
    assert len(digest.updates) == MAX_UPDATES
    assert digest.updates[0].note == "withdrawn"
    assert len(digest.items) == MAX_SHOWN
    assert len(digest.updates_left_out) == 40 - MAX_UPDATES
    assert not set(digest.updates) & set(digest.updates_left_out)


def test_a_digest_made_late_is_the_digest_of_its_newest_slot() -> None:
    """Three days of downtime end in one digest, dated by the slot that passed last, and the next is the next one."""
    reader = replace(ADA, timezone="America/New_York", send_at=time(8, 30))
    early = replace(reader, send_at=time(6, 30))
    digest = composed([subscription(1, "q")], [event(1)], {1: {1: 1.0}}, subscriber=reader)
    assert digest is not None
    assert (digest.slot, digest.next_on) == ("2026-11-19", date(2026, 11, 20))
    digest = composed([subscription(1, "q")], [event(1)], {1: {1: 1.0}}, subscriber=early)
    assert digest is not None
    assert (digest.slot, digest.next_on) == ("2026-11-20", date(2026, 11, 21))


def test_digests_sent_at_once_have_a_slot_each() -> None:
    """Two at-once digests of one day differ by the last event they looked at."""
    digest = composed([subscription(1, "q", cadence=Cadence.AT_ONCE)], [event(41)], {1: {41: 1.0}})
    assert digest is not None
    assert digest.slot == "2026-11-20.41"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings(), ["2026-11-21", "2026-11-22", "2026-11-23"]),
        (Settings(cadence=Cadence.WEEKDAYS), ["2026-11-23", "2026-11-24", "2026-11-25"]),
        (Settings(cadence=Cadence.WEEKDAYS, weekdays=(1, 3)), ["2026-11-24", "2026-11-26", "2026-12-01"]),
        (Settings(cadence=Cadence.WEEKLY), ["2026-11-23", "2026-11-30", "2026-12-07"]),
        (Settings(cadence=Cadence.WEEKLY, weekdays=(0, 3)), ["2026-11-23", "2026-11-26", "2026-11-30"]),
        (Settings(cadence=Cadence.WEEKLY, weekdays=(4,)), ["2026-11-27", "2026-12-04", "2026-12-11"]),
    ],
)
def test_slots_follow_the_cadence(settings: Settings, expected: list[str]) -> None:
    """From Friday noon on: every day, workdays, chosen days, once a week."""
    days, after = [], NOW
    for _ in expected:
        due = next_due(ADA, settings, after)
        days.append(due.on.isoformat())
        after = due.at
    assert days == expected


def test_a_dst_change_neither_skips_nor_doubles_a_local_date() -> None:
    """Berlin, 02:30, through both changes of 2026: every local date has one slot, in order."""
    reader = replace(ADA, timezone="Europe/Berlin", send_at=time(2, 30))
    for start in (datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)):
        days, after = [], start
        for _ in range(6):
            due = next_due(reader, Settings(), after)
            assert due.at > after
            days.append(due.on)
            after = due.at
        assert days == [days[0] + timedelta(days=n) for n in range(6)]


ZONES = st.sampled_from(
    [
        "UTC",
        "America/Nuuk",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Europe/London",
    ]
)


@given(
    zone=ZONES,
    minutes=st.integers(0, 1439),
    after=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    cadence=st.sampled_from([Cadence.DAILY, Cadence.WEEKDAYS, Cadence.WEEKLY]),
)
def test_the_next_slot_is_later_and_is_then_the_newest(
    zone: str, minutes: int, after: datetime, cadence: Cadence
) -> None:
    """For any zone, time of day and instant: next due > now, and at that instant the newest slot is that date."""
    reader = replace(ADA, timezone=zone, send_at=time(minutes // 60, minutes % 60))
    settings = Settings(cadence=cadence)
    due = next_due(reader, settings, after)
    assert due.at > after
    assert newest_slot(reader, settings, due.at) == due.on
    assert abs(due.at.astimezone(ZoneInfo(zone)).date() - due.on) <= timedelta(days=1)
