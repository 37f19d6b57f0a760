"""A sighting as it will stand in the tables if nobody has seen its paper: all of a fill that asks nothing of a store.

Drafts are made by other processes than the one that writes, so they are tuples of what the drivers of both databases
take as it is. A sighting whose paper may be known is read back from its draft and judged.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

from digest import identity
from digest.model import Listing, Sighting
from digest.store import codec
from digest.store.neighbours import Outline, outline_of
from digest.store.rows import indexed_key, paper_columns, sighting_columns
from digest.store.schema import safe
from digest.text.titlekey import title_key

PAPER = ("title", "abstract", "upvotes", "comments", "facts")
"""The columns of a new paper that are its own, beside its title key."""

SIGHTING = ("place", "title", "abstract", "raw_title", "raw_abstract", "facts", "state", "reason", "like_paper_id")
"""The columns of a sighting that are its own."""


class Draft(NamedTuple):
    """The outline and the ids of a new paper, as they are indexed, and its row and its sighting's (see above)."""

    outline: Outline
    keys: tuple[str, ...]
    paper: tuple[Any, ...]
    sighting: tuple[Any, ...]
    events: tuple[tuple[str, str], ...]
    """Kind and note."""


def drafts_of(listing: Listing, now: datetime) -> tuple[Draft, ...]:
    """Return the draft of every sighting of a listing, as identity judges it while it knows no paper."""
    return tuple(_draft(sighting, listing, now) for sighting in listing.sightings)


def sighting_of(draft: Draft) -> Sighting:
    """Return the sighting that a draft was made of; its raw texts, where there were none, are the readable ones."""
    title, abstract, *_ = draft.paper
    row = dict(zip(SIGHTING, draft.sighting, strict=True))
    return codec.read_sighting(row | {"facts": json.loads(row["facts"])}, title, abstract)


def _draft(sighting: Sighting, listing: Listing, now: datetime) -> Draft:
    verdict = identity.judge(sighting, ())
    paper = identity.absorb(verdict, sighting, listing, now)
    outline = outline_of(indexed_key(title_key(sighting.title)), paper.abstract, paper.keys)
    columns, shown = paper_columns(paper, outline.title_key), sighting_columns(sighting, verdict, paper)
    return Draft(
        outline,
        tuple(dict.fromkeys(map(indexed_key, paper.keys))),
        tuple(_plain(columns[name]) for name in PAPER),
        tuple(_plain(shown[name]) for name in SIGHTING),
        tuple((kind.value, note) for kind, note in identity.news(verdict, None, paper)),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return safe(value)
    return json.dumps(value) if isinstance(value, dict) else value
