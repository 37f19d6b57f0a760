"""The listings that were ingested, and the order in which ingesters come."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, text

from digest.model import Document, Listing
from digest.store import schema

_INGEST_LOCK = 7_263_001
"""PostgreSQL's advisory lock for ingesters: with it, event ids grow in commit order (a sequence alone does not)."""


def wait_for_ingesters(connection: Connection) -> None:
    """Let nobody else change what is known of papers until this transaction ends (in SQLite that is so anyway)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _INGEST_LOCK})


def noted(connection: Connection, listing: Listing, now: datetime) -> int:
    """Write down that a listing is ingested, and return the id of its row."""
    row = connection.execute(insert(schema.documents).values(**_columns(listing, now)))
    return int(row.inserted_primary_key[0])  # type: ignore[index]


def _columns(listing: Listing, now: datetime) -> dict[str, Any]:
    return {
        "source": listing.document.source,
        "name": listing.document.name,
        "sha256": sha256(listing.document),
        "format": listing.format,
        "listed_on": listing.listed_on,
        "ingested_at": now,
        "skipped": [[skipped.where, skipped.reason] for skipped in listing.skipped],
        "warnings": list(listing.warnings),
    }


def sha256(document: Document) -> str:
    """Return by what the bytes of a document are known again."""
    return hashlib.sha256(document.body).hexdigest()
