"""A copy of the whole database, made while others read and write."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from digest.errors import StoreError
from digest.store.engine import shown


def backup(engine: Engine, path: Path) -> None:
    """Copy an SQLite store into the new file ``path``, as of one instant, and check the copy. Raises ``StoreError``.

    ``VACUUM INTO`` copies in one go: a copy made page by page begins anew with each write of others and may never end
    (https://www.sqlite.org/lang_vacuum.html#vacuuminto). The file appears whole or not at all.
    """
    if engine.dialect.name != "sqlite":
        raise StoreError(
            "only SQLite stores are copied by this program",
            place=shown(engine.url),
            hint=f"use PostgreSQL's own: pg_dump --format=custom --file={path} DATABASE",
        )
    if path.exists():
        raise StoreError("there is a file already", place=str(path), hint="name a new one")
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)  # noqa: S101 - what the dialect check above has established
            raw.execute("VACUUM INTO ?", (str(draft),))
        _check(draft)
        os.link(draft, path)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError(f"the copy cannot be made: {reason}", place=str(path), hint="choose another place") from error
    finally:
        draft.unlink(missing_ok=True)


def is_whole(engine: Engine) -> str:
    """Return "" where the database finds no damage in itself, else what it says. Only SQLite can be asked."""
    if engine.dialect.name != "sqlite":
        return ""
    with engine.connect() as connection:
        said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    return "" if said == "ok" else said


def _check(path: Path) -> None:
    with closing(sqlite3.connect(path)) as copy:
        said = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if said != "ok":
        raise sqlite3.DatabaseError(f"the copy is damaged: {said}")
    with path.open("rb") as file:
        os.fsync(file.fileno())
