"""Delivery by several processes: one process of Python keeps one core busy, however many connections it has.

Each process opens the store and claims messages of its own; leases and fences keep them apart, as they do two services.
The processes stop when this one is asked to, and when it is gone.
"""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING, NamedTuple

from digest.app.processes import SIGNALS, let_signals_in, signals_wait
from digest.app.stopping import Stop
from digest.config import Config
from digest.errors import DigestError

if TYPE_CHECKING:
    from digest.pipeline.deliver import DeliveryReport

WORTH_A_PROCESS = 200
"""Messages for which it pays to start another process, which takes about a second."""

LOST = "a process that delivered ended before its work was done; what it had claimed leaves when its lease has run out"

BROKEN = "a process that delivered met with a mistake in the program"

_SPAWN = get_context("spawn")
"""A fork would inherit open databases, and locks that other threads hold."""


Work = Callable[[Config, datetime | None, Stop], "DeliveryReport"]
"""Delivery by one process; a function of a module, as another process must find it."""


class _Helper(NamedTuple):
    """A process that delivers, and the line on which it is told to stop and answers."""

    process: SpawnProcess
    line: Connection


@contextmanager
def helped(
    work: Work, config: Config, now: datetime | None, helpers: int, stop: Stop
) -> Iterator[list[DeliveryReport]]:
    """Have so many other processes do ``work`` meanwhile; what became of their messages is there at the end.

    They are told of a ``stop``. Where something goes wrong meanwhile, each of them ends with the messages that are on
    their way.
    """
    crew = _started(work, config, now, helpers) if helpers else []
    reports: list[DeliveryReport] = []
    try:
        with stop.followed(partial(_tell, crew), patience=config.delivery.stop_seconds):
            yield reports
            reports += [_answer(helper) for helper in crew]
    finally:
        for helper in crew:
            helper.line.close()  # which tells it to stop, where it is not done
        for helper in crew:
            helper.process.join()


def _started(work: Work, config: Config, now: datetime | None, helpers: int) -> list[_Helper]:
    with signals_wait():
        return [_start(work, config, now) for _ in range(helpers)]


def _start(work: Work, config: Config, now: datetime | None) -> _Helper:
    here, there = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_work, args=(work, config, now, there), name="digest delivery", daemon=True)
    process.start()
    there.close()  # so that the end of the process is the end of the line
    return _Helper(process, here)


def _tell(crew: Sequence[_Helper], at_once: bool) -> None:
    """Tell the processes to stop; how urgently it is they count themselves."""
    del at_once
    for helper in crew:
        with suppress(OSError):
            helper.line.send(None)


def _work(work: Work, config: Config, now: datetime | None, line: Connection) -> None:
    """Deliver, in a process of its own, and answer with the report or with what kept it from the work.

    Signals are left to the parent: Ctrl-C reaches every process of a terminal, SIGTERM every process of a service.
    """
    stop = Stop()
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    let_signals_in()
    threading.Thread(target=_listen, args=(line, stop), name="stopping", daemon=True).start()
    with suppress(ConnectionError):  # the parent is gone
        try:
            line.send(work(config, now, stop))
        except DigestError as error:
            line.send(str(error))
        except ConnectionError:
            raise
        except Exception as error:  # a traceback would be shown in the middle of what the parent says
            line.send(f"{BROKEN}: {type(error).__name__}: {' '.join(str(error).split())}")


def _listen(line: Connection, stop: Stop) -> None:
    """Ask to stop as often as the parent says so, and when the parent is gone."""
    with suppress(EOFError, OSError):
        while True:
            line.recv()
            stop.ask()
    stop.ask()


def _answer(helper: _Helper) -> DeliveryReport:
    from digest.pipeline.deliver import DeliveryReport

    try:
        answer: DeliveryReport | str = helper.line.recv()
    except (EOFError, ConnectionError):
        answer = LOST
    return DeliveryReport(alarms=Counter([answer])) if isinstance(answer, str) else answer
