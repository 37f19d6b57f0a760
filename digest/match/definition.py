"""A query on one paper: does it match, on which words, how well.

* Words without a field are looked for in title and abstract; a phrase never reaches from one into the other.
* ``pre training`` is two words that must both be there; since they may also be written as one, a paper with
  "pretraining" has both.
* What is not known (upvotes of a paper nobody counted) satisfies no comparison, so ``-upvotes<10`` keeps such a paper.
* Spans, terms and score come from the leaves that made the query true: none from below a NOT, none from an
  alternative that failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from digest.match import facts, meaning, scoring
from digest.match.meaning import NO_MEANINGS, Meanings
from digest.match.scoring import NO_STATISTICS, Statistics
from digest.match.text import Field, Occurrence, as_one, asked, occurrences
from digest.model import Hit, Paper, Span
from digest.query import And, Author, Everything, Not, Or, Query, Word, to_text
from digest.query.tree import Exact, Fuzzy, Leaf, Like, Near, Phrase, Prefix, Text

FIELDS = ("title", "abstract", "authors")
"""The fields a span may lie in, in the order of a hit's spans."""


@dataclass(frozen=True, slots=True)
class Found:
    """What made a part of a query true: its leaves as written, their spans, and their score in hundredths."""

    units: int = 0
    terms: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


class Page:
    """A paper opened for matching, its words read once for any number of queries."""

    def __init__(self, paper: Paper, meanings: Meanings = NO_MEANINGS) -> None:
        self.paper = paper
        self.meanings = meanings

    @cached_property
    def title(self) -> Field:
        """The title's words."""
        return Field(self.paper.title)

    @cached_property
    def abstract(self) -> Field:
        """The abstract's words."""
        return Field(self.paper.abstract)

    def fields(self, name: str) -> tuple[tuple[str, Field], ...]:
        """Return the field of that name, or both for ""."""
        both = (("title", self.title), ("abstract", self.abstract))
        return tuple(pair for pair in both if not name or pair[0] == name)


def match(
    query: Query, paper: Paper | Page, statistics: Statistics = NO_STATISTICS, meanings: Meanings = NO_MEANINGS
) -> Hit | None:
    """Return why ``query`` matches the paper, or ``None`` where it does not.

    ``statistics`` weigh rare words above common ones; ``meanings`` answer ``like:``, without them it is a
    ``QueryError``. Spans are merged where they overlap and in order of field and
    start; those of an author lie in ``shown_authors``.
    """
    page = paper if isinstance(paper, Page) else Page(paper, meanings)
    found = _evaluate(query, page, statistics)
    if found is None:
        return None
    terms = tuple(dict.fromkeys(found.terms))
    return Hit(score=found.units / scoring.UNITS, terms=terms, spans=merged(found.spans))


def shown_authors(paper: Paper) -> str:
    """Return the line of authors that spans of the field "authors" count in: the names with ", " between them."""
    return ", ".join(paper.authors)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order of field and start, those that overlap united."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda span: (FIELDS.index(span.field), span.start, span.end)):
        if result and result[-1].field == span.field and span.start < result[-1].end:
            result[-1] = result[-1]._replace(end=max(result[-1].end, span.end))
        else:
            result.append(span)
    return tuple(result)


def _evaluate(query: Query, page: Page, statistics: Statistics) -> Found | None:
    if isinstance(query, And):
        return _all(query.children, page, statistics)
    if isinstance(query, Or):
        return _any(query.children, page, statistics)
    if isinstance(query, Not):
        return Found() if _evaluate(query.child, page, statistics) is None else None
    return _leaf(query, page, statistics)


def _any(children: tuple[Query, ...], page: Page, statistics: Statistics) -> Found | None:
    found = [result for child in children if (result := _evaluate(child, page, statistics)) is not None]
    return _together(found) if found else None


def _all(children: tuple[Query, ...], page: Page, statistics: Statistics) -> Found | None:
    found = []
    for child, written_as_one in zip(children, _written_as_one(children), strict=True):
        if isinstance(child, Word):
            result = _text(child, written_as_one, page, statistics)
        else:
            result = _evaluate(child, page, statistics)
        if result is None:
            return None
        found.append(result)
    beside = sum(_beside(pair, page, statistics) for pair in _word_pairs(children))
    return _together([*found, Found(beside)])


def _together(found: list[Found]) -> Found:
    return Found(
        sum(part.units for part in found),
        tuple(term for part in found for term in part.terms),
        tuple(span for part in found for span in part.spans),
    )


def _word_pairs(children: tuple[Query, ...]) -> Iterator[tuple[Word, Word]]:
    """Yield the words that stand side by side in a query and could be one."""
    for left, right in pairwise(children):
        if isinstance(left, Word) and isinstance(right, Word) and as_one(left, right):
            yield left, right


def _written_as_one(children: tuple[Query, ...]) -> list[tuple[str, ...]]:
    """Return for each child the words in which it may be written as one with the child before and the one after."""
    joined: list[tuple[str, ...]] = [()] * len(children)
    for i, (left, right) in enumerate(pairwise(children)):
        if isinstance(left, Word) and isinstance(right, Word) and as_one(left, right):
            one = asked(left.text).singular()[0] + asked(right.text).singular()[0]
            joined[i] += (one,)
            joined[i + 1] += (one,)
    return joined


def _leaf(leaf: Leaf, page: Page, statistics: Statistics) -> Found | None:
    if isinstance(leaf, Word | Phrase | Prefix | Fuzzy | Exact | Near):
        return _text(leaf, (), page, statistics)
    if isinstance(leaf, Author):
        return _author(leaf, page, statistics)
    if isinstance(leaf, Like):
        return _like(leaf, page)
    if not facts.holds(leaf, page.paper):
        return None
    return Found() if isinstance(leaf, Everything) else Found(terms=(to_text(leaf),))


def _text(leaf: Text, written_as_one: tuple[str, ...], page: Page, statistics: Statistics) -> Found | None:
    places = {name: _places(leaf, written_as_one, field) for name, field in page.fields(leaf.field)}
    if not any(places.values()):
        return None
    spans = tuple(_span(name, page, place) for name, found in places.items() for place in found)
    return Found(_score(leaf, places, page, statistics), (to_text(leaf),), spans)


def _places(leaf: Text, written_as_one: tuple[str, ...], field: Field) -> list[Occurrence]:
    found = occurrences(leaf, field)
    if written_as_one:
        found += [(at, at) for at, word in enumerate(field.singular) if word in written_as_one]
    return sorted(set(found))


def _span(name: str, page: Page, place: Occurrence) -> Span:
    reading = (page.title if name == "title" else page.abstract).reading
    return Span(name, reading.starts[place[0]], reading.ends[place[1]])


def _score(leaf: Text, places: dict[str, list[Occurrence]], page: Page, statistics: Statistics) -> int:
    return _units(statistics.idf(asked(leaf.text).singular()), places, page, statistics)


def _units(idf: float, places: dict[str, list[Occurrence]], page: Page, statistics: Statistics) -> int:
    counts = (float(len(places.get("title", ()))), float(len(places.get("abstract", ()))))
    lengths = (float(len(page.title)), float(len(page.abstract)))
    return int(scoring.units(idf, scoring.field_frequency(*counts, *lengths, statistics)))


def _beside(pair: tuple[Word, Word], page: Page, statistics: Statistics) -> int:
    """Return what two neighbouring words of the query add by standing side by side in the paper, in that order."""
    words = tuple(asked(word.text).singular()[0] for word in pair)
    places = {
        name: [(at, at + 1) for at, two in enumerate(pairwise(field.singular)) if two == words]
        for name, field in page.fields(pair[0].field)
    }
    if not any(places.values()):
        return 0
    return _units(scoring.BESIDE * statistics.idf(words), places, page, statistics)


def _like(leaf: Like, page: Page) -> Found | None:
    units = meaning.units(leaf, page.meanings.asked(leaf), page.meanings.of([page.paper]))[0]
    return Found(int(units), (to_text(leaf),)) if units else None


def _author(leaf: Author, page: Page, statistics: Statistics) -> Found | None:
    spans, at = [], 0
    for name in page.paper.authors:
        if facts.is_author(leaf, name):
            spans.append(Span("authors", at, at + len(name)))
        at += len(name) + len(", ")
    if not spans:
        return None
    frequency = scoring.field_frequency(1.0, 0.0, statistics.title_length, statistics.abstract_length, statistics)
    return Found(int(scoring.units(1.0, frequency)), (to_text(leaf),), tuple(spans))
