"""What came back from whom, and who gets no more mail because of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select, update

from digest.model import PastReturn, Returned, ReturnKind
from digest.returned.weighing import why_no_more
from digest.store import schema
from digest.store.engine import reading


class SqlReturns:
    """``ports.Returns`` on a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)

    def knows(self, subscriber_id: int) -> bool:
        """Return whether there is a subscriber of this id."""
        readers = schema.subscribers
        with self._reading.begin() as connection:
            return connection.scalar(select(readers.c.id).where(readers.c.id == subscriber_id)) is not None

    def keep(self, subscriber_id: int, said: Returned, name: str, now: datetime) -> str | None:
        """Keep what came back and, where it is enough, send no more mail to the address, in one transaction.

        Return why the address gets no more mail because of this, "" where it still does or did not before; ``None``
        for an unknown subscriber. The same mail again (``name``) changes nothing.
        """
        readers, table = schema.subscribers, schema.returned
        with self._engine.begin() as connection:
            # The row of the subscriber is written first: two readers of mail wait for one another here.
            touched = update(readers).where(readers.c.id == subscriber_id).values(suppressed=readers.c.suppressed)
            if not connection.execute(touched).rowcount:
                return None
            if connection.scalar(select(table.c.id).where(table.c.sha256 == name)) is not None:
                return ""
            reason = why_no_more(said, _before(connection, subscriber_id), now)
            row = {"subscriber_id": subscriber_id, "at": now, "sha256": name, "kind": said.kind.value}
            connection.execute(insert(table).values(**row, status=said.status, reason=said.reason))
            if not reason:
                return ""
            silent = update(readers).where(readers.c.id == subscriber_id, readers.c.suppressed == "")
            return reason if connection.execute(silent.values(suppressed=reason)).rowcount else ""

    def of(self, subscriber_id: int) -> Sequence[tuple[datetime, Returned]]:
        """Return what came back from a subscriber's address, oldest first."""
        table = schema.returned
        mine = select(table).where(table.c.subscriber_id == subscriber_id).order_by(table.c.at, table.c.id)
        with self._reading.begin() as connection:
            return [
                (row["at"], Returned(kind=ReturnKind(row["kind"]), status=row["status"], reason=row["reason"]))
                for row in connection.execute(mine).mappings()
            ]


def _before(connection: Connection, subscriber_id: int) -> list[PastReturn]:
    table = schema.returned
    mine = select(table.c.kind, table.c.at).where(table.c.subscriber_id == subscriber_id)
    return [PastReturn(kind=ReturnKind(row.kind), at=row.at) for row in connection.execute(mine)]
