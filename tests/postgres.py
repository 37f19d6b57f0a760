"""A real PostgreSQL that lives for one test session."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

from digest.store import SqlStore
from digest.store.schema import metadata
from tests.conftest import need_program

UNPRIVILEGED = "postgres"
"""PostgreSQL refuses to run as root; the Debian package makes this user."""


_END_OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()"""


class Postgres:
    """A throw-away PostgreSQL server: ``database()`` gives a fresh database, ``store()`` a migrated, emptied one."""

    def __init__(self, folder: Path) -> None:
        self._initdb, self._pg_ctl = (need_program(name, debian="postgresql") for name in ("initdb", "pg_ctl"))
        self._folder = folder
        self._port = free_port()
        self._numbers = count(1)
        self._store: str | None = None

    def start(self) -> None:
        """Make the cluster and wait until the server answers."""
        if os.geteuid() == 0:
            user = pwd.getpwnam(UNPRIVILEGED)
            os.chown(self._folder, user.pw_uid, user.pw_gid)
        data = str(self._folder / "data")
        self._run(self._initdb, "-D", data, "-U", "digest", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        options = f"-p {self._port} -k {self._folder} -h 127.0.0.1 -c fsync=off -c max_connections=60"
        self._run(self._pg_ctl, "-D", data, "-o", options, "-l", str(self._folder / "log"), "-w", "start")

    def stop(self) -> None:
        """End the server at once; its data go with the folder."""
        self._run(self._pg_ctl, "-D", str(self._folder / "data"), "-m", "immediate", "stop")

    def database(self) -> str:
        """Make an empty database and return its address."""
        name = f"store_{next(self._numbers)}"
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self._url(name)

    def store(self) -> str:
        """Return the address of a store without a row in it: the same one each time, as a new one takes a second."""
        if self._store is None:
            self._store = self.database()
            SqlStore.open(self._store).close()
        engine = create_engine(self._store, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(_END_OTHERS))
            connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY"))
        engine.dispose()
        return self._store

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://digest@127.0.0.1:{self._port}/{name}"

    def _run(self, *command: str) -> None:
        as_user = ["runuser", "-u", UNPRIVILEGED, "--"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*as_user, *command], cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        assert done.returncode == 0, f"{command[0]}: {done.stderr.decode()}"


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
