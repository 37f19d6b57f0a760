"""Keep how many papers a saved query matched by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply."""
    comment = "how many new papers it matched by day: {until, counts}; null: never was due"
    op.add_column("subscriptions", sa.Column("history", sa.JSON(), comment=comment))
