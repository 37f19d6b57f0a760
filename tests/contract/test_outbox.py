"""What every store promises of messages: one worker at a time, no overwriting of a successor, no unwanted mail."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from digest.model import Change, OutboxRow, OutboxState, Outcome
from digest.pipeline.claims import GIVEN_BACK
from digest.store import SqlStore
from tests.contract.making import NOW, composed, ingest, sighting, subscribe

LEASE = timedelta(minutes=5)
SENT = Outcome(state=OutboxState.SENT, reply="250 ok")


def fill(store: SqlStore, readers: int) -> None:
    """Put a pending message for each of some readers into the outbox."""
    papers = ingest(store, sighting("Paper"))
    for n in range(readers):
        subscribe(store, f"reader{n}@example.org")
    store.digests.commit([composed(due, papers) for due in store.digests.due(NOW, limit=readers)])


def claim(store: SqlStore, *, minutes: float = 0, owner: str = "me", limit: int = 10) -> list[OutboxRow]:
    """Claim rows some minutes after ``NOW``."""
    return list(store.outbox.claim(owner=owner, now=NOW + timedelta(minutes=minutes), lease=LEASE, limit=limit))


def only(store: SqlStore) -> OutboxRow:
    """Return the only row there is."""
    (row,) = store.views.outbox()
    return row


def test_a_message_goes_from_pending_to_sent(store: SqlStore) -> None:
    """Claimed with a lease and a fence, handed over, settled; then there is nothing more to do."""
    fill(store, 1)
    (row,) = claim(store)
    assert (row.state, row.fence, row.lease_owner, row.lease_until) == (OutboxState.CLAIMED, 1, "me", NOW + LEASE)
    assert store.outbox.handing(row, "", NOW)
    assert only(store).state is OutboxState.HANDING
    assert store.outbox.settle(row, SENT, NOW)
    settled = only(store)
    assert (settled.state, settled.sent_at, settled.tries) == (OutboxState.SENT, NOW, 1)
    assert not claim(store, minutes=1_000)


def test_a_claimed_message_is_nobody_elses(store: SqlStore) -> None:
    """Within its lease a row is claimed once; the limit is kept; the oldest come first."""
    fill(store, 3)
    first, rest = claim(store, limit=2), claim(store, owner="other")
    assert [len(first), len(rest)] == [2, 1]
    assert [row.id for row in (*first, *rest)] == sorted(row.id for row in store.views.outbox())
    assert not claim(store)


def test_a_claim_leaves_no_garbage_for_the_next_search_for_cycles(store: SqlStore) -> None:
    """Delivery seldom searches: what every claim left behind would be what grows with the messages."""
    fill(store, readers=44)

    def deliver_some() -> None:
        rows = claim(store, limit=4)
        store.outbox.digests([row.digest_id for row in rows])
        store.outbox.together([Change(row=row, now=NOW, body_sha256="x") for row in rows])
        store.outbox.together([Change(row=row, now=NOW, outcome=SENT) for row in rows])

    deliver_some()  # what is made once
    gc.collect()
    gc.disable()
    try:
        for _ in range(10):
            deliver_some()
        assert gc.collect() < 100  # a statement put together anew leaves some ten objects, and there were three a claim
    finally:
        gc.enable()
    assert store.views.counts()["outbox.sent"] == 44


def test_a_lost_lease_is_claimed_again_and_its_old_owner_stopped(store: SqlStore) -> None:
    """A worker that comes back after its lease cannot hand over or settle what its successor has."""
    fill(store, 1)
    (mine,) = claim(store)
    (theirs,) = claim(store, minutes=6, owner="other")
    assert theirs.fence == mine.fence + 1
    assert not store.outbox.handing(mine, "", NOW)
    assert not store.outbox.settle(mine, SENT, NOW)
    assert store.outbox.handing(theirs, "", NOW)


def test_a_message_that_is_given_back_is_free_at_once_and_keeps_its_place(store: SqlStore) -> None:
    """Who stops before a body left leaves a line of history, no try, and nothing for a successor to wait for."""
    fill(store, 2)
    first, second = claim(store)
    given_back = [Change(row=row, now=NOW, outcome=GIVEN_BACK) for row in (first, second)]
    assert store.outbox.together(given_back) == [True, True]
    again = claim(store, owner="other", limit=1)
    assert [(row.id, row.tries, row.fence, row.due_at) for row in again] == [(first.id, 0, 2, first.due_at)]
    (line,) = store.desk.history(first.id)
    assert (line.by, line.charged, line.handed_at, line.reply) == ("me", False, None, GIVEN_BACK.reply)
    assert store.outbox.together(given_back) == [False, True], "it is its successor's now"


def test_a_message_that_may_have_left_is_never_just_sent_again(store: SqlStore) -> None:
    """Stranded while handing: not claimable, but listed for whoever settles doubts."""
    fill(store, 1)
    (row,) = claim(store)
    assert store.outbox.handing(row, "", NOW)
    assert not store.outbox.stranded(NOW)
    assert not claim(store, minutes=60)
    assert [stranded.id for stranded in store.outbox.stranded(NOW + timedelta(hours=1))] == [row.id]


def test_a_message_is_its_workers_while_a_slow_server_thinks(store: SqlStore) -> None:
    """However little was left of the lease when the body left: nobody doubts it before the answer must have come."""
    fill(store, 1)
    (row,) = claim(store)
    late = NOW + LEASE - timedelta(seconds=1)
    assert store.outbox.handing(row, "", late)
    assert not store.outbox.stranded(late + timedelta(minutes=14))
    assert store.outbox.stranded(late + timedelta(minutes=16))


def test_a_long_lease_is_not_cut_when_the_body_leaves(store: SqlStore) -> None:
    """It only ever grows."""
    fill(store, 1)
    (row,) = store.outbox.claim(owner="me", now=NOW, lease=timedelta(hours=1), limit=1)
    assert store.outbox.handing(row, "", NOW)
    assert only(store).lease_until == NOW + timedelta(hours=1)


def test_a_retry_waits_for_its_time(store: SqlStore) -> None:
    """A temporary refusal comes back when it is due, charged or not."""
    fill(store, 1)
    (row,) = claim(store)
    later = NOW + timedelta(minutes=30)
    outcome = Outcome(state=OutboxState.RETRY, reply="450 later", retry_at=later, charged=False)
    assert store.outbox.settle(row, outcome, NOW)
    assert not claim(store, minutes=29)
    (again,) = claim(store, minutes=31)
    assert (again.tries, again.last_error, again.fence) == (0, "450 later", 2)


def test_a_message_too_old_to_matter_expires(store: SqlStore) -> None:
    """After 36 hours a daily digest is history."""
    fill(store, 2)
    assert not claim(store, minutes=36 * 60 + 1)
    assert {row.state for row in store.views.outbox()} == {OutboxState.EXPIRED}


def test_a_suppressed_address_gets_nothing_more(store: SqlStore) -> None:
    """Whoever unsubscribed or bounced meanwhile is passed over, without costing the others their place."""
    fill(store, 4)
    for n in (0, 2):
        unwilling = store.subscribers.find(f"reader{n}@example.org")
        assert unwilling is not None
        store.subscribers.update_subscriber(replace(unwilling, suppressed="unsubscribed"))
    assert [row.recipient for row in claim(store, limit=2)] == ["reader1@example.org", "reader3@example.org"]
    assert store.views.counts()["outbox.suppressed"] == 2


def test_a_refused_address_is_suppressed_with_the_outcome(store: SqlStore) -> None:
    """The address's own fault suppresses it in the same commit."""
    fill(store, 1)
    (row,) = claim(store)
    store.outbox.settle(row, Outcome(state=OutboxState.FAILED, reply="550 5.1.1 unknown", suppress=True), NOW)
    reader = store.subscribers.get(row.subscriber_id)
    assert reader is not None
    assert reader.suppressed == "550 5.1.1 unknown"


def test_workers_at_once_share_the_outbox(shared_url: str) -> None:
    """Four workers claiming at the same time: every message is claimed by exactly one of them."""
    with SqlStore.open(shared_url) as store:
        fill(store, 40)

    def work(part: int) -> list[int]:
        claimed: list[int] = []
        with SqlStore.open(shared_url) as mine:
            while batch := claim(mine, owner=f"worker {part}", limit=3):
                claimed += [row.id for row in batch]
        return claimed

    with ThreadPoolExecutor(4) as pool:
        claimed = [row_id for part in pool.map(work, range(4)) for row_id in part]
    assert len(claimed) == len(set(claimed)) == 40
