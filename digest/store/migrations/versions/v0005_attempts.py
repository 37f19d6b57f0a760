"""Keep the whole history of each message, and count its doubts instead of reading them out of words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_DOUBT = "the connection or the worker died while the message left%"
"""How the newest reply began until now where a message may have left unanswered."""


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "outbox",
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True, comment="when the newest try began"),
    )
    op.add_column(
        "outbox",
        sa.Column(
            "handed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the newest try's body began to leave; null: it has not",
        ),
    )
    often = "how often it may have left, unanswered"
    op.add_column("outbox", sa.Column("doubts", sa.Integer(), nullable=False, server_default="0", comment=often))
    op.execute(sa.text("UPDATE outbox SET doubts = 1 WHERE last_error LIKE :doubt").bindparams(doubt=_DOUBT))
    op.create_table(
        "attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "outbox_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("outbox.id", name=op.f("fk_attempts_outbox_id")),
            nullable=False,
        ),
        sa.Column("n", sa.Integer(), nullable=False, comment="the claim it belongs to: outbox.fence then"),
        sa.Column("by", sa.String(100), nullable=False, comment="the worker, or evidence, operator, clock, subscriber"),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("relay", sa.String(300), nullable=False, comment="the server that was asked; empty: none was"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True, comment="null: nothing of the body left"),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False, comment="model.OutboxState after it"),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("charged", sa.Boolean(), nullable=False, comment="counted as one of the message's own tries"),
        sa.Column("doubt", sa.Boolean(), nullable=False, comment="it may have arrived: no answer came"),
        sa.Column(
            "suspect", sa.Boolean(), nullable=False, comment="a refusal that, heard again after days, is the address's"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        comment="The history of each message, written once and never changed, with the change of state it tells of.",
    )
    op.create_index(op.f("ix_attempts_outbox_id"), "attempts", ["outbox_id"])
