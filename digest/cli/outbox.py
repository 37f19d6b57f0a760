"""``digest outbox``: messages and their fate, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import State, command
from digest.errors import DigestError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.app import App
    from digest.model import OutboxRow

IDS = click.argument("ids", type=int, nargs=-1, required=True, metavar="ID…")


@click.group("outbox")
def outbox() -> None:
    """See what became of each message, send again, drop."""


@command("list")
@click.argument("address", required=False)
@click.option("--state", "wanted", metavar="STATE", help="Only these: pending, retry, failed, ambiguous, sent, …")
@click.option("--limit", type=click.IntRange(1), default=50, metavar="N", help="The newest N (default 50).")
def list_(state: State, address: str | None, wanted: str | None, limit: int) -> None:
    """List messages, newest first, or those of one ADDRESS."""
    from digest.model import OutboxState

    if wanted is not None and wanted not in list(OutboxState):
        raise UsageError("there is no such state", place=wanted, hint=f"known are {', '.join(OutboxState)}")
    with state.app() as app:
        rows = _rows(app, address, limit if wanted is None else 1_000_000)
    _show_rows(state, [row for row in rows if wanted in {None, row.state.value}][:limit])


@command("show")
@click.argument("message", type=int, metavar="ID")
def show_(state: State, message: int) -> None:
    """Show one message: its fate, and the text of the mail."""
    with state.app() as app:
        row = app.store.desk.get(message)
        rendered = app.renderer.message(app.store.outbox.digest(row.digest_id))
    if state.as_json:
        from digest.app import records

        state.out.record(records.message(row) | {"subject": rendered.subject, "text": rendered.text})
        return
    _show_rows(state, [row])
    state.out.text(f"Message-ID: {rendered.message_id}\nSubject: {rendered.subject}\n\n{rendered.text}")


@command("retry", dry_run=True)
@IDS
def retry(state: State, ids: Sequence[int]) -> None:
    """Let messages that failed, wait or are in doubt be sent with the next delivery."""
    _each(state, ids, lambda app, one: app.store.desk.retry(one, state.clock()))


@command("drop", dry_run=True)
@IDS
def drop(state: State, ids: Sequence[int]) -> None:
    """Never send these messages; their papers count as told."""
    _each(state, ids, lambda app, one: app.store.desk.drop(one, state.clock()))


def _rows(app: App, address: str | None, limit: int) -> Sequence[OutboxRow]:
    if address is None:
        return app.store.views.outbox(limit=limit)
    subscriber = app.store.subscribers.find(address)
    if subscriber is None:
        raise UsageError("nobody has this address", place=address, hint="digest subscriptions list shows everybody")
    return app.store.views.outbox(subscriber_id=subscriber.id, limit=limit)


def _each(state: State, ids: Sequence[int], act: Callable[[App, int], OutboxRow]) -> None:
    changed = []
    with state.app() as app:
        for one in ids:
            try:
                changed.append(app.store.desk.get(one) if state.dry_run else act(app, one))
            except DigestError as error:
                state.fail(str(error))
    _show_rows(state, changed)


def _show_rows(state: State, rows: Sequence[OutboxRow]) -> None:
    from digest.app import records

    if state.as_json:
        for row in rows:
            state.out.record(records.message(row))
        return
    from digest.cli import show

    if not rows:
        state.out.text("No messages.")
        return
    columns = ("id", "to", "slot", "state", "tries", "when", "last answer")
    state.out.show(show.table(columns, map(_cells, rows), right=("id", "tries")))


def _cells(row: OutboxRow) -> tuple[Any, ...]:
    when = f"sent {row.sent_at:%Y-%m-%d %H:%M}" if row.sent_at else f"due {row.due_at:%Y-%m-%d %H:%M}"
    return str(row.id), row.recipient, row.slot, row.state.value, str(row.tries), when, row.last_error


for _command in (list_, show_, retry, drop):
    outbox.add_command(_command)
