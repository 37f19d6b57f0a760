"""``digest returned``: mail that came back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from digest.cli.options import State, command
from digest.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.app import App
    from digest.model import Subscriber
    from digest.pipeline.returned import TakenBack


@click.group("returned")
def returned() -> None:
    """Read mail that came back: bounces, complaints, requests to leave."""


@command("read")
@click.argument("mailboxes", nargs=-1, metavar="[MAILDIR…]")
def read(state: State, mailboxes: Sequence[str]) -> None:
    """Act on the unread mails of MAILDIR (default: [returned] maildir): whose address is gone gets no more mail."""
    from pathlib import Path

    from digest.sources.mail import MaildirSource

    if not mailboxes and state.config.returned.maildir is None:
        raise ConfigError("no mailbox is named", place="[returned] maildir", hint="or: digest returned read MAILDIR")
    boxes = [MaildirSource(name, Path(name)) for name in mailboxes] or None
    counts: Counter[str] = Counter()
    with state.app() as app:
        for taken in app.take_back(boxes):
            counts["refused" if taken.problem else "read"] += 1
            counts["suppressed"] += bool(taken.suppressed)
            reader = app.store.subscribers.get(taken.subscriber_id) if taken.subscriber_id else None
            _say(state, taken, reader.address if reader else "")
    if state.as_json:
        state.out.record({"kind": "summary", **{name: counts[name] for name in ("read", "refused", "suppressed")}})
        return
    state.out.text(f"{counts['read']} read, {counts['refused']} for you to look at, {counts['suppressed']} silenced")


@command("list")
@click.argument("address")
def list_(state: State, address: str) -> None:
    """List what came back from ADDRESS, oldest first."""
    with state.app() as app:
        subscriber = _known(app, address)
        found = app.store.returned.of(subscriber.id)
    for at, said in found:
        record = {"kind": "returned", "at": at.isoformat(), "what": said.kind.value}
        record |= {"status": said.status, "reason": said.reason}
        state.out.record(record) if state.as_json else state.out.text(
            f"{at:%Y-%m-%d %H:%M}  {said.kind.value:<10} {said.status} {said.reason}".rstrip()
        )
    if not state.as_json:
        state.out.text(subscriber.suppressed or ("it still gets mail" if found else "nothing came back"))


@command("resume", dry_run=True)
@click.argument("address")
def resume(state: State, address: str) -> None:
    """Send mail to ADDRESS again: its reader asks for it, or what was wrong is mended."""
    from dataclasses import replace

    with state.app() as app:
        subscriber = _known(app, address)
        if subscriber.suppressed and not state.dry_run:
            app.store.subscribers.update_subscriber(replace(subscriber, suppressed=""))
    if state.as_json:
        state.out.record({"kind": "summary", "address": subscriber.address, "was": subscriber.suppressed})
        return
    gets = "would get" if state.dry_run else "gets"
    again = f"{gets} mail again; it got none, as {subscriber.suppressed}" if subscriber.suppressed else "gets its mail"
    state.out.text(f"{subscriber.address} {again}")


def _known(app: App, address: str) -> Subscriber:
    subscriber = app.store.subscribers.find(address)
    if subscriber is None:
        raise UsageError("nobody of that address is here", place=address, hint="digest subscriptions list")
    return subscriber


def _say(state: State, taken: TakenBack, address: str) -> None:
    if taken.problem:
        state.fail(f"{taken.name}: {taken.problem}")
        return
    if state.as_json:
        state.out.record(_record(taken, address))
    elif taken.of_nobody:
        state.out.text(f"{taken.name}: removed, as its reader is not here any more")
    elif taken.said:
        consequence = "no more mail" if taken.suppressed else "goes on"
        state.out.text(f"{address}: {taken.said.kind.value} {taken.said.status}, {consequence}: {taken.said.reason}")


def _record(taken: TakenBack, address: str) -> dict[str, Any]:
    said = taken.said
    what = {"what": said.kind.value, "status": said.status, "reason": said.reason} if said else {}
    return {
        "kind": "returned",
        "name": taken.name,
        "address": address,
        **what,
        "suppressed": taken.suppressed,
        "removed": taken.of_nobody,
    }


for _command in (read, list_, resume):
    returned.add_command(_command)
