"""What the program remembers: one SqlStore on SQLAlchemy Core, on SQLite or PostgreSQL by URL.

Read ``schema`` first. One file per port: ``papers``, ``curation``, ``subscribers``, ``digests``, ``outbox``, ``views``,
``sources``; ``desk`` is what an operator does about single messages.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from digest.store import engine as engines
from digest.store.care import SqlCare
from digest.store.curation import SqlCuration
from digest.store.desk import SqlDesk
from digest.store.digests import SqlDigests
from digest.store.migrations import migrate
from digest.store.outbox import SqlOutbox
from digest.store.papers import SqlPapers
from digest.store.returned import SqlReturns
from digest.store.sources import SqlSourceStates
from digest.store.subscribers import SqlSubscribers
from digest.store.views import SqlViews

__all__ = ["SqlStore"]


class SqlStore:
    """The ports of the store over one database; make one with ``open``, let it go with ``close``."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.papers = SqlPapers(engine)
        self.curation = SqlCuration(engine)
        self.subscribers = SqlSubscribers(engine)
        self.digests = SqlDigests(engine)
        self.outbox = SqlOutbox(engine)
        self.views = SqlViews(engine)
        self.care = SqlCare(engine)
        self.sources = SqlSourceStates(engine)
        self.desk = SqlDesk(engine)
        self.returned = SqlReturns(engine)

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the database of a URL (``sqlite:///path``, ``sqlite://``, ``postgresql+psycopg://…``).

        It is created or migrated to this program's schema where needed. Raises ``StoreError``.
        """
        engine = engines.create(url)
        try:
            migrate(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
