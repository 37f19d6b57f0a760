"""What the processes of a crew do in tests; another process must find it, so it stands in a module of its own."""

from __future__ import annotations

import os
import signal
from collections import Counter
from datetime import datetime

from digest.app.stopping import Stop
from digest.config import Config
from digest.errors import StoreError
from digest.model import OutboxState
from digest.pipeline.deliver import DeliveryReport


def send_two(config: Config, now: datetime | None, stop: Stop) -> DeliveryReport:
    """Report two messages as sent."""
    del config, now, stop
    return DeliveryReport(states=Counter({OutboxState.SENT: 2}), errors=[("ada@example.org", "full")])


def refuse(config: Config, now: datetime | None, stop: Stop) -> DeliveryReport:
    """Have no database."""
    raise StoreError("it is gone", place=config.store.url)


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
