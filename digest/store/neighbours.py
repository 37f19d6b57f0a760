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

from sqlalchemy import Connection, bindparam, literal, select, text, union_all

from digest.identity import plausible
from digest.model import Key
from digest.store import schema
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


def _side(ring: int, *, after: bool) -> Any:
    """Return the query for the neighbours on one side of the end ``end{ring}``, as a part of a union."""
    table = schema.neighbours
    end: Any = bindparam(f"end{ring % _RINGS}")
    beyond, order = (table.c.key >= end, table.c.key) if after else (table.c.key < end, table.c.key.desc())
    near = select(table.c.ring, table.c.key, table.c.paper_id).where(table.c.ring == literal(ring), beyond)
    return select(near.order_by(order).limit(EACH_SIDE).subquery())


# Built once: putting a statement together costs SQLAlchemy more than the database needs to run it.
_WITHOUT_NUMBER = union_all(*(_side(ring, after=after) for ring in range(_RINGS) for after in (True, False)))
_ANY = union_all(*(_side(ring, after=after) for ring in range(2 * _RINGS) for after in (True, False)))
_OUTLINES = select(schema.outlines).where(schema.outlines.c.paper_id.in_(bindparam("ids", expanding=True)))
_STAND = text("INSERT INTO neighbours (ring, key, paper_id) VALUES (:ring, :key, :paper_id) ON CONFLICT DO NOTHING")
_OUTLINE = text(
    "INSERT INTO outlines (paper_id, title_key, sketch) VALUES (:paper_id, :title_key, :sketch)"
    " ON CONFLICT (paper_id) DO UPDATE SET title_key = excluded.title_key, sketch = excluded.sketch"
)


def near(
    connection: Connection, title_key: str, abstract: str, keys: Sequence[Key], known: Collection[int]
) -> list[int]:
    """Return the ids of papers that are worth being compared with a title and an abstract, those ``known`` left out."""
    mine = ends(title_key, abstract)
    named = {f"end{ring}": end for ring, end in enumerate(mine)}
    found = connection.execute(_WITHOUT_NUMBER if _has_number(keys) else _ANY, named)
    close = {row[2] for row in found if _in_common(mine[row[0] % _RINGS], row[1]) >= _COMMON[row[0] % _RINGS]}
    wanted = close.difference(known)
    if not wanted:
        return []
    outline = sketch(abstract)
    others = connection.execute(_OUTLINES, {"ids": sorted(wanted)})
    return [row[0] for row in others if plausible(title_key, outline, row[1], row[2])]


def stand(connection: Connection, paper_id: int, title_key: str, abstract: str, keys: Sequence[Key]) -> None:
    """Give a paper, in this wording, its place among its neighbours."""
    connection.execute(_STAND, list(places(paper_id, title_key, abstract, keys)))
    connection.execute(_OUTLINE, outline(paper_id, title_key, abstract))


def places(paper_id: int, title_key: str, abstract: str, keys: Sequence[Key]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a paper in its rings."""
    first = _RINGS if _has_number(keys) else 0
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


def _has_number(keys: Sequence[Key]) -> bool:
    return any(key.startswith("arxiv:") for key in keys)


def _in_common(one: str, other: str) -> int:
    """Return how many letters two ends have in common from their beginning."""
    if one == other:
        return len(one)
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )
