"""What every store promises of papers: nothing half stored, nothing forgotten, events in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest import identity
from digest.model import (
    Announced,
    EventKind,
    Key,
    Link,
    LinkKind,
    News,
    Sighting,
    Skipped,
    State,
)
from digest.store import SqlStore
from tests.contract.making import NOW, ingest, judge, listing, sighting

_numbers = count(1)
ARXIV = Key("arxiv:2611.00001")


def test_an_ingested_paper_reads_back_whole(store: SqlStore) -> None:
    """Every fact of a sighting survives the store: texts, people, numbers, ids, links, days."""
    full = sighting(
        "Naïve γ-models: 数学 & C++",
        abstract="First line.\nSecond — line.",
        authors=("Ada Lovelace", "Erdős Pál"),
        author_count=7,
        published=date(2026, 11, 19),
        upvotes=0,
        comments=3,
        keys=(ARXIV, Key("doi:10.1000/x")),
        version=2,
        url="https://arxiv.org/abs/2611.00001",
        links=(Link(LinkKind.PDF, "https://arxiv.org/pdf/2611.00001"), Link(LinkKind.CODE, "https://example.org/c")),
        categories=("cs.CL", "cs.LG"),
        announced=Announced.CROSS,
        organization="A Lab",
        comment="12 pages",
        journal_ref="J. 1",
        summary="Short.",
        withdrawn=True,
    )
    (paper,) = ingest(store, full)
    (event,) = store.papers.fresh(0)
    assert event.paper == paper
    for name in ("title", "abstract", "authors", "author_count", "published", "upvotes", "comments", "keys", "version"):
        assert getattr(event.paper, name) == getattr(full, name)
    for name in ("url", "links", "categories", "announced", "organization", "comment", "journal_ref", "summary"):
        assert getattr(event.paper, name) == getattr(full, name)
    assert event.paper.withdrawn
    assert event.paper.first_seen_at == NOW
    assert event.paper.listed_on == date(2026, 11, 20)
    assert event.paper.sources == ("files",)


def test_what_is_unknown_stays_unknown(store: SqlStore) -> None:
    """A paper of which only the title is known comes back with nothing made up."""
    (paper,) = ingest(store, Sighting(title="Alone", where="line 1"))
    stored = store.papers.fresh(0)[0].paper
    assert stored == paper
    assert (stored.abstract, stored.authors, stored.author_count, stored.upvotes) == ("", (), None, None)
    assert (stored.published, stored.url, stored.announced, stored.withdrawn) == (None, None, None, False)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    title=st.text(st.characters(codec=None), min_size=1, max_size=60),
    raw=st.text(st.characters(codec=None), max_size=60),
    upvotes=st.integers(0, 2**40),
)
def test_any_text_can_be_stored(store: SqlStore, title: str, raw: str, upvotes: int) -> None:
    """NUL, lone surrogates and astral characters cost nobody the listing; what can be kept is kept exactly."""
    key = Key(f"arxiv:2611.{next(_numbers):05d}")
    (paper,) = ingest(store, sighting(title, keys=(key,), raw_title=raw, raw_abstract=raw, upvotes=upvotes))
    stored = store.papers.fresh(0)[-1].paper
    assert (stored.id, stored.keys, stored.upvotes) == (paper.id, (key,), upvotes)
    if "\0" not in title and not any(0xD800 <= ord(char) < 0xE000 for char in title):
        assert stored.title == title


def test_candidates_share_an_id_or_the_title_key(store: SqlStore) -> None:
    """A paper is found by any of its ids and by its title however it is typed, and only by those."""
    (known,) = ingest(store, sighting("Deep Graph-Matching", keys=(ARXIV, Key("doi:10.1000/x"))))
    ingest(store, sighting("Something Else"))
    with store.papers.ingesting(listing(), NOW) as index:
        by_key = index.candidates(sighting("Retitled", keys=(Key("doi:10.1000/x"),)))
        by_title = index.candidates(sighting("deep graph matching"))
        neither = index.candidates(sighting("Deep graphs", keys=(Key("doi:10.1000/y"),)))
    assert (list(by_key), list(by_title), list(neither)) == ([known], [known], [])


def test_a_paper_recorded_a_moment_ago_is_a_candidate(store: SqlStore) -> None:
    """Repeats inside one listing are found: the second sighting of it is the same paper."""
    first, second = judge(store, sighting("Twice"), sighting("Twice", keys=(ARXIV,)))
    assert (first.verdict.state, second.verdict.state) == (State.NEW, State.SEEN)
    assert first.paper.id == second.paper.id
    assert [event.paper.keys for event in store.papers.fresh(0)] == [(ARXIV,)]


def test_later_keys_lead_to_the_paper(store: SqlStore) -> None:
    """An id that a later sighting brought finds the paper too."""
    (paper,) = ingest(store, sighting("Keyed later"))
    ingest(store, sighting("Keyed later", keys=(ARXIV,)))
    (again,) = judge(store, sighting("Quite another title", keys=(ARXIV,)))
    assert again.paper.id == paper.id


def test_one_doi_may_belong_to_several_papers(store: SqlStore) -> None:
    """Some DOIs name a whole supplement: each of its papers can be found by it."""
    doi = Key("doi:10.1000/supplement")
    ingest(store, sighting("Poster one about mice", keys=(doi,)))
    ingest(store, sighting("Completely unrelated talk", abstract="Stars and planets are far away.", keys=(doi,)))
    with store.papers.ingesting(listing(), NOW) as index:
        assert len(index.candidates(sighting("Third", keys=(doi,)))) == 2


def test_an_error_leaves_nothing_behind(store: SqlStore) -> None:
    """A listing is stored whole or not at all."""
    day = listing(sighting("Lost"))

    def fail_halfway() -> None:
        with store.papers.ingesting(day, NOW) as index:
            verdict = identity.judge(day.sightings[0], [])
            index.record(day.sightings[0], verdict, identity.absorb(verdict, day.sightings[0], day, NOW), ())
            raise RuntimeError("the disk fell out")

    with pytest.raises(RuntimeError, match="the disk"):
        fail_halfway()
    assert store.views.counts()["papers"] == 0
    assert not store.papers.is_ingested(day.document)


def test_a_dry_run_leaves_nothing_behind(store: SqlStore) -> None:
    """A dry run judges, repeats included, and stores nothing."""
    day = listing(sighting("Tried"), sighting("Tried"))
    with store.papers.ingesting(day, NOW, dry_run=True) as index:
        for seen in day.sightings:
            verdict = identity.judge(seen, index.candidates(seen))
            index.record(seen, verdict, identity.absorb(verdict, seen, day, NOW), [News(EventKind.NEW)])
        assert verdict.state is State.SEEN
    assert not store.papers.is_ingested(day.document)
    assert not store.papers.fresh(0)


def test_the_very_document_is_recognised(store: SqlStore) -> None:
    """Same source, name and bytes: ingested before. Anything else: not."""
    day = listing(sighting("One"), body=b"the bytes")
    with store.papers.ingesting(day, NOW):
        pass
    assert store.papers.is_ingested(day.document)
    assert not store.papers.is_ingested(replace(day.document, body=b"other"))
    assert not store.papers.is_ingested(replace(day.document, name="other.txt"))
    assert not store.papers.is_ingested(replace(day.document, source="inbox"))


def test_skipped_entries_and_warnings_are_kept(store: SqlStore) -> None:
    """What was not understood goes into the store with the listing, without being in the way."""
    day = replace(listing(), skipped=(Skipped("line 3", "no title"),), warnings=("Probably cut short.",))
    with store.papers.ingesting(day, NOW):
        pass
    assert store.papers.is_ingested(day.document)


def test_events_come_in_order_and_in_pages(store: SqlStore) -> None:
    """Everything after an event id, and up to another, by id, with the papers as of now."""
    ingest(store, *(sighting(f"Paper {n}") for n in range(5)))
    ids = [event.id for event in store.papers.fresh(0)]
    assert ids == sorted(ids)
    assert [event.id for event in store.papers.fresh(ids[1])] == ids[2:]
    assert [event.id for event in store.papers.fresh(ids[0], upto=ids[2])] == ids[1:3]
    assert not store.papers.fresh(ids[-1])


def test_a_revision_is_an_event_with_the_new_wording(store: SqlStore) -> None:
    """A new version changes the paper, and says so in an event of its own."""
    ingest(store, sighting("Old title", keys=(ARXIV,), version=1))
    ingest(store, sighting("New title", keys=(ARXIV,), version=2), now=NOW + timedelta(days=1))
    new, revised = store.papers.fresh(0)
    assert (new.kind, revised.kind) == (EventKind.NEW, EventKind.REVISED)
    assert new.paper == revised.paper
    assert (revised.paper.title, revised.paper.revision) == ("New title", 2)
    assert "title" in revised.note
    assert revised.at == NOW + timedelta(days=1)


def test_a_long_title_or_id_costs_nobody_the_listing(store: SqlStore) -> None:
    """Titles and ids of any length can be stored and found again."""
    long = "word " * 20_000
    key = Key("doi:10.1000/" + "x" * 5_000)
    (paper,) = ingest(store, sighting(long, keys=(key,)))
    (again,) = judge(store, sighting(long))
    assert again.paper.id == paper.id
    with store.papers.ingesting(listing(), NOW) as index:
        assert index.candidates(sighting("other", keys=(key,)))


def test_seeing_a_paper_again_stores_no_second_copy_of_its_text(store: SqlStore) -> None:
    """A repeat that says nothing new makes no new edition and keeps no second text."""
    ingest(store, sighting("Seen daily", abstract="word " * 2_000))
    before = _size(store)
    ingest(store, sighting("Seen daily", abstract="word " * 2_000, upvotes=3))
    assert _size(store) - before < 2_000


def _size(store: SqlStore) -> int:
    """Return the characters of text that the sightings, papers and editions hold."""
    with store.engine.connect() as connection:
        return sum(
            connection.exec_driver_sql(
                f"SELECT coalesce(sum(coalesce(length(title), 0) + coalesce(length(abstract), 0)), 0) FROM {table}"
            ).scalar_one()
            for table in ("papers", "editions", "sightings")
        )


def test_a_paper_is_called_hot_once(store: SqlStore) -> None:
    """Upvotes that fall below a hundred and rise again are no news, nor are those of a paper it was merged with."""
    for upvotes in (3, 120, 90, 130):
        ingest(store, sighting("Slow Rivers", keys=(ARXIV,), upvotes=upvotes))
    (other,) = ingest(store, sighting("A Talk on Quick Streams", upvotes=90))
    (paper,) = ingest(store, sighting("Slow Rivers", keys=(ARXIV,), upvotes=50))
    store.curation.merge(other.id, paper.id, now=NOW)
    ingest(store, sighting("Slow Rivers", keys=(ARXIV,), upvotes=140))
    ingest(store, sighting("A Talk on Quick Streams", upvotes=150))
    assert [event.kind for event in store.papers.fresh(0)].count(EventKind.HOT) == 1
