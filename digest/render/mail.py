"""The MIME message: RFC 5322 headers, a text part first, the HTML part second, quoted-printable, CRLF.

Everything is derived from the digest, so that the same digest always gives the same bytes. Header names are fixed,
values lose their control characters, addresses are checked; the lines are written by ``headers``.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import quote

from digest.errors import AddressError
from digest.model import Digest, Links, Message
from digest.render.citations import MEDIA_TYPES, Citations, citations
from digest.render.headers import clean, lines, unstructured

_AROUND_POLICY = policy.SMTP.clone(max_line_length=998)
_PART_POLICY = policy.SMTP.clone(max_line_length=76)
"""RFC 2045 allows quoted-printable 76 columns; ``email`` takes the header's limit for it."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9_-]+"
_is_address = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*").fullmatch
"""An address that stands for itself in a header and in SMTP (RFC 5321, 4.1.2, without quoted local parts)."""
_PLAIN_IN_MAILTO = "@!$'*+"
_LONGEST_ADDRESS = 320
_LONG_NAME = 60
"""A name that is longer is cut into encoded words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Who the mail is from, and the kind of citations attached to it, if any.

    ``domain`` is that of Message-IDs, list ids and bounce addresses.
    """

    from_name: str = "Paper digest"
    from_address: str = "digest@localhost"
    domain: str = "localhost"
    attach: Citations | None = None


def assemble(digest: Digest, links: Links, letterhead: Letterhead, *, subject: str, html: str, text: str) -> Message:
    """Return the message of a rendered digest, its parts put together by ``email``."""
    print_of = fingerprint(digest)
    mail = both = EmailMessage(policy=_AROUND_POLICY)
    if letterhead.attach:
        mail.make_mixed()
        both = EmailMessage(policy=_AROUND_POLICY)
    both.make_alternative()
    both.attach(_part(text, "plain"))
    both.attach(_part(html, "html"))
    both.set_boundary(boundary(print_of))
    if letterhead.attach:
        mail.attach(both)
        mail.attach(_attachment(digest, letterhead.attach))
        mail.set_boundary(outer_boundary(print_of))
    raw = head(digest, links, letterhead, print_of, subject).encode("ascii") + mail.as_bytes()
    return message(digest, links, letterhead, print_of, subject, raw)


def head(digest: Digest, links: Links, letterhead: Letterhead, print_of: str, subject: str) -> str:
    """Return the header lines of a mail, all but those that say what its body is like."""
    values = headers(digest, links, letterhead, print_of, subject) | {"MIME-Version": "1.0"}
    return lines(values)


def message(digest: Digest, links: Links, letterhead: Letterhead, print_of: str, subject: str, raw: bytes) -> Message:
    """Return the message with its envelope: what cannot be delivered comes back to an address of this reader's own."""
    return Message(
        message_id=message_id(digest, letterhead, print_of),
        sender=links.bounces or f"bounce@{letterhead.domain}",
        recipient=digest.subscriber.address,
        subject=subject,
        raw=raw,
    )


def message_id(digest: Digest, letterhead: Letterhead, print_of: str) -> str:
    """Return the Message-ID of a digest: the same whenever it is rendered, different for every subscriber and slot."""
    return f"<{digest.slot}.{print_of[:20]}@{letterhead.domain}>"


def fingerprint(digest: Digest) -> str:
    """Return what tells this digest from every other, in hexadecimal."""
    return hashlib.sha256(f"{digest.subscriber.id}\0{digest.subscriber.address}\0{digest.slot}".encode()).hexdigest()


def boundary(print_of: str) -> str:
    """Return the line between the parts; quoted-printable never has ``=_``."""
    return f"=_{print_of[:32]}"


def outer_boundary(print_of: str) -> str:
    """Return the line between the mail and what is attached to it."""
    return f"=_{print_of[32:]}"


def headers(digest: Digest, links: Links, letterhead: Letterhead, print_of: str, subject: str) -> dict[str, str]:
    """Return the headers in their order, ready to be sent; no value holds a control character.

    Without a web server there is no archive, so no List-Archive; help is the sender's address then (RFC 2369, 3.1).
    """
    recipient = digest.subscriber.address
    if len(recipient) > _LONGEST_ADDRESS or not _is_address(recipient):
        raise AddressError("this is not an e-mail address", place=repr(recipient), hint="remove the subscriber")
    found = {
        "Subject": unstructured("Subject", subject),
        "Date": _date(digest.composed_at),
        "Message-ID": message_id(digest, letterhead, print_of),
        "To": recipient,
        "From": sender(letterhead),
        "List-Id": f"Paper digest <digest.{letterhead.domain}>",
        "Precedence": "bulk",
        "Auto-Submitted": "auto-generated",
        "Feedback-ID": f"{digest.day.isoformat()}:digest:{letterhead.domain}",
    }
    ways_out = [f"<{way}>" for way in (links.unsubscribe, links.unsubscribe_mailto) if way]
    if ways_out:
        found["List-Unsubscribe"] = ", ".join(ways_out)
    if links.unsubscribe:
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    found["List-Help"] = f"<{links.home or _help(letterhead.from_address)}>"
    if links.archive:
        found["List-Archive"] = f"<{links.archive}>"
    return found


@lru_cache(maxsize=8)
def _help(address: str) -> str:
    """Return where a mail that asks for help goes (RFC 6068)."""
    return f"mailto:{quote(address, safe=_PLAIN_IN_MAILTO)}?subject=help"


_date = lru_cache(maxsize=64)(format_datetime)
"""Many digests are composed at one instant."""


@lru_cache(maxsize=8)
def sender(letterhead: Letterhead) -> str:
    """Return the From of a letterhead."""
    name = clean(letterhead.from_name)
    plain = str(Address(name, addr_spec=letterhead.from_address))
    if plain.isascii() and "=?" not in name and len(name) < _LONG_NAME:
        return plain
    return f"{unstructured('From', name)}\r\n <{letterhead.from_address}>"


def attached(digest: Digest, kind: Citations) -> tuple[str, str, bytes]:
    """Return the media type, the file name and the content of the citations of all papers that a digest shows."""
    content = citations((item.paper for item in digest.items), kind)
    return MEDIA_TYPES[kind], f"papers-{digest.slot}.{kind.value}", content.encode()


def _attachment(digest: Digest, kind: Citations) -> EmailMessage:
    media_type, name, content = attached(digest, kind)
    maintype, _, subtype = media_type.partition("/")
    part = EmailMessage(policy=_PART_POLICY)
    part.set_content(content, maintype=maintype, subtype=subtype, disposition="attachment", filename=name)
    del part["MIME-Version"]
    return part


def _part(text: str, kind: str) -> EmailMessage:
    part = EmailMessage(policy=_PART_POLICY)
    part.set_content(text, subtype=kind, cte="quoted-printable")
    del part["MIME-Version"]
    return part
