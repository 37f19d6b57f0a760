"""Killed anywhere, run again: nothing lost, nothing twice. Real processes, real SIGKILL, a real SQLite file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from digest import parsers
from digest.channels import FolderChannel, SmtpChannel
from digest.compose import next_due
from digest.links import LinkMaker
from digest.matcher import BulkMatcher
from digest.model import Cadence, Document, Settings, Subscriber, Subscription
from digest.pipeline.compose import compose_due
from digest.pipeline.deliver import Doubt
from digest.pipeline.deliver import deliver as deliver_all
from digest.pipeline.ingest import ingest_listing
from digest.render import TemplateRenderer
from digest.store import SqlStore
from tests.integration.killing import killed_at
from tests.integration.smtp_server import scripted

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAGE = """Daily Papers

Nov 20

Slow Rivers: State Space Models with Learned Clocks

Gives every channel of a Mamba block a clock of its own, which saves state and keeps recall over long texts.

  • 3 authors
·
Nov 18, 2026 12

Map Once, Drive Twice: Weather-Proof Visual Localization

A map made in summer is of little use in snow; we keep what weather changes apart from what it does not.

  • 2 authors
·
Nov 16, 2026

Slow rivers: state-space models with learned clocks

Gives every channel of a Mamba block a clock of its own, which saves state and keeps recall over long texts.

  • 3 authors
·
Nov 18, 2026 12
"""

ACCOUNT = {
    "papers": "SELECT title FROM papers ORDER BY id",
    "sightings": "SELECT count(*) FROM sightings",
    "events": "SELECT kind, paper_id FROM events ORDER BY id",
    "ledger": "SELECT subscriber_id, paper_id FROM ledger ORDER BY 1, 2",
    "outbox": "SELECT subscriber_id, slot, state, body_sha256 FROM outbox ORDER BY 1, 2",
    "cursors": "SELECT id, cursor, due_at FROM subscriptions ORDER BY id",
}
"""Everything of which a crash could leave too little or too much."""


def account(url: str) -> dict[str, list[tuple[object, ...]]]:
    with opened(url) as store, store.engine.connect() as connection:
        return {name: [tuple(row) for row in connection.execute(text(sql))] for name, sql in ACCOUNT.items()}


@contextmanager
def opened(url: str) -> Iterator[SqlStore]:
    store = SqlStore.open(url)
    try:
        yield store
    finally:
        store.close()


def ingest(url: str) -> None:
    with opened(url) as store:
        document = Document(source="files", name="nov-20.txt", body=PAGE.encode(), listed_on=date(2026, 11, 20))
        ingest_listing(parsers.parse(document), store.papers, NOW)


def compose(url: str) -> None:
    links = LinkMaker(b"0" * 32, base_url="https://digest.example", mail_domain="digest.example")
    with opened(url) as store:
        renderer = TemplateRenderer([ROOT / "templates"], links)
        assert not any(
            done.failed for done in compose_due(store.papers, store.digests, BulkMatcher(), renderer, now=NOW)
        )


def deliver(url: str, *, at: datetime = NOW) -> None:
    links = LinkMaker(b"0" * 32, base_url="https://digest.example", mail_domain="digest.example")
    folder = FolderChannel(Path(url.removeprefix("sqlite:///")).parent / "mail")
    with opened(url) as store:
        renderer = TemplateRenderer([ROOT / "templates"], links)
        deliver_all(store.outbox, renderer, lambda _: folder, owner=str(at), now=lambda: at)


def subscribe(url: str) -> None:
    with opened(url) as store:
        for address in ("ada@example.org", "emmy@example.org"):
            reader = Subscriber(id=0, address=address, created_at=NOW)
            settings = Settings(cadence=Cadence.AT_ONCE)
            due = next_due(reader, settings, NOW)
            queries = ["mamba", "weather OR state-space"]
            store.subscribers.subscribe(
                reader,
                [
                    Subscription(
                        id=0, subscriber_id=0, query=q, settings=settings, due_at=NOW, due_on=due.on, created_at=NOW
                    )
                    for q in queries
                ],
            )


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """Return a store with two readers and no papers."""
    path = tmp_path / "ready.db"
    subscribe(f"sqlite:///{path}")
    return path


@pytest.mark.parametrize("verb", [ingest, compose])
def test_a_verb_killed_at_any_step_and_run_again_leaves_what_an_undisturbed_run_leaves(
    verb: object, ready: Path, tmp_path: Path
) -> None:
    """Kill the verb at its first, second, … database step; after one more run the account is the undisturbed one."""
    work = {ingest: ingest, compose: compose}[verb]  # type: ignore[index]
    if work is compose:
        ingest(f"sqlite:///{ready}")
    undisturbed = _copy(ready, tmp_path / "undisturbed.db")
    work(undisturbed)
    expected = account(undisturbed)
    step = 0
    killed = True
    while killed:
        step += 1
        url = _copy(ready, tmp_path / "killed.db")
        killed = killed_at(step, lambda url=url: work(url))  # type: ignore[misc]
        if killed:
            work(url)
        assert account(url) == expected, f"killed at step {step}"
    assert step > 10, "the work was killed at too few places to prove anything"


def _copy(database: Path, to: Path) -> str:
    for old in to.parent.glob(to.name + "*"):
        old.unlink()
    shutil.copy(database, to)
    return f"sqlite:///{to}"


def test_a_killed_delivery_is_resumed_and_every_message_is_there_once(ready: Path, tmp_path: Path) -> None:
    """Kill the delivery at every step; once the lease is over the next run finishes, and no mail is lost or doubled."""
    ingest(f"sqlite:///{ready}")
    compose(f"sqlite:///{ready}")
    expected = mails(tmp_path, _copy(ready, tmp_path / "undisturbed.db"), deliver)
    assert len(expected) == 2
    step, killed = 0, True
    while killed:
        step += 1
        url = _copy(ready, tmp_path / "killed.db")
        shutil.rmtree(tmp_path / "mail")
        killed = killed_at(step, lambda url=url: deliver(url))  # type: ignore[misc]
        assert mails(tmp_path, url, lambda url: deliver(url, at=NOW + timedelta(hours=1))) == expected
        assert {row[2] for row in account(url)["outbox"]} == {"sent"}, f"killed at step {step}"
    assert step > 10


def mails(folder: Path, url: str, work: Callable[[str], None]) -> dict[str, bytes]:
    work(url)
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.eml"))}


def deliver_by_smtp(url: str, port: int, doubt: Doubt, *, at: datetime = NOW) -> None:
    links = LinkMaker(b"0" * 32, base_url="https://digest.example", mail_domain="digest.example")
    smtp = SmtpChannel("127.0.0.1", port, timeout=5)
    with opened(url) as store:
        renderer = TemplateRenderer([ROOT / "templates"], links)
        deliver_all(store.outbox, renderer, lambda _: smtp, owner=str(at), now=lambda: at, doubt=doubt)
    smtp.close()


@pytest.mark.parametrize("doubt", list(Doubt))
def test_mail_killed_at_any_step_is_never_lost_unflagged_and_never_doubled_unasked(
    doubt: Doubt, ready: Path, tmp_path: Path
) -> None:
    """Kill the delivery at every statement, commit, SMTP command and body; then count what the server was given.

    ``hold``: each mail is there once, or it may be missing and is flagged ambiguous. ``resend_once``: none is
    missing, and only the one mail that was leaving can be there twice, as the very same bytes. ``evidence`` without
    any evidence holds.
    """
    ingest(f"sqlite:///{ready}")
    compose(f"sqlite:///{ready}")
    step, killed, flagged, doubled = 0, True, 0, 0
    while killed:
        step += 1
        url = _copy(ready, tmp_path / "killed.db")
        with scripted() as server:
            killed = killed_at(step, lambda u=url, p=server.port: deliver_by_smtp(u, p, doubt))  # type: ignore[misc]
            deliver_by_smtp(url, server.port, doubt, at=NOW + timedelta(hours=1))
        got = [body for body in server.bodies if body]
        with opened(url) as store:
            states = [row.state.value for row in store.views.outbox()]
        held = states.count("ambiguous")
        assert states.count("sent") + held == 2, f"killed at step {step}: {states}"
        assert 2 - held <= len(set(got)) <= 2, f"lost when killed at step {step}"
        assert len(got) - len(set(got)) <= (doubt is Doubt.RESEND_ONCE), f"doubled when killed at step {step}"
        flagged, doubled = flagged + held, doubled + len(got) - len(set(got))
    assert step > 20, "killed at too few places to prove anything"
    assert (flagged > 0, doubled > 0) == (doubt is not Doubt.RESEND_ONCE, doubt is Doubt.RESEND_ONCE)
    print(f"{doubt}: {step - 1} kills, 0 lost, {flagged} flagged, {doubled} sent again as asked")  # noqa: T201
