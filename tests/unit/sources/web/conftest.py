"""What the tests of web sources share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from digest.sources.web.fetch import Fetcher, Rates
from digest.sources.web.guard import Guard
from tests.unit.sources.web.loopback import Loopback, loopback


@pytest.fixture
def server() -> Iterator[Loopback]:
    """Return a running web server."""
    with loopback() as running:
        yield running


@pytest.fixture
def slept() -> list[float]:
    """Return the pauses that were made, none of which took any time."""
    return []


@pytest.fixture
def fetcher(slept: list[float]) -> Fetcher:
    """Return a fetcher that may talk to loopback and does not really wait."""
    rates = Rates({}, 0.0, sleep=slept.append, steady=lambda: 0.0)
    return Fetcher(guard=Guard({"127.0.0.1"}), rates=rates, seconds=5.0, max_bytes=100_000, contact="ops@example.org")
