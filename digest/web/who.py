"""Whom a token stands for. A token we never made and one whose reader is gone look the same."""

from __future__ import annotations

from typing import NamedTuple

from digest.model import Digest, Subscriber
from digest.web.site import Site


class FeedOf(NamedTuple):
    """A subscriber's feed, or that of one of their subscriptions."""

    subscriber: Subscriber
    subscription_id: int | None


def feed_of(site: Site, token: str) -> FeedOf | None:
    """Return whose feed a token opens; one from before the subscriber reset their feeds opens none."""
    match site.links.verify("feed", token):
        case (int(subscriber_id), int(generation), *rest):
            subscriber = site.subscribers.get(subscriber_id)
            if subscriber and subscriber.feed_generation == generation:
                return FeedOf(subscriber, int(rest[0]) if rest else None)
    return None


def digest_of(site: Site, token: str) -> Digest | None:
    """Return the digest a token opens."""
    match site.links.verify("digest", token):
        case (int(subscriber_id), slot):
            return site.views.digest_of(subscriber_id, str(slot))
    return None


def unsubscriber(site: Site, token: str) -> Subscriber | None:
    """Return who leaves with a token."""
    match site.links.verify("unsubscribe", token):
        case (int(subscriber_id), *_):
            return site.subscribers.get(subscriber_id)
    return None
