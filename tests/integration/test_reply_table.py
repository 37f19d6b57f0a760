"""What each reply of a mail server does to a message, its reader, the other readers, the domain and the operator.

One row of the table is one test: a server that says it, the SMTP channel, a real store, a delivery.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import text

from digest.channels import Server, SmtpChannel
from digest.errors import DigestError, RelayDown
from digest.model import ChannelName, Message, OutboxRow, OutboxState, Subscriber
from digest.pipeline.connections import PATIENCE
from digest.pipeline.deliver import DeliveryReport, deliver
from digest.pipeline.outcomes import BEHIND, RELAY_PAUSE
from digest.pipeline.pacing import Pace, Pacing
from digest.store import SqlStore
from tests.contract.making import NOW, TOMORROW, composed, ingest, sighting, subscribe
from tests.integration.reply_table import FAILED, NOTHING, RETRY, SENT, TABLE, Means
from tests.integration.smtp_server import (
    DROP,
    STALL,
    TAKE_AND_STALL,
    ScriptedServer,
    scripted,
)
from tests.integration.verbs import renderer
from tests.postgres import free_port

ADA, BOB = "ada@example.org", "bob@example.org"


@pytest.fixture
def store() -> SqlStore:
    """Return a store with a mail for each of two readers of one domain."""
    store = SqlStore.open("sqlite://")
    papers = ingest(store, sighting("A paper they are told of"))
    for address in (ADA, BOB):
        subscribe(store, address)
    store.digests.commit([composed(due, papers) for due in store.digests.due(NOW, limit=9)])
    return store


class Heard(Pacing):
    """A memory of domains that lets nobody wait, and notes what it was told."""

    def __init__(self) -> None:
        super().__init__(Pace(failures=50))
        self.of_the_domain = False

    def failed(self, recipient: str, error: DigestError, now: datetime) -> None:
        """Note whether it counts against the domain."""
        super().failed(recipient, error, now)
        self.of_the_domain |= any(state.failures for state in self.states().values())


def run(
    store: SqlStore, server: ScriptedServer, *, at: datetime = NOW, pacing: Pacing | None = None, mend: int = 99
) -> DeliveryReport:
    """Deliver by SMTP, one message after the other; the server is mended when the n-th is begun."""
    seconds = 0.15 if {STALL, TAKE_AND_STALL} & {*server.script.values()} else 5  # a busy machine is no silent server
    smtp = SmtpChannel(Server(host="127.0.0.1", port=server.port, timeout=seconds, answer_timeout=seconds))
    begun = count(1)

    def channel(_: ChannelName) -> SmtpChannel:
        if next(begun) >= mend:
            server.script = {}
        return smtp

    try:
        return deliver(store.outbox, renderer(), channel, owner="me", now=lambda: at, pacing=pacing)
    finally:
        smtp.close()


def mail_of(store: SqlStore, address: str) -> OutboxRow:
    """Return the newest message of a reader."""
    return next(row for row in store.views.outbox() if row.recipient == address)


def reader(store: SqlStore, address: str) -> Subscriber:
    """Return a reader."""
    found = store.subscribers.find(address)
    assert found is not None
    return found


def compose(store: SqlStore, day: int) -> None:
    """Put another day's digests into the outbox."""
    now = NOW + timedelta(days=day)
    papers = ingest(store, sighting(f"Paper of day {day}"), now=now)
    for due in store.digests.due(now, limit=9):
        store.digests.commit(
            [composed(due, papers, slot=f"day {day}", cursor=due.subscriptions[0].cursor + 1, now=now)]
        )


@pytest.mark.parametrize("in_one_go", [False, True], ids=["one by one", "in one go"])
@pytest.mark.parametrize(("step", "reply", "means"), TABLE, ids=lambda value: str(value)[:42])
def test_a_reply_does_what_the_table_says(
    step: str, reply: str, means: Means, store: SqlStore, *, in_one_go: bool
) -> None:
    """To the message, to its reader, to the next reader, to the domain, and to the operator."""
    pacing = Heard()
    with scripted(None, in_one_go, **{step: reply}) as server:
        report = run(store, server, pacing=pacing, mend=2)
    row = mail_of(store, ADA)
    wait = row.due_at - NOW if row.state is RETRY else NOTHING
    with store.engine.connect() as connection:
        suspect = connection.scalar(text("SELECT suspect FROM attempts WHERE outbox_id = :row"), {"row": row.id})
    found = Means(
        state=row.state,
        least=means.least,
        most=means.most,
        charged=row.tries == 1,
        doubted=row.doubts == 1,
        suppressed=bool(reader(store, ADA).suppressed),
        suspect=bool(suspect),
        next_one=mail_of(store, BOB).state,
        of_the_domain=pacing.of_the_domain,
        alarm=bool(report.alarms),
    )
    assert found == means
    assert means.least <= wait <= means.most
    assert not reader(store, BOB).suppressed


def test_nobody_listens(store: SqlStore) -> None:
    """No connection at all: the relay's fault; everybody waits, nobody is charged, the operator is told once."""
    report = run(store, ScriptedServer(port=free_port()))
    rows = [mail_of(store, address) for address in (ADA, BOB)]
    assert [(row.state, row.tries, row.due_at - NOW) for row in rows] == [
        (RETRY, 0, RELAY_PAUSE + BEHIND),
        (RETRY, 0, RELAY_PAUSE),
    ]
    assert list(report.alarms.values()) == [1]


def test_one_mail_that_a_relay_cannot_bear_does_not_hold_up_the_others_for_long(store: SqlStore) -> None:
    """What is first, and looks as if the relay was down for all, comes behind the others the next time."""
    with scripted() as server:
        smtp = SmtpChannel(Server(host="127.0.0.1", port=server.port, timeout=5))

        class ForAll:
            repeatable, relay = False, "mail.example"

            def send(self, message: Message, *, handing: Callable[[], None]) -> str:
                """Send all mails but one."""
                if message.recipient == ADA:
                    raise RelayDown("454 4.7.0 cannot look this up", code=454)
                return smtp.send(message, handing=handing)

            def close(self) -> None:
                """Say goodbye."""
                smtp.close()

        for minutes in (0, 6):
            at = NOW + timedelta(minutes=minutes)
            deliver(store.outbox, renderer(), lambda _: ForAll(), owner="me", now=lambda at=at: at)  # type: ignore[misc]
        smtp.close()
    assert (mail_of(store, BOB).state, mail_of(store, ADA).state) == (SENT, RETRY)


def test_no_tls_where_it_is_asked_for(store: SqlStore) -> None:
    """Neither is a server without STARTTLS given any mail: a pause, and an alarm."""
    with scripted() as server:
        smtp = SmtpChannel(Server(host="127.0.0.1", port=server.port, security="starttls", timeout=5))
        report = deliver(store.outbox, renderer(), lambda _: smtp, owner="me", now=lambda: NOW)
    assert {row.state for row in store.views.outbox()} == {RETRY}
    assert {row.tries for row in store.views.outbox()} == {0}
    assert [("STARTTLS" in alarm, messages) for alarm, messages in report.alarms.items()] == [(True, 1)]


@pytest.mark.parametrize("step", ["banner", "MAIL", "RCPT", "DATA"])
def test_421_once_is_answered_by_a_new_connection(step: str, store: SqlStore) -> None:
    """A connection the server has had enough of costs nobody a wait, be it new or kept."""
    with scripted(**{step: "421 4.3.2 closing"}) as server:
        server.once = True
        report = run(store, server)
    assert (report.states, report.alarms) == ({SENT: 2}, {})
    assert server.connections == 2
    assert [row.tries for row in store.views.outbox()] == [1, 1]


def test_too_many_recipients_are_answered_by_the_next_transaction(store: SqlStore) -> None:
    """On the same connection, at once, and uncharged."""
    with scripted(RCPT="452 4.5.3 too many recipients") as server:
        server.once = True
        report = run(store, server)
    assert report.states == {SENT: 2}
    assert (server.connections, server.seen.count("RCPT"), server.seen.count("RSET")) == (1, 3, 1)


@pytest.mark.parametrize("code", [550, 551, 553])
@pytest.mark.parametrize(("days", "silent"), [(1, False), (2, True)])
def test_a_bare_refusal_silences_an_address_when_it_is_repeated_after_two_days(
    code: int, days: int, store: SqlStore, *, silent: bool
) -> None:
    """Not sooner; the other reader of the domain is not touched."""
    for day in (0, days):
        if day:
            compose(store, day)
        with scripted(RCPT=f"{code} no") as server:
            run(store, server, at=NOW + timedelta(days=day), mend=2)
    assert bool(reader(store, ADA).suppressed) is silent
    assert not reader(store, BOB).suppressed


@pytest.mark.parametrize(("step", "reply"), [("RCPT", "550 5.7.1 policy"), ("body", "554 spam"), ("body", "550 spam")])
def test_mail_that_is_refused_for_what_it_is_never_silences_an_address(step: str, reply: str, store: SqlStore) -> None:
    """However often and for however long."""
    for day in range(5):
        if day:
            compose(store, day)
        with scripted(**{step: reply}) as server:
            run(store, server, at=NOW + timedelta(days=day))
    assert {row.state for row in store.views.outbox(limit=99)} == {FAILED}
    assert not reader(store, ADA).suppressed


def test_a_bad_addresss_reader_gets_no_mail_but_a_feed(store: SqlStore) -> None:
    """The address is suppressed; the next digest is composed, stands in the feed, and no server hears of it."""
    with scripted(RCPT="550 5.1.1 no such user") as server:
        run(store, server, mend=2)
    compose(store, 1)
    with scripted() as server:
        run(store, server, at=TOMORROW)
    assert mail_of(store, BOB).state is SENT
    assert [row.state for row in store.views.outbox(subscriber_id=reader(store, ADA).id)][-1:] == [FAILED]
    assert len(server.accepted) == 1
    newest = store.views.feed(reader(store, ADA).id, limit=9)[0]
    assert newest.item.paper.title == "Paper of day 1"


@pytest.mark.parametrize("script", [{"RCPT": DROP}, {"DATA": DROP}, {"body": "452 4.3.1 no space"}], ids=str)
def test_a_message_a_relay_always_fails_over_is_tried_ever_more_seldom(script: dict[str, str], store: SqlStore) -> None:
    """Each wait is longer than the one before, until it is history: some twenty tries in 36 hours, not 432."""
    at, waits = NOW, []
    with scripted(**script) as server:
        while (row := mail_of(store, ADA)).state is not OutboxState.EXPIRED:
            waits.append(row.due_at - at)
            at = row.due_at
            run(store, server, at=at)
            assert mail_of(store, ADA).tries == 0
    assert waits[1:6] == sorted(set(waits[1:6]))
    assert len(waits) < 30


@pytest.mark.parametrize(("step", "failed"), [("MAIL", PATIENCE), ("body", PATIENCE), ("RCPT", 8)])
def test_a_relay_that_will_have_no_mail_of_ours_does_not_get_it_all(step: str, failed: int) -> None:
    """A sender it does not allow, say: what is tried fails, the rest waits until somebody has mended it.

    What is refused of one recipient after the other says nothing of the relay: the breaker of the domain counts it.
    """
    store = SqlStore.open("sqlite://")
    papers = ingest(store, sighting("A paper they are told of"))
    for number in range(8):
        subscribe(store, f"reader{number}@example.org")
    store.digests.commit([composed(due, papers) for due in store.digests.due(NOW, limit=9)])
    with scripted(**{step: "550 5.7.1 not from here"}) as server:
        report = run(store, server)
    assert report.states[FAILED] == failed
    assert report.states[RETRY] == 8 - failed
    assert len(report.alarms) == (1 if step == "RCPT" else 2)


def test_an_alarm_names_nobody(store: SqlStore) -> None:
    """It goes into logs, and is one for all messages refused alike, whatever is said of each."""
    with scripted(body=f"554 5.7.1 <{ADA}> 4XkD2 looks like spam") as server:
        report = run(store, server)
    assert report.alarms == {"mail is refused for what it is, not for its address: 554 5.7.1": 2}
