"""The first schema: papers, sightings, keys, subscribers, subscriptions, digests, ledger, outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "documents",
        sa.Column("id", BIG, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "sha256", sa.String(length=64), nullable=False, comment="of the bytes; with source and name: seen before?"
        ),
        sa.Column("format", sa.String(length=40), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=True),
        sa.Column("ingested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("skipped", sa.JSON(), nullable=False, comment="[[where, reason], …]"),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        comment="One listing that was ingested; the same bytes ingested again are a row of their own.",
    )
    op.create_index(op.f("ix_documents_sha256"), "documents", ["sha256"], unique=False)
    op.create_table(
        "papers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("title_key", sa.Text(), nullable=False, comment="text.titlekey.title_key(title), cut at 400"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("upvotes", BIG, nullable=True),
        sa.Column("comments", BIG, nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False, comment="grows with any change but the two counters"),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False, comment="everything else that is known: codec.paper_facts"),
        sa.Column("merged_into", BIG, nullable=True, comment="the paper an operator said this one is"),
        sa.ForeignKeyConstraint(["merged_into"], ["papers.id"], name=op.f("fk_papers_merged_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
        comment="What all sightings of one paper say together, as of now.",
    )
    op.create_index(op.f("ix_papers_first_seen_at"), "papers", ["first_seen_at"], unique=False)
    op.create_index(
        "ix_papers_merged_into",
        "papers",
        ["merged_into"],
        unique=False,
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index(op.f("ix_papers_title_key"), "papers", ["title_key"], unique=False)
    op.create_table(
        "subscribers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False, comment="model.ChannelName"),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("send_at", sa.String(length=5), nullable=False, comment="local time of day, HH:MM"),
        sa.Column("feed_generation", sa.Integer(), nullable=False),
        sa.Column("suppressed", sa.Text(), nullable=False, comment="why no mail goes there any more; empty: it does"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
        sa.UniqueConstraint("address", name=op.f("uq_subscribers_address")),
        comment="A person's address and when their day begins.",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "suppressions",
        sa.Column(
            "address_hash",
            sa.String(length=64),
            nullable=False,
            comment="HMAC-SHA-256 of the address, never the address",
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_suppressions")),
        comment="Addresses that asked to be forgotten: enough to never write to them again, too little to know them.",
    )
    op.create_table(
        "acts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="model.ActKind"),
        sa.Column("paper_id", BIG, nullable=False, comment="the paper that was kept"),
        sa.Column("other_id", BIG, nullable=False, comment="the one merged in or split off"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "unheard", sa.Boolean(), nullable=False, comment="a merge: somebody had not been offered the other one yet"
        ),
        sa.ForeignKeyConstraint(["other_id"], ["papers.id"], name=op.f("fk_acts_other_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_acts_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
        comment="What an operator decided against identity, and whether it was undone.",
    )
    op.create_index(op.f("ix_acts_other_id"), "acts", ["other_id"], unique=False)
    op.create_index(op.f("ix_acts_paper_id"), "acts", ["paper_id"], unique=False)
    op.create_table(
        "digests",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subscriber_id", BIG, nullable=False),
        sa.Column("slot", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("composed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "body", sa.JSON(), nullable=False, comment="sections and items by paper id and edition: codec.digest_body"
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_digests_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("subscriber_id", "slot", name=op.f("uq_digests_subscriber_id_slot")),
        comment="What one subscriber got for one slot.",
    )
    op.create_table(
        "editions",
        sa.Column("paper_id", BIG, nullable=False),
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=True, comment="null: as in the next edition"),
        sa.Column("abstract", sa.Text(), nullable=True, comment="null: as in the next edition"),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_editions_paper_id")),
        sa.PrimaryKeyConstraint("paper_id", "edition", name=op.f("pk_editions")),
        comment="How a paper was known before its current edition, so that an old digest reads as it was composed.",
    )
    op.create_table(
        "events",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="model.EventKind"),
        sa.Column("paper_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_events_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        comment="What happened to papers. Ingesters wait for one another, so ids grow in commit order.",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_events_paper_id"), "events", ["paper_id"], unique=False)
    op.create_table(
        "keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("paper_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_keys_paper_id")),
        sa.PrimaryKeyConstraint("key", "paper_id", name=op.f("pk_keys")),
        comment="The identifiers of a paper. Some DOIs name a whole supplement, so a key may belong to several papers.",
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_keys_paper_id"), "keys", ["paper_id"], unique=False)
    op.create_table(
        "sightings",
        sa.Column("id", BIG, nullable=False),
        sa.Column("document_id", BIG, nullable=False),
        sa.Column("paper_id", BIG, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False, comment="the paper's edition after this sighting"),
        sa.Column("place", sa.Text(), nullable=False, comment="where in the document"),
        sa.Column("title", sa.Text(), nullable=True, comment="null: as in that edition"),
        sa.Column("abstract", sa.Text(), nullable=True, comment="null: as in that edition"),
        sa.Column("raw_title", sa.Text(), nullable=True, comment="null: the same as the readable one"),
        sa.Column("raw_abstract", sa.Text(), nullable=True, comment="null: the same as the readable one"),
        sa.Column(
            "facts", sa.JSON(), nullable=False, comment="everything else that the listing said: codec.sighting_facts"
        ),
        sa.Column("state", sa.String(length=20), nullable=False, comment="model.State"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("like_paper_id", BIG, nullable=True, comment="the paper an unsure one may be a copy of"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_sightings_document_id")),
        sa.ForeignKeyConstraint(["like_paper_id"], ["papers.id"], name=op.f("fk_sightings_like_paper_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_sightings_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
        comment="One paper as one listing showed it, and what identity said of it.",
    )
    op.create_index(op.f("ix_sightings_document_id"), "sightings", ["document_id"], unique=False)
    op.create_index(
        "ix_sightings_unsure",
        "sightings",
        ["id", "like_paper_id"],
        unique=False,
        sqlite_where=sa.text("like_paper_id IS NOT NULL"),
        postgresql_where=sa.text("like_paper_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_sightings_paper_id"), "sightings", ["paper_id"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subscriber_id", BIG, nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column(
            "cadence",
            sa.String(length=20),
            nullable=False,
            comment="model.Cadence, beside settings because due() asks for it",
        ),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("cursor", BIG, nullable=False, comment="the last event it was compared with"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_subscriptions_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("subscriber_id", "query", name=op.f("uq_subscriptions_subscriber_id_query")),
        comment="One saved query of a subscriber, how far it has read, and when it is due next.",
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_subscriptions_due",
        "subscriptions",
        ["due_at", "subscriber_id", "paused", "cadence", "cursor"],
        unique=False,
    )
    op.create_index(op.f("ix_subscriptions_subscriber_id"), "subscriptions", ["subscriber_id"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("subscriber_id", BIG, nullable=False),
        sa.Column("paper_id", BIG, nullable=False),
        sa.Column("digest_id", BIG, nullable=False, comment="no reference: the ledger outlives old digests"),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_ledger_paper_id")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_ledger_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "paper_id", name=op.f("pk_ledger")),
        comment="Who has been told of which paper: the promise 'never the same paper twice' is this primary key.",
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_ledger_paper_id"), "ledger", ["paper_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", BIG, nullable=False),
        sa.Column("digest_id", BIG, nullable=False),
        sa.Column("subscriber_id", BIG, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("slot", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False, comment="model.OutboxState"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=100), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_outbox_digest_id")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_outbox_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("subscriber_id", "channel", "slot", name=op.f("uq_outbox_subscriber_id_channel_slot")),
        comment="One message and its fate; see store/outbox.py for how it moves.",
    )
    op.create_index(op.f("ix_outbox_digest_id"), "outbox", ["digest_id"], unique=False)
    op.create_index(op.f("ix_outbox_state_due_at"), "outbox", ["state", "due_at"], unique=False)
