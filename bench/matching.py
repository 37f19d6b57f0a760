"""Every saved query against a day's papers, beside what others use, with the same hits.

``python -m bench matching [QUERIES…] [--papers=N] [--alone] [--cap=N]``: for each number of queries the seconds to list
all hits with their scores, this engine built beforehand but the papers not yet read, and the median of five runs.
Peers run the first ``cap`` queries (regular expressions: a thousand on every tenth paper) and are scaled up, which is
exact for engines that take one query at a time; their hits on that part must equal ours. Times are CPU seconds of one
core (every engine here works on one), so that a neighbour on the machine does not count. ``--rich`` takes queries with
names, categories, numbers and plurals that the peers cannot say (``--alone`` is implied).
"""

from __future__ import annotations

import gc
import re
import resource
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence

import mokaccino
import tantivy

from bench.invented import World
from digest.matcher import BulkMatcher, loaded, saved
from digest.matcher.hits import Hits
from digest.model import Paper
from digest.query import And, Not, Or, Phrase, Prefix, Query, Word, parse
from digest.text.words import folded, surfaces

Pairs = set[tuple[int, int]]
Peer = Callable[[Sequence[Paper], Sequence[Query]], tuple[float, float, Pairs]]
"""Seconds to index the papers, seconds to list the hits, and the hits."""


def main(arguments: list[str]) -> None:
    sizes = [int(argument) for argument in arguments if argument.isdigit()] or [1_000, 10_000, 100_000]
    options = dict(argument[2:].partition("=")[::2] for argument in arguments if argument.startswith("--"))
    count, cap = int(options.get("papers") or 1_000), int(options.get("cap") or 10_000)
    rich = "rich" in options
    world = World(plain=not rich)
    papers = [world.paper() for _ in range(count)]
    queries = [world.query() for _ in range(max(sizes))]
    for size in sizes:
        hits = _ours(papers, queries[:size])
        if not (rich or "alone" in options):
            _beside(papers, queries[:size], hits, cap)


def _ours(papers: Sequence[Paper], queries: Sequence[str]) -> Hits:
    gc.disable()
    start = time.process_time()
    engine = BulkMatcher()
    for number, query in enumerate(queries):
        engine.put(number, query)
    built = time.process_time() - start
    gc.freeze()
    first = _seconds(lambda: engine.match(papers))
    hits = engine.match(papers)
    seconds = [_seconds(lambda: engine.match(papers)) for _ in range(5)]
    ranked = [_seconds(lambda: engine.match(papers).best(10)) for _ in range(3)]
    share = hits.total / len(papers) / len(queries)
    print(f"{len(queries):,} queries × {len(papers):,} papers: {hits.total:,} hits ({share:.1%} of the pairs)")
    print(f"  engine: built in {built:.2f} s; all hits scored {_spread(seconds)}, the first time {first:.3f} s")
    print(f"  ten best of each {_spread(ranked)}")
    print(f"  {_changed(engine, queries)}; {_warm(engine)}; peak {_peak():.2f} GiB")
    gc.enable()
    return hits


def _changed(engine: BulkMatcher, queries: Sequence[str]) -> str:
    """Say how long changing one of the queries takes, each way back again."""
    some = range(0, len(queries), max(1, len(queries) // 500))
    seconds = [_seconds(lambda: engine.put(number, queries[-1 - number])) for number in some]  # noqa: B023
    for number in some:
        engine.put(number, queries[number])
    return f"one changed {statistics.median(seconds) * 1e6:.0f} µs (worst {max(seconds) * 1e6:.0f})"


def _warm(engine: BulkMatcher) -> str:
    data = bytearray(saved(engine))
    seconds = _seconds(lambda: loaded(data))
    return f"back from {len(data) / 2**20:.0f} MiB in {seconds:.2f} s"


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _spread(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.3f} s (best {min(seconds):.3f})"


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _beside(papers: Sequence[Paper], queries: Sequence[str], hits: Hits, cap: int) -> None:
    trees = [parse(query) for query in queries]
    plan: list[tuple[str, Peer, int, int]] = [
        ("SQLite FTS5", by_fts5, cap, 1),
        ("tantivy", by_tantivy, cap, 1),
        ("mokaccino", by_mokaccino, len(queries), 20 if len(queries) <= 100_000 else 100),
        ("regular expressions", by_regex, 1_000, 10),
    ]
    for name, peer, most, every in plan:
        some, part = papers[::every], trees[:most]
        indexing, seconds, found = peer(some, part)
        wanted = _pairs(hits, len(part), every)
        verdict = "same hits" if found == wanted else f"OTHER HITS: {len(found ^ wanted):,} of {len(wanted):,} differ"
        scaled = seconds * len(queries) / len(part) * len(papers) / len(some)
        reading = f" after {indexing:.2f} s of indexing the papers" if indexing else ""
        print(f"  {name}: {scaled:,.2f} s{reading} ({len(part):,} queries × {len(some):,} papers measured; {verdict})")


def _pairs(hits: Hits, queries: int, every: int) -> Pairs:
    return {
        (query, hit.position // every)
        for query in range(queries)
        for hit in hits.get(query, ())
        if hit.position % every == 0
    }


# --- one regular expression per keyword --------------------------------------------------------------------------


def by_regex(papers: Sequence[Paper], queries: Sequence[Query]) -> tuple[float, float, Pairs]:
    tests = [_test(query) for query in queries]
    start = time.process_time()
    found = {(q, p) for p, paper in enumerate(papers) for q, test in enumerate(tests) if test(paper)}
    return 0.0, time.process_time() - start, found


def _test(query: Query) -> Callable[[Paper], bool]:
    if isinstance(query, And):
        parts = [_test(child) for child in query.children]
        return lambda paper: all(part(paper) for part in parts)
    if isinstance(query, Or):
        parts = [_test(child) for child in query.children]
        return lambda paper: any(part(paper) for part in parts)
    if isinstance(query, Not):
        inner = _test(query.child)
        return lambda paper: not inner(paper)
    assert isinstance(query, Word | Phrase | Prefix)
    words = r"\W+".join(map(re.escape, query.text.split()))
    end = "" if isinstance(query, Prefix) else r"\b"
    search = re.compile(rf"\b{words}{end}", re.IGNORECASE).search
    if query.field == "title":
        return lambda paper: search(paper.title) is not None
    return lambda paper: search(paper.title) is not None or search(paper.abstract) is not None


# --- SQLite FTS5 -------------------------------------------------------------------------------------------------


def by_fts5(papers: Sequence[Paper], queries: Sequence[Query]) -> tuple[float, float, Pairs]:
    start = time.process_time()
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE paper USING fts5(title, abstract)")
    rows = [(at, paper.title, paper.abstract) for at, paper in enumerate(papers)]
    base.executemany("INSERT INTO paper(rowid, title, abstract) VALUES (?, ?, ?)", rows)
    indexing = time.process_time() - start
    asked = [_fts5(query) for query in queries]
    start = time.process_time()
    select = "SELECT rowid, bm25(paper) FROM paper WHERE paper MATCH ?"
    found = {(q, row[0]) for q, text in enumerate(asked) for row in base.execute(select, (text,))}
    return indexing, time.process_time() - start, found


def _fts5(query: Query) -> str:
    if isinstance(query, Word | Phrase | Prefix):
        text = f'"{query.text}"' + (" *" if isinstance(query, Prefix) else "")
        return f"({query.field} : {text})" if query.field else f"({text})"
    if isinstance(query, Or):
        return "(" + " OR ".join(map(_fts5, query.children)) + ")"
    assert isinstance(query, And)
    wanted = [_fts5(child) for child in query.children if not isinstance(child, Not)]
    unwanted = [_fts5(child.child) for child in query.children if isinstance(child, Not)]
    return "(" + " NOT ".join(["(" + " AND ".join(wanted) + ")", *unwanted]) + ")"


# --- tantivy -----------------------------------------------------------------------------------------------------


def by_tantivy(papers: Sequence[Paper], queries: Sequence[Query]) -> tuple[float, float, Pairs]:
    start = time.process_time()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("title", stored=False)
    builder.add_text_field("abstract", stored=False)
    builder.add_integer_field("id", stored=False, indexed=True, fast=True)
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(100_000_000, num_threads=1)
    for at, paper in enumerate(papers):
        writer.add_document(tantivy.Document(id=at, title=paper.title, abstract=paper.abstract))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    indexing = time.process_time() - start
    searcher = index.searcher()
    place = {}
    for at in range(len(papers)):
        address = searcher.search(tantivy.Query.term_query(schema, "id", at), 1).hits[0][1]
        place[address.segment_ord, address.doc] = at
    asked = [_tantivy(query, schema) for query in queries]
    start = time.process_time()
    found = {
        (q, place[address.segment_ord, address.doc])
        for q, query in enumerate(asked)
        for _, address in searcher.search(query, len(papers), count=False).hits
    }
    return indexing, time.process_time() - start, found


def _tantivy(query: Query, schema: tantivy.Schema) -> tantivy.Query:
    must, should, must_not = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
    if isinstance(query, And):
        parts = [
            (must_not, _tantivy(child.child, schema)) if isinstance(child, Not) else (must, _tantivy(child, schema))
            for child in query.children
        ]
        return tantivy.Query.boolean_query(parts)
    if isinstance(query, Or):
        return tantivy.Query.boolean_query([(should, _tantivy(child, schema)) for child in query.children])
    assert isinstance(query, Word | Phrase | Prefix)
    fields = [query.field] if query.field else ["title", "abstract"]
    return tantivy.Query.boolean_query([(should, _tantivy_leaf(query, field, schema)) for field in fields])


def _tantivy_leaf(query: Word | Phrase | Prefix, field: str, schema: tantivy.Schema) -> tantivy.Query:
    words: list[str | tuple[int, str]] = [*query.text.lower().split()]
    if isinstance(query, Prefix):
        return tantivy.Query.regex_query(schema, field, f"{words[0]}.*")
    if len(words) > 1:
        return tantivy.Query.phrase_query(schema, field, words)
    return tantivy.Query.term_query(schema, field, query.text.lower())


# --- mokaccino ---------------------------------------------------------------------------------------------------


def by_mokaccino(papers: Sequence[Paper], queries: Sequence[Query]) -> tuple[float, float, Pairs]:
    """Percolate; it knows no phrases, so documents carry runs of up to three words as values of their own."""
    engine = mokaccino.Percolator()
    for number, query in enumerate(queries):
        engine.add_query_id(_mokaccino(query), number)
    engine = engine.optimized()
    start = time.process_time()
    found = {(q, p) for p, paper in enumerate(papers) for q in engine.percolate_list(_document(paper))}
    return 0.0, time.process_time() - start, found


def _document(paper: Paper) -> mokaccino.Document:
    document = mokaccino.Document()
    values: dict[tuple[str, str], None] = {}
    for field, text in (("title", paper.title), ("abstract", paper.abstract)):
        words = [folded(word) for word in surfaces(text)]
        for length in (1, 2, 3):
            for at in range(len(words) - length + 1):
                values[field if field == "title" else "any", " ".join(words[at : at + length])] = None
                values["any", " ".join(words[at : at + length])] = None
    for field, value in values:
        document = document.with_value(field, value)
    return document


def _mokaccino(query: Query) -> mokaccino.Query:
    if isinstance(query, And):
        return mokaccino.Query.from_and([_mokaccino(child) for child in query.children])
    if isinstance(query, Or):
        return mokaccino.Query.from_or([_mokaccino(child) for child in query.children])
    if isinstance(query, Not):
        return mokaccino.Query.from_not(_mokaccino(query.child))
    assert isinstance(query, Word | Phrase | Prefix)
    field = query.field or "any"
    make = mokaccino.Query.from_kprefix if isinstance(query, Prefix) else mokaccino.Query.from_kv
    return make(field, query.text.lower())
