"""A mail server that takes fewer connections than the settings ask for: all mail leaves over those that it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digest.app import App
from digest.model import OutboxState
from tests.integration.crew_work import Crewed
from tests.integration.crews import crew, read, settings, waiting
from tests.integration.proofs import taken
from tests.integration.smtp_server import ScriptedServer, scripted
from tests.integration.verbs import NOW

MESSAGES = 60


@contextmanager
def serving(
    folder: Path, most: int, *, connections: int, processes: int = 1, too_many: str = "banner"
) -> Iterator[tuple[App, ScriptedServer]]:
    """Have messages wait, and a server that takes so many connections at a time."""
    waiting(folder, MESSAGES)
    with scripted() as server:
        server.most, server.too_many = most, too_many
        file = settings(folder, server.port, processes=processes, connections=connections, batch=10)
        with Crewed.open(read(file), now=NOW) as app:
            yield app, server


def once_each(server: ScriptedServer) -> bool:
    """Return whether everybody's mail was taken, once."""
    return Counter(taken(server.accepted).values()) == {1: MESSAGES}


@pytest.mark.parametrize("too_many", ["banner", "MAIL"])
@pytest.mark.parametrize(("connections", "most"), [(3, 2), (3, 1), (8, 2)])
def test_all_mail_leaves_in_one_run_over_the_connections_there_are(
    connections: int, most: int, too_many: str, tmp_path: Path
) -> None:
    """Nothing waits, no try is charged, the history knows of the sending alone; a remark says what to set."""
    with serving(tmp_path, most, connections=connections, too_many=too_many) as (app, server):
        report = app.deliver()
        assert (report.counts(), report.alarms, report.errors) == ({"sent": MESSAGES}, {}, [])
        rows = app.store.views.outbox(limit=MESSAGES)
        assert {row.tries for row in rows} == {1}
        assert {tuple(one.outcome for one in app.store.desk.history(row.id)) for row in rows} == {(OutboxState.SENT,)}
        assert report.refused <= connections - most
        assert bool(report.remark) is bool(report.refused)
    assert once_each(server)


def test_a_server_that_takes_none_is_down(tmp_path: Path) -> None:
    """One alarm; everything waits, uncharged, and goes when the server takes connections again."""
    with serving(tmp_path, 0, connections=3) as (app, server):
        report = app.deliver()
        assert (report.counts(), list(report.alarms.values()), report.remark) == ({"retry": MESSAGES}, [1], "")
        assert {row.tries for row in app.store.views.outbox(limit=MESSAGES)} == {0}
        assert server.connections == 6  # each asks once more, as a 421 may be about the connection alone


@pytest.mark.parametrize("most", [1, 2, 3])
def test_what_one_process_cannot_send_the_other_does(most: int, tmp_path: Path) -> None:
    """Two processes with two connections each: the server takes fewer, be they all of one of them."""
    with serving(tmp_path, most, connections=2, processes=2) as (app, server):
        report = app.deliver()
        assert (report.counts(), report.alarms, report.errors) == ({"sent": MESSAGES}, {}, [])
        assert report.connections == 4
        assert report.refused <= 4
    assert once_each(server)


def test_a_server_that_takes_none_of_two_processes_is_down_once(tmp_path: Path) -> None:
    """Neither leaves the work to the other for ever: the last that is tried says that the server is down."""
    with serving(tmp_path, 0, connections=2, processes=2) as (app, _):
        report = app.deliver()
        assert (report.counts(), list(report.alarms.values()), report.remark) == ({"retry": MESSAGES}, [1], "")
        assert {row.tries for row in app.store.views.outbox(limit=MESSAGES)} == {0}


def test_the_command_says_that_fewer_connections_are_taken(tmp_path: Path) -> None:
    """A note for people and exit code 0: nobody's mail waits."""
    with serving(tmp_path, 1, connections=6) as (_, server):
        file = tmp_path / "digest.toml"
        with crew("-m", "digest", "--config", str(file), "deliver", "--now", NOW.isoformat()) as command:
            assert command.ended() == 0
    assert once_each(server)
    delivered, *note = command.out.splitlines()
    assert (delivered, command.said) == (f"Delivered: {MESSAGES} sent.", "")
    assert all("of 6 connections could not be used; others did their work" in line for line in note)
