"""Keyword lists, arXiv API queries and PubMed searches mean what they meant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import QueryError
from digest.query import parse, to_text
from digest.query.dialects import DIALECTS, from_arxiv, from_keywords, from_pubmed


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("mamba\nstate space model\n# a comment\n\nRAG", 'mamba OR "state space model" OR RAG'),
        ("mamba, jamba", "mamba OR jamba"),
        ("* mamba\n* transform*\n-survey\n! review paper", '(mamba OR transform*) -survey -"review paper"'),
        ('1. title:mamba\n2) "state space"', 'title:mamba OR "state space"'),
        ("C#\nC++", "C# OR C++"),
    ],
)
def test_keyword_lists(text: str, query: str) -> None:
    """Any of the keywords, none of the excluded ones."""
    assert from_keywords(text) == parse(query)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("ti:mamba ANDNOT abs:survey", "title:mamba -abstract:survey"),
        ('all:"state space" AND (cat:cs.LG OR cat:cs.CL)', '"state space" (category:cs.LG OR category:cs.CL)'),
        ("au:del_maestro AND ti:%22quantum+criticality%22", 'author:"del maestro" title:"quantum criticality"'),
        ("https://export.arxiv.org/api/query?search_query=ti:mamba+OR+au:gu&start=0", "title:mamba OR author:gu"),
        (
            "submittedDate:[202601010600 TO 202602010600] AND ti:x",
            "(published>=2026-01-01 published<=2026-02-01) title:x",
        ),
        ("id:2401.00001v2", "id:2401.00001"),
    ],
)
def test_arxiv_queries(text: str, query: str) -> None:
    """As typed or as found in an address."""
    assert from_arxiv(text) == parse(query)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("mamba[ti]", "title:mamba"),
        ('"state space"[tiab] NOT review[Title]', '"state space" -title:review'),
        ("LeCun YA[au] AND vision", 'author:"LeCun, YA" vision'),
        ("a1 OR b1 AND c1", "(a1 OR b1) c1"),
        ("a1 AND (b1 OR c1)", "a1 (b1 OR c1)"),
        ("2024:2026[dp] AND mamba", "(published>=2024 published<=2026) mamba"),
        ("2024/05:3000[dp]", "published>=2024-05"),
        ("state space[ti]", "title:(state space)"),
        (" AND ".join(f"word{n}[ti]" for n in range(80)), " ".join(f"title:word{n}" for n in range(80))),
        ("a1 AND b1 NOT c1 NOT d1", "a1 b1 -c1 -d1"),
        ("transform*[ti]", "title:transform*"),
    ],
)
def test_pubmed_searches(text: str, query: str) -> None:
    """Tags, and operators from left to right."""
    assert from_pubmed(text) == parse(query)


@pytest.mark.parametrize(
    ("dialect", "text", "words"),
    [
        ("arxiv", "jr:nature", "no counterpart"),
        ("pubmed", "neoplasms[mh]", "no counterpart"),
        ("pubmed", "(mamba", "never closed"),
        ("pubmed", "mamba AND", "missing"),
        ("keywords", "# nothing", "no keyword"),
        ("arxiv", "ti:(", "closed"),
    ],
)
def test_what_has_no_meaning_here_is_refused(dialect: str, text: str, words: str) -> None:
    """Never left out silently."""
    with pytest.raises(QueryError, match=words):
        DIALECTS[dialect](text)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(sorted(DIALECTS)), st.text('ab "()[]:,-*#%+\nANDORT', max_size=30))
def test_any_text_is_a_query_or_a_query_error_in_every_dialect(dialect: str, text: str) -> None:
    """And what was read can be printed in our language and read again."""
    try:
        query = DIALECTS[dialect](text)
    except QueryError:
        return
    assert parse(to_text(query)) == query
