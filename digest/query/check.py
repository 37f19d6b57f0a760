"""What can be said of a query before it meets a paper: that it matches everything, or never anything."""

from __future__ import annotations

from digest.query.tree import And, Compare, Everything, Fuzzy, Not, Or, Prefix, Query, Word, leaves
from digest.text.words import FUNCTION_WORDS, folded

_SMALL_WORDS = {"and": "AND", "or": "OR", "not": "NOT"}
_SHORT_PREFIX = 2
_SHORT_FUZZY = 4


def warnings(query: Query) -> tuple[str, ...]:
    """Return, in sentences, what is probably not meant; an empty tuple is no promise that the query is good."""
    found = [_verdict(query), *_small_words(query)]
    for leaf, wanted in leaves(query):
        if wanted and isinstance(leaf, Prefix) and len(leaf.text) <= _SHORT_PREFIX:
            found.append(f"{leaf.text}* matches very many words.")
        if isinstance(leaf, Fuzzy) and len(leaf.text) < _SHORT_FUZZY:
            found.append(f"{leaf.text}~ is so short that one slip makes it another word.")
        if wanted and isinstance(leaf, Word) and folded(leaf.text) in FUNCTION_WORDS - _SMALL_WORDS.keys():
            found.append(f"{leaf.text} stands in nearly every paper.")
    return tuple(dict.fromkeys(warning for warning in found if warning))


def _verdict(query: Query) -> str:
    known = always(query)
    if known is not None:
        return "This query matches every paper." if known else "This query can never match a paper."
    if not any(wanted for _, wanted in leaves(query)):
        return "This query only excludes: it matches every paper but those."
    return ""


def _small_words(query: Query) -> list[str]:
    if not isinstance(query, And):
        return (
            []
            if not isinstance(query, Or)
            else [warning for child in query.children for warning in _small_words(child)]
        )
    words = [child.text for child in query.children if isinstance(child, Word) and child.text in _SMALL_WORDS]
    return [f"“{word}” is searched as a word; the operator is written {_SMALL_WORDS[word]}." for word in words]


def always(query: Query) -> bool | None:
    """Return True where the query matches whatever the paper, False where it never does, None where that depends."""
    if isinstance(query, Everything):
        return True
    if isinstance(query, Not):
        known = always(query.child)
        return None if known is None else not known
    if isinstance(query, And):
        return False if _contradicts(query.children) else _join(query.children, absorbing=False)
    if isinstance(query, Or):
        return True if _exhausts(query.children) else _join(query.children, absorbing=True)
    return _impossible(query) if isinstance(query, Compare) else None


def _join(children: tuple[Query, ...], *, absorbing: bool) -> bool | None:
    known = {always(child) for child in children}
    if absorbing in known:
        return absorbing
    return None if None in known else not absorbing


def _exhausts(children: tuple[Query, ...]) -> bool:
    """Return whether one child is the negation of another."""
    return any(isinstance(child, Not) and child.child in children for child in children)


def _contradicts(children: tuple[Query, ...]) -> bool:
    """Return whether a child excludes another, or the numbers asked for leave none."""
    if _exhausts(children):
        return True
    compares = [child for child in children if isinstance(child, Compare) and child.quantity != "published"]
    for quantity in {child.quantity for child in compares}:
        bounds = [_bounds(child) for child in compares if child.quantity == quantity]
        if max(low for low, _ in bounds) > min(high for _, high in bounds):
            return True
    return False


def _bounds(compare: Compare) -> tuple[float, float]:
    value = int(compare.value)
    low = {">": value + 1, ">=": value, "=": value}.get(compare.operator, 0)
    high = {"<": value - 1, "<=": value, "=": value}.get(compare.operator, float("inf"))
    return low, high


def _impossible(compare: Compare) -> bool | None:
    return False if compare.quantity != "published" and _bounds(compare)[1] < 0 else None
