"""Killed anywhere, run again: nothing lost, nothing twice. Real processes, real SIGKILL, a real SQLite file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.integration.killing import killed_at
from tests.integration.verbs import NOW, compose, copied, deliver_to_folder, fill, ingest, opened, subscribe

ACCOUNT = {
    "papers": "SELECT title FROM papers ORDER BY id",
    "sightings": "SELECT count(*) FROM sightings",
    "places": "SELECT place, paper_id FROM neighbours ORDER BY 1, 2",
    "outlines": "SELECT paper_id, sketch FROM outlines ORDER BY 1",
    "events": "SELECT kind, paper_id FROM events ORDER BY id",
    "ledger": "SELECT subscriber_id, paper_id FROM ledger ORDER BY 1, 2",
    "outbox": "SELECT subscriber_id, slot, state, body_sha256 FROM outbox ORDER BY 1, 2",
    "cursors": "SELECT id, cursor, due_at FROM subscriptions ORDER BY id",
}
"""Everything of which a crash could leave too little or too much."""


def account(url: str) -> dict[str, list[tuple[object, ...]]]:
    with opened(url) as store, store.engine.connect() as connection:
        return {name: [tuple(row) for row in connection.execute(text(sql))] for name, sql in ACCOUNT.items()}


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """Return a store with two readers and no papers."""
    path = tmp_path / "ready.db"
    subscribe(f"sqlite:///{path}")
    return path


@pytest.mark.parametrize("verb", [ingest, fill, compose])
def test_a_verb_killed_at_any_step_and_run_again_leaves_what_an_undisturbed_run_leaves(
    verb: object, ready: Path, tmp_path: Path
) -> None:
    """Kill the verb at its first, second, … database step; after one more run the account is the undisturbed one."""
    work = {ingest: ingest, fill: fill, compose: compose}[verb]  # type: ignore[index]
    if work is compose:
        ingest(f"sqlite:///{ready}")
    undisturbed = copied(ready, tmp_path / "undisturbed.db")
    work(undisturbed)
    expected = account(undisturbed)
    step = 0
    killed = True
    while killed:
        step += 1
        url = copied(ready, tmp_path / "killed.db")
        killed = killed_at(step, lambda url=url: work(url))  # type: ignore[misc]
        if killed:
            work(url)
        assert account(url) == expected, f"killed at step {step}"
    assert step > 10, "the work was killed at too few places to prove anything"


def test_a_killed_delivery_is_resumed_and_every_message_is_there_once(ready: Path, tmp_path: Path) -> None:
    """Kill the delivery at every step; once the lease is over the next run finishes, and no mail is lost or doubled."""
    ingest(f"sqlite:///{ready}")
    compose(f"sqlite:///{ready}")
    expected = mails(tmp_path, copied(ready, tmp_path / "undisturbed.db"), deliver_to_folder)
    assert len(expected) == 2
    step, killed = 0, True
    while killed:
        step += 1
        url = copied(ready, tmp_path / "killed.db")
        shutil.rmtree(tmp_path / "mail")
        killed = killed_at(step, lambda url=url: deliver_to_folder(url))  # type: ignore[misc]
        assert mails(tmp_path, url, lambda url: deliver_to_folder(url, at=NOW + timedelta(hours=1))) == expected
        assert {row[2] for row in account(url)["outbox"]} == {"sent"}, f"killed at step {step}"
    assert step > 10


def mails(folder: Path, url: str, work: Callable[[str], None]) -> dict[str, bytes]:
    work(url)
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.eml"))}
