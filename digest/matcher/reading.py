"""The words of many texts at once; the same ones as ``text.words.read`` finds in each.

Nearly all words are plain runs of ASCII letters and digits: they are found by comparing neighbouring bytes of all
texts at once. Whatever could be anything else (a dot between digits, a plus behind a letter, a letter outside ASCII, a
very long word) lies in a *cluster*, a run of signs that words can be made of, and clusters with such a sign in them
are read by the regular expressions that define what a word is. No word reaches beyond a cluster, and neither does what
the expressions look at around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from digest.matcher.arrays import Bools, Ints, ranges
from digest.matcher.keys import LONGEST
from digest.text import words

_PLAIN, _DIGIT, _DOT, _SIGN, _ODD, _WHITE, _HYPHEN = (np.uint8(1 << bit) for bit in range(7))
_CLUSTER = _PLAIN | _DOT | _SIGN | _ODD
_NOTHING = np.uint8(0)
_KNOWN = 0x3001
_LOOKED_AT = (*range(0xC0), 0x1680, *range(0x2000, 0x2070), 0x3000)
"""Every character but these is odd: it may belong to a word until the expressions have looked at it."""

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of texts, one after another: ``text[starts[i]:ends[i]]``, and how many there are in each text.

    ``data`` has the bytes of the text (anything for what is not ASCII), ``kinds`` what each of its characters can be.
    ``odd`` are the words that may be more than a short run of ASCII letters and digits.
    """

    text: str
    data: Bytes
    kinds: Bytes
    starts: Ints
    ends: Ints
    odd: Ints
    counts: Ints

    def __len__(self) -> int:
        return len(self.starts)

    def surface(self, number: int) -> str:
        """Return a word as it is written."""
        return self.text[self.starts[number] : self.ends[number]]

    def begins_with_digit(self) -> Bools:
        """Return which words begin with an ASCII digit."""
        return self._are(_DIGIT, self.starts)

    def ends_with_digit(self) -> Bools:
        """Return which words end with one."""
        return self._are(_DIGIT, self.ends - 1)

    def _are(self, kind: np.uint8, where: Ints) -> Bools:
        there: Bools = self.kinds[where] & kind != 0
        return there

    def gaps(self) -> tuple[Bools, Bools]:
        """Return for all words but the last whether nothing but white space, and whether one hyphen, follows."""
        before, after = self.ends[:-1], self.starts[1:]
        single, white = after - before == 1, self._are(_WHITE, before)
        several = (after - before > 1) & white & self._are(_WHITE, after - 1)
        white &= single
        for gap in np.flatnonzero(several).tolist():
            white[gap] = self.text[before[gap] : after[gap]].isspace()
        return white, single & self._are(_HYPHEN, before)


def read(texts: Sequence[str]) -> Words:
    """Return the words of all texts."""
    text = "\n".join(("", *texts, "\n" * LONGEST))
    data, kinds = _classified(text)
    starts, ends = _runs(kinds & _PLAIN != 0)
    starts, ends, odd = _with_odd(text, kinds, starts, ends)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    firsts = np.searchsorted(starts, 1 + np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths + 1)]))
    return Words(text, data, kinds, starts, ends, odd, np.diff(firsts))


@cache
def _table() -> Bytes:
    """Return for each character what it can be."""
    kinds = np.full(_KNOWN + 1, _ODD, np.uint8)
    for code in _LOOKED_AT:
        kinds[code] = _kind(chr(code))
    return kinds


def _kind(character: str) -> np.uint8:
    if character.isspace():
        return _WHITE
    if words.is_hyphen(character):
        return _HYPHEN
    if not character.isascii():
        return _ODD if words.WORD.match(character) or words.WORD.fullmatch(f"a{character}") else _NOTHING
    if character.isalnum():
        return _PLAIN | _DIGIT if character.isdigit() else _PLAIN
    return _DOT if character in ".," else _SIGN if character in "+#" else _NOTHING


def _classified(text: str) -> tuple[Bytes, Bytes]:
    if text.isascii():
        data = np.frombuffer(text.encode("ascii"), np.uint8)
        return data, _table().take(data)
    wide = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return wide.astype(np.uint8), _table().take(np.minimum(wide, _KNOWN))


def _runs(inside: Bools) -> tuple[Ints, Ints]:
    """Return where runs of True begin and end; the first and the last value are False."""
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    return edges[0::2], edges[1::2]


def _spots(kinds: Bytes, starts: Ints, ends: Ints) -> Ints:
    """Return where something stands that may make more of a word than a plain run."""
    behind = kinds[ends]
    dotted = ends[(behind == _DOT) & (kinds[ends - 1] & _DIGIT != 0) & (kinds[ends + 1] & _DIGIT != 0)]
    return np.concatenate(
        [np.flatnonzero(kinds == _ODD), dotted, ends[behind == _SIGN], starts[ends - starts > LONGEST]]
    )


def _with_odd(text: str, kinds: Bytes, starts: Ints, ends: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the words' places, those of odd clusters read by the expressions, and which these are."""
    spots = _spots(kinds, starts, ends)
    if not len(spots):
        return starts, ends, spots
    first, last = _runs(kinds & _CLUSTER != 0)
    odd = np.unique(np.searchsorted(first, spots, side="right") - 1)
    first, last = first[odd], last[odd]
    inside = ranges(np.searchsorted(starts, first), np.searchsorted(starts, last))
    starts, ends = np.delete(starts, inside), np.delete(ends, inside)
    found = np.array(
        [(at + start, at + end) for at, till in zip(first.tolist(), last.tolist(), strict=True)
         for start, end in _spans(text[at:till])],
        np.int64,
    ).reshape(-1, 2)  # fmt: skip
    where = np.searchsorted(starts, found[:, 0])
    return (
        np.insert(starts, where, found[:, 0]),
        np.insert(ends, where, found[:, 1]),
        where + np.arange(len(found)),
    )


def _spans(cluster: str) -> list[tuple[int, int]]:
    """Return the words of a cluster by the definition."""
    expression = words.ASCII_WORD if cluster.isascii() else words.WORD
    return [word.span() for word in expression.finditer(cluster)]
