"""What keeps two papers apart however alike their titles are: a *mark* that one has and the other lacks.

Marks are numbers (years, versions, sizes, the digits of a formula; ``3.5`` is one), number words and ordinals, roman
numerals and single letters, Greek letters, ``+`` and ``#``, words that make a paper one *about* another (comment,
reply, erratum, retraction), negations, and in CJK text numerals, parts and negations of one character.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_lowercase

_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_DECIMAL = re.compile(r"(?<![\d.])\d+(?:\.\d+)+")
_WORDS = """
    one two three four five six seven eight nine ten eleven twelve
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
    sixteenth seventeenth eighteenth nineteenth twentieth
    ii iii iv vi vii viii ix xi xii xiii xiv xv xvi xvii xviii xix xx
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi
    psi omega
    plus sharp
    addendum comment commentary comments corrigenda corrigendum correction corrections errata erratum
    rebuttal rejoinder reply replies response responses retracted retraction withdrawal withdrawn
    not no non nor never neither without cannot cant dont doesnt isnt arent wont
    january february march april june july august september october november december
    不 无 無 非 未 没 沒 一 二 三 四 五 六 七 八 九 十 上 中 下 前 后 後 甲 乙 丙 丁
"""
_MARKS = frozenset(_WORDS.split())
_SAME_MARK = {
    "cant": "cannot",
    "comments": "comment",
    "errata": "erratum",
    "replies": "reply",
    "retracted": "retraction",
}
_NAMED_BY_LETTER = frozenset(
    "appendix case class group hepatitis influenza model part phase task track type variant version vitamin".split()  # noqa: SIM905
)
_ELEMENT = (
    "A[cglmrstu]|B[aehikr]?|C[adeflmnorsu]?|D[bsy]|E[rsu]|F[elmr]?|G[ade]|H[efgos]?|I[nr]?|Kr?|L[airuv]|M[dgnot]"
    "|N[abdeiop]?|Os?|P[abdmortu]?|R[abefghnu]|S[bcegimnr]?|T[abcehilm]|U|V|W|Xe|Yb?|Z[nr]"
)
_FORMULA = re.compile(rf"(?<![\w-])(?=\w*[a-z])(?=\w*[A-Z]\w*[A-Z])(?:(?:{_ELEMENT})\d*)+(?![\w-])")


def marks(words: Sequence[str]) -> list[tuple[str, ...]]:
    """Return, for every word of a title (``titlekey.title_words``), the marks that it is or holds."""
    return [_marks(*around) for around in zip(("", *words), words, (*words[1:], ""), strict=False)]


def _marks(before: str, word: str, after: str) -> tuple[str, ...]:
    if word in _MARKS:
        return (_SAME_MARK.get(word, word),)
    if len(word) == 1 and word in ascii_lowercase and _stands_for(before, word, after):
        return (word,)
    return tuple(_NUMBER.findall(word))


def _stands_for(before: str, letter: str, after: str) -> bool:
    """Return whether a single letter is a name (Type A, vector X, Part I) and not the article."""
    return letter != "a" or not after or before in _NAMED_BY_LETTER


def decimals(title: str) -> list[str]:
    """Return the decimal numbers of a title: the only marks that its key does not hold (``2.5`` is ``25``)."""
    return _DECIMAL.findall(title)


def formulas(title: str) -> set[str]:
    """Return the words of a title that read as chemical formulas of several elements (``NaCl``, ``DyNiSb``)."""
    return set(_FORMULA.findall(title))
