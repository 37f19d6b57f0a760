"""What speaks for a sighting and one stored paper being the same, with the reason in words.

In this order, and the first that applies decides:

1. the same arXiv id: the same paper; two arXiv ids: two papers, whatever the text says;
2. the same DOI or PubMed number: the same paper, where title or abstract agree a little (some DOIs name a supplement);
3. the same title, or a near one with a near abstract: the same paper, unless something contradicts it: another id of
   the same kind, plainly other authors, a plainly other abstract, a title that many papers bear;
4. a near title without an abstract to compare, or an abstract shared under another title: doubt.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from digest import ids
from digest.identity.abstracts import UNRELATED, abstract_likeness
from digest.identity.gate import plausible
from digest.identity.titles import Difference, difference
from digest.model import Facts, Key, Paper, Sighting
from digest.text import names
from digest.text.sketch import sketch
from digest.text.titlekey import title_key, title_words

STOCK_TITLES = frozenset(
    title_key(title)
    for title in (
        "Abstract", "Acknowledgements", "Announcement", "Appendix", "Book review", "Comment", "Commentary",
        "Conclusion", "Correction", "Corrigendum", "Discussion", "Editorial", "Editor's note", "Erratum", "Errata",
        "Foreword", "Front matter", "Guest editorial", "In memoriam", "Index", "Introduction", "Issue information",
        "Letter to the editor", "Obituary", "Overview", "Preface", "Proceedings", "Publisher's note", "Reply",
        "Response", "Retraction", "Review", "Supplementary material", "Table of contents", "Untitled", "Withdrawn",
    )
)  # fmt: skip
"""Titles that many papers bear: they prove nothing without an abstract that agrees."""

_PARTS = re.compile(r"[:–—|]| - ")
_NOT_A_PERSON = re.compile(r"\b(?:collaboration|consortium|team|group|et al)\b", re.IGNORECASE)

SHARED = 0.5
"""Likeness from which on two abstracts are one abstract, edited: the median of edited ones is .95."""

_SAME_FROM = {Difference.SLIP: 0.4, Difference.LONGER: SHARED, Difference.PART: 0.8}
"""How alike the abstracts must be for a near title to be the same: the freer the title, the closer the abstract."""
_DOUBT_FROM = {Difference.SLIP: UNRELATED, Difference.LONGER: 0.1, Difference.PART: 0.1, Difference.REWORDED: 0.2}
"""How alike they must be for a doubt; with any other title an abstract must be shared."""
_NUMBERS = {"doi": "DOI", "pmid": "PubMed number"}
"""The kinds of ids beside arXiv's, and what they are called."""


class Evidence(IntEnum):
    """What speaks for a paper, weakest first."""

    NOTHING = 0
    DOUBT = 1
    NEAR = 2
    TITLE = 3
    NUMBER = 4
    ARXIV = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """How a paper compares with the sighting; ``likeness`` is that of the abstracts, ``None`` where unknown."""

    evidence: Evidence
    reason: str
    paper: Paper
    likeness: float | None = None
    shared: tuple[Key, ...] = ()


def compare(sighting: Sighting, paper: Paper) -> Finding:
    """Return what speaks for a sighting being one of a paper."""
    shared = tuple(sorted(set(sighting.keys) & set(paper.keys)))
    arxiv = next(filter(None, map(ids.arxiv_number, shared)), None)
    if arxiv is not None:
        return Finding(Evidence.ARXIV, f"same arXiv id {arxiv}", paper, shared=shared)
    if other_ids(sighting.keys, paper.keys, "arxiv"):
        return Finding(Evidence.NOTHING, "an arXiv id not seen before", paper)
    if shared:
        return _by_number(sighting, paper, shared)
    return _by_text(sighting, paper)


def other_ids(mine: Sequence[Key], theirs: Sequence[Key], scheme: str) -> bool:
    """Return whether both have ids of a kind, and none in common."""
    a, b = ({key for key in keys if key.startswith(scheme + ":")} for keys in (mine, theirs))
    return bool(a and b) and not a & b


def are_two(one: Facts, other: Facts) -> bool:
    """Return whether ids of a kind say that these are two papers."""
    return any(other_ids(one.keys, other.keys, scheme) for scheme in ("arxiv", *_NUMBERS))


def _by_number(sighting: Sighting, paper: Paper, shared: tuple[Key, ...]) -> Finding:
    scheme, _, number = shared[0].partition(":")
    name = _NUMBERS.get(scheme, scheme)
    alike = abstract_likeness(sighting.abstract, paper.abstract)
    agree = difference(sighting.title, paper.title) < Difference.MARKED
    if agree or (_titles_agree_a_little(sighting, paper) if alike is None else alike > UNRELATED):
        return Finding(Evidence.NUMBER, f"same {name} {number}", paper, alike, shared)
    return Finding(Evidence.DOUBT, f"same {name}, but another title and abstract", paper, alike, shared)


def _by_text(sighting: Sighting, paper: Paper) -> Finding:
    differ = difference(sighting.title, paper.title)
    if differ is not Difference.NONE and not _plausible(sighting, paper):
        return Finding(Evidence.NOTHING, "", paper)
    alike = abstract_likeness(sighting.abstract, paper.abstract)
    found = _by_title(sighting, alike) if differ is Difference.NONE else _by_near_title(sighting, paper, differ, alike)
    evidence, reason = found
    if evidence >= Evidence.NEAR and (against := _contradiction(sighting, paper)):
        evidence, reason = Evidence.DOUBT, f"{reason}, but {against}"
    return Finding(evidence, reason, paper, alike)


def _by_title(sighting: Sighting, alike: float | None) -> tuple[Evidence, str]:
    if is_stock(sighting.title):
        if alike is None or alike < SHARED:
            return Evidence.NOTHING, "a title that many papers bear, and no abstract that agrees"
        return Evidence.TITLE, "same title, which many papers bear, and same abstract"
    if alike is not None and alike <= UNRELATED:
        return Evidence.DOUBT, "same title, but a plainly different abstract"
    return Evidence.TITLE, "same title"


def _by_near_title(sighting: Sighting, paper: Paper, differ: Difference, alike: float | None) -> tuple[Evidence, str]:
    words = _IN_WORDS[differ]
    if alike is None:
        return _by_title_alone(sighting, paper, differ)
    if alike >= _SAME_FROM.get(differ, 2.0) and not (is_stock(sighting.title) or is_stock(paper.title)):
        return Evidence.NEAR, f"{words} and {_abstract_in_words(alike)}"
    if alike >= _DOUBT_FROM.get(differ, SHARED):
        return Evidence.DOUBT, f"{words}, but {_abstract_in_words(alike)}"
    return Evidence.NOTHING, ""


def _by_title_alone(sighting: Sighting, paper: Paper, differ: Difference) -> tuple[Evidence, str]:
    if differ > Difference.LONGER or is_stock(sighting.title) or is_stock(paper.title):
        return Evidence.NOTHING, ""
    return Evidence.DOUBT, f"{_IN_WORDS[differ]}, and no abstract to compare"


def _contradiction(sighting: Sighting, paper: Paper) -> str:
    """Return what speaks against a paper that the text speaks for, in words; "" for nothing."""
    for scheme, name in _NUMBERS.items():
        if other_ids(sighting.keys, paper.keys, scheme):
            return f"another {name}"
    return "plainly different authors" if _authors_contradict(sighting, paper) else ""


_IN_WORDS = {
    Difference.SLIP: "same title but for a slip",
    Difference.LONGER: "same title with words more or less",
    Difference.PART: "same title in one part",
    Difference.REWORDED: "near title in other words",
    Difference.MARKED: "near title, told apart by a number, a name or a negation",
    Difference.OTHER: "another title",
}


def _abstract_in_words(alike: float) -> str:
    if alike == 1:
        return "the same abstract"
    return f"an abstract that is {alike:.0%} the same"


def is_stock(title: str) -> bool:
    """Return whether a title, or a part of it before or behind a colon or a dash, is one that many papers bear."""
    return any(title_key(part) in STOCK_TITLES for part in (title, *_PARTS.split(title)))


def _plausible(sighting: Sighting, paper: Paper) -> bool:
    return plausible(*_outline(sighting.title, sighting.abstract), *_outline(paper.title, paper.abstract))


@lru_cache(maxsize=64)
def _outline(title: str, abstract: str) -> tuple[str, bytes]:
    """Return what ``plausible`` compares; remembered, for a sighting is compared with several papers."""
    return title_key(title), sketch(abstract)


def _titles_agree_a_little(sighting: Sighting, paper: Paper) -> bool:
    a, b = (set(title_words(title)) for title in (sighting.title, paper.title))
    return len(a & b) >= 0.3 * len(a | b)


def _authors_contradict(sighting: Facts, paper: Facts) -> bool:
    """Return whether both name their authors and no author of the one can be an author of the other."""
    mine, theirs = sighting.authors, paper.authors
    if not mine or not theirs or any(map(_NOT_A_PERSON.search, (*mine, *theirs))):
        return False
    if any(map(names.is_cjk, mine)) != any(map(names.is_cjk, theirs)):
        return False
    by_family = defaultdict(list)
    for name in theirs:
        for family in names.keys(name):
            by_family[family].append(name)
    common = ((name, other) for name in mine for family in names.keys(name) for other in by_family[family])
    return not (set(mine) & set(theirs) or any(names.agree(*pair) or names.agree(*pair[::-1]) for pair in common))
