"""Who wants what, changed by people: subscribe, edit, pause; checked before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from digest.addresses import address as checked_address
from digest.compose import next_due
from digest.errors import UsageError
from digest.model import Cadence, ChannelName, Settings, Subscriber, Subscription
from digest.query import Like, leaves
from digest.query import parse as parse_query

if TYPE_CHECKING:
    from digest.app.wiring import App
    from digest.config import DefaultSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One query somebody wants to save."""

    query: str
    name: str = ""
    settings: Settings
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whose wishes they are; ``None`` keeps what is stored, or takes the default for somebody new."""

    address: str
    channel: ChannelName | None = None
    timezone: str | None = None
    send_at: time | None = None


def default_settings(defaults: DefaultSettings) -> Settings:
    """Return what a new subscription starts with."""
    return Settings(
        cadence=defaults.cadence,
        weekdays=defaults.weekdays,
        max_papers=defaults.max_papers,
        min_score=defaults.min_score,
        order=defaults.order,
        empty_digest=defaults.empty_digest,
        events=defaults.events,
    )


def subscribe(
    app: App, person: Person, wishes: Sequence[Wish], *, dry_run: bool = False
) -> tuple[Subscriber, Sequence[Subscription]]:
    """Save queries for a person, who is made if new; the same query again is changed, not doubled.

    Everything is checked before anything is stored: raises ``AddressError``, ``QueryError`` or ``UsageError``. A
    ``dry_run`` returns what would be saved, with ids 0. Somebody new has their first digest with the next run, whatever
    the hour, and the following ones at their slots.
    """
    now = app.clock()
    for wish in wishes:
        check_query(app, wish.query)
    refuse_forgotten(app, checked_address(person.address))
    known = app.store.subscribers.find(checked_address(person.address))
    subscriber = described(known or _new(app, person, now), person)
    drafts = [_draft(subscriber, wish, now, at_once=known is None) for wish in wishes]
    if dry_run:
        return subscriber, drafts
    if known is not None and subscriber != known:
        change_person(app, subscriber)
    saved = app.store.subscribers.subscribe(subscriber, drafts)
    return app.store.subscribers.find(subscriber.address) or subscriber, saved


def check_query(app: App, query: str) -> None:
    """Raise ``QueryError`` for a query that is wrong, or that this installation cannot answer (``like:``)."""
    for leaf, _ in leaves(parse_query(query)):
        if isinstance(leaf, Like):
            app.meanings.asked(leaf)


def refuse_forgotten(app: App, address: str) -> None:
    """Raise ``UsageError`` for an address whose owner asked to be forgotten."""
    if app.store.care.is_forgotten(address, key=app.key):
        raise UsageError(
            "this address asked to be forgotten",
            place=address,
            hint=f"if its owner asks again: digest forget --undo {address}",
        )


def change_person(app: App, subscriber: Subscriber, *, dry_run: bool = False) -> None:
    """Store a subscriber's new channel, zone or time, and move the due times of their subscriptions along."""
    if dry_run:
        return
    app.store.subscribers.update_subscriber(subscriber)
    for _, subscription in list(app.store.subscribers.subscriptions(subscriber.id)):
        _plan(app, subscriber, subscription)


def change(app: App, subscriber: Subscriber, subscription: Subscription, *, dry_run: bool = False) -> Subscription:
    """Store a subscription's new query, name, settings or pause; its next digest is planned anew."""
    check_query(app, subscription.query)
    return _plan(app, subscriber, subscription, dry_run=dry_run)


def pause(
    app: App, subscriber: Subscriber, subscription: Subscription, *, paused: bool, dry_run: bool = False
) -> Subscription:
    """Store whether a subscription rests; its next digest is planned anew."""
    return _plan(app, subscriber, replace(subscription, paused=paused), dry_run=dry_run)


def _plan(app: App, subscriber: Subscriber, subscription: Subscription, *, dry_run: bool = False) -> Subscription:
    due = next_due(subscriber, subscription.settings, app.clock())
    changed = replace(subscription, due_at=due.at, due_on=due.on)
    if not dry_run:
        app.store.subscribers.update(changed)
    return changed


def _new(app: App, person: Person, now: datetime) -> Subscriber:
    defaults = app.config.defaults
    return Subscriber(
        id=0,
        address=checked_address(person.address),
        channel=defaults.channel,
        timezone=defaults.timezone,
        send_at=defaults.send_at,
        created_at=now,
    )


def described(subscriber: Subscriber, person: Person) -> Subscriber:
    """Return a subscriber as a person describes themselves now; raises ``UsageError`` for an unknown time zone."""
    if person.timezone is not None and person.timezone not in available_timezones():
        raise UsageError(
            "this is no time zone", place=repr(person.timezone), hint="use an IANA name such as Europe/Berlin"
        )
    return replace(
        subscriber,
        channel=person.channel or subscriber.channel,
        timezone=person.timezone or subscriber.timezone,
        send_at=subscriber.send_at if person.send_at is None else person.send_at,
    )


def _draft(subscriber: Subscriber, wish: Wish, now: datetime, *, at_once: bool) -> Subscription:
    due = next_due(subscriber, replace(wish.settings, cadence=Cadence.AT_ONCE) if at_once else wish.settings, now)
    return Subscription(
        id=0,
        subscriber_id=subscriber.id,
        query=wish.query,
        name=wish.name,
        settings=wish.settings,
        paused=wish.paused,
        due_at=due.at,
        due_on=due.on,
        created_at=now,
    )
