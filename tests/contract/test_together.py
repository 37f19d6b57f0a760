"""Several processes on one store, and processes that are killed: nothing lost, nothing twice, nothing half."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from typing import IO

from sqlalchemy import text

from digest.model import Cadence, Due
from digest.store import SqlStore
from tests.conftest import ROOT
from tests.contract.making import NOW, composed, ingest, judge, sighting, subscribe
from tests.postgres import Postgres

INGEST_AND_HANG = """
import sys
from digest import identity
from digest.store import SqlStore
from tests.contract.making import NOW, listing, sighting

store = SqlStore.open(sys.argv[1])
day = listing(*(sighting(f"Paper {n}") for n in range(int(sys.argv[2]))))
with store.papers.ingesting(day, NOW) as index:
    for seen in day.sightings:
        verdict = identity.judge(seen, index.candidates(seen))
        index.record(seen, verdict, identity.absorb(verdict, seen, day, NOW), identity.news(verdict, None, None))
    print("stored, not committed", flush=True)
    sys.stdin.read()
"""

INGEST = """
import sys
from digest.store import SqlStore
from tests.contract.making import ingest, sighting

with SqlStore.open(sys.argv[1]) as store:
    for day in range(6):
        ingest(store, *(sighting(f"Paper {(day * 5 + n) % 40}") for n in range(20)), name=sys.argv[2])
"""


COMPOSE = """
import sys
from digest.matcher import BulkMatcher
from digest.pipeline.compose import compose_due
from digest.store import SqlStore
from tests.contract.making import NOW, PlainRenderer

with SqlStore.open(sys.argv[1]) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(3):
        for outcome in compose_due(store.papers, store.digests, BulkMatcher(), PlainRenderer(), now=NOW):
            assert not outcome.failed, outcome.reason
"""


def program(source: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start Python code as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", source, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def line_of(stream: IO[bytes] | None) -> str:
    """Wait for a line of a process."""
    assert stream is not None
    return stream.readline().decode().strip()


def test_an_ingester_killed_before_its_commit_leaves_nothing(shared_url: str) -> None:
    """SIGKILL with a whole listing written and not committed: not a paper, and the next one goes right through."""
    with SqlStore.open(shared_url) as store:
        victim = program(INGEST_AND_HANG, shared_url, "700")
        assert line_of(victim.stdout) == "stored, not committed"
        victim.send_signal(signal.SIGKILL)
        victim.communicate()
        assert store.views.counts()["papers"] == 0
        assert not store.papers.fresh(0)
        assert len(ingest(store, sighting("Paper 0"))) == 1


def test_two_ingesters_at_once_find_each_paper_once(shared_url: str) -> None:
    """However two processes interleave, a paper is stored once and has one event."""
    SqlStore.open(shared_url).close()
    programs = [program(INGEST, shared_url, name) for name in ("one.txt", "two.txt")]
    assert [(p.communicate()[1].decode(), p.returncode) for p in programs] == [("", 0)] * 2
    with SqlStore.open(shared_url) as store:
        titles = [event.paper.title for event in store.papers.fresh(0)]
        assert sorted(titles) == sorted({f"Paper {n}" for n in range(40)})
        assert store.views.counts()["sightings"] == 2 * 6 * 20


def test_events_never_appear_below_what_a_reader_has_seen(shared_url: str) -> None:
    """A reader who asks "everything after N" while others ingest never misses an event."""

    def write(part: int) -> None:
        with SqlStore.open(shared_url) as store:
            for n in range(15):
                ingest(store, sighting(f"Paper {part} {n}"))

    with SqlStore.open(shared_url) as store, ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, part) for part in range(4)]
        seen: list[int] = []
        while wait(
            writers, timeout=0.005
        ).not_done:  # a reader that never rests keeps Python's own lock from the writers
            seen += [event.id for event in store.papers.fresh(seen[-1] if seen else 0)]
        for writer in writers:
            writer.result()
        seen += [event.id for event in store.papers.fresh(seen[-1] if seen else 0)]
        assert seen == [event.id for event in store.papers.fresh(0)]
        assert len(seen) == 60


def test_of_composers_at_once_one_commits(shared_url: str) -> None:
    """Four composers read the same readers as due; each reader gets one digest, one row and one ledger entry."""
    with SqlStore.open(shared_url) as store:
        for n in range(12):
            subscribe(store, f"reader{n}@example.org")
        papers = ingest(store, sighting("Paper"))
        due = store.digests.due(NOW, limit=100)

        def commit(part: int) -> frozenset[int]:
            mine: list[Due] = list(due) if part % 2 else list(reversed(due))
            with SqlStore.open(shared_url) as mine_too:
                return mine_too.digests.commit([composed(one, papers) for one in mine])

        with ThreadPoolExecutor(4) as pool:
            committed = [subscriber for done in pool.map(commit, range(4)) for subscriber in done]
        assert sorted(committed) == [one.subscriber.id for one in due]
        assert store.views.counts()["digests"] == store.views.counts()["outbox.pending"] == 12


def test_subscribing_twice_at_once_makes_one_reader(shared_url: str) -> None:
    """A double click, or two web workers: one reader, each query once."""
    with SqlStore.open(shared_url) as store, ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: subscribe(store, "ada@example.org", "mamba", f"query {n % 2}"), range(12)))
        assert len({subscription.subscriber_id for both in made for subscription in both}) == 1
        assert sorted(s.query for _, s in store.subscribers.subscriptions()) == ["mamba", "query 0", "query 1"]


def test_one_memory_store_serves_several_threads() -> None:
    """Threads take turns on a store in memory: none of them meets another's transaction."""
    with SqlStore.open("sqlite://") as store, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: judge(store, sighting(f"Paper {n}"), sighting("The same")), range(20)))
        assert store.views.counts()["papers"] == 21


def test_two_composers_and_an_ingester_tell_everybody_once(shared_url: str) -> None:
    """Two composing processes and an ingesting one at a time: every reader is told of every paper exactly once."""
    readers, papers = 30, 20
    with SqlStore.open(shared_url) as store:
        for n in range(readers):
            subscribe(store, f"reader{n}@example.org", "paper", "again", cadence=Cadence.AT_ONCE, max_papers=99)
        ingest(store, *(sighting(f"Paper {n} again") for n in range(papers)))
        composers = [program(COMPOSE, shared_url) for _ in range(2)]
        assert [line_of(composer.stdout) for composer in composers] == ["ready"] * 2
        for composer in composers:
            assert composer.stdin is not None
            composer.stdin.write(b"go\n")
            composer.stdin.flush()
        for n in range(papers, 2 * papers):
            ingest(store, sighting(f"Paper {n} again"))
        assert [(c.communicate()[1].decode(), c.returncode) for c in composers] == [("", 0)] * 2
        last = program(COMPOSE, shared_url)
        assert last.communicate(b"go\n")[1] == b""
        assert not store.digests.due(NOW, limit=readers)
        everything = sorted(event.paper.id for event in store.papers.fresh(0))
        for owner in {owner.id: owner for owner, _ in store.subscribers.subscriptions()}.values():
            told = [entry.item.paper.id for entry in store.views.feed(owner.id, limit=1_000)]
            assert sorted(told) == everything


def test_no_feed_is_skipped_when_composers_commit_out_of_order(postgres: Postgres) -> None:
    """PostgreSQL: a digest got its id first and is committed last; whoever asks for new digests waits for it."""
    with SqlStore.open(postgres.store()) as store, ThreadPoolExecutor(1) as pool:
        papers = ingest(store, sighting("Paper"))
        for name in ("slow", "quick"):
            subscribe(store, f"{name}@example.org")
        slow, quick = (composed(due, papers) for due in store.digests.due(NOW, limit=9))
        with store.engine.begin() as connection:
            store.digests.commit_in(connection, [slow])  # has its id, is not committed
            store.digests.commit([quick])
            asked = pool.submit(store.views.digests_after, 0)
            waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            while not asked.done():
                with store.engine.connect() as watch:
                    if watch.scalar(waits):
                        break
            assert not asked.done()
        assert len(asked.result()) == 2
