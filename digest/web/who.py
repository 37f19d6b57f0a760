"""Whom a token stands for. A token we never made and one whose reader is gone look the same."""

from __future__ import annotations

from digest.model import Digest, Subscriber
from digest.web.site import Site


def feed_reader(site: Site, token: str) -> Subscriber | None:
    """Return whose feed a token opens; one from before the subscriber reset their feeds opens none."""
    bearer = site.links.verify("feed", token)
    subscriber = site.subscribers.get(bearer.subscriber_id) if bearer else None
    return subscriber if subscriber and bearer and subscriber.feed_generation == bearer.generation else None


def digest_of(site: Site, token: str, slot: str) -> Digest | None:
    """Return the digest a token opens; each digest has a token of its own."""
    bearer = site.links.verify(f"archive:{slot}", token)
    return site.views.digest_of(bearer.subscriber_id, slot) if bearer else None


def unsubscriber(site: Site, token: str) -> Subscriber | None:
    """Return who leaves with a token, however old the mail that carried it."""
    bearer = site.links.verify("unsubscribe", token)
    return site.subscribers.get(bearer.subscriber_id) if bearer else None


def manager(site: Site, token: str) -> Subscriber | None:
    """Return who changes their wishes with a token."""
    bearer = site.links.verify("manage", token)
    return site.subscribers.get(bearer.subscriber_id) if bearer else None
