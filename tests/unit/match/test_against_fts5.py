"""The shared part of the language against SQLite FTS5, which was written by others."""

from __future__ import annotations

import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.matcher import BulkMatcher
from digest.model import Paper
from digest.query import And, Not, Or, Phrase, Prefix, Query, to_text
from tests.unit.query.papers import paper

WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "alphabet", "eta", "über", "GAMMA")
texts = st.lists(st.sampled_from(WORDS), max_size=10).map(". ".join)
fields = st.sampled_from(["", "title", "abstract"])
leaves: st.SearchStrategy[Query] = st.one_of(
    st.builds(Phrase, st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join), fields),
    st.builds(Prefix, st.sampled_from(["alp", "e", "gam", "zeta", "alphab"]), fields),
)


def _branches(children: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    several = st.lists(children, min_size=2, max_size=3).map(tuple)
    but_not = st.tuples(children, children).map(lambda pair: And((pair[0], Not(pair[1]))))
    return st.one_of(st.builds(And, several), st.builds(Or, several), but_not)


queries = st.recursive(leaves, _branches, max_leaves=6)


def as_fts5(query: Query) -> str:
    """Return a query of the shared part in FTS5's language."""
    if isinstance(query, Phrase | Prefix):
        text = f'"{query.text}"' + (" *" if isinstance(query, Prefix) else "")
        return f"({query.field} : {text})" if query.field else f"({text})"
    if isinstance(query, And):
        right = query.children[-1]
        if isinstance(right, Not):
            return f"({as_fts5(query.children[0])} NOT {as_fts5(right.child)})"
        return "(" + " AND ".join(map(as_fts5, query.children)) + ")"
    assert isinstance(query, Or)
    return "(" + " OR ".join(map(as_fts5, query.children)) + ")"


@settings(deadline=None, max_examples=150)
@given(st.lists(queries, min_size=1, max_size=6), st.lists(st.builds(paper, texts, texts), min_size=1, max_size=6))
def test_both_find_the_same_papers(asked: list[Query], pages: list[Paper]) -> None:
    """Words, phrases, prefixes, fields, AND, OR, NOT: not one paper of difference."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE paper USING fts5(title, abstract, tokenize = 'unicode61 remove_diacritics 2')")
    base.executemany("INSERT INTO paper(rowid, title, abstract) VALUES (?, ?, ?)",
                     [(at, page.title, page.abstract) for at, page in enumerate(pages)])  # fmt: skip
    engine = BulkMatcher()
    for number, query in enumerate(asked):
        engine.put(number, to_text(query))
    hits = engine.match(pages)
    for number, query in enumerate(asked):
        rows = base.execute("SELECT rowid FROM paper WHERE paper MATCH ? ORDER BY rowid", (as_fts5(query),))
        assert [hit.position for hit in hits.get(number, [])] == [row[0] for row in rows], to_text(query)
    base.close()
