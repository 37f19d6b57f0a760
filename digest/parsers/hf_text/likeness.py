"""How much a block looks like a title, rather than a paragraph of an abstract, by its own look.

The weights are logarithms of odds as estimated by eye on the titles and abstracts of Hugging Face and arXiv; what
matters is that the neighbours vote too (``plain``), so no single block has to be told apart alone.
"""

from __future__ import annotations

import re

_BOUNDARY = re.compile(
    r"(?:(?<![ .][A-Za-z])(?<!\bvs)(?<!\bal)(?<!\bDr)(?<!\bSt)(?<!\bNo)[.]|[^\s.?!][?!])[”\")]?\s+(?=[A-Z“\"])"
)
_ABBREVIATED = re.compile(r"(?:\b(?:vs|al|etc|i\.e|e\.g|cf|Dr|St|No|Vol|Jr|approx|v)|\b[A-Z])\.$")
_BODY_START = re.compile(
    r"(?:We|In this|In the|This|These|However"
    r"|To (?:address|this end|tackle)|Despite|Recent(?:ly)?|Although|While|Our|It|There|Existing|Extensive|Experiments"
    r"|Project page|Code|The code)"
    r"\b[,:]?\s"
)
_URL = re.compile(r"https?://|www\.|github\.com/")
_LENGTHS = ((120, 3.0), (180, 1.5), (250, 0.0), (300, -2.5), (400, -6.0))
_TOO_LONG = -14.0


def title_likeness(text: str) -> float:
    """Return the logarithm of the odds that ``text`` is a title: above 0 rather a title, below rather a paragraph."""
    odds = next((weight for limit, weight in _LENGTHS if len(text) <= limit), None)
    if odds is None:
        return _TOO_LONG
    odds += _by_end(text) + _by_capitals(text)
    odds -= 4.0 * min(2, len(_BOUNDARY.findall(text[:600])))
    if _BODY_START.match(text):
        odds -= 3.0
    if _URL.search(text[:600]):
        odds -= 4.0
    return odds


def _by_end(text: str) -> float:
    last = text.rstrip("”\"'’)")[-1:]
    if last == ".":
        return 0.0 if text.endswith("...") or _ABBREVIATED.search(text) else -4.0
    if last in ("", ",", ";", ":"):
        return -2.0
    return 0.5 if last in "?!" else 2.5


def _by_capitals(text: str) -> float:
    words = [word for word in text[:300].split() if len(word) > 3]
    if not words or not text[:300].isascii():
        return 0.0
    share = sum(word[0].isupper() for word in words) / len(words)
    return 2.0 if share > 0.5 else -1.0 if share < 0.15 and len(words) > 5 else 0.0
