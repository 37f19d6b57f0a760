"""The ways mail leaves: SMTP command by command, several connections with commits in groups, TLS with log-in, LMTP."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from digest.channels import Server
from digest.channels.login import Protocol
from tests.certificates import Certificates, made
from tests.integration.smtp_server import ScriptedServer, scripted
from tests.integration.verbs import NOW


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way, over how many connections at once, and whether the server takes commands in one go (RFC 2920)."""

    name: str
    connections: int = 1
    is_secure: bool = False
    in_one_go: bool = True
    protocol: Protocol = "smtp"

    def __str__(self) -> str:
        return self.name

    def to(self, port: int, *, timeout: float = 5) -> Server:
        """Return the server on a port of this machine, spoken to in this way."""
        if not self.is_secure:
            return Server(host="127.0.0.1", port=port, protocol=self.protocol, timeout=timeout, answer_timeout=timeout)
        return Server(
            host="127.0.0.1",
            port=port,
            security="starttls",
            ca_file=certificates().ca_file,
            username="digest",
            password="secret",
            timeout=timeout,
            answer_timeout=timeout,
        )

    @contextmanager
    def served(self, **script: str) -> Iterator[ScriptedServer]:
        """Run a scripted server that is spoken to in this way, at first at the instant at which mails are composed."""
        with scripted(certificates().context if self.is_secure else None, self.in_one_go, **script) as server:
            server.clock = NOW
            yield server


PLAIN = Way(name="smtp", in_one_go=False)
TWO = Way(name="two connections", connections=2)
TLS = Way(name="tls and log-in", is_secure=True)
LMTP = Way(name="lmtp", protocol="lmtp")
WAYS = (PLAIN, TWO, TLS, LMTP)


@cache
def certificates() -> Certificates:
    """Return an authority and a server's certificate, made once."""
    return made(Path(tempfile.mkdtemp(prefix="digest-proof-ca-")))


def written(server: Server) -> str:
    """Return a server as text that another process can read."""
    return json.dumps(asdict(server), default=str)


def read(text: str) -> Server:
    """Return the server of a text."""
    facts = json.loads(text)
    return Server(**facts | {"ca_file": facts["ca_file"] and Path(facts["ca_file"])})
