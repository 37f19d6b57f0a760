"""What the pages need of the rest of the program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from digest.links import LinkMaker
from digest.model import Subscriber, Subscription
from digest.ports import Renderer, Subscribers, Views
from digest.render.environment import Folder
from digest.web.manage import Wishes

if TYPE_CHECKING:
    from digest.app import App


class Health(NamedTuple):
    """Whether the service does its work, and in words what it last did or what is wrong."""

    well: bool
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The store's readers and views, the renderer, the tokens, the clock; ``entries`` is the length of a feed.

    ``templates`` are the folders in which ``web/…`` is looked for, the first that has it wins.
    """

    subscribers: Subscribers
    views: Views
    renderer: Renderer
    links: LinkMaker
    clock: Callable[[], datetime]
    health: Callable[[], Health]
    wishes: Wishes
    templates: Sequence[Folder]
    entries: int = 100


class WishesOf:
    """``manage.Wishes`` of a running program."""

    def __init__(self, app: App) -> None:
        self._app = app

    def change(self, subscriber: Subscriber, subscription: Subscription) -> None:
        """Store a saved query's new wording, name or settings; raises ``QueryError``."""
        from digest.app import readers  # noqa: PLC0415

        readers.change(self._app, subscriber, subscription)

    def pause(self, subscriber: Subscriber, subscription: Subscription, *, paused: bool) -> None:
        """Store whether a saved query rests."""
        from digest.app import readers  # noqa: PLC0415

        readers.pause(self._app, subscriber, subscription, paused=paused)

    def change_person(self, subscriber: Subscriber) -> None:
        """Store a reader's new zone and time."""
        from digest.app import readers  # noqa: PLC0415

        readers.change_person(self._app, subscriber)


def site_of(app: App, health: Callable[[], Health]) -> Site:
    """Return the site of a running program; everything it needs is made now, before the first request."""
    return Site(
        subscribers=app.store.subscribers,
        views=app.store.views,
        renderer=app.renderer,
        links=app.links,
        clock=app.clock,
        health=health,
        wishes=WishesOf(app),
        templates=app.template_folders(),
        entries=app.config.feeds.entries,
    )
