"""A small SMTP and LMTP server that does what its script says: refuses, drops, stalls or lies at any step."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, NamedTuple

DROP = "drop"
STALL = "stall"
TAKE_AND_DROP = "take the message, and hang up without a word"
TAKE_AND_STALL = "take the message, and say nothing"
GARBAGE = "\x07what?"
HANG_UP = "hang up in the middle of the message"
TWICE = "250 taken\r\n250 taken"
TAKES_BEFORE_IT_HAS = "354 go on\r\n250 taken already"
"""Said before the body, which is then refused."""
UNKNOWN_TOO_SOON = "250 ok\r\n550 5.1.1 no such user"
YES_AND_NO = "250 taken\r\n554 5.7.1 no"
NO_AND_YES = "450 4.2.0 later\r\n250 taken"

_USUAL = {
    "body": "250 taken",
    "banner": "220 here",
    "STARTTLS": "220 go on",
    "AUTH": "235 welcome",
    "DATA": "354 go on",
    "QUIT": "221 bye",
}


class Told(NamedTuple):
    """A message that was whole, whether the server kept it, and what it was to answer; ``at`` by its clock."""

    at: datetime | None
    body: bytes
    is_kept: bool
    answer: str


@dataclass
class ScriptedServer:
    """``script`` maps a step (banner, EHLO, MAIL, RCPT, DATA, body, …) to a reply line or one of the words above.

    ``seen`` lists every command, ``bodies`` every message body as it came over the wire up to the end dot or the end
    of the connection, ``accepted`` those that were whole and that the server keeps, whatever it said of them (a
    positive answer, none after taking it, or one that nobody understands), ``told`` what it said of each that was
    whole, and at which instant of its ``clock``, ``connections`` how many there were. With
    ``healed_by_reconnecting`` the next connection finds no script any more, with ``once`` each step of the script is
    said once. With ``tls`` it offers STARTTLS and then AUTH, and takes any password, with ``pipelining`` it takes
    commands in one go. LHLO is EHLO.
    Where ``most`` connections are open, the next gets 421 at ``too_many``: the banner, or a command.
    ``before`` is called with each step before it is answered, by the thread of its connection.
    What the script has for "later" is said after a message has been taken, when ``speak_up`` is called.
    """

    script: Mapping[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    accepted: list[bytes] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    clock: datetime | None = None
    connections: int = 0
    healed_by_reconnecting: bool = False
    once: bool = False
    tls: ssl.SSLContext | None = None
    pipelining: bool = False
    port: int = 0
    most: int = 1_000
    too_many: str = "banner"
    open: int = 0
    _counting: threading.Lock = field(default_factory=threading.Lock, repr=False)
    before: Callable[[str], None] = lambda _: None
    is_time: threading.Event = field(default_factory=threading.Event)
    has_spoken: threading.Event = field(default_factory=threading.Event)

    def speak_up(self) -> None:
        """Say what nobody asked for; return when it is on its way."""
        self.is_time.set()
        assert self.has_spoken.wait(5)

    def serve(self, listener: socket.socket) -> None:
        """Answer connections, each in a thread of its own, until the listener is closed."""
        sessions: list[threading.Thread] = []
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                break
            self.connections += 1
            self.script = {} if self.healed_by_reconnecting else self.script
            sessions.append(threading.Thread(target=self._answer, args=(connection,), daemon=True))
            sessions[-1].start()
        for session in sessions:
            session.join(5)

    def _answer(self, connection: socket.socket) -> None:
        session = _Session(self, connection, barred_at="" if self._has_room() else self.too_many)
        with suppress(OSError):
            session.run()
        session.leave()
        with suppress(OSError):
            session.close()

    def _has_room(self) -> bool:
        with self._counting:
            has_room = self.open < self.most
            self.open += has_room
        return has_room

    def let_go(self) -> None:
        """Have room for another connection."""
        with self._counting:
            self.open -= 1


class _Session:
    """One connection."""

    def __init__(self, server: ScriptedServer, connection: socket.socket, *, barred_at: str) -> None:
        self._server, self._connection, self._barred_at = server, connection, barred_at
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what is said is there when it has been said
        self._wire: BinaryIO = connection.makefile("rwb")  # type: ignore[assignment]

    def run(self) -> None:
        """Answer until one of the two hangs up."""
        going = self._says("banner")
        while going and (line := self._wire.readline()):
            verb = line.split(b":")[0].split()[0].decode("ascii", "replace").upper()
            self._server.seen.append(verb)
            going = self._command("EHLO" if verb == "LHLO" else verb)

    def leave(self) -> None:
        """Make room for another one, once."""
        if not self._barred_at:
            self._server.let_go()
            self._barred_at = "nothing more"

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._wire.close()
        self._connection.close()

    def _command(self, verb: str) -> bool:
        """Answer a command; return whether the connection goes on."""
        if verb == "DATA":
            goes_on = self._server.script.get("DATA", "354").startswith("354")
            return self._says("DATA") and (not goes_on or self._body())
        if verb == "STARTTLS":
            goes_on = self._server.script.get("STARTTLS", "220").startswith("220")
            return self._says("STARTTLS") and (not goes_on or self._becomes_secure())
        return self._says(verb) and verb != "QUIT"

    def _says(self, step: str) -> bool:
        """Say what the script says at a step; return whether the connection goes on."""
        server = self._server
        server.before(step)
        if step == "QUIT":
            self.leave()
        reply = server.script.get(step, self._usual(step))
        if step == self._barred_at:
            self._wire.write(b"421 4.7.0 too many connections\r\n")
            self._wire.flush()
            return False
        if server.once:
            server.script = {other: said for other, said in server.script.items() if other != step}
        if reply in {STALL, TAKE_AND_STALL}:
            self._wire.readline()
            return False
        if reply in {DROP, TAKE_AND_DROP}:
            return False
        self._wire.write(f"{reply}\r\n".encode())
        self._wire.flush()
        return True

    def _usual(self, step: str) -> str:
        if step == "body" and self._server.script.get("DATA") == TAKES_BEFORE_IT_HAS:
            return "554 5.7.1 no"
        if step != "EHLO":
            return _USUAL.get(step, "250 ok")
        offers = ["PIPELINING"] if self._server.pipelining else []
        if self._server.tls:
            offers.append("AUTH PLAIN" if isinstance(self._connection, ssl.SSLSocket) else "STARTTLS")
        return "\r\n".join(["250-here", *(f"250-{offer}" for offer in offers), "250 ENHANCEDSTATUSCODES"])

    def _becomes_secure(self) -> bool:
        context = self._server.tls
        if context is None:
            return True
        self._wire.close()
        self._connection = context.wrap_socket(self._connection, server_side=True)
        self._wire = self._connection.makefile("rwb")  # type: ignore[assignment]
        return True

    def _body(self) -> bool:
        """Take a message; return whether the connection goes on."""
        script = self._server.script.get("body", self._usual("body"))
        lines: list[bytes] = []
        if script == HANG_UP:
            return False
        while (line := self._wire.readline()) and line != b".\r\n":
            lines.append(line)
        self._server.bodies.append(b"".join(lines))
        if line:
            is_kept = script.startswith(("2", "3", "take", GARBAGE, NO_AND_YES))
            self._server.told.append(Told(self._server.clock, b"".join(lines), is_kept, script))
            self._server.accepted += [b"".join(lines)] * is_kept
        goes_on = self._says("body")
        if "later" in self._server.script and self._server.is_time.wait(5):
            goes_on = self._says("later")
            self._server.has_spoken.set()
        return goes_on


@contextmanager
def scripted(tls: ssl.SSLContext | None = None, pipelining: bool = False, /, **script: str) -> Iterator[ScriptedServer]:
    """Run a scripted server on a free loopback port."""
    server = ScriptedServer(script, tls=tls, pipelining=pipelining)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=server.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
