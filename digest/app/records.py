"""The stable JSON shapes of the command line, one flat object for each thing; unknown is null."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from digest.model import (
    Act,
    Attempt,
    Facts,
    History,
    Hit,
    Listing,
    OutboxRow,
    Paper,
    Quiet,
    Skipped,
    Subscriber,
    Subscription,
    UnsurePair,
)
from digest.pipeline.compose import ComposedFor
from digest.pipeline.ingest import Judged, Outcome, Refused

Record = dict[str, Any]


def line(record: Record) -> str:
    """Return a record as one line of JSON, Unicode as it is."""
    return json.dumps(record, ensure_ascii=False) + "\n"


def listing(value: Listing) -> Record:
    """Return ``{"kind":"listing", …}``: a document as a whole."""
    return {
        "kind": "listing",
        "file": value.document.name,
        "format": value.format,
        "listed_on": value.listed_on and value.listed_on.isoformat(),
        "papers": len(value.sightings),
        "skipped": len(value.skipped),
        "warnings": list(value.warnings),
    }


def paper(value: Facts) -> Record:
    """Return ``{"kind":"paper", …}``: what a listing says of one paper."""
    return {
        "kind": "paper",
        "title": value.title,
        "abstract": value.abstract,
        "authors": list(value.authors),
        "author_count": value.author_count,
        "published": value.published and value.published.isoformat(),
        "upvotes": value.upvotes,
        "comments": value.comments,
        "keys": list(value.keys),
        "url": value.url,
        "categories": list(value.categories),
        "announced": value.announced and value.announced.value,
    }


def skipped(value: Skipped) -> Record:
    """Return ``{"kind":"skipped", …}``: one thing that was not understood."""
    return {"kind": "skipped", "where": value.where, "reason": value.reason}


def parsed(value: Listing) -> Iterator[Record]:
    """Yield a listing, its papers and what was skipped."""
    yield listing(value)
    yield from map(paper, value.sightings)
    yield from map(skipped, value.skipped)


def judged(value: Judged) -> Record:
    """Return a paper with the state and the reason that identity gave it."""
    return paper(value.sighting) | {"state": value.verdict.state.value, "reason": value.verdict.reason}


def refused(value: Refused) -> Record:
    """Return ``{"kind":"error", …}``: a source or a document that gave nothing."""
    return {"kind": "error", "source": value.source, "where": value.name, "reason": value.error}


def quiet(value: Quiet) -> Record:
    """Return ``{"kind":"quiet", …}``: a source that rightly had nothing to give."""
    return {"kind": "quiet", "where": value.where, "reason": value.reason}


def ingested(value: Outcome) -> Iterator[Record]:
    """Yield what became of one document."""
    if isinstance(value, Refused):
        yield refused(value)
        return
    if isinstance(value, Quiet):
        yield quiet(value)
        return
    yield listing(value.listing)
    yield from map(judged, value.judged)
    yield from map(skipped, value.listing.skipped)


def hit(of: Paper, value: Hit) -> Record:
    """Return ``{"kind":"hit", …}``: a paper a query matched; spans are code points in the shown text."""
    return {
        "kind": "hit",
        "title": of.title,
        "keys": list(of.keys),
        "score": round(value.score, 6),
        "terms": list(value.terms),
        "spans": [{"field": span.field, "start": span.start, "end": span.end} for span in value.spans],
    }


def subscription(owner: Subscriber, value: Subscription) -> Record:
    """Return ``{"kind":"subscription", …}``: a saved query with its settings."""
    settings = value.settings
    return {
        "kind": "subscription",
        "id": value.id,
        "address": owner.address,
        "query": value.query,
        "name": value.name,
        "paused": value.paused,
        "next_digest": value.due_at.isoformat(),
        "next_on": value.due_on.isoformat(),
        "channel": owner.channel.value,
        "timezone": owner.timezone,
        "send_at": owner.send_at.isoformat("minutes"),
        "cadence": settings.cadence.value,
        "weekdays": list(settings.weekdays),
        "max_papers": settings.max_papers,
        "min_score": settings.min_score,
        "order": settings.order.value,
        "empty_digest": settings.empty_digest,
        "events": settings.events,
    }


def composed(value: ComposedFor) -> Record:
    """Return ``{"kind":"digest", …}``: what one due subscriber gets, or why they get nothing."""
    digest = value.digest
    return {
        "kind": "digest",
        "address": value.due.subscriber.address,
        "slot": digest and digest.slot,
        "papers": len(digest.items) if digest else 0,
        "left_out": sum(len(section.left_out) for section in digest.sections) if digest else 0,
        "scanned": digest.scanned if digest else None,
        "reason": value.reason,
        "failed": value.failed,
    }


def act(value: Act) -> Record:
    """Return ``{"kind":"act", …}``: what was decided about two papers (merge, split, apart, join), and if undone."""
    return {
        "kind": "act",
        "id": value.id,
        "act": value.kind.value,
        "paper": value.paper,
        "other": value.other,
        "at": value.at.isoformat(),
        "undone_at": value.undone_at and value.undone_at.isoformat(),
    }


def unsure_pair(value: UnsurePair) -> Record:
    """Return ``{"kind":"unsure", …}``: two papers that may be one."""
    return {
        "kind": "unsure",
        "paper": value.paper.id,
        "title": value.paper.title,
        "looks_like": value.looks_like.id,
        "looks_like_title": value.looks_like.title,
        "reason": value.reason,
    }


def history(value: History) -> Iterator[Record]:
    """Yield a paper as it is now, its sightings in order of time, and what was decided about it."""
    yield paper(value.paper) | {"id": value.paper.id, "merged": list(value.merged)}
    for seen in value.sightings:
        yield {
            "kind": "sighting",
            "id": seen.id,
            "paper": seen.paper_id,
            "source": seen.source,
            "document": seen.document,
            "where": seen.where,
            "listed_on": seen.listed_on and seen.listed_on.isoformat(),
            "seen_at": seen.seen_at.isoformat(),
            "title": seen.title,
            "state": seen.state.value,
            "reason": seen.reason,
            "looks_like": seen.looks_like,
        }
    yield from map(act, value.acts)


def message(value: OutboxRow) -> Record:
    """Return ``{"kind":"message", …}``: a message in the outbox and its fate."""
    return {
        "kind": "message",
        "id": value.id,
        "address": value.recipient,
        "channel": value.channel.value,
        "slot": value.slot,
        "state": value.state.value,
        "tries": value.tries,
        "due_at": value.due_at.isoformat(),
        "sent_at": value.sent_at and value.sent_at.isoformat(),
        "last_error": value.last_error,
        "in_doubt": value.doubts,
        "message_id": value.message_id,
    }


def attempt(value: Attempt) -> Record:
    """Return ``{"kind":"attempt", …}``: one line of a message's history."""
    return {
        "kind": "attempt",
        "n": value.n,
        "by": value.by,
        "channel": value.channel.value,
        "relay": value.relay,
        "started_at": value.started_at and value.started_at.isoformat(),
        "handed_at": value.handed_at and value.handed_at.isoformat(),
        "settled_at": value.settled_at.isoformat(),
        "outcome": value.outcome.value,
        "reply": value.reply,
        "charged": value.charged,
        "doubt": value.doubt,
    }
