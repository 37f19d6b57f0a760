"""Delivery by several processes: one process of Python keeps one core busy, however many connections it has.

Each process opens the store and claims messages of its own; leases and fences keep them apart, as they do two services.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING, NamedTuple

from digest.config import Config
from digest.errors import DigestError

if TYPE_CHECKING:
    from digest.pipeline.deliver import DeliveryReport

WORTH_A_PROCESS = 200
"""Messages for which it pays to start another process, which takes about a second."""

LOST = "a process that delivered ended before its work was done; what it had claimed leaves when its lease has run out"

_SPAWN = get_context("spawn")
"""A fork would inherit open databases, and locks that other threads hold."""


Work = Callable[[Config, datetime | None], "DeliveryReport"]
"""Delivery by one process; a function of a module, as another process must find it."""


class _Helper(NamedTuple):
    """A process that delivers, and where its answer comes from."""

    process: SpawnProcess
    answer: Connection


@contextmanager
def helped(work: Work, config: Config, now: datetime | None, helpers: int) -> Iterator[list[DeliveryReport]]:
    """Have so many other processes do ``work`` meanwhile; what became of their messages is there at the end.

    Where something goes wrong meanwhile, or the command is interrupted, each of them ends with the messages that are
    on their way.
    """
    with _signals_wait():
        crew = [_start(work, config, now) for _ in range(helpers)]
    reports: list[DeliveryReport] = []
    try:
        yield reports
        reports += [_answer(helper) for helper in crew]
    except BaseException:
        for helper in crew:
            _interrupt(helper.process)
        raise
    finally:
        for helper in crew:
            helper.process.join()
            helper.answer.close()


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Have Ctrl-C wait, for this process and those it starts, until they can do something about it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(work: Work, config: Config, now: datetime | None) -> _Helper:
    here, there = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_work, args=(work, config, now, there), name="digest delivery", daemon=True)
    process.start()
    there.close()  # so that the end of the process is the end of the answer
    return _Helper(process, here)


def _work(work: Work, config: Config, now: datetime | None, answer: Connection) -> None:
    """Deliver, in a process of its own, and answer with the report or with what kept it from the work."""
    with suppress(KeyboardInterrupt, BrokenPipeError):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        try:
            answer.send(work(config, now))
        except DigestError as error:
            answer.send(str(error))


def _answer(helper: _Helper) -> DeliveryReport:
    from digest.pipeline.deliver import DeliveryReport

    try:
        answer: DeliveryReport | str = helper.answer.recv()
    except EOFError:
        answer = LOST
    return DeliveryReport(alarms=Counter([answer])) if isinstance(answer, str) else answer


def _interrupt(process: SpawnProcess) -> None:
    """Tell a process to stop, as Ctrl-C does."""
    if process.pid is not None and process.is_alive():
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGINT)
