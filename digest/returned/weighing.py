"""Whether an address gets more mail after something came back from it; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from digest.model.returned import PastReturn, Returned, ReturnKind

GONE_AFTER = timedelta(days=2)
"""A refusal without a reason counts when it comes again after so long (and within ``REMEMBERED``)."""
FULL_FOR, FULL_TIMES = timedelta(days=14), 5
"""A mailbox that was full so often over so long has no reader any more."""
REMEMBERED = timedelta(days=60)


def why_no_more(now: Returned, before: Sequence[PastReturn], at: datetime) -> str:
    """Return in words why the address gets no more mail after this, "" where it still does.

    ``before`` are the earlier returns from the same address, this one left out.
    """
    past = [one for one in before if one.at >= at - REMEMBERED]
    said = f"{now.status} {now.reason}".strip()
    match now.kind:
        case ReturnKind.GONE:
            return f"bounced on {at:%Y-%m-%d}: {said}"
        case ReturnKind.UNCLEAR if any(p.kind is now.kind and p.at <= at - GONE_AFTER for p in past):
            return f"bounced again on {at:%Y-%m-%d}: {said}"
        case ReturnKind.FULL if _full_for_long([p.at for p in past if p.kind is now.kind], at):
            return f"mailbox full for {FULL_FOR.days} days, on {at:%Y-%m-%d}: {said}"
        case ReturnKind.COMPLAINT:
            return f"complained on {at:%Y-%m-%d}"
        case ReturnKind.LEFT:
            return f"unsubscribed on {at:%Y-%m-%d}"
    return ""


def _full_for_long(before: Sequence[datetime], at: datetime) -> bool:
    return len(before) + 1 >= FULL_TIMES and min(before) <= at - FULL_FOR
