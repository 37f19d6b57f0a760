"""The engine of all saved queries is there at the next start, and always that of the store."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from digest.app import App, warm
from digest.config import Config, MatchingSettings, StoreSettings
from digest.model import Subscription
from digest.store import SqlStore
from tests.contract.making import NOW, subscribe

MANY = warm.WORTH_KEEPING


@pytest.fixture
def config(tmp_path: Path) -> Config:
    url, file = f"sqlite:///{tmp_path}/digest.db", tmp_path / "kept" / "engine"
    return Config(store=StoreSettings(url=url), matching=MatchingSettings(engine_file=file))


@pytest.fixture
def app(config: Config) -> Iterator[App]:
    with App.open(config, now=NOW) as app:
        yield app


def _subscribed(store: SqlStore, count: int) -> list[Subscription]:
    return subscribe(store, "ada@example.org", *(f'"word {n}" OR title:graph{n}' for n in range(count)))


def test_what_changed_meanwhile_is_noticed(app: App, config: Config) -> None:
    """Added, changed and removed behind a closed engine: only these are compiled, and the engine is the store's."""
    made = _subscribed(app.store, MANY + 3)
    app.make_ready()
    app.close()
    with App.open(config, now=NOW) as again:
        again.store.subscribers.update(replace(made[5], query="mamba"))
        again.store.subscribers.remove(made[6].id)
        (new,) = subscribe(again.store, "bob@example.org", "jamba")
        assert len(again.matcher) == MANY + 3
        assert again.matcher.changes == 0
        again.make_ready()
        assert again.matcher.changes == 3
        assert (made[6].id in again.matcher, new.id in again.matcher) == (False, True)
        again.make_ready()
        assert again.matcher.changes == 3


def test_few_subscriptions_make_no_file(app: App, config: Config) -> None:
    """A file is for those who need it."""
    _subscribed(app.store, 10)
    app.make_ready()
    app.close()
    assert config.matching.engine_file is not None
    assert not config.matching.engine_file.exists()


def test_a_damaged_file_costs_nothing_but_time(app: App, config: Config) -> None:
    """The engine is built again, and kept again, for its owner alone to read: queries are private."""
    file = config.matching.engine_file
    assert file is not None
    _subscribed(app.store, MANY)
    app.make_ready()
    app.close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["engine"]
    whole = file.read_bytes()
    file.write_bytes(whole[:1000])
    with App.open(config, now=NOW) as again:
        assert len(again.matcher) == 0
        again.make_ready()
        assert len(again.matcher) == MANY
    assert file.stat().st_size == len(whole)


def test_a_file_that_cannot_be_written_is_a_warning(app: App, config: Config, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody's digest waits for a copy."""
    file = config.matching.engine_file
    assert file is not None
    file.parent.write_text("no folder")
    _subscribed(app.store, MANY)
    app.make_ready()
    with caplog.at_level(logging.WARNING):
        app.close()
    assert "[matching] engine_file" in caplog.text


def test_a_stored_query_that_nobody_understands_is_left_out(app: App) -> None:
    """The others are ready; composing will say whose it is."""
    made = _subscribed(app.store, 3)
    app.store.subscribers.update(replace(made[1], query="(mamba"))
    app.make_ready()
    assert [one.id in app.matcher for one in made] == [True, False, True]
