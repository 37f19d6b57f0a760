"""A wish to stop: who hears of it, and how urgent it is."""

from __future__ import annotations

import threading

from digest.app.stopping import Stop

LONG = 60.0


class Followers:
    """Note what is asked, and tell when it is "at once"."""

    def __init__(self) -> None:
        self.heard: list[bool] = []
        self.first, self.at_once = threading.Event(), threading.Event()

    def __call__(self, at_once: bool) -> None:
        """Note it."""
        self.heard.append(at_once)
        (self.at_once if at_once else self.first).set()


def test_nobody_hears_of_what_nobody_asks() -> None:
    """A delivery that nobody stops ends without its followers."""
    stop, told = Stop(), Followers()
    with stop.followed(told, patience=0):
        assert not stop.is_set()
        assert not stop.wait(0)
    assert told.heard == []


def test_asked_once_there_is_patience_and_asked_twice_there_is_none() -> None:
    """The first signal is the one that is remembered."""
    stop, told = Stop(), Followers()
    with stop.followed(told, patience=LONG):
        stop.ask(15)
        assert told.first.wait(LONG)
        assert (stop.is_set(), told.heard) == (True, [False])
        stop.ask(2)
        assert told.at_once.wait(LONG)
    assert (told.heard, stop.signal) == ([False, True], 15)


def test_patience_runs_out() -> None:
    """Who does not stop by itself hears the second time, as if it were asked again."""
    stop, told = Stop(), Followers()
    with stop.followed(told, patience=0.01):
        stop.ask()
        assert told.at_once.wait(LONG)
    assert told.heard == [False, True]


def test_what_ends_in_time_is_left_in_peace() -> None:
    """All followers hear the first wish, also those who follow later; the second is for those who go on."""
    stop, early, late = Stop(), Followers(), Followers()
    with stop.followed(early, patience=LONG):
        stop.ask()
        assert early.first.wait(LONG)
    with stop.followed(late, patience=LONG):
        assert late.first.wait(LONG)
    assert (early.heard, late.heard) == ([False], [False])


def test_who_waits_is_woken() -> None:
    """At once, by whichever thread."""
    stop = Stop()
    threading.Thread(target=stop.ask).start()
    assert stop.wait(LONG)
    assert stop.wait(0)
