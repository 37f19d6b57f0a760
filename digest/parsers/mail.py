"""Mails that carry a listing: one RFC 5322 message, or a whole mbox of them.

The text part is decoded (base64, quoted-printable, any charset) and read as what it is: an arXiv mailing, or any other
text format. Mailboxes as folders (maildir, IMAP) hand over their messages one by one; each is such a document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from itertools import chain, islice

from digest.errors import ListingError
from digest.model import Document, Sighting, Skipped
from digest.parsers.decode import HEAD
from digest.parsers.mailing import is_mailing
from digest.parsers.pieces import Piece, Warn

_HEADER = re.compile(r"[A-Za-z][A-Za-z-]{1,40}:[ \t]")
_TELLING = re.compile(
    r"^(?:received|return-path|message-id|mime-version|delivered-to|from|content-type|x-[\w-]+):",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTE = re.compile(r"^(?:> ?)+", re.MULTILINE)
_FROM = re.compile(rb"^From \S+.*\d{4}\s*$", re.MULTILINE)
_LARGEST = 32 << 20
"""Bytes of one message; arXiv's longest mailings have under 2 MB."""

Reader = Callable[[Document], Iterator[Piece]]


def is_mail(head: str) -> bool:
    """Return whether ``head`` starts a message (headers that only mails have) or an mbox."""
    first, _, rest = head.partition("\n")
    block = (head if not first.startswith("From ") else rest).split("\n\n", 1)[0]
    starts = bool(_HEADER.match(block)) and len(_TELLING.findall(block)) >= 2
    return starts or bool(_FROM.match(first.encode("utf-8", "replace")) and _HEADER.match(rest))


def messages(body: bytes) -> Iterator[bytes]:
    """Yield the messages of an mbox, or the one message that ``body`` is."""
    if not body.startswith(b"From "):
        yield body
        return
    found = (match.start() for match in _FROM.finditer(body))
    starts = [0, *(start for start in found if body[max(0, start - 3) : start].endswith((b"\n\n", b"\n\r\n")))]
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        _, _, message = body[start:end].partition(b"\n")
        yield re.sub(rb"^>(>*From )", rb"\1", message, flags=re.MULTILINE)


def read_mail(document: Document, read: Reader) -> Iterator[Piece]:
    """Read every message of a mail or mbox with ``read``; where one message of several cannot be, it is skipped."""
    bodies = list(messages(document.body))
    for number, body in enumerate(bodies, 1):
        inside = f"message {number} of {len(bodies)}, " if len(bodies) > 1 else ""
        try:
            for piece in _first_readable(_texts_of(body, document), read):
                yield _placed(piece, inside)
        except ListingError as error:
            if len(bodies) == 1:
                raise
            yield Skipped(inside.rstrip(", "), error.message)


def _first_readable(parts: list[Document], read: Reader) -> Iterator[Piece]:
    """Return the pieces of the first part that is a listing; raises the first part's error where none is."""
    errors: list[ListingError] = []
    for part in parts:
        pieces = read(part)
        try:
            first = list(islice(pieces, 1))
        except ListingError as error:
            errors.append(error)
        else:
            return chain(first, pieces)
    raise errors[0]


def _placed(piece: Piece, inside: str) -> Piece:
    match piece:
        case Sighting():
            return replace(piece, where=inside + piece.where)
        case Skipped(where, reason):
            return Skipped(inside + where, reason)
        case Warn(said, is_broken):
            return Warn(f"{inside.capitalize().rstrip(', ')}: {said}" if inside else said, is_broken)
        case _:
            return piece


def _texts_of(body: bytes, document: Document) -> list[Document]:
    """Return the texts of a message as documents of their own, whose time is the mail's, the likeliest first."""
    if len(body) > _LARGEST:
        raise ListingError("the message is larger than 32 MB", place=document.name, hint="save its text part alone")
    message = BytesParser(policy=policy.default).parsebytes(body)
    parts = _readable_parts(message)
    if not parts:
        raise ListingError("the mail has no text in it", place=document.name, hint="save its attachments alone")
    return [_text(part, str(message.get("Date", "")), document) for part in parts]


def _text(part: EmailMessage, sent: str, document: Document) -> Document:
    content = _unquoted(_decoded(part))
    if is_mailing(content[:HEAD]) and not content.lstrip().startswith("Date:"):
        content = f"Date: {sent}\n\n{content}"
    return replace(
        document,
        body=content.encode("utf-8", "replace"),
        content_type=part.get_content_type(),
        modified_at=_moment(sent) or document.modified_at,
    )


def _moment(sent: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(sent)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _readable_parts(message: EmailMessage) -> list[EmailMessage]:
    """Return the plain text of a message, else its HTML, then all other text, JSON and XML in it.

    A mail that is forwarded as an attachment is in it too.
    """
    body = message.get_body(("plain", "html"))
    kinds = ("text/", "application/json", "application/xml", "application/atom+xml", "application/rss+xml")
    parts = [p for p in message.walk() if isinstance(p, EmailMessage) and p.get_content_type().startswith(kinds)]
    return sorted(parts, key=lambda part: part is not body)


def _unquoted(content: str) -> str:
    """Return a mailing that was forwarded with a ``>`` before every line without them; other text as it is."""
    if is_mailing(content[:HEAD]):
        return content
    bare = _QUOTE.sub("", content)
    return bare if is_mailing(bare[:HEAD]) else content


def _decoded(part: EmailMessage) -> str:
    """Return a part's text whatever its charset says; undecodable bytes become U+FFFD."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        return data.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):  # no such charset, or one that knows no "replace" (punycode, idna)
        return data.decode("utf-8", "replace")
