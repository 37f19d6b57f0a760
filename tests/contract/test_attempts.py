"""What every store promises of a message's history: every try and every decision, with the state it led to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from digest.model import Attempt, OutboxRow, OutboxState, Outcome, Subscriber
from digest.store import SqlStore
from tests.contract.making import NOW, composed, ingest, sighting, subscribe

LEASE = timedelta(minutes=10)
ADA = "ada@example.org"
DAY = timedelta(days=1)
SENT = Outcome(state=OutboxState.SENT, reply="250 ok", relay="mail.example:25")
DOUBT = Outcome(state=OutboxState.AMBIGUOUS, reply="no answer", doubt=True)
BARE = Outcome(state=OutboxState.FAILED, reply="550 no", suspect=True)


@pytest.fixture
def waiting(store: SqlStore) -> SqlStore:
    """Return a store with one message in its outbox."""
    papers = ingest(store, sighting("A paper they were told of"))
    subscribe(store, ADA)
    (due,) = store.digests.due(NOW, limit=9)
    assert store.digests.commit([composed(due, papers)])
    return store


def claim(store: SqlStore, now: datetime = NOW, owner: str = "me") -> OutboxRow:
    """Claim the only message."""
    (row,) = store.outbox.claim(owner=owner, now=now, lease=LEASE, limit=9)
    return row


def history(store: SqlStore) -> list[Attempt]:
    """Return the history of the only message."""
    return list(store.desk.history(1))


def outcomes(store: SqlStore) -> list[tuple[int, str, str, str]]:
    """Return the history in short: which try, whose word, the state, the words."""
    return [(one.n, one.by, one.outcome.value, one.reply) for one in history(store)]


def test_each_try_is_one_line_with_its_instants(waiting: SqlStore) -> None:
    """Begun, body handed over, settled, by whom, at which server, what it said; the newest last."""
    row = claim(waiting)
    later = Outcome(state=OutboxState.RETRY, reply="451 later", retry_at=NOW + LEASE, relay="mail.example:25")
    waiting.outbox.settle(row, later, NOW + timedelta(seconds=1))
    row = claim(waiting, NOW + LEASE, "other")
    at = NOW + LEASE + timedelta(seconds=5)
    assert waiting.outbox.handing(row, "a" * 64, at)
    assert waiting.outbox.settle(row, SENT, at + timedelta(seconds=2))
    first, second = history(waiting)
    assert (first.by, first.started_at, first.handed_at, first.settled_at) == (
        "me",
        NOW,
        None,
        NOW + timedelta(seconds=1),
    )
    assert (first.outcome, first.reply, first.relay, first.doubt) == (
        OutboxState.RETRY,
        "451 later",
        later.relay,
        False,
    )
    assert (second.n, second.by, second.started_at, second.handed_at) == (2, "other", NOW + LEASE, at)
    assert (second.settled_at, second.outcome) == (at + timedelta(seconds=2), OutboxState.SENT)


def test_it_is_known_how_often_a_relay_was_asked(waiting: SqlStore) -> None:
    """Charged or not; a wait for which nobody was asked, and what was given back, does not count."""
    asked = []
    for hour, relay in enumerate(("", "mail.example:25", "", "mail.example:25")):
        now = NOW + timedelta(hours=hour)
        later = Outcome(state=OutboxState.RETRY, relay=relay, charged=hour > 1)
        assert waiting.outbox.settle(claim(waiting, now), later, now)
        asked.append(waiting.outbox.asked(1))
    assert asked == [0, 1, 1, 2]
    assert waiting.outbox.asked(2) == 0


def test_what_changes_nothing_is_not_history(waiting: SqlStore) -> None:
    """A worker that lost its lease writes no line; its successor finds one that says that it was gone."""
    mine = claim(waiting)
    theirs = claim(waiting, NOW + 2 * LEASE, "other")
    assert not waiting.outbox.settle(mine, SENT, NOW + 2 * LEASE)
    assert waiting.outbox.settle(theirs, SENT, NOW + 2 * LEASE)
    assert outcomes(waiting) == [
        (1, "me", "retry", "its worker was gone before the body left"),
        (2, "other", "sent", "250 ok"),
    ]


def test_doubts_are_counted_until_somebody_knows(waiting: SqlStore) -> None:
    """Each unanswered body counts one; whoever knows that it did not arrive sets them back; other words do not."""
    row = claim(waiting)
    waiting.outbox.handing(row, "a" * 64, NOW)
    waiting.outbox.settle(row, DOUBT, NOW)
    held = waiting.desk.get(1)
    assert (held.doubts, held.body_sha256, history(waiting)[0].doubt) == (1, "a" * 64, True)
    assert [one.id for one in waiting.outbox.ambiguous(NOW)] == [1]
    known = Outcome(state=OutboxState.RETRY, reply="not in the log", retry_at=NOW, doubt=False, by="evidence")
    assert waiting.outbox.settle(held, known, NOW)
    assert waiting.desk.get(1).doubts == 0
    assert outcomes(waiting)[-1] == (1, "evidence", "retry", "not in the log")


def test_two_who_look_into_one_doubt_settle_it_once(waiting: SqlStore) -> None:
    """The second finds it settled: no second line, no state changed back."""
    row = claim(waiting)
    waiting.outbox.handing(row, "", NOW)
    (stranded,) = waiting.outbox.stranded(NOW + 2 * LEASE)
    assert [waiting.outbox.settle(stranded, DOUBT, NOW) for _ in range(2)] == [True, False]
    held = waiting.desk.get(1)
    found = Outcome(state=OutboxState.SENT, reply="in the log", by="evidence")
    assert [waiting.outbox.settle(held, found, NOW) for _ in range(2)] == [True, False]
    assert [line[2] for line in outcomes(waiting)] == ["ambiguous", "sent"]


def test_a_worker_that_comes_late_with_the_answer_is_believed(waiting: SqlStore) -> None:
    """Its lease ran out while the server thought; nobody claimed the message since, so its 250 settles the doubt."""
    row = claim(waiting)
    waiting.outbox.handing(row, "", NOW)
    (stranded,) = waiting.outbox.stranded(NOW + 2 * LEASE)
    waiting.outbox.settle(stranded, DOUBT, NOW)
    assert waiting.outbox.settle(row, SENT, NOW + 2 * LEASE)
    assert waiting.desk.get(1).state is OutboxState.SENT


def test_an_operators_word_and_the_clocks_are_history_too(waiting: SqlStore) -> None:
    """Dropped, tried again, and at last too old: a line each."""
    waiting.desk.drop(1, NOW)
    waiting.desk.retry(1, NOW)
    assert not waiting.outbox.claim(owner="me", now=NOW + timedelta(hours=37), lease=LEASE, limit=9)
    assert [line[1:3] for line in outcomes(waiting)] == [
        ("operator", "suppressed"),
        ("operator", "pending"),
        ("clock", "expired"),
    ]


def test_a_reader_who_left_is_in_the_history(waiting: SqlStore) -> None:
    """Suppressed because its reader gets no mail any more, and it says so."""
    silence(waiting, "unsubscribed")
    assert not waiting.outbox.claim(owner="me", now=NOW, lease=LEASE, limit=9)
    assert outcomes(waiting) == [(0, "subscriber", "suppressed", "its reader gets no mail any more")]


def test_retrying_a_message_in_doubt_keeps_the_doubt_and_lets_its_bytes_change(waiting: SqlStore) -> None:
    """An operator looked at it: it may be sent as it is rendered now, but it is known that it may have left."""
    row = claim(waiting)
    waiting.outbox.handing(row, "a" * 64, NOW)
    waiting.outbox.settle(row, DOUBT, NOW)
    again = waiting.desk.retry(1, NOW)
    assert (again.state, again.doubts, again.body_sha256) == (OutboxState.PENDING, 1, "")


def test_history_goes_with_its_reader(waiting: SqlStore) -> None:
    """Exported with everything else of an address, and forgotten with it."""
    waiting.outbox.settle(claim(waiting), Outcome(state=OutboxState.FAILED, reply=f"550 <{ADA}> unknown"), NOW)
    (line,) = waiting.care.export(ADA)["attempts"]
    assert line["reply"] == f"550 <{ADA}> unknown"
    assert waiting.care.forget(ADA, key=b"k", now=NOW)
    with waiting.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM attempts")) == 0


@pytest.mark.parametrize(
    ("said", "silent"),
    [
        ([(0, BARE), (1, BARE)], False),
        ([(0, BARE), (2, BARE)], True),
        ([(0, BARE), (1, SENT), (2, BARE)], False),
        ([(0, BARE), (1, SENT), (2, BARE), (4, BARE)], True),
        ([(0, BARE), (2, Outcome(state=OutboxState.FAILED, reply="554 spam"))], False),
    ],
)
def test_a_bare_refusal_is_the_addresss_fault_when_it_is_heard_again_after_two_days(
    store: SqlStore, said: list[tuple[int, Outcome]], *, silent: bool
) -> None:
    """Once, or twice in a day, proves nothing; nor does one before a mail that arrived; a refused text never counts."""
    subscribe(store, ADA)
    for day, outcome in said:
        now = NOW + day * DAY
        papers = ingest(store, sighting(f"Paper of day {day}"), now=now)
        (due,) = store.digests.due(now, limit=9)
        store.digests.commit([composed(due, papers, slot=f"day {day}", cursor=day + 1, now=now)])
        assert store.outbox.settle(claim(store, now), outcome, now)
    assert bool(reader(store).suppressed) is silent


def reader(store: SqlStore) -> Subscriber:
    """Return the only reader."""
    found = store.subscribers.find(ADA)
    assert found is not None
    return found


def silence(store: SqlStore, why: str) -> None:
    """Send the only reader no more mail."""
    store.subscribers.update_subscriber(replace(reader(store), suppressed=why))


def test_a_suppressed_reader_still_has_a_feed(waiting: SqlStore) -> None:
    """A bad address costs its reader the mails, not the feed: the next digest is composed and stands in it."""
    gone = Outcome(state=OutboxState.FAILED, reply="550 5.1.1 unknown", suppress=True)
    waiting.outbox.settle(claim(waiting), gone, NOW)
    papers = ingest(waiting, sighting("A paper of the next day"), now=NOW + DAY)
    (due,) = waiting.digests.due(NOW + DAY, limit=9)
    assert due.subscriber.suppressed
    waiting.digests.commit([composed(due, papers, slot="next", cursor=2)])
    newest = waiting.views.feed(due.subscriber.id, limit=9)[0]
    assert newest.item.paper.title == "A paper of the next day"
