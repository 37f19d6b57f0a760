"""Stored sightings, and papers put together from them again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from digest import identity
from digest.model import Document, Listing, Paper, Sighting, SightingRecord, State, Verdict
from digest.store import codec, schema
from digest.store.editions import papers_at
from digest.store.engine import rows


@dataclass(frozen=True, slots=True)
class Stored:
    """A sighting as the listing showed it, the listing it stood in (without its bytes), and its record."""

    sighting: Sighting
    listing: Listing
    record: SightingRecord


def sightings_of(connection: Connection, paper_ids: Collection[int]) -> list[Stored]:
    """Return all sightings of papers, in the order in which they were seen."""
    table, documents = schema.sightings, schema.documents
    query = (
        select(table, documents.c.source, documents.c.name, documents.c.format, documents.c.listed_on)
        .add_columns(documents.c.ingested_at)
        .join(documents, documents.c.id == table.c.document_id)
        .where(table.c.paper_id.in_(paper_ids))
        .order_by(table.c.id)
    )
    found = rows(connection, query)
    texts = papers_at(connection, {(row["paper_id"], row["edition"]) for row in found})
    return [_stored(row, texts[row["paper_id"], row["edition"]]) for row in found]


def put_together(stored: Sequence[Stored]) -> Paper:
    """Return the paper that sightings make when they are judged to be of one paper from the start (id 0)."""
    first = stored[0]
    verdict = Verdict(state=State.NEW, reason=first.record.reason)
    paper = identity.absorb(verdict, first.sighting, first.listing, first.record.seen_at)
    for seen in stored[1:]:
        verdict = identity.judge(seen.sighting, [paper])
        state = State.REVISED if verdict.state is State.REVISED else State.SEEN
        verdict = replace(verdict, state=state, paper=paper)
        paper = identity.absorb(verdict, seen.sighting, seen.listing, seen.record.seen_at)
    return replace(paper, looks_like=first.record.looks_like)


def _stored(row: Mapping[str, Any], paper: Paper) -> Stored:
    title = paper.title if row["title"] is None else row["title"]
    abstract = paper.abstract if row["abstract"] is None else row["abstract"]
    document = Document(source=row["source"], name=row["name"], body=b"")
    record = SightingRecord(
        id=row["id"],
        paper_id=row["paper_id"],
        source=row["source"],
        document=row["name"],
        where=row["place"],
        listed_on=row["listed_on"],
        seen_at=row["ingested_at"],
        title=title,
        state=State(row["state"]),
        reason=row["reason"],
        looks_like=row["like_paper_id"],
    )
    return Stored(
        sighting=codec.read_sighting(row, title, abstract),
        listing=Listing(document=document, format=row["format"], listed_on=row["listed_on"]),
        record=record,
    )
