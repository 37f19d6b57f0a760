"""A real web server on loopback that answers what a test wrote down."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What the server says; ``cut`` bytes of the body are withheld although they were promised."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0


Write = Callable[[Any], None]


class Loopback:
    """Answers by path; a list of answers is used up one by one, the last one stays. ``asked`` notes every request."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer | Write]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.port = 0
        self.scheme = "http"
        self.stopping = threading.Event()

    @property
    def address(self) -> str:
        """Return where it answers."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """Return what was asked for, in order."""
        return [path for path, _ in self.asked]

    def say(self, path: str, *answers: Answer | Write) -> str:
        """Set the answers of a path and return its address."""
        self.answers[path] = list(answers)
        return self.address + path

    def next_answer(self, path: str) -> Answer | Write:
        """Return the next answer of a path."""
        answers = self.answers.get(path) or self.answers.get("*") or [Answer(404)]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@contextmanager
def loopback(tls: ssl.SSLContext | None = None) -> Iterator[Loopback]:
    """Run a server on a free port, with TLS where a context is given."""
    said = Loopback()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            said.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            answer = said.next_answer(self.path)
            self.close_connection = True
            if isinstance(answer, Answer):
                self._say(answer)
            else:
                answer(self)

        def _say(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) - answer.cut])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        said.scheme = "https"
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    said.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield said
    finally:
        said.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()
