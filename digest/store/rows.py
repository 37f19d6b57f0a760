"""The rows of a paper, its older editions, its keys and its sightings: how they are made and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from digest.model import Key, Paper, Sighting, State, Verdict
from digest.store import codec, schema
from digest.store.neighbours import Outline, outline_of, stand
from digest.text.titlekey import title_key

_LONGEST_KEY = 400
"""Characters of a title key or an identifier that are indexed: PostgreSQL takes 2,704 bytes, a letter up to 4."""

_CHANGING = ("title_key", "title", "abstract", "upvotes", "comments", "facts")
"""The columns of a paper that a sighting can change."""

PAPER_COLUMNS = (
    schema.papers.c.id,
    schema.papers.c.title,
    schema.papers.c.abstract,
    schema.papers.c.upvotes,
    schema.papers.c.comments,
    schema.papers.c.first_seen_at,
    schema.papers.c.facts,
    schema.papers.c.edition,
    schema.papers.c.merged_into,
)
"""What ``codec.read_paper`` and an update need of a paper's row."""


# Built once: putting a statement together costs SQLAlchemy more than SQLite needs to run it.
_INSERT = {table.name: insert(table) for table in (schema.papers, schema.editions, schema.keys)}
_UPDATE = (
    update(schema.papers)
    .where(schema.papers.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in (*_CHANGING, "edition")})
)


def insert_paper(connection: Connection, paper: Paper, outline: Outline | None = None) -> Paper:
    """Insert a paper in its first edition, findable by its keys, and return it with its id.

    ``outline``: the one of its wording and keys, where it is known.
    """
    outline = outline or outline_of(indexed_key(title_key(paper.title)), paper.abstract, paper.keys)
    columns = paper_columns(paper, outline.title_key) | {"edition": 1, "first_seen_at": paper.first_seen_at}
    result = connection.execute(_INSERT["papers"], columns)
    stored = replace(paper, id=int(result.inserted_primary_key[0]))  # type: ignore[index]
    add_keys(connection, stored.id, stored.keys)
    stand(connection, stored.id, outline)
    return stored


def update_paper(connection: Connection, before: Mapping[str, Any], paper: Paper) -> int:
    """Write what has changed of a paper since its row was read, keep the edition before, return the edition now."""
    columns = paper_columns(paper)
    changed = {name for name in ("title", "abstract", "facts") if columns[name] != before[name]}
    counted = any(columns[name] != before[name] for name in ("upvotes", "comments"))
    if changed:
        kept = {name: before[name] if name in changed else None for name in ("title", "abstract")}
        old = kept | {"paper_id": paper.id, "edition": before["edition"], "facts": before["facts"]}
        connection.execute(_INSERT["editions"], old)
    edition = int(before["edition"]) + bool(changed)
    if changed or counted:
        connection.execute(_UPDATE, columns | {"edition": edition, "b_id": paper.id})
    new = [key for key in paper.keys if key not in before["facts"].get("keys", ())]
    add_keys(connection, paper.id, new)
    if new or changed & {"title", "abstract"}:
        stand(connection, paper.id, outline_of(columns["title_key"], paper.abstract, paper.keys))
    return edition


def paper_columns(paper: Paper, key: str | None = None) -> dict[str, Any]:
    """Return the columns of a paper that a sighting can change; ``key``: its indexed title key, where known."""
    return {
        "title_key": indexed_key(title_key(paper.title)) if key is None else key,
        "title": paper.title,
        "abstract": paper.abstract,
        "upvotes": paper.upvotes,
        "comments": paper.comments,
        "facts": codec.paper_facts(paper),
    }


def sighting_columns(sighting: Sighting, verdict: Verdict, paper: Paper) -> dict[str, Any]:
    """Return the columns of a sighting that are its own; ``paper``: what it is of, as it is known after it."""
    unsure = verdict.paper if verdict.state is State.UNSURE else None
    return {
        "place": sighting.where,
        "title": _unless(sighting.title, paper.title),
        "abstract": _unless(sighting.abstract, paper.abstract),
        "raw_title": _unless(sighting.raw_title or sighting.title, sighting.title),
        "raw_abstract": _unless(sighting.raw_abstract or sighting.abstract, sighting.abstract),
        "facts": codec.sighting_facts(sighting),
        "state": verdict.state.value,
        "reason": verdict.reason,
        "like_paper_id": unsure.id if unsure else None,
    }


def add_keys(connection: Connection, paper_id: int, keys: Sequence[Key]) -> None:
    """Make a paper findable by identifiers it was not findable by before."""
    rows = [{"key": key, "paper_id": paper_id} for key in dict.fromkeys(map(indexed_key, keys))]
    if rows:
        connection.execute(_INSERT["keys"], rows)


def indexed_key(key: str) -> str:
    """Return as much of a title key or an identifier as is indexed."""
    return key[:_LONGEST_KEY]


def _unless(text: str, same: str) -> str | None:
    return None if text == same else text
