"""A query as a tree of frozen values. Leaves hold what the user wrote, trimmed to its words; nothing is folded here.

Query = And | Or | Not | leaf
leaf  = Word | Phrase | Prefix | Fuzzy | Exact | Near      words, in title or abstract or (field "") in either
      | Author | Category | Source | Identifier            facts that are compared as a whole
      | Like                                               what it means, where a model can tell
      | Compare                                            numbers and dates
      | Everything
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Word:
    """One unquoted word, in its singular or plural: ``network``, ``pre-training``, ``C++``."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Quoted words in a row, only as written: ``"chain of thought"``."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Prefix:
    """A word by its beginning: ``transform*``."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A word with up to ``slips`` letters wrong, missing, too many or swapped: ``transfromer~``."""

    text: str
    slips: int = 1
    field: str = ""


@dataclass(frozen=True, slots=True)
class Exact:
    """Exactly these letters in this case: ``=RAG``, ``="Chain of Thought"``."""

    text: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """Words in any order, each at most ``distance`` words from every other: ``"graph neural"~3``."""

    text: str
    distance: int
    field: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """A person: family name alone, or with given names or initials, in either order; ``lecu*`` by ``prefix``."""

    name: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """A category as listings name it (``cs.CL``), or a whole archive (``cs``)."""

    code: str


@dataclass(frozen=True, slots=True)
class Source:
    """The configured name of a source that showed the paper; by its beginning with ``prefix``."""

    name: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier in the one spelling ``ids`` gives it: ``arxiv:2401.00001``."""

    key: str


@dataclass(frozen=True, slots=True)
class Like:
    """Papers that mean much the same as a text, or as the paper of a ``key``: ``like:"free text"``.

    ``percent`` is the least likeness, 1 to 99 (the cosine of two vectors, in hundredths).
    """

    text: str
    percent: int
    key: str = ""


def usual_percent(key: str) -> int:
    """Return the least likeness where none is written: a few words are less like an abstract than an abstract is."""
    return 65 if key else 45


@dataclass(frozen=True, slots=True)
class Compare:
    """A number or date compared: ``upvotes>=10``, ``published=2026-01``.

    ``quantity`` is upvotes, comments, authors or published; ``operator`` one of < <= = >= >; ``value`` digits, or a
    year, year-month or ISO date. A paper whose value is unknown does not match.
    """

    quantity: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Everything:
    """Every paper: ``*``."""


@dataclass(frozen=True, slots=True)
class Not:
    """What the child does not match."""

    child: Query


@dataclass(frozen=True, slots=True)
class And:
    """What all children (two or more) match."""

    children: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """What any child (of two or more) matches."""

    children: tuple[Query, ...]


Text: TypeAlias = Word | Phrase | Prefix | Fuzzy | Exact | Near
Leaf: TypeAlias = Text | Author | Category | Source | Identifier | Like | Compare | Everything
Query: TypeAlias = And | Or | Not | Leaf


def leaves(query: Query) -> Iterator[tuple[Leaf, bool]]:
    """Yield every leaf from left to right, with whether it is wanted (True) or stands below a NOT (False)."""
    if isinstance(query, And | Or):
        for child in query.children:
            yield from leaves(child)
    elif isinstance(query, Not):
        yield from ((leaf, False) for leaf, _ in leaves(query.child))
    else:
        yield query, True
