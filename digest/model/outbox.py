"""What leaves: the composed digest on its way into the store, the message, its row in the outbox and its fate."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes, policy
from enum import StrEnum

from digest.model.digests import Digest
from digest.model.readers import ChannelName, Due


@dataclass(frozen=True, slots=True, kw_only=True)
class NextDue:
    """When a subscription is due next: the instant, and the local date it stands for."""

    at: datetime
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What composing decided for one due subscriber, ready to be committed in one go.

    ``digest`` and ``message`` are ``None`` where there is nothing to send (then only the cursor and the due times
    move); ``message`` alone is ``None`` for a subscriber who reads the feeds only. ``cursor`` is the last event id
    that was looked at; ``next_due`` has one entry for each subscription of ``due``.
    """

    due: Due
    cursor: int
    next_due: Mapping[int, NextDue]
    digest: Digest | None = None
    message: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A rendered digest ready for a channel: the same digest always gives the same bytes.

    ``raw`` is the whole RFC 5322 message with CRLF line ends; ``sender`` is the envelope sender (VERP), ``recipient``
    the envelope recipient.
    """

    message_id: str
    sender: str
    recipient: str
    subject: str
    raw: bytes

    @property
    def html(self) -> str:
        """Return the HTML part as it was before transfer encoding, "" where there is none."""
        return self._part("html")

    @property
    def text(self) -> str:
        """Return the text part as it was before transfer encoding, "" where there is none."""
        return self._part("plain")

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the whole message, in hex: what proves that a second sending is the very same."""
        return hashlib.sha256(self.raw).hexdigest()

    def _part(self, kind: str) -> str:
        part = message_from_bytes(self.raw, policy=policy.default).get_body((kind,))
        return str(part.get_content()).replace("\r\n", "\n") if part else ""


class OutboxState(StrEnum):
    """The fate of a message. How it moves from one to the other is drawn in ``store/outbox.py``."""

    PENDING = "pending"
    CLAIMED = "claimed"
    HANDING = "handing"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    AMBIGUOUS = "ambiguous"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One message and its fate.

    ``fence`` goes up with each claim; a write with an older fence is refused, so a worker that lost its lease cannot
    overwrite what its successor did. ``tries`` counts attempts that were the message's own, ``last_error`` is the
    newest reply in words. ``body_sha256`` is of the bytes that left last (before that: of those that were composed);
    ``doubts`` counts how often those bytes left and nobody knows whether they arrived.
    """

    id: int
    digest_id: int
    subscriber_id: int
    channel: ChannelName
    slot: str
    recipient: str
    message_id: str
    body_sha256: str
    state: OutboxState
    created_at: datetime
    due_at: datetime
    tries: int = 0
    fence: int = 0
    lease_owner: str = ""
    lease_until: datetime | None = None
    claimed_at: datetime | None = None
    handed_at: datetime | None = None
    sent_at: datetime | None = None
    last_error: str = ""
    doubts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one attempt: the row's next state, when to look at it again, and the reply in words.

    ``charged`` says whether the attempt counts as one of the message's own tries; ``suppress`` whether the address
    gets no more mail because of it, ``suspect`` whether it gets none once the same is heard again after days.
    ``doubt`` is true where the message left and may or may not have arrived, and false where it is now known that it
    did not. ``by`` is whose word it is (empty: the worker's that has the lease), ``relay`` the server asked.
    """

    state: OutboxState
    reply: str = ""
    retry_at: datetime | None = None
    charged: bool = True
    suppress: bool = False
    suspect: bool = False
    doubt: bool | None = None
    by: str = ""
    relay: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One line of a message's history: a try that ended, or what was decided about it afterwards.

    ``n`` is the claim it belongs to (``OutboxRow.fence``); ``by`` a worker's name, or "evidence", "operator", "clock",
    "subscriber". ``started_at`` is when the message was claimed, ``handed_at`` when its body began to leave.
    """

    n: int
    by: str
    channel: ChannelName
    relay: str
    started_at: datetime | None
    handed_at: datetime | None
    settled_at: datetime
    outcome: OutboxState
    reply: str
    charged: bool
    doubt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of state that is to be written: with an ``outcome`` what became of an attempt, else the body leaves."""

    row: OutboxRow
    now: datetime
    body_sha256: str = ""
    outcome: Outcome | None = None
