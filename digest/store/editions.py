"""How papers read at the time: which stored edition a composed paper is, and papers as of an edition."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from digest.model import Paper
from digest.store import codec, schema
from digest.store.rows import PAPER_COLUMNS

_IN_ONE_QUERY = 500
"""How many values go into one IN (…): SQLite and PostgreSQL both take more, but plans get no better."""

MOST_KNOWN = 10_000
"""Papers kept in memory (some 40 MB)."""

T = TypeVar("T")


def parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut values into pieces that fit one IN (…)."""
    return (values[start : start + _IN_ONE_QUERY] for start in range(0, len(values), _IN_ONE_QUERY))


def papers_at(connection: Connection, wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], Paper]:
    """Return papers as they were known at an edition, by (id, edition)."""
    ids = sorted({paper_id for paper_id, _ in wanted})
    return {at: codec.read_paper(row) for at, row in _rows(connection, ids) if at in wanted}


def earlier_wordings(connection: Connection, papers: Collection[Paper]) -> list[Paper]:
    """Return papers as they are now, but in every other wording of title and abstract that they had before."""
    if not papers:
        return []
    now = {paper.id: paper for paper in papers}
    wordings = {(paper.title, paper.abstract, paper.id): paper for paper in papers}
    for (paper_id, _), row in _rows(connection, sorted(now)):
        before = codec.read_paper(row)
        worded = replace(now[paper_id], title=before.title, abstract=before.abstract, revision=before.revision)
        wordings.setdefault((before.title, before.abstract, paper_id), worded)
    return [paper for paper in wordings.values() if paper is not now[paper.id]]


class KnownPapers:
    """Papers at editions, kept from one digest to the next: what an edition says never changes but for its counters."""

    def __init__(self, most: int = MOST_KNOWN) -> None:
        self._most = most
        self._known: dict[tuple[int, int], Paper] = {}

    def at(self, connection: Connection, wanted: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], Paper]:
        """Return papers by (id, edition); only those that are not known yet are read."""
        if len(self._known) > self._most:
            self._known = {}  # another thread may still read from the old one
        known = self._known
        missing = [at for at in wanted if at not in known]
        if missing:
            known.update(papers_at(connection, missing))
        return known


def edition_finder(connection: Connection, papers: Iterable[Paper]) -> Callable[[Paper], int]:
    """Return a function that tells which stored edition equals a paper as it was composed, 0 for none.

    Composing reads papers before its transaction, so a paper may have been revised in between; what the reader was
    sent is what must be found again.
    """
    wanted = list({id(paper): paper for paper in papers}.values())
    rows: dict[int, list[tuple[int, Paper]]] = {}
    for (paper_id, edition), row in _rows(connection, sorted({paper.id for paper in wanted})):
        rows.setdefault(paper_id, []).append((edition, codec.read_paper(row)))
    found = {id(paper): _edition_of(paper, rows.get(paper.id, ())) for paper in wanted}
    return lambda paper: found[id(paper)]


def _edition_of(paper: Paper, stored: Iterable[tuple[int, Paper]]) -> int:
    same = (n for n, at in stored if replace(at, upvotes=paper.upvotes, comments=paper.comments) == paper)
    return next(same, 0)


def _rows(connection: Connection, ids: Sequence[int]) -> Iterator[tuple[tuple[int, int], Mapping[str, Any]]]:
    """Yield every edition of papers as a paper's row, each paper's newest first."""
    papers, editions = schema.papers, schema.editions
    for part in parts(ids):
        now = {
            row["id"]: dict(row)
            for row in connection.execute(select(*PAPER_COLUMNS).where(papers.c.id.in_(part))).mappings()
        }
        yield from (((paper_id, row["edition"]), row) for paper_id, row in list(now.items()))
        older = select(editions).where(editions.c.paper_id.in_(part)).order_by(editions.c.edition.desc())
        for row in connection.execute(older).mappings():
            changed = {name: row[name] for name in ("title", "abstract", "facts", "edition") if row[name] is not None}
            now[row["paper_id"]] = now[row["paper_id"]] | changed
            yield (row["paper_id"], row["edition"]), now[row["paper_id"]]
