"""The three verbs of an ``App`` as duties of a ticker, with a report of what each round did."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from digest.app import App, RunReport
from digest.app.remembering import in_order
from digest.app.report import counted
from digest.app.stopping import Stop
from digest.model import Quiet
from digest.pipeline.compose import ComposedFor
from digest.pipeline.deliver import DeliveryReport
from digest.pipeline.ingest import Ingested, Outcome, Refused
from digest.scheduler.ticker import Duty

PATIENCE = 10.0
"""Seconds that a round waits for slow hosts. What comes later is stored by the next one; digests go out meanwhile."""

LOG = logging.getLogger("digest.service")


def duties(app: App, stop: Stop) -> Sequence[Duty]:
    """Return what the service does at each tick: the verbs one by one, the feed files, the report.

    What one verb did is in the store, where the next finds it; what a failing one did not do, the next round does.
    When somebody asks to ``stop``, each ends with the document, reader or messages at hand.
    """
    rounds = _Round(app, stop)
    return (
        Duty("returned", rounds.take_back),
        Duty("ingest", rounds.ingest),
        Duty("compose", rounds.compose),
        Duty("feeds", rounds.publish),
        Duty("deliver", rounds.deliver),
        Duty("report", rounds.report),
    )


class _Round:
    """What this round did so far; the report empties it."""

    def __init__(self, app: App, stop: Stop) -> None:
        self._app = app
        self._stop = stop
        self._ingested: list[Outcome] = []
        self._composed: list[ComposedFor] = []
        self._feeds: tuple[Path, ...] = ()
        self._delivery: DeliveryReport | None = None
        for trouble in app.template_troubles():
            LOG.warning("%s; the shipped template serves meanwhile", trouble)

    def take_back(self) -> str:
        """Act on mail that came back, before more is sent."""
        mails = silenced = 0
        for taken in self._app.take_back():
            mails += 1
            silenced += bool(taken.suppressed)
            if taken.problem:
                LOG.warning("%s: %s", taken.name, taken.problem)
            if self._stop.is_set():
                break
        return f"{mails} mails came back, {silenced} readers get no more mail" if mails else ""

    def ingest(self) -> str:
        """Read what the sources hold."""
        before = len(self._ingested)
        for outcome in _warned(self._app.ingest(self._app.sources(), patience=PATIENCE)):
            self._ingested.append(outcome)
            if self._stop.is_set():
                break
        return "; ".join(_said(item) for item in self._ingested[before:] if isinstance(item, Ingested))

    def compose(self) -> str:
        """Compose for who is due. What was committed counts, even if the next batch fails."""
        self._app.make_ready()
        due = digests = 0
        for outcome in self._app.compose():
            self._composed.append(outcome)
            due += 1
            digests += outcome.digest is not None
            if outcome.failed:
                LOG.warning("no digest for subscriber %d: %s", outcome.due.subscriber.id, outcome.reason)
            if self._stop.is_set():
                break
        return f"{digests} digests for {due} readers due" if due else ""

    def publish(self) -> str:
        """Write the feed files of those who got a digest, now or in a round that was killed before this."""
        self._feeds = self._app.publish_new()
        return f"{len(self._feeds)} files written" if self._feeds else ""

    def deliver(self) -> str:
        """Send what waits in the outbox."""
        self._delivery = self._app.deliver(self._stop)
        for alarm, messages in self._delivery.alarms.items():
            LOG.error("%s (messages: %d)", alarm, messages)
        if self._delivery.remark:
            LOG.warning("%s", self._delivery.remark)
        counts = self._delivery.counts()
        if self._delivery.stopped:
            return f"stopped: {counts.get('sent', 0)} sent, {self._app.waiting()} wait for the next start"
        return counted(counts) if any(counts.values()) else ""

    def report(self) -> str:
        """Write the report of a round in which something happened."""
        report = RunReport(
            at=self._app.clock(),
            ingested=in_order(self._ingested, self._app.sources()),
            composed=tuple(self._composed),
            delivery=self._delivery,
            feeds=self._feeds,
            templates=self._app.template_troubles(),
        )
        sent = self._delivery is not None and any(self._delivery.counts().values())
        self._ingested, self._composed, self._feeds, self._delivery = [], [], (), None
        if any(not isinstance(o, Quiet) for o in report.ingested) or report.composed or sent:
            self._app.record(report)
        return ""


def _warned(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Pass outcomes on and log those that gave nothing, and what is odd about the others."""
    for outcome in outcomes:
        if isinstance(outcome, Refused):
            LOG.warning("%s: %s", outcome.name, outcome.error)
        elif isinstance(outcome, Ingested):
            for warning in outcome.listing.warnings:
                LOG.warning("%s: %s", outcome.listing.document.name, warning)
        yield outcome


def _said(ingested: Ingested) -> str:
    return f"{ingested.listing.document.name}: {counted(ingested.counts())}"
