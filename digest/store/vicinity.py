"""Which papers could have a neighbour that is worth being judged: asked for hundreds at once, of arrays in memory.

``neighbours.near`` asks the database for one paper; a fill has to ask for every paper that has no number. Here the
places and brief sketches of all papers stand in memory: 12 bytes for each of four places and 64 for a sketch, which is
112 MB for a million papers. What is refused here ``near`` would refuse as well; of what is not, ``near`` is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from digest.identity import Gate
from digest.identity.gate import SKETCHED
from digest.store.engine import driver
from digest.store.neighbours import EACH_SIDE, NUMBERED, SAME_TITLE, Outline, limits, ring_begins
from digest.text.sketch import SIZE

TitlesOf = Callable[[list[int]], dict[int, str]]
"""The title keys of papers by their ids."""

_YOUNG = 250_000
"""Places from which on the young ones are put among the old ones, which are copied then."""
_COMPARED_TOGETHER = 250
"""Papers whose sketches are compared at once, each by a table of 64 KiB."""
_READ_TOGETHER = 100_000
_LIMITS = 4 * 2 * NUMBERED
"""How many limits a paper has that has neighbours in every ring."""
_SIDES = np.arange(-EACH_SIDE, EACH_SIDE)


_PLACES = "SELECT place, paper_id FROM neighbours WHERE (place, paper_id) > (?, ?) ORDER BY place, paper_id LIMIT ?"
_SKETCHES = "SELECT paper_id, sketch FROM outlines WHERE paper_id > ? ORDER BY paper_id LIMIT ?"


class Vicinity:
    """All papers by their places and sketches."""

    def __init__(self) -> None:
        self._old, self._young = _Rings(), _Rings()
        self._sketches = np.zeros((1, SIZE), np.uint16)
        self._sizes = np.zeros(1, np.uint8)

    @classmethod
    def of(cls, connection: Connection) -> Self:
        """Return that of all papers that are stored."""
        found = cls()
        last, places = ring_begins(SAME_TITLE), [np.zeros((0, 2), np.int64)]
        for page in _pages(connection, _PLACES, (ring_begins(0), 0)):
            places.append(np.array([stand for stand in page if stand[0] < last], np.int64).reshape(-1, 2))
            if page[-1][0] >= last:
                break
        found._old.put(np.concatenate(places))
        for page in _pages(connection, _SKETCHES, (0,)):
            found._keep_sketches(page)
        return found

    def add(self, papers: Sequence[tuple[int, Outline]]) -> None:
        """Add papers; of those that are here already, further places, and the sketch they have now."""
        if not papers:
            return
        last = ring_begins(SAME_TITLE)
        stands = sorted((place, paper) for paper, outline in papers for place in outline.places() if place < last)
        self._young.put(np.array(stands, np.int64).reshape(-1, 2))
        self._keep_sketches([(paper_id, outline.sketch) for paper_id, outline in papers])
        if len(self._young.places) > _YOUNG:
            self._old.put(np.column_stack((self._young.places, self._young.papers)))
            self._young = _Rings()

    def near(self, outlines: Sequence[Outline], titles_of: TitlesOf) -> list[bool]:
        """Return of each outline whether ``neighbours.near`` could find any paper for it."""
        parts = range(0, len(outlines), _COMPARED_TOGETHER)
        return [near for at in parts for near in self._near(outlines[at : at + _COMPARED_TOGETHER], titles_of)]

    def _near(self, outlines: Sequence[Outline], titles_of: TitlesOf) -> list[bool]:
        asked = np.array([_all_limits(outline) for outline in outlines], np.int64).reshape(len(outlines), -1, 4)
        around = np.concatenate([rings.around(asked) for rings in (self._old, self._young)], axis=1)
        who, column = np.nonzero(around)
        other = around[who, column]
        common, least = self._common(outlines, who, other)
        shared = (common > 0) & (least > 0)
        near = np.zeros(len(outlines), np.bool_)
        near[who[shared & (common >= SKETCHED * least)]] = True
        unclear = (shared | (least == 0)) & ~near[who]
        pairs = list(zip(who[unclear].tolist(), other[unclear].tolist(), strict=True))
        titles = titles_of(sorted({paper_id for _, paper_id in pairs}))
        near[[n for n, paper_id in pairs if Gate(outlines[n].title_key, b"").by_title(titles[paper_id])]] = True
        found: list[bool] = near.tolist()
        return found

    def _common(
        self, outlines: Sequence[Outline], who: NDArray[np.int64], other: NDArray[np.uint32]
    ) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Return of each pair how many values of the other's sketch are in the own one, and the size of the smaller."""
        own, sizes = _rows([outline.sketch for outline in outlines])
        table = np.zeros((len(outlines), 1 << 16), np.bool_)
        table[np.arange(len(outlines))[:, None], own] = True
        common = table[who[:, None], self._sketches[other]].sum(axis=1)
        return common, np.minimum(sizes[who], self._sizes[other])

    def _keep_sketches(self, sketches: Sequence[tuple[int, bytes]]) -> None:
        papers = np.array([paper_id for paper_id, _ in sketches], np.uint32)
        most = int(papers.max(initial=0))
        if most >= len(self._sizes):
            room = max(most + 1, len(self._sizes) * 5 // 4)
            self._sketches.resize((room, SIZE), refcheck=False)
            self._sizes.resize(room, refcheck=False)
        self._sketches[papers], self._sizes[papers] = _rows([sketch for _, sketch in sketches])


class Recent:
    """Some hundred papers that were added since a ``Vicinity`` was asked."""

    def __init__(self) -> None:
        self.papers: list[tuple[int, Outline]] = []
        self._at: defaultdict[int, list[Outline]] = defaultdict(list)

    def add(self, paper_id: int, outline: Outline) -> None:
        """Add a paper."""
        self.papers.append((paper_id, outline))
        for begins in outline.meetings():
            self._at[begins].append(outline)

    def near(self, outline: Outline) -> bool:
        """Return whether ``neighbours.near`` could find any of the papers for an outline."""
        if outline.is_short or not self.papers:
            return bool(self.papers)
        begins = list(limits(outline))[2::4]
        begins_alike = (other for place in begins if place in self._at for other in self._at[place])
        there = dict(enumerate(begins_alike))
        if not there:
            return False
        gate = Gate(outline.title_key, outline.sketch)
        worth, doubtful = gate.by_abstract({n: other.sketch for n, other in there.items()})
        return bool(worth) or any(gate.by_title(there[n].title_key) for n in doubtful)


class _Rings:
    """Places in their order, and the papers there."""

    def __init__(self) -> None:
        self.places = np.zeros(0, np.int64)
        self.papers = np.zeros(0, np.uint32)

    def put(self, stands: NDArray[np.int64]) -> None:
        """Put places and papers (two columns, in order) among those that are here."""
        at = np.searchsorted(self.places, stands[:, 0], side="right")
        self.places = np.insert(self.places, at, stands[:, 0])
        self.papers = np.insert(self.papers, at, stands[:, 1].astype(np.uint32))

    def around(self, asked: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Return the papers around places, 0 for none; ``asked``: papers × rings × ``neighbours.limits``."""
        if not len(self.places):
            return np.zeros((len(asked), 0), np.uint32)
        place, ends, begins, _ = np.moveaxis(asked, 2, 0)[..., None]
        at = np.searchsorted(self.places, place.ravel()).reshape(place.shape) + _SIDES
        held = at.clip(0, len(self.places) - 1)
        found = self.places[held]
        around = np.where((at == held) & (found >= begins) & (found < ends), self.papers[held], np.uint32(0))
        return around.reshape(len(asked), -1)


def _pages(connection: Connection, sql: str, start: tuple[int, ...]) -> Iterator[list[Any]]:
    """Yield the rows of a query part by part; it begins behind what its first values say, the first of each row."""
    while page := list(map(tuple, driver(connection, sql, (*start, _READ_TOGETHER)).all())):
        yield page
        start = page[-1][: len(start)]


def _all_limits(outline: Outline) -> list[int]:
    found = list(limits(outline))
    return found + [0] * (_LIMITS - len(found))


def _rows(sketches: Iterable[bytes]) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    """Return sketches as rows of a table, shorter ones filled up with their first value, and their sizes."""
    held = list(sketches)
    full = (sketch if len(sketch) == 2 * SIZE else _filled_up(sketch) for sketch in held)
    rows = np.frombuffer(b"".join(full), "<u2").reshape(-1, SIZE).astype(np.uint16, copy=False)
    return rows, np.array([len(sketch) // 2 for sketch in held], np.uint8)


def _filled_up(sketch: bytes) -> bytes:
    return sketch + (sketch[:2] or bytes(2)) * (SIZE - len(sketch) // 2)
