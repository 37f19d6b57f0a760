"""Keep the places of papers as integers and half of each sketch, and find titles by their place too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from digest.store.neighbours import place_of_end, title_place
from digest.text.sketch import brief

revision = "0007"
down_revision = "0006"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT_ONCE = 20_000


def upgrade() -> None:
    """Apply: what stood in the old tables stands in the new ones, older wordings too."""
    bind = op.get_bind()
    rows = (_count(bind, name) for name in ("neighbours", "papers", "outlines"))
    steps = context.config.attributes["progress"]("places of papers", sum(rows))
    bind.execute(sa.text("CREATE TEMPORARY TABLE standing (place BIGINT NOT NULL, paper_id BIGINT NOT NULL)"))
    stand = sa.text("INSERT INTO standing (place, paper_id) VALUES (:place, :paper_id)")
    for query, place in ((_ENDS, _end), (_TITLES, _title)):
        for some in _parts(bind, query):
            stood = [{"place": at, "paper_id": row[-1]} for row in some if (at := place(row)) is not None]
            if stood:
                bind.execute(stand, stood)
            steps(len(some))
    op.drop_index("ix_papers_title_key", table_name="papers")
    op.drop_index("ix_keys_paper_id", table_name="keys")
    op.drop_table("neighbours")
    _make_neighbours()
    # in their order, so that the table's pages are full
    bind.execute(sa.text("INSERT INTO neighbours SELECT DISTINCT place, paper_id FROM standing ORDER BY 1, 2"))
    bind.execute(sa.text("DROP TABLE standing"))
    op.rename_table("outlines", "old_outlines")
    if bind.dialect.name == "postgresql":
        op.execute("ALTER INDEX pk_outlines RENAME TO pk_old_outlines")
    outlines = _make_outlines()
    for some in _parts(bind, _SKETCHES):
        kept = [{"paper_id": paper_id, "sketch": brief(bytes(sketch))} for sketch, paper_id in some]
        bind.execute(sa.insert(outlines), kept)
        steps(len(some))
    op.drop_table("old_outlines")


_ENDS = "SELECT ring, key, paper_id FROM neighbours"
_TITLES = "SELECT title_key, id FROM papers"
_SKETCHES = "SELECT sketch, paper_id FROM old_outlines ORDER BY paper_id"


def _end(row: Sequence[Any]) -> int | None:
    ring, end, _ = row
    return place_of_end(ring, end)


def _title(row: Sequence[Any]) -> int | None:
    title_key, _ = row
    return title_place(title_key) if title_key else None


def _parts(bind: sa.Connection, query: str) -> Iterator[Sequence[Any]]:
    return bind.execute(sa.text(query), execution_options={"yield_per": AT_ONCE}).partitions(AT_ONCE)


def _count(bind: sa.Connection, name: str) -> int:
    return bind.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0


def _make_neighbours() -> None:
    op.create_table(
        "neighbours",
        sa.Column("place", BIG, autoincrement=False, nullable=False, comment="which end, and its letters, in 64 bits"),
        sa.Column(
            "paper_id", BIG, autoincrement=False, nullable=False, comment="no reference: papers are never removed"
        ),
        sa.PrimaryKeyConstraint("place", "paper_id", name=op.f("pk_neighbours")),
        comment="Papers by the ends of their titles and abstracts, and by their title keys; see store/neighbours.py.",
        sqlite_with_rowid=False,
    )


def _make_outlines() -> sa.Table:
    return op.create_table(
        "outlines",
        sa.Column("paper_id", BIG, autoincrement=False, nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False, comment="text.sketch.brief of the abstract's"),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_outlines_paper_id")),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_outlines")),
        comment="As much of a paper as tells whether it is worth being compared.",
    )
