"""What every store promises of readers and their saved queries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from digest.model import Cadence, ChannelName, Order, Settings
from digest.store import SqlStore
from tests.contract.making import NOW, ingest, sighting, subscribe, subscriber, subscription


def test_a_reader_reads_back_whole(store: SqlStore) -> None:
    """Address, channel, zone and time of day survive the store, by address and by id."""
    asked = subscriber(
        "Zoë@example.org", channel=ChannelName.FOLDER, timezone="Asia/Kolkata", send_at=time(6, 45), feed_generation=2
    )
    (stored,) = store.subscribers.subscribe(asked, [subscription("mamba")])
    found = store.subscribers.find("Zoë@example.org")
    assert found == replace(asked, id=stored.subscriber_id)
    assert store.subscribers.get(stored.subscriber_id) == found
    assert store.subscribers.find("nobody@example.org") is None
    assert store.subscribers.get(stored.subscriber_id + 1) is None


def test_a_saved_query_reads_back_whole(store: SqlStore) -> None:
    """Query, name, all settings, due instant and local date survive the store."""
    settings = Settings(
        cadence=Cadence.WEEKLY,
        weekdays=(2, 4),
        max_papers=5,
        min_score=0.5,
        order=Order.UPVOTES,
        empty_digest=True,
        events=True,
    )
    asked = subscription('"chain of thought" -survey', name="Reasoning", settings=settings, due_on=date(2026, 11, 25))
    (stored,) = store.subscribers.subscribe(subscriber(), [asked])
    ((owner, again),) = store.subscribers.subscriptions()
    assert again == stored == replace(asked, id=stored.id, subscriber_id=owner.id)


def test_a_new_query_starts_at_the_last_event(store: SqlStore) -> None:
    """Who subscribes today is not told of everything that ever was."""
    ingest(store, sighting("Yesterday's paper"))
    (stored,) = subscribe(store)
    assert stored.cursor == store.papers.fresh(0)[-1].id


def test_all_queries_are_read_a_page_at_a_time(store: SqlStore) -> None:
    """What the engine is made of: every id with its query, and the newest wording."""
    made = [one for n in range(3) for one in subscribe(store, f"reader{n}@example.org", "mamba", f'"word {n}"')]
    store.subscribers.update(replace(made[2], query="jamba"))
    wanted = [(one.id, "jamba" if one is made[2] else one.query) for one in made]
    assert list(store.subscribers.queries()) == wanted
    assert len(wanted) == 6


def test_an_equal_query_is_changed_not_doubled(store: SqlStore) -> None:
    """Saving a query twice changes its settings; how far it has read stays."""
    (first,) = subscribe(store, "ada@example.org", "mamba")
    ingest(store, sighting("Meanwhile"))
    (second,) = subscribe(store, "ada@example.org", "mamba", max_papers=3)
    assert (second.id, second.cursor) == (first.id, first.cursor)
    ((_, stored),) = store.subscribers.subscriptions(first.subscriber_id)
    assert stored.settings.max_papers == 3


def test_queries_of_one_reader_or_of_all_come_by_id(store: SqlStore) -> None:
    """All pairs by id, or those of one reader."""
    subscribe(store, "ada@example.org", "a", "b")
    (theirs,) = subscribe(store, "bob@example.org", "c")
    assert [s.query for _, s in store.subscribers.subscriptions()] == ["a", "b", "c"]
    assert [(owner.address, s) for owner, s in store.subscribers.subscriptions(theirs.subscriber_id)] == [
        ("bob@example.org", theirs)
    ]


def test_a_changed_query_keeps_its_cursor(store: SqlStore) -> None:
    """Editing changes what is asked and when it is due, never what has been read."""
    (mine,) = subscribe(store)
    later = NOW + timedelta(days=2)
    edited = replace(mine, query="mamba", name="Snakes", paused=True, cursor=99, due_at=later, due_on=later.date())
    store.subscribers.update(edited)
    ((_, stored),) = store.subscribers.subscriptions()
    assert stored == replace(edited, cursor=mine.cursor)


def test_a_changed_reader_is_stored(store: SqlStore) -> None:
    """Channel, time, zone, feed generation and suppression can change."""
    subscribe(store)
    ada = store.subscribers.find("ada@example.org")
    assert ada is not None
    changed = replace(ada, suppressed="550 no such user", timezone="Europe/Paris", feed_generation=1)
    store.subscribers.update_subscriber(changed)
    assert store.subscribers.get(ada.id) == changed


def test_a_removed_query_is_gone_and_its_id_never_comes_back(store: SqlStore) -> None:
    """Removing works once; no later subscription inherits the id (feeds and the matcher go by it)."""
    (mine,) = subscribe(store)
    assert store.subscribers.remove(mine.id)
    assert not store.subscribers.remove(mine.id)
    assert not list(store.subscribers.subscriptions())
    (later,) = subscribe(store, "bob@example.org")
    assert later.id > mine.id


def test_a_naive_time_is_refused(store: SqlStore) -> None:
    """An instant without a zone never gets into the store."""
    with pytest.raises(Exception, match="naive datetime"):
        store.subscribers.subscribe(subscriber(), [subscription(due_at=datetime(2026, 11, 20, 6, 0))])
    assert store.subscribers.find("ada@example.org") is None


def test_more_queries_than_a_page(store: SqlStore) -> None:
    """Reading all subscriptions goes page by page and misses none."""
    wanted = [subscription(f"query {n}") for n in range(1_203)]
    store.subscribers.subscribe(subscriber(), wanted)
    assert [s.query for _, s in store.subscribers.subscriptions()] == [s.query for s in wanted]


def test_two_spellings_of_an_address_are_one_reader(store: SqlStore) -> None:
    """Ada@ and ada@ are one person who is written to as she signed up, whatever RFC 5321 lets hosts do."""
    (first,) = subscribe(store, "Ada@Example.org", "clouds")
    (second,) = subscribe(store, "ada@example.org", "rain")
    assert first.subscriber_id == second.subscriber_id
    found = store.subscribers.find("ADA@EXAMPLE.ORG")
    assert found is not None
    assert (found.id, found.address) == (first.subscriber_id, "Ada@Example.org")
    assert store.views.counts()["subscribers"] == 1
    assert store.care.forget("ada@example.org", key=b"k", now=NOW)
    assert store.subscribers.find("Ada@Example.org") is None
    assert store.care.is_forgotten("ADA@example.org", key=b"k")
