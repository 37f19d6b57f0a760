"""Mail never stops for a template: where the user's own fail, the shipped ones serve, and it is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from digest.errors import TemplateError
from digest.links import LinkMaker
from digest.model import Digest, FeedEntry, FeedFormat, Message, Subscriber
from digest.render.environment import Folder
from digest.render.mail import Letterhead
from digest.render.renderer import TemplateRenderer
from digest.render.trying import Attempts, tried

T = TypeVar("T")


class SteadfastRenderer:
    """``ports.Renderer`` over the user's folder (the first one) and the shipped ones behind it.

    The user's templates are tried when it is made, and the broken ones set aside; one that fails on a single digest
    only (it computes with a date that this paper lacks) costs that digest its own look. ``troubles`` says what was
    wrong, in the order in which it was found.
    """

    def __init__(
        self, own: Path, shipped: Sequence[Path], links: LinkMaker, letterhead: Letterhead | None = None
    ) -> None:
        def make(folders: Sequence[Folder], with_links: LinkMaker) -> Attempts:
            return TemplateRenderer(folders, with_links, letterhead).attempts()

        self.folders, self.troubles = tried((own, *shipped), own, make)
        self._first = TemplateRenderer(self.folders, links, letterhead)
        self._second = TemplateRenderer(shipped, links, letterhead)

    def message(self, digest: Digest) -> Message:
        """Render the mail of a digest: the same digest always gives the same bytes."""
        return self._rendered(lambda renderer: renderer.message(digest))

    def feed(self, subscriber: Subscriber, entries: Sequence[FeedEntry], feed_format: FeedFormat) -> bytes:
        """Render a subscriber's feed, newest entry first."""
        return self._rendered(lambda renderer: renderer.feed(subscriber, entries, feed_format))

    def page(self, digest: Digest) -> str:
        """Render the digest as a web page."""
        return self._rendered(lambda renderer: renderer.page(digest))

    def markdown(self, digest: Digest) -> str:
        """Render the digest as a Markdown message for a chat."""
        return self._rendered(lambda renderer: renderer.markdown(digest))

    def _rendered(self, work: Callable[[TemplateRenderer], T]) -> T:
        try:
            return work(self._first)
        except TemplateError as error:
            if str(error) not in map(str, self.troubles):
                self.troubles = (*self.troubles, error)
            return work(self._second)
