"""One wake-up job that does every duty in turn."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

from digest.errors import DigestError
from digest.scheduler.clock import ClockWatch, steady

LOG = logging.getLogger("digest.service")

_JOB = "tick"


class Duty(NamedTuple):
    """Something to do at each tick; ``do`` returns what was done in one line, "" where there was nothing to do."""

    name: str
    do: Callable[[], str]


class Stopping(Protocol):
    """A wish to stop, as much of it as a ticker asks for."""

    def is_set(self) -> bool:
        """Return whether somebody wants to stop."""

    def wait(self, timeout: float) -> bool:
        """Wait so many seconds, or until somebody wants to stop; return whether somebody does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How the ticker fares: ticks done, failures by duty since the start, seconds since the last tick ended."""

    ticks: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)
    seconds_ago: float | None = None


class Ticker:
    """Does its duties every ``every``, one tick at a time; a duty that fails never stops the others or the ticker.

    ``wall`` is asked for the time before each tick: after a jump that tick is left out, so that a clock set wrong for
    a moment plans nothing and expires nothing.
    """

    def __init__(
        self,
        duties: Sequence[Duty],
        *,
        every: timedelta,
        wall: Callable[[], datetime],
        steady: Callable[[], float] = steady,
        watch: ClockWatch | None = None,
    ) -> None:
        self._duties = duties
        self._every = every
        self._wall = wall
        self._steady = steady
        self._watch = watch or ClockWatch()
        self._ticking = threading.Lock()
        self._woken_at = steady()
        self._ended_at: float | None = None
        self._ticks = 0
        self._failures = dict.fromkeys((duty.name for duty in duties), 0)
        self._stopping: Stopping = threading.Event()

    def tick(self) -> None:
        """Do every duty once, unless the clock has just jumped."""
        with self._ticking:
            self._woken_at = self._steady()
            jump = self._watch.jump(self._wall(), self._woken_at)
            if jump:
                LOG.warning("the clock jumped by %s: this tick is left out, to see whether it stays there", jump)
            else:
                self._do_all()
            self._ended_at = self._steady()
            self._ticks += 1

    def pulse(self) -> Pulse:
        """Return how the ticker fares now."""
        ended_at = self._ended_at
        ago = None if ended_at is None else self._steady() - ended_at
        return Pulse(ticks=self._ticks, failures=dict(self._failures), seconds_ago=ago)

    def run(self, stop: Stopping) -> None:
        """Tick until ``stop`` is set, then return once the duty at hand has ended.

        The scheduler plans by the wall clock, so a clock set back would silence it for as long: a wake-up that is
        overdue by the steady clock is ordered at once.
        """
        self._stopping = stop
        scheduler = _scheduler()
        scheduler.add_job(
            self.tick,
            "interval",
            id=_JOB,
            seconds=self._every.total_seconds(),
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        scheduler.start()
        try:
            while not stop.wait(self._every.total_seconds()):
                if self.is_overdue():
                    LOG.warning("the wake-up is overdue (was the clock set back?): ticking now")
                    scheduler.modify_job(_JOB, next_run_time=datetime.now(UTC))
        finally:
            scheduler.shutdown(wait=True)

    def is_overdue(self) -> bool:
        """Return whether no tick runs and the last one began more than three intervals ago."""
        return not self._ticking.locked() and self._steady() - self._woken_at > 3 * self._every.total_seconds()

    def _do_all(self) -> None:
        for duty in self._duties:
            if self._stopping.is_set():
                return
            self._do(duty)

    def _do(self, duty: Duty) -> None:
        try:
            done = duty.do()
        except DigestError as error:
            self._failed(duty, str(error))
        except Exception as error:
            self._failed(duty, f"{type(error).__name__}: {' '.join(str(error).split())}")
            LOG.debug("%s: where it happened", duty.name, exc_info=True)
        else:
            if done:
                LOG.info("%s: %s", duty.name, done)

    def _failed(self, duty: Duty, reason: str) -> None:
        self._failures[duty.name] += 1
        LOG.error("%s failed, the rest goes on: %s", duty.name, reason)


def _scheduler() -> Any:
    from apscheduler.executors.pool import ThreadPoolExecutor  # noqa: PLC0415 - costs 60 ms, wanted by `serve` only
    from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415

    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick longer than its interval is no event
    return BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})
