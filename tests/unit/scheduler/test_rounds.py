"""The verbs as duties: what one fails to do stops nobody, and the report tells what the round did."""

from __future__ import annotations

import json
import logging
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digest.app import App
from digest.app.stopping import Stop
from digest.config import Config, LinkSettings, ReportSettings, StoreSettings
from digest.errors import StoreError
from digest.model import ChannelName, Digest, Due, OutboxState, Subscriber
from digest.pipeline.compose import ComposedFor
from digest.pipeline.deliver import DeliveryReport
from digest.pipeline.ingest import Ingested, Refused
from digest.ports import Source
from digest.scheduler import Ticker, duties
from digest.store import SqlStore

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADA = Subscriber(id=1, address="ada@example.org", channel=ChannelName.NONE, created_at=T0)


class StandIn(App):
    """An App whose verbs answer what a test wants."""

    refused: tuple[Refused, ...] = ()
    composed: tuple[ComposedFor, ...] = ()
    sent = 0
    alarms: tuple[str, ...] = ()
    compose_breaks = False
    published = 0

    def sources(self, *, dry_run: bool = False) -> tuple[Source, ...]:
        """Return none."""
        return ()

    def ingest(
        self,
        sources: Iterable[Source],
        *,
        forced_format: str | None = None,
        dry_run: bool = False,
        patience: float | None = None,
    ) -> Iterator[Ingested | Refused]:
        """Yield what was refused."""
        yield from self.refused

    def compose(self, *, dry_run: bool = False) -> Iterator[ComposedFor]:
        """Yield what was composed, then break where wanted."""
        yield from self.composed
        if self.compose_breaks:
            raise StoreError("is locked", place="digest.db")

    def publish_new(self) -> tuple[Path, ...]:
        """Count how often it is asked to catch up."""
        self.published += 1
        return (Path("feed.rss"),) if self.composed else ()

    def deliver(self, stop: Stop | None = None) -> DeliveryReport:
        """Return what was sent."""
        return DeliveryReport(states=Counter({OutboxState.SENT: self.sent}), alarms=Counter(self.alarms))


@pytest.fixture
def app(tmp_path: Path) -> Iterator[StandIn]:
    """Return a program whose reports go to a folder."""
    config = Config(
        store=StoreSettings(url="sqlite://"),
        reports=ReportSettings(folder=tmp_path / "reports"),
        links=LinkSettings(secret_file=tmp_path / "secret"),
    )
    with StandIn(config, SqlStore.open(config.store.url), now=T0) as app:
        yield app


def _tick(app: StandIn) -> Ticker:
    ticker = Ticker(duties(app, Stop()), every=timedelta(seconds=30), wall=app.clock)
    ticker.tick()
    return ticker


def _digest() -> ComposedFor:
    digest = Digest(subscriber=ADA, slot="2026-03-02", day=date(2026, 3, 2), composed_at=T0)
    return ComposedFor(Due(subscriber=ADA, subscriptions=()), digest)


def _reports(app: StandIn) -> list[dict[str, object]]:
    folder = app.config.reports.folder
    assert folder
    return [json.loads(path.read_text().splitlines()[-1]) for path in sorted(folder.glob("*.jsonl"))]


def test_a_round_in_which_nothing_happens_leaves_no_report_and_no_line(
    app: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """The folder of reports does not fill up with nothing, twice a minute."""
    with caplog.at_level(logging.INFO):
        _tick(app)
    assert _reports(app) == []
    assert caplog.messages == []


def test_a_round_is_reported_once(app: StandIn) -> None:
    """What happened in one round stands in its report and not in the next one's."""
    app.composed, app.sent = (_digest(),), 1
    ticker = _tick(app)
    assert [(r["digests"], r["delivered"], r["feeds"]) for r in _reports(app)] == [(1, {"sent": 1}, ["feed.rss"])]
    app.composed, app.sent = (), 0
    assert app.config.reports.folder
    shutil.rmtree(app.config.reports.folder)
    ticker.tick()
    assert _reports(app) == []


def test_what_was_composed_before_a_failure_is_published_delivered_and_reported(
    app: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """A store that fails in the middle of composing costs neither the digests made before nor the delivery."""
    app.composed, app.compose_breaks, app.sent = (_digest(),), True, 1
    ticker = _tick(app)
    assert ticker.pulse().failures["compose"] == 1
    assert app.published == 1
    assert [r["digests"] for r in _reports(app)] == [1]
    assert "compose failed, the rest goes on: digest.db: is locked" in caplog.messages


def test_a_long_reading_ends_with_the_document_at_hand_when_the_service_stops(app: StandIn) -> None:
    """A harvest of a thousand pages does not keep a service from stopping; the rest is read by the next one."""
    app.refused = tuple(Refused("inbox", f"page {number}", "x") for number in range(1000))
    asked = iter(range(1000))

    class AtTheThird(Stop):
        def is_set(self) -> bool:
            """Count how often it is asked."""
            return next(asked) == 2

    ticker = Ticker(duties(app, AtTheThird()), every=timedelta(seconds=30), wall=app.clock)
    ticker.tick()
    assert next(asked) == 3


def test_what_is_refused_and_who_got_nothing_is_in_the_log(app: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    """Somebody who reads the log alone learns what went wrong, by place and by number, never by address."""
    app.refused = (Refused("inbox", "notes.txt", "is no listing we know"),)
    app.composed = (replace(_digest(), digest=None, reason="the query is broken", failed=True),)
    _tick(app)
    assert caplog.messages == [
        "notes.txt: is no listing we know",
        "no digest for subscriber 1: the query is broken",
    ]


def test_an_alarm_of_the_delivery_is_an_error_in_the_log(app: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    """A relay that cannot be used, or mail refused for what it is, does not hide among the warnings."""
    app.alarms = ("mail waits",) * 3
    _tick(app)
    assert [(record.levelname, record.message) for record in caplog.records] == [("ERROR", "mail waits (messages: 3)")]
