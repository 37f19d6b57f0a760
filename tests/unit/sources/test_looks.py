"""Many sources at once: no slow host costs another its turn, and no document its place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Event

import pytest

from digest.errors import DigestError, SourceError
from digest.model import Document, Skipped
from digest.ports import RemoteSource
from digest.sources.looks import Looks

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
DEADLINE = 20.0


class Local:
    """A source of this machine: gives its names one by one, each after ``gate`` has opened; ``log``: what happened."""

    def __init__(self, name: str, *names: str, gate: Event | None = None, error: BaseException | None = None) -> None:
        self.name = name
        self.names = names
        self.gate = gate
        self.error = error
        self.log: list[str] = []

    def documents(self, now: datetime) -> Iterator[Document]:
        """Yield the documents, then fail where wanted."""
        for name in self.names:
            if self.gate and not self.gate.wait(DEADLINE):
                raise SourceError("nobody opened the gate")
            self.log.append(f"give {name}")
            yield Document(source=self.name, name=name, body=b"x")
        if self.error:
            raise self.error

    def done(self, document: Document) -> None:
        """Note it."""
        self.log.append(f"done {document.name}")

    def refused(self, item: Document | Skipped, reason: str) -> None:
        """Note it."""


class Remote(Local):
    """The same on the web."""

    is_remote = True


def heard(looks: Looks, *sources: Local, patience: float | None = None) -> list[str]:
    """Return what arrived, each document settled as the ingester does."""
    names = []
    for source, item in looks.found(sources, NOW, patience=patience):
        if isinstance(item, DigestError):
            names.append(str(item))
        elif isinstance(item, Document):
            source.done(item)
            names.append(item.name)
    return names


def test_a_slow_host_costs_the_others_nothing() -> None:
    """The slow one stands first and answers only after all the others have been stored."""
    gate = Event()
    slow, quick = Remote("slow", "s1", gate=gate), Remote("quick", "q1", "q2")
    names = []
    for source, item in Looks().found([slow, quick], NOW):
        assert isinstance(item, Document)
        source.done(item)
        names.append(item.name)
        if item.name == "q2":
            gate.set()
    assert names == ["q1", "q2", "s1"]


def test_what_outlasts_the_patience_is_heard_the_next_time() -> None:
    """The look goes on by itself; meanwhile its source is not looked at again, and nothing is lost or doubled."""
    gate = Event()
    slow, looks = Remote("slow", "s1", "s2", gate=gate), Looks()
    assert heard(looks, slow, patience=0) == []
    assert heard(looks, slow, patience=0) == []
    gate.set()
    assert heard(looks, slow) == ["s1", "s2"]
    assert slow.log == ["give s1", "done s1", "give s2", "done s2"]
    assert heard(looks, slow) == ["s1", "s2"]


def test_a_source_that_fails_stops_no_other() -> None:
    """Its error is told in its place; what it gave before is kept."""
    broken = Remote("broken", "b1", error=SourceError("is gone"))
    assert sorted(heard(Looks(), broken, Remote("good", "g1"))) == ["b1", "g1", "is gone"]


def test_a_mistake_of_the_program_is_no_fault_of_the_source() -> None:
    """An exception that is not meant for users comes out where the documents do."""
    with pytest.raises(ZeroDivisionError):
        heard(Looks(), Remote("broken", error=ZeroDivisionError()))


def test_closing_ends_the_looks_under_way() -> None:
    """A document that came after the end is not given on, and its source is told nothing of it."""
    gate = Event()
    slow, looks = Remote("slow", "s1", "s2", gate=gate), Looks()
    assert heard(looks, slow, patience=0) == []
    looks.close()
    gate.set()
    assert slow.log in ([], ["give s1"])


def test_sources_of_this_machine_keep_their_order() -> None:
    """They are read one after another, in the order of the settings, in the thread of whoever stores."""
    assert not isinstance(Local("a"), RemoteSource)
    assert heard(Looks(), Local("b", "b1", "b2"), Local("a", "a1")) == ["b1", "b2", "a1"]
