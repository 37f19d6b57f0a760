"""The ticker: every duty, whatever befalls its neighbours and the clock."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from digest.errors import StoreError
from digest.scheduler import ClockWatch, Duty, Ticker, steady

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DEADLINE = 20.0

T = TypeVar("T")


class Clocks:
    """A wall clock and a steady one that tests move by hand."""

    def __init__(self) -> None:
        self.wall, self.steady = T0, 1000.0

    def run(self, seconds: float) -> None:
        """Let both clocks run on."""
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds

    def set_wall(self, **by: float) -> None:
        """Set the wall clock forward or back, as a person or a time daemon does."""
        self.wall += timedelta(**by)


@pytest.fixture
def clocks() -> Clocks:
    """Return two clocks that agree."""
    return Clocks()


def _noting(done: list[T], what: Callable[[], T]) -> Callable[[], str]:
    def do() -> str:
        done.append(what())
        return ""

    return do


def _ticker(clocks: Clocks, *duties: Callable[[], str]) -> Ticker:
    named = [Duty(f"duty {number}", do) for number, do in enumerate(duties)]
    return Ticker(named, every=timedelta(seconds=30), wall=lambda: clocks.wall, steady=lambda: clocks.steady)


def test_every_tick_does_every_duty_in_turn(clocks: Clocks) -> None:
    """Duties are done in the given order, once a tick."""
    done: list[str] = []
    ticker = _ticker(clocks, _noting(done, lambda: "a"), _noting(done, lambda: "b"))
    ticker.tick()
    clocks.run(30)
    ticker.tick()
    assert done == ["a", "b", "a", "b"]


def test_a_failing_duty_stops_nothing_and_is_one_line_in_the_log(
    clocks: Clocks, caplog: pytest.LogCaptureFixture
) -> None:
    """An expected error and a bug alike cost one duty of one tick; both are counted and told in one line."""
    done: list[str] = []

    def no_store() -> str:
        raise StoreError("is locked", place="digest.db", hint="stop the other program")

    def bug() -> str:
        raise ZeroDivisionError("division\nby zero")

    ticker = _ticker(clocks, no_store, bug, _noting(done, lambda: "x"))
    with caplog.at_level(logging.INFO):
        ticker.tick()
    assert done == ["x"]
    assert ticker.pulse().failures == {"duty 0": 1, "duty 1": 1, "duty 2": 0}
    assert caplog.messages == [
        "duty 0 failed, the rest goes on: digest.db: is locked (stop the other program)",
        "duty 1 failed, the rest goes on: ZeroDivisionError: division by zero",
    ]


def test_what_was_done_is_said_and_nothing_is_said_of_nothing(clocks: Clocks, caplog: pytest.LogCaptureFixture) -> None:
    """A quiet service has a quiet log."""
    ticker = _ticker(clocks, lambda: "12 new", lambda: "")
    with caplog.at_level(logging.INFO):
        ticker.tick()
    assert caplog.messages == ["duty 0: 12 new"]


@pytest.mark.parametrize("by", [timedelta(days=1), timedelta(hours=-3)])
def test_a_jump_of_the_clock_costs_one_tick_and_is_then_believed(clocks: Clocks, by: timedelta) -> None:
    """A clock set wrong for a moment plans nothing; one that stays where it was set is right."""
    done: list[datetime] = []
    ticker = _ticker(clocks, _noting(done, lambda: clocks.wall))
    ticker.tick()
    clocks.run(30)
    clocks.wall += by
    ticker.tick()
    assert done == [T0]
    clocks.run(30)
    ticker.tick()
    assert done == [T0, T0 + timedelta(seconds=60) + by]


def test_a_glitch_of_the_clock_plans_nothing_while_it_lasts(clocks: Clocks) -> None:
    """Forward at one tick and back at the next: no duty ever saw the wrong time."""
    done: list[datetime] = []
    ticker = _ticker(clocks, _noting(done, lambda: clocks.wall))
    ticker.tick()
    for minutes in (90, -90):
        clocks.run(30)
        clocks.set_wall(minutes=minutes)
        ticker.tick()
    clocks.run(30)
    ticker.tick()
    assert done == [T0, T0 + timedelta(seconds=90)]


def test_small_steps_of_a_time_daemon_are_no_jump() -> None:
    """Seconds of correction, and hours in which both clocks ran on, are ordinary life."""
    watch = ClockWatch()
    assert watch.jump(T0, 0.0) == timedelta()
    assert watch.jump(T0 + timedelta(hours=8, seconds=90), 8 * 3600.0) == timedelta()
    assert watch.jump(T0 + timedelta(hours=9, seconds=300), 9 * 3600.0) == timedelta(seconds=210)


def test_a_wake_up_is_overdue_after_three_intervals_without_one(clocks: Clocks) -> None:
    """What the wall clock says does not matter here."""
    ticker = _ticker(clocks, lambda: "")
    ticker.tick()
    clocks.run(90)
    clocks.set_wall(days=-1)
    assert not ticker.is_overdue()
    clocks.run(1)
    assert ticker.is_overdue()
    ticker.tick()
    assert not ticker.is_overdue()


def test_it_ticks_at_once_and_again_and_stops_after_the_duty_at_hand() -> None:
    """The first tick comes at the start; when told to stop it finishes the duty at hand and begins no other."""
    begun = threading.Semaphore(0)
    stop, may_end = threading.Event(), threading.Event()
    seen: list[bool] = []

    def first() -> str:
        begun.release()
        assert may_end.wait(DEADLINE)
        return ""

    ticker = Ticker(
        [Duty("first", first), Duty("second", _noting(seen, stop.is_set))],
        every=timedelta(milliseconds=20),
        wall=lambda: datetime.now(UTC),
    )
    runner = threading.Thread(target=ticker.run, args=(stop,))
    runner.start()
    may_end.set()
    assert all(begun.acquire(timeout=DEADLINE) for _ in range(3))
    may_end.clear()
    while begun.acquire(blocking=False):
        pass
    assert begun.acquire(timeout=DEADLINE)
    stop.set()
    may_end.set()
    runner.join(DEADLINE)
    assert not runner.is_alive()
    assert seen
    assert not any(seen)


def test_the_steady_clock_only_runs_forward() -> None:
    """It is what jumps are measured against."""
    assert steady() <= steady()
