"""The program asked to stop in the middle of a delivery: real processes, real signals, a server that takes its time."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from digest.app import App
from digest.app.crew import LOST
from digest.app.stopping import Stop
from digest.pipeline.claims import GIVEN_BACK
from digest.pipeline.deliver import Doubt
from tests.integration.crews import DEADLINE, Crew, Gate, crew, read, settings, waiting
from tests.integration.proofs import HOUR, Tally, taken, witness
from tests.integration.smtp_server import ScriptedServer, scripted
from tests.integration.verbs import NOW, opened

MESSAGES = 250
GRACE = 10.0
"""Seconds that ``docker stop`` gives a program before it kills it."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an installation in which messages wait, to be copied."""
    folder = tmp_path_factory.mktemp("prepared")
    waiting(folder, MESSAGES)
    return folder


@pytest.fixture
def folder(prepared: Path, tmp_path: Path) -> Path:
    """Return an installation in which messages wait."""
    for name in ("digest.db", "secret"):
        shutil.copy(prepared / name, tmp_path / name)
    return tmp_path


def states(folder: Path) -> Counter[str]:
    """Return how many messages are in each state."""
    with opened(f"sqlite:///{folder}/digest.db") as store:
        return Counter(row.state.value for row in store.views.outbox(limit=10_000))


def stopped(running: Crew, *signals: signal.Signals) -> int:
    """Send signals and return the exit code; the program must not need longer than the grace it is given."""
    begun = time.monotonic()
    for number in signals:
        running.send(number)
    code = running.ended()
    assert time.monotonic() - begun < GRACE
    return code


def all_arrived_once(server: ScriptedServer) -> bool:
    return sorted(taken(server.accepted).values()) == [1] * MESSAGES


SERVE = ("-m", "digest", "--now", NOW.isoformat(), "--config")


@pytest.mark.parametrize("processes", [1, 2])
def test_a_service_stops_with_the_messages_on_their_way_and_the_next_one_sends_the_rest(
    processes: int, folder: Path
) -> None:
    """SIGTERM in the middle: what is on its way is finished and recorded, what was claimed is free again at once."""
    connections = 2
    with scripted() as server:
        gate = Gate(server, "body", 60)
        config = settings(folder, server.port, processes=processes, connections=connections)
        with crew(*SERVE, str(config), "serve") as service:
            assert gate.reached.wait(DEADLINE)
            service.send(signal.SIGTERM)
            service.hears()
            gate.opened.set()
            assert stopped(service) == 0
        after = states(folder)
        assert set(after) == {"sent", "retry", "pending"}
        assert after["sent"] == len(server.accepted) < 60 + 2 * processes * connections
        assert server.seen.count("QUIT") == server.connections
        waits = after["retry"] + after["pending"]
        assert f"deliver: stopped: {after['sent']} sent, {waits} wait for the next start" in service.said
        assert given_back(folder)
        with App.open(read(config), now=NOW) as app:
            assert app.deliver().counts() == {"sent": waits}
        assert all_arrived_once(server)


def given_back(folder: Path) -> bool:
    """Return whether what waits for another try was given back, uncharged."""
    with opened(f"sqlite:///{folder}/digest.db") as store:
        rows = [row for row in store.views.outbox(limit=10_000) if row.state == "retry"]
    return {(row.last_error, row.tries) for row in rows} == {(GIVEN_BACK.reply, 0)}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_delivery_that_is_interrupted_says_how_far_it_came(number: signal.Signals, code: int, folder: Path) -> None:
    """In one line and by its exit code; with --json the summary says it too."""
    with scripted() as server:
        gate = Gate(server, "body", 20)
        config = settings(folder, server.port)
        with crew(*SERVE, str(config), "--json", "deliver") as command:
            assert gate.reached.wait(DEADLINE)
            command.send(number)
            command.hears()
            gate.opened.set()
            assert stopped(command) == code
    sent, waits = states(folder)["sent"], MESSAGES - states(folder)["sent"]
    assert sent == len(server.accepted) in {20, 21}
    assert command.said == f"digest: interrupted: {sent} sent, {waits} wait; run it again for the rest\n"
    summary: dict[str, Any] = json.loads(command.out)
    assert summary == {"kind": "summary", "sent": sent, "stopped": True, "waiting": waits}


def test_a_run_that_is_interrupted_while_it_delivers_says_so_too(folder: Path) -> None:
    """Its report is written all the same."""
    with scripted() as server:
        gate = Gate(server, "body", 5)
        config = settings(folder, server.port)
        with crew(*SERVE, str(config), "run") as command:
            assert gate.reached.wait(DEADLINE)
            command.send(signal.SIGINT)
            command.hears()
            gate.opened.set()
            assert stopped(command) == 130
    assert "sent, " in command.said
    assert "run it again for the rest" in command.said
    (report,) = (folder / "reports").glob("*.jsonl")
    assert json.loads(report.read_text().splitlines()[-1])["delivered"] == {"sent": len(server.accepted)}


@pytest.mark.parametrize(("how", "processes"), [("a second signal", 1), ("a second signal", 2), ("patience", 2)])
def test_a_server_that_keeps_its_answer_to_itself_holds_nobody_up(how: str, processes: int, folder: Path) -> None:
    """After the time in the settings, or a second Ctrl-C: the message is in doubt, all others are as they were."""
    with scripted() as server:
        gate = Gate(server, "body", 30)
        config = settings(folder, server.port, processes=processes, stop_seconds=0.1 if how == "patience" else 600)
        with crew(*SERVE, str(config), "deliver") as command:
            assert gate.reached.wait(DEADLINE)
            command.send(signal.SIGINT)
            command.hears()
            assert stopped(command, *([signal.SIGINT] if how == "a second signal" else [])) == 130
            gate.opened.set()
    after = states(folder)
    assert set(after) <= {"sent", "retry", "pending", "ambiguous"}
    assert 1 <= after["ambiguous"] <= processes
    assert after["sent"] + after["ambiguous"] == len(server.accepted)


@pytest.mark.parametrize("step", ["banner", "MAIL"])
def test_a_server_that_stalls_before_a_message_leaves_holds_nobody_up(step: str, folder: Path) -> None:
    """Nothing has left: nothing is in doubt, and the message is tried again."""
    with scripted() as server:
        gate = Gate(server, step, 1)
        config = settings(folder, server.port, connections=2, stop_seconds=0.1)
        with crew(*SERVE, str(config), "deliver") as command:
            assert gate.reached.wait(DEADLINE)
            assert stopped(command, signal.SIGTERM) == 143
            gate.opened.set()
    assert set(states(folder)) == {"retry", "pending"}
    assert not server.accepted


def finished(folder: Path, port: int, doubt: Doubt, server: ScriptedServer) -> Tally:
    """Deliver what is left when all leases have run out, twice, and compare the store with what arrived."""
    config = read(settings(folder, port, doubt=doubt))
    for hours in (1, 2):
        at = NOW + hours * HOUR
        with App.open(config, now=at) as app:
            app.deliver_alone(Stop(), witness(doubt, server, at))
    tally = Tally()
    tally.judge(config.store.url, taken(server.accepted), doubt, "killed")
    return tally


@pytest.mark.parametrize("doubt", list(Doubt))
def test_a_helper_that_is_killed_costs_one_message_in_doubt_at_most(doubt: Doubt, folder: Path) -> None:
    """The others go on and say so; what it had claimed comes back after its lease, what was leaving by policy."""
    with scripted() as server:
        gate = Gate(server, "body", 80, wait=2)
        config = settings(folder, server.port, processes=2, batch=20, doubt=doubt)
        with crew(*SERVE, str(config), "deliver") as command:
            assert gate.reached.wait(DEADLINE)
            command.kill("helper")
            gate.opened.set()
            assert command.ended() == 1
        after = states(folder)
        assert after["handing"] == 1
        assert 1 <= after["claimed"] < 20
        assert after["sent"] == MESSAGES - 1 - after["claimed"]
        assert command.said == f"digest: {LOST} (messages: 1)\n"
        tally = finished(folder, server.port, doubt, server)
    assert tally.is_clean, tally.notes
    assert (tally.held, tally.doubled_as_asked) == {"hold": (1, 0), "resend_once": (0, 1), "evidence": (0, 0)}[doubt]


def test_the_helpers_of_a_parent_that_is_killed_end_with_what_is_on_its_way(folder: Path) -> None:
    """They do not go on for hours behind everybody's back; what they had claimed is free at once."""
    with scripted() as server:
        gate = Gate(server, "body", 80, wait=2)
        config = settings(folder, server.port, processes=2, batch=20)
        with crew(*SERVE, str(config), "deliver") as command:
            assert gate.reached.wait(DEADLINE)
            command.kill("parent")
            gate.opened.set()
            assert command.ended() == -signal.SIGKILL
        after = states(folder)
        assert after["handing"] == 1
        assert after["sent"] <= 82
        assert after["claimed"] < 20, "only the parent's"
        assert given_back(folder)
        tally = finished(folder, server.port, Doubt.HOLD, server)
    assert tally.is_clean, tally.notes
    assert tally.held == 1
