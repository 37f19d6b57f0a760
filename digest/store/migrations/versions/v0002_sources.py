"""Keep how each source fared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sources",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gave", sa.Text(), nullable=False, comment="what it last gave, in words"),
        sa.Column("error", sa.Text(), nullable=False, comment="why the last attempt failed; empty: it did not"),
        sa.Column("failures", sa.Integer(), nullable=False, comment="in a row"),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True, comment="not asked again before"),
        sa.Column("memory", sa.JSON(), nullable=False, comment="the source's own: validators, the last whole day"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sources")),
        comment="How each source fared, between two looks at it.",
    )
