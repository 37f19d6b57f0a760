"""Read this first: every table, and what a row of it means.

    documents ─< sightings >─ papers ─< keys            subscribers ─< subscriptions
        outlines, neighbours ─┤  │ └──< editions              │ └──< digests ─< outbox ─< attempts
              papers.merged_into └────< events                └────< ledger >─ papers
                              └──< acts                 suppressions

Facts that nothing is searched by live in JSON columns (``codec`` writes and reads them). Instants are UTC, days are
local dates. A migration in ``migrations/`` goes with every change here; a test proves that the two agree.

A paper that was merged into another keeps its row, keys and sightings and points to the other one: whoever
was told of the one was told of both, and taking the pointer away undoes it. Ids of papers are resolved where they
leave the store (``curation.canonical``), so nobody outside meets a merged one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
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


class SafeText(TypeDecorator[str]):
    """Text from the outside world: what a database cannot hold (NUL, half a surrogate pair) becomes U+FFFD.

    PostgreSQL refuses NUL in text, and neither database takes a lone surrogate; one such character in a listing's
    raw text must not cost the listing.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text as every database can hold it."""
        del dialect
        return None if value is None else safe(value)


def safe(text: str) -> str:
    """Return a text as every database can hold it."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def folded(address: str) -> str:
    """Return an address as it is compared with others.

    RFC 5321 (section 2.4) lets a host tell ``Ada`` from ``ada``, and hardly one does; people type either. Mail goes to
    the spelling they gave first.
    """
    return address.lower()


BIG = BigInteger().with_variant(Integer, "sqlite")
"""64 bits in both databases (SQLite's own integers are)."""


def _id() -> Column[Any]:
    return Column("id", BIG, primary_key=True)


documents = Table(
    "documents",
    metadata,
    _id(),
    Column("source", SafeText, nullable=False),
    Column("name", SafeText, nullable=False),
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
    Column("title_key", Text, nullable=False, comment="text.titlekey.title_key(title), cut at 400"),
    Column("title", SafeText, nullable=False),
    Column("abstract", SafeText, nullable=False),
    Column("upvotes", BIG),
    Column("comments", BIG),
    Column("edition", Integer, nullable=False, comment="grows with any change but the two counters"),
    Column("first_seen_at", UtcDateTime, nullable=False, index=True),
    Column("facts", JSON, nullable=False, comment="everything else that is known: codec.paper_facts"),
    Column("merged_into", ForeignKey("papers.id"), comment="the paper an operator said this one is"),
    Index(
        "ix_papers_merged_into",
        "merged_into",
        sqlite_where=text("merged_into IS NOT NULL"),
        postgresql_where=text("merged_into IS NOT NULL"),
    ),
    comment="What all sightings of one paper say together, as of now.",
)

editions = Table(
    "editions",
    metadata,
    Column("paper_id", ForeignKey("papers.id"), primary_key=True),
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("title", SafeText, comment="null: as in the next edition"),
    Column("abstract", SafeText, comment="null: as in the next edition"),
    Column("facts", JSON, nullable=False),
    comment="How a paper was known before its current edition, so that an old digest reads as it was composed.",
)

keys = Table(
    "keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("paper_id", ForeignKey("papers.id"), primary_key=True),
    comment="The identifiers of a paper. Some DOIs name a whole supplement, so a key may belong to several papers.",
    sqlite_with_rowid=False,
)

neighbours = Table(
    "neighbours",
    metadata,
    Column("place", BIG, primary_key=True, autoincrement=False, comment="which end, and its letters, in 64 bits"),
    Column("paper_id", BIG, primary_key=True, autoincrement=False, comment="no reference: papers are never removed"),
    comment="Papers by the ends of their titles and abstracts, and by their title keys; see store/neighbours.py.",
    sqlite_with_rowid=False,
)

outlines = Table(
    "outlines",
    metadata,
    Column("paper_id", ForeignKey("papers.id"), primary_key=True, autoincrement=False),
    Column("sketch", LargeBinary, nullable=False, comment="text.sketch.brief of the abstract's"),
    comment="As much of a paper as tells whether it is worth being compared.",
)

sightings = Table(
    "sightings",
    metadata,
    _id(),
    Column("document_id", ForeignKey("documents.id"), nullable=False, index=True),
    Column("paper_id", ForeignKey("papers.id"), nullable=False, index=True),
    Column("edition", Integer, nullable=False, comment="the paper's edition after this sighting"),
    Column("place", SafeText, nullable=False, comment="where in the document"),
    Column("title", SafeText, comment="null: as in that edition"),
    Column("abstract", SafeText, comment="null: as in that edition"),
    Column("raw_title", SafeText, comment="null: the same as the readable one"),
    Column("raw_abstract", SafeText, comment="null: the same as the readable one"),
    Column("facts", JSON, nullable=False, comment="everything else that the listing said: codec.sighting_facts"),
    Column("state", String(20), nullable=False, comment="model.State"),
    Column("reason", SafeText, nullable=False),
    Column("like_paper_id", ForeignKey("papers.id"), comment="the paper an unsure one may be a copy of"),
    Index(
        "ix_sightings_unsure",
        "id",
        "like_paper_id",
        sqlite_where=text("like_paper_id IS NOT NULL"),
        postgresql_where=text("like_paper_id IS NOT NULL"),
    ),
    comment="One paper as one listing showed it, and what identity said of it.",
)

acts = Table(
    "acts",
    metadata,
    _id(),
    Column("kind", String(20), nullable=False, comment="model.ActKind"),
    Column("paper_id", ForeignKey("papers.id"), nullable=False, index=True, comment="the paper that was kept"),
    Column("other_id", ForeignKey("papers.id"), nullable=False, index=True, comment="the one merged in or split off"),
    Column("at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
    Column("unheard", Boolean, nullable=False, comment="a merge: somebody had not been offered the other one yet"),
    comment="What an operator decided against identity, and whether it was undone.",
)

events = Table(
    "events",
    metadata,
    _id(),
    Column("kind", String(20), nullable=False, comment="model.EventKind"),
    Column("paper_id", ForeignKey("papers.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("note", SafeText, nullable=False),
    comment="What happened to papers. Ingesters wait for one another, so ids grow in commit order.",
    sqlite_autoincrement=True,
)

subscribers = Table(
    "subscribers",
    metadata,
    _id(),
    Column("address", String(320), nullable=False, unique=True),
    Column(
        "folded",
        String(320),
        index=True,
        default=lambda context: folded(context.get_current_parameters()["address"]),
        comment="the address in lower case: two spellings are one reader",
    ),
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
    Column("query", SafeText, nullable=False),
    Column("name", SafeText, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("cadence", String(20), nullable=False, comment="model.Cadence, beside settings because due() asks for it"),
    Column("paused", Boolean, nullable=False),
    Column("cursor", BIG, nullable=False, comment="the last event it was compared with"),
    Column("due_at", UtcDateTime, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("history", JSON, comment="how many new papers it matched by day: {until, counts}; null: never was due"),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("subscriber_id", "query"),
    Index("ix_subscriptions_due", "due_at", "subscriber_id", "paused", "cadence", "cursor"),
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
    Column("digest_id", BIG, nullable=False, comment="no reference: the ledger outlives old digests"),
    comment="Who has been told of which paper: the promise 'never the same paper twice' is this primary key.",
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("digest_id", ForeignKey("digests.id"), nullable=False, index=True),
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
    Column("claimed_at", UtcDateTime, comment="when the newest try began"),
    Column("handed_at", UtcDateTime, comment="when the newest try's body began to leave; null: it has not"),
    Column("sent_at", UtcDateTime),
    Column("last_error", SafeText, nullable=False),
    Column("doubts", Integer, nullable=False, server_default="0", comment="how often it may have left, unanswered"),
    UniqueConstraint("subscriber_id", "channel", "slot"),
    Index(None, "state", "due_at"),
    comment="One message and its fate; see store/outbox.py for how it moves.",
)

attempts = Table(
    "attempts",
    metadata,
    _id(),
    Column("outbox_id", ForeignKey("outbox.id"), nullable=False, index=True),
    Column("n", Integer, nullable=False, comment="the claim it belongs to: outbox.fence then"),
    Column("by", String(100), nullable=False, comment="the worker, or evidence, operator, clock, subscriber"),
    Column("channel", String(20), nullable=False),
    Column("relay", String(300), nullable=False, comment="the server that was asked; empty: none was"),
    Column("started_at", UtcDateTime),
    Column("handed_at", UtcDateTime, comment="null: nothing of the body left"),
    Column("settled_at", UtcDateTime, nullable=False),
    Column("outcome", String(20), nullable=False, comment="model.OutboxState after it"),
    Column("reply", SafeText, nullable=False),
    Column("charged", Boolean, nullable=False, comment="counted as one of the message's own tries"),
    Column("doubt", Boolean, nullable=False, comment="it may have arrived: no answer came"),
    Column("suspect", Boolean, nullable=False, comment="a refusal that, heard again after days, is the address's"),
    comment="The history of each message, written once and never changed, with the change of state it tells of.",
)

sources = Table(
    "sources",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("checked_at", UtcDateTime),
    Column("succeeded_at", UtcDateTime),
    Column("gave", SafeText, nullable=False, comment="what it last gave, in words"),
    Column("error", SafeText, nullable=False, comment="why the last attempt failed; empty: it did not"),
    Column("failures", Integer, nullable=False, comment="in a row"),
    Column("next_at", UtcDateTime, comment="not asked again before"),
    Column("memory", JSON, nullable=False, comment="the source's own: validators, the last whole day"),
    comment="How each source fared, between two looks at it.",
)

returned = Table(
    "returned",
    metadata,
    _id(),
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("sha256", String(64), nullable=False, unique=True, comment="of the mail: the same one counts once"),
    Column("kind", String(20), nullable=False, comment="model.ReturnKind"),
    Column("status", String(20), nullable=False, comment="RFC 3463"),
    Column("reason", SafeText, nullable=False),
    comment="Bounces, complaints and requests to leave.",
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", String(64), primary_key=True, comment="HMAC-SHA-256 of the address, never the address"),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    comment="Addresses that asked to be forgotten: enough to never write to them again, too little to know them.",
)
