"""Papers that could be near one another: neighbours in an alphabetical order of the ends of titles and abstracts.

Each paper stands in four *rings*: by the beginning of its title, the title backwards, the beginning of its abstract,
the abstract backwards. Two wordings of one paper nearly always share one of these four ends, so the other one is among
the few neighbours there, whatever else was changed: no statistics, nothing to load, 8 rows on each side.

Papers with an arXiv number stand in four rings of their own: to a sighting with another number they cannot be the
same, so it does not look there. Rows are never taken away, so an old wording of a revised paper is found too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from digest.identity import plausible
from digest.model import Key
from digest.store.engine import driver
from digest.text.sketch import letters, sketch

EACH_SIDE = 8
"""Neighbours looked at on each side, in each ring."""

_TITLE, _ABSTRACT = 40, 56
"""Letters of an end that are kept."""
_READ = 240
"""Characters of an abstract that its end is made of."""
_COMMON = (6, 6, 12, 12)
"""Letters that neighbours must have in common, by ring; fewer is chance."""
_RINGS = len(_COMMON)
NUMBERED = _RINGS
"""The first ring of the papers that have an arXiv number."""
_LAST = "\U0010ffff"
"""Sorts behind every letter."""


def _sides(rings: range) -> str:
    """Return the query for the neighbours on both sides in some rings: those that begin as the end does."""
    orders = ("", " DESC")
    one = "SELECT paper_id FROM neighbours WHERE ring = {} AND key >= ? AND key < ? ORDER BY key{} LIMIT {}"
    sides = (one.format(ring, order, EACH_SIDE) for ring in rings for order in orders)
    return " UNION ALL ".join(f"SELECT paper_id FROM ({side}) AS n" for side in sides)  # noqa: S608 - all our own


# Plain SQL for the driver: what SQLAlchemy does around a statement takes longer than these take the database.
_WITHOUT_NUMBER, _ANY = _sides(range(_RINGS)), _sides(range(2 * _RINGS))
_STAND = "INSERT INTO neighbours (ring, key, paper_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_OUTLINE = (
    "INSERT INTO outlines (paper_id, title_key, sketch) VALUES (?, ?, ?)"
    " ON CONFLICT (paper_id) DO UPDATE SET title_key = excluded.title_key, sketch = excluded.sketch"
)
_OUTLINES = "SELECT paper_id, title_key, sketch FROM outlines WHERE paper_id IN"


def near(
    connection: Connection, title_key: str, abstract: str, keys: Sequence[Key], known: Collection[int]
) -> list[int]:
    """Return the ids of papers that are worth being compared with a title and an abstract, those ``known`` left out."""
    limits = _limits(title_key, abstract)
    sql, values = (_WITHOUT_NUMBER, limits) if has_number(keys) else (_ANY, limits * 2)
    wanted = sorted({row[0] for row in driver(connection, sql, values).all()}.difference(known))
    if not wanted:
        return []
    mine = sketch(abstract)
    others = driver(connection, f"{_OUTLINES} ({', '.join('?' * len(wanted))})", tuple(wanted)).all()
    return [paper_id for paper_id, key, held in map(tuple, others) if plausible(title_key, mine, key, held)]


def stand(connection: Connection, paper_id: int, title_key: str, abstract: str, keys: Sequence[Key]) -> None:
    """Give a paper, in this wording, its place among its neighbours."""
    driver(connection, _STAND, [tuple(place.values()) for place in places(paper_id, title_key, abstract, keys)])
    driver(connection, _OUTLINE, (paper_id, title_key, sketch(abstract)))


def places(paper_id: int, title_key: str, abstract: str, keys: Sequence[Key]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a paper in its rings."""
    first = NUMBERED if has_number(keys) else 0
    for ring, end in enumerate(ends(title_key, abstract), first):
        yield {"ring": ring, "key": end, "paper_id": paper_id}


def outline(paper_id: int, title_key: str, abstract: str) -> dict[str, Any]:
    """Return the row by which a neighbour is told to be worth loading."""
    return {"paper_id": paper_id, "title_key": title_key, "sketch": sketch(abstract)}


def ends(title_key: str, abstract: str) -> tuple[str, str, str, str]:
    """Return the four ends of a paper, by ring."""
    return (
        title_key[:_TITLE],
        title_key[: -_TITLE - 1 : -1],
        letters(abstract[:_READ])[:_ABSTRACT],
        letters(abstract[-_READ:])[: -_ABSTRACT - 1 : -1],
    )


def has_number(keys: Sequence[Key]) -> bool:
    """Return whether an arXiv number is among the ids of a paper."""
    return any(key.startswith("arxiv:") for key in keys)


def _limits(title_key: str, abstract: str) -> tuple[str, ...]:
    """Return, for each ring, between what its neighbours lie on either side: some letters must be the same."""
    limits: list[str] = []
    for end, common in zip(ends(title_key, abstract), _COMMON, strict=True):
        begins = end[:common]
        limits += (end, f"{begins}{_LAST}" if begins else "", begins, end)
    return tuple(limits)
