"""An outbox, a renderer and a channel in memory, to see what delivery makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from digest.errors import (
    DeliveryDoubt,
    DigestError,
)
from digest.model import (
    Change,
    ChannelName,
    Digest,
    FeedEntry,
    FeedFormat,
    Message,
    OutboxRow,
    OutboxState,
    Outcome,
    Subscriber,
)
from digest.pipeline.deliver import Doubt, deliver

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ADA = Subscriber(id=1, address="ada@example.org", created_at=NOW)


def row(key: int = 1, **facts: object) -> OutboxRow:
    made = OutboxRow(
        id=key,
        digest_id=key,
        subscriber_id=1,
        channel=ChannelName.EMAIL,
        slot="2026-11-20",
        recipient=f"reader{key}@example.org",
        message_id=f"<{key}@x>",
        body_sha256="",
        state=OutboxState.PENDING,
        created_at=NOW,
        due_at=NOW,
    )
    return replace(made, **facts)  # type: ignore[arg-type]


@dataclass
class MemoryOutbox:
    """Five lines of outbox: gives each waiting row once, and notes what became of it."""

    waiting: list[OutboxRow]
    lost_in_handing: list[OutboxRow] = field(default_factory=list)
    held: list[OutboxRow] = field(default_factory=list)
    settled: dict[int, Outcome] = field(default_factory=dict)
    has_lease: bool = True
    others_send: bool = False

    def claim(self, *, owner: str, now: datetime, lease: timedelta, limit: int) -> Sequence[OutboxRow]:
        """Give what waits, once."""
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return taken

    def handing(self, row: OutboxRow, body_sha256: str, now: datetime) -> bool:
        """Say whether the lease still holds."""
        return self.has_lease

    def settle(self, row: OutboxRow, outcome: Outcome, now: datetime) -> bool:
        """Note the outcome."""
        self.settled[row.id] = outcome
        return True

    def together(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Note each, as if alone."""
        return [
            self.settle(one.row, one.outcome, one.now) if one.outcome else self.handing(one.row, "", one.now)
            for one in changes
        ]

    def stranded(self, now: datetime) -> Sequence[OutboxRow]:
        """Give what was lost while it left."""
        return self.lost_in_handing

    def ambiguous(self, now: datetime) -> Sequence[OutboxRow]:
        """Give what is held."""
        return self.held

    def sent_by_others(self, owner: str, relay: str, since: datetime) -> bool:
        """Say whether somebody else sends."""
        return self.others_send

    def asked(self, row_id: int) -> int:
        """Tell of no attempts."""
        return 0

    def digest(self, digest_id: int) -> Digest:
        """Give an empty digest."""
        return Digest(subscriber=ADA, slot="2026-11-20", day=date(2026, 11, 20), composed_at=NOW)

    def digests(self, digest_ids: Sequence[int]) -> dict[int, Digest]:
        """Give empty digests."""
        return {digest_id: self.digest(digest_id) for digest_id in digest_ids}


class Rendering:
    """Renders a message that says which; or fails."""

    error: DigestError | None = None

    def message(self, digest: Digest) -> Message:
        """Give a message."""
        if self.error:
            raise self.error
        return Message(message_id="<1@x>", sender="s@x", recipient="r@x", subject="", raw=b"")

    def feed(self, subscriber: Subscriber, entries: Sequence[FeedEntry], feed_format: FeedFormat) -> bytes:
        """Give nothing."""
        return b""

    def markdown(self, digest: Digest) -> str:
        """Give nothing."""
        return ""

    def page(self, digest: Digest) -> str:
        """Give nothing."""
        return ""


@dataclass
class Channel:
    """Answers as it is told, and counts what really left."""

    answers: list[DigestError | str]
    repeatable: bool = False
    left: int = 0
    relay: str = "mail.example"

    def send(self, message: Message, *, handing: Callable[[], None]) -> str:
        """Answer."""
        answer = self.answers.pop(0)
        if isinstance(answer, DeliveryDoubt | str):
            handing()
            self.left += 1
        if isinstance(answer, DigestError):
            raise answer
        return answer

    def close(self) -> None:
        """Nothing to close."""


def run(outbox: MemoryOutbox, channel: Channel, *, doubt: Doubt = Doubt.HOLD) -> dict[int, Outcome]:
    deliver(outbox, Rendering(), lambda _: channel, owner="me", now=lambda: NOW, doubt=doubt)
    return outbox.settled


def always(channel: Channel, _: ChannelName) -> Channel:
    return channel
