"""Every store there is: SQLite in memory, SQLite in a file, and a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digest.store import SqlStore


@pytest.fixture(params=["memory", "file", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """Return an empty store of each kind in turn."""
    urls: dict[str, Callable[[], str]] = {
        "memory": lambda: "sqlite://",
        "file": lambda: f"sqlite:///{tmp_path / 'digest.db'}",
        "postgresql": lambda: str(request.getfixturevalue("postgres").store()),
    }
    with SqlStore.open(urls[request.param]()) as opened:
        yield opened


@pytest.fixture(params=["file", "postgresql"])
def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty store that several processes or threads can open."""
    if request.param == "file":
        return f"sqlite:///{tmp_path / 'digest.db'}"
    return str(request.getfixturevalue("postgres").store())


@pytest.fixture(params=["file", "postgresql"])
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database that holds nothing, no table either."""
    if request.param == "file":
        return f"sqlite:///{tmp_path / 'digest.db'}"
    return str(request.getfixturevalue("postgres").database())
