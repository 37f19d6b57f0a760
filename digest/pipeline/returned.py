"""The verb beside the three: mail that came back, to readers who get no more mail.

    Source of mails ─▶ returned.read ─▶ whose is it ─▶ Returns (kept, weighed with those before) ─▶ suppressed or not

A mail is marked as done only after what it says is stored, and what is stored twice counts once. What is not understood
is refused, so that it stays flagged in the mailbox for a human. What comes back from a reader who is not here any more
holds an address that is to be forgotten: it is taken away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from digest.errors import DigestError, StoreError
from digest.model import Document, Quiet, Returned, ReturnKind, Skipped
from digest.ports import Mailbox, Returns, Source
from digest.returned.reading import read

Verify = Callable[[str, str], int | None]
"""Purpose and token to the id of the subscriber they are of, ``None`` where they are not ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What became of one mail: what it says, about whom, and why they get no more mail ("" where they do).

    ``problem`` says why nothing could be made of it. ``of_nobody``: its reader is not here any more, so nothing of it
    is kept.
    """

    name: str
    said: Returned | None = None
    subscriber_id: int | None = None
    suppressed: str = ""
    problem: str = ""
    of_nobody: bool = False


def take_back(sources: Iterable[Source], returns: Returns, verify: Verify, now: datetime) -> Iterator[TakenBack]:
    """Read what came back and act on it; yield what became of each mail as it happens."""
    for source in sources:
        try:
            yield from _mails(source, returns, verify, now)
        except StoreError:
            raise
        except DigestError as error:
            yield TakenBack(name=source.name, problem=str(error))


def _mails(source: Source, returns: Returns, verify: Verify, now: datetime) -> Iterator[TakenBack]:
    for mail in source.documents(now):
        if isinstance(mail, Quiet):
            continue
        taken = (
            TakenBack(name=mail.where, problem=mail.reason)
            if isinstance(mail, Skipped)
            else _one(mail, returns, verify, now)
        )
        if taken.of_nobody and isinstance(mail, Document) and isinstance(source, Mailbox):
            source.remove(mail)
        elif taken.problem:
            source.refused(mail, taken.problem)
        elif isinstance(mail, Document):
            source.done(mail)
        yield taken


def _one(mail: Document, returns: Returns, verify: Verify, now: datetime) -> TakenBack:
    said = read(mail.body)
    subscriber_id = verify(said.purpose, said.token) if said.token else None
    if subscriber_id is None:
        return TakenBack(name=mail.name, said=said, problem="it names none of our readers")
    if not returns.knows(subscriber_id):
        return TakenBack(name=mail.name, of_nobody=True)
    if said.kind is ReturnKind.UNKNOWN:
        return TakenBack(name=mail.name, said=said, subscriber_id=subscriber_id, problem=said.reason)
    name = hashlib.sha256(mail.body).hexdigest()
    suppressed = returns.keep(subscriber_id, said, name, now)
    if suppressed is None:  # forgotten since we looked
        return TakenBack(name=mail.name, of_nobody=True)
    return TakenBack(name=mail.name, said=said, subscriber_id=subscriber_id, suppressed=suppressed)
