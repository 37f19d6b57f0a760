"""An IMAP mailbox (RFC 3501): read only, each mail once by its UID."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from digest.errors import SourceError
from digest.model import Document, Quiet, Skipped
from digest.ports import SourceStates
from digest.sources.polling import Polling
from digest.sources.reading import MAX_BYTES
from digest.sources.tls import trusting, way_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where a mailbox is and how to get in; the password never shows in its repr."""

    host: str
    user: str
    password: str
    mailbox: str = "INBOX"
    port: int = 993
    tls: bool = True
    timeout: float = 30.0
    ca_file: Path | None = None

    def __repr__(self) -> str:
        return f"Account({self.user} at {self.host}:{self.port}, {self.mailbox})"


class ImapSource:
    """The mails of a mailbox that were not read yet, by ascending UID.

    How far it was read is remembered with the mailbox's UIDVALIDITY; where the server has numbered its mails anew, all
    are read again, and their papers are known already. Mails are neither marked nor moved nor removed.
    """

    def __init__(
        self, name: str, account: Account, states: SourceStates, *, every: timedelta, max_bytes: int = MAX_BYTES
    ) -> None:
        self._name = name
        self._account = account
        self._polling = Polling(name, states, every)
        self._max_bytes = max_bytes
        self._validity = ""

    @property
    def name(self) -> str:
        """Return the configured name."""
        return self._name

    @property
    def is_remote(self) -> bool:
        """Return that other machines are waited for."""
        return True

    def documents(self, now: datetime) -> Iterator[Document | Skipped | Quiet]:
        """Yield the new mails; raises ``SourceError`` where the server or the mailbox cannot be used."""
        if early := self._polling.too_early(now):
            yield early
            return
        try:
            with _errors_of(self._account), _open(self._account) as connection:
                yield from self._new(connection)
        except SourceError as error:
            self._polling.failed(now, str(error))
            raise
        self._polling.ended(now)

    def done(self, document: Document) -> None:
        """Remember that the mailbox was read as far as this mail."""
        self._passed(document.name)

    def refused(self, item: Document | Skipped, reason: str) -> None:  # noqa: ARG002 - the report names the reason
        """Remember the same: a mail that is no listing will not become one."""
        self._passed(item.name if isinstance(item, Document) else item.where)

    def _new(self, connection: imaplib.IMAP4) -> Iterator[Document | Skipped]:
        self._validity = _validity(connection)
        memory = self._polling.memory
        last = int(memory.get("uid", 0)) if memory.get("validity") == self._validity else 0
        for uid in _uids(connection, last):
            place = f"{self._account.mailbox} of {self._account.host}, UID {uid}"
            size = _size(connection, uid)
            if size > self._max_bytes:
                yield Skipped(place, f"the mail has {size} bytes, more than are read (raise [ingest] max_megabytes)")
                continue
            body = _body(connection, uid)
            if body is not None:  # else it was removed meanwhile
                yield Document(source=self._name, name=place, body=body, content_type="message/rfc822")

    def _passed(self, place: str) -> None:
        uid = place.rpartition(" ")[2]
        self._polling.learn({"validity": self._validity, "uid": uid})


@contextmanager
def _errors_of(account: Account) -> Iterator[None]:
    try:
        yield
    except (imaplib.IMAP4.error, OSError, ssl.SSLError) as error:
        reason = " ".join(str(error).split()).removeprefix("b'").rstrip("'")
        raise SourceError(
            f"the mailbox cannot be read: {reason}",
            place=f"{account.host}:{account.port}",
            hint=way_out(error, "check host, user, password and mailbox"),
        ) from error


@contextmanager
def _open(account: Account) -> Iterator[imaplib.IMAP4]:
    connection = (
        imaplib.IMAP4_SSL(account.host, account.port, ssl_context=trusting(account.ca_file), timeout=account.timeout)
        if account.tls
        else imaplib.IMAP4(account.host, account.port, timeout=account.timeout)
    )
    try:
        connection.login(account.user, account.password)
        status, answer = connection.select(f'"{account.mailbox}"', readonly=True)
        if status != "OK":
            raise imaplib.IMAP4.error(_text(answer))
        yield connection
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            connection.logout()
        with suppress(OSError):  # imaplib leaves the socket open where the log-out fails
            connection.shutdown()


def _validity(connection: imaplib.IMAP4) -> str:
    _, answer = connection.response("UIDVALIDITY")
    return _text(answer)


def _uids(connection: imaplib.IMAP4, last: int) -> list[int]:
    """Return the UIDs above ``last``; ``n:*`` always holds the newest mail too, however old (RFC 3501, 6.4.8)."""
    answer = _asked(connection, "SEARCH", f"UID {last + 1}:*")
    return sorted(uid for uid in map(int, _text(answer).split()) if uid > last)


def _size(connection: imaplib.IMAP4, uid: int) -> int:
    found = re.search(r"RFC822\.SIZE (\d+)", _text(_asked(connection, "FETCH", str(uid), "(RFC822.SIZE)")))
    return int(found[1]) if found else 0


def _body(connection: imaplib.IMAP4, uid: int) -> bytes | None:
    parts = _asked(connection, "FETCH", str(uid), "(BODY.PEEK[])")
    return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), None)


def _asked(connection: imaplib.IMAP4, command: str, *arguments: str) -> Sequence[Any]:
    status, answer = connection.uid(command, *arguments)
    if status != "OK":
        raise imaplib.IMAP4.error(_text(answer))
    return answer


def _text(answer: Sequence[Any]) -> str:
    parts = (part[0] if isinstance(part, tuple) else part for part in answer)
    return " ".join(part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in parts if part)
