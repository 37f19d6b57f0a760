"""A small SMTP server that does what its script says: refuses, drops, stalls or lies at any step."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

DROP = "drop"
STALL = "stall"
TAKE_AND_DROP = "take the message, and hang up without a word"
TAKE_AND_STALL = "take the message, and say nothing"
GARBAGE = "\x07what?"
HANG_UP = "hang up in the middle of the message"
TWICE = "250 taken\r\n250 taken"


@dataclass
class ScriptedServer:
    """``script`` maps a step (banner, EHLO, MAIL, RCPT, DATA, body) to a reply line or one of the words above.

    ``seen`` lists every command, ``bodies`` every message body as it came over the wire up to the end dot or the end
    of the connection, ``accepted`` those that were whole and that the server keeps, whatever it said of them (a
    positive answer, or none after taking it), ``connections`` how many there were. With ``healed_by_reconnecting`` the
    next connection finds no script any more, with ``once`` each step of the script is said once.
    """

    script: Mapping[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    accepted: list[bytes] = field(default_factory=list)
    connections: int = 0
    healed_by_reconnecting: bool = False
    once: bool = False
    port: int = 0

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
        with suppress(OSError), connection, connection.makefile("rwb") as wire:
            self._session(wire)

    def _session(self, wire: object) -> None:
        read, write = wire.readline, wire.write  # type: ignore[attr-defined]

        def answer(step: str, usual: str) -> bool:
            reply = self.script.get(step, usual)
            if self.once:
                self.script = {other: said for other, said in self.script.items() if other != step}
            if reply in {STALL, TAKE_AND_STALL}:
                read()
                return False
            if reply in {DROP, TAKE_AND_DROP}:
                return False
            write(f"{reply}\r\n".encode())
            wire.flush()  # type: ignore[attr-defined]
            return True

        if not answer("banner", "220 here"):
            return
        while line := read():
            verb = line.split(b":")[0].split()[0].decode().upper()
            self.seen.append(verb)
            if verb == "DATA":
                if not answer("DATA", "354 go on"):
                    return
                if self.script.get("DATA", "354").startswith("354") and not self._body(read, answer):
                    return
            elif verb == "QUIT":
                answer("QUIT", "221 bye")
                return
            elif not answer(verb, "250 ok"):
                return

    def _body(self, read: object, answer: object) -> bool:
        lines: list[bytes] = []
        if self.script.get("body") == HANG_UP:
            return False
        while (line := read()) and line != b".\r\n":  # type: ignore[operator]
            lines.append(line)
        self.bodies.append(b"".join(lines))
        if line and self.script.get("body", "250").startswith(("250", "take")):
            self.accepted.append(b"".join(lines))
        return bool(answer("body", "250 taken"))  # type: ignore[operator]


@contextmanager
def scripted(**script: str) -> Iterator[ScriptedServer]:
    """Run a scripted server on a free loopback port."""
    server = ScriptedServer(script)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=server.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
