"""Stopping this program: who asked for it, how urgently, and who hears of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

_Heard = SimpleQueue[int | None]
"""How often a stop was asked for, each time it is; ``None`` when nobody listens any more."""


class Stop:
    """A wish to stop, which may be uttered twice: asked once, work ends with what is on its way; asked twice, at once.

    Any thread may ask, and so may a signal handler: no lock is taken that the interrupted code may hold.
    """

    def __init__(self) -> None:
        self._times = 0
        self._listeners: list[_Heard] = []
        self.signal = 0
        """The number of the signal that asked first; 0 where none did."""

    def ask(self, signal: int = 0) -> None:
        """Ask, in the name of a signal where there was one."""
        self._times += 1
        self.signal = self.signal or signal
        for listener in tuple(self._listeners):
            listener.put(self._times)

    def is_set(self) -> bool:
        """Return whether it was asked for."""
        return self._times > 0

    def wait(self, timeout: float) -> bool:
        """Wait until it is asked for, or so many seconds; return whether it was."""
        with self._listening() as heard:
            return _next(heard, timeout) != 0

    @contextmanager
    def followed(self, act: Callable[[bool], None], *, patience: float) -> Iterator[None]:
        """Have ``act(False)`` called by another thread when a stop is asked for while the body of the ``with`` runs.

        And ``act(True)``, for "at once", when it is asked for again, or when the body runs so many seconds on.
        """
        with self._listening() as heard:
            thread = threading.Thread(target=_follow, args=(heard, act, patience), name="stopping", daemon=True)
            thread.start()
            try:
                yield
            finally:
                heard.put(None)
                thread.join()

    @contextmanager
    def _listening(self) -> Iterator[_Heard]:
        heard: _Heard = SimpleQueue()
        self._listeners.append(heard)
        if self._times:
            heard.put(self._times)
        try:
            yield heard
        finally:
            self._listeners.remove(heard)


def _follow(heard: _Heard, act: Callable[[bool], None], patience: float) -> None:
    times = heard.get()
    if times is None:
        return
    act(False)
    while times == 1:
        times = _next(heard, patience)
    if times is not None:
        act(True)


def _next(heard: _Heard, timeout: float) -> int | None:
    """Return what is heard next, 0 where nothing is for so many seconds."""
    try:
        return heard.get(timeout=timeout)
    except Empty:
        return 0
