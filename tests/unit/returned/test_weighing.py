"""Who gets no more mail after something came back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.model import PastReturn, Returned, ReturnKind
from digest.returned.weighing import why_no_more

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def before(kind: ReturnKind, *days: float) -> list[PastReturn]:
    """Return what came back so many days ago."""
    return [PastReturn(kind=kind, at=NOW - timedelta(days=d)) for d in days]


@pytest.mark.parametrize(
    ("kind", "days", "silenced"),
    [
        (ReturnKind.GONE, [], True),
        (ReturnKind.COMPLAINT, [], True),
        (ReturnKind.LEFT, [], True),
        (ReturnKind.UNCLEAR, [], False),
        (ReturnKind.UNCLEAR, [1.9], False),
        (ReturnKind.UNCLEAR, [2.0], True),
        (ReturnKind.UNCLEAR, [61.0], False),
        (ReturnKind.FULL, [20, 15, 10], False),
        (ReturnKind.FULL, [13, 10, 8, 5, 1], False),
        (ReturnKind.FULL, [14, 10, 5, 1], True),
        (ReturnKind.ELSEWHERE, [9, 8, 7, 6, 5, 4], False),
        (ReturnKind.NOTHING, [9, 8], False),
    ],
)
def test_only_what_is_the_address_s_fault_silences_it(kind: ReturnKind, days: list[float], silenced: bool) -> None:
    """Gone at once; unclear when it comes again after two days; full for two weeks; all else never."""
    said = Returned(kind=kind, status="5.0.0", reason="because")
    assert bool(why_no_more(said, before(kind, *days), NOW)) is silenced


def test_the_reason_says_when_and_why() -> None:
    """An operator who looks later finds the server's own words."""
    said = Returned(kind=ReturnKind.GONE, status="5.1.1", reason="550 5.1.1 no such user")
    assert why_no_more(said, (), NOW) == "bounced on 2026-11-20: 5.1.1 550 5.1.1 no such user"
    other = [PastReturn(kind=ReturnKind.FULL, at=NOW - timedelta(days=5))]
    assert why_no_more(Returned(kind=ReturnKind.UNCLEAR), other, NOW) == ""
