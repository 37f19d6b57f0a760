"""What every store promises its operator and its readers: a backup that is whole, all of one's data, and oblivion."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, inspect, select

from digest.errors import StoreError
from digest.model import OutboxState, Outcome, Returned, ReturnKind
from digest.store import SqlStore
from digest.store.care import address_hash, personal
from digest.store.schema import metadata
from tests.contract.making import NOW, composed, ingest, sighting, subscribe
from tests.postgres import Postgres

KEY = b"a secret of this installation"
HOUR = timedelta(hours=1)


def busy_reader(store: SqlStore, address: str) -> int:
    """Give a reader queries, a digest, ledger rows and a message in the outbox."""
    papers = ingest(store, sighting("A paper they were told of"))
    subscribe(store, address, "mamba", "snakes")
    (due,) = [due for due in store.digests.due(NOW, limit=99) if due.subscriber.address == address]
    assert store.digests.commit([composed(due, papers)])
    return due.subscriber.id


def test_a_backup_is_the_store_as_it_was(tmp_path: Path) -> None:
    """A backup opens as a store and holds everything."""
    with SqlStore.open(f"sqlite:///{tmp_path / 'digest.db'}") as store:
        reader = busy_reader(store, "ada@example.org")
        store.care.backup(tmp_path / "backups" / "today.db")
        with SqlStore.open(f"sqlite:///{tmp_path / 'backups' / 'today.db'}") as copy:
            assert copy.views.counts() == store.views.counts()
            assert copy.views.feed(reader, limit=9) == store.views.feed(reader, limit=9)
    assert [path.name for path in (tmp_path / "backups").glob(".*")] == []


def test_a_backup_ends_while_others_write(tmp_path: Path) -> None:
    """Constant writing neither stops a backup nor tears it: every listing is in it whole or not at all."""
    url = f"sqlite:///{tmp_path / 'digest.db'}"
    stop: list[bool] = []

    def write() -> None:
        with SqlStore.open(url) as mine:
            n = 0
            while not stop:
                ingest(mine, sighting(f"Left {n}"), sighting(f"Right {n}"))
                n += 1

    with SqlStore.open(url) as store, ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        for n in range(3):
            store.care.backup(tmp_path / f"{n}.db")
        stop.append(True)
        writer.result()
    for n in range(3):
        with SqlStore.open(f"sqlite:///{tmp_path / f'{n}.db'}") as copy:
            titles = {event.paper.title for event in copy.papers.fresh(0)}
            assert {title.split()[1] for title in titles if title.startswith("Left")} == {
                title.split()[1] for title in titles if title.startswith("Right")
            }


def test_a_backup_never_overwrites(tmp_path: Path) -> None:
    """A file of that name stays as it is."""
    (tmp_path / "yesterday.db").write_text("precious")
    with SqlStore.open("sqlite://") as store, pytest.raises(StoreError, match="already"):
        store.care.backup(tmp_path / "yesterday.db")
    assert (tmp_path / "yesterday.db").read_text() == "precious"


def test_a_backup_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """No half file under any name, and one line that says why."""
    (tmp_path / "file").write_text("in the way")
    with SqlStore.open("sqlite://") as store, pytest.raises(StoreError, match="could not be written"):
        store.care.backup(tmp_path / "file" / "today.db")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_export_holds_everything_about_a_person_and_nothing_about_others(store: SqlStore) -> None:
    """Reader, queries, digests, messages and the papers they were told of."""
    busy_reader(store, "ada@example.org")
    busy_reader(store, "bob@example.org")
    found = store.care.export("ada@example.org")
    assert {name: len(of) for name, of in found.items()} == {
        "subscribers": 1,
        "subscriptions": 2,
        "digests": 1,
        "ledger": 1,
        "outbox": 1,
        "papers": 1,
    }
    text = json.dumps(found, default=str)
    assert "bob@example.org" not in text
    assert "A paper they were told of" in text
    assert store.care.export("nobody@example.org") == {}


OF_A_PERSON = {"subscribers", "subscriptions", "digests", "ledger", "outbox", "attempts", "returned"}
"""Tables whose rows are somebody's: handed out by an export, gone when they are forgotten."""

OF_NOBODY = {
    "documents", "papers", "editions", "keys", "neighbours", "outlines", "sightings", "acts", "events", "sources",
    "suppressions",
}  # fmt: skip
"""Tables about papers and sources, and the hashes of those who are forgotten."""

MARK = "ada.lovelace@example.org"


def lived(store: SqlStore, address: str) -> None:
    """Give a reader a row in every table of a person, their address in every column of free text that may hold it."""
    first = busy_reader(store, address)
    found = store.subscribers.find(address)
    assert found is not None
    (_, saved), *_ = store.subscribers.subscriptions(first)
    store.subscribers.update(replace(saved, name=f"mine, {address}"))
    (row,) = [row for row in store.outbox.claim(owner="me", now=NOW, lease=HOUR, limit=9) if row.recipient == address]
    assert store.outbox.handing(row, "a" * 64, NOW)
    refused = Outcome(state=OutboxState.FAILED, reply=f"550 <{address}> unknown", relay=f"mx of {address}")
    assert store.outbox.settle(row, refused, NOW)
    complaint = Returned(kind=ReturnKind.COMPLAINT, status="5.7.1", reason=f"{address} complained")
    assert store.returned.keep(first, complaint, address_hash(address, b"its mail"), NOW)
    store.subscribers.update_subscriber(replace(found, suppressed=f"{address} complained"))


def test_every_table_is_of_a_person_or_of_nobody() -> None:
    """Who adds a table says whose it is: it is then exported and forgotten, or it must stay free of people."""
    assert set(metadata.tables) == OF_A_PERSON | OF_NOBODY
    assert not OF_A_PERSON & OF_NOBODY
    assert {table.name for table, _ in personal("x")} == OF_A_PERSON


def test_an_export_has_every_row_and_column_of_a_person(store: SqlStore) -> None:
    """Nothing is left out that was written about them, in whatever table or column it stands."""
    lived(store, MARK)
    found = store.care.export(MARK)
    assert set(found) == OF_A_PERSON | {"papers"}
    with store.engine.connect() as connection:
        for name in OF_A_PERSON:
            table = metadata.tables[name]
            assert connection.scalar(select(func.count()).select_from(table)) == len(found[name]) > 0
            assert {*found[name][0]} == {column.name for column in table.columns}
    told = json.dumps(found, default=str)
    for said in (f"mine, {MARK}", f"550 <{MARK}> unknown", f"mx of {MARK}", f"{MARK} complained"):
        assert said in told


def test_whatever_the_database_holds_of_a_forgotten_person_is_gone(store: SqlStore) -> None:
    """Every table there is in the database, also one the schema does not name; of others nothing is missing."""
    lived(store, "bob@example.org")
    with store.engine.connect() as connection:
        before = {name: _count(connection, name) for name in inspect(connection).get_table_names()}
    lived(store, MARK)
    assert store.care.forget(MARK, key=KEY, now=NOW)
    with store.engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            rows = connection.exec_driver_sql(f"SELECT * FROM {name}").all()
            assert "lovelace" not in repr(rows).lower(), name
            if name in OF_A_PERSON:
                assert len(rows) == before[name], name
        (hashed,) = connection.execute(select(metadata.tables["suppressions"])).all()
    assert hashed == (address_hash(MARK, KEY), "asked to be forgotten", NOW)


def _count(connection: Connection, table: str) -> int:
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_forgetting_deletes_everything_about_a_person(store: SqlStore) -> None:
    """Only a keyed hash stays; the others keep all they have."""
    busy_reader(store, "ada@example.org")
    bob = busy_reader(store, "bob@example.org")
    before = store.care.export("bob@example.org")
    assert store.care.forget("ada@example.org", key=KEY, now=NOW)
    assert store.care.export("ada@example.org") == {}
    assert store.subscribers.find("ada@example.org") is None
    assert store.care.export("bob@example.org") == before
    assert store.views.feed(bob, limit=9)
    assert store.care.is_forgotten("Ada@Example.org", key=KEY)
    assert not store.care.is_forgotten("bob@example.org", key=KEY)
    assert not store.care.is_forgotten("ada@example.org", key=b"another installation")


def test_forgetting_somebody_unknown_still_remembers_not_to_write(store: SqlStore) -> None:
    """An address that was never here can be put on the list, twice too, and be taken off it again."""
    for _ in range(2):
        assert not store.care.forget("eve@example.org", key=KEY, now=NOW)
    assert store.care.is_forgotten("eve@example.org", key=KEY)
    assert store.care.readmit("eve@example.org", key=KEY)
    assert not store.care.readmit("eve@example.org", key=KEY)
    assert not store.care.is_forgotten("eve@example.org", key=KEY)


def test_no_table_keeps_a_forgotten_address(store: SqlStore) -> None:
    """Whatever column of whatever table: the address stands nowhere any more, not even as a plain hash."""
    busy_reader(store, "ada@example.org")
    store.care.forget("ada@example.org", key=KEY, now=NOW)
    assert address_hash("ada@example.org", KEY) != address_hash("ada@example.org", b"")
    with store.engine.connect() as connection:
        for table in metadata.tables:
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert "ada@example.org" not in repr(rows)


def test_a_forgotten_address_is_not_left_in_the_file(tmp_path: Path) -> None:
    """Freed pages are overwritten and the log is emptied: the bytes are gone from the disk's files."""
    path = tmp_path / "digest.db"
    with SqlStore.open(f"sqlite:///{path}") as store:
        lived(store, MARK)
        busy_reader(store, "bob@example.org")
        store.care.forget(MARK, key=KEY, now=NOW)
        found = [file.name for file in tmp_path.iterdir() if b"ada.lovelace" in file.read_bytes()]
    assert found == []
    assert b"bob@example.org" in path.read_bytes()


def test_postgresql_is_backed_up_by_its_own_tools(postgres: Postgres) -> None:
    """The way out is named."""
    with SqlStore.open(postgres.database()) as store, pytest.raises(StoreError, match="pg_dump"):
        store.care.backup(Path("never.db"))
