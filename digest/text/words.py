"""The one tokenizer: a text as words with their places, and what counts as the same word.

A *word* is a run of letters, digits and marks; a decimal number (``3.5``, ``Qwen2.5``, ``10,000``) is one word; a
``++``, ``+`` or ``#`` at the end of a word with a letter belongs to it (``C++``, ``C#``, ``CodeT5+``). Every CJK
character and every non-ASCII symbol (``→``, ``∞``) is a word by itself, so CJK text is searched by runs of characters.

Two spellings of a word:

* ``folded``: NFKC, casefold, accents and the commas of ``10,000`` gone; what a quoted word is compared by;
* ``singular``: the folded word without its regular English plural; what an unquoted word is compared by.

**Hyphens.** Two neighbouring words may also be read as *one* ("pre-training" and "pre training" as "pretraining"):
always where one hyphen stands between them; where only white space does, if neither is a function word ("a symmetric
matrix" is not asymmetric). Never across two digits (2-3 is not 23), nor for CJK characters and symbols. A query and a
text are both read this way; a word read out of two is compared with words that stand written as one. So
``pre-training``, ``pretraining`` and ``pre training`` find each other in all nine directions, and a longer chain
(``end-to-end``) is the same as its words in a row (``end to end``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

_CJK = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3100-\u318f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9d"
    "\uffa0-\uffdc\U00020000-\U0003ffff"
)
_HYPHENS = "-\u00ad\u2010\u2011\u2012\u2013"
_NO_SYMBOL = "°©®™"  # they decorate a word, they are none
_GLUE = "\u200c\u200d\uff9e\uff9f"  # joiners inside words of some scripts; half-width voicing marks of kana
_LAST_BLOCK = 0x1FBFF  # emoji end here, and no mark or symbol of a living script lies beyond


def _class_of(categories: tuple[str, ...], without: str) -> str:
    """Return the characters of some Unicode categories as the inside of a regular expression's class."""
    points = [
        point
        for point in range(0xA0, _LAST_BLOCK)
        if unicodedata.category(chr(point)) in categories and chr(point) not in without
    ]
    starts = [point for before, point in pairwise([-1, *points]) if point != before + 1]
    ends = [point for point, after in pairwise([*points, -1]) if after != point + 1]
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends, strict=True))


def _pattern(letter: str, marks: str, not_after_number: str) -> str:
    number = rf"(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)*)(?!{not_after_number}|\.\d)"
    word = rf"{letter}+{marks}(?:(?<=\d)\.\d+{letter}*)*(?:\+\+|[+#](?!{letter}))?"
    return f"{number}|{word}"


def _word_pattern() -> str:
    letter = rf"[^\W_{_CJK}]"
    mark = f"[{_class_of(('Mn', 'Mc', 'Me'), '')}{_GLUE}]"
    symbol = f"[{_class_of(('Sm', 'So', 'Sc'), _NO_SYMBOL)}]"
    return rf"{_pattern(letter, f'(?:{mark}+{letter}*)*', f'{letter}|{mark}')}|[{_CJK}]{mark}*|{symbol}{mark}*"


WORD = re.compile(_word_pattern())
"""One word of a text, as it is written."""

ASCII_WORD = re.compile(_pattern("[A-Za-z0-9]", "", "[A-Za-z0-9]"))
"""The same for a text that is all ASCII, in half the time."""

_FUNCTION_WORDS = """
    a an and are as at be but by can for from has have i if in into is it its not no nor of on or our so such than that
    the their these they this those to via was we were which with you
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Folded words that are never read as one with a neighbour across white space."""

_HYPHEN = re.compile(f"[{_HYPHENS}]")
_BESIDE = re.compile(rf"(?:[{_HYPHENS}]|\s+)")
_WHOLE = re.compile(rf"[^\W_{_CJK}](?:.*[^\W_{_CJK}])?", re.DOTALL)
_ACCENTS = re.compile("[\u0300-\u036f\u200b-\u200d\u2060\ufe00-\ufe0f]")
_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)


@lru_cache(maxsize=1 << 17)
def folded(word: str) -> str:
    """Return a word without regard to case, width, accents and thousands commas; folding twice is folding once."""
    if word.isascii():
        return word.lower().replace(",", "")
    once = _fold(word)
    return once if once.isascii() else _fold(once)


def _fold(word: str) -> str:
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", bare).translate(_STROKES)).casefold().replace(",", "")


_NO_PLURAL = (
    "ss", "us", "is", "series", "species", "bias", "lens", "news", "chaos", "cosmos", "ethos", "always", "perhaps",
    "atlas", "canvas", "alias", "physics", "mathematics", "robotics", "economics", "mechanics", "kubernetes", "does",
)  # fmt: skip
_IRREGULAR = {
    "gpus": "gpu", "cpus": "cpu", "tpus": "tpu", "npus": "npu", "menus": "menu", "apis": "api", "guis": "gui",
    "pois": "poi", "rois": "roi", "bcis": "bci", "mris": "mri", "emojis": "emoji", "biases": "bias", "lenses": "lens",
    "gases": "gas", "aliases": "alias", "atlases": "atlas", "canvases": "canvas", "buses": "bus", "viruses": "virus",
    "corpuses": "corpus", "focuses": "focus", "statuses": "status", "campuses": "campus", "bonuses": "bonus",
    "quizzes": "quiz", "caches": "cache", "niches": "niche", "headaches": "headache", "avalanches": "avalanche",
    "shoes": "shoe", "canoes": "canoe", "movies": "movie", "cookies": "cookie", "selfies": "selfie",
    "calories": "calorie", "zombies": "zombie",
}  # fmt: skip


@lru_cache(maxsize=1 << 17)
def singular(word: str) -> str:
    """Return a folded word without its regular plural ending; words that only look like plurals stay.

    The rules are those of D. Harman's S-stemmer ("How effective is suffixing?", JASIS 42(1), 1991), with ``-es`` after
    a hiss or an ``o`` taken off whole (searches, boxes, heroes), and a list of exceptions (bias, series, GPUs).
    """
    if len(word) < 4 or not word.endswith("s") or not word.isalpha():
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith(_NO_PLURAL):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes", "zzes", "ches", "shes", "oes")) else word[:-1]


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as its words: ``surfaces`` as written, and for each its [start, end) in code points.

    ``glued[i]`` says whether the words i and i + 1 may also be read as one; the last entry is always False.
    """

    text: str
    surfaces: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    glued: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.surfaces)

    def folded(self) -> tuple[str, ...]:
        """Return the words as quoted words are compared."""
        return tuple(map(folded, self.surfaces))

    def singular(self) -> tuple[str, ...]:
        """Return the words as unquoted words are compared."""
        return tuple(singular(folded(surface)) for surface in self.surfaces)


def read(text: str) -> Reading:
    """Return the words of a text, in order; the text is taken as it is shown (NFC), nothing is changed in it."""
    found = list((ASCII_WORD if text.isascii() else WORD).finditer(text))
    starts, ends = tuple(word.start() for word in found), tuple(word.end() for word in found)
    surfaces = tuple(word[0] for word in found)
    glued = [
        glues(left, right, text[end:start])
        for (left, right), end, start in zip(pairwise(surfaces), ends, starts[1:], strict=False)
    ]
    return Reading(text, surfaces, starts, ends, (*glued, False) if found else ())


def surfaces(text: str) -> Iterator[str]:
    """Yield the words of a text as written."""
    return (found[0] for found in WORD.finditer(text))


def glues(left: str, right: str, gap: str) -> bool:
    """Return whether two neighbouring words with ``gap`` between them may be read as one (see the module's text)."""
    if not _BESIDE.fullmatch(gap) or not (is_whole(left) and is_whole(right)):
        return False
    if left[-1].isdigit() and right[0].isdigit():
        return False
    return is_hyphen(gap) or not (is_function_word(left) or is_function_word(right))


def is_hyphen(gap: str) -> bool:
    """Return whether what stands between two words is one hyphen (an en dash is one too)."""
    return _HYPHEN.fullmatch(gap) is not None


def is_whole(word: str) -> bool:
    """Return whether a word could be a part of a longer one: it begins and ends with a letter or digit, and not CJK."""
    return (word.isascii() and word.isalnum()) or _WHOLE.fullmatch(word) is not None


def is_function_word(word: str) -> bool:
    """Return whether a word is one of the small words that never make one word with a neighbour across a space."""
    return folded(word) in FUNCTION_WORDS


def trimmed(text: str) -> str:
    """Return the text from its first word to its last, white space folded, in NFC; "" if it holds no word."""
    if text.isalnum() and text.isascii():
        return text
    line = " ".join(unicodedata.normalize("NFC", text).split())
    found = [word.span() for word in WORD.finditer(line)]
    return line[found[0][0] : found[-1][1]] if found else ""
