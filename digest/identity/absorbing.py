"""What a sighting changes of what is known of a paper, and the news in it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from typing import Any, TypeVar

from digest.model import Announced, EventKind, Facts, Listing, News, Paper, Sighting, State, Verdict
from digest.text.titlekey import title_key

T = TypeVar("T")
_FACTS = tuple(field.name for field in fields(Facts))
_STRONGEST = list(Announced)
HOT_UPVOTES = 100
"""A known paper that passes so many upvotes is news again."""


def revised_fields(sighting: Sighting, paper: Paper) -> tuple[str, ...] | None:
    """Return what a sighting changed of a known paper, ``None`` where it is no new version of it.

    Only a source that states versions (``vN``, "replaced") can revise; the same text in another source's spelling is
    no revision. An empty tuple is a new version whose title, abstract and comment are the same.
    """
    if sighting.withdrawn and not paper.withdrawn:
        return ("withdrawn",)
    newer = sighting.version is not None and paper.version is not None and sighting.version > paper.version
    replaced = sighting.version is None and sighting.announced in {Announced.REPLACE, Announced.REPLACE_CROSS}
    if not (newer or replaced):
        return None
    changed = _changed_texts(sighting, paper)
    return changed if newer or changed else None


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
    found: list[News] = []
    if verdict.state is State.REVISED and before is not None:
        gone = after.withdrawn and not before.withdrawn
        note = "withdrawn" if gone else change_note(verdict.changes, after)
        found.append(News(EventKind.WITHDRAWN if gone else EventKind.REVISED, note))
    if before is not None and (before.upvotes or 0) < HOT_UPVOTES <= (after.upvotes or 0):
        found.append(News(EventKind.HOT, f"passed {HOT_UPVOTES} upvotes"))
    return tuple(found)


def _changed_texts(sighting: Facts, paper: Facts) -> tuple[str, ...]:
    said = {name: getattr(sighting, name) for name in ("title", "abstract", "comment")}
    changed = {name: text for name, text in said.items() if text and text != getattr(paper, name)}
    return tuple(
        name
        for name, text in changed.items()
        if name == "comment" or title_key(text) != title_key(getattr(paper, name))
    )


def change_note(changes: tuple[str, ...], facts: Facts) -> str:
    """Say in words what a new version changed."""
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
