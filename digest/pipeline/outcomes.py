"""What an answer, an error or evidence means for a message: where it goes from here, and whose fault it is."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from digest.errors import (
    AddressRefused,
    DeliveryDoubt,
    DeliveryError,
    DigestError,
    RelayDown,
    RelayFault,
    RetryLater,
    StoreError,
    TemplateError,
)
from digest.model import Delivered, Finding, NotYet, OutboxRow, OutboxState, Outcome, Refused, Unknown

MAX_TRIES = 8
"""Attempts of its own that a message gets before it has failed."""

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
RELAY_PAUSE = timedelta(minutes=5)
"""How long messages wait for a relay that cannot be used; the wait is not counted as a try."""

BEHIND = timedelta(minutes=1)
"""So much longer waits the one with which it was found out: if it is all its fault, others come before it next time."""

LONGEST_FAULT_WAIT = timedelta(hours=2)
"""How long a message waits at most that a relay fails over; that costs no try, so it goes on until it expires."""

GREYLIST_WAIT = timedelta(minutes=10)
"""A server that does not know us yet (450, 451) wants to see us again, but not soon."""

_GREYLISTED = frozenset({450, 451})
_MAILBOX_FULL = frozenset({"4.2.2", "5.2.2"})
_SOMEBODY = re.compile(r"[^\s<>]+@[^\s<>]+")

EVIDENCE = "evidence"
"""Whose word it is, in a message's history, where evidence settled a doubt."""


def from_evidence(found: Finding, *, waited: bool) -> Outcome | None:
    """Return what evidence means for a message in doubt; ``None``: wait on.

    Only a certain answer moves it at once. "Nothing so far" lets it be sent again, and as other bytes if it must be,
    only after a wait in which the relay would have told of it; where nobody can say, it stays held, with the reason.
    """
    match found:
        case Delivered(reply):
            return Outcome(state=OutboxState.SENT, reply=reply, charged=False, by=EVIDENCE)
        case Refused(reply):
            return Outcome(state=OutboxState.FAILED, reply=reply, charged=False, by=EVIDENCE)
        case NotYet(reply) if waited:
            return Outcome(state=OutboxState.RETRY, reply=reply, charged=False, doubt=False, by=EVIDENCE)
        case Unknown(reply) if waited:
            return Outcome(state=OutboxState.AMBIGUOUS, reply=reply, charged=False, by=EVIDENCE)
        case _:
            return None


def outcome_of(error: DigestError, row: OutboxRow, now: datetime, *, before: int = 0) -> Outcome:
    """Return what an error means for a message: retry, failed or in doubt, and whose fault it is.

    A store that fails for a moment, a template that somebody is mending, and a connection that broke before the message
    left (no reply, so no code) are not the message's fault: it waits, uncharged. The last does not stop the others, or
    one recipient whose server hangs up would hold everybody's mail; nor does a relay that fails over just this one.
    How long it waits then grows with the attempts there were ``before``: no try of its own counts them.
    """
    reply = str(error)
    match error:
        case RelayDown() | StoreError() | TemplateError():
            return paused(now, reply, RELAY_PAUSE + BEHIND)
        case RetryLater(code=None) | RelayFault():
            wait = min(backoff(row.id, before), LONGEST_FAULT_WAIT)
            return paused(now, reply, max(wait, least_wait(error)))
        case AddressRefused(suppress=suppress, suspect=suspect):
            return Outcome(state=OutboxState.FAILED, reply=reply, suppress=suppress, suspect=suspect)
        case DeliveryDoubt():
            return Outcome(state=OutboxState.AMBIGUOUS, reply=reply, doubt=True)
        case RetryLater() | DeliveryError() if row.tries + 1 < MAX_TRIES:
            wait = max(backoff(row.id, row.tries), least_wait(error))
            return Outcome(state=OutboxState.RETRY, reply=reply, retry_at=now + wait)
        case _:
            return Outcome(state=OutboxState.FAILED, reply=reply)


def alarm_of(error: DigestError, *, is_down: bool = False) -> str:
    """Return what to tell an operator at once, "" where an error is a matter of one address or passes by itself.

    ``is_down``: with this error the last connection was given up.

    It names nobody, as it goes into logs, and is the same for all messages that are refused alike.
    """
    if is_down or isinstance(error, RelayDown):
        return f"mail waits, as it cannot be handed over: {nobody(error)}"
    match error:
        case StoreError() | TemplateError():
            return f"mail waits, as it cannot be put together: {nobody(error)}"
        case RelayFault():
            return f"the mail server fails over mails, which wait: {_said(error)}"
        case AddressRefused(suppress=False, suspect=False):
            return f"mail is refused for what it is, not for its address: {_said(error)}"
    return ""


def nobody(error: DigestError) -> str:
    """Return an error without the addresses in it."""
    return _SOMEBODY.sub("(address)", str(error))


def _said(error: DeliveryError) -> str:
    """Return the codes of a reply."""
    if (error.code or 0) <= 0:
        return "its answer is none"
    return " ".join(filter(None, (str(error.code), error.enhanced)))


def least_wait(error: DeliveryError) -> timedelta:
    """Return how long a temporary refusal wants us to stay away: a full mailbox is not emptied in minutes."""
    if error.code == 552 or error.enhanced in _MAILBOX_FULL:
        return LONGEST_WAIT
    return GREYLIST_WAIT if error.code in _GREYLISTED else timedelta()


def backoff(row_id: int, tries: int) -> timedelta:
    """Return how long a message waits after its ``tries`` + 1st refusal: doubling, spread by ±20 %, at most 6 h.

    The spread is derived from the row, so that a thousand refused messages do not all come back in the same second.
    """
    spread = 0.8 + 0.4 * ((row_id * 2654435761 + tries * 40503) % 1000) / 1000
    return min(FIRST_WAIT * (1 << min(tries, 10)) * spread, LONGEST_WAIT)


def paused(now: datetime, reply: str = "the relay cannot be used", wait: timedelta = RELAY_PAUSE) -> Outcome:
    """Return that a message waits, uncharged."""
    return Outcome(state=OutboxState.RETRY, reply=reply, retry_at=now + wait, charged=False)
