"""Terms of several words: a trie over those whose words all occur today, walked from all tokens at once.

A term's neighbours may also be read as one word (``pre-training`` in a query, "pretraining" in the text). Which ones
matter is known from the day's words: those that split into two words of the queries, the *joins*.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from digest.matcher import keys
from digest.matcher.arrays import Bools, Ints, bounds, pair_keys, places, ranges
from digest.matcher.day import Day, Edges
from digest.matcher.terms import FOLDED, SINGULAR, Sequences, Terms
from digest.matcher.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Joins:
    """Pairs of terms that today's texts write as one word: ``label`` of (left, right), and where that word stands.

    Labels lie above all terms, so that what was read as one in a query is compared with words written as one only.
    """

    label: dict[tuple[int, int], int]
    edges: Edges
    left: Ints
    right: Ints

    def marks(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Return for every term whether it is the left, and the right, part of a join."""
        left, right = np.zeros(size, bool), np.zeros(size, bool)
        left[self.left], right[self.right] = True, True
        return left, right


def joins(day: Day, terms: Terms) -> Joins:
    """Return the pairs of query words that one word of the day consists of."""
    label: dict[tuple[int, int], int] = {}
    tokens, labels = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    cuts = keys.cuts(day.singular, terms.may_be_asked())
    for spelling, mode in ((day.singular, SINGULAR), (day.folded, FOLDED)):
        known, of_word = terms.words[mode], np.full(len(spelling), -1, np.int64)
        pairs = [pair for pair in cuts if pair[0] in known and pair[1] in known]
        for (left, right), number in zip(pairs, spelling.numbers(["".join(pair) for pair in pairs]), strict=True):
            if number >= 0:
                if of_word[number] < 0:
                    of_word[number] = len(terms) + len(label)
                label[known[left], known[right]] = int(of_word[number])
        found = of_word[spelling.of]
        tokens.append(np.flatnonzero(found >= 0))
        labels.append(found[tokens[-1]])
    token = np.concatenate(tokens)
    pairs_found = np.array(list(label) or np.zeros((0, 2)), np.int64).reshape(-1, 2)
    written = Edges(token, np.concatenate(labels), np.ones(len(token), np.int64))
    return Joins(label, written, pairs_found[:, 0], pairs_found[:, 1])


def occurrences(day: Day, asked: Wanted, edges: Edges, joined: Joins) -> tuple[Ints, Ints]:
    """Return (term, token) for every place where a term of several words begins."""
    everywhere = Edges(*(np.concatenate(both) for both in zip(_fields(edges), _fields(joined.edges), strict=True)))
    present = np.zeros(len(asked.terms) + len(joined.label) + 1, bool)
    present[everywhere.label] = True
    sought = _Sought()
    for rows in asked.terms.sequences.values():
        wanted = asked.anywhere[rows.terms.rows[:, 0]]
        sought.add_rows(rows, wanted, present)
        sought.add_joined(rows, wanted, present, joined, len(asked.terms))
    return sought.walk(day, everywhere)


def _fields(edges: Edges) -> tuple[Ints, Ints, Ints]:
    return edges.token, edges.label, edges.length


class _Sought:
    """Rows of labels to be found in a row, by length, with the term each stands for."""

    def __init__(self) -> None:
        self.rows: dict[int, list[tuple[Ints, Ints]]] = {}

    def add(self, labels: Ints, terms: Ints) -> None:
        self.rows.setdefault(labels.shape[1], []).append((labels, terms))

    def add_rows(self, rows: Sequences, wanted: Bools, present: Bools) -> None:
        labels = rows.words.rows
        possible = present[labels].all(axis=1) & wanted
        self.add(labels[possible].astype(np.int64), rows.terms.rows[possible, 0].astype(np.int64))

    def add_joined(self, rows: Sequences, wanted: Bools, present: Bools, joined: Joins, size: int) -> None:
        labels, glued = rows.words.rows, rows.glued.rows
        left, right = joined.marks(size)
        touched = (left[labels[:, :-1]] & right[labels[:, 1:]] & glued).any(axis=1) & wanted
        for row in np.flatnonzero(touched).tolist():
            for way in _ways(labels[row].tolist(), glued[row].tolist(), joined):
                if present[way].all() and len(way) < labels.shape[1]:
                    self.add(np.array([way], np.int64), np.array([rows.terms.rows[row, 0]], np.int64))

    def walk(self, day: Day, edges: Edges) -> tuple[Ints, Ints]:
        """Go from every token along the trie of all rows, one level at a time."""
        longest = max(self.rows, default=0)
        total = sum(len(terms) for found in self.rows.values() for _, terms in found)
        labels = np.full((total, longest), -1, np.int64)
        terms, at = np.zeros(total, np.int64), 0
        for length, found in self.rows.items():
            for some, their_terms in found:
                labels[at : at + len(some), :length] = some
                terms[at : at + len(some)] = their_terms
                at += len(some)
        return _walk(day, edges, labels, terms)


def _ways(labels: list[int], glued: list[bool], joined: Joins) -> Iterator[list[int]]:
    """Yield a row of labels with every choice of neighbours read as one."""
    if not labels:
        yield []
        return
    for rest in _ways(labels[1:], glued[1:], joined):
        yield [labels[0], *rest]
    if glued and glued[0] and (labels[0], labels[1]) in joined.label:
        for rest in _ways(labels[2:], glued[2:], joined):
            yield [joined.label[labels[0], labels[1]], *rest]


def _walk(day: Day, edges: Edges, labels: Ints, terms: Ints) -> tuple[Ints, Ints]:
    edges = _sought(edges, labels)
    first_edge = bounds(edges.token, len(day) + 1)
    node_of_row, rows = np.zeros(len(labels), np.int64), np.arange(len(labels))
    found_terms, found_tokens = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    node = start = at = np.zeros(0, np.int64)
    for level in range(labels.shape[1]):
        rows = rows[labels[rows, level] >= 0]
        steps, node_of_row[rows] = np.unique(pair_keys(node_of_row[rows], labels[rows, level]), return_inverse=True)
        if level:
            edge = ranges(first_edge[at], first_edge[at + 1])
            state = np.repeat(np.arange(len(at)), first_edge[at + 1] - first_edge[at])
            taken, step = places(pair_keys(node[state], edges.label[edge]), steps)
            node, start, at = step[taken], start[state[taken]], at[state[taken]] + edges.length[edge[taken]]
        else:  # all walks begin at node 0, so a step is a label
            taken, step = _looked_up(edges.label, steps)
            node, start, at = step[taken], edges.token[taken], (edges.token + edges.length)[taken]
        ending = rows[labels[rows, level + 1] < 0] if level + 1 < labels.shape[1] else rows
        terms_found, states_found = _endings(node, node_of_row[ending], terms[ending])
        found_terms.append(terms_found)
        found_tokens.append(start[states_found])
        going_on = at < len(day)
        going_on[going_on] = day.section[at[going_on]] == day.section[start[going_on]]
        node, start, at = node[going_on], start[going_on], at[going_on]
    return np.concatenate(found_terms), np.concatenate(found_tokens)


def _looked_up(labels: Ints, steps: Ints) -> tuple[Bools, Ints]:
    """Return ``arrays.places``, faster for small numbers."""
    at = np.full(labels.max(initial=0) + 1, -1, np.int64)
    at[steps] = np.arange(len(steps))
    return at[labels] >= 0, at[labels]


def _sought(edges: Edges, labels: Ints) -> Edges:
    """Return the edges some row asks for, by token."""
    sought = np.zeros(max(edges.label.max(initial=0), labels.max(initial=0)) + 1, bool)
    sought[labels[labels >= 0]] = True
    some = np.flatnonzero(sought[edges.label])
    some = some[np.argsort(edges.token[some], kind="stable")]
    return Edges(edges.token[some], edges.label[some], edges.length[some])


def _endings(node: Ints, ending_nodes: Ints, terms: Ints) -> tuple[Ints, Ints]:
    """Return the terms that end at the nodes reached, and the state that reached each."""
    order = np.argsort(ending_nodes, kind="stable")
    nodes, terms = ending_nodes[order], terms[order]
    low, high = np.searchsorted(nodes, node), np.searchsorted(nodes, node, side="right")
    return terms[ranges(low, high)], np.repeat(np.arange(len(node)), high - low)
