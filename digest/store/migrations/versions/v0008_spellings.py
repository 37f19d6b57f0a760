"""Keep subscribers' addresses in lower case too, so that two spellings of one are found to be one reader."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply."""
    comment = "the address in lower case: two spellings are one reader"
    op.add_column("subscribers", sa.Column("folded", sa.String(320), comment=comment))
    op.execute("UPDATE subscribers SET folded = lower(address)")
    op.create_index(op.f("ix_subscribers_folded"), "subscribers", ["folded"])
