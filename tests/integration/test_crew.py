"""Delivery by several processes: nothing twice, nothing lost, whatever becomes of one of them."""

from __future__ import annotations

import contextlib
import gc
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from digest.app import App
from digest.app.crew import LOST, WORTH_A_PROCESS, Work, helped
from digest.app.stopping import Stop
from digest.app.wiring import deliver_apart
from digest.config import Config, DeliverySettings, LinkSettings, MailSettings, SmtpSettings, StoreSettings
from digest.config.settings import MailBy, ReportSettings
from digest.model import OutboxState
from digest.pipeline.deliver import DeliveryReport
from tests.integration import crew_work
from tests.integration.proofs import taken
from tests.integration.smtp_server import ScriptedServer, scripted
from tests.integration.verbs import NOW, compose, ingest, subscribe


def config(folder: Path, port: int = 25, processes: int = 2) -> Config:
    return replace(
        Config(),
        store=StoreSettings(url=f"sqlite:///{folder}/digest.db"),
        mail=MailSettings(by=MailBy.SMTP, from_address="digest@digest.example"),
        smtp=SmtpSettings(host="127.0.0.1", port=port),
        links=LinkSettings(secret_file=folder / "secret"),
        delivery=DeliverySettings(processes=processes, connections=2),
        reports=ReportSettings(folder=folder / "said"),
    )


@contextmanager
def waiting(folder: Path, messages: int, processes: int = 2) -> Iterator[tuple[App, ScriptedServer]]:
    """Have so many messages wait in an outbox, and a server for them."""
    with scripted() as server, App.open(config(folder, server.port, processes), now=NOW) as app:
        readers = tuple(f"reader{n}@example.org" for n in range(messages))
        subscribe(app.config.store.url, readers=readers)
        ingest(app.config.store.url)
        compose(app.config.store.url)
        yield app, server


def senders(app: App) -> set[str]:
    """Return which processes sent messages."""
    return {attempt.by for row in app.store.views.outbox(limit=1000) for attempt in app.store.desk.history(row.id)}


def test_collecting_garbage_is_as_before_when_all_is_delivered(tmp_path: Path) -> None:
    """It is rarer meanwhile, for speed, and nobody else's business."""
    before = gc.get_threshold()
    with waiting(tmp_path, 2) as (app, _):
        app.deliver()
    assert gc.get_threshold() == before


def test_another_process_can_do_all_of_it(tmp_path: Path) -> None:
    """It needs nothing but the settings; its messages are in the report."""
    with waiting(tmp_path, 3) as (app, server):
        with helped(deliver_apart, app.config, NOW, 1, Stop()) as others:
            pass
        assert [other.counts() for other in others] == [{"sent": 3}]
        (sender,) = senders(app)
        assert not sender.endswith(f":{os.getpid()}")
    assert len(server.accepted) == 3


def test_where_there_is_enough_for_them_several_processes_send_to_everybody_once(tmp_path: Path) -> None:
    """For a few messages it would take longer to start one than to send them; never more than the setting says."""
    with waiting(tmp_path, 2 * WORTH_A_PROCESS + 1) as (one, server):
        wanted = [App(config(tmp_path, 25, processes), one.store, now=NOW).helpers_wanted() for processes in (1, 2, 9)]
        assert wanted == [0, 1, 2]
        assert one.deliver().counts() == {"sent": 2 * WORTH_A_PROCESS + 1}
        assert one.helpers_wanted() == 0
    assert Counter(taken(server.accepted).values()) == {1: 2 * WORTH_A_PROCESS + 1}


@pytest.mark.parametrize(
    ("work", "report"),
    [
        (
            crew_work.send_two,
            DeliveryReport(states=Counter({OutboxState.SENT: 4}), errors=[("ada@example.org", "full")] * 2),
        ),
        (crew_work.die, DeliveryReport(alarms=Counter({LOST: 2}))),
    ],
)
def test_what_became_of_their_messages_is_reported(work: Work, report: DeliveryReport, tmp_path: Path) -> None:
    """Two helpers: their reports are added up; one that is killed is an alarm, and takes nobody along."""
    whole = DeliveryReport()
    with helped(work, config(tmp_path), NOW, 2, Stop()) as others:
        pass
    for other in others:
        whole.add(other)
    assert whole == report


@pytest.mark.parametrize(
    ("work", "said"), [(crew_work.refuse, "digest.db: it is gone"), (crew_work.fail, "of nothing")]
)
def test_a_helper_that_cannot_work_says_why(
    work: Work, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """In the report, with the place, and without a traceback."""
    with helped(work, config(tmp_path), NOW, 1, Stop()) as others:
        pass
    (report,) = others
    assert [alarm for alarm in report.alarms if said in alarm]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("how", ["asked", "broken"])
def test_who_stops_stops_the_helpers(how: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Asked to stop, or where the delivery breaks off: all have ended, each in good order, deaf to signals."""
    pipe, stop = tmp_path / "said", Stop()
    os.mkfifo(pipe)
    with contextlib.suppress(ZeroDivisionError), helped(crew_work.go_on, config(tmp_path), NOW, 1, stop) as others:
        said = pipe.open()
        assert said.readline() == "at work\n"
        if how == "broken":
            raise ZeroDivisionError
        stop.ask()
    with said:
        assert said.read() == "stopped"
    assert [other.stopped for other in others] == ([True] if how == "asked" else [])
    assert capfd.readouterr().err == ""
