"""``digest run``, ``compose`` and ``deliver``: the verbs, one by one or in a row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import click

from digest.cli.options import State, command
from digest.cli.reading import reading_options, say_broken
from digest.cli.stopping import Delivering

if TYPE_CHECKING:
    from digest.app import RunReport
    from digest.pipeline.compose import ComposedFor
    from digest.pipeline.deliver import DeliveryReport


@command("run", dry_run=True, epilog="Without FILE, DIR or URL, the configured sources are read.")
@click.argument("files", nargs=-1, metavar="[FILE|DIR|URL]…")
@reading_options
def run(state: State, files: tuple[str, ...], listed_on: date | None, forced_format: str | None) -> None:
    """Ingest, compose and deliver in a row, and account for every paper."""
    with state.app() as app:
        sources = app.named(files, listed_on=listed_on) if files else app.sources(dry_run=state.dry_run)
        delivering = Delivering(app)
        report = app.run(sources, forced_format=forced_format, dry_run=state.dry_run, delivering=delivering)
        nobody = "" if report.composed else app.why_nobody()
    _show_report(state, report)
    if nobody and not state.as_json:
        state.out.text(nobody)
    delivering.end(report.delivery)


def _show_report(state: State, report: RunReport) -> None:
    for refused in report.refused:
        state.fail(refused.error if refused.name in refused.error else f"{refused.name}: {refused.error}")
    for document in report.documents:
        say_broken(state, document.listing)
    for trouble in report.templates:
        state.fail(f"{trouble}; the shipped template serves meanwhile")
    for outcome in report.composed:
        if outcome.failed:
            state.fail(f"{outcome.due.subscriber.address}: {outcome.reason}")
    for trouble in report.unwritten:
        state.fail(trouble)
    if report.delivery is not None:
        _say_undelivered(state, report.delivery)
    if state.as_json:
        for record in report.to_records():
            state.out.record(record)
        return
    say_report(state, report)


def say_report(state: State, report: RunReport) -> None:
    """Show a run report: in colour on a terminal, word for word in a pipe."""
    from digest.cli import show

    if state.verbosity < 0:
        state.out.text(report.summary, at=-1)
    state.out.show(show.report(report.to_text().rstrip()))


@command("compose", dry_run=True)
def compose(state: State) -> None:
    """Make the digests of everybody who is due and put them into the outbox."""
    with state.app() as app:
        outcomes = list(app.compose(dry_run=state.dry_run))
        if not state.dry_run:
            app.publish_new()
        _show_composed(state, outcomes)
        for trouble in app.template_troubles():
            state.fail(f"{trouble}; the shipped template serves meanwhile")
        if not outcomes and not state.as_json:
            state.out.text(app.why_nobody())


def _show_composed(state: State, outcomes: Iterable[ComposedFor]) -> None:
    from digest.app import records
    from digest.app.report import said

    digests = 0
    for outcome in outcomes:
        digests += outcome.digest is not None
        if outcome.failed:
            state.fail(f"{outcome.due.subscriber.address}: {outcome.reason}")
        if state.as_json:
            state.out.record(records.composed(outcome))
        else:
            state.out.text(f"{outcome.due.subscriber.address}: {said(outcome)}")
    if state.as_json:
        state.out.record({"kind": "summary", "digests": digests})


@command(
    "deliver",
    dry_run=True,
    epilog="Mail that waits (greylisting, a full mailbox, the pace of its domain) is counted and is no failure. "
    "Exit code 1: a message failed or is in doubt, or a mail server cannot be used.",
)
def deliver(state: State) -> None:
    """Send what waits in the outbox."""
    with state.app() as app:
        if state.dry_run:
            _show_waiting(state, app.waiting())
            return
        delivering = Delivering(app)
        report = delivering()
    _show_delivery(state, report, delivering.waiting)
    delivering.end(report)


def _show_waiting(state: State, waiting: int) -> None:
    if state.as_json:
        state.out.record({"kind": "summary", "waiting": waiting})
    else:
        state.out.text(f"{waiting} in the outbox would be tried." if waiting else "The outbox is empty.")


def _show_delivery(state: State, report: DeliveryReport, waiting: int | None) -> None:
    from digest.app.report import counted

    _say_undelivered(state, report)
    if state.as_json:
        stopped = {"stopped": True, "waiting": waiting} if report.stopped else {}
        state.out.record({"kind": "summary", **report.counts(), **stopped})
    else:
        state.out.text(f"Delivered: {counted(report.counts())}.")
        if report.remark:
            state.out.text(f"Note: {report.remark}")


def _say_undelivered(state: State, report: DeliveryReport) -> None:
    for alarm, messages in report.alarms.items():
        state.fail(f"{alarm} (messages: {messages})")
    for recipient, error in report.errors:
        state.fail(f"{recipient}: {error}")
