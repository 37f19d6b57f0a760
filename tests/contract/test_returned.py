"""What every store keeps of mail that came back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digest.model import Returned, ReturnKind, Subscriber
from digest.store import SqlStore
from tests.contract.making import NOW, subscribe

GONE = Returned(kind=ReturnKind.GONE, status="5.1.1", reason="no such user")
UNCLEAR = Returned(kind=ReturnKind.UNCLEAR, reason="550 refused")


def ada(store: SqlStore) -> Subscriber:
    """Return a reader."""
    subscribe(store, "ada@example.org", "*")
    found = store.subscribers.find("ada@example.org")
    assert found is not None
    return found


def test_whose_address_is_gone_gets_no_more_mail(store: SqlStore) -> None:
    """It is said once; the same mail again, or another one, changes nothing more."""
    reader = ada(store)
    reason = store.returned.keep(reader.id, GONE, "a", NOW)
    assert reason
    found = store.subscribers.get(reader.id)
    assert found is not None
    assert found.suppressed == reason
    assert store.returned.keep(reader.id, GONE, "a", NOW) == ""
    assert store.returned.keep(reader.id, GONE, "b", NOW + timedelta(days=1)) == ""
    assert store.subscribers.get(reader.id) == found
    assert [(at, said.kind, said.status, said.reason) for at, said in store.returned.of(reader.id)] == [
        (NOW, ReturnKind.GONE, "5.1.1", "no such user"),
        (NOW + timedelta(days=1), ReturnKind.GONE, "5.1.1", "no such user"),
    ]


def test_a_refusal_without_a_reason_counts_when_it_comes_again(store: SqlStore) -> None:
    """The same mail read twice is no second refusal."""
    reader = ada(store)
    assert store.returned.keep(reader.id, UNCLEAR, "a", NOW) == ""
    assert store.returned.keep(reader.id, UNCLEAR, "a", NOW + timedelta(days=3)) == ""
    assert store.returned.keep(reader.id, UNCLEAR, "b", NOW + timedelta(days=3)) != ""


def test_nobody_is_nobody(store: SqlStore) -> None:
    """A token of somebody who was forgotten."""
    assert store.returned.keep(77, GONE, "a", NOW) is None


@pytest.mark.parametrize("name", ["export", "forget"])
def test_what_came_back_is_personal(store: SqlStore, name: str) -> None:
    """It is exported with the rest, and forgotten with the rest."""
    reader = ada(store)
    store.returned.keep(reader.id, GONE, "a", NOW)
    if name == "export":
        assert store.care.export(reader.address)["returned"][0]["reason"] == "no such user"
    else:
        assert store.care.forget(reader.address, key=b"k" * 32, now=NOW)
        assert not store.returned.of(reader.id)
