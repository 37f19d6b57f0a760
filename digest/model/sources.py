"""What is known of a source between two looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Quiet:
    """A source that had nothing to give, rightly: a weekend, a holiday, nothing changed, not yet time to ask again.

    ``where`` is the source, perhaps with the day or address; ``reason`` says in words why that is in order.
    """

    where: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How a source fared so far.

    ``checked_at`` is when it was last asked, ``succeeded_at`` when it last gave or rightly gave nothing, ``gave`` what
    that was, in words. ``error`` says why the last attempt failed ("": it did not), ``failures`` how many in a row
    did; before ``next_at`` it is not asked again. ``memory`` is the source's own: validators, the last whole day.
    """

    name: str
    checked_at: datetime | None = None
    succeeded_at: datetime | None = None
    gave: str = ""
    error: str = ""
    failures: int = 0
    next_at: datetime | None = None
    memory: Mapping[str, str] = field(default_factory=dict)
