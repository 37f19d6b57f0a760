"""What comes back: bounces, complaints, and mails of those who want to leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReturnKind(StrEnum):
    """What a mail that came back says of the address it is about."""

    GONE = "gone"
    """There is no such mailbox."""
    FULL = "full"
    """The mailbox takes nothing at the moment."""
    UNCLEAR = "unclear"
    """Refused for good, but nobody says why."""
    ELSEWHERE = "elsewhere"
    """Refused for its content, its sender or the way it went: not the address's fault."""
    COMPLAINT = "complaint"
    """Somebody called it spam."""
    LEFT = "left"
    """Its reader wrote to the address for leaving."""
    NOTHING = "nothing"
    """It waits, has arrived, or somebody's machine answers: nothing is to be done."""
    UNKNOWN = "unknown"
    """A human has to look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A mail that came back, read: which of our addresses it came to, and what it says.

    ``purpose`` and ``token`` are the two halves of that address (``bounce+TOKEN``), "" where there is none in it;
    ``status`` is the enhanced status code (RFC 3463), ``reason`` one line for a human.
    """

    kind: ReturnKind
    purpose: str = ""
    token: str = ""
    status: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastReturn:
    """A mail that came back from a subscriber's address before."""

    kind: ReturnKind
    at: datetime
