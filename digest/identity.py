"""Who is who: a sighting and the papers it could be, to a verdict with its reason.

The order of evidence: two arXiv ids decide, for or against, whatever the text says; an equal DOI decides where the
text agrees a little (some DOIs name a whole supplement); an equal title key decides where nothing contradicts it
(another id of the same kind, plainly different abstracts or authors, a stock title); otherwise the paper is new.
An equal title with a contradiction is *unsure*: sent as new and flagged, never merged silently.

The verdict does not depend on the order of the candidates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import IntEnum
from typing import Any, TypeVar

from rapidfuzz import fuzz

from digest import ids
from digest.model import Announced, EventKind, Facts, Key, Listing, News, Paper, Sighting, State, Verdict
from digest.text.sketch import likeness
from digest.text.titlekey import title_key

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

T = TypeVar("T")
_FACTS = tuple(field.name for field in fields(Facts))
_STRONGEST = list(Announced)
_WORD = re.compile(r"\w+")
_PARTS = re.compile(r"[:–—|]| - ")
_UNRELATED = 0.03
"""Share of common three-word shingles up to which two abstracts are strangers: the most seen in unrelated pairs."""

_SHARED = 0.2
"""Estimated likeness of two abstracts from which on they are looked at whatever the titles say."""
_NEAR_KEYS = 75
"""``fuzz.ratio`` of two title keys from which on the titles may be near."""


def plausible(title_key: str, sketch: bytes, other_title_key: str, other_sketch: bytes) -> bool:
    """Return whether two papers of different ids and title keys are worth being judged.

    The cheap gate before whole papers are loaded. ``judge`` asks it too, so it never refuses what ``judge`` would call
    seen or unsure.
    """
    alike = likeness(sketch, other_sketch)
    if alike is not None and (alike <= _UNRELATED or alike >= _SHARED):
        return alike >= _SHARED
    short, long = sorted((title_key, other_title_key), key=len)
    inside = len(short) >= 10 and (long.startswith(short) or long.endswith(short))
    return inside or fuzz.ratio(short, long, score_cutoff=_NEAR_KEYS) > 0


class _Evidence(IntEnum):
    """What speaks for a candidate, weakest first."""

    NOTHING = 0
    CONTRADICTED = 1
    TITLE = 2
    DOI = 3
    ARXIV = 4


@dataclass(frozen=True, slots=True)
class _Finding:
    evidence: _Evidence
    reason: str
    paper: Paper


def judge(sighting: Sighting, candidates: Sequence[Paper]) -> Verdict:
    """Say whether ``sighting`` is another sighting of one of ``candidates``, and why."""
    findings = [_compare(sighting, paper) for paper in candidates]
    best = min(findings, key=lambda found: (-found.evidence, found.paper.id), default=None)
    if best is None or best.evidence is _Evidence.NOTHING:
        reason = best.reason if best and best.reason else "no paper with its ids or its title was seen before"
        return Verdict(state=State.NEW, reason=reason)
    if best.evidence is _Evidence.CONTRADICTED:
        return Verdict(state=State.UNSURE, reason=best.reason, paper=best.paper)
    changes = revised_fields(sighting, best.paper)
    if changes is None:
        return Verdict(state=State.SEEN, reason=best.reason, paper=best.paper)
    return Verdict(
        state=State.REVISED,
        reason=f"{best.reason}; {_change_note(changes, sighting)}",
        paper=best.paper,
        changes=changes,
    )


def revised_fields(sighting: Sighting, paper: Paper) -> tuple[str, ...] | None:
    """Return what a sighting changed of a known paper, ``None`` where it is no new version of it.

    Only a source that states versions (``vN``, "replaced") can revise; the same text in another source's spelling is
    no revision. An empty tuple is a new version whose title, abstract and comment are the same.
    """
    if sighting.withdrawn and not paper.withdrawn:
        return ("withdrawn",)
    newer = sighting.version is not None and paper.version is not None and sighting.version > paper.version
    changed = tuple(_changed_texts(sighting, paper))
    replaced = sighting.version is None and sighting.announced in {Announced.REPLACE, Announced.REPLACE_CROSS}
    return changed if newer or (replaced and changed) else None


def absorb(verdict: Verdict, sighting: Sighting, listing: Listing, now: datetime) -> Paper:
    """Return the paper as it is known after this sighting.

    New facts fill blanks; keys, categories, links and sources are united; counters are the newest; the strongest
    announce type is kept. A revision replaces the wording and counts up.
    """
    source = listing.document.source
    if verdict.paper is None or verdict.state in {State.NEW, State.UNSURE}:
        facts = {name: getattr(sighting, name) for name in _FACTS}
        looks_like = verdict.paper.id if verdict.paper else None
        return Paper(
            id=0, first_seen_at=now, listed_on=listing.listed_on, sources=(source,), looks_like=looks_like, **facts
        )
    paper = verdict.paper
    wording = {name: getattr(sighting, name) or getattr(paper, name) for name in ("title", "abstract", "comment")}
    blanks: dict[str, Any] = {name: _filled(getattr(paper, name), getattr(sighting, name)) for name in _FACTS}
    united = {name: _united(getattr(paper, name), getattr(sighting, name)) for name in ("keys", "categories", "links")}
    merged = replace(paper, **(blanks | united | (wording if verdict.state is State.REVISED else {})))
    return replace(
        merged,
        sources=_united(paper.sources, (source,)),
        upvotes=paper.upvotes if sighting.upvotes is None else sighting.upvotes,
        comments=paper.comments if sighting.comments is None else sighting.comments,
        version=max((v for v in (paper.version, sighting.version) if v is not None), default=None),
        announced=_strongest(paper.announced, sighting.announced),
        withdrawn=paper.withdrawn or sighting.withdrawn,
        revision=paper.revision + (verdict.state is State.REVISED),
    )


def news(verdict: Verdict, before: Paper | None, after: Paper) -> tuple[News, ...]:
    """Return the events a sighting gave rise to; ``before`` is the paper as it was, ``None`` for a new one."""
    if verdict.state is State.NEW:
        return (News(EventKind.NEW),)
    if verdict.state is State.UNSURE and verdict.paper is not None:
        return (News(EventKind.NEW, f"looks like “{verdict.paper.title}”"),)
    if verdict.state is State.REVISED and before is not None:
        if after.withdrawn and not before.withdrawn:
            return (News(EventKind.WITHDRAWN, "withdrawn"),)
        return (News(EventKind.REVISED, _change_note(verdict.changes, after)),)
    return ()


def _compare(sighting: Sighting, paper: Paper) -> _Finding:
    shared = set(sighting.keys) & set(paper.keys)
    arxiv = next((key for key in sorted(shared) if ids.arxiv_number(key)), None)
    if arxiv is not None:
        return _Finding(_Evidence.ARXIV, f"same arXiv id {ids.arxiv_number(arxiv)}", paper)
    if _other_ids(sighting.keys, paper.keys, "arxiv"):
        return _Finding(_Evidence.NOTHING, "an arXiv id not seen before", paper)
    same_title = title_key(sighting.title) == title_key(paper.title) != ""
    doi = next(iter(sorted(shared)), None)
    if doi is not None:
        if same_title or _texts_agree_a_little(sighting, paper):
            return _Finding(_Evidence.DOI, f"same DOI {doi.removeprefix('doi:')}", paper)
        return _Finding(_Evidence.CONTRADICTED, "same DOI, but another title and abstract", paper)
    if not same_title:
        return _Finding(_Evidence.NOTHING, "", paper)
    return _by_title(sighting, paper)


def _by_title(sighting: Sighting, paper: Paper) -> _Finding:
    likeness = abstract_likeness(sighting.abstract, paper.abstract)
    if _is_stock(sighting.title) and (likeness is None or likeness <= _UNRELATED):
        return _Finding(_Evidence.NOTHING, "a title that many papers bear, and no abstract that agrees", paper)
    if likeness is not None and likeness <= _UNRELATED:
        return _Finding(_Evidence.CONTRADICTED, "same title, but a plainly different abstract", paper)
    if _other_ids(sighting.keys, paper.keys, "doi"):
        return _Finding(_Evidence.CONTRADICTED, "same title, but another DOI", paper)
    if _authors_contradict(sighting, paper):
        return _Finding(_Evidence.CONTRADICTED, "same title, but plainly different authors", paper)
    return _Finding(_Evidence.TITLE, "same title", paper)


def _is_stock(title: str) -> bool:
    """Return whether a title, or a part of it before or behind a colon or a dash, is one that many papers bear."""
    return any(title_key(part) in STOCK_TITLES for part in (title, *_PARTS.split(title)))


def _other_ids(mine: Sequence[Key], theirs: Sequence[Key], scheme: str) -> bool:
    """Return whether both have ids of a kind, and none in common."""
    a, b = ({key for key in keys if key.startswith(scheme + ":")} for keys in (mine, theirs))
    return bool(a and b) and not a & b


def abstract_likeness(one: str, other: str) -> float | None:
    """Return the Jaccard likeness of two abstracts' three-word shingles, ``None`` where either is too short to say."""
    a, b = _shingles(one), _shingles(other)
    if min(len(a), len(b)) < 5:
        return None
    return len(a & b) / len(a | b)


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return set(zip(words, words[1:], words[2:], strict=False))


def _texts_agree_a_little(sighting: Sighting, paper: Paper) -> bool:
    likeness = abstract_likeness(sighting.abstract, paper.abstract)
    if likeness is not None:
        return likeness > _UNRELATED
    a, b = (set(_WORD.findall(title.casefold())) for title in (sighting.title, paper.title))
    return len(a & b) >= 0.3 * len(a | b)


def _authors_contradict(sighting: Sighting, paper: Paper) -> bool:
    """Return whether both name their authors and no word of a name stands in both."""
    a, b = ({title_key(word) for name in facts.authors for word in _WORD.findall(name)} for facts in (sighting, paper))
    return bool(a and b) and not {w for w in a if len(w) > 1} & b


def _changed_texts(sighting: Facts, paper: Facts) -> list[str]:
    changed = []
    if title_key(sighting.title) != title_key(paper.title):
        changed.append("title")
    if sighting.abstract and title_key(sighting.abstract) != title_key(paper.abstract):
        changed.append("abstract")
    if sighting.comment and sighting.comment != paper.comment:
        changed.append("comment")
    return changed


def _change_note(changes: tuple[str, ...], facts: Facts) -> str:
    if "withdrawn" in changes:
        return "withdrawn"
    version = f"version {facts.version}" if facts.version else "a new version"
    return f"{version}: {' and '.join(changes)} changed" if changes else f"{version}, wording unchanged"


def _filled(known: T, said: T) -> T:
    return said if known in (None, "", ()) else known


def _united(known: tuple[T, ...], said: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys((*known, *said)))


def _strongest(known: Announced | None, said: Announced | None) -> Announced | None:
    return min((a for a in (known, said) if a is not None), key=_STRONGEST.index, default=None)
