"""What the processes of a crew do in tests; another process must find it, so it stands in a module of its own."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from datetime import datetime

from digest.config import Config
from digest.errors import StoreError
from digest.model import OutboxState
from digest.pipeline.deliver import DeliveryReport


def send_two(config: Config, now: datetime | None) -> DeliveryReport:
    """Report two messages as sent."""
    del config, now
    return DeliveryReport(states=Counter({OutboxState.SENT: 2}), errors=[("ada@example.org", "full")])


def refuse(config: Config, now: datetime | None) -> DeliveryReport:
    """Have no database."""
    raise StoreError("it is gone", place=config.store.url)


def die(config: Config, now: datetime | None) -> DeliveryReport:
    """End without a word, as a process does that the kernel kills."""
    os.kill(os.getpid(), signal.SIGKILL)
    return send_two(config, now)


def go_on(config: Config, now: datetime | None) -> DeliveryReport:
    """Work until somebody interrupts; say into a pipe that it began, and that it was so."""
    assert config.reports.folder
    with config.reports.folder.open("w") as said:
        try:
            said.write("at work\n")
            said.flush()
            threading.Event().wait(60)
        except KeyboardInterrupt:
            said.write("interrupted")
            raise
    return send_two(config, now)
