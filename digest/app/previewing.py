"""What somebody would get: a digest composed for looking at, never stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from digest import compose
from digest.model import Digest, Due, Subscriber

if TYPE_CHECKING:
    from digest.app.wiring import App


def preview(app: App, subscriber: Subscriber, *, since: datetime | None) -> Digest | None:
    """Return the digest of all of a subscriber's queries that are not paused, as of now.

    With ``since``, everything that happened from then on counts as fresh and nothing as told before.
    """
    subscriptions = [s for _, s in app.store.subscribers.subscriptions(subscriber.id) if not s.paused]
    if since is not None:
        subscriptions = [replace(s, cursor=0, history=None) for s in subscriptions]
    if not subscriptions:
        return None
    events = app.store.papers.fresh(min(s.cursor for s in subscriptions))
    if since is not None:
        events = [event for event in events if event.at >= since]
    told = app.store.digests.told([subscriber.id], [event.paper.id for event in events])
    matcher = app.weighed()
    for subscription in subscriptions:
        matcher.put(subscription.id, subscription.query)
    hits = matcher.match([event.paper for event in events], [subscription.id for subscription in subscriptions])
    due = Due(subscriber=subscriber, subscriptions=tuple(subscriptions))
    return compose.compose(
        compose.with_history(due, events, hits, app.clock()),
        events,
        hits,
        told.get(subscriber.id, frozenset()) if since is None else frozenset(),
        matcher.explain,
        app.clock(),
    )
