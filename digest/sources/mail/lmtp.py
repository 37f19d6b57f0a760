"""A mail server hands mail over by LMTP (RFC 2033), and it lies in a maildir before the answer is given."""

from __future__ import annotations

import os
import socket
from errno import EADDRINUSE, ECONNREFUSED
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import BaseThreadedController, Controller, UnixSocketController
from aiosmtpd.lmtp import LMTP

from digest.durable import sync
from digest.errors import ConfigError

MOST_BYTES = 10_000_000
"""Of one mail: what comes back holds at most what was sent."""

_number = count()


class MaildirReceiver:
    """Takes mail at ``address`` ("HOST:PORT", or the path of a socket) into a maildir while it is entered.

    Mail for one recipient at a time, so that the one answer after the data is that recipient's. Raises ``ConfigError``
    where the address or the maildir cannot be used.
    """

    def __init__(self, address: str, maildir: Path, *, name: str) -> None:
        self._address = address
        self._handler = _Handler(maildir, name)
        self._controller: BaseThreadedController | None = None

    def __enter__(self) -> Self:
        try:
            self._handler.make()
            self._controller = _controller(self._address, self._handler)
            self._controller.start()
            if "/" in self._address:
                Path(self._address).chmod(0o666)
        except OSError as error:
            if self._controller is not None:
                self._controller.loop.close()
            raise ConfigError(
                f"mail cannot be taken there: {error.strerror or error}",
                place=f"[returned] lmtp {self._address}",
                hint="choose another port or path, or end the program that uses it",
            ) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._controller is not None:
            self._controller.stop()


def _controller(address: str, handler: _Handler) -> BaseThreadedController:
    if "/" in address:
        _free(Path(address))
        return _ByPath(handler, unix_socket=address)
    host, _, port = address.rpartition(":")
    return _ByPort(handler, hostname=host, port=int(port))


def _free(path: Path) -> None:
    """Take away the socket of a program that has ended; raises ``OSError`` where one still listens, or for a file."""
    if not path.exists():
        return
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        if not path.is_socket() or client.connect_ex(str(path)) != ECONNREFUSED:
            raise OSError(EADDRINUSE, os.strerror(EADDRINUSE))
    path.unlink()


class _ByPort(Controller):
    def factory(self) -> LMTP:
        return _protocol(self.handler)


class _ByPath(UnixSocketController):
    def factory(self) -> LMTP:
        return _protocol(self.handler)


def _protocol(handler: Any) -> LMTP:
    return LMTP(handler, data_size_limit=MOST_BYTES, enable_SMTPUTF8=True, ident="preprint-digest")


class _Handler:
    """What ``aiosmtpd`` asks: each mail is a file, written and synced before it counts as taken."""

    def __init__(self, maildir: Path, name: str) -> None:
        self._maildir = maildir
        self._name = name

    def make(self) -> None:
        for box in ("tmp", "new", "cur"):
            (self._maildir / box).mkdir(parents=True, exist_ok=True)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: ARG002, N802
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802
        to = "".join(c for c in envelope.rcpt_tos[0] if c.isprintable())
        try:
            self._keep(f"Delivered-To: {to}\r\n".encode("utf-8", "replace") + envelope.original_content)
        except OSError as error:
            return f"452 4.3.1 it cannot be kept: {error.strerror}"
        return "250 2.0.0 kept"

    def _keep(self, raw: bytes) -> None:
        """Write as the maildir protocol has it: whole in tmp, then renamed; both are on the disk before we return."""
        name = f"{self._name}.{os.getpid()}_{next(_number)}.{os.urandom(8).hex()}.{socket.gethostname()}"
        part = self._maildir / "tmp" / name
        with part.open("xb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self._maildir / "new" / name)
        sync(self._maildir / "new")
