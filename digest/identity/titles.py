"""How two titles differ: in nothing, in spelling, by words more, in a part, in words, or by a mark.

Both titles are aligned word by word. Where they disagree, a *slip* is no difference of sense: at most one letter in a
word of five or more with the same first letter, another ending of the same word, an abbreviation spelled out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Levenshtein

from digest.identity.marks import decimals, formulas, marks
from digest.text.titlekey import title_key, title_words

NEAR_KEYS = 75
"""``fuzz.ratio`` of two title keys from which on the titles are near though words were exchanged."""
LEAST_COMMON = 3
"""Words that must be common to a title and a longer one, or to a part that two titles share."""

_LONGEST_NAME = 4
"""Words that a name before a colon has at most; more are a title of its own."""

_PARTS = re.compile(r"[:–—|?]| - ")
_SHORTEST_STEM = 5
_NO_SLIP = {frozenset(pair) for pair in (("macro", "micro"), ("causal", "casual"), ("trial", "trail"))}
"""Words of one letter's difference that are two."""
_CJK_WORD = re.compile("[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")


class Difference(IntEnum):
    """How two titles differ, from nothing to everything."""

    NONE = 0
    SLIP = 1
    """A typo, an ending, an abbreviation spelled out."""
    LONGER = 2
    """One has words or a subtitle more; the other has all its words in it, in order."""
    PART = 3
    """The part before or behind a colon is the same, the other part is not."""
    REWORDED = 4
    """Most letters are the same, but words were exchanged."""
    MARKED = 5
    """Near, but a mark tells them apart."""
    OTHER = 6


class _Block(NamedTuple):
    """Words of one title that stand where other words, or none, stand in the other title."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    marks: tuple[Counter[str], Counter[str]]


def difference(one: str, other: str) -> Difference:
    """Say how two titles differ; the same in both directions."""
    one, other = sorted((one, other))
    keys = title_key(one), title_key(other)
    if keys[0] == keys[1]:
        return Difference.NONE if decimals(one) == decimals(other) else Difference.MARKED
    words = title_words(one), title_words(other)
    blocks = [block for block in _blocks(*words) if not _is_slip(block)]
    kind = _kind(one, other, blocks, min(map(len, words))) if blocks else Difference.SLIP
    if kind is Difference.OTHER and fuzz.ratio(*keys) >= NEAR_KEYS:
        kind = Difference.REWORDED
    if kind is not Difference.OTHER and _are_marked(blocks, one, other):
        return Difference.MARKED
    return kind


def _kind(one: str, other: str, blocks: Sequence[_Block], shorter: int) -> Difference:
    more = [bool(block.ours) for block in blocks], [bool(block.theirs) for block in blocks]
    if shorter >= LEAST_COMMON and not (any(more[0]) and any(more[1])):
        return Difference.LONGER
    return Difference.PART if _share_a_part(one, other) else Difference.OTHER


def _share_a_part(one: str, other: str) -> bool:
    """Return whether two titles have one head, or one tail behind names: before or behind the first colon or dash."""
    (head, tail), (other_head, other_tail) = _halves(one), _halves(other)
    if _are_one(head, other_head):
        return True
    name, other_name = (() if not tail else head), (() if not other_tail else other_head)
    named = len(name) <= _LONGEST_NAME >= len(other_name)
    return named and _are_one(tail or head, other_tail or other_head)


def _are_one(one: Sequence[str], other: Sequence[str]) -> bool:
    return len(one) >= LEAST_COMMON <= len(other) and all(map(_is_slip, _blocks(one, other)))


def _halves(title: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of a title's head and of its tail, which may be none."""
    cut = _PARTS.search(title)
    return (title_words(title[: cut.start()]), title_words(title[cut.end() :])) if cut else (title_words(title), ())


def _blocks(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[_Block]:
    """Yield where two titles disagree; gaps and hyphens are no disagreement."""
    if "".join(ours) == "".join(theirs):
        return
    our_marks, their_marks = marks(ours), marks(theirs)
    start = end = other_start = other_end = 0
    for step in (*Levenshtein.opcodes(ours, theirs), None):
        if step is not None and step.tag != "equal":
            end, other_end = step.src_end, step.dest_end
            continue
        mine, yours = tuple(ours[start:end]), tuple(theirs[other_start:other_end])
        if "".join(mine) != "".join(yours):
            held = (Counter(sum(our_marks[start:end], ())), Counter(sum(their_marks[other_start:other_end], ())))
            yield _Block(mine, yours, held)
        if step is not None:
            start, end, other_start, other_end = step.src_end, step.src_end, step.dest_end, step.dest_end


def _are_marked(blocks: Sequence[_Block], one: str, other: str) -> bool:
    ours, theirs = Counter[str](), Counter[str]()
    for block in blocks:
        ours += block.marks[0]
        theirs += block.marks[1]
        if 0 < len("".join(block.ours + block.theirs)) <= 4 and any(map(_CJK_WORD.match, block.ours + block.theirs)):
            return True
    mine, yours = formulas(one), formulas(other)
    return ours != theirs or decimals(one) != decimals(other) or bool(mine - yours and yours - mine)


def _is_slip(block: _Block) -> bool:
    if block.marks[0] != block.marks[1] or not (block.ours and block.theirs):
        return False
    if len(block.ours) == len(block.theirs) and all(map(_same_word, block.ours, block.theirs)):
        return True
    return (
        _same_word("".join(block.ours), "".join(block.theirs)) or _spells_out(*block[:2]) or _spells_out(*block[1::-1])
    )


def _same_word(one: str, other: str) -> bool:
    """Return whether one word is a slip of another, or another form of it."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) < _SHORTEST_STEM or short[0] != long[0] or not (short + long).isalpha() or {one, other} in _NO_SLIP:
        return False
    if OSA.distance(short, long, score_cutoff=1) <= 1:
        return True
    return long.startswith(short[:-1]) and len(long) - len(short) <= 4


def _spells_out(short: Sequence[str], long: Sequence[str]) -> bool:
    """Return whether one word is made of the first letters of several (LLMs = large language models)."""
    if len(short) != 1 or len(long) < 2:
        return False
    initials = "".join(word[0] for word in long)
    return short[0] in {initials, initials + "s"}
