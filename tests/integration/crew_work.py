"""What the processes of a crew do in tests; another process must find it, so it stands in a module of its own."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from digest.app import App
from digest.app.crew import helped
from digest.app.stopping import Stop
from digest.config import Config, StoreSettings
from digest.errors import StoreError
from digest.model import Message, OutboxState
from digest.pipeline.deliver import DeliveryReport, deliver
from tests.integration.verbs import NOW, compose, opened, renderer


class Crewed(App):
    """The program, with all the processes of its settings however little there is to do."""

    def helpers_wanted(self) -> int:
        """Return how many help."""
        return self.config.delivery.processes - 1


class Loud:
    """A channel that says what it has sent on standard output, past every buffer."""

    repeatable = False
    relay = "standard output"

    def send(self, message: Message, *, handing: Callable[[], None]) -> str:
        """Say it."""
        handing()
        os.write(1, message.message_id.encode())
        return "250 ok"

    def close(self) -> None:
        """Do nothing."""


def compose_and_say(url: str) -> None:
    """Compose, and say so."""
    compose(url)
    os.write(1, b"composed")


def deliver_by_helpers(url: str, helpers: int) -> None:
    """Have so many processes deliver, loudly."""
    with helped(deliver_loudly, replace(Config(), store=StoreSettings(url=url)), NOW, helpers, Stop()) as reports:
        pass
    assert not any(report.alarms or report.errors for report in reports)


def deliver_loudly(config: Config, now: datetime | None, stop: Stop) -> DeliveryReport:
    """Deliver everything, two messages at a time, saying each."""
    loud = Loud()
    with opened(config.store.url) as store:
        return deliver(
            store.outbox,
            renderer(),
            lambda _: loud,
            owner=f"{os.getpid()}",
            now=lambda: now or NOW,
            limit=2,
            stopping=stop.is_set,
        )


def send_two(config: Config, now: datetime | None, stop: Stop) -> DeliveryReport:
    """Report two messages as sent."""
    del config, now, stop
    return DeliveryReport(states=Counter({OutboxState.SENT: 2}), errors=[("ada@example.org", "full")])


def refuse(config: Config, now: datetime | None, stop: Stop) -> DeliveryReport:
    """Have no database."""
    raise StoreError("it is gone", place=config.store.url)


def fail(config: Config, now: datetime | None, stop: Stop) -> DeliveryReport:
    """Meet with a mistake."""
    raise ZeroDivisionError("of nothing")


def die(config: Config, now: datetime | None, stop: Stop) -> DeliveryReport:
    """End without a word, as a process does that the kernel kills."""
    os.kill(os.getpid(), signal.SIGKILL)
    return send_two(config, now, stop)


def go_on(config: Config, now: datetime | None, stop: Stop) -> DeliveryReport:
    """Work until somebody stops it, whatever signals come; say into a pipe that it began, and that it was stopped."""
    assert config.reports.folder
    with config.reports.folder.open("w") as said:
        said.write("at work\n")
        said.flush()
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(os.getpid(), number)
        said.write("stopped" if stop.wait(60) else "not stopped")
    return DeliveryReport(stopped=True)
