"""What every store promises somebody who looks at single messages, the papers of some days, and unwritten feeds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.errors import StoreError
from digest.model import OutboxState, Outcome
from digest.store import SqlStore
from tests.contract.making import NOW, composed, ingest, sighting, subscribe

LEASE = timedelta(minutes=10)


@pytest.fixture
def waiting(store: SqlStore) -> SqlStore:
    """Return a store with one message in its outbox."""
    papers = ingest(store, sighting("A paper they were told of"))
    subscribe(store)
    (due,) = store.digests.due(NOW, limit=9)
    assert store.digests.commit([composed(due, papers)])
    return store


def test_a_failed_message_can_be_tried_again(waiting: SqlStore) -> None:
    """Retry makes it pending at once, with all its tries before it."""
    (row,) = waiting.outbox.claim(owner="a", now=NOW, lease=LEASE, limit=9)
    waiting.outbox.settle(row, Outcome(state=OutboxState.FAILED, reply="550 no"), NOW)
    again = waiting.desk.retry(row.id, NOW)
    assert (again.state, again.tries, again.last_error) == (OutboxState.PENDING, 0, "")
    assert waiting.outbox.claim(owner="b", now=NOW, lease=LEASE, limit=9)


def test_a_message_to_a_reader_who_gets_no_mail_is_not_promised_to_be_sent(waiting: SqlStore) -> None:
    """It would be given up by the next delivery; the way out is named, and once it was taken the message goes."""
    reader = next(iter(waiting.subscribers.subscriptions()))[0]
    waiting.subscribers.update_subscriber(replace(reader, suppressed="unsubscribed on 2026-11-19"))
    (row,) = waiting.views.outbox()
    with pytest.raises(StoreError, match=f"unsubscribed on 2026-11-19.*digest returned resume {reader.address}"):
        waiting.desk.retry(row.id, NOW)
    assert [one.by for one in waiting.desk.history(row.id)] == []
    waiting.subscribers.update_subscriber(reader)
    assert waiting.desk.retry(row.id, NOW).state is OutboxState.PENDING


def test_what_is_being_sent_is_left_alone(waiting: SqlStore) -> None:
    """Neither retry nor drop touches a message while a worker holds it."""
    (row,) = waiting.outbox.claim(owner="a", now=NOW, lease=LEASE, limit=9)
    for act in (waiting.desk.retry, waiting.desk.drop):
        with pytest.raises(StoreError, match="it is being sent just now"):
            act(row.id, NOW)
    assert waiting.outbox.handing(row, "", NOW)


def test_a_worker_that_lost_its_lease_cannot_bring_a_dropped_message_back(waiting: SqlStore) -> None:
    """Dropping raises the fence: what the old worker says later counts for nothing."""
    (row,) = waiting.outbox.claim(owner="a", now=NOW, lease=LEASE, limit=9)
    later = NOW + 2 * LEASE
    assert waiting.desk.drop(row.id, later).state is OutboxState.SUPPRESSED
    assert not waiting.outbox.handing(row, "", later)
    assert not waiting.outbox.settle(row, Outcome(state=OutboxState.SENT), later)
    assert waiting.desk.get(row.id).state is OutboxState.SUPPRESSED


@pytest.mark.parametrize("act", ["retry", "drop"])
def test_what_a_lost_worker_began_stays_in_the_history(act: str, waiting: SqlStore) -> None:
    """It died while the message left: that it may have arrived is told, however the operator decides."""
    (row,) = waiting.outbox.claim(owner="a", now=NOW, lease=LEASE, limit=9)
    assert waiting.outbox.handing(row, "abc", NOW)
    changed = getattr(waiting.desk, act)(row.id, NOW + 2 * LEASE)
    first, second = waiting.desk.history(row.id)
    assert (first.n, first.by, first.outcome, first.doubt) == (row.fence, "a", OutboxState.AMBIGUOUS, True)
    assert (second.by, second.doubt) == ("operator", False)
    assert (changed.doubts, waiting.views.outbox(doubted=True)) == (1, [changed])


def test_a_worker_that_was_lost_before_the_body_left_is_told_too(waiting: SqlStore) -> None:
    """Nothing is in doubt then, and no try is charged."""
    (row,) = waiting.outbox.claim(owner="a", now=NOW, lease=LEASE, limit=9)
    again = waiting.desk.retry(row.id, NOW + 2 * LEASE)
    (first, _) = waiting.desk.history(row.id)
    assert (first.by, first.outcome, first.charged, first.doubt) == ("a", OutboxState.RETRY, False, False)
    assert again.doubts == 0


def test_papers_are_found_by_the_day_they_were_first_seen(store: SqlStore) -> None:
    """Since an instant, or all; a merged paper stands once."""
    (old,) = ingest(store, sighting("Old"), now=NOW - timedelta(days=40))
    (new, other) = ingest(store, sighting("New"), sighting("Another"))
    assert [paper.id for paper in store.views.papers_since(None)] == [old.id, new.id, other.id]
    assert [paper.id for paper in store.views.papers_since(NOW)] == [new.id, other.id]
    store.curation.merge(new.id, other.id, NOW)
    assert [paper.id for paper in store.views.papers_since(NOW)] == [new.id]


def test_digests_after_one_name_their_readers(waiting: SqlStore) -> None:
    """Everybody with a newer digest, and its number; nobody after the newest."""
    ((reader, newest),) = waiting.views.digests_after(0).items()
    found = waiting.subscribers.find("ada@example.org")
    assert found is not None
    assert reader == found.id
    assert waiting.views.digests_after(newest) == {}
