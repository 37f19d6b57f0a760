"""Every seam on one page: what the pipeline needs of the world, said by the one who needs it.

    Source ─▶ pipeline.ingest ─▶ Papers
                                 Papers ─▶ pipeline.compose (Matcher, Renderer) ─▶ Digests
                                                                                   Outbox ─▶ pipeline.deliver ─▶ Channel
    Subscribers and Views are what the command line and the web pages read and change.

Real implementations: ``sources``, ``store``, ``matcher``, ``render``, ``channels``. One contract suite runs over all
implementations of a port (``tests/contract``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from digest.model import (
    Act,
    Change,
    ChannelName,
    Composed,
    Digest,
    Document,
    Due,
    Event,
    FeedEntry,
    FeedFormat,
    Finding,
    History,
    Hit,
    Listing,
    Message,
    News,
    OutboxRow,
    Outcome,
    Paper,
    Quiet,
    Returned,
    Scored,
    Sighting,
    Skipped,
    SourceState,
    Subscriber,
    Subscription,
    UnsurePair,
    Verdict,
)

# --- ingest ------------------------------------------------------------------------------------------------------


class Source(Protocol):
    """Where bytes come from. A ``SourceError`` is about the source as a whole; one bad document is a ``Skipped``."""

    @property
    def name(self) -> str:
        """Return the configured name, unique among the sources."""

    def documents(self, now: datetime) -> Iterator[Document | Skipped | Quiet]:
        """Yield what is there now; a document stays "there" until ``done`` was called with it.

        Where there rightly is nothing, a source may say why: ``Quiet``.
        """

    def done(self, document: Document) -> None:
        """Note that ``document`` is stored for good; called after the commit, may be called again after a crash."""

    def refused(self, item: Document | Skipped, reason: str) -> None:
        """Note that ``item`` is no listing and never will be, and why; nothing of it was stored."""


Found = Document | Skipped | Quiet
"""What a source holds."""


@runtime_checkable
class RemoteSource(Source, Protocol):
    """A source that waits for other people's machines: it is looked at beside the others, in a thread of its own."""

    @property
    def is_remote(self) -> bool:
        """Return that it is."""


@runtime_checkable
class Mailbox(Source, Protocol):
    """A source of mails that can be taken away for good."""

    def remove(self, document: Document) -> None:
        """Keep nothing of a mail; may be called again after a crash."""


class SourceStates(Protocol):
    """How each source fared, between two looks at it."""

    def get(self, name: str) -> SourceState:
        """Return the state of the source of that name; a fresh one where it was never asked."""

    def put(self, state: SourceState) -> None:
        """Keep a state."""


class PaperIndex(Protocol):
    """What one listing's ingester may ask and say, inside the listing's one exclusive transaction."""

    def candidates(self, sighting: Sighting) -> Sequence[Paper]:
        """Return the stored papers that could be the one sighted (those recorded a moment ago included).

        A paper may come in several wordings; the one of the highest revision is what it is now.
        """

    def record(self, sighting: Sighting, verdict: Verdict, paper: Paper, news: Sequence[News]) -> Paper:
        """Store the sighting with its verdict, ``paper`` as it is now (id 0: insert), and its events.

        The papers that the verdict joined become one with it, unless an operator decided otherwise; that is an act and
        can be undone. Return the paper with its id.
        """


@dataclass(frozen=True, slots=True)
class Prepared:
    """A listing without its sightings, and each of them as a store is going to write it if its paper is new."""

    listing: Listing
    drafts: tuple[Any, ...]


class FillingIndex(PaperIndex, Protocol):
    """A listing that is stored as it was prepared, but for what its papers may have been seen before."""

    def doubtful(self) -> Iterator[Sighting]:
        """Store the sightings in turn, as of new papers; yield each that may be of a known one.

        That one is to be judged and recorded before the next is asked for.
        """


class Filling(Protocol):
    """A first fill: several transactions, and what is found out but once for all of them."""

    def is_ingested(self, document: Document) -> bool:
        """Return whether this very document had been ingested when the fill began."""

    def transaction(self) -> AbstractContextManager[Callable[[Prepared], FillingIndex]]:
        """Open a transaction in which many listings are stored: all of them, or on any error none.

        What it yields opens the index of one listing, the one before being done.
        """


class Papers(Protocol):
    """The papers seen so far."""

    def is_ingested(self, document: Document) -> bool:
        """Return whether this very document (source, name and bytes) has been ingested before."""

    def ingesting(
        self, listing: Listing, now: datetime, *, dry_run: bool = False
    ) -> AbstractContextManager[PaperIndex]:
        """Open the one transaction in which a listing is stored: all of it, or on any error nothing.

        Ingesters wait for one another, so event ids grow in commit order. A ``dry_run`` is undone at the end.
        """

    def filling(self, now: datetime) -> Filling:
        """Return the way by which very many listings are stored, as ``ingesting`` each in turn would store them."""

    def fresh(self, after: int, *, upto: int | None = None) -> Sequence[Event]:
        """Return the events with an id above ``after`` (and at most ``upto``), by id, with their papers as of now."""


class Curation(Protocol):
    """What an operator can look up and decide about who is who; every act can be undone. Raises ``StoreError``."""

    def find(self, name: str) -> Sequence[Paper]:
        """Return the papers of a number of the store, an identifier (``arxiv:…``, ``doi:…``) or a title."""

    def why(self, paper_id: int) -> History:
        """Return how a paper came to be what it is."""

    def unsure(self, *, limit: int) -> Sequence[UnsurePair]:
        """Return the pairs identity was unsure about and nobody has decided yet, newest first."""

    def merge(self, keep: int, other: int, now: datetime) -> Act:
        """Say that ``other`` is the paper ``keep``: told of the one is told of both, found by the one is both."""

    def split(self, paper_id: int, sightings: Collection[int], now: datetime) -> Act:
        """Say that these sightings are of a paper of its own; whichever of the two was hidden is news now."""

    def keep_apart(self, paper: int, other: int, now: datetime) -> Act:
        """Say that two papers are two: the doubt about them is settled."""

    def undo(self, act_id: int, now: datetime) -> Act:
        """Take an act back, and return it as undone."""


# --- compose -----------------------------------------------------------------------------------------------------


class Matcher(Protocol):
    """All saved queries against all papers at once; always equal to ``match`` on each pair."""

    def put(self, subscription_id: int, query: str) -> None:
        """Add a subscription's query or change it; raises ``QueryError``."""

    def drop(self, subscription_id: int) -> None:
        """Forget a subscription; unknown ids are fine."""

    def match(self, papers: Sequence[Paper], among: Collection[int] | None = None) -> Mapping[int, Sequence[Scored]]:
        """Return the hits of every subscription (of those ``among``) that has any, in the order of ``papers``."""

    def explain(self, query: str, paper: Paper) -> Hit | None:
        """Return why ``query`` matches ``paper`` (score, terms, spans), or ``None`` where it does not."""


class Renderer(Protocol):
    """Digest in, bytes out; pure but for the template files it was made with."""

    def message(self, digest: Digest) -> Message:
        """Render the mail: the same digest always gives the same bytes. Raises ``TemplateError``."""

    def feed(self, subscriber: Subscriber, entries: Sequence[FeedEntry], feed_format: FeedFormat) -> bytes:
        """Render a subscriber's feed, newest entry first; well-formed whatever the papers hold."""

    def markdown(self, digest: Digest) -> str:
        """Render the digest as a Markdown message for a chat."""

    def page(self, digest: Digest) -> str:
        """Render the digest as a web page, those papers included that the mail's cap left out."""


class Digests(Protocol):
    """Who is due, and the one transaction in which a digest comes to be."""

    def due(self, now: datetime, *, limit: int, after: int = 0) -> Sequence[Due]:
        """Return up to ``limit`` subscribers with a subscription due at ``now``, by id, those up to ``after`` left out.

        At-once subscriptions are due as soon as there is an event above their cursor; paused ones never are.
        """

    def told(self, subscriber_ids: Collection[int], paper_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
        """Return, per subscriber, which of these papers the ledger says they have been told of already."""

    def commit(self, batch: Sequence[Composed]) -> frozenset[int]:
        """Store digests, ledger and outbox rows, cursors and due times in one transaction.

        A subscriber whose cursors have moved meanwhile (another composer was faster) is left alone. Return the ids
        of the subscribers that were committed.
        """


# --- deliver -----------------------------------------------------------------------------------------------------


class Outbox(Protocol):
    """Messages and their fate; every change of state carries the row's fence, and is committed when its method ends."""

    def claim(self, *, owner: str, now: datetime, lease: timedelta, limit: int) -> Sequence[OutboxRow]:
        """Lease up to ``limit`` rows that are pending, or due for a retry, to ``owner``; expires the too old."""

    def handing(self, row: OutboxRow, body_sha256: str, now: datetime) -> bool:
        """Commit, durably, that a body of this hash is about to leave. False: the lease is lost, do not send."""

    def settle(self, row: OutboxRow, outcome: Outcome, now: datetime) -> bool:
        """Commit what became of the attempt. False: the lease was lost meanwhile."""

    def together(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Commit several changes in one transaction, each as ``handing`` or ``settle`` would, and say so of each."""

    def stranded(self, now: datetime) -> Sequence[OutboxRow]:
        """Return the rows whose lease ran out while ``handing``: nobody knows whether they arrived."""

    def ambiguous(self, now: datetime) -> Sequence[OutboxRow]:
        """Return the rows held because they may have arrived, those not too old for evidence."""

    def sent_by_others(self, owner: str, relay: str, since: datetime) -> bool:
        """Return whether somebody else than ``owner`` has sent a message by a relay since then."""

    def asked(self, row_id: int) -> int:
        """Return how often somebody was asked to take a message, whatever came of it."""

    def digest(self, digest_id: int) -> Digest:
        """Return a digest just as it was composed (the wordings and counters of that moment)."""

    def digests(self, digest_ids: Sequence[int]) -> Mapping[int, Digest]:
        """Return several digests just as they were composed, by id; those there are."""


class Channel(Protocol):
    """How a message leaves."""

    @property
    def repeatable(self) -> bool:
        """Return whether a message sent twice arrives once (a file that is written again), so that doubt is no harm."""

    @property
    def relay(self) -> str:
        """Return who is asked to take the messages, in a word for their history: a server's name, or a folder."""

    def send(self, message: Message, *, handing: Callable[[], None]) -> str:
        """Send one message and return the other side's answer; raises a ``DeliveryError``.

        ``handing`` is called at the last moment at which nothing has left yet (after SMTP's 354); if it raises,
        nothing may leave.
        """

    def close(self) -> None:
        """Let go of connections."""


class Evidence(Protocol):
    """Somebody who saw what the relay did: its log, or a provider's interface. It settles deliveries in doubt."""

    def find(self, message_id: str, recipient: str, since: datetime) -> Finding:
        """Return what is known of a message that was handed over at ``since``; never raises.

        ``Delivered`` and ``Refused`` are certain; ``NotYet`` is "nothing, and I would know soon"; ``Unknown`` is all
        the rest.
        """


# --- what comes back -----------------------------------------------------------------------------------------------


class Returns(Protocol):
    """Bounces, complaints and requests to leave, by subscriber."""

    def knows(self, subscriber_id: int) -> bool:
        """Return whether there is a subscriber of this id."""

    def keep(self, subscriber_id: int, said: Returned, name: str, now: datetime) -> str | None:
        """Keep what came back and, where it is enough, send no more mail to the address, in one transaction.

        Return why the address gets no more mail because of this, "" where nothing has changed; ``None`` for an unknown
        subscriber. The same mail again (``name``) changes nothing.
        """

    def of(self, subscriber_id: int) -> Sequence[tuple[datetime, Returned]]:
        """Return what came back from a subscriber's address, oldest first."""


# --- what people read and change ---------------------------------------------------------------------------------


class Subscribers(Protocol):
    """Subscribers and their saved queries."""

    def subscribe(self, subscriber: Subscriber, subscriptions: Sequence[Subscription]) -> Sequence[Subscription]:
        """Add subscriptions (ids 0) to the subscriber of that address, who is made if new; cursor = now's last event.

        An equal query of the same subscriber is changed, not doubled. Return them with their ids.
        """

    def find(self, address: str) -> Subscriber | None:
        """Return the subscriber of an address, in whatever case its letters are; of two, the one so written."""

    def get(self, subscriber_id: int) -> Subscriber | None:
        """Return a subscriber by id."""

    def subscriptions(self, subscriber_id: int | None = None) -> Iterable[tuple[Subscriber, Subscription]]:
        """Yield all subscriptions with their subscribers, or those of one, by id."""

    def update(self, subscription: Subscription) -> None:
        """Change query, name, settings, pause and due time of a subscription."""

    def update_subscriber(self, subscriber: Subscriber) -> None:
        """Change a subscriber's channel, time, zone, feed generation and suppression."""

    def remove(self, subscription_id: int) -> bool:
        """Remove a subscription (the ledger stays). False: there was none."""


class Views(Protocol):
    """Read-only looks at what was delivered, for feeds, pages and reports."""

    def feed(self, subscriber_id: int, *, subscription_id: int | None = None, limit: int) -> Sequence[FeedEntry]:
        """Return the newest entries of a subscriber's feed, newest first; those the cap left out included."""

    def digest_of(self, subscriber_id: int, slot: str) -> Digest | None:
        """Return the digest of a slot just as it was composed."""

    def outbox(self, *, subscriber_id: int | None = None, limit: int = 100) -> Sequence[OutboxRow]:
        """Return outbox rows, newest first."""

    def counts(self) -> Mapping[str, int]:
        """Return how many papers, sightings, subscribers, subscriptions, digests and outbox rows by state there are."""


ChannelPicker = Callable[[ChannelName], Channel]
"""Gives the channel of a name; the wiring decides what stands behind it."""
