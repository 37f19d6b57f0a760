"""Tree to text: ``parse(to_text(query)) == query`` for every query."""

from __future__ import annotations

from digest.query.parser import is_read_as_word
from digest.query.tree import (
    And,
    Author,
    Category,
    Compare,
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
    Text,
    Word,
    usual_percent,
)

_PLAIN_NAME = frozenset("-.'’")


def to_text(query: Query) -> str:
    """Return the query in the language of ``parse``, with no more parentheses than it needs."""
    if isinstance(query, Or):
        return " OR ".join(_within(child, Or) for child in query.children)
    if isinstance(query, And):
        return " ".join(_within(child, Or, And) for child in query.children)
    if isinstance(query, Not):
        return f"-{_within(query.child, Or, And)}"
    return _leaf(query)


def _within(query: Query, *looser: type) -> str:
    text = to_text(query)
    return f"({text})" if isinstance(query, looser) else text


def _leaf(leaf: Leaf) -> str:
    if isinstance(leaf, Word | Phrase | Prefix | Fuzzy | Exact | Near):
        return f"{leaf.field}:{_words(leaf)}" if leaf.field else _as_words(_words(leaf))
    if isinstance(leaf, Author | Source):
        field = "author" if isinstance(leaf, Author) else "source"
        return f"{field}:{_quoted(leaf.name)}{'*' if leaf.prefix else ''}"
    if isinstance(leaf, Category):
        return f"category:{leaf.code}"
    if isinstance(leaf, Identifier):
        return f"id:{_quoted(leaf.key)}"
    if isinstance(leaf, Like):
        least = "" if leaf.percent == usual_percent(leaf.key) else f"~0.{leaf.percent:02}"
        return f"like:{_quoted(leaf.key)}{least}" if leaf.key else f'like:"{leaf.text}"{least}'
    return f"{leaf.quantity}{leaf.operator}{leaf.value}" if isinstance(leaf, Compare) else "*"


def _as_words(text: str) -> str:
    """Return words so that they are read as such: behind a sign that no word begins with, if they look like more."""
    return text if is_read_as_word(text) else f"'{text}"


def _words(leaf: Text) -> str:
    if isinstance(leaf, Word):
        return leaf.text
    if isinstance(leaf, Phrase):
        return f'"{leaf.text}"'
    if isinstance(leaf, Near):
        return f'"{leaf.text}"~{leaf.distance}'
    if isinstance(leaf, Exact):
        return f'="{leaf.text}"' if set(leaf.text) & set(" ()|~*") else f"={leaf.text}"
    return f"{leaf.text}*" if isinstance(leaf, Prefix) else f"{leaf.text}~{'' if leaf.slips == 1 else leaf.slips}"


def _quoted(name: str) -> str:
    return name if all(c.isalnum() or c in _PLAIN_NAME for c in name) else f'"{name}"'
