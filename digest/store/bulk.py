"""Very many rows at once: ``executemany`` on SQLite's driver, COPY on PostgreSQL's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from sqlalchemy import Connection, Table

from digest.errors import StoreError
from digest.store.engine import driver, shown

Row = tuple[Any, ...]
"""Values as the driver takes them."""


class Bulk:
    """Rows of some columns of a table that wait to be written to one connection.

    ``waiting`` may be appended to; what is in it is as ``row`` returns it.
    """

    def __init__(self, connection: Connection, table: Table, *columns: str) -> None:
        self.waiting: list[Row] = []
        self._connection = connection
        self._into = f"{table.name} ({', '.join(columns)})"
        self._converters = {name: _converter(table, name, connection) for name in columns}

    def row(self, values: Mapping[str, Any]) -> Row:
        """Return values by their columns' names as the driver takes them."""
        return tuple(self.value(name, values[name]) for name in self._converters)

    def value(self, column: str, value: Any) -> Any:
        """Return the value of a column as the driver takes it."""
        convert = self._converters[column]
        return convert(value) if convert else value

    def write(self) -> None:
        """Insert what is waiting."""
        if not self.waiting:
            return
        if self._connection.dialect.name == "postgresql":
            _copy(self._connection, f"COPY {self._into} FROM STDIN", self.waiting)
        else:
            blanks = ", ".join("?" * len(self._converters))
            driver(self._connection, f"INSERT INTO {self._into} VALUES ({blanks})", self.waiting)  # noqa: S608 - ours
        self.waiting.clear()


def _converter(table: Table, name: str, connection: Connection) -> Callable[[Any], Any] | None:
    """Return what SQLAlchemy does to a value of a column before the driver gets it, ``None`` for nothing."""
    of_dialect = table.c[name].type.dialect_impl(connection.dialect)
    return cast("Callable[[Any], Any] | None", of_dialect.bind_processor(connection.dialect))


def _copy(connection: Connection, command: str, rows: Iterable[Row]) -> None:
    from psycopg import Error  # noqa: PLC0415 - an optional dependency

    try:
        with connection.connection.cursor() as cursor, cursor.copy(command) as copy:  # type: ignore[attr-defined]
            for row in rows:
                copy.write_row(row)
    except Error as error:
        reason = " ".join(str(error).split())
        raise StoreError(f"the database refused: {reason}", place=shown(connection.engine.url)) from error
