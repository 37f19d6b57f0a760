"""What every store promises of digests: never the same paper twice, never a missed one, read again as composed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from digest.model import Cadence, DailyCounts, Digest, Due, EventKind, Hit, Item, Key, OutboxState, Paper
from digest.store import SqlStore, schema
from digest.store.digests import _stretches
from tests.contract.making import (
    NOW,
    TOMORROW,
    composed,
    digest_for,
    ingest,
    message_for,
    sighting,
    subscribe,
)

ARXIV = Key("arxiv:2611.00001")


def the_due(store: SqlStore) -> Due:
    """Return the only subscriber who is due."""
    (due,) = store.digests.due(NOW, limit=10)
    return due


def stored(store: SqlStore, subscriber_id: int, slot: str = "2026-11-20") -> Digest:
    """Return a stored digest."""
    digest = store.views.digest_of(subscriber_id, slot)
    assert digest is not None
    return digest


def test_whose_time_has_come_is_due(store: SqlStore) -> None:
    """Due are the unpaused subscriptions whose instant is not in the future, reader by reader."""
    mine = subscribe(store, "ada@example.org", "a", "b", "c")
    subscribe(store, "bob@example.org", "d")
    store.subscribers.update(replace(mine[0], due_at=NOW + timedelta(seconds=1)))
    store.subscribers.update(replace(mine[2], paused=True))
    found = store.digests.due(NOW, limit=10)
    assert [[s.query for s in due.subscriptions] for due in found] == [["b"], ["d"]]
    assert [due.subscriber.address for due in found] == ["ada@example.org", "bob@example.org"]


def test_the_due_come_in_pages(store: SqlStore) -> None:
    """Page by page by subscriber id, every due reader comes exactly once."""
    for n in range(7):
        subscribe(store, f"reader{n}@example.org", "a", "b")
    pages = []
    after = 0
    while page := store.digests.due(NOW, limit=3, after=after):
        pages.append([due.subscriber.address for due in page])
        after = page[-1].subscriber.id
    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({address for page in pages for address in page}) == 7


def test_at_once_is_due_when_something_happened(store: SqlStore) -> None:
    """At-once subscriptions are due as soon as there is an event they have not seen."""
    (mine,) = subscribe(store, cadence=Cadence.AT_ONCE)
    assert not store.digests.due(NOW, limit=10)
    ingest(store, sighting("News"))
    assert the_due(store).subscriptions == (mine,)


def test_a_committed_digest_reads_back_as_composed(store: SqlStore) -> None:
    """Sections, hits, spans, counters, notes: equal to what was composed."""
    subscribe(store)
    papers = ingest(store, *(sighting(f"Paper {n}", upvotes=n) for n in range(4)))
    made = composed(the_due(store), papers)
    assert made.digest is not None
    update = Item(paper=papers[0], kind=EventKind.HOT, hit=Hit(score=0.1), note="passed 100 upvotes")
    made = replace(made, digest=replace(made.digest, updates=(update,)))
    assert store.digests.commit([made]) == {made.due.subscriber.id}
    assert stored(store, made.due.subscriber.id) == made.digest
    (row,) = store.views.outbox()
    assert store.outbox.digest(row.digest_id) == made.digest


def test_what_was_sent_reads_the_same_after_revisions(store: SqlStore) -> None:
    """However often a paper is seen again, revised or upvoted, an old digest reads as it was composed."""
    subscribe(store)
    papers = ingest(store, sighting("First wording", keys=(ARXIV,), version=1, upvotes=1))
    made = composed(the_due(store), papers)
    store.digests.commit([made])
    for version in (2, 3, 4):
        abstract = "Same all along." if version > 2 else "Another abstract."
        ingest(store, sighting(f"Wording {version}", abstract=abstract, keys=(ARXIV,), version=version, upvotes=9))
    ingest(store, sighting("Wording 4", keys=(ARXIV,), version=4, categories=("cs.CL",)), source="mail")
    assert stored(store, made.due.subscriber.id) == made.digest
    assert store.papers.fresh(0)[0].paper.title == "Wording 4"


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(["", "p", "q"]), st.sampled_from(["", "cs.CL", "cs.LG"])),
        min_size=2,
        max_size=8,
    )
)
def test_every_wording_a_paper_ever_had_can_be_read_again(wordings: list[tuple[str, str, str]]) -> None:
    """Law: a digest composed after any sighting reads the same after all the later ones."""
    with SqlStore.open("sqlite://") as store:
        subscribe(store)
        due = the_due(store)
        digests = []
        for version, (title, abstract, category) in enumerate(wordings, start=1):
            facts = {"keys": (ARXIV,), "version": version, "categories": (category,) if category else ()}
            papers = ingest(store, sighting(title, abstract=abstract, **facts))
            made = digest_for(due, papers, slot=str(version))
            (section,) = made.sections
            section = replace(section, items=tuple(replace(item, kind=EventKind.REVISED) for item in section.items))
            digests.append(replace(made, sections=(section,)))
            draft = replace(composed(due, cursor=version), digest=digests[-1])
            assert store.digests.commit([draft])
            store.subscribers.update(replace(due.subscriptions[0], due_at=NOW))
            due = the_due(store)
        assert [stored(store, due.subscriber.id, made.slot) for made in digests] == digests


def test_a_paper_revised_while_composing_reads_as_composed(store: SqlStore) -> None:
    """The composer reads papers before it commits: a revision in between does not change what was sent."""
    subscribe(store)
    papers = ingest(store, sighting("Before", keys=(ARXIV,), version=1))
    made = composed(the_due(store), papers)
    ingest(store, sighting("After", keys=(ARXIV,), version=2))
    store.digests.commit([made])
    assert stored(store, made.due.subscriber.id) == made.digest


def test_a_paper_nobody_stored_that_way_reads_as_composed(store: SqlStore) -> None:
    """Even where no stored edition equals the paper, the digest gives back what was sent."""
    subscribe(store)
    (paper,) = ingest(store, sighting("Plain", upvotes=4))
    made = composed(the_due(store), [replace(paper, title="Dressed", categories=("cs.CL",))])
    store.digests.commit([made])
    assert stored(store, made.due.subscriber.id) == made.digest


def test_the_ledger_tells_who_was_told_of_what(store: SqlStore) -> None:
    """Papers in a digest, those its cap left out included, are told; nobody else has been told."""
    subscribe(store, "ada@example.org")
    subscribe(store, "bob@example.org")
    papers = ingest(store, *(sighting(f"Paper {n}") for n in range(4)))
    ada, bob = store.digests.due(NOW, limit=10)
    store.digests.commit([composed(ada, papers[:3]), composed(bob)])
    everybody = [ada.subscriber.id, bob.subscriber.id]
    assert store.digests.told(everybody, [p.id for p in papers]) == {
        ada.subscriber.id: frozenset(p.id for p in papers[:3])
    }
    assert store.digests.told(everybody, [papers[3].id]) == {}
    assert store.digests.told([], []) == {}


def test_updates_do_not_count_as_told(store: SqlStore) -> None:
    """Hearing of a revision is not being told of the paper: it can still come as new under another query."""
    subscribe(store)
    papers = ingest(store, sighting("Old friend"))
    made = composed(the_due(store), papers)
    assert made.digest is not None
    items = tuple(replace(item, kind=EventKind.REVISED) for item in made.digest.items)
    store.digests.commit([replace(made, digest=replace(made.digest, sections=(), updates=items))])
    assert store.digests.told([made.due.subscriber.id], [papers[0].id]) == {}


def test_committing_moves_cursor_and_due_time(store: SqlStore) -> None:
    """After a commit nobody is due until the next slot, whether there was something to send or not."""
    subscribe(store)
    made = composed(the_due(store), cursor=17)
    assert store.digests.commit([made]) == {made.due.subscriber.id}
    assert not store.digests.due(NOW, limit=10)
    (due,) = store.digests.due(TOMORROW, limit=10)
    assert (due.subscriptions[0].cursor, due.subscriptions[0].due_on) == (17, TOMORROW.date())
    assert not store.views.outbox()


def test_a_subscriptions_history_is_kept_with_its_cursor_and_told_as_composed(store: SqlStore) -> None:
    """The counts go on where they stood, an edit leaves them alone, and an old digest shows those of its day."""
    subscribe(store)
    papers = ingest(store, sighting("Slow Rivers"))
    due = the_due(store)
    then = DailyCounts(NOW.date(), (0, 2, 5))
    counted = replace(due, subscriptions=(replace(due.subscriptions[0], history=then),))
    store.digests.commit([composed(counted, papers)])
    (_, kept) = next(iter(store.subscribers.subscriptions()))
    assert kept.history == then
    store.subscribers.update(replace(kept, history=None, name="Rivers"))
    assert next(iter(store.subscribers.subscriptions()))[1].history == then
    assert stored(store, due.subscriber.id).sections[0].subscription.history == then


def test_the_slower_of_two_composers_commits_nothing(store: SqlStore) -> None:
    """Who was committed meanwhile is left alone; the others of the batch are not."""
    subscribe(store, "ada@example.org")
    subscribe(store, "bob@example.org")
    papers = ingest(store, sighting("Paper"))
    ada, bob = store.digests.due(NOW, limit=10)
    assert store.digests.commit([composed(ada, papers)]) == {ada.subscriber.id}
    assert store.digests.commit([composed(ada, papers), composed(bob, papers)]) == {bob.subscriber.id}
    assert sorted(row.recipient for row in store.views.outbox()) == ["ada@example.org", "bob@example.org"]


def test_two_composers_with_two_queries_of_one_reader_never_tell_twice(store: SqlStore) -> None:
    """Each query has its own cursor; the ledger still lets a paper through once, and the loser composes again."""
    subscribe(store, "ada@example.org", "a", "b")
    papers = ingest(store, sighting("Paper"))
    due = the_due(store)
    one, other = (Due(subscriber=due.subscriber, subscriptions=(s,)) for s in due.subscriptions)
    assert store.digests.commit([composed(one, papers, slot="2026-11-20.1")])
    assert not store.digests.commit([composed(other, papers, slot="2026-11-20.2")])
    assert store.digests.told([due.subscriber.id], [papers[0].id])
    assert the_due(store).subscriptions == other.subscriptions


def test_a_second_digest_of_one_day_waits_for_the_next(store: SqlStore) -> None:
    """Moving the time of day after the digest went out brings no second one: due tomorrow, nothing skipped."""
    (mine,) = subscribe(store)
    first = ingest(store, sighting("Morning paper"))
    store.digests.commit([composed(the_due(store), first, cursor=1)])
    store.subscribers.update(replace(mine, due_at=NOW))
    second = ingest(store, sighting("Noon paper"))
    assert not store.digests.commit([composed(the_due(store), second, cursor=2)])
    assert not store.digests.due(NOW, limit=10)
    (due,) = store.digests.due(TOMORROW, limit=10)
    assert due.subscriptions[0].cursor == 1
    assert len(store.views.outbox()) == 1


def test_an_edited_paused_or_removed_query_is_left_alone(store: SqlStore) -> None:
    """What the reader changed while their digest was being composed wins."""
    (edited,) = subscribe(store, "ada@example.org", "a")
    (paused,) = subscribe(store, "bob@example.org", "b")
    (removed,) = subscribe(store, "eve@example.org", "c")
    papers = ingest(store, sighting("Paper"))
    batch = [composed(due, papers) for due in store.digests.due(NOW, limit=10)]
    store.subscribers.update(replace(edited, query="z"))
    store.subscribers.update(replace(paused, paused=True))
    store.subscribers.remove(removed.id)
    assert store.digests.commit(batch) == frozenset()
    assert not store.views.outbox()


def test_a_feed_reader_gets_no_outbox_row(store: SqlStore) -> None:
    """A digest without a message is in the feed and in the ledger, and nothing waits to be sent."""
    subscribe(store)
    papers = ingest(store, *(sighting(f"Paper {n}") for n in range(3)))
    made = replace(composed(the_due(store), papers), message=None)
    store.digests.commit([made])
    assert not store.views.outbox()
    entries = store.views.feed(made.due.subscriber.id, limit=10)
    assert [entry.item.paper for entry in entries] == [*papers, *papers[2:]], "the last with an update, too"


def test_the_outbox_row_says_what_is_to_be_sent(store: SqlStore) -> None:
    """A pending row names recipient, Message-ID, slot and the hash of the bytes; the bytes are not kept."""
    subscribe(store)
    made = composed(the_due(store), ingest(store, sighting("Paper")))
    store.digests.commit([made])
    (row,) = store.views.outbox(subscriber_id=made.due.subscriber.id)
    assert made.digest is not None
    message = message_for(made.digest)
    assert (row.state, row.recipient, row.message_id) == (OutboxState.PENDING, message.recipient, message.message_id)
    assert (row.slot, row.created_at, len(row.body_sha256)) == ("2026-11-20", NOW, 64)


def test_the_feed_gives_the_newest_digest_first(store: SqlStore) -> None:
    """Newest digest first, each in its own order, of one subscription or all, up to a limit."""
    mine = subscribe(store, "ada@example.org", "a", "b")
    days: list[list[Paper]] = []
    for n, query in enumerate(mine):
        days.append(ingest(store, sighting(f"Paper {n}.1"), sighting(f"Paper {n}.2")))
        due = Due(subscriber=the_due(store).subscriber, subscriptions=(query,))
        store.digests.commit([composed(due, days[-1], slot=f"2026-11-2{n}")])
    owner = mine[0].subscriber_id
    assert [e.item.paper for e in store.views.feed(owner, limit=3)] == [*days[1], days[0][0]]
    assert [e.item.paper for e in store.views.feed(owner, subscription_id=mine[0].id, limit=9)] == days[0]
    assert [e.section for e in store.views.feed(owner, limit=1)] == ["b"]
    assert not store.views.feed(owner + 1, limit=9)


def test_counts_count(store: SqlStore) -> None:
    """Papers, sightings, readers, queries, digests, and outbox rows by state."""
    subscribe(store)
    papers = ingest(store, sighting("Paper"), sighting("Paper"))
    store.digests.commit([composed(the_due(store), papers[:1])])
    counts = store.views.counts()
    assert {name: counts[name] for name in ("papers", "sightings", "subscribers", "subscriptions", "digests")} == {
        "papers": 1,
        "sightings": 2,
        "subscribers": 1,
        "subscriptions": 1,
        "digests": 1,
    }
    assert counts["outbox.pending"] == 1


@given(st.sets(st.integers(1, 20_000)))
def test_stretches_cover_every_id(ids: set[int]) -> None:
    """Law: every id lies in exactly one stretch, and stretches begin and end with an id."""
    stretches = _stretches(ids)
    assert all(sum(first <= n <= last for first, last in stretches) == 1 for n in ids)
    assert {n for stretch in stretches for n in stretch} <= ids


def test_a_digest_stored_by_an_earlier_version_reads_back(store: SqlStore) -> None:
    """It says nothing of updates that were left out; there are none then."""
    subscribe(store)
    papers = ingest(store, *(sighting(f"Paper {n}") for n in range(3)))
    made = composed(the_due(store), papers)
    store.digests.commit([made])
    whole = stored(store, made.due.subscriber.id)
    with store.engine.begin() as connection:
        body = connection.execute(select(schema.digests.c.body)).scalar_one()
        assert body.pop("updates_left_out")
        connection.execute(update(schema.digests).values(body=body))
    assert stored(store, made.due.subscriber.id) == replace(whole, updates_left_out=())
