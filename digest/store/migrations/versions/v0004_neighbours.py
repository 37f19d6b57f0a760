"""Find papers that are near by title or abstract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from digest.text.sketch import letters, sketch

revision = "0004"
down_revision = "0003"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT_ONCE = 5_000


def upgrade() -> None:
    """Apply, and give every stored paper its place."""
    op.create_table(
        "neighbours",
        sa.Column(
            "ring", sa.Integer(), autoincrement=False, nullable=False, comment="which end, and of which kind of paper"
        ),
        sa.Column("key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "paper_id", BIG, autoincrement=False, nullable=False, comment="no reference: papers are never removed"
        ),
        sa.PrimaryKeyConstraint("ring", "key", "paper_id", name=op.f("pk_neighbours")),
        comment="Papers in an alphabetical order of the ends of their titles and abstracts; see store/neighbours.py.",
        sqlite_with_rowid=False,
    )
    outlines = op.create_table(
        "outlines",
        sa.Column("paper_id", BIG, autoincrement=False, nullable=False),
        sa.Column("title_key", sa.Text(), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False, comment="text.sketch.sketch(abstract)"),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_outlines_paper_id")),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_outlines")),
        comment="As much of a paper as tells whether it is worth being compared.",
    )
    _fill(outlines)


def _fill(outlines: sa.Table) -> None:
    papers = sa.table(
        "papers", sa.column("id"), sa.column("title_key"), sa.column("abstract"), sa.column("facts", sa.JSON())
    )
    bind, after = op.get_bind(), 0
    whole = bind.scalar(sa.select(sa.func.count()).select_from(papers)) or 0
    steps = context.config.attributes["progress"]("neighbours of papers", whole)
    bind.execute(sa.text("CREATE TEMPORARY TABLE standing (ring INTEGER, key TEXT, paper_id BIGINT)"))
    stand = sa.text("INSERT INTO standing (ring, key, paper_id) VALUES (:ring, :key, :paper_id)")
    page = sa.select(papers).order_by(papers.c.id).limit(AT_ONCE)
    while rows := bind.execute(page.where(papers.c.id > after)).all():
        wordings = [(row.id, row.title_key, row.abstract) for row in rows]
        keys = [row.facts.get("keys", ()) for row in rows]
        bind.execute(sa.insert(outlines), [_outline(*wording) for wording in wordings])
        stood = zip(wordings, keys, strict=True)
        bind.execute(stand, [place for wording, held in stood for place in _places(*wording, held)])
        after = rows[-1].id
        steps(len(rows))
    # in their order: one by one they would go all over an index that is larger than the memory kept for it
    order = sa.text("INSERT INTO neighbours SELECT ring, key, paper_id FROM standing ORDER BY ring, key, paper_id")
    bind.execute(order)
    bind.execute(sa.text("DROP TABLE standing"))


def _outline(paper_id: int, title_key: str, abstract: str) -> dict[str, Any]:
    return {"paper_id": paper_id, "title_key": title_key, "sketch": sketch(abstract)}


def _places(paper_id: int, title_key: str, abstract: str, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a paper as they were until places became integers."""
    first = 4 if any(key.startswith("arxiv:") for key in keys) else 0
    ends = (
        title_key[:40],
        title_key[:-41:-1],
        letters(abstract[:240])[:56],
        letters(abstract[-240:])[:-57:-1],
    )
    for ring, end in enumerate(ends, first):
        yield {"ring": ring, "key": end, "paper_id": paper_id}
