"""A small IMAP server on loopback: enough of RFC 3501 to log in, look and fetch."""

from __future__ import annotations

import re
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Imapd:
    """One account with one mailbox: mails by UID. ``said`` notes every command."""

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.validity = 1
        self.password = "s3cret"
        self.port = 0
        self.said: list[str] = []
        self.bodies_left = 1_000_000
        """How many bodies are sent whole: in the middle of the next one the connection breaks off."""

    def answer(self, command: str, arguments: str) -> tuple[list[bytes], str]:
        """Return untagged lines and the tagged answer of one command."""
        match command:
            case "CAPABILITY":
                return [b"* CAPABILITY IMAP4rev1"], "OK done"
            case "LOGIN":
                ok = arguments.split()[1].strip('"') == self.password
                return [], "OK in" if ok else "NO [AUTHENTICATIONFAILED] wrong password"
            case "EXAMINE" if "INBOX" in arguments:
                return [
                    b"* %d EXISTS" % len(self.mails),
                    b"* OK [UIDVALIDITY %d] valid" % self.validity,
                ], "OK [READ-ONLY]"
            case "EXAMINE":
                return [], "NO no such mailbox"
            case "UID":
                return self._uid(arguments), "OK done"
            case "LOGOUT":
                return [b"* BYE"], "OK bye"
        return [], "BAD what?"

    def _uid(self, arguments: str) -> list[bytes]:
        if arguments.startswith("SEARCH"):
            first = int(re.findall(r"UID (\d+):", arguments)[0])
            found = [uid for uid in self.mails if uid >= first] or list(self.mails)[-1:]
            return [b"* SEARCH " + " ".join(map(str, found)).encode()]
        uid = int(arguments.split()[1])
        if uid not in self.mails:
            return []
        mail = self.mails[uid]
        if "RFC822.SIZE" in arguments:
            return [b"* 1 FETCH (UID %d RFC822.SIZE %d)" % (uid, len(mail))]
        self.bodies_left -= 1
        if self.bodies_left < 0:
            return [b"* 1 FETCH (UID %d BODY[] {%d}\r\n%s" % (uid, len(mail), mail[: len(mail) // 2])]
        return [b"* 1 FETCH (UID %d BODY[] {%d}\r\n%s)" % (uid, len(mail), mail)]


@contextmanager
def running_imapd(tls: ssl.SSLContext | None = None) -> Iterator[Imapd]:
    """Run the server on a free port, with TLS from the first byte where a context is given."""
    imapd = Imapd()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            for line in self.rfile:
                tag, command, *rest = line.decode().rstrip("\r\n").split(" ", 2)
                imapd.said.append(f"{command} {' '.join(rest)}".strip())
                untagged, tagged = imapd.answer(command.upper(), " ".join(rest))
                if imapd.bodies_left < 0:
                    self.wfile.write(untagged[0])
                    return
                self.wfile.write(b"".join(text + b"\r\n" for text in untagged) + f"{tag} {tagged}\r\n".encode())
                if command.upper() == "LOGOUT":
                    return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def get_request(self) -> tuple[socket.socket, object]:
            connection, address = super().get_request()
            if tls:
                connection = tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            return connection, address

    with Server(("127.0.0.1", 0), Handler) as server:
        imapd.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield imapd
        finally:
            server.shutdown()
            thread.join()
