"""The digest of the invented demo day: something to look at before there is anything real."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from digest.config import Config, StoreSettings, data_folder
from digest.errors import StoreError
from digest.model import Digest

if TYPE_CHECKING:
    from digest.app.wiring import App

SUBSCRIBED_AT = datetime(2026, 11, 18, 12, tzinfo=UTC)
DAYS = (datetime(2026, 11, 19, 23, 30, tzinfo=UTC), datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
"""When the two days are run: at the end of each, when all three readers' mornings have come."""


def subscribe_readers(app: App) -> None:
    """Subscribe the three invented readers."""
    from digest.app import readers, wishes

    file = data_folder("config") / "demo" / "subscribers.toml"
    defaults = readers.default_settings(app.config.defaults)
    for person, wished in wishes.read(file.read_text(encoding="utf-8"), place=str(file), defaults=defaults):
        readers.subscribe(app, person, wished)


def files_of(day: datetime) -> list[str]:
    """Return the sample listings of a day."""
    return [str(path) for path in sorted((data_folder("config") / "demo").glob(f"{day:%Y-%m-%d}*"))]


@contextmanager
def sample(config: Config, address: str = "ada@example.org") -> Iterator[tuple[App, Digest]]:
    """Yield an App over a store in memory, with the templates of ``config``, and a reader's first sample digest."""
    from digest.app.wiring import App

    aside = replace(config, store=StoreSettings(url="sqlite://"))
    before = App.open(aside, now=SUBSCRIBED_AT)
    subscribe_readers(before)
    with App(aside, before.store, now=DAYS[0]) as app:
        list(app.ingest(app.named(files_of(DAYS[0]))))
        subscriber = app.store.subscribers.find(address)
        digest = app.preview(subscriber) if subscriber else None
        if digest is None:
            raise StoreError("the sample reader has no sample digest", place=address)
        yield app, digest
