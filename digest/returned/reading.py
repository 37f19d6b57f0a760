"""Mail that came back, read: bytes in, what they say of an address out; pure.

Which reader it is about is told by our own address it came to (VERP: D. J. Bernstein, "Variable envelope return
paths", 1997), then by such an address anywhere in the report. What it says is told by a delivery status notification
(RFC 3464; RFC 6533 where addresses are written in UTF-8), an abuse report (RFC 5965), or by the heuristics of
``flufl.bounce`` for the three quarters of all bounces that follow no standard.
"""

from __future__ import annotations

import binascii
import logging
import quopri
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr

from flufl.bounce import all_failures

from digest.model.returned import Returned, ReturnKind

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)
"""It logs each heuristic that stumbles, traceback and all; the others go on."""

READ = 1_000_000
"""Bytes of a mail that are looked at: what is said stands at its beginning."""

_OURS = re.compile(rb"(?i)\b(bounce|unsubscribe)\+([0-9][0-9a-z]{1,13}-[0-9a-z]{1,7}-[\w-]{22,26})@", re.ASCII)
_ONE_CASE = 26
"""Characters of the last part of a token that is written in one case, however it comes back."""
_ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
_STATUS = re.compile(r"(?<![\d.])([45]\.[0-7]\.\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.])")
_SAYS_GONE = re.compile(
    r"(?i)(?:user|addressee|recipient|mailbox|account) (?:is )?unknown|unknown (?:or \w+ )?(?:user|recipient|account)|"
    r"no such (?:user|account|mailbox)|no mailbox|mailbox unavailable|(?:user|account) (?:does not exist|not found)|"
    r"invalid (?:final delivery userid|recipient|mailbox)|bad destination mailbox"
)
_SAYS_FULL = re.compile(r"(?i)mailbox (?:is )?full|over ?quota|quota exceeded|insufficient (?:storage|disk)")

_SOFT = re.compile(rb"=(?:[ \t]*\r?\n|2B)", re.IGNORECASE)
"""What quoted-printable makes of a long line, and of the + in an address."""
_BLANK = re.compile(rb"\r?\n(?:[ \t]*\r?\n)+")
_NOTIFICATIONS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_HOSTS = re.compile(r"(?i)(?:mailer-daemon|postmaster)@")
"""Who writes of mail that was not delivered, never of holidays."""

_WRITTEN_FOR_SOMEBODY = ("no", "auto-generated")
"""What a mail program says of the mail it writes when its user clicks on "unsubscribe"."""
_NO_COMPLAINTS = frozenset({"not-spam", "auth-failure"})
"""Somebody takes a complaint back (RFC 6430); a host tells of signatures (RFC 6591), and no reader had a part in it."""

_GONE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_FULL = frozenset({"4.2.2", "5.2.2", "4.2.1", "4.2.0"})
_UNCLEAR = frozenset({"5.0.0", "5.1.0", "5.1.4", "5.1.5", "5.2.0", "5.2.4", "5.4.4"})


def read(raw: bytes) -> Returned:
    """Return what a mail that came back says; never raises, whatever the bytes."""
    mail = message_from_bytes(raw[:READ])
    came_to = _ours(_addressees(mail))
    purpose, token = came_to if came_to[1] else _ours(_texts(mail, raw[:READ]))
    kind, status, reason = _said(mail, came_to[0])
    return Returned(kind=kind, purpose=purpose, token=token, status=status, reason=_line(reason))


def _ours(texts: Iterable[bytes]) -> tuple[str, str]:
    """Return purpose and token of the first of our addresses in some texts, each "" where there is none."""
    for text in texts:
        if found := _OURS.search(text):
            token = found[2].decode()
            return found[1].decode().lower(), token.lower() if len(token.rpartition("-")[2]) == _ONE_CASE else token
    return "", ""


def _addressees(mail: Message) -> Iterator[bytes]:
    for name in _ADDRESSED:
        yield from (str(value).encode("utf-8", "replace") for value in mail.get_all(name, []))


def _texts(mail: Message, raw: bytes) -> Iterator[bytes]:
    """Yield everything a mail says, also in what it quotes, as it stands there and without the breaks of its lines."""
    for text in _contents(mail, raw):
        yield text
        if _SOFT.search(text):
            yield quopri.decodestring(text)


def _contents(mail: Message, raw: bytes) -> Iterator[bytes]:
    yield raw
    for part in mail.walk():
        content = _content(part)
        yield content
        if _encoding(part) and part.get_content_maintype() != "text":  # a mail may be within, with parts of its own
            yield from (_content(inner) for inner in message_from_bytes(content).walk())


def _content(part: Message) -> bytes:
    """Return the bytes of a part; also of one that ``email`` has read as a mail of its own, as it does with message/*.

    No such part may be encoded (RFC 2046, 5.2), and some are.
    """
    payload = part.get_payload()
    if not isinstance(payload, list):
        return bytes(part.get_payload(decode=True) or b"")
    if part.get_content_maintype() == "multipart":
        return b""
    raw = _written(payload)
    with suppress(binascii.Error):
        if _encoding(part) == "base64":
            return binascii.a2b_base64(raw)
    return quopri.decodestring(raw) if _encoding(part) == "quoted-printable" else raw


def _written(mails: Iterable[object]) -> bytes:
    """Return mails as they came, whatever they hold: ``as_bytes`` raises errors for headers that are none."""
    texts = []
    for one in mails:
        if isinstance(one, Message):
            within = one.get_payload()
            head = "".join(f"{name}: {value}\n" for name, value in one.raw_items()).encode("utf-8", "surrogateescape")
            body = _written(within) if isinstance(within, list) else str(within).encode("utf-8", "surrogateescape")
            texts.append(head + b"\n" + body)
    return b"\n".join(texts)


def _encoding(part: Message) -> str:
    return str(part.get("Content-Transfer-Encoding", "")).strip().lower()


def _said(mail: Message, came_to: str) -> tuple[ReturnKind, str, str]:
    """Return what a mail says that came to our address for a purpose ("": to another one, so it only quotes us)."""
    report = str(mail.get_param("report-type", "")).lower()
    if report == "feedback-report":
        return _complaint(mail)
    is_notification = report.endswith("delivery-status")
    if is_notification and (found := _notified(mail)):
        return found
    if found := _guessed(mail):
        return found
    return _told(mail, came_to, is_notification=is_notification)


def _told(mail: Message, came_to: str, *, is_notification: bool) -> tuple[ReturnKind, str, str]:
    """Return what a mail says that tells of no delivery, as far as is understood."""
    if is_notification or _HOSTS.match(parseaddr(str(mail.get("From", "")))[1]):
        return ReturnKind.UNKNOWN, "", "it is a mail host's notification that is not understood"
    if came_to == "unsubscribe" and not _is_automatic(mail, _WRITTEN_FOR_SOMEBODY):
        return ReturnKind.LEFT, "", "asked to leave"
    if _is_automatic(mail):
        return ReturnKind.NOTHING, "", "an automatic reply"
    return ReturnKind.UNKNOWN, "", "it is no bounce, complaint or request that is understood"


def _complaint(mail: Message) -> tuple[ReturnKind, str, str]:
    for part in mail.walk():
        if part.get_content_type() == "message/feedback-report":
            fields = message_from_bytes(_content(part).lstrip())
            kind = str(fields.get("Feedback-Type", "abuse")).strip().lower()
            agent = f"{kind}, reported by {fields.get('User-Agent') or fields.get('Reporting-MTA') or 'a mail host'}"
            return (ReturnKind.NOTHING if kind in _NO_COMPLAINTS else ReturnKind.COMPLAINT), "", agent
    return ReturnKind.COMPLAINT, "", "abuse"


def _notified(mail: Message) -> tuple[ReturnKind, str, str] | None:
    """Return the gravest of what a notification says of its recipients."""
    found = [_recipient(fields) for fields in _fields(mail) if fields.get("Action")]
    return min(found, key=lambda one: list(ReturnKind).index(one[0]), default=None)


def _fields(mail: Message) -> Iterator[Message]:
    """Yield the groups of fields of a notification: first those of the message, then those of each recipient."""
    for part in mail.walk():
        if part.get_content_type() in _NOTIFICATIONS:
            yield from map(message_from_bytes, _BLANK.split(_content(part).strip()))


def _recipient(fields: Message) -> tuple[ReturnKind, str, str]:
    action = str(fields["Action"]).strip().lower()
    diagnostic = str(fields.get("Diagnostic-Code", "")).partition(";")[2] or str(fields.get("Diagnostic-Code", ""))
    if not action.startswith("fail"):
        return ReturnKind.NOTHING, "", f"{action} {diagnostic}"
    status = _STATUS.search(str(fields.get("Status", "")))
    return _weighed(status[1] if status else "", diagnostic)


def _weighed(status: str, diagnostic: str) -> tuple[ReturnKind, str, str]:
    """Return what a refusal means; the code in the server's own words is better than a general one."""
    precise = _STATUS.search(diagnostic)
    if precise and (not status or status.endswith(".0.0")):
        status = precise[1]
    return _kind(status, diagnostic), status, diagnostic


def _kind(status: str, diagnostic: str) -> ReturnKind:
    reply = _REPLY.search(diagnostic)
    if status in _GONE:
        return ReturnKind.GONE
    if status in _FULL or _SAYS_FULL.search(diagnostic) or (reply and reply[1] == "552"):
        return ReturnKind.FULL
    if reply and reply[1] == "554" and status in {"", "5.0.0"}:
        return ReturnKind.ELSEWHERE
    vague = status in {"", *_UNCLEAR} or (not status.startswith("5.7") and _SAYS_GONE.search(diagnostic))
    return ReturnKind.UNCLEAR if vague else ReturnKind.ELSEWHERE


def _guessed(mail: Message) -> tuple[ReturnKind, str, str] | None:
    try:
        temporary, permanent = all_failures(mail)
    except Exception:
        return None
    if permanent:
        return _weighed("", _telling(_text(mail)))
    return (ReturnKind.NOTHING, "", "it waits") if temporary else None


def _text(mail: Message) -> str:
    parts = (part for part in mail.walk() if part.get_content_type() == "text/plain")
    return "\n".join(bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace") for part in parts)


def _telling(text: str) -> str:
    """Return the line that is most likely the reason: with a status, with words for it, with a reply; or the first."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for sign in (_STATUS, _SAYS_FULL, _SAYS_GONE, _REPLY):
        if found := next((line for line in lines if sign.search(line)), ""):
            return found
    return lines[0] if lines else ""


def _is_automatic(mail: Message, by_hand: Collection[str] = ("no",)) -> bool:
    """Return whether a machine wrote it (RFC 3834), as it does for those on holiday."""
    said = str(mail.get("Auto-Submitted", "no")).strip().lower()
    answers = str(mail.get("X-Autoreply", "")) or str(mail.get("X-Autorespond", ""))
    word = said.partition(";")[0].partition("(")[0].strip()
    return word not in by_hand or bool(answers) or str(mail.get("Precedence", "")) == "auto_reply"


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]
