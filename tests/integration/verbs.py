"""The three verbs on a store, as processes that are killed do them: two invented papers, two readers, real mail."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from digest import parsers
from digest.channels import FolderChannel, Server, SmtpChannel
from digest.compose import next_due
from digest.links import LinkMaker
from digest.matcher import BulkMatcher
from digest.model import Cadence, Document, Settings, Subscriber, Subscription
from digest.pipeline.compose import compose_due
from digest.pipeline.deliver import DeliveryReport, Doubt
from digest.pipeline.deliver import deliver as deliver_all
from digest.pipeline.filling import fill as fill_all
from digest.pipeline.ingest import ingest_listing
from digest.ports import Evidence, Prepared
from digest.render import Letterhead, TemplateRenderer
from digest.sources import FileSource
from digest.store import SqlStore
from digest.store.drafts import drafts_of

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DOMAIN = "digest.example"
READERS = ("ada@example.org", "emmy@example.org")
PAGE = """Daily Papers

Nov 20

Slow Rivers: State Space Models with Learned Clocks

Gives every channel of a Mamba block a clock of its own, which saves state and keeps recall over long texts.

  • 3 authors
·
Nov 18, 2026 12

Map Once, Drive Twice: Weather-Proof Visual Localization

A map made in summer is of little use in snow; we keep what weather changes apart from what it does not.

  • 2 authors
·
Nov 16, 2026

Slow rivers: state-space models with learned clocks

Gives every channel of a Mamba block a clock of its own, which saves state and keeps recall over long texts.

  • 3 authors
·
Nov 18, 2026 12
"""


@contextmanager
def opened(url: str) -> Iterator[SqlStore]:
    """Open a store and close it."""
    store = SqlStore.open(url)
    try:
        yield store
    finally:
        store.close()


def copied(database: Path, to: Path) -> str:
    """Copy a SQLite database that nobody has open; return the address of the copy."""
    for old in to.parent.glob(to.name + "*"):
        old.unlink()
    shutil.copy(database, to)
    return f"sqlite:///{to}"


def subscribe(url: str, *, now: datetime = NOW, readers: tuple[str, ...] = READERS) -> None:
    """Store readers who want to hear of everything at once."""
    with opened(url) as store:
        for address in readers:
            reader = Subscriber(id=0, address=address, created_at=now)
            settings = Settings(cadence=Cadence.AT_ONCE)
            due = next_due(reader, settings, now)
            queries = ["mamba", "weather OR state-space"]
            store.subscribers.subscribe(
                reader,
                [
                    Subscription(
                        id=0, subscriber_id=0, query=q, settings=settings, due_at=now, due_on=due.on, created_at=now
                    )
                    for q in queries
                ],
            )


def ingest(url: str, *, now: datetime = NOW) -> None:
    """Store the listing."""
    with opened(url) as store:
        document = Document(source="files", name="nov-20.txt", body=PAGE.encode(), listed_on=date(2026, 11, 20))
        ingest_listing(parsers.parse(document), store.papers, now)


@cache
def renderer(domain: str = DOMAIN) -> TemplateRenderer:
    """Return the renderer of an installation whose mails are of a domain."""
    links = LinkMaker(b"0" * 32, base_url="https://digest.example", mail_domain=domain)
    letterhead = Letterhead(from_name="Papers", from_address=f"digest@{domain}", domain=domain)
    return TemplateRenderer([ROOT / "templates"], links, letterhead)


def fill(url: str) -> None:
    """Fill from two files, each in a transaction of its own, whatever of them is not stored yet."""

    def prepare(documents: Iterable[Document], now: datetime) -> Iterator[tuple[Document, Prepared]]:
        for document in documents:
            listing = parsers.parse(document)
            yield document, Prepared(replace(listing, sightings=()), drafts_of(listing, now))

    parts = PAGE.split("Slow rivers: state")
    with opened(url) as store, TemporaryDirectory() as folder, chdir(folder):
        for name, part in zip(("0.txt", "1.txt"), (parts[0], f"Nov 20\n\nSlow rivers: state{parts[1]}"), strict=True):
            Path(name).write_text(part, "utf-8")
        source = FileSource([Path("0.txt"), Path("1.txt")], listed_on=date(2026, 11, 20))
        assert len(list(fill_all([source], store.papers, prepare=prepare, now=NOW, together=1))) == 2


def compose(url: str, *, now: datetime = NOW, domain: str = DOMAIN) -> None:
    """Put the digests of everybody into the outbox."""
    with opened(url) as store:
        done = list(compose_due(store.papers, store.digests, BulkMatcher(), renderer(domain), now=now))
        assert not any(one.failed for one in done)


def deliver_to_folder(url: str, *, at: datetime = NOW) -> None:
    """Deliver as files, into a folder beside the database."""
    folder = FolderChannel(Path(url.removeprefix("sqlite:///")).parent / "mail")
    with opened(url) as store:
        deliver_all(store.outbox, renderer(), lambda _: folder, owner=str(at), now=lambda: at)


def deliver_by_smtp(
    url: str,
    to: Server,
    doubt: Doubt,
    *,
    at: datetime = NOW,
    domain: str = DOMAIN,
    evidence: Evidence | None = None,
    batch: int | None = None,
    connections: int = 1,
) -> DeliveryReport:
    """Deliver to a mail server, over so many connections at once."""
    smtp, *others = (SmtpChannel(to) for _ in range(connections))
    with opened(url) as store:
        try:
            return deliver_all(
                store.outbox,
                renderer(domain),
                lambda _: smtp,
                owner=f"{at} {os.getpid()}",
                now=lambda: at,
                limit=batch or (50 if connections == 1 else 1),
                doubt=doubt,
                evidence=evidence,
                beside=[lambda _, other=other: other for other in others],  # type: ignore[misc]
            )
        finally:
            for channel in (smtp, *others):
                channel.close()


def states(url: str) -> list[str]:
    """Return the states of all messages."""
    with opened(url) as store:
        return [row.state.value for row in store.views.outbox(limit=10_000)]
