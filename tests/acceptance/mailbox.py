"""A real mail server on loopback that keeps what it accepts."""

from __future__ import annotations

import email
import email.policy
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Watcher = Callable[[int], None]
"""Called with how many mails were accepted before this one."""


class Mailbox:
    """Everybody's mail; ``at_sender`` is called when a mail begins, ``at_body`` before a body is answered."""

    def __init__(self) -> None:
        self.accepted: list[tuple[str, EmailMessage]] = []
        self.port = 0
        self.at_sender: Watcher = lambda _before: None
        self.at_body: Watcher = lambda _before: None
        self._changed = threading.Condition()

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a sender."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        self.at_sender(len(self.accepted))
        return "250 2.1.0 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail for each of its recipients."""
        content: Any = envelope.content
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        with self._changed:
            before = len(self.accepted)
            self.accepted.extend((recipient, mail) for recipient in envelope.rcpt_tos)
            self._changed.notify_all()
        self.at_body(before)
        return "250 2.0.0 kept"

    def of(self, address: str) -> list[EmailMessage]:
        """Return the mails of one address, in the order in which they came."""
        return [mail for recipient, mail in self.accepted if recipient == address]

    def wait_for(self, count: int, timeout: float) -> bool:
        """Wait until at least so many mails were accepted."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.accepted) >= count, timeout)


@contextmanager
def running_mailbox() -> Iterator[Mailbox]:
    """Run a mail server on a free port of loopback."""
    mailbox = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        mailbox.port = probe.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
