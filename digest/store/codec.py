"""Nouns to JSON columns and back.

A digest is stored by reference: each item names its paper and the paper's edition, and carries only what belongs to
the digest itself (score, words, spans, the counters of that moment). Read back, it is equal to what was composed.
Where no stored edition equals the paper as it was composed (edition 0), the item carries the whole paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from datetime import date, datetime, time
from enum import Enum
from functools import partial
from typing import Any

from digest.model import (
    Announced,
    Cadence,
    ChannelName,
    DailyCounts,
    Digest,
    EventKind,
    Facts,
    Hit,
    Item,
    Key,
    Link,
    LinkKind,
    Order,
    Paper,
    Section,
    Settings,
    Sighting,
    Span,
    Subscriber,
    Subscription,
)

PaperAt = Mapping[tuple[int, int], Paper]
"""Papers by id and edition: as they were known when a digest was composed."""

_OWN_COLUMNS = {"title", "abstract", "upvotes", "comments"}
_FACTS = tuple(field.name for field in fields(Facts) if field.name not in _OWN_COLUMNS)
_ZERO_IS_KNOWN = {"author_count", "version", "upvotes", "comments"}


def paper_facts(paper: Paper) -> dict[str, Any]:
    """Return the JSON form of everything a paper has beside its own columns; what is unknown is left out."""
    facts = _known(paper, _FACTS) | {"sources": list(paper.sources), "revision": paper.revision}
    if paper.listed_on:
        facts["listed_on"] = paper.listed_on.isoformat()
    return facts | ({"looks_like": paper.looks_like} if paper.looks_like else {})


def read_paper(row: Mapping[str, Any]) -> Paper:
    """Return the paper of a row with id, title, abstract, upvotes, comments, first_seen_at and facts."""
    facts = dict(row["facts"])
    listed = facts.pop("listed_on", None)
    return Paper(
        id=row["id"],
        title=row["title"],
        abstract=row["abstract"],
        upvotes=row["upvotes"],
        comments=row["comments"],
        first_seen_at=row["first_seen_at"],
        listed_on=date.fromisoformat(listed) if listed else None,
        sources=tuple(facts.pop("sources", ())),
        **_read_facts(facts),
    )


def sighting_facts(sighting: Sighting) -> dict[str, Any]:
    """Return the JSON form of everything a sighting says beside its texts and its place."""
    return _known(sighting, (*_FACTS, "upvotes", "comments"))


def read_sighting(row: Mapping[str, Any], title: str, abstract: str) -> Sighting:
    """Return the sighting of a row with place, raw_title, raw_abstract and facts."""
    return Sighting(
        title=title,
        abstract=abstract,
        where=row["place"],
        raw_title=title if row["raw_title"] is None else row["raw_title"],
        raw_abstract=abstract if row["raw_abstract"] is None else row["raw_abstract"],
        **_read_facts(dict(row["facts"])),
    )


def _known(facts: Facts, names: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(facts, name) for name in names}
    return {name: _plain(value) for name, value in values.items() if value or (value == 0 and name in _ZERO_IS_KNOWN)}


def _plain(value: Any) -> Any:
    """Return a value as it reads back from JSON, so that what is stored and what is new can be compared."""
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _read_facts(facts: dict[str, Any]) -> dict[str, Any]:
    for name in ("authors", "categories"):
        facts[name] = tuple(facts.get(name, ()))
    facts["keys"] = tuple(Key(key) for key in facts.get("keys", ()))
    facts["links"] = tuple(Link(LinkKind(kind), url) for kind, url in facts.get("links", ()))
    if day := facts.get("published"):
        facts["published"] = date.fromisoformat(day)
    if announced := facts.get("announced"):
        facts["announced"] = Announced(announced)
    return facts


def settings_body(settings: Settings) -> dict[str, Any]:
    """Return the JSON form of a subscription's settings."""
    return {field.name: getattr(settings, field.name) for field in fields(Settings)}


def read_settings(body: Mapping[str, Any]) -> Settings:
    """Return settings from their JSON form; a setting that did not exist when it was written has its default."""
    given = dict(body)
    given["cadence"] = Cadence(given.get("cadence", Cadence.DAILY))
    given["order"] = Order(given.get("order", Order.RELEVANCE))
    given["weekdays"] = tuple(given.get("weekdays", ()))
    return Settings(**given)


def read_subscriber(row: Mapping[str, Any]) -> Subscriber:
    """Return the subscriber of a row of the table, or of its JSON form in a digest."""
    return Subscriber(
        id=row["id"],
        address=row["address"],
        channel=ChannelName(row["channel"]),
        timezone=row["timezone"],
        send_at=time.fromisoformat(row["send_at"]),
        feed_generation=row["feed_generation"],
        suppressed=row["suppressed"],
        created_at=_instant(row["created_at"]),
    )


def subscriber_body(subscriber: Subscriber) -> dict[str, Any]:
    """Return the columns of a subscriber, id left out."""
    return {
        "address": subscriber.address,
        "channel": subscriber.channel.value,
        "timezone": subscriber.timezone,
        "send_at": subscriber.send_at.strftime("%H:%M"),
        "feed_generation": subscriber.feed_generation,
        "suppressed": subscriber.suppressed,
    }


def read_subscription(row: Mapping[str, Any]) -> Subscription:
    """Return the subscription of a row of the table, or of its JSON form in a digest."""
    due_on = row["due_on"]
    return Subscription(
        id=row["id"],
        subscriber_id=row["subscriber_id"],
        query=row["query"],
        name=row["name"],
        settings=read_settings(row["settings"]),
        paused=row["paused"],
        cursor=row["cursor"],
        due_at=_instant(row["due_at"]),
        due_on=date.fromisoformat(due_on) if isinstance(due_on, str) else due_on,
        created_at=_instant(row["created_at"]),
        history=_read_history(row.get("history")),
    )


def history_body(history: DailyCounts | None) -> dict[str, Any] | None:
    """Return the JSON form of a subscription's history."""
    return {"until": history.until.isoformat(), "counts": history.counts} if history else None


def _read_history(body: Mapping[str, Any] | None) -> DailyCounts | None:
    return DailyCounts(date.fromisoformat(body["until"]), tuple(body["counts"])) if body else None


def subscription_body(subscription: Subscription) -> dict[str, Any]:
    """Return the columns of a subscription, id and due time left out."""
    return {
        "subscriber_id": subscription.subscriber_id,
        "query": subscription.query,
        "name": subscription.name,
        "settings": settings_body(subscription.settings),
        "cadence": subscription.settings.cadence.value,
        "paused": subscription.paused,
        "cursor": subscription.cursor,
    }


def digest_body(digest: Digest, edition_of: Callable[[Paper], int]) -> dict[str, Any]:
    """Return the JSON form of a digest; ``edition_of`` gives the edition that equals a paper, 0 for none."""

    def items(of: tuple[Item, ...]) -> list[dict[str, Any]]:
        return [_item_body(item, edition_of(item.paper)) for item in of]

    sections = [
        {
            "subscription": _snapshot(subscription_body(section.subscription), section.subscription),
            "items": items(section.items),
            "left_out": items(section.left_out),
        }
        for section in digest.sections
    ]
    return {
        "subscriber": _snapshot(subscriber_body(digest.subscriber), digest.subscriber),
        "sections": sections,
        "updates": items(digest.updates),
        "updates_left_out": items(digest.updates_left_out),
        "scanned": digest.scanned,
        "next_on": digest.next_on.isoformat() if digest.next_on else None,
        "notes": digest.notes,
    }


def read_digest(row: Mapping[str, Any], papers: PaperAt) -> Digest:
    """Return the digest of a row of the table just as it was composed."""
    body = row["body"]

    def items(of: list[dict[str, Any]]) -> tuple[Item, ...]:
        return tuple(_read_item(item, papers) for item in of)

    sections = tuple(
        Section(
            subscription=read_subscription(section["subscription"]),
            items=items(section["items"]),
            left_out=items(section["left_out"]),
        )
        for section in body["sections"]
    )
    return Digest(
        subscriber=read_subscriber(body["subscriber"]),
        slot=row["slot"],
        day=row["day"],
        composed_at=row["composed_at"],
        sections=sections,
        updates=items(body["updates"]),
        updates_left_out=items(body.get("updates_left_out", [])),
        scanned=body["scanned"],
        next_on=date.fromisoformat(body["next_on"]) if body["next_on"] else None,
        notes=tuple(body["notes"]),
    )


def papers_of(body: Mapping[str, Any]) -> set[tuple[int, int]]:
    """Return (paper id, edition) of everything a digest's JSON form refers to."""
    updates = [body["updates"], body.get("updates_left_out", [])]  # which digests made by earlier versions have not
    lists = [*updates, *(s[part] for s in body["sections"] for part in ("items", "left_out"))]
    return {(item["paper"], item["edition"]) for of in lists for item in of if item["edition"]}


def _snapshot(columns: dict[str, Any], of: Subscriber | Subscription) -> dict[str, Any]:
    columns |= {"id": of.id, "created_at": of.created_at.isoformat()}
    if isinstance(of, Subscription):
        columns |= {"due_at": of.due_at.isoformat(), "due_on": of.due_on.isoformat()}
        columns |= {"history": history_body(of.history)} if of.history else {}
    return columns


def _item_body(item: Item, edition: int) -> dict[str, Any]:
    return ({} if edition else {"as_composed": _whole(item.paper)}) | {
        "paper": item.paper.id,
        "edition": edition,
        "kind": item.kind.value,
        "score": item.hit.score,
        "terms": item.hit.terms,
        "spans": item.hit.spans,
        "also_in": item.also_in,
        "note": item.note,
        "counters": [item.paper.upvotes, item.paper.comments],
    }


def _whole(paper: Paper) -> dict[str, Any]:
    return {
        "id": paper.id,
        "title": paper.title,
        "abstract": paper.abstract,
        "first_seen_at": paper.first_seen_at.isoformat(),
        "facts": paper_facts(paper),
    }


def _item_paper(body: Mapping[str, Any], papers: PaperAt) -> Paper:
    upvotes, comments = body["counters"]
    if body["edition"]:
        paper = papers[body["paper"], body["edition"]]
        if (paper.upvotes, paper.comments) == (upvotes, comments):
            return paper
        return replace(paper, upvotes=upvotes, comments=comments)
    whole = body["as_composed"]
    counted = {"upvotes": upvotes, "comments": comments, "first_seen_at": _instant(whole["first_seen_at"])}
    return read_paper(whole | counted)


_KINDS = {kind.value: kind for kind in EventKind}
_span = partial(tuple.__new__, Span)
"""As ``Span._make``, but without a step of Python: a digest has hundreds of spans."""


def _read_item(body: Mapping[str, Any], papers: PaperAt) -> Item:
    return Item(
        paper=_item_paper(body, papers),
        kind=_KINDS[body["kind"]],
        hit=Hit(score=body["score"], terms=tuple(body["terms"]), spans=tuple(map(_span, body["spans"]))),
        also_in=tuple(body["also_in"]),
        note=body["note"],
    )


def _instant(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
