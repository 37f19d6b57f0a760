"""The MIME message: RFC 5322 headers, a text part first, the HTML part second, quoted-printable, CRLF.

Everything is derived from the digest, so that the same digest always gives the same bytes. Header names are fixed,
values lose their control characters, addresses are checked.
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

from digest.errors import AddressError
from digest.model import Digest, Links, Message
from digest.render.citations import MEDIA_TYPES, Citations, citations

HEADER_POLICY = policy.SMTP.clone(max_line_length=998)
"""Folding at 78 would break a long List-Unsubscribe address into encoded words."""
_PART_POLICY = policy.SMTP.clone(max_line_length=76)
"""RFC 2045 allows quoted-printable 76 columns; ``email`` takes the header's limit for it."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""C0 and C1 controls and the line ends of Unicode, which Python's own header code also takes for new lines."""
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\@\x00-\x1f\x7f]+@[^\s<>,;:\"()\[\]\\@\x00-\x1f\x7f]+")


_is_simple = re.compile(r"[\w+-]+(?:\.[\w+-]+)*@[\w-]+(?:\.[\w-]+)*", re.ASCII).fullmatch
"""An address that ``email`` writes as it is; taking it apart costs as much as a card."""


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
    """Return the message of a rendered digest, put together by ``email``."""
    print_of = fingerprint(digest)
    mail = EmailMessage(policy=HEADER_POLICY)
    for name, value in headers(digest, links, letterhead, subject).items():
        mail[name] = value
    mail["MIME-Version"] = "1.0"
    both = mail
    if letterhead.attach:
        mail.make_mixed()
        both = EmailMessage(policy=HEADER_POLICY)
    both.make_alternative()
    both.attach(_part(text, "plain"))
    both.attach(_part(html, "html"))
    both.set_boundary(boundary(print_of))
    if letterhead.attach:
        mail.attach(both)
        mail.attach(_attachment(digest, letterhead.attach))
        mail.set_boundary(outer_boundary(print_of))
    return message(digest, links, letterhead, print_of, subject, mail.as_bytes())


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


def headers(digest: Digest, links: Links, letterhead: Letterhead, subject: str) -> dict[str, str]:
    """Return the headers in their order; no value holds a control character."""
    recipient = digest.subscriber.address
    if not _ADDRESS.fullmatch(recipient):
        raise AddressError("this is not an e-mail address", place=repr(recipient), hint="remove the subscriber")
    found = {
        "Subject": subject,
        "Date": format_datetime(digest.composed_at),
        "Message-ID": message_id(digest, letterhead, fingerprint(digest)),
        "To": recipient if _is_simple(recipient) else str(Address(addr_spec=recipient)),
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
    if links.home:
        found |= {"List-Help": f"<{links.home}>", "List-Archive": f"<{links.archive}>"}
    return {name: _CONTROL.sub(" ", value) for name, value in found.items()}


@lru_cache(maxsize=8)
def sender(letterhead: Letterhead) -> str:
    """Return the From of a letterhead."""
    return str(Address(_CONTROL.sub(" ", letterhead.from_name), addr_spec=letterhead.from_address))


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
