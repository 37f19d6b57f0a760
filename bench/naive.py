"""Digests mailed as one would write it at first, one step after the other: what delivery is compared with.

Both parts come from Jinja2 (the text with its ``wordwrap``), an inliner moves the style sheet into the tags, an
``EmailMessage`` is made of both, and a new ``smtplib.SMTP`` sends it. ``plain`` signs and remembers nothing, with
premailer or css-inline; ``careful`` does what preprint-digest does: signed by dkimpy with the same key and headers, and
a row committed to SQLite (``synchronous=FULL``) before each message leaves and another after it has left.
"""

from __future__ import annotations

import logging
import smtplib
import sqlite3
from collections.abc import Callable, Sequence
from email import policy
from email.message import EmailMessage
from pathlib import Path

import css_inline
import dkim
from jinja2 import Environment
from premailer import Premailer

from digest.channels.dkim.signing import SIGNED
from digest.links import LinkMaker
from digest.model import Digest
from digest.render.environment import environment, render
from digest.render.view import digest_view

SENDER, DOMAIN = "papers@digest.example", "digest.example"
COLUMNS = 72
TEXT = """\
{{ digest.day }}: {{ digest.summary | wordwrap(columns) }}
{% for section in digest.sections %}
{{ section.heading | upper | wordwrap(columns) }}
{% for paper in section.papers %}
{{ paper.marker }} {{ paper.title | wordwrap(columns) }}
{{ paper.authors | wordwrap(columns) }}
{{ paper.facts | join(" · ") | wordwrap(columns) }}

{{ paper.lead.text | wordwrap(columns) }}

{{ paper.why | wordwrap(columns) }}
{{ paper.url }}
{% endfor %}{% endfor %}
Why you get this, and the way out: {{ links.unsubscribe }}
"""

Inline = Callable[[str], str]


class Naive:
    """Renders the shipped templates whole and sends what comes out."""

    def __init__(self, templates: Path, links: LinkMaker, port: int, inline: Inline) -> None:
        self._environment, self._links, self._port, self._inline = environment([templates]), links, port, inline
        self._text = Environment(autoescape=False).from_string(TEXT)

    def mail(self, digest: Digest) -> EmailMessage:
        view, links = digest_view(digest), self._links.for_digest(digest.subscriber, digest.slot)
        html = render(self._environment, "email/digest.html.j2", digest=view, links=links)
        mail = EmailMessage(policy=policy.SMTP.clone(max_line_length=998))
        mail["Subject"], mail["From"], mail["To"] = view.subject, SENDER, digest.subscriber.address
        mail["Message-ID"] = f"<{digest.subscriber.id}.{digest.slot}@{DOMAIN}>"
        mail["List-Unsubscribe"] = f"<{links.unsubscribe}>, <{links.unsubscribe_mailto}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(self._text.render(digest=view, links=links, columns=COLUMNS), cte="quoted-printable")
        mail.add_alternative(self._inline(html), subtype="html", cte="quoted-printable")
        return mail

    def plain(self, digests: Sequence[Digest]) -> None:
        for digest in digests:
            mail = self.mail(digest)
            with smtplib.SMTP("127.0.0.1", self._port) as server:
                server.send_message(mail, SENDER, [digest.subscriber.address])

    def careful(self, digests: Sequence[Digest], *, key: bytes, selector: str, books: Path) -> None:
        remembered = sqlite3.connect(books)
        remembered.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE told (id, state)")
        for digest in digests:
            mail = self.mail(digest)
            raw, name = mail.as_bytes(), str(mail["Message-ID"])
            with remembered:
                remembered.execute("INSERT INTO told VALUES (?, 'sending')", (name,))
            signature = dkim.sign(
                raw,
                selector.encode(),
                DOMAIN.encode(),
                key,
                canonicalize=(b"relaxed", b"simple"),
                include_headers=[name.encode() for name in SIGNED],
            )
            with smtplib.SMTP("127.0.0.1", self._port) as server:
                server.sendmail(SENDER, [digest.subscriber.address], signature + raw)
            with remembered:
                remembered.execute("INSERT INTO told VALUES (?, 'sent')", (name,))
        remembered.close()


def by_premailer(html: str) -> str:
    inliner = Premailer(html, keep_style_tags=True, allow_network=False, cssutils_logging_level=logging.FATAL)
    return str(inliner.transform())


def by_css_inline(html: str) -> str:
    return css_inline.inline(html, keep_at_rules=True, load_remote_stylesheets=False)
