"""A query tried on papers of the past: what it finds, what each part of it contributes, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz import process
from rapidfuzz.distance import OSA

from digest.match import NO_STATISTICS, Statistics
from digest.match.meaning import NO_MEANINGS, SCALE, Meanings, NoMeanings
from digest.matcher import BulkMatcher
from digest.model import Hit, Paper
from digest.query import And, Fuzzy, Leaf, Like, Not, Or, Phrase, Prefix, Query, Word, leaves, parse, to_text, warnings
from digest.text.words import folded, singular, surfaces

TOO_BROAD = 0.5
"""Share of all papers above which a query is no filter any more."""

ENOUGH = 20
"""Papers from which on a share says something."""

RELATED, RELATED_TO, ALIKE = 5, 20, 0.6
"""At most so many related papers are named, of those at least so alike the middle of the best hits."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One leaf of a query, as written; ``wanted`` is False below a NOT.

    ``papers`` is how many it matches by itself, ``without`` how many the query would match if it were left out
    (``None`` where nothing would be left of the query).
    """

    text: str
    wanted: bool
    papers: int
    without: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTest:
    """What a query would have found in ``papers``; ``hits`` are best first, ``days`` the time they span (0: unknown).

    ``by_day`` counts the hits of each day of the papers. ``added`` and ``dropped`` are what it finds more and less than
    the query it was compared with; ``related`` are papers it does not find that mean much the same as those it finds.
    """

    query: str
    papers: Sequence[Paper]
    hits: Sequence[tuple[Paper, Hit]]
    found: int
    days: int
    clauses: Sequence[Clause]
    warnings: Sequence[str]
    by_day: Mapping[date, int]
    added: Sequence[Paper] = ()
    dropped: Sequence[Paper] = ()
    related: Sequence[Paper] = ()

    @property
    def share(self) -> float:
        """Return the share of the papers that match, 0 to 1."""
        return self.found / len(self.papers) if self.papers else 0.0

    @property
    def per_day(self) -> float | None:
        """Return the hits a day, ``None`` where the papers are of no known time."""
        return self.found / self.days if self.days else None


def back_test(
    query: str,
    papers: Sequence[Paper],
    *,
    days: int = 0,
    limit: int = 0,
    than: str = "",
    statistics: Statistics = NO_STATISTICS,
    meanings: Meanings = NO_MEANINGS,
) -> BackTest:
    """Try a query on papers; explain the best ``limit`` hits (0: all) and compare it with the query ``than``.

    ``statistics`` weigh words as a digest does. Raises ``QueryError``.
    """
    tree = parse(query)
    matcher = BulkMatcher(statistics, meanings)
    found, other = _matched(matcher, papers, [query, than])
    clauses = _clauses(tree, papers, matcher)
    best = sorted(found, key=lambda place: (-found[place], place))
    explained = ((papers[place], matcher.explain(query, papers[place])) for place in best[: limit or None])
    return BackTest(
        query=query,
        papers=papers,
        hits=[(paper, hit) for paper, hit in explained if hit is not None],
        found=len(best),
        days=days,
        clauses=clauses,
        warnings=[*warnings(tree), *_from_experience(tree, clauses, len(best), papers, meanings)],
        by_day=_by_day(papers, found),
        added=[papers[p] for p in best if than and p not in other],
        dropped=[papers[p] for p in other if p not in found],
        related=[papers[p] for p in related(papers, best, meanings)],
    )


def _clauses(tree: Query, papers: Sequence[Paper], matcher: BulkMatcher) -> list[Clause]:
    """Return each leaf with what it matches by itself and what the query would match without it."""
    parts = list(dict.fromkeys(leaves(tree)))
    rests = [without(tree, leaf) for leaf, _ in parts]
    alone = _matched(matcher, papers, [to_text(leaf) for leaf, _ in parts])
    left = _matched(matcher, papers, [to_text(rest) if rest else "" for rest in rests])
    return [
        Clause(to_text(leaf), wanted, len(mine), None if rest is None else len(others))
        for (leaf, wanted), mine, rest, others in zip(parts, alone, rests, left, strict=True)
    ]


def without(tree: Query, leaf: Leaf) -> Query | None:
    """Return a query with a leaf left out wherever it stands, ``None`` where nothing is left."""
    if isinstance(tree, Not):
        child = without(tree.child, leaf)
        return None if child is None else Not(child)
    if isinstance(tree, And | Or):
        left = tuple(rest for child in tree.children if (rest := without(child, leaf)) is not None)
        return type(tree)(left) if len(left) > 1 else (left[0] if left else None)
    return None if tree == leaf else tree


def _by_day(papers: Sequence[Paper], found: Collection[int]) -> dict[date, int]:
    """Return how many hits each day had, of the days on which there were papers at all."""
    days = [paper.listed_on or paper.first_seen_at.date() for paper in papers]
    hits = Counter(days[place] for place in found)
    return {day: hits[day] for day in sorted(set(days))}


def related(papers: Sequence[Paper], found: Sequence[int], meanings: Meanings) -> list[int]:
    """Return the places of papers not found that are most like those found, as far as a model can tell."""
    if not found or isinstance(meanings, NoMeanings):
        return []
    vectors = meanings.of(papers)
    middle = vectors[list(found[:RELATED_TO])].sum(axis=0)
    length = float((middle * middle).sum()) ** 0.5
    likeness = vectors @ middle / ((length or 1.0) * SCALE)
    near = sorted(set(range(len(papers))) - set(found), key=lambda place: (-likeness[place], place))
    return [place for place in near[:RELATED] if likeness[place] >= ALIKE]


def _matched(matcher: BulkMatcher, papers: Sequence[Paper], queries: Sequence[str]) -> list[dict[int, float]]:
    """Return, for each query, the places of the papers it matches with their scores; "" matches none."""
    for number, query in enumerate(queries):
        if query:
            matcher.put(number, query)
    hits = matcher.match(papers)
    for number in range(len(queries)):
        matcher.drop(number)
    return [{s.position: s.score for s in hits.get(number, ())} for number in range(len(queries))]


def _from_experience(
    tree: Query, clauses: Sequence[Clause], found: int, papers: Sequence[Paper], meanings: Meanings
) -> Iterator[str]:
    """Yield what the papers say about the query: too broad, nothing found, words that never occur."""
    if len(papers) >= ENOUGH and found > TOO_BROAD * len(papers):
        yield f"It matches {found / len(papers):.0%} of everything: too broad for a digest."
    absent = [
        leaf for (leaf, wanted), c in zip(dict.fromkeys(leaves(tree)), clauses, strict=True) if wanted and not c.papers
    ]
    vocabulary = _vocabulary(papers) if absent else Counter()
    for leaf in absent:
        yield _unlike(leaf, papers, meanings) if isinstance(leaf, Like) else _never(leaf, vocabulary, len(papers))
    if not found and papers and not absent:
        yield "Nothing matches all of it at once: try OR, or fewer words."


def _never(leaf: Leaf, vocabulary: Counter[str], papers: int) -> str:
    text = f"{to_text(leaf)} is in none of the {papers:,} papers"
    near = next(iter(near_words(leaf.text, vocabulary)), "") if isinstance(leaf, Word | Phrase | Prefix | Fuzzy) else ""
    return f"{text}; did you mean {near}?" if near else f"{text}."


def _unlike(leaf: Like, papers: Sequence[Paper], meanings: Meanings) -> str:
    """Return how near the nearest paper is to a ``like:`` that none is near enough to."""
    text = f"None of the {len(papers):,} papers is near enough to {to_text(leaf)}"
    likeness = (meanings.of(papers) @ meanings.asked(leaf) / SCALE**2).tolist() if papers else []
    percent, place = max(((int(100 * much), -at) for at, much in enumerate(likeness)), default=(0, 0))
    return f"{text}; the nearest is “{papers[-place].title}”, ~{percent / 100:.2g}." if percent > 0 else f"{text}."


def _vocabulary(papers: Sequence[Paper]) -> Counter[str]:
    """Return in how many papers each word stands, in its folded singular."""
    words: Counter[str] = Counter()
    for paper in papers:
        words.update({singular(folded(word)) for word in surfaces(f"{paper.title} {paper.abstract}")})
    return words


def near_words(text: str, vocabulary: Counter[str]) -> list[str]:
    """Return the words of a vocabulary that a single word may be a slip of, the nearest and commonest first."""
    word = singular(folded(text))
    if len(word) < 4 or " " in word:
        return []
    most = 1 if len(word) < 8 else 2
    near = process.extract(word, list(vocabulary), scorer=OSA.distance, score_cutoff=most, limit=None)
    ranked = sorted(near, key=lambda found: (found[1], -vocabulary[found[0]], found[0]))
    return [found[0] for found in ranked if found[0] != word]
