"""Two papers that are one: the pointer from the one to the other, and what the one then says.

A merged paper keeps its row, its keys and its sightings and points to the paper it was merged into
(``papers.merged_into``, always the last of a chain). Ledger rows stay where they are and are read through the
pointer, so whoever was told of the one was told of both, and undoing restores everything by taking the pointer away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, insert, or_, select, update

from digest.errors import StoreError
from digest.identity import other_ids
from digest.model import Act, ActKind, EventKind
from digest.store import codec, schema
from digest.store.engine import rows
from digest.store.rows import PAPER_COLUMNS, add_keys, indexed_key, update_paper
from digest.store.sightings import put_together, sightings_of

_TWO = select(*PAPER_COLUMNS).where(schema.papers.c.id.in_(bindparam("ids", expanding=True)))

MERGES = {ActKind.MERGE, ActKind.JOIN}
"""The acts that make one paper of two."""


def merge(connection: Connection, kind: ActKind, keep: int, other: int, now: datetime) -> Act:
    """Make one paper of two, and note who decided it."""
    keep, other = root_of(connection, keep), root_of(connection, other)
    if keep == other:
        raise StoreError("these are one paper already", place=f"paper {keep}")
    papers, subscriptions, events = schema.papers, schema.subscriptions, schema.events
    group = group_of(connection, other)
    newest = select(func.max(events.c.id)).where(events.c.paper_id.in_(group), events.c.kind == EventKind.NEW.value)
    unheard = connection.scalar(select(exists().where(subscriptions.c.cursor < newest.scalar_subquery())))
    connection.execute(update(papers).where(papers.c.id.in_(group)).values(merged_into=keep))
    rewrite(connection, keep)
    return note(connection, kind, keep, other, now, unheard=bool(unheard))


def join(connection: Connection, keep: int, other: int, now: datetime) -> Act | None:
    """Make one paper of two that a sighting proves to be one.

    Not where they are one already, an operator decided otherwise, or they have become papers of two arXiv ids.
    """
    keep, other = root_of(connection, keep), root_of(connection, other)
    if keep == other or _are_kept_apart(connection, group_of(connection, keep), group_of(connection, other)):
        return None
    one, two = map(codec.read_paper, rows(connection, _TWO, {"ids": [keep, other]}))
    if other_ids(one.keys, two.keys, "arxiv"):
        return None
    return merge(connection, ActKind.JOIN, keep, other, now)


def unmerge(connection: Connection, keep: int) -> None:
    """Point every paper that was one with ``keep`` where the acts that still stand say."""
    papers = schema.papers
    group = group_of(connection, root_of(connection, keep))
    parents = {act.other: act.paper for act in acts_on(connection, group) if act.kind in MERGES and not act.undone_at}
    for paper_id in group:
        top = paper_id
        while top in parents:
            top = parents[top]
        connection.execute(
            update(papers).where(papers.c.id == paper_id).values(merged_into=None if top == paper_id else top)
        )
    for top in group - set(parents):
        rewrite(connection, top)


def rewrite(connection: Connection, root: int) -> None:
    """Write down what a paper says, put together again from its sightings and those of the papers merged into it."""
    group = group_of(connection, root)
    paper = put_together(sightings_of(connection, group))
    like = paper.looks_like if paper.looks_like and root_of(connection, paper.looks_like) != root else None
    (before,) = rows(connection, select(*PAPER_COLUMNS).where(schema.papers.c.id == root))
    update_paper(connection, before, replace(paper, id=root, looks_like=like, first_seen_at=before["first_seen_at"]))
    held = map(indexed_key, (*before["facts"].get("keys", ()), *paper.keys))
    connection.execute(delete(schema.keys).where(schema.keys.c.key.in_(held), schema.keys.c.paper_id == root))
    add_keys(connection, root, paper.keys)


def note(connection: Connection, kind: ActKind, keep: int, other: int, now: datetime, *, unheard: bool = False) -> Act:
    """Write down an act."""
    row = {"kind": kind.value, "paper_id": keep, "other_id": other, "at": now, "unheard": unheard}
    result = connection.execute(insert(schema.acts).values(**row))
    return Act(id=int(result.inserted_primary_key[0]), kind=kind, paper=keep, other=other, at=now)  # type: ignore[index]


def root_of(connection: Connection, paper_id: int) -> int:
    """Return the paper that a paper was merged into, or itself."""
    table = schema.papers
    found = connection.execute(select(table.c.id, table.c.merged_into).where(table.c.id == paper_id)).first()
    if found is None:
        raise StoreError("there is no such paper", place=f"paper {paper_id}")
    return int(found.merged_into or found.id)


def group_of(connection: Connection, root: int) -> set[int]:
    """Return a paper and all that were merged into it."""
    return {root, *connection.scalars(select(schema.papers.c.id).where(schema.papers.c.merged_into == root))}


def acts_on(connection: Connection, group: Collection[int]) -> list[Act]:
    """Return every act on some papers, in order of time."""
    table = schema.acts
    concerned = or_(table.c.paper_id.in_(group), table.c.other_id.in_(group))
    return [read_act(row) for row in rows(connection, select(table).where(concerned).order_by(table.c.id))]


def read_act(row: Mapping[str, Any]) -> Act:
    """Return the act of a row."""
    return Act(
        id=row["id"],
        kind=ActKind(row["kind"]),
        paper=row["paper_id"],
        other=row["other_id"],
        at=row["at"],
        undone_at=row["undone_at"],
    )


def _are_kept_apart(connection: Connection, one: Collection[int], other: Collection[int]) -> bool:
    """Return whether an operator split papers of two groups, said that they are two, or undid that they are one."""
    table = schema.acts
    between = or_(
        and_(table.c.paper_id.in_(one), table.c.other_id.in_(other)),
        and_(table.c.paper_id.in_(other), table.c.other_id.in_(one)),
    )
    merges = table.c.kind.in_(kind.value for kind in MERGES)
    apart = or_(and_(merges, table.c.undone_at.is_not(None)), and_(~merges, table.c.undone_at.is_(None)))
    return bool(connection.scalar(select(exists().where(between, apart))))
