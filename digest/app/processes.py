"""Starting other processes of this program so that no signal meets them half awake, and nothing is said behind them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""What reaches all processes of a terminal or of a service."""

_QUIET = "ignore:resource_tracker:UserWarning"


@contextmanager
def signals_wait() -> Iterator[None]:
    """Have signals wait, for this process and those it starts, until they can do something about it.

    A process that was started so has to let them in (``let_signals_in``).
    """
    _track_quietly()  # which lets all signals in when it begins, so it has to have begun
    with _kept_for_later():
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _kept_for_later() -> Iterator[None]:
    """Keep signals for the end that reach another thread of this process, which does not block them."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python's handlers run in the main thread only
        return
    late: list[int] = []
    before = {number: signal.signal(number, lambda number, _: late.append(number)) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        for one in late:
            signal.raise_signal(one)


def let_signals_in() -> None:
    """Have done with signals what was set for them, in a process that was started while they waited."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _track_quietly() -> None:
    """Start the process that tidies up behind a killed one: it would tell the user of semaphores that it removed."""
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = ",".join(filter(None, (before, _QUIET)))
    try:
        resource_tracker.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before
