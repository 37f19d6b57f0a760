"""How a paper came to be what it is: its sightings with their verdicts, and what an operator decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from digest.model.papers import Paper, State


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingRecord:
    """One stored sighting: which listing it stood in, what identity said of it, and why.

    ``paper_id`` is the paper it was judged to be of, before anything was merged. ``looks_like`` is the id of the
    paper an unsure one may be a copy of.
    """

    id: int
    paper_id: int
    source: str
    document: str
    where: str
    listed_on: date | None
    seen_at: datetime
    title: str
    state: State
    reason: str
    looks_like: int | None = None


class ActKind(StrEnum):
    """What was decided about two papers after they were stored: by an operator, or (JOIN) by identity.

    JOIN: a sighting with ids of both, or an id of one and the text of the other, proved that two papers are one.
    """

    MERGE = "merge"
    SPLIT = "split"
    APART = "apart"
    JOIN = "join"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One decision: ``other`` was merged into ``paper``, split off it, or is none of it, as it seemed.

    It can be undone once.
    """

    id: int
    kind: ActKind
    paper: int
    other: int
    at: datetime
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A paper as it is now, all its sightings in order of time, the papers merged into it, and every act on it."""

    paper: Paper
    merged: tuple[int, ...]
    sightings: tuple[SightingRecord, ...]
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsurePair:
    """A pair that identity was unsure about and nobody has decided yet."""

    paper: Paper
    looks_like: Paper
    reason: str
