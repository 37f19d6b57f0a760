"""The subscription language: text to tree and back, and errors that point at the mistake.

    diffusion policy              all words                    title:mamba  abstract:…  (ti, abs)
    "chain of thought"            exactly this phrase          author:"Yann LeCun"  author:"LeCun, Y."  (au)
    transform*                    words that begin so          category:cs.CL  category:cs  (cat)
    mamba OR "state space"        either; also |               source:arxiv  id:2401.00001
    NOT survey    -survey         exclude                      title:(mamba OR "state space")
    (a OR b) AND c                parentheses                  upvotes>=10  comments>0  authors<=3
    =RAG                          these letters and case       published>=2026-01  published=2026
    transfromer~                  a slip (~2: two)             "graph neural"~3   within 3 words of each other
    *                             everything                     like:2401.00001  like:"free text"~0.6

NOT binds more tightly than AND (which need not be written), AND more tightly than OR. What each construct means for a
paper is defined in ``match``; ``dialects`` reads keyword lists, arXiv API queries and PubMed searches into this one.
"""

from digest.query.check import warnings
from digest.query.parser import parse
from digest.query.printer import to_text
from digest.query.tree import (
    And,
    Author,
    Category,
    Compare,
    Everything,
    Exact,
    Fuzzy,
    Identifier,
    Leaf,
    Like,
    Near,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Source,
    Word,
    leaves,
)

__all__ = [
    "And",
    "Author",
    "Category",
    "Compare",
    "Everything",
    "Exact",
    "Fuzzy",
    "Identifier",
    "Leaf",
    "Like",
    "Near",
    "Not",
    "Or",
    "Phrase",
    "Prefix",
    "Query",
    "Source",
    "Word",
    "leaves",
    "parse",
    "to_text",
    "warnings",
]
