"""A store that fails is told as such, and costs no source its turn."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.errors import StoreError
from digest.model import Document, Listing
from digest.pipeline.ingest import Ingested, ingest
from digest.sources import InboxSource
from digest.sources.looks import one_by_one
from digest.store import SqlStore

NOW = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)


def _empty(document: Document) -> Listing:
    return Listing(document=document, format="hf-json", listed_on=None)


def test_a_failing_store_is_no_fault_of_the_source(tmp_path: Path) -> None:
    """The error is the store's; the file stays in the inbox and is read when the store is back."""
    (tmp_path / "dump.json").write_text("[]")
    os.utime(tmp_path / "dump.json", (1_700_000_000, 1_700_000_000))
    url = f"sqlite:///{tmp_path / 'store' / 'digest.db'}"
    with SqlStore.open(url) as store:
        with store.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE documents RENAME TO documents_away")
        with pytest.raises(StoreError):
            list(ingest(one_by_one([InboxSource(tmp_path)], NOW), store.papers, parse=_empty, now=NOW))
        assert (tmp_path / "dump.json").exists()
        with store.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE documents_away RENAME TO documents")
        (outcome,) = ingest(one_by_one([InboxSource(tmp_path)], NOW), store.papers, parse=_empty, now=NOW)
    assert isinstance(outcome, Ingested)
    assert (tmp_path / "done" / "dump.json").exists()
