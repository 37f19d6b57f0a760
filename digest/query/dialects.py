"""Queries people already have, read into this language: keyword lists, arXiv API queries, PubMed searches.

Each function returns a tree; ``to_text`` shows it in our own words. What has no meaning here is a ``QueryError`` that
says so, never left out silently.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn
from urllib.parse import unquote_plus

from digest.errors import QueryError
from digest.query.parser import parse
from digest.query.printer import to_text
from digest.query.tree import And, Compare, Not, Or, Query

_LIST_MARK = re.compile(r"\s*(?:[-*•]\s+|\d+[.)]\s+)?")


def from_keywords(text: str) -> Query:
    """Read a list of keywords, one a line or separated by commas: any of them; lines with ``-`` or ``!`` exclude.

    Several words on a line are a phrase, ``#`` begins a comment, list marks (``* ``, ``1. ``) are ignored; quotes and
    fields of our language may be used.
    """
    wanted: list[Query] = []
    unwanted: list[Query] = []
    for raw in text.splitlines():
        line = _LIST_MARK.sub("", raw.partition("# ")[0] if not raw.startswith("#") else "", count=1)
        for entry in line.split(",") if '"' not in line else [line]:
            keyword = entry.strip()
            bare = keyword.lstrip("-!").strip()
            if bare:
                (unwanted if keyword[0] in "-!" else wanted).append(_keyword(bare))
    if not wanted:
        raise QueryError("there is no keyword to look for in this list", query=text, column=0)
    either = wanted[0] if len(wanted) == 1 else Or(tuple(wanted))
    return And((either, *(Not(query) for query in unwanted))) if unwanted else either


def _keyword(keyword: str) -> Query:
    plain = " " in keyword and not re.search(r'["():]', keyword)
    return parse(f'"{keyword}"' if plain else keyword)


_ARXIV_FIELDS = {"ti": "title", "abs": "abstract", "au": "author", "cat": "category", "id": "id", "all": ""}
_ARXIV_TERM = re.compile(r'(?<![\w"])([a-z]+):("[^"]*"|\(|\[[^\]]*\]|[^\s()]+)', re.IGNORECASE)
_STAMP = re.compile(r"\[(\d{4})(\d\d)(\d\d)\d{0,6}\s+TO\s+(\d{4})(\d\d)(\d\d)\d{0,6}\]", re.IGNORECASE)


def from_arxiv(text: str) -> Query:
    """Read an arXiv API query (https://info.arxiv.org/help/api/user-manual.html#query_details).

    ``ti abs au cat id all`` and ``submittedDate:[… TO …]`` with AND, OR, ANDNOT and parentheses, as typed or as it
    stands in an address (``ti:%22state+space%22+AND+au:gu``). Underscores in names are spaces (``au:del_maestro``).
    """
    encoded = "%" in text or (" " not in text and "+" in text)
    plain = unquote_plus(text) if encoded else text
    plain = plain.rpartition("search_query=")[2].partition("&")[0].strip()
    return parse(_ARXIV_TERM.sub(lambda found: _arxiv_term(found, plain), plain))


def _arxiv_term(found: re.Match[str], whole: str) -> str:
    name, value = found[1].lower(), found[2]
    if name == "submitteddate":
        return _between_stamps(found, whole)
    if name not in _ARXIV_FIELDS:
        _refuse(whole, found.start(), len(name) + 1, f"arXiv's field {name}: has no counterpart here")
    field = _ARXIV_FIELDS[name]
    if field == "author" and value != "(":
        value = '"' + value.strip('"').replace("_", " ") + '"'
    return f"{field}:{value}" if field else value


def _between_stamps(found: re.Match[str], whole: str) -> str:
    stamp = _STAMP.fullmatch(found[2])
    if stamp is None:
        _refuse(whole, found.start(), len(found[0]), "a span of dates is [202601010000 TO 202612312359]")
    first, last = "-".join(stamp.groups()[:3]), "-".join(stamp.groups()[3:])
    return f"(published>={first} published<={last})"


_PUBMED_FIELDS = {
    "ti": "title", "title": "title", "tiab": "", "title/abstract": "", "ab": "abstract", "abstract": "abstract",
    "tw": "", "text word": "", "all": "", "all fields": "", "au": "author", "author": "author", "fau": "author",
    "1au": "author", "dp": "published", "pdat": "published", "date - publication": "published",
    "doi": "id", "aid": "id",
}  # fmt: skip
_PUBMED_TOKEN = re.compile(
    r"""\s*(?:(?P<bracket>[()])|(?P<operator>AND|OR|NOT)(?![^\s()])
      |(?P<term>"[^"]*"|(?:(?!(?:AND|OR|NOT)(?![^\s()]))[^\s()\["]+\s*)+)\s*(?:\[(?P<tag>[^\]]*)\])?)""",
    re.VERBOSE,
)


def from_pubmed(text: str) -> Query:
    """Read a PubMed search (https://pubmed.ncbi.nlm.nih.gov/help/#search-tags).

    Terms with tags (``mamba[ti]``, ``"state space"[tiab]``, ``LeCun Y[au]``, ``2024:2026[dp]``), AND, OR, NOT from left
    to right as PubMed takes them, and parentheses.
    """
    return _PubMed(text).query()


class _PubMed:
    """A search on its way to a tree: tokens and the next one's number."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[re.Match[str]] = []
        at = 0
        while text[at:].strip():
            found = _PUBMED_TOKEN.match(text, at)
            if found is None:
                _refuse(text, at, 1, "this is no part of a PubMed search")
            self.tokens.append(found)
            at = found.end()
        self.at = 0

    def query(self) -> Query:
        tree = self.chain()
        if self.at < len(self.tokens):
            _refuse(self.text, self.tokens[self.at].start(), 1, "this ) closes nothing")
        return parse(to_text(tree))  # what cannot be written in our language is refused

    def chain(self) -> Query:
        """Join what comes, from left to right; terms side by side are joined by AND."""
        tree, joined_by = self.one(), ""
        while self.at < len(self.tokens) and self.tokens[self.at]["bracket"] != ")":
            operator = self.tokens[self.at]["operator"]
            if operator:
                self.at += 1
            right = self.one()
            if operator == "NOT":
                right = Not(right)
            kind = "OR" if operator == "OR" else "AND"
            left = tree.children if isinstance(tree, And | Or) and joined_by == kind else (tree,)
            tree = Or((*left, right)) if kind == "OR" else And((*left, right))
            joined_by = kind
        return tree

    def one(self) -> Query:
        if self.at == len(self.tokens):
            _refuse(self.text, len(self.text), 1, "a term is missing here")
        token = self.tokens[self.at]
        self.at += 1
        if token["operator"] == "NOT":
            return Not(self.one())
        if token["term"]:
            return self.term(token)
        if token["bracket"] != "(":
            _refuse(self.text, token.end() - 1, 1, "a term is missing here")
        tree = self.chain()
        if self.at == len(self.tokens):
            _refuse(self.text, token.end() - 1, 1, "this ( is never closed")
        self.at += 1
        return tree

    def term(self, token: re.Match[str]) -> Query:
        tag = (token["tag"] or "all").split(":")[0].strip().lower()
        if tag not in _PUBMED_FIELDS:
            _refuse(self.text, token.start("tag"), len(tag), f"PubMed's tag [{tag}] has no counterpart here")
        value, field = token["term"].strip(), _PUBMED_FIELDS[tag]
        if field == "published":
            return _years(value.strip('"'))
        if field == "author":
            return parse(f'author:"{_comma(value.strip(chr(34)))}"')
        return parse(f"{field}:({value})" if field and field != "id" else f"id:{value}" if field else value)


def _comma(name: str) -> str:
    """Return a name with a comma between the family name and PubMed's initials ("LeCun YA": "LeCun, YA")."""
    family, _, last = name.rpartition(" ")
    return f"{family}, {last}" if family and "," not in name and last.isupper() and len(last) <= 3 else name


def _years(span: str) -> Query:
    first, colon, last = (part.strip().replace("/", "-") for part in span.partition(":"))
    if not colon:
        return parse(f"published={first}")
    low, high = parse(f"published>={first}"), parse(f"published<={last}")
    return low if isinstance(high, Compare) and high.value == "3000" else And((low, high))


def _refuse(text: str, column: int, length: int, message: str) -> NoReturn:
    raise QueryError(message, query=text, column=column, length=length)


DIALECTS: dict[str, Callable[[str], Query]] = {
    "digest": parse,
    "keywords": from_keywords,
    "arxiv": from_arxiv,
    "pubmed": from_pubmed,
}
"""The languages a query can be imported from, by name."""
