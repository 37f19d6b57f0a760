"""The lines of a mail log: traditional syslog (RFC 3164) and ISO 8601 (RFC 5424) instants, Postfix's services.

Nov 21 08:36:28 host postfix/cleanup[123]: 4F1A2B3C4D: message-id=<…>
2026-11-21T08:36:28.123456+01:00 host postfix/submission/smtpd[124]: 4F1A2B3C4D: client=localhost[127.0.0.1]
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

_LINE = re.compile(
    r"^(?:\d{4}-\d\d-\d\dT\S+|[A-Z][a-z]{2} [ \d]\d [\d:]{8}) (?P<host>\S+) "
    r"(?:\S*/)?(?P<service>[a-z]+)\[(?P<pid>\d+)\]: "
    r"(?:(?P<queue_id>[0-9A-Za-z]{5,}): )?(?P<said>.*)$"
)
_ISO = re.compile(r"^\d{4}-\d\d-\d\dT\S+")
_TRADITIONAL = re.compile(r"^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) ")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """What a service of a host said, and of which mail in the queue ("" where of none)."""

    host: str
    service: str
    pid: str
    queue_id: str
    said: str


def parse(line: str) -> Line | None:
    """Return a line of a log taken apart; ``None`` for one that no mail service wrote."""
    found = _LINE.match(line)
    return (
        Line(found["host"], found["service"], found["pid"], found["queue_id"] or "", found["said"]) if found else None
    )


def instants(line: str, written: datetime, zone: tzinfo | None) -> tuple[datetime, datetime] | None:
    """Return the earliest and the latest instant a line may have been written at; ``None`` where it names none.

    They differ in the hour that comes twice when summer time ends. ``written`` is when the file was last written: a
    traditional line names no year, so it is of the last year in which it is not later than that. ``zone`` is that of
    the log, ``None`` this machine's.
    """
    if iso := _ISO.match(line):
        try:
            at = datetime.fromisoformat(iso[0])
        except ValueError:
            return None
        return _both(at, zone) if at.tzinfo is None else (at.astimezone(UTC), at.astimezone(UTC))
    found = _TRADITIONAL.match(line)
    if found is None or found[1] not in _MONTHS:
        return None
    month, (day, hour, minute, second) = _MONTHS.index(found[1]) + 1, map(int, found.groups()[1:])
    for year in range(written.year + 1, written.year - 8, -1):
        try:
            both = _both(datetime(year, month, day, hour, minute, second), zone)  # noqa: DTZ001 - _both gives the zone
        except ValueError:  # 29 February
            continue
        if both[0] <= written + _ONE_DAY:
            return both
    return None


def _both(at: datetime, zone: tzinfo | None) -> tuple[datetime, datetime]:
    first, last = (at.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return min(first, last), max(first, last)
