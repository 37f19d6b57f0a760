"""People's names: when a name asked for and a name printed can be the same person.

Listings print "Yann LeCun", "Y. LeCun", "LeCun, Yann" or "LeCun YA"; people ask in any of these ways, or for the family
name alone. Two names agree when one of their ways of being read agrees:

* the family names are equal, without regard to case, accents, hyphens, spaces and leading particles (van der, de);
* as many given names as both sides have agree in order, an initial agreeing with any name it begins; or all of them
  written together are equal ("Kai-Ming" and "Kaiming").

A name without a comma is read with its last word as family name and, where both names have given names, also with its
first; a single word is a family name. CJK names agree when the one asked for stands in the one printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from digest.text.words import folded

_PIECE = re.compile(r"[^\W\d_]+(?:['’`ʼ][^\W\d_]+)*")
_CHAIN = re.compile(r"[^\s,.]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_APOSTROPHES = re.compile("['’`ʼ]")
_MANY_PARTICLES = """
    af al ap ben bin da dal das de dei del della den der des di do dos du el la le los st te ten ter van vom von zu zum
    zur
"""
_PARTICLES = frozenset(_MANY_PARTICLES.split())
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_MOST_INITIALS = 3


@dataclass(frozen=True, slots=True)
class Name:
    """One way to read a name: the family name without particles and gaps, and the given names or initials in order.

    ``turned`` readings take the first word of a name without a comma for its family name.
    """

    family: str
    given: tuple[str, ...] = ()
    turned: bool = False


@lru_cache(maxsize=1 << 16)
def readings(name: str) -> tuple[Name, ...]:
    """Return the ways to read a name, the likeliest first; none where it holds no letter."""
    family, comma, given = name.partition(",")
    if comma and _pieces(family) and folded("".join(_pieces(given))) not in _SUFFIXES:
        return _distinct([_name(family, given, shouted=name.isupper())])
    words = [word for word in _CHAIN.findall(name) if _pieces(word) and folded(word) not in _SUFFIXES]
    if not words:
        return ()
    start = _family_start(words)
    shouted = name.isupper()
    last = _name(" ".join(words[start:]), " ".join(words[:start]), shouted=shouted)
    short = _name(words[-1], " ".join(words[:-1]), shouted=shouted)
    turned = shouted or not _are_initials(words[-1])
    first = replace(_name(words[0], " ".join(words[1:]), shouted=shouted), turned=turned)
    return _distinct([last, short, first] if len(words) > 1 else [last])


def agree(asked: str, printed: str) -> bool:
    """Return whether a name asked for can be the person printed."""
    if _CJK.search(asked):
        return _letters(asked) in _letters(printed)
    return any(_same(one, other) for one in readings(asked) for other in readings(printed))


def begins(asked: str, printed: str) -> bool:
    """Return whether the family name printed, in any of its readings, begins with the letters asked for."""
    start = _letters(asked)
    if _CJK.search(asked):
        return _letters(printed).startswith(start)
    return any(name.family.startswith(start) for name in readings(printed) if not name.turned)


def keys(name: str) -> frozenset[str]:
    """Return the family names of all readings: two names that agree share one, unless one of them is CJK."""
    return frozenset(reading.family for reading in readings(name))


def is_cjk(name: str) -> bool:
    """Return whether a name is compared by its characters."""
    return _CJK.search(name) is not None


def _same(one: Name, other: Name) -> bool:
    if one.family != other.family:
        return False
    if not one.given or not other.given:
        return not (one.turned or other.turned)
    if "".join(one.given) == "".join(other.given):
        return True
    return all(_compatible(a, b) for a, b in zip(one.given, other.given, strict=False))


def _compatible(one: str, other: str) -> bool:
    return one == other or (len(one) == 1 and other[0] == one) or (len(other) == 1 and one[0] == other)


def _name(family: str, given: str, *, shouted: bool) -> Name:
    parts = _pieces(family)
    while len(parts) > 1 and folded(parts[0]) in _PARTICLES:
        parts = parts[1:]
    names = [part for piece in _pieces(given) for part in _initials(piece, shouted=shouted)]
    while names and names[-1] in _PARTICLES:
        names.pop()
    return Name(_letters("".join(parts)), tuple(names))


def _initials(piece: str, *, shouted: bool) -> list[str]:
    """Return the initials that two or three capitals are ("YA"), or the one given name."""
    return [_letters(piece)] if shouted or not _are_initials(piece) else [folded(letter) for letter in piece]


def _are_initials(word: str) -> bool:
    letters = "".join(_pieces(word))
    return letters.isupper() and len(letters) <= _MOST_INITIALS


def _family_start(words: list[str]) -> int:
    """Return where the family name begins: at its last word, or at the particles before it."""
    start = len(words) - 1
    while start > 1 and folded(words[start - 1]) in _PARTICLES:
        start -= 1
    return start


def _pieces(text: str) -> list[str]:
    return _PIECE.findall(text)


def _letters(text: str) -> str:
    return "".join(folded(_APOSTROPHES.sub("", piece)) for piece in _pieces(text))


def _distinct(names: list[Name]) -> tuple[Name, ...]:
    return tuple(dict.fromkeys(name for name in names if name.family))
