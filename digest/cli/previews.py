"""``digest preview``: what somebody would get now."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.options import State, command
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.app import App
    from digest.model import Digest, Message


@command("preview")
@click.argument("address")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the mail's HTML.")
@click.option("--eml", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the whole mail.")
@click.option("--days", type=click.IntRange(1), metavar="N", help="As if the last N days came in one digest.")
def preview(state: State, address: str, html: Path | None, eml: Path | None, days: int | None) -> None:
    """Show the digest that ADDRESS would get now; send and store nothing."""
    with state.app() as app:
        digest = _digest(app, state, address, days)
        if digest is None:
            _say_nothing(state, address)
            return
        message = app.renderer.message(digest)
    if html:
        write(html, message.html.encode())
    if eml:
        write(eml, message.raw)
    _show(state, digest, message)


def _digest(app: App, state: State, address: str, days: int | None) -> Digest | None:
    subscriber = app.store.subscribers.find(address)
    if subscriber is None:
        raise UsageError("nobody has this address", place=address, hint="digest subscriptions list shows everybody")
    return app.preview(subscriber, since=state.clock() - timedelta(days=days) if days else None)


def _say_nothing(state: State, address: str) -> None:
    if state.as_json:
        state.out.record({"kind": "preview", "address": address, "papers": 0, "subject": None, "text": None})
    else:
        state.out.show(f"{address} would get nothing now; try --days 7.")


def write(path: Path, content: bytes) -> None:
    """Write a file; raises ``UsageError`` where that cannot be."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", place=str(path), hint="choose another file") from error


def _show(state: State, digest: Digest, message: Message) -> None:
    if state.as_json:
        state.out.record(
            {
                "kind": "preview",
                "address": digest.subscriber.address,
                "papers": len(digest.items),
                "subject": message.subject,
                "text": message.text,
            }
        )
        return
    from rich.text import Text

    state.out.show(Text(f"Subject: {message.subject}\n", "bold"), Text(message.text))
