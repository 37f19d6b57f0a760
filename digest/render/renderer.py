"""``ports.Renderer`` on Jinja2 templates."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path

import css_inline

from digest import errors
from digest.links import LinkMaker
from digest.model import Digest, FeedEntry, FeedFormat, Message, Subscriber
from digest.render.deciding import compute
from digest.render.environment import Folder, changed_mail, environment, render
from digest.render.feed import feed_view
from digest.render.fragments import FragmentWriter
from digest.render.joined import join
from digest.render.mail import Letterhead, assemble
from digest.render.pieces import NotInPieces
from digest.render.specimens import SPECIMENS
from digest.render.trying import Attempts
from digest.render.view import digest_view

MODERN = "modern"
"""The theme that is the shipped templates themselves."""

__all__ = ["Letterhead", "TemplateRenderer", "template_folders"]


def template_folders(shipped: Path, *, own: Path | None = None, theme: str = MODERN) -> tuple[Path, ...]:
    """Return where templates are looked for, in this order: the user's, the theme's, the shipped ones.

    Raises ``TemplateError`` where there is no theme of that name.
    """
    themes = sorted(path.name for path in (shipped / "themes").iterdir())
    if theme not in {MODERN, *themes}:
        raise errors.TemplateError(
            f"there is no theme {theme!r}", place="[templates] theme", hint=f"themes: {', '.join([MODERN, *themes])}"
        )
    of_theme = () if theme == MODERN else (shipped / "themes" / theme,)
    return (*((own,) if own else ()), *of_theme, shipped)


class TemplateRenderer:
    """Renders with the templates of the first folder that has them: the user's own, then the shipped ones.

    Mails are joined from pieces where these templates allow it (``render.fragments``), which they themselves and
    three specimens decide; otherwise each is rendered whole. The bytes are the same.
    """

    def __init__(self, folders: Sequence[Folder], links: LinkMaker, letterhead: Letterhead | None = None) -> None:
        self._folders = tuple(folders)
        self._environment = environment(folders)
        self._links = links
        self._letterhead = letterhead or Letterhead()

    def attempts(self) -> Attempts:
        """Return everything there is to render of the specimens, each ready to be tried."""
        entries = [
            FeedEntry(item=item, section="Sample", subscription_id=1, delivered_at=of.composed_at, slot=of.slot)
            for of in SPECIMENS
            for item in of.items
        ]
        pages = [partial(form, of) for of in SPECIMENS for form in (self.whole, self.page, self.markdown)]
        return [*pages, *(partial(self.feed, SPECIMENS[0].subscriber, entries, kind) for kind in FeedFormat)]

    def message(self, digest: Digest) -> Message:
        """Render the mail of a digest: the same digest always gives the same bytes."""
        if self._writer is not None:
            with suppress(NotInPieces):
                return self._joined(self._writer, digest)
        return self.whole(digest)

    def whole(self, digest: Digest) -> Message:
        """Render the mail in one go: what ``message`` is equal to."""
        view = digest_view(digest)
        links = self._links.for_digest(digest.subscriber, digest.slot)
        html = render(self._environment, "email/digest.html.j2", digest=view, links=links)
        text = render(self._environment, "email/digest.txt.j2", digest=view, links=links)
        return assemble(
            digest, links, self._letterhead, subject=view.subject, html=self._inliner.inline(html), text=text
        )

    def _joined(self, writer: FragmentWriter, digest: Digest) -> Message:
        links = self._links.for_digest(digest.subscriber, digest.slot)
        return join(digest, links, self._letterhead, writer.write(digest, links))

    @cached_property
    def _writer(self) -> FragmentWriter | None:
        """Return the writer that joins pieces, if these templates let themselves be joined."""
        if compute(self._environment, *changed_mail(self._folders)):
            return None
        try:
            writer = FragmentWriter(self._folders, self._inliner)
            is_equal = all(self._joined(writer, digest) == self.whole(digest) for digest in SPECIMENS)
        except (NotInPieces, errors.TemplateError):
            return None
        return writer if is_equal else None

    def feed(self, subscriber: Subscriber, entries: Sequence[FeedEntry], feed_format: FeedFormat) -> bytes:
        """Render a subscriber's feed, newest entry first."""
        links = self._links.for_digest(subscriber, "")
        view = feed_view(subscriber, entries, links.home, self._links.feed(subscriber, feed_format), self._letterhead)
        name = f"feeds/digest.{feed_format.value}.j2"
        return render(self._environment, name, feed=view).encode()

    def page(self, digest: Digest) -> str:
        """Render the digest as a web page, those papers included that the mail's cap left out."""
        links = self._links.for_digest(digest.subscriber, digest.slot)
        return render(self._environment, "web/digest.html.j2", digest=digest_view(digest), links=links)

    def markdown(self, digest: Digest) -> str:
        """Render the digest as a Markdown message for a chat."""
        links = self._links.for_digest(digest.subscriber, digest.slot)
        return render(self._environment, "message/digest.md.j2", digest=digest_view(digest), links=links)

    @cached_property
    def _inliner(self) -> css_inline.CSSInliner:
        """Return what moves the style sheet into style attributes; the rules for dark and small screens stay."""
        return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
