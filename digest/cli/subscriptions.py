"""``digest subscriptions``: list, edit, pause, resume, remove, import and export saved queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from digest.cli import choices
from digest.cli.options import State, command
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.app import App
    from digest.model import Subscriber, Subscription

    Pair = tuple[Subscriber, Subscription]


@click.group("subscriptions")
def subscriptions() -> None:
    """List, edit, pause, remove, import and export saved queries."""


@command("list")
@click.argument("address", required=False)
def list_(state: State, address: str | None) -> None:
    """List the saved queries, or those of one ADDRESS."""
    with state.app() as app:
        _show(state, _pairs(app, address))


def _pairs(app: App, address: str | None) -> Iterable[Pair]:
    if address is None:
        return app.store.subscribers.subscriptions()
    subscriber = app.store.subscribers.find(address)
    if subscriber is None:
        raise UsageError("nobody has this address", place=address, hint="digest subscriptions list shows everybody")
    return app.store.subscribers.subscriptions(subscriber.id)


def _show(state: State, pairs: Iterable[Pair]) -> None:
    if state.as_json:
        from digest.app import records

        for owner, subscription in pairs:
            state.out.record(records.subscription(owner, subscription))
        return
    from digest.cli import show

    rows = [_row(owner, one) for owner, one in pairs]
    if not rows:
        state.out.show("Nobody has subscribed yet: digest subscribe ADDRESS QUERY")
        return
    state.out.show(show.table(("id", "address", "query", "name", "due", "next"), rows, right=("id",)))


def _row(owner: Subscriber, one: Subscription) -> tuple[str, ...]:
    when = "paused" if one.paused else f"{one.due_at:%Y-%m-%d %H:%M}Z"
    return str(one.id), owner.address, one.query, one.name, choices.in_words(one.settings), when


@command("edit", dry_run=True)
@click.argument("subscription_id", type=int, metavar="ID")
@click.option("--query", help="The new query.")
@click.option("--name", help="What the section is called; empty for the query itself.")
@choices.person_options
@choices.settings_options
def edit(state: State, subscription_id: int, query: str | None, name: str | None, **given: Any) -> None:
    """Change a saved query, its settings, or its reader's time, zone or channel."""
    from digest.app import readers

    with _one(state, subscription_id) as (app, owner, subscription):
        changed = replace(
            subscription,
            query=subscription.query if query is None else query,
            name=subscription.name if name is None else name,
            settings=choices.changed(subscription.settings, given),
        )
        person = readers.Person(
            address=owner.address, channel=given["channel"], timezone=given["timezone"], send_at=given["send_at"]
        )
        described = readers.described(owner, person)
        if described != owner:
            readers.change_person(app, described, dry_run=state.dry_run)
        _show(state, [(described, readers.change(app, described, changed, dry_run=state.dry_run))])


@command("pause", dry_run=True)
@click.argument("subscription_ids", type=int, nargs=-1, required=True, metavar="ID…")
def pause(state: State, subscription_ids: Sequence[int]) -> None:
    """Stop the digests of saved queries until they are resumed."""
    _set_paused(state, subscription_ids, paused=True)


@command("resume", dry_run=True)
@click.argument("subscription_ids", type=int, nargs=-1, required=True, metavar="ID…")
def resume(state: State, subscription_ids: Sequence[int]) -> None:
    """Go on with paused queries; what came in meanwhile is in the next digest."""
    _set_paused(state, subscription_ids, paused=False)


def _set_paused(state: State, subscription_ids: Sequence[int], *, paused: bool) -> None:
    from digest.app import readers

    for subscription_id in subscription_ids:
        with _one(state, subscription_id) as (app, owner, one):
            _show(state, [(owner, readers.pause(app, owner, one, paused=paused, dry_run=state.dry_run))])


@command("remove", dry_run=True)
@click.argument("subscription_ids", type=int, nargs=-1, required=True, metavar="ID…")
def remove(state: State, subscription_ids: Sequence[int]) -> None:
    """Remove saved queries; what their readers were sent stays remembered."""
    for subscription_id in subscription_ids:
        with _one(state, subscription_id) as (app, owner, one):
            if not state.dry_run:
                app.store.subscribers.remove(one.id)
            _show(state, [(owner, one)])


@contextmanager
def _one(state: State, subscription_id: int) -> Iterator[tuple[App, Subscriber, Subscription]]:
    with state.app() as app:
        found = next((pair for pair in app.store.subscribers.subscriptions() if pair[1].id == subscription_id), None)
        if found is None:
            raise UsageError(
                "there is no such subscription", place=f"id {subscription_id}", hint="see digest subscriptions list"
            )
        yield app, *found


@command(
    "import",
    dry_run=True,
    epilog="FILE is TOML as in the README, or JSON lines as export writes them; with --for, a query a line, or with"
    " --dialect keywords one list of keywords. A - is standard input.",
)
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--for", "address", metavar="ADDRESS", help="FILE holds plain queries of this one reader.")
@choices.dialect_option
def import_(state: State, file: Any, address: str | None, dialect: str | None) -> None:
    """Save the queries of a file: all of them, or where one is wrong none."""
    from digest.app import readers, wishes

    if dialect and not address:
        raise UsageError("whose queries are they?", place=f"--dialect {dialect}", hint="add --for ADDRESS")
    defaults = readers.default_settings(state.config.defaults)
    if address:
        wished = [readers.Wish(query=query, settings=defaults) for query in _queries(_text(file), dialect)]
        wanted: list[wishes.Wanted] = [(readers.Person(address=address), wished)]
    else:
        wanted = wishes.read(_text(file), place=file.name, defaults=defaults)
    with state.app() as app:
        for person, wished_by in wanted:
            readers.subscribe(app, person, wished_by, dry_run=True)
        for person, wished_by in wanted:
            subscriber, saved = readers.subscribe(app, person, wished_by, dry_run=state.dry_run)
            _show(state, [(subscriber, one) for one in saved])


def _text(file: Any) -> str:
    try:
        return str(file.read())
    except UnicodeDecodeError as error:
        raise UsageError("is no UTF-8 text", place=file.name, hint="save it as UTF-8") from error


def _queries(text: str, dialect: str | None) -> list[str]:
    """Return the queries of a plain file: one a line, comments left out; a keyword list is one query as a whole."""
    lines = [line.strip() for line in text.splitlines()]
    queries = [text] if dialect == "keywords" else [line for line in lines if line and not line.startswith("# ")]
    return [choices.translated(query, dialect) for query in queries]


@command("export")
@click.argument("address", required=False)
def export(state: State, address: str | None) -> None:
    """Write the saved queries as JSON lines, which import reads."""
    from digest.app import records

    with state.app() as app:
        for owner, subscription in _pairs(app, address):
            state.out.record(records.subscription(owner, subscription))


for _command in (list_, edit, pause, resume, remove, import_, export):
    subscriptions.add_command(_command)
