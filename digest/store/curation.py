"""Who is who, decided by an operator: look up why, merge, split, undo.

How two papers become one stands in ``merging``. A split moves sightings, and the ledger rows of those who were shown
their wording, to a paper of their own.
What a paper says is put together again from its sightings after every act.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, exists, func, insert, or_, select, update

from digest import ids
from digest.errors import StoreError
from digest.model import Act, ActKind, EventKind, History, Paper, State, UnsurePair
from digest.store import codec, schema
from digest.store.documents import wait_for_ingesters
from digest.store.engine import reading, rows
from digest.store.merging import MERGES, acts_on, group_of, merge, note, read_act, rewrite, root_of, unmerge
from digest.store.neighbours import title_place
from digest.store.rows import PAPER_COLUMNS, indexed_key, insert_paper
from digest.store.sightings import Stored, put_together, sightings_of
from digest.text.titlekey import title_key

_WORDING = {State.NEW, State.UNSURE, State.REVISED}
"""The verdicts after which a paper is shown in the sighting's own words."""


_WAS_HIDDEN = "was taken for another paper until now"
"""What a reader is told of a paper that a wrong merge kept from them."""


class SqlCuration:
    """``ports.Curation`` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def find(self, name: str) -> Sequence[Paper]:
        """Return the papers of a number of the store, an identifier or a title; merged ones as what they are now."""
        own = schema.papers.alias("own")
        named = select(func.coalesce(own.c.merged_into, own.c.id)).where(_named(own, name.strip()))
        query = select(*PAPER_COLUMNS).where(schema.papers.c.id.in_(named)).order_by(schema.papers.c.id)
        with self._reading.begin() as connection:
            return [codec.read_paper(row) for row in rows(connection, query)]

    def why(self, paper_id: int) -> History:
        """Return how a paper came to be what it is."""
        with self._reading.begin() as connection:
            root = root_of(connection, paper_id)
            group = group_of(connection, root)
            return History(
                paper=_papers(connection, [root])[root],
                merged=tuple(sorted(group - {root})),
                sightings=tuple(stored.record for stored in sightings_of(connection, group)),
                acts=tuple(acts_on(connection, group)),
            )

    def unsure(self, *, limit: int) -> Sequence[UnsurePair]:
        """Return the pairs identity was unsure about and nobody has decided yet, newest first."""
        seen, own, acts = schema.sightings, schema.papers, schema.acts
        decided = exists().where(
            or_(acts.c.kind != ActKind.APART.value, acts.c.undone_at.is_(None)),
            or_(
                (acts.c.paper_id == seen.c.paper_id) & (acts.c.other_id == seen.c.like_paper_id),
                (acts.c.other_id == seen.c.paper_id) & (acts.c.paper_id == seen.c.like_paper_id),
            ),
        )
        query = (
            select(seen.c.paper_id, seen.c.like_paper_id, seen.c.reason)
            .join(own, own.c.id == seen.c.paper_id)
            .where(seen.c.like_paper_id.is_not(None), own.c.merged_into.is_(None), ~decided)
            .order_by(seen.c.id.desc())
            .limit(limit)
        )
        with self._reading.begin() as connection:
            rows = connection.execute(query).all()
            papers = _papers(connection, {paper for row in rows for paper in row[:2]})
        return [UnsurePair(paper=papers[paper], looks_like=papers[like], reason=reason) for paper, like, reason in rows]

    def merge(self, keep: int, other: int, now: datetime) -> Act:
        """Say that ``other`` is the paper ``keep``."""
        with self._engine.begin() as connection:
            wait_for_ingesters(connection)
            return merge(connection, ActKind.MERGE, keep, other, now)

    def split(self, paper_id: int, sightings: Collection[int], now: datetime) -> Act:
        """Say that these sightings are of a paper of its own; whichever of the two was hidden is news now."""
        with self._engine.begin() as connection:
            wait_for_ingesters(connection)
            stored = sightings_of(connection, [paper_id])
            moved = [one for one in stored if one.record.id in set(sightings)]
            kept = [one for one in stored if one.record.id not in set(sightings)]
            if not moved or not kept or len(moved) != len(set(sightings)):
                raise StoreError(
                    "a split takes some of a paper's own sightings and leaves some",
                    place=f"paper {paper_id}",
                    hint=f"see: digest papers why {paper_id}",
                )
            new = insert_paper(connection, put_together(moved))
            _move_sightings(connection, moved, new.id)
            _move_ledger(connection, paper_id, new.id, stored, moved)
            for changed in {paper_id, root_of(connection, paper_id)}:
                rewrite(connection, changed)
            _announce(connection, new.id if stored[0] in kept else paper_id, now)
            return note(connection, ActKind.SPLIT, paper_id, new.id, now)

    def keep_apart(self, paper: int, other: int, now: datetime) -> Act:
        """Say that two papers are two: the doubt about them is settled."""
        with self._engine.begin() as connection:
            if root_of(connection, paper) == root_of(connection, other):
                raise StoreError(
                    "these are one paper", place=f"paper {paper}", hint="take them apart with a split or undo"
                )
            return note(connection, ActKind.APART, paper, other, now)

    def undo(self, act_id: int, now: datetime) -> Act:
        """Take an act back, and return it as undone."""
        table = schema.acts
        with self._engine.begin() as connection:
            wait_for_ingesters(connection)
            found = rows(connection, select(table).where(table.c.id == act_id, table.c.undone_at.is_(None)))
            if not found:
                raise StoreError("there is no such act, or it was undone before", place=f"act {act_id}")
            connection.execute(update(table).where(table.c.id == act_id).values(undone_at=now))
            act = read_act(found[0] | {"undone_at": now})
            if act.kind is ActKind.SPLIT:
                merge(connection, ActKind.MERGE, act.paper, act.other, now)
            elif act.kind in MERGES:
                unmerge(connection, act.paper)
                if found[0]["unheard"]:
                    _announce(connection, act.other, now)
            return act


def _named(own: Any, name: str) -> Any:
    if name.isdecimal():
        return own.c.id == int(name)
    keys = [identifier.key for identifier in ids.find(name)]
    bare = ids.arxiv(name)
    keys += [bare.key] if bare else []
    if keys:
        of_keys = select(schema.keys.c.paper_id).where(schema.keys.c.key.in_(indexed_key(key) for key in keys))
        return own.c.id.in_(of_keys)
    key = indexed_key(title_key(name))
    of_title = select(schema.neighbours.c.paper_id).where(schema.neighbours.c.place == title_place(key))
    return and_(own.c.id.in_(of_title), own.c.title_key == key)


def _move_sightings(connection: Connection, moved: Sequence[Stored], to: int) -> None:
    table = schema.sightings
    for one in moved:
        texts = {"title": one.sighting.title, "abstract": one.sighting.abstract}
        connection.execute(update(table).where(table.c.id == one.record.id).values(paper_id=to, edition=1, **texts))


def _move_ledger(
    connection: Connection, paper_id: int, new_id: int, stored: Sequence[Stored], moved: Sequence[Stored]
) -> None:
    """Give the new paper the ledger rows of those who were shown the paper in the words of a moved sighting."""
    ledger, digests = schema.ledger, schema.digests
    rows = connection.execute(
        select(ledger.c.subscriber_id, digests.c.composed_at)
        .join(digests, digests.c.id == ledger.c.digest_id)
        .where(ledger.c.paper_id == paper_id)
    ).all()
    wordings = [one for one in stored if one is stored[0] or one.record.state in _WORDING]
    for subscriber_id, told_at in rows:
        shown = [one for one in wordings if one.record.seen_at <= told_at] or wordings[:1]
        if shown[-1] in moved:
            of_reader = (ledger.c.paper_id == paper_id, ledger.c.subscriber_id == subscriber_id)
            connection.execute(update(ledger).where(*of_reader).values(paper_id=new_id))


def _announce(connection: Connection, paper_id: int, now: datetime) -> None:
    row = {"kind": EventKind.NEW.value, "paper_id": paper_id, "at": now, "note": _WAS_HIDDEN}
    connection.execute(insert(schema.events).values(**row))


def _papers(connection: Connection, wanted: Iterable[int]) -> dict[int, Paper]:
    query = select(*PAPER_COLUMNS).where(schema.papers.c.id.in_(list(wanted)))
    return {row["id"]: codec.read_paper(row) for row in rows(connection, query)}
