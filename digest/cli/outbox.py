"""``digest outbox``: messages and their fate, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import State, command
from digest.errors import DigestError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.app import App
    from digest.model import Attempt, OutboxRow, OutboxState

NUMBER = click.IntRange(1, 2**63 - 1)
"""What databases number rows by."""
IDS = click.argument("ids", type=NUMBER, nargs=-1, required=True, metavar="ID…")


@click.group("outbox")
def outbox() -> None:
    """See what became of each message, send again, drop."""


@command("list")
@click.argument("address", required=False)
@click.option("--state", "wanted", metavar="STATE", help="Only these: pending, retry, failed, ambiguous, sent, …")
@click.option("--in-doubt", "doubted", is_flag=True, help="Only those that left once without an answer.")
@click.option("--limit", type=click.IntRange(1), default=50, metavar="N", help="The newest N (default 50).")
def list_(state: State, address: str | None, wanted: str | None, *, doubted: bool, limit: int) -> None:
    """List messages, newest first, or those of one ADDRESS."""
    from digest.model import OutboxState

    if wanted is not None and wanted not in list(OutboxState):
        raise UsageError("there is no such state", place=wanted, hint=f"known are {', '.join(OutboxState)}")
    with state.app() as app:
        _show_rows(state, _rows(app, address, OutboxState(wanted) if wanted else None, doubted=doubted, limit=limit))


@command("show")
@click.argument("message", type=NUMBER, metavar="ID")
def show_(state: State, message: int) -> None:
    """Show one message: its fate, its whole history, and the text of the mail."""
    with state.app() as app:
        row = app.store.desk.get(message)
        history = app.store.desk.history(message)
        rendered = app.renderer.message(app.store.outbox.digest(row.digest_id))
    if state.as_json:
        from digest.app import records

        state.out.record(records.message(row) | {"subject": rendered.subject, "text": rendered.text})
        for attempt in history:
            state.out.record(records.attempt(attempt))
        return
    _show_rows(state, [row])
    _show_history(state, row, history)
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


def _rows(
    app: App, address: str | None, wanted: OutboxState | None, *, doubted: bool, limit: int
) -> Sequence[OutboxRow]:
    if address is None:
        return app.store.views.outbox(state=wanted, doubted=doubted, limit=limit)
    subscriber = app.store.subscribers.find(address)
    if subscriber is None:
        raise UsageError("nobody has this address", place=address, hint="digest subscriptions list shows everybody")
    return app.store.views.outbox(subscriber_id=subscriber.id, state=wanted, doubted=doubted, limit=limit)


def _each(state: State, ids: Sequence[int], act: Callable[[App, int], OutboxRow]) -> None:
    changed = []
    with state.app() as app:
        for one in ids:
            try:
                changed.append(app.store.desk.get(one) if state.dry_run else act(app, one))
            except DigestError as error:
                state.fail(str(error))
    if changed:
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


def _show_history(state: State, row: OutboxRow, history: Sequence[Attempt]) -> None:
    for one in history:
        state.out.text(_line(one))
    if row.lease_owner:
        state.out.text(f"try {row.fence} by {row.lease_owner}, begun {row.claimed_at:%Y-%m-%d %H:%M:%S}: under way")
    state.out.text("")


def _line(of: Attempt) -> str:
    instants = (("begun", of.started_at), ("body left", of.handed_at), ("settled", of.settled_at))
    when = ", ".join(f"{what} {at:%Y-%m-%d %H:%M:%S}" for what, at in instants if at)
    outcome = f"{of.outcome.value}{', in doubt' if of.doubt else ''}{'' if of.charged else ', uncharged'}"
    said = " ".join(part for part in (of.relay and f"{of.relay}:", of.reply) if part)
    return f"try {of.n} by {of.by}, {when} → {outcome}{said and f' ({said})'}"


def _cells(row: OutboxRow) -> tuple[Any, ...]:
    when = f"sent {row.sent_at:%Y-%m-%d %H:%M}" if row.sent_at else f"due {row.due_at:%Y-%m-%d %H:%M}"
    return str(row.id), row.recipient, row.slot, row.state.value, str(row.tries), when, row.last_error


for _command in (list_, show_, retry, drop):
    outbox.add_command(_command)
