"""Keep what came back from readers' addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "returned",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subscriber_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False, comment="of the mail: the same one counts once"),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="model.ReturnKind"),
        sa.Column("status", sa.String(length=20), nullable=False, comment="RFC 3463"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_returned_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned")),
        sa.UniqueConstraint("sha256", name=op.f("uq_returned_sha256")),
        comment="Bounces, complaints and requests to leave.",
    )
    op.create_index(op.f("ix_returned_subscriber_id"), "returned", ["subscriber_id"])
