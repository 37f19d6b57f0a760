"""``digest deliver`` and mail that waits: no failure where it waits as it should, one line where the relay is down."""

from __future__ import annotations

import pytest

from digest.config import data_folder
from tests.acceptance.conftest import Digest
from tests.integration.smtp_server import DROP, scripted
from tests.postgres import free_port

ROWS = data_folder("config") / "demo" / "2026-11-19.json"
READERS = [f"reader{n}@example.org" for n in range(4)]
SUBSCRIBED, DUE = "2026-11-18T12:00Z", "2026-11-19T12:00Z"


@pytest.fixture
def composed(digest: Digest) -> Digest:
    """Return a command line with a message for each of four readers of one domain in the outbox."""
    for reader in READERS:
        digest("subscribe", reader, '"diffusion policy"', "--now", SUBSCRIBED)
    digest("ingest", ROWS, "--now", DUE)
    digest("compose", "--now", DUE)
    return digest


def mailing(digest: Digest, port: int, delivery: str = "") -> None:
    """Have a command line mail to a port of this machine."""
    text = digest.config.read_text("utf-8").replace("[mail]\n", '[mail]\nby = "smtp"\n')
    text += f'[smtp]\nhost = "127.0.0.1"\nport = {port}\n[delivery]\n{delivery}\n'
    digest.config.write_text(text, encoding="utf-8")


def test_who_paces_mail_as_told_has_not_failed(composed: Digest) -> None:
    """One message a minute to the domain, by the settings: the others wait, which is what was asked for."""
    with scripted() as server:
        mailing(composed, server.port, "domain_a_minute = 1\ndomain_burst = 1")
        said = composed("deliver", "--now", DUE)
    assert (said.code, said.err, said.out) == (0, "", "Delivered: 1 sent, 3 retry.\n")


@pytest.mark.parametrize(
    "reply", ["450 4.2.0 greylisted", "451 4.7.1 come again", "452 4.2.2 mailbox full", DROP], ids=str
)
def test_mail_that_a_server_wants_later_has_not_failed(composed: Digest, reply: str) -> None:
    """Greylisting, a full mailbox, a connection that broke: it is tried again by itself, and counted."""
    with scripted(RCPT=reply) as server:
        server.once = True
        mailing(composed, server.port)
        said = composed("deliver", "--json", "--now", DUE)
    assert (said.code, said.err, said.records) == (0, "", [{"kind": "summary", "sent": 3, "retry": 1}])


@pytest.mark.parametrize("verb", ["deliver", "run"])
def test_a_relay_that_is_down_is_one_line_however_many_wait(composed: Digest, verb: str) -> None:
    """And exit code 1: somebody must look after it. Nothing is said of each reader."""
    mailing(composed, port := free_port())
    said = composed(verb, *([ROWS] if verb == "run" else []), "--json", "--now", DUE)
    assert said.code == 1
    (line,) = said.err.splitlines()
    assert line.startswith(f"digest: mail waits, as it cannot be handed over: mail server 127.0.0.1:{port}")
    assert not said.of_kind("undelivered")
    (summary,) = said.of_kind("summary")
    assert summary["retry" if verb == "deliver" else "delivered"] == (4 if verb == "deliver" else {"retry": 4})
    assert summary.get("failed", True)


def test_a_message_that_failed_is_a_failure(composed: Digest) -> None:
    """It will not leave by itself: exit code 1 and a line that says whose it is and why."""
    with scripted(RCPT="550 5.1.1 no such user") as server:
        server.once = True
        mailing(composed, server.port)
        said = composed("deliver", "--now", DUE)
    assert (said.code, said.out) == (1, "Delivered: 3 sent, 1 failed.\n")
    assert said.err == f"digest: {READERS[0]}: RCPT TO was answered 550 5.1.1 no such user\n"


def test_a_relay_that_fails_over_every_mail_is_one_line_too(composed: Digest) -> None:
    """A full disk: nobody is charged, all wait, and the alarm counts them."""
    with scripted(body="452 4.3.1 insufficient system storage") as server:
        mailing(composed, server.port)
        said = composed("deliver", "--now", DUE)
    assert said.code == 1
    assert said.err == "digest: the mail server fails over mails, which wait: 452 4.3.1 (messages: 4)\n"
