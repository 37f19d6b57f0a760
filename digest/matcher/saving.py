"""An engine as bytes for a file, so that a program that starts has a million queries at once and need not read them.

They are arrays and JSON, nothing of them is ever run. They are a copy of what the store has and may be lost: what is
damaged, or was written by another version of this program, is no engine. Every query has the mark of its text with it,
so a query that was changed since is compiled anew when it is ``put``.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import astuple
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digest import __version__
from digest.match import NO_STATISTICS, Statistics
from digest.match.meaning import NO_MEANINGS, Meanings
from digest.matcher.arrays import Growing
from digest.matcher.bulk import BulkMatcher
from digest.matcher.shapes import AllOf, AnyOf, NoneOf, Shape
from digest.matcher.terms import Sequences, Terms
from digest.matcher.wanted import Wanted
from digest.query import Author, Category, Compare, Everything, Exact, Fuzzy, Identifier, Like, Near, Prefix, Source
from digest.query.tree import Leaf

_FORMAT = 1
_HEAD = f"preprint-digest engine {_FORMAT} {__version__} {unicodedata.unidata_version}\n".encode()
_LEAVES = {
    kind.__name__: kind
    for kind in (Prefix, Fuzzy, Exact, Near, Author, Category, Source, Identifier, Like, Compare, Everything)
}

Json = Any


def saved(engine: BulkMatcher) -> bytes:
    """Return an engine as the content of a file, b"" if it is not worth keeping.

    It is not when most of its terms are wanted by nobody any more: they are never forgotten otherwise.
    """
    if _is_worn(engine):
        return b""
    described, arrays = _taken_apart(engine)
    text = json.dumps({"arrays": [_form(array) for array in arrays], **described}).encode()
    parts = [len(text).to_bytes(8, "big"), text, *(np.ascontiguousarray(array).tobytes() for array in arrays)]
    return b"".join([_HEAD, _digest(parts), *parts])


def loaded(
    data: bytearray, statistics: Statistics = NO_STATISTICS, meanings: Meanings = NO_MEANINGS
) -> BulkMatcher | None:
    """Return the engine of a file's content, ``None`` where it is damaged or another program's.

    The bytes become the engine's own.
    """
    body = len(_HEAD) + len(_digest([]))
    if not data.startswith(_HEAD) or data[len(_HEAD) : body] != _digest([memoryview(data)[body:]]):
        return None
    return _put_together(data, body, BulkMatcher(statistics, meanings))


def _digest(parts: list[Any]) -> bytes:
    found = blake2b(digest_size=32)
    for part in parts:
        found.update(part)
    return found.digest()


def _is_worn(engine: BulkMatcher) -> bool:
    """Return whether more than half of an engine's terms are wanted by nobody."""
    live = Wanted(engine.terms, engine.groups).anywhere
    for rows in engine.terms.sequences.values():
        live[rows.words.rows[live[rows.terms.rows[:, 0]]]] = True
    return 2 * int(live.sum()) < len(live)


def _form(array: NDArray[Any]) -> list[Json]:
    return [array.dtype.str, list(array.shape)]


def _taken_apart(engine: BulkMatcher) -> tuple[dict[str, Json], list[NDArray[Any]]]:
    terms = engine.terms
    described = {
        "size": len(terms),
        "words": {
            mode: [list(column) for column in zip(*known.items(), strict=True)] for mode, known in terms.words.items()
        },
        "sequences": list(terms.sequences),
        "patterns": [[_leaf(leaf), term] for leaf, term in terms.patterns.items()],
        "facts": [[_leaf(leaf), term] for leaf, term in terms.facts.items()],
        "shapes": [[_shape(group.shape), len(group)] for group in engine.groups],
    }
    arrays = [table.rows for rows in terms.sequences.values() for table in (rows.words, rows.glued, rows.terms)]
    arrays.append(np.concatenate([np.zeros(0, np.int32), *(group.leaves.rows.reshape(-1) for group in engine.groups)]))
    arrays.append(np.concatenate([np.zeros((0, 2), np.int64), *(group.owners.rows for group in engine.groups)]))
    return described, arrays


def _put_together(data: bytearray, body: int, engine: BulkMatcher) -> BulkMatcher:
    size = int.from_bytes(data[body : body + 8], "big")
    described = json.loads(data[body + 8 : body + 8 + size])
    arrays = _arrays(data, body + 8 + size, described["arrays"])
    _fill_terms(engine.terms, described, arrays)
    _fill_groups(engine, described["shapes"], next(arrays), next(arrays))
    return engine


def _arrays(data: bytearray, at: int, forms: list[Json]) -> Iterator[NDArray[Any]]:
    for dtype, shape in forms:
        count = int(np.prod(shape))
        array = np.frombuffer(data, dtype, count, at) if count else np.zeros(0, dtype)
        at += array.nbytes
        yield array.reshape(shape)


def _fill_terms(terms: Terms, described: dict[str, Json], arrays: Iterator[NDArray[Any]]) -> None:
    for mode, columns in described["words"].items():
        for word, term in zip(*columns, strict=True):
            terms.words[mode].add(word, term)
    for length in described["sequences"]:
        terms.take(Sequences(length, *(Growing.of(next(arrays)) for _ in range(3))))
    terms.patterns = {_read_leaf(leaf): term for leaf, term in described["patterns"]}
    terms.facts = {_read_leaf(leaf): term for leaf, term in described["facts"]}
    terms.idf = Growing.of(np.zeros((described["size"], 1)))
    terms.weigh(terms.statistics)


def _fill_groups(engine: BulkMatcher, shapes: list[Json], leaves: NDArray[Any], owners: NDArray[Any]) -> None:
    leaf = owner = 0
    for shape, queries in shapes:
        group = engine.group(_read_shape(shape))
        slots = group.leaves.rows.shape[1]
        group.fill(leaves[leaf : leaf + queries * slots].reshape(queries, slots), owners[owner : owner + queries])
        leaf, owner = leaf + queries * slots, owner + queries
    engine.find_places()
    engine.forget(term for fact, term in engine.terms.facts.items() if isinstance(fact, Like))


def _leaf(leaf: Leaf) -> list[Json]:
    return [type(leaf).__name__, *astuple(leaf)]


def _read_leaf(described: list[Json]) -> Any:
    return _LEAVES[described[0]](*described[1:])


def _shape(shape: Shape) -> Json:
    if isinstance(shape, int):
        return shape
    if isinstance(shape, NoneOf):
        return ["none", _shape(shape.child)]
    children = [_shape(child) for child in shape.children]
    return ["all", children, shape.beside] if isinstance(shape, AllOf) else ["any", children]


def _read_shape(described: Json) -> Shape:
    if isinstance(described, int):
        return described
    if described[0] == "none":
        return NoneOf(_read_shape(described[1]))
    children = tuple(map(_read_shape, described[1]))
    if described[0] == "any":
        return AnyOf(children)
    return AllOf(children, tuple((left, right) for left, right in described[2]))
