"""``digest subscribe``: save queries for somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli import choices
from digest.cli.options import State, command
from digest.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import Subscriber, Subscription


@command("subscribe", dry_run=True, epilog="Try a query first: digest try QUERY.")
@click.argument("address")
@click.argument("queries", nargs=-1, required=True, metavar="QUERY…")
@click.option("--name", default="", help="What the section is called in the digest; else the query itself.")
@choices.dialect_option
@choices.person_options
@choices.settings_options
def subscribe(
    state: State, address: str, queries: tuple[str, ...], name: str, dialect: str | None, **given: Any
) -> None:
    """Save one or more queries for an e-mail address."""
    from digest.app import readers
    from digest.query import parse as parse_query
    from digest.query import warnings

    if name and len(queries) > 1:
        raise UsageError("--name is for one query", place=f"--name {name!r}", hint="subscribe one query at a time")
    person = readers.Person(
        address=address, channel=given["channel"], timezone=given["timezone"], send_at=given["send_at"]
    )
    settings = choices.changed(readers.default_settings(state.config.defaults), given)
    ours = [choices.translated(query, dialect) for query in queries]
    wishes = [readers.Wish(query=query, name=name, settings=settings) for query in ours]
    for wish in wishes:
        for warning in warnings(parse_query(wish.query)):
            state.out.note(f"! {wish.query}: {warning}")
    with state.app() as app:
        subscriber, saved = readers.subscribe(app, person, wishes, dry_run=state.dry_run)
    _say_saved(state, subscriber, saved)


def _say_saved(state: State, subscriber: Subscriber, saved: Sequence[Subscription]) -> None:
    if state.as_json:
        from digest.app import records

        for subscription in saved:
            state.out.record(records.subscription(subscriber, subscription))
        return
    if subscriber.suppressed:
        state.out.note(
            f"! no mail goes to {subscriber.address}: {subscriber.suppressed}"
            f" (if that is over: digest returned resume {subscriber.address})"
        )
    would = "would get" if state.dry_run else "gets"
    for one in saved:
        first = "with the next run" if one.due_at <= state.clock() else f"on {one.due_on:%A, %d %B %Y}"
        state.out.text(
            f"{subscriber.address} {would} “{one.title}” {choices.in_words(one.settings)}"
            f" at {subscriber.send_at:%H:%M} {subscriber.timezone}, first {first}."
        )
