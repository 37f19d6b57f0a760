"""Read this first: every table, and what a row of it means.

    documents ─< sightings >─ papers ─< keys            subscribers ─< subscriptions
                                 │ └──< editions              │ └──< digests ─< outbox
                                 └────< events                └────< ledger >─ papers

Facts that nothing is searched by live in JSON columns (``codec`` writes and reads them). Instants are UTC, days are
local dates. A migration in ``migrations/`` goes with every change here; a test proves that the two agree.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refuses naive values on the way in, gives aware UTC on the way out (SQLite would give naive ones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC; SQLite keeps it without a zone so that text order is time order."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime has no place in the store: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant as aware UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> Column[Any]:
    return Column("id", Integer, primary_key=True)


documents = Table(
    "documents",
    metadata,
    _id(),
    Column("source", String(200), nullable=False),
    Column("name", Text, nullable=False),
    Column(
        "sha256", String(64), nullable=False, index=True, comment="of the bytes; with source and name: seen before?"
    ),
    Column("format", String(40), nullable=False),
    Column("listed_on", Date),
    Column("ingested_at", UtcDateTime, nullable=False),
    Column("skipped", JSON, nullable=False, comment="[[where, reason], …]"),
    Column("warnings", JSON, nullable=False),
    comment="One listing that was ingested; the same bytes ingested again are a row of their own.",
)

papers = Table(
    "papers",
    metadata,
    _id(),
    Column("title_key", Text, nullable=False, index=True, comment="text.titlekey.title_key(title)"),
    Column("title", Text, nullable=False),
    Column("abstract", Text, nullable=False),
    Column("upvotes", Integer),
    Column("comments", Integer),
    Column("edition", Integer, nullable=False, comment="grows with any change but the two counters"),
    Column("first_seen_at", UtcDateTime, nullable=False, index=True),
    Column("facts", JSON, nullable=False, comment="everything else that is known: codec.paper_facts"),
    comment="What all sightings of one paper say together, as of now.",
)

editions = Table(
    "editions",
    metadata,
    Column("paper_id", ForeignKey("papers.id"), primary_key=True),
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("abstract", Text, nullable=False),
    Column("facts", JSON, nullable=False),
    comment="How a paper was known before its current edition, so that an old digest reads as it was composed.",
)

keys = Table(
    "keys",
    metadata,
    Column("key", String(300), primary_key=True),
    Column("paper_id", ForeignKey("papers.id"), primary_key=True, index=True),
    comment="The identifiers of a paper. Some DOIs name a whole supplement, so a key may belong to several papers.",
)

sightings = Table(
    "sightings",
    metadata,
    _id(),
    Column("document_id", ForeignKey("documents.id"), nullable=False, index=True),
    Column("paper_id", ForeignKey("papers.id"), nullable=False, index=True),
    Column("place", Text, nullable=False, comment="where in the document"),
    Column("raw_title", Text, nullable=False),
    Column("raw_abstract", Text, nullable=False),
    Column("state", String(20), nullable=False, comment="model.State"),
    Column("reason", Text, nullable=False),
    Column("like_paper_id", ForeignKey("papers.id"), comment="the paper an unsure one may be a copy of"),
    comment="One paper as one listing showed it, and what identity said of it.",
)

events = Table(
    "events",
    metadata,
    _id(),
    Column("kind", String(20), nullable=False, comment="model.EventKind"),
    Column("paper_id", ForeignKey("papers.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False),
    comment="What happened to papers. Ingesters wait for one another, so ids grow in commit order.",
    sqlite_autoincrement=True,
)

subscribers = Table(
    "subscribers",
    metadata,
    _id(),
    Column("address", String(320), nullable=False, unique=True),
    Column("channel", String(20), nullable=False, comment="model.ChannelName"),
    Column("timezone", String(64), nullable=False),
    Column("send_at", String(5), nullable=False, comment="local time of day, HH:MM"),
    Column("feed_generation", Integer, nullable=False),
    Column("suppressed", Text, nullable=False, comment="why no mail goes there any more; empty: it does"),
    Column("created_at", UtcDateTime, nullable=False),
    comment="A person's address and when their day begins.",
    sqlite_autoincrement=True,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    _id(),
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=False, index=True),
    Column("query", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("cadence", String(20), nullable=False, comment="model.Cadence, beside settings because due() asks for it"),
    Column("paused", Boolean, nullable=False),
    Column("cursor", Integer, nullable=False, comment="the last event it was compared with"),
    Column("due_at", UtcDateTime, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("subscriber_id", "query"),
    Index(None, "due_at", "subscriber_id"),
    comment="One saved query of a subscriber, how far it has read, and when it is due next.",
    sqlite_autoincrement=True,
)

digests = Table(
    "digests",
    metadata,
    _id(),
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=False),
    Column("slot", String(40), nullable=False),
    Column("day", Date, nullable=False),
    Column("composed_at", UtcDateTime, nullable=False),
    Column("body", JSON, nullable=False, comment="sections and items by paper id and edition: codec.digest_body"),
    UniqueConstraint("subscriber_id", "slot"),
    comment="What one subscriber got for one slot.",
)

ledger = Table(
    "ledger",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True),
    Column("paper_id", ForeignKey("papers.id"), primary_key=True, index=True),
    Column("digest_id", ForeignKey("digests.id"), nullable=False),
    comment="Who has been told of which paper: the promise 'never the same paper twice' is this primary key.",
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("digest_id", ForeignKey("digests.id"), nullable=False),
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("slot", String(40), nullable=False),
    Column("recipient", String(320), nullable=False),
    Column("message_id", String(200), nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("state", String(20), nullable=False, comment="model.OutboxState"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("lease_owner", String(100), nullable=False),
    Column("lease_until", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("last_error", Text, nullable=False),
    UniqueConstraint("subscriber_id", "channel", "slot"),
    Index(None, "state", "due_at"),
    comment="One message and its fate; see store/outbox.py for how it moves.",
)
