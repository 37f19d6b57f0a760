"""From whatever schema a database has to this program's: alembic, run when a store is opened.

A migration is one transaction, in SQLite too: it happens wholly or not at all, and a second program that opens the
store meanwhile waits and then finds it done.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from digest.errors import StoreError
from digest.store.schema import metadata

HEAD = "0008"
"""The newest revision in ``versions/``; they are numbered, so an older one sorts before it."""

FOLDER = Path(__file__).parent
"""Alembic's script folder: ``env.py`` and ``versions/``."""

_MIGRATION_LOCK = 7_263_002

WORTH_TELLING = 100_000
"""Rows from which on a terminal is told how far a migration is; fewer take no time."""


def migrate(engine: Engine, *, folder: Path = FOLDER, head: str = HEAD) -> None:
    """Bring the database to ``head``; alembic (slow to import) is loaded only where there is something to do.

    Raises ``StoreError`` for a store of a newer program, another program's database, and a migration that fails (the
    database is then as it was).
    """
    place = engine.url.render_as_string(hide_password=True)
    with engine.connect() as connection:
        current = _revision(connection, place)
    if current == head:
        return
    if current is not None and not (current.isdigit() and current < head):
        raise StoreError(
            f"the store was written by a newer program (schema {current}, this one knows {head})",
            place=place,
            hint="upgrade preprint-digest, or use another store",
        )
    try:
        _upgrade(engine, folder, head)
    except StoreError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise StoreError(
            f"the migration from schema {current or 'none'} to {head} failed: {reason}",
            place=place,
            hint="the store is as it was; report this, and go on with the program you had",
        ) from error


def _upgrade(engine: Engine, folder: Path, head: str) -> None:
    from alembic import command  # noqa: PLC0415 - 380 ms
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        config.attributes["progress"] = told_on_terminal
        command.upgrade(config, head)


def told_on_terminal(what: str, whole: int) -> Callable[[int], None]:
    """Return what counts rows that are rewritten; on a terminal it shows how many of the ``whole`` are done."""
    done, shown = 0, sys.stderr.isatty() and whole >= WORTH_TELLING

    def step(rows: int) -> None:
        nonlocal done
        done += rows
        if shown:
            end = "\n" if done >= whole else ""
            sys.stderr.write(f"\rA newer program opens the store. Rewriting the {what}: {done / whole:4.0%}{end}")
            sys.stderr.flush()

    return step


def _revision(connection: Connection, place: str) -> str | None:
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    strangers = tables if connection.dialect.name == "sqlite" else tables & set(metadata.tables)
    if strangers:
        raise StoreError(
            f"the database holds another program's tables ({', '.join(sorted(strangers)[:3])})",
            place=place,
            hint="choose another place with --store or [store] url",
        )
    return None
