"""``digest preview``: what somebody would get now."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.options import State, command
from digest.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.decorators import FC

    from digest.app import App
    from digest.model import Digest, Message


def _file(name: str, told: str) -> Callable[[FC], FC]:
    return click.option(name, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help=told)


@command("preview")
@click.argument("address")
@_file("--html", "Write the mail's HTML.")
@_file("--eml", "Write the whole mail.")
@_file("--markdown", "Write a message for a chat.")
@_file("--bibtex", "Write the papers as BibTeX.")
@_file("--ris", "Write the papers as RIS.")
@_file("--csl", "Write the papers as CSL-JSON.")
@click.option("--days", type=click.IntRange(1), metavar="N", help="As if the last N days came in one digest.")
def preview(state: State, address: str, days: int | None, **files: Path | None) -> None:
    """Show the digest that ADDRESS would get now; send and store nothing."""
    with state.app() as app:
        digest = _digest(app, state, address, days)
        if digest is None:
            _say_nothing(state, address)
            return
        message = app.renderer.message(digest)
        for kind, path in files.items():
            if path is not None:
                write(path, _written(app, digest, message, kind))
    _show(state, digest, message)


def _written(app: App, digest: Digest, message: Message, kind: str) -> bytes:
    """Return the digest in one of the forms it can be written in."""
    from digest.render import Citations, citations

    if kind == "eml":
        return message.raw
    if kind == "html":
        return message.html.encode()
    if kind == "markdown":
        return app.renderer.markdown(digest).encode()
    form = {"bibtex": Citations.BIBTEX, "ris": Citations.RIS, "csl": Citations.CSL}[kind]
    return citations((item.paper for item in digest.items), form).encode()


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
