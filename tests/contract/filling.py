"""Listings to fill stores with, and all that a store then knows of papers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from random import Random
from typing import Any

from sqlalchemy import select

from digest.model import Announced, Document, Key, Listing, Sighting
from digest.pipeline.filling import Filled, Prepare, fill
from digest.pipeline.ingest import Refused, ingest_listing
from digest.ports import Prepared
from digest.store import SqlStore, schema
from digest.store.drafts import drafts_of
from tests.contract.making import NOW

OF_PAPERS = {"paper_id", "other_id", "like_paper_id", "merged_into"}
ACCOUNT = (
    schema.papers, schema.editions, schema.keys, schema.neighbours, schema.outlines, schema.sightings, schema.acts,
    schema.events,
)  # fmt: skip
WORDS = [
    "slow",
    "rivers",
    "carry",
    "learned",
    "clocks",
    "through",
    "narrow",
    "gates",
    "while",
    "deep",
    "waters",
    "keep",
    "their",
    "own",
    "pace",
]


def listings(seed: int, *, count: int = 6, sightings: int = 25) -> list[Listing]:
    """Return listings in which papers come again: retitled, revised, with other ids, with none."""
    random = Random(seed)
    works = [(" ".join(random.sample(WORDS, 6)).capitalize(), " ".join(random.choices(WORDS, k=60))) for _ in range(30)]
    return [
        Listing(
            document=Document(source="files", name=f"part{part}", body=f"{seed} {part}".encode()),
            format="hf-json",
            listed_on=date(2026, 11, 20),
            sightings=tuple(_sighting(random, works, f"row {row}") for row in range(sightings)),
        )
        for part in range(count)
    ]


def _sighting(random: Random, works: list[tuple[str, str]], where: str) -> Sighting:
    number = random.randrange(len(works))
    title, abstract = works[number]
    luck = random.random()
    if luck < 0.2:
        title = f"{title}: the long way"
    elif luck < 0.3:
        abstract = f"{abstract} Code is there."
    keys = [Key(f"arxiv:2611.{number:05d}")] * (random.random() < 0.7) + [Key(f"doi:10.1/{number // 2}")] * (luck > 0.8)
    return Sighting(
        title="" if luck > 0.98 else title,
        abstract=abstract,
        where=where,
        keys=tuple(keys),
        version=random.choice([None, 1, 2]),
        announced=random.choice([None, Announced.NEW, Announced.REPLACE]),
        upvotes=random.choice([None, 3]),
    )


def ingested(given: Iterable[Listing]) -> dict[str, list[str]]:
    """Return the account of a store that ingested these listings one after another: what a fill has to come to."""
    with SqlStore.open("sqlite://") as store:
        for one in given:
            ingest_listing(one, store.papers, NOW)
        return account(store)


def account(store: SqlStore) -> dict[str, list[str]]:
    """Return all that is known of papers; their ids by rank, as a database may leave numbers out."""
    with store.engine.connect() as connection:
        rank = {number: n for n, number in enumerate(connection.scalars(select(schema.papers.c.id).order_by("id")), 1)}
        found = {table.name: connection.execute(table.select()).mappings().all() for table in ACCOUNT}

    def plain(table: str, row: Any) -> str:
        own = OF_PAPERS | ({"id"} if table == "papers" else set())
        value: dict[str, Any] = {name: rank[held] if name in own and held else held for name, held in row.items()}
        if like := (value.get("facts") or {}).get("looks_like"):
            value["facts"] = value["facts"] | {"looks_like": rank[like]}
        if table != "papers":
            value.pop("id", None)
        return repr(sorted(value.items(), key=lambda pair: pair[0]))

    return {name: sorted(plain(name, row) for row in rows) for name, rows in found.items()}


def filled(store: SqlStore, given: Iterable[Listing], together: int) -> list[Filled | Refused]:
    """Fill a store with listings, so many sightings in a transaction."""
    held = list(given)
    source = Given([one.document for one in held])
    return list(fill([source], store.papers, prepare=prepare_from(held), now=NOW, together=together))


def prepare_from(given: Iterable[Listing]) -> Prepare:
    """Return what prepares documents by their names: listings at hand."""
    by_name = {listing.document.name: listing for listing in given}

    def prepare(documents: Iterable[Document], now: datetime) -> Iterator[tuple[Document, Prepared | str]]:
        for document in documents:
            listing = by_name[document.name]
            yield document, Prepared(replace(listing, sightings=()), drafts_of(listing, now))

    return prepare


class Given:
    """``ports.Source`` of documents at hand."""

    name = "files"

    def __init__(self, documents: list[Document]) -> None:
        self._documents = documents

    def documents(self, now: object) -> Iterator[Document]:
        """Yield them."""
        yield from self._documents

    def done(self, document: Document) -> None:
        """Do nothing."""

    def refused(self, item: object, reason: str) -> None:
        """Do nothing."""
