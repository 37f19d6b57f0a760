"""Opening a store: made and migrated where needed, and a clear line where that cannot be."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from digest.errors import StoreError
from digest.model import Key
from digest.store import SqlStore, engine
from digest.store.migrations import FOLDER, HEAD, migrate
from digest.store.neighbours import outline_of, title_place
from digest.store.schema import metadata
from tests.contract.making import NOW, composed, ingest, sighting, subscribe
from tests.postgres import free_port

OPEN = "import sys; from digest.store import SqlStore; SqlStore.open(sys.argv[1]).close()"


ABSTRACT = "Models that read sequences step at the pace of their input, although language has long stretches in which."


def one_line(error: pytest.ExceptionInfo[StoreError]) -> str:
    """Return the error's text, which names a place and fits one line."""
    line = str(error.value)
    assert "\n" not in line
    assert error.value.place
    return line


def test_the_migrations_make_the_schema(store: SqlStore) -> None:
    """The schema equals the migrations: nothing to add, to drop or to change."""
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": metadata})
        assert compare_metadata(context, metadata) == []


def test_every_table_says_what_it_is(store: SqlStore) -> None:
    """The schema is its own documentation: one sentence a table."""
    assert all(table.comment and table.comment.endswith(".") for table in metadata.tables.values())


def test_a_store_opened_again_is_as_it_was(fresh_url: str) -> None:
    """Closing and opening keeps everything and migrates nothing."""
    with SqlStore.open(fresh_url) as store:
        subscribe(store)
        ingest(store, sighting("Paper"))
        before = store.views.counts()
    with SqlStore.open(fresh_url) as store:
        assert store.views.counts() == before


def test_several_programs_may_open_a_new_store_at_once(fresh_url: str) -> None:
    """One of them makes the tables, the others wait for it; all of them get a store."""
    programs = [subprocess.Popen([sys.executable, "-c", OPEN, fresh_url], stderr=subprocess.PIPE) for _ in range(3)]
    results = [(program.communicate()[1].decode(), program.returncode) for program in programs]
    assert results == [("", 0)] * 3


def test_a_new_file_that_another_writes_to_is_waited_for(tmp_path: Path) -> None:
    """The two that turn it to WAL at the same moment take turns, though SQLite itself would refuse one at once."""
    path = tmp_path / "digest.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    soon = threading.Timer(0.2, other.rollback)
    soon.start()
    try:
        with SqlStore.open(f"sqlite:///{path}") as store:
            assert store.views.counts()["papers"] == 0
    finally:
        soon.join()
        other.close()


def test_a_newer_store_is_refused(fresh_url: str) -> None:
    """A store of a newer program is left alone, and the way out is named."""
    with SqlStore.open(fresh_url) as store, store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError) as error:
        SqlStore.open(fresh_url)
    assert "newer program (schema 9999" in one_line(error)
    assert "upgrade" in error.value.hint


def test_a_broken_migration_changes_nothing(fresh_url: str, tmp_path: Path) -> None:
    """A migration that fails halfway leaves the store as it was, and says so."""
    with SqlStore.open(fresh_url) as store:
        ingest(store, sighting("Paper"))
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    for path in (*FOLDER.glob("*.*"), *FOLDER.glob("versions/v*.py")):
        (folder / path.relative_to(FOLDER)).write_bytes(path.read_bytes())
    (folder / "versions" / "v9000_broken.py").write_text(
        f"from alembic import op\nrevision = '9000'\ndown_revision = '{HEAD}'\n\n"
        "def upgrade():\n    op.rename_table('papers', 'articles')\n    op.execute('SELECT nonsense')\n"
    )
    opened = engine.create(fresh_url)
    with pytest.raises(StoreError) as error:
        migrate(opened, folder=folder, head="9000")
    assert "nonsense" in one_line(error)
    opened.dispose()
    with SqlStore.open(fresh_url) as store:
        assert store.views.counts()["papers"] == 1


def test_papers_of_an_older_store_get_their_neighbours(fresh_url: str) -> None:
    """Opened with a newer program, every paper stands where it would if it came today."""
    tables = [metadata.tables[name] for name in ("neighbours", "outlines")]

    def standing(store: SqlStore) -> list[set[object]]:
        with store.engine.connect() as connection:
            return [set(connection.execute(table.select()).all()) for table in tables]

    with SqlStore.open(fresh_url) as store:
        ingest(store, sighting("Slow Rivers", keys=(Key("arxiv:2611.90034"),)), sighting("Ein Maß für Flüsse"))
        ingest(store, sighting("", abstract=ABSTRACT, keys=(Key("arxiv:2611.90035"),)))
        before = standing(store)
        with store.engine.begin() as connection:
            without_history(connection)
            connection.execute(text("DROP TABLE neighbours"))
            connection.execute(text("DROP TABLE outlines"))
            connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    with SqlStore.open(fresh_url) as store:
        assert standing(store) == before
        assert [len(rows) for rows in before] == [12, 3]


def test_old_wordings_of_an_older_store_keep_their_places(fresh_url: str) -> None:
    """What led to a revised paper before the places were rewritten leads to it afterwards."""
    keys = (Key("arxiv:2611.90034"),)
    with SqlStore.open(fresh_url) as store:
        ingest(store, sighting("Deep Waters", abstract="", keys=keys, version=2))
        with store.engine.begin() as connection:
            with_old_places(connection)
            old = {"ring": 6, "key": "modelsthatreadsequencesstepatthepaceoftheirinputalthough"}
            connection.execute(text("INSERT INTO neighbours (ring, key, paper_id) VALUES (:ring, :key, 1)"), old)
            connection.execute(text("INSERT INTO outlines VALUES (1, 'deepwaters', :sketch)"), {"sketch": bytes(128)})
    with SqlStore.open(fresh_url) as store, store.engine.connect() as connection:
        places = set(connection.scalars(text("SELECT place FROM neighbours")))
        assert places == {outline_of("", ABSTRACT, keys).places()[0], title_place("deepwaters")}
        assert bytes(connection.scalar(text("SELECT sketch FROM outlines")) or b"") == bytes(64)


def test_readers_of_an_older_store_are_found_in_any_spelling(fresh_url: str) -> None:
    """Who subscribed with one spelling before is not made anew with another; two that exist stay two."""
    with SqlStore.open(fresh_url) as store:
        for address in ("Ada@example.org", "emmy@example.org"):
            subscribe(store, address)
        with store.engine.begin() as connection:
            connection.execute(text("UPDATE subscribers SET address = 'ada@example.org' WHERE id = 2"))
            without_spellings(connection)
    with SqlStore.open(fresh_url) as store:
        found = [
            store.subscribers.find(address) for address in ("Ada@example.org", "ada@example.org", "ADA@example.org")
        ]
        assert [one.id for one in found if one] == [1, 2, 1]
        assert subscribe(store, "aDa@example.org", "rain")[0].subscriber_id == 1


def without_spellings(connection: Connection) -> None:
    """Take a store back to what it was before two spellings of an address were one reader."""
    connection.execute(text("DROP INDEX ix_subscribers_folded"))
    connection.execute(text("ALTER TABLE subscribers DROP COLUMN folded"))
    connection.execute(text("UPDATE alembic_version SET version_num = '0007'"))


def with_old_places(connection: Connection) -> None:
    """Take a store back to what it was before places were integers: empty tables, and the indexes."""
    without_spellings(connection)
    connection.execute(text("DROP TABLE neighbours"))
    connection.execute(text("DROP TABLE outlines"))
    binary = "BYTEA" if connection.dialect.name == "postgresql" else "BLOB"
    ends = "ring INTEGER, key TEXT, paper_id BIGINT, CONSTRAINT pk_neighbours PRIMARY KEY (ring, key, paper_id)"
    gist = f"paper_id BIGINT, title_key TEXT, sketch {binary}, CONSTRAINT pk_outlines PRIMARY KEY (paper_id)"
    for sql in (
        f"CREATE TABLE neighbours ({ends})",
        f"CREATE TABLE outlines ({gist})",
        "CREATE INDEX ix_papers_title_key ON papers (title_key)",
        "CREATE INDEX ix_keys_paper_id ON keys (paper_id)",
        "UPDATE alembic_version SET version_num = '0006'",
    ):
        connection.execute(text(sql))


def without_history(connection: Connection) -> None:
    """Take a store back to what it was before messages had a history."""
    with_old_places(connection)
    metadata.drop_all(connection, [metadata.tables["attempts"]])
    connection.execute(text("ALTER TABLE subscriptions DROP COLUMN history"))
    for column in ("claimed_at", "handed_at", "doubts"):
        connection.execute(text(f"ALTER TABLE outbox DROP COLUMN {column}"))
    connection.execute(text("UPDATE alembic_version SET version_num = '0004'"))


def test_messages_in_doubt_of_an_older_store_stay_in_doubt(fresh_url: str) -> None:
    """An older program noted the doubt in the words of the last answer; it is counted when the store is opened."""
    with SqlStore.open(fresh_url) as store:
        papers = ingest(store, sighting("Slow Rivers"))
        for name in ("ada", "emmy"):
            subscribe(store, f"{name}@example.org")
        store.digests.commit([composed(due, papers) for due in store.digests.due(NOW, limit=9)])
        with store.engine.begin() as connection:
            words = "the connection or the worker died while the message left; it may have arrived; 451 later"
            connection.execute(text("UPDATE outbox SET last_error = :words WHERE id = 1"), {"words": words})
            without_history(connection)
    with SqlStore.open(fresh_url) as store:
        assert [store.desk.get(number).doubts for number in (1, 2)] == [1, 0]
        assert store.desk.history(1) == []


def test_who_reads_everything_once_keeps_few_pages(tmp_path: Path) -> None:
    """Also on a connection that keeps many for others, and only as long."""
    with SqlStore.open(f"sqlite:///{tmp_path / 'digest.db'}") as store:
        passing = engine.passing(store.engine)
        kept = []
        for one in (passing, store.engine, engine.reading(passing), engine.reading(store.engine)):
            with one.begin() as connection:
                kept.append(connection.exec_driver_sql("PRAGMA cache_size").scalar())
    assert kept == [-engine.FEW_PAGES, -engine.PAGES_KEPT] * 2


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    """A SQLite file with somebody else's tables is not taken over."""
    path = tmp_path / "places.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    with pytest.raises(StoreError) as error:
        SqlStore.open(f"sqlite:///{path}")
    assert "another program's tables (bookmarks)" in one_line(error)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Any other file is refused and stays as it is."""
    path = tmp_path / "notes.txt"
    path.write_bytes(b"These are my notes, not a database. " * 100)
    with pytest.raises(StoreError) as error:
        SqlStore.open(f"sqlite:///{path}")
    assert "not a database" in one_line(error)
    assert path.read_bytes().startswith(b"These are my notes")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder that cannot be made, and a path that is a folder."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError) as error:
        SqlStore.open(f"sqlite:///{tmp_path}/file/digest.db")
    assert "cannot be made" in one_line(error)
    assert "--store" in error.value.hint
    with pytest.raises(StoreError) as error:
        SqlStore.open(f"sqlite:///{tmp_path}")
    assert "unable to open" in one_line(error)


def test_a_locked_store_is_waited_for_and_then_named(tmp_path: Path) -> None:
    """A writer waits for another one; after the timeout it says what to do."""
    url = f"sqlite:///{tmp_path / 'digest.db'}"
    with SqlStore.open(url) as store, SqlStore.open(f"{url}?timeout=0.05") as hasty, store.engine.begin():
        with pytest.raises(StoreError) as error:
            subscribe(hasty)
        assert hasty.views.counts()["subscribers"] == 0  # readers never wait
    assert "locked" in one_line(error)
    assert error.value.hint


def test_an_address_that_is_none_is_refused() -> None:
    """Not a URL, a database we do not know, a timeout that is no number."""
    for url, word in (
        ("digest.db", "no database address"),
        ("mysql://x/y", "mysql"),
        ("sqlite://?timeout=x", "seconds"),
    ):
        with pytest.raises(StoreError) as error:
            SqlStore.open(url)
        assert word in one_line(error)


def test_a_server_that_does_not_answer_is_named() -> None:
    """PostgreSQL that is not there: one line, without the password."""
    with pytest.raises(StoreError) as error:
        SqlStore.open(f"postgresql://ada:secret@127.0.0.1:{free_port()}/digest")
    line = one_line(error)
    assert "refused" in line
    assert "secret" not in line
    assert "server runs" in error.value.hint


def test_a_full_disk_is_named_and_stores_nothing(tmp_path: Path) -> None:
    """Where the disk is full in the middle of a listing, nothing of it is stored, and later it can be."""
    with SqlStore.open(f"sqlite:///{tmp_path / 'digest.db'}") as store:
        with store.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")
        day = [sighting(f"Paper {n}", abstract="long " * 500) for n in range(50)]
        with pytest.raises(StoreError) as error:
            ingest(store, *day)
        assert "full" in one_line(error)
        assert "free some space" in error.value.hint
        assert store.views.counts()["papers"] == 0
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 100000")
        ingest(store, *day)
        assert store.views.counts()["papers"] == 50
