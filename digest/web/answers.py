"""What every answer has in common: nothing is framed, scripted, indexed, remembered by proxies or told to others."""

from __future__ import annotations

import base64
import hashlib
import re

from flask import Request, Response

from digest.model import FeedFormat
from digest.web.feeds import CONTENT_TYPES, Rendered

_STYLE = re.compile(rb"<style[^>]*>(.*?)</style>", re.DOTALL)

PRIVATE = "private, max-age=300"
"""Feeds: a reader may keep them for five minutes, a shared cache never."""


def feed(rendered: Rendered, feed_format: FeedFormat, request: Request) -> Response:
    """Return a feed, gzipped where the reader takes that, or 304 where the reader has it (RFC 9110, section 13).

    The two encodings are two representations, so their strong validators differ.
    """
    takes_gzip = request.accept_encodings.quality("gzip") > 0
    answer = Response(rendered.gzipped if takes_gzip else rendered.plain())
    answer.headers["Content-Type"] = CONTENT_TYPES[feed_format]
    answer.headers["Cache-Control"] = PRIVATE
    answer.vary.add("Accept-Encoding")
    if takes_gzip:
        answer.headers["Content-Encoding"] = "gzip"
    answer.set_etag(f"{rendered.etag}-gzip" if takes_gzip else rendered.etag)
    answer.last_modified = rendered.modified_at
    answer.make_conditional(request)
    return answer


def page(text: str, status: int = 200) -> Response:
    """Return a web page that nobody keeps a copy of."""
    answer = Response(text, status=status, content_type="text/html; charset=utf-8")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def file(content: bytes, media_type: str, name: str) -> Response:
    """Return a file to be kept under a name; the name is made of our own slots, so it holds nothing strange."""
    answer = Response(content, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def secured(answer: Response) -> Response:
    """Return an answer with the headers that all have. The styles in a page are the only ones that apply."""
    answer.headers["Content-Security-Policy"] = _policy(answer)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["X-Frame-Options"] = "DENY"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers.setdefault("Cache-Control", "private, no-store")
    return answer


def _policy(answer: Response) -> str:
    styles = _styles(answer.get_data()) if answer.mimetype == "text/html" else ""
    return (
        f"default-src 'none'; style-src {styles or chr(39) + 'none' + chr(39)}; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _styles(html: bytes) -> str:
    digests = (hashlib.sha256(style).digest() for style in _STYLE.findall(html))
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
