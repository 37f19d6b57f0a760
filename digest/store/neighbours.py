"""Papers that could be near one another: neighbours in an order of the ends of titles and abstracts.

Each paper stands in four *rings*: by the beginning of its title, the title backwards, the beginning of its abstract,
the abstract backwards. Two wordings of one paper nearly always share one of these four ends, so the other one is among
the few neighbours there, whatever else was changed: no statistics, nothing to load, 8 rows on each side.

A *place* is one integer of 64 bits: the ring, and twenty digits of three bits for the letters of the end. A digit is
what two letters of a title, or three of an abstract, hash to; ends that share their first letters share their first
digits, so the longer the common end the nearer the places. Ends that differ may share a digit by chance (one in
eight): the neighbours are checked anyway. Integers make the index small, and mean the same to every database.

Papers with an arXiv number stand in four rings of their own: to a sighting with another number they cannot be the
same, so it does not look there. In a last ring every paper stands by a hash of its whole title key, to be found by
equality. Rows are never taken away, so an old wording of a revised paper is found too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from digest.identity import Gate
from digest.model import Key
from digest.store.engine import driver
from digest.text.sketch import brief, letters, sketch

EACH_SIDE = 8
"""Neighbours looked at on each side, in each ring."""

_TITLE, _ABSTRACT = 40, 56
"""Letters of an end that are kept."""
_READ = 240
"""Characters of an abstract that its end is made of."""
_PER_DIGIT = (2, 2, 3, 3)
"""Letters that a digit stands for, by ring."""
_COMMON = (5, 5, 7, 7)
"""Digits that neighbours must have in common, by ring: ten letters of a title, twenty-one of an abstract.

Among millions of papers sixteen share five or six digits by chance. Every real second wording that any ring led to
shares at least so many in one of them (bench/RESULTS.md)."""
_RINGS = len(_COMMON)
_OF_TITLES = 2
"""The first rings are those of titles."""
NUMBERED = _RINGS
"""The first ring of the papers that have an arXiv number."""
SAME_TITLE = 2 * _RINGS
"""The ring of all papers by their title keys."""

_DIGITS, _BITS = 20, 60


class _Digits(dict[int, str]):
    """Letter to octal digit; a letter of another script has that of its number."""

    def __missing__(self, letter: int) -> str:
        self[letter] = str(letter % 8)
        return self[letter]


def _digits(times: int) -> _Digits:
    """Return the digits of letters, those of English chosen to be about equally frequent, in one of four orders."""
    classes = ("e", "tpb", "ad", "olv", "icwk", "num", "shxqjz", "rfyg")
    return _Digits({ord(letter): str(n * times % 8) for n, of in enumerate(classes) for letter in of})


_LETTERS = tuple(map(_digits, (1, 5, 3)))
"""The digits of the first, second and third letter of those that one digit stands for: their sum without carry."""


def _sides(rings: range) -> str:
    """Return the query for the neighbours on both sides in some rings, those that begin as the end does: the outlines.

    ``CROSS JOIN`` has SQLite look up the outlines of those few, whatever it thinks of the tables.
    """
    one = "SELECT paper_id FROM neighbours WHERE place >= ? AND place < ? ORDER BY place{} LIMIT {}"
    sides = (one.format(order, EACH_SIDE) for _ in rings for order in ("", " DESC"))
    found = " UNION ALL ".join(f"SELECT paper_id FROM ({side}) AS side" for side in sides)  # noqa: S608 - all our own
    return (
        f"SELECT outlines.paper_id, sketch FROM ({found}) AS found CROSS JOIN outlines"  # noqa: S608
        " WHERE outlines.paper_id = found.paper_id"
    )


# Plain SQL for the driver: what SQLAlchemy does around a statement takes longer than these take the database.
_WITHOUT_NUMBER, _ANY = _sides(range(_RINGS)), _sides(range(2 * _RINGS))
_STAND = "INSERT INTO neighbours (place, paper_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
_OUTLINE = (
    "INSERT INTO outlines (paper_id, sketch) VALUES (?, ?)"
    " ON CONFLICT (paper_id) DO UPDATE SET sketch = excluded.sketch"
)
_TITLES = "SELECT id, title_key FROM papers WHERE id IN"


class Outline(NamedTuple):
    """What finding a paper takes, and being found: made of its wording alone, before any store is asked.

    ``same_title`` is the place of the title, ``ends`` are the twenty digits of the four ends, ``None`` where there are
    no letters; ``sketch`` is ``text.sketch.brief`` of the abstract's.
    """

    title_key: str
    same_title: int | None
    ends: tuple[int | None, ...]
    sketch: bytes
    numbered: bool

    def places(self) -> list[int]:
        """Return where the paper stands, in its rings."""
        first = NUMBERED if self.numbered else 0
        stands = [ring_begins(ring) + end for ring, end in enumerate(self.ends, first) if end is not None]
        return stands if self.same_title is None else [*stands, self.same_title]

    @property
    def is_short(self) -> bool:
        """Return whether its title has fewer letters than neighbours share otherwise: its own are further around."""
        return 0 < len(self.title_key) < _PER_DIGIT[0] * _COMMON[0]

    def meetings(self) -> list[int]:
        """Return where begin the places in whose neighbourhood the paper stands, in its rings."""
        first = NUMBERED if self.numbered else 0
        stands = ((ring_begins(ring + first) + end, ring) for ring, end in enumerate(self.ends) if end is not None)
        return [_alike(place, _COMMON[ring])[0] for place, ring in stands]


def outline_of(title_key: str, abstract: str, keys: Sequence[Key]) -> Outline:
    """Return the outline of a wording; ``title_key`` as it is indexed."""
    ends = (
        title_key[:_TITLE],
        title_key[: -_TITLE - 1 : -1],
        letters(abstract[:_READ])[:_ABSTRACT],
        letters(abstract[-_READ:])[: -_ABSTRACT - 1 : -1],
    )
    same_title = title_place(title_key) if title_key else None
    return Outline(
        title_key, same_title, tuple(map(digits, ends, _PER_DIGIT)), brief(sketch(abstract)), has_number(keys)
    )


def digits(end: str, per_digit: int) -> int | None:
    """Return the twenty digits of an end, so many of its letters to a digit, as an integer of 60 bits."""
    if not end:
        return None
    digits = 0
    for n in range(per_digit):
        digits ^= int(end[n::per_digit].translate(_LETTERS[n])[:_DIGITS].ljust(_DIGITS, "0"), 8)
    return digits


def place_of_end(ring: int, end: str) -> int | None:
    """Return where a paper with this end stands in a ring."""
    found = digits(end, _PER_DIGIT[ring % _RINGS])
    return None if found is None else ring_begins(ring) + found


def title_place(title_key: str) -> int:
    """Return where every paper of a title stands."""
    hashed = hashlib.blake2b(title_key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return ring_begins(SAME_TITLE) + (int.from_bytes(hashed, "big") >> (64 - _BITS))


def near(connection: Connection, outline: Outline, known: Collection[int]) -> list[int]:
    """Return the ids of papers that are worth being compared with an outline's, those ``known`` left out.

    None that ``identity.plausible`` would let pass is refused.
    """
    sql = _WITHOUT_NUMBER if outline.numbered else _ANY
    found: Sequence[Any] = driver(connection, sql, tuple(limits(outline))).all()
    sketches = {paper_id: sketch for paper_id, sketch in found if paper_id not in known}
    gate = Gate(outline.title_key, outline.sketch)
    worth, doubtful = gate.by_abstract(sketches)
    return worth + [paper_id for paper_id, key in title_keys(connection, doubtful) if gate.by_title(key)]


def stand(connection: Connection, paper_id: int, outline: Outline) -> None:
    """Give a paper, in this wording, its place among its neighbours."""
    if places := outline.places():
        driver(connection, _STAND, [(place, paper_id) for place in places])
    driver(connection, _OUTLINE, (paper_id, outline.sketch))


def has_number(keys: Sequence[Key]) -> bool:
    """Return whether an arXiv number is among the ids of a paper."""
    return any(key.startswith("arxiv:") for key in keys)


def ring_begins(ring: int) -> int:
    """Return the first place of a ring."""
    return (ring << _BITS) - (1 << 63)


def limits(outline: Outline) -> Iterator[int]:
    """Yield, for each ring where it has neighbours, between what they lie behind it and before it.

    These are four places: its own, where those end that begin as it does, where they begin, and its own again.
    """
    for first_ring in (0,) if outline.numbered else (0, NUMBERED):
        yield from _limits(outline, first_ring)


def _limits(outline: Outline, first_ring: int) -> Iterator[int]:
    for ring, (end, common) in enumerate(zip(outline.ends, _COMMON, strict=True)):
        if end is None:
            yield from (0, 0, 0, 0)
            continue
        # a title may be shorter than what is to be shared: a subtitle makes another's longer
        whole = max(1, len(outline.title_key) // _PER_DIGIT[ring]) if ring < _OF_TITLES else common
        place = ring_begins(first_ring + ring) + end
        begins, ends = _alike(place, min(common, whole))
        yield from (place, ends, begins, place)


def _alike(place: int, digits: int) -> tuple[int, int]:
    """Return where the places begin and end that share so many digits with one."""
    span = 1 << (_BITS - 3 * digits)
    return place & -span, (place & -span) + span


def title_keys(connection: Connection, paper_ids: list[int]) -> list[tuple[int, str]]:
    """Return papers with their title keys."""
    if not paper_ids:
        return []
    blanks = ", ".join("?" * len(paper_ids))
    return list(map(tuple, driver(connection, f"{_TITLES} ({blanks})", tuple(paper_ids)).all()))
