"""Looking after the store itself: a backup while everybody works, and what is owed to a person: export and forget."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, insert, or_, select

from digest.durable import sync
from digest.errors import StoreError
from digest.store import schema
from digest.store.editions import parts
from digest.store.engine import reading, rows


class SqlCare:
    """What an operator does with a whole store, and for one person; no other part of the program needs it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def backup(self, path: Path) -> None:
        """Write a copy of the store as of now, whole or not at all, while others read and write.

        SQLite only (``VACUUM INTO``: one read transaction, so it ends also under constant writing). Raises
        ``StoreError``, also where ``path`` exists.
        """
        if self._engine.dialect.name != "sqlite":
            raise StoreError("backups of PostgreSQL are made by its own tools", hint="pg_dump --format=custom")
        if path.exists():
            raise StoreError("there is a file of that name already", place=str(path), hint="choose another name")
        part = path.with_name(f".{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._write(part, path)
        except (OSError, sqlite3.Error) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise StoreError(f"the backup could not be written: {reason}", place=str(path)) from error

    def export(self, address: str) -> Mapping[str, Any]:
        """Return everything the store holds about an address, table by table, and the papers its reader was told of.

        Empty where the address is unknown.
        """
        with self._reading.begin() as connection:
            found = {table.name: rows(connection, select(table).where(of)) for table, of in personal(address)}
            told = [row["paper_id"] for row in found[schema.ledger.name]]
            papers = schema.papers
            found["papers"] = [
                row
                for part in parts(told)
                for row in rows(connection, select(papers.c.id, papers.c.title).where(papers.c.id.in_(part)))
            ]
        return {name: of for name, of in found.items() if of}

    def forget(self, address: str, *, key: bytes, now: datetime, reason: str = "asked to be forgotten") -> bool:
        """Delete everything about an address and keep only its keyed hash. False: nothing was known of it.

        In SQLite the freed pages are overwritten, and the log is emptied, so that the address is not left in the file.
        """
        with self._engine.connect() as connection:
            _pragma(connection, "secure_delete = ON")
            with connection.begin():
                gone = [connection.execute(delete(table).where(of)).rowcount for table, of in personal(address)]
                self._suppress(connection, address_hash(address, key), reason, now)
            _pragma(connection, "wal_checkpoint(TRUNCATE)")
            _pragma(connection, "secure_delete = OFF")
        return any(gone)

    def is_forgotten(self, address: str, *, key: bytes) -> bool:
        """Return whether an address asked to be forgotten; only who has the key can ask."""
        table = schema.suppressions
        with self._reading.begin() as connection:
            same = table.c.address_hash == address_hash(address, key)
            return connection.execute(select(table.c.at).where(same)).first() is not None

    def readmit(self, address: str, *, key: bytes) -> bool:
        """Take an address back whose owner asked to be written to again. False: it was not on the list."""
        table = schema.suppressions
        with self._engine.begin() as connection:
            same = table.c.address_hash == address_hash(address, key)
            return connection.execute(delete(table).where(same)).rowcount > 0

    def _write(self, part: Path, path: Path) -> None:
        """Copy into ``part``, and give it its name only when its bytes are on the disk."""
        part.unlink(missing_ok=True)
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("VACUUM INTO ?", (str(part),))
            sync(part)
            part.rename(path)
            sync(path.parent)
        finally:
            connection.close()
            part.unlink(missing_ok=True)

    def _suppress(self, connection: Connection, hashed: str, reason: str, now: datetime) -> None:
        table = schema.suppressions
        connection.execute(delete(table).where(table.c.address_hash == hashed))
        connection.execute(insert(table).values(address_hash=hashed, reason=reason, at=now))


def address_hash(address: str, key: bytes) -> str:
    """Return what is kept of a forgotten address: HMAC-SHA-256 (RFC 2104), so that nobody can try addresses on it."""
    return hmac.new(key, address.strip().casefold().encode(), hashlib.sha256).hexdigest()


def personal(address: str) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Yield every table that hangs on a subscriber, through however many others, and the rows of an address in it.

    Those that refer to others come first, so deleting in this order breaks no reference.
    """
    for table in reversed(schema.metadata.sorted_tables):
        condition = _belongs(table, address)
        if condition is not None:
            yield table, condition


def _belongs(table: Table, address: str) -> ColumnElement[bool] | None:
    if table is schema.subscribers:
        return or_(table.c.address == address, table.c.folded == schema.folded(address))
    for column in sorted(table.columns, key=lambda column: column.name != "subscriber_id"):
        for foreign in column.foreign_keys:
            owner = foreign.column.table
            condition = _belongs(owner, address) if owner is not table else None
            if condition is not None:
                return column.in_(select(foreign.column).where(condition))
    return None


def _pragma(connection: Connection, pragma: str) -> None:
    """Tell SQLite something outside of any transaction; other databases are told nothing."""
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        driver.execute(f"PRAGMA {pragma}").fetchall()
