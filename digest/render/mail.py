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
from email.message import EmailMessage, MIMEPart
from email.utils import format_datetime

from digest.errors import AddressError
from digest.model import Digest, Links, Message

_POLICY = policy.SMTP.clone(max_line_length=998)
"""Folding at 78 would break a long List-Unsubscribe address into encoded words."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""C0 and C1 controls and the line ends of Unicode, which Python's own header code also takes for new lines."""
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]\\@\x00-\x1f\x7f]+@[^\s<>,;:\"()\[\]\\@\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Who the mail is from. ``domain`` is that of Message-IDs, list ids and bounce addresses."""

    from_name: str = "Paper digest"
    from_address: str = "digest@localhost"
    domain: str = "localhost"


def assemble(digest: Digest, links: Links, letterhead: Letterhead, *, subject: str, html: str, text: str) -> Message:
    """Return the message of a rendered digest."""
    recipient = digest.subscriber.address
    if not _ADDRESS.fullmatch(recipient):
        raise AddressError("this is not an e-mail address", place=repr(recipient), hint="remove the subscriber")
    mail = EmailMessage(policy=_POLICY)
    for name, value in _headers(digest, links, letterhead, subject).items():
        mail[name] = _CONTROL.sub(" ", value)
    mail["To"] = Address(addr_spec=recipient)
    mail["From"] = Address(_CONTROL.sub(" ", letterhead.from_name), addr_spec=letterhead.from_address)
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    mail.set_boundary(f"=_{_fingerprint(digest)[:32]}")
    for part in mail.iter_parts():
        _without_version(part)
    return Message(
        message_id=message_id(digest, letterhead),
        sender=f"bounce+{_fingerprint(digest)[:16]}@{letterhead.domain}",
        recipient=recipient,
        subject=subject,
        html=html,
        text=text,
        raw=mail.as_bytes(),
    )


def message_id(digest: Digest, letterhead: Letterhead) -> str:
    """Return the Message-ID of a digest: the same whenever it is rendered, different for every subscriber and slot."""
    return f"<{digest.slot}.{_fingerprint(digest)[:20]}@{letterhead.domain}>"


def _headers(digest: Digest, links: Links, letterhead: Letterhead, subject: str) -> dict[str, str]:
    headers = {
        "Subject": subject,
        "Date": format_datetime(digest.composed_at),
        "Message-ID": message_id(digest, letterhead),
        "List-Id": f"Paper digest <digest.{letterhead.domain}>",
        "Precedence": "bulk",
        "Auto-Submitted": "auto-generated",
        "Feedback-ID": f"{digest.day.isoformat()}:digest:{letterhead.domain}",
    }
    ways_out = [f"<{way}>" for way in (links.unsubscribe, links.unsubscribe_mailto) if way]
    if ways_out:
        headers["List-Unsubscribe"] = ", ".join(ways_out)
    if links.unsubscribe:
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if links.home:
        headers |= {"List-Help": f"<{links.home}>", "List-Archive": f"<{links.archive}>"}
    return headers


def _fingerprint(digest: Digest) -> str:
    return hashlib.sha256(f"{digest.subscriber.id}\0{digest.subscriber.address}\0{digest.slot}".encode()).hexdigest()


def _without_version(part: MIMEPart) -> None:
    del part["MIME-Version"]
