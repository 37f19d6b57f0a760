"""The one place where rooms are put together; the only one that reads the clock."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from digest.app import inputs, published, sourcing, templates
from digest.app.outgoing import Outgoing
from digest.app.remembering import in_order, remembered
from digest.app.report import RunReport, write
from digest.app.secret import signing_key
from digest.app.stopping import Stop
from digest.config import Config
from digest.errors import ConfigError, DeliveryError
from digest.model import ChannelName, Digest, Subscriber
from digest.pipeline.compose import ComposedFor, compose_due
from digest.pipeline.ingest import Outcome, Refused, ingest
from digest.ports import Channel, Evidence, Renderer, Source
from digest.sources.looks import Looks

if TYPE_CHECKING:
    from digest.app.weights import Weights
    from digest.links import LinkMaker
    from digest.match import Statistics
    from digest.match.meaning import Meanings
    from digest.matcher import BulkMatcher
    from digest.pipeline.deliver import DeliveryReport
    from digest.pipeline.filling import Filled
    from digest.pipeline.returned import TakenBack
    from digest.render import Letterhead
    from digest.render.environment import Folder
    from digest.store import SqlStore


class App:
    """Everything the command line, the scheduler and the web pages need, made of one ``Config``.

    What a command does not use is not made: a store without a renderer, a matcher without a mail server. With ``now``
    the clock stands still there.
    """

    def __init__(self, config: Config, store: SqlStore, *, now: datetime | None = None) -> None:
        self.config = config
        self.store = store
        self._now = now
        self._is_ready = False

    @classmethod
    def open(cls, config: Config, *, now: datetime | None = None) -> Self:
        """Open the store of a configuration, creating or migrating it; raises ``StoreError`` or ``ConfigError``."""
        from digest.store import SqlStore

        return cls(config, SqlStore.open(config.store.url), now=now)

    def clock(self) -> datetime:
        """Return the time it is, or the one that was set."""
        return self._now or datetime.now(UTC)

    @cached_property
    def matcher(self) -> BulkMatcher:
        """Return the engine that matches all queries at once, with those it had when it was last closed."""
        from digest.app import warm

        return warm.engine(self.config.matching.engine_file, self._weights.now(), self.meanings)

    @cached_property
    def _weights(self) -> Weights:
        from digest.app.weights import Weights

        return Weights(self.store.views)

    @property
    def statistics(self) -> Statistics:
        """Return by how many of the store's newest papers each word weighs what it does."""
        return self._weights.now()

    def weighed(self) -> BulkMatcher:
        """Return the engine, its words weighed by the papers the store has now."""
        self.matcher.weigh(self._weights.now())
        return self.matcher

    def make_ready(self) -> None:
        """Have all saved queries in the engine before anybody is due; done once, for a service."""
        from digest.app import warm

        if not self._is_ready:
            warm.make_ready(self.matcher, self.store.subscribers.queries())
            self._is_ready = True

    @cached_property
    def meanings(self) -> Meanings:
        """Return what ``like:`` is answered by: a model on this machine, where the extra is installed."""
        from digest.meanings import known_meanings

        return known_meanings(self.config.semantic.model, self.store.curation.find)

    @cached_property
    def links(self) -> LinkMaker:
        """Return the maker of the links in mails and feeds."""
        from digest.links import LinkMaker

        return LinkMaker(self.key, base_url=self.config.web.base_url, mail_domain=self.config.mail.mail_domain)

    @property
    def key(self) -> bytes:
        """Return the secret key of this installation, made where there is none yet."""
        return signing_key(self.config.links.secret_file)

    @cached_property
    def renderer(self) -> Renderer:
        """Return the renderer over the user's templates, if any, and the shipped ones."""
        return templates.renderer(self.config.templates, self.links, self._letterhead)

    def template_folders(self) -> Sequence[Folder]:
        """Return where templates are looked for, the broken ones of the user's set aside."""
        return templates.folders(self.renderer, self.config.templates)

    def template_troubles(self) -> tuple[str, ...]:
        """Return what is wrong with the user's templates; in their place the shipped ones serve meanwhile."""
        return templates.troubles(self.renderer)

    @property
    def _letterhead(self) -> Letterhead:
        from digest.render import Citations, Letterhead

        mail = self.config.mail
        return Letterhead(
            from_name=mail.from_name,
            from_address=mail.from_address,
            domain=mail.mail_domain,
            attach=Citations[mail.attach.name] if mail.attach else None,
        )

    @cached_property
    def outgoing(self) -> Outgoing:
        """Return how messages leave."""
        return Outgoing(self.config)

    def channel(self, name: ChannelName) -> Channel:
        """Return the channel of a name: what stands behind "email" is a setting."""
        return self.outgoing.channel(name)

    @cached_property
    def _looks(self) -> Looks:
        return Looks()

    @cached_property
    def _sources(self) -> Sequence[Source]:
        return inputs.configured(self.config, self.store.sources, clock_stands=self._now is not None)

    def sources(self, *, dry_run: bool = False) -> Sequence[Source]:
        """Return the configured sources, in the order of the settings; the same ones each time.

        For a ``dry_run`` they are others, which keep nothing of what they are asked, and which may be asked any time.
        """
        if not dry_run:
            return self._sources
        states = sourcing.Forgetful(self.store.sources)
        return inputs.configured(self.config, states, clock_stands=self._now is not None)

    def named(self, paths: Sequence[str], *, listed_on: date | None = None) -> Sequence[Source]:
        """Return what a user named on the command line as sources."""
        return inputs.named(paths, self.config, listed_on=listed_on)

    def ingest(
        self,
        sources: Iterable[Source],
        *,
        forced_format: str | None = None,
        dry_run: bool = False,
        patience: float | None = None,
    ) -> Iterable[Outcome]:
        """Read and store what the sources hold; yield what became of each document as it happens.

        Those that wait for other machines are asked at the same time. With ``patience`` (in seconds) those that take
        longer are left to go on by themselves, and are heard at the next call.
        """
        from digest.parsers import parse
        from digest.sources.loose import read_loosely

        reader = partial(parse, format=forced_format, loose=read_loosely)
        now, states = self.clock(), self.store.sources
        looks = Looks() if dry_run else self._looks
        found = looks.found(sources, now, patience=patience)
        outcomes = ingest(found, self.store.papers, parse=reader, now=now, dry_run=dry_run)
        return remembered(outcomes, sourcing.Forgetful(states) if dry_run else states, self.config.sources, now)

    def fill(self, sources: Iterable[Source], *, forced_format: str | None = None) -> Iterator[Filled | Refused]:
        """Store what very many files hold; go on where a fill that was interrupted stopped."""
        from digest.app.preparing import Preparing
        from digest.pipeline.filling import fill

        with Preparing(forced_format) as preparing:
            yield from fill(sources, self.store.papers, prepare=preparing, now=self.clock())

    def compose(self, *, dry_run: bool = False) -> Iterable[ComposedFor]:
        """Compose for everybody who is due; yield what was done for whom."""
        store, matcher = self.store, self.weighed()
        return compose_due(store.papers, store.digests, matcher, self.renderer, now=self.clock(), dry_run=dry_run)

    def preview(self, subscriber: Subscriber, *, since: datetime | None = None) -> Digest | None:
        """Return the digest a subscriber would get now, or had everything since an instant been new to them."""
        from digest.app.previewing import preview

        return preview(self, subscriber, since=since)

    def next_due(self) -> datetime | None:
        """Return when the next digest is due, ``None`` where nobody waits for one."""
        due = (s.due_at for _, s in self.store.subscribers.subscriptions() if not s.paused)
        return min(due, default=None)

    def why_nobody(self) -> str:
        """Say in words why nobody is due now."""
        upcoming = self.next_due()
        if upcoming is None:
            return "Nobody is subscribed: digest subscribe ADDRESS QUERY"
        return f"The next digest is due on {upcoming:%A, %d %B %Y at %H:%M} UTC."

    def waiting(self) -> int:
        """Return how many messages wait in the outbox to be sent or tried again."""
        counts = self.store.views.counts()
        return counts.get("outbox.pending", 0) + counts.get("outbox.retry", 0)

    def deliver(self, stop: Stop | None = None) -> DeliveryReport:
        """Deliver what waits in the outbox, by several processes where that is set and there is enough for them.

        Asked to ``stop``, it ends with the messages that are on their way, and waits no longer than the settings say.
        A process to which the mail server gives no connection leaves its messages to the others; what is left when they
        have ended, and let go of theirs, is delivered by this one alone.
        """
        from digest.app.crew import helped
        from digest.pipeline.deliver import Doubt

        evidence = self.outgoing.evidence if self.config.delivery.doubt is Doubt.EVIDENCE else None
        stop = stop or Stop()
        helpers = self.helpers_wanted()
        with helped(deliver_apart, self.config, self._now, helpers, stop) as others:
            report = self.deliver_alone(stop, evidence, in_company=helpers > 0)
        for other in others:
            report.add(other)
        if others and report.gave_way and not stop.is_set():
            report.take_over(self.deliver_alone(stop))
        return report

    def helpers_wanted(self) -> int:
        """Return for how many other processes there is enough to deliver."""
        from digest.app.crew import WORTH_A_PROCESS

        most = self.config.delivery.processes - 1
        return self.store.outbox.waiting(self.clock(), most * WORTH_A_PROCESS) // WORTH_A_PROCESS if most else 0

    def deliver_alone(
        self, stop: Stop, evidence: Evidence | None = None, *, in_company: bool = False
    ) -> DeliveryReport:
        """Deliver what waits in the outbox by this process only; without ``evidence``, doubts are left to another.

        ``in_company``: others deliver meanwhile, and this is not the last that is tried where no connection works.
        """
        from digest.app.collecting import rarely_collected
        from digest.pipeline.deliver import deliver

        settings, outgoing = self.config.delivery, self.outgoing
        with rarely_collected(), stop.followed(outgoing.stop, patience=settings.stop_seconds):
            return deliver(
                self.store.outbox,
                self.renderer,
                outgoing.channel,
                owner=f"{socket.gethostname()}:{os.getpid()}",
                now=self.clock,
                lease=timedelta(minutes=settings.lease_minutes),
                limit=settings.batch,
                doubt=settings.doubt,
                evidence=evidence,
                evidence_wait=timedelta(minutes=self.config.evidence.wait_minutes),
                beside=outgoing.beside,
                pacing=outgoing.pacing,
                in_company=in_company,
                stopping=stop.is_set,
            )

    def take_back(self, sources: Iterable[Source] | None = None) -> Iterable[TakenBack]:
        """Act on mail that came back, in these mailboxes or in that of the settings; yield what became of each mail."""
        from digest.pipeline.returned import take_back
        from digest.sources.mail import MaildirSource

        folder = self.config.returned.maildir
        if sources is None:
            sources = [MaildirSource("returned", folder)] if folder else []
        return take_back(sources, self.store.returned, self._of_mail, self.clock())

    def _of_mail(self, purpose: str, token: str) -> int | None:
        bearer = self.links.verify(purpose, token)
        return bearer.subscriber_id if bearer else None

    def publish(self, subscribers: Iterable[Subscriber]) -> tuple[Path, ...]:
        """Write the feed files of these subscribers; nothing where no folder is set."""
        folder = self.config.feeds.folder
        if folder is None:
            return ()
        written = published.publish(
            subscribers, self.store.views, self.renderer, folder=folder, entries=self.config.feeds.entries
        )
        return tuple(written)

    def publish_new(self) -> tuple[Path, ...]:
        """Write the feed files of all who got a digest since this was last done, by whatever process."""
        folder = self.config.feeds.folder
        newest = self.store.views.digests_after(published.last_digest(folder)) if folder else {}
        if folder is None or not newest:
            return ()
        found = (self.store.subscribers.get(subscriber_id) for subscriber_id in newest)
        written = self.publish(one for one in found if one)
        published.note_last_digest(folder, max(newest.values()))
        return written

    def run(
        self,
        sources: Iterable[Source],
        *,
        forced_format: str | None = None,
        dry_run: bool = False,
        delivering: Callable[[], DeliveryReport] | None = None,
    ) -> RunReport:
        """Do the three verbs in a row, write feeds and the report, and return it.

        ``delivering`` delivers; by default until everything is done. Where it was stopped the feeds come with the next.
        """
        sources = tuple(sources)
        report = RunReport(
            at=self.clock(),
            ingested=in_order(self.ingest(sources, forced_format=forced_format, dry_run=dry_run), sources),
            composed=tuple(self.compose(dry_run=dry_run)),
            templates=self.template_troubles(),
            dry_run=dry_run,
        )
        if dry_run:
            return report
        delivery = (delivering or self.deliver)()
        report, unwritten = replace(report, delivery=delivery), []
        try:
            report = report if delivery.stopped else replace(report, feeds=self.publish_new())
        except DeliveryError as error:  # what was sent is on record, also where the feed files cannot be written
            unwritten.append(str(error))
        report = replace(report, templates=self.template_troubles(), unwritten=tuple(unwritten))
        try:
            self.record(report)
        except ConfigError as error:
            report = replace(report, unwritten=(*unwritten, str(error)))
        return report

    def record(self, report: RunReport) -> tuple[Path, ...]:
        """Write a report where the settings say."""
        settings = self.config.reports
        if settings.folder is None:
            return ()
        try:
            return write(report, settings.folder, keep=settings.keep)
        except OSError as error:
            raise ConfigError(
                f"the report cannot be written: {error.strerror}",
                place=f"[reports] folder {settings.folder}",
                hint="choose a folder that you can write",
            ) from error

    def close(self) -> None:
        """Let go of connections."""
        with ExitStack() as stack:
            stack.callback(self.store.close)
            stack.callback(self._keep_engine)
            stack.callback(self._looks.close)
            stack.callback(self.outgoing.close)

    def _keep_engine(self) -> None:
        if "matcher" in self.__dict__:
            from digest.app import warm

            warm.keep(self.matcher, self.config.matching.engine_file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def deliver_apart(config: Config, now: datetime | None, stop: Stop) -> DeliveryReport:
    """Deliver in a process of its own, beside another that looks after doubts."""
    with App.open(config, now=now) as app:
        return app.deliver_alone(stop, in_company=True)
