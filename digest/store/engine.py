"""Opening a database: SQLite or PostgreSQL by URL, with the settings that keep promises.

SQLite runs in WAL mode with ``synchronous=FULL`` (NORMAL loses committed rows in a power cut). pysqlite's own
transaction handling is switched off and every writing transaction begins with ``BEGIN IMMEDIATE``, so a writer
waits at the start and never fails in the middle
(https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable). The waiting is ours: SQLite asks for
the lock ten times a second (https://www.sqlite.org/c3ref/busy_timeout.html), and on a disk that takes 50 ms to sync,
writers that commit one after another leave a gap of a millisecond or two, which such a waiter misses for half a minute.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Engine, Select, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from digest.errors import StoreError

BUSY_SECONDS = 30
"""How long a writer waits for another before it gives up; ``?timeout=SECONDS`` in the address changes it."""

LOCK_PAUSE = 0.0005
"""Seconds between two questions for SQLite's write lock: about the gap between two transactions."""

PAGES_KEPT = 32_768
"""KiB of pages that a connection to SQLite may keep: a day's listing touches some ten thousand, over and over."""

FEW_PAGES = 2_048
"""KiB of pages for those who read everything once."""

CONNECT_SECONDS = 10
"""How long PostgreSQL may take to answer; ``?connect_timeout=SECONDS`` in the address changes it."""


def create(url: str) -> Engine:
    """Return an engine whose failures are ``StoreError``s; nothing is opened yet, but SQLite's folder is made."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(
            "this is no database address", place=f"store {url!r}", hint="for example sqlite:///digest-data/digest.db"
        ) from None
    try:
        engine = _ENGINES[parsed.get_backend_name()](parsed)
    except KeyError:
        raise StoreError(
            f"{parsed.drivername} is no database this program knows",
            place=f"store {shown(parsed)}",
            hint="sqlite:///path or postgresql+psycopg://user@host/name",
        ) from None
    except ValueError:
        raise StoreError("timeout= must be a number of seconds", place=f"store {shown(parsed)}") from None
    except (ModuleNotFoundError, NoSuchModuleError):
        raise StoreError(
            f"the driver for {parsed.drivername} is not installed",
            place=f"store {shown(parsed)}",
            hint="pip install 'preprint-digest[postgresql]' and an address that starts postgresql+psycopg://",
        ) from None
    event.listen(engine, "handle_error", _translate)
    return engine


def reading(engine: Engine) -> Engine:
    """Return the same engine for reading: its transactions do not take SQLite's write lock."""
    return engine.execution_options(digest_reading=True)


def passing(engine: Engine) -> Engine:
    """Return the same engine for work that meets most pages once: SQLite keeps few of them meanwhile."""
    return engine.execution_options(digest_pages=FEW_PAGES)


def rows(connection: Connection, query: Select[Any], values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return the rows of a query by the names of its columns; ``values`` are those of its parameters."""
    return [dict(row) for row in connection.execute(query, values).mappings()]


def driver(connection: Connection, sql: str, values: tuple[Any, ...] | list[tuple[Any, ...]]) -> CursorResult[Any]:
    """Run plain SQL, ``?`` for each value, as it is: for the few statements that run for every sighting.

    ``values`` are texts, numbers and bytes in a tuple, or a list of such tuples for as many executions.
    """
    if connection.dialect.name != "sqlite":
        sql = sql.replace("?", "%s")
    return connection.exec_driver_sql(sql, values)


def shown(url: URL) -> str:
    """Return the address without its password."""
    return url.render_as_string(hide_password=True)


def _sqlite(url: URL) -> Engine:
    timeout = float(str(url.query.get("timeout", BUSY_SECONDS)))
    arguments = {"check_same_thread": False, "isolation_level": None, "timeout": timeout}
    url = url.difference_update_query(["timeout"])
    if url.database in {None, "", ":memory:"}:
        # one connection for all threads, one thread at a time: every new connection would be a database of its own
        engine = create_engine(url, connect_args=arguments, poolclass=QueuePool, pool_size=1, max_overflow=0)
    else:
        _make_folder(Path(str(url.database)))
        engine = create_engine(url, connect_args=arguments, pool_use_lifo=True)  # few connections keep pages and plans
    event.listen(engine, "connect", lambda sqlite, _record: _prepare_sqlite(sqlite, timeout))
    event.listen(engine, "begin", lambda connection: _begin(connection, timeout))
    return engine


def _postgresql(url: URL) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    arguments = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
    return create_engine(url, connect_args=arguments, pool_pre_ping=True)


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the folder for the database cannot be made: {error.strerror}",
            place=str(path.parent),
            hint="choose another place with --store or [store] url",
        ) from error


def _prepare_sqlite(sqlite: sqlite3.Connection, timeout: float) -> None:
    # where two turn a new file to WAL at once, SQLite refuses one of them at once, whatever its busy_timeout is
    if not _when_free(sqlite, "PRAGMA journal_mode=WAL", time.monotonic() + timeout):
        sqlite.execute("PRAGMA journal_mode=WAL")  # once more, and its error is the user's
    for pragma in ("synchronous=FULL", "foreign_keys=ON", f"cache_size=-{PAGES_KEPT}"):
        sqlite.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection, timeout: float) -> None:
    options = connection.get_execution_options()
    sqlite = cast("sqlite3.Connection", connection.connection.driver_connection)
    _keep(sqlite, connection.connection.info, options.get("digest_pages", PAGES_KEPT))
    if options.get("digest_reading", False):
        connection.exec_driver_sql("BEGIN")
        return
    sqlite.execute("PRAGMA busy_timeout = 0")
    try:
        if not _when_free(sqlite, "BEGIN IMMEDIATE", time.monotonic() + timeout):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # once more, and its error is the user's
    finally:
        sqlite.execute(f"PRAGMA busy_timeout = {int(timeout * 1000)}")


def _keep(sqlite: sqlite3.Connection, known: dict[Any, Any], pages: int) -> None:
    """Have a connection keep so many KiB of pages from now on; ``known`` is what is known of it."""
    if known.get("pages", PAGES_KEPT) != pages:
        sqlite.execute(f"PRAGMA cache_size=-{pages}")
        known["pages"] = pages


def _when_free(sqlite: sqlite3.Connection, sql: str, deadline: float) -> bool:
    """Run a statement that takes a lock; return False when others held it until ``deadline``, or at another error."""
    while True:
        try:
            sqlite.execute(sql)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                return False
            time.sleep(LOCK_PAUSE)
        else:
            return True


_ENGINES = {"sqlite": _sqlite, "postgresql": _postgresql}

_HINTS = {
    "readonly": "check the rights of the file and its folder",
    "unable to open": "check that the folder exists and is writable, or choose another place with --store",
    "not a database": "the file is something else; choose another place with --store",
    "malformed": "the file is damaged; restore a backup",
    "locked": "another process has been writing for long; try again",
    "full": "free some space and run again: nothing was half stored",
    "connection": "check that the database server runs and that address, user and password are right",
    "password": "check user and password of [store] url",
}


def _translate(context: ExceptionContext) -> None:
    reason = " ".join(str(context.original_exception).split())
    hint = next((hint for word, hint in _HINTS.items() if word in reason), "")
    place = shown(context.engine.url) if context.engine else "store"
    raise StoreError(f"the database refused: {reason}", place=place, hint=hint) from context.original_exception
