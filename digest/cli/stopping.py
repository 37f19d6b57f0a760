"""Ctrl-C and SIGTERM: a delivery and the service end in good order, and say how far they came."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import complain

if TYPE_CHECKING:
    from digest.app import App
    from digest.app.stopping import Stop
    from digest.pipeline.deliver import DeliveryReport

STOPPING = "stopping with what is on its way; once more to wait for no answer"

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stop_signals() -> Iterator[Stop]:
    """Yield a stop that SIGTERM or SIGINT asks for, the second one at once; the third does what it always does."""
    from digest.app.stopping import Stop

    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop  # who runs us in a thread of theirs has the signals
        return
    with _heard(stop), _third_time_as_ever():
        yield stop


@contextmanager
def _heard(stop: Stop) -> Iterator[None]:
    """Have another thread ask for a stop at each signal.

    A handler in Python runs when the main thread comes to it: a signal that falls between the end of an earlier
    handler and the next wait for a server would be heard when the server answers.
    """
    here, there = os.pipe()
    os.set_blocking(there, False)
    listener = threading.Thread(target=_listen, args=(here, stop), name="signals", daemon=True)
    listener.start()
    before = signal.set_wakeup_fd(there, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(there)
        listener.join()
        os.close(here)


def _listen(signals: int, stop: Stop) -> None:
    while number := os.read(signals, 1):
        if number[0] in _SIGNALS:
            is_first = not stop.is_set()
            stop.ask(number[0])
            if is_first:
                with suppress(OSError):  # nobody may be there to hear it
                    complain(STOPPING)


@contextmanager
def _third_time_as_ever() -> Iterator[None]:
    """Do nothing at two signals but let them be heard."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    times = 0

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def handle(number: int, _frame: Any) -> None:
        nonlocal times
        times += 1
        if times > 2:
            restore()
            signal.raise_signal(number)

    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        restore()


class Delivering:
    """A delivery that ends in good order when somebody stops it; ``waiting`` is then how many messages wait."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._signal = 0
        self.waiting: int | None = None

    def __call__(self) -> DeliveryReport:
        """Deliver what waits, until it is done or somebody stops it."""
        with stop_signals() as stop:
            report = self._app.deliver(stop)
        if report.stopped:
            self._signal, self.waiting = stop.signal, self._app.waiting()
        return report

    def end(self, report: DeliveryReport | None) -> None:
        """Leave with the exit code of the signal, where there was one, and say what is left to do."""
        if report is not None and self.waiting is not None:
            sent = report.counts().get("sent", 0)
            complain(f"interrupted: {sent} sent, {self.waiting} wait; run it again for the rest")
            raise click.exceptions.Exit(128 + self._signal)
