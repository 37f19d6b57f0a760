"""The SMTP channel against servers that answer, refuse, drop, stall and lie."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from digest.channels import Server, SmtpChannel
from digest.errors import AddressRefused, DeliveryDoubt, DeliveryError, RelayDown, RelayFault, RetryLater
from digest.model import Message
from tests.certificates import Certificates, made
from tests.integration.smtp_server import (
    DROP,
    GARBAGE,
    HANG_UP,
    STALL,
    TAKES_BEFORE_IT_HAS,
    UNKNOWN_TOO_SOON,
    ScriptedServer,
    scripted,
)

RAW = b"Subject: hello\r\nMessage-ID: <1@digest.example>\r\n\r\n.a line that begins with a dot\r\nthe end\r\n"


def message(raw: bytes = RAW) -> Message:
    return Message(
        message_id="<1@digest.example>",
        sender="bounce+1@digest.example",
        recipient="ada@example.org",
        subject="hello",
        raw=raw,
    )


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Return an authority and a server's certificate by it."""
    return made(tmp_path_factory.mktemp("ca"))


@contextmanager
def channel(port: int) -> Iterator[SmtpChannel]:
    made = SmtpChannel(Server(host="127.0.0.1", port=port, timeout=0.5, answer_timeout=0.5))
    try:
        yield made
    finally:
        made.close()


class Mailbox:
    """Keeps what a real SMTP server received."""

    def __init__(self) -> None:
        self.got: list[tuple[str, list[str], bytes]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a message."""
        self.got.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 taken"


@contextmanager
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def test_a_real_server_gets_the_very_bytes_from_the_right_sender() -> None:
    """Envelope sender, recipient and body arrive as they were; dots at line starts survive."""
    with mailbox() as (box, port), channel(port) as smtp:
        reply = smtp.send(message(), handing=lambda: None)
    assert box.got == [("bounce+1@digest.example", ["ada@example.org"], RAW)]
    assert reply == "250 taken"


def test_bare_line_feeds_become_crlf() -> None:
    """A bare LF or CR in a body cannot smuggle a second message past the server."""
    with scripted() as server, channel(server.port) as smtp:
        smtp.send(message(b"Subject: x\n\nbody\n.\nMAIL FROM:<eve@example.org>\rend"), handing=lambda: None)
    assert server.bodies == [b"Subject: x\r\n\r\nbody\r\n..\r\nMAIL FROM:<eve@example.org>\r\nend\r\n"]
    assert server.seen.count("MAIL") == 1


def test_handing_is_called_once_after_354_and_before_the_body() -> None:
    """At that moment the server has said 354 and has not got a byte."""
    moments: list[tuple[list[str], int]] = []
    with scripted() as server, channel(server.port) as smtp:
        smtp.send(message(), handing=lambda: moments.append((list(server.seen), len(server.bodies))))
    assert moments == [(["EHLO", "MAIL", "RCPT", "DATA"], 0)]


def test_when_handing_fails_nothing_leaves() -> None:
    """A lost lease after 354 ends the connection: the server is never given a body it could accept."""

    def lost() -> None:
        raise RuntimeError("the lease is lost")

    with scripted() as server, channel(server.port) as smtp:
        with pytest.raises(RuntimeError, match="lease"):
            smtp.send(message(), handing=lost)
        smtp.send(message(), handing=lambda: None)
    assert [body for body in server.bodies if body] == [RAW.replace(b"\n.a", b"\n..a")]
    assert server.connections == 2


def test_a_connection_is_kept_but_carries_at_most_fifty_messages() -> None:
    """Reconnecting each time is slow, one connection for ever is distrusted."""
    with scripted() as server, channel(server.port) as smtp:
        for _ in range(51):
            smtp.send(message(), handing=lambda: None)
    assert server.connections == 2
    assert len(server.bodies) == 51


REPLIES = [
    # step, reply, what it means, suppress
    ("banner", "554 no", RelayDown, None),
    ("banner", DROP, RelayDown, None),
    ("banner", STALL, RelayDown, None),
    ("MAIL", "421 4.3.0 going down", RelayDown, None),
    ("MAIL", "454 4.7.0 TLS not available", RelayDown, None),
    ("MAIL", "530 5.7.0 log in first", RelayDown, None),
    ("MAIL", DROP, RetryLater, None),
    ("RCPT", "450 4.2.0 greylisted", RetryLater, None),
    ("RCPT", "451 4.3.0 later", RelayFault, None),
    ("RCPT", "452 4.5.3 too many recipients", RetryLater, None),
    ("RCPT", "452 4.2.2 mailbox full", RetryLater, None),
    ("RCPT", "552 5.2.2 mailbox full", RetryLater, None),
    ("RCPT", "550 5.1.1 no such user", AddressRefused, True),
    ("RCPT", "550 5.1.2 no such domain", AddressRefused, True),
    ("RCPT", "553 5.1.3 bad address", AddressRefused, True),
    ("RCPT", "550 5.1.6 moved", AddressRefused, True),
    ("RCPT", "556 5.1.10 null MX", AddressRefused, True),
    ("RCPT", "550 5.2.1 disabled", AddressRefused, True),
    ("RCPT", "550 no", AddressRefused, False),
    ("RCPT", "551 no", AddressRefused, False),
    ("RCPT", "550 5.7.1 policy", AddressRefused, False),
    ("RCPT", DROP, RetryLater, None),
    ("RCPT", STALL, RetryLater, None),
    ("DATA", "451 4.3.0 later", RelayFault, None),
    ("DATA", "554 5.7.1 policy", AddressRefused, False),
    ("DATA", DROP, RetryLater, None),
    ("body", "451 4.3.0 later", RelayFault, None),
    ("body", "554 5.7.1 looks like spam", AddressRefused, False),
    ("body", "552 5.2.2 mailbox full", RetryLater, None),
    ("body", DROP, DeliveryDoubt, None),
    ("body", STALL, DeliveryDoubt, None),
]


@pytest.mark.parametrize(("step", "reply", "means", "suppress"), REPLIES, ids=lambda value: str(value)[:40])
def test_each_reply_means_what_the_table_says(
    step: str, reply: str, means: type[DeliveryError], suppress: bool | None
) -> None:
    """The relay's fault charges nobody; a bad address is told from a bad message; no answer after the dot is doubt."""
    with scripted(**{step: reply}) as server, channel(server.port) as smtp, pytest.raises(means) as caught:
        smtp.send(message(), handing=lambda: None)
    assert type(caught.value) is means
    if isinstance(caught.value, AddressRefused):
        assert caught.value.suppress is suppress


def test_a_connection_that_breaks_before_the_dot_leaves_no_doubt() -> None:
    """The end of the message never left this machine, so no server can have taken it; it is tried again."""
    large = message(RAW + b"x" * 70 * 300_000 + b"\r\n")
    broke = pytest.raises(RetryLater, match="before the whole message had left")
    with scripted(body=HANG_UP) as server, channel(server.port) as smtp, broke as caught:
        smtp.send(large, handing=lambda: None)
    assert (caught.value.code, server.accepted) == (None, [])


@pytest.mark.parametrize(
    ("step", "timeout", "answer", "means"), [("RCPT", 0.1, 60, RetryLater), ("body", 60, 0.1, DeliveryDoubt)]
)
def test_the_answer_to_the_whole_message_has_a_time_of_its_own(
    step: str, timeout: float, answer: float, means: type[DeliveryError]
) -> None:
    """A server may think about a message for longer (RFC 5321: ten minutes) than about a command."""
    with scripted(**{step: STALL}) as server:
        smtp = SmtpChannel(Server(host="127.0.0.1", port=server.port, timeout=timeout, answer_timeout=answer))
        with pytest.raises(means):
            smtp.send(message(), handing=lambda: None)
    assert Server(host="x", port=1).answer_timeout == 600


def test_a_kept_connection_gets_its_usual_time_back() -> None:
    """After an answer to a message, commands are given as long as before."""
    with scripted() as server:
        smtp = SmtpChannel(Server(host="127.0.0.1", port=server.port, timeout=0.1, answer_timeout=60))
        smtp.send(message(), handing=lambda: None)
        server.script = {"MAIL": STALL}
        with pytest.raises(RetryLater):
            smtp.send(message(), handing=lambda: None)


def test_after_a_refusal_the_next_message_goes_out() -> None:
    """One bad recipient does not cost the others their connection or their mail."""
    with scripted(RCPT="550 5.1.1 no such user") as server, channel(server.port) as smtp:
        with pytest.raises(AddressRefused):
            smtp.send(message(), handing=lambda: None)
        server.script = {}
        assert smtp.send(message(), handing=lambda: None) == "250 taken"
    assert server.connections == 1


@pytest.mark.parametrize("tired", ["421 4.4.2 idle too long", DROP])
def test_a_kept_connection_the_server_ends_is_opened_again_once(tired: str) -> None:
    """A relay that hangs up on an idle connection costs no message a wait; the second 421 in a row is its fault."""
    with scripted() as server, channel(server.port) as smtp:
        smtp.send(message(), handing=lambda: None)
        server.script = {"MAIL": tired}
        again: list[int] = []
        server.healed_by_reconnecting = True
        assert smtp.send(message(), handing=lambda: again.append(1)) == "250 taken"
        assert (server.connections, again) == (2, [1])
        server.script, server.healed_by_reconnecting = {"MAIL": tired}, False
        with pytest.raises((RelayDown, RetryLater)):
            smtp.send(message(), handing=lambda: again.append(2))
    assert (server.connections, again, len(server.bodies)) == (3, [1], 2)


def test_nobody_listening_is_the_relays_fault_and_names_it() -> None:
    """The error says which server, and where to look."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with channel(port) as smtp, pytest.raises(RelayDown, match=f"127.0.0.1:{port}"):
        smtp.send(message(), handing=lambda: None)


def test_the_scripted_server_speaks_enough_smtp() -> None:
    """Undisturbed, it takes a message: what the other tests see is the script's doing."""
    server: ScriptedServer
    with scripted() as server, channel(server.port) as smtp:
        assert smtp.send(message(), handing=lambda: None) == "250 taken"


PIPELINING = "250-here\r\n250 PIPELINING"


def test_the_envelope_goes_in_one_piece_where_the_server_takes_it_so() -> None:
    """RFC 2920: the message arrives as ever."""
    with scripted(EHLO=PIPELINING) as server, channel(server.port) as smtp:
        for _ in range(2):
            assert smtp.send(message(), handing=lambda: None).startswith("250")
    assert len(server.accepted) == 2
    assert server.connections == 1


@pytest.mark.parametrize(("step", "kind"), [("MAIL", RelayDown), ("RCPT", AddressRefused), ("DATA", AddressRefused)])
def test_a_server_that_refuses_and_still_wants_a_body_gets_none(step: str, kind: type[DeliveryError]) -> None:
    """In one piece: all answers are heard, the first refusal counts, nothing is handed over, the next one goes on."""
    reply = "451 4.3.0 later" if step == "MAIL" else "550 5.1.1 unknown"
    handed: list[bool] = []
    with scripted(EHLO=PIPELINING, **{step: reply}) as server, channel(server.port) as smtp:
        with pytest.raises(kind):
            smtp.send(message(), handing=lambda: handed.append(True))
        server.script = {"EHLO": PIPELINING}
        assert smtp.send(message(), handing=lambda: None).startswith("250")
    assert handed == []
    assert len(server.accepted) == 1


@pytest.mark.parametrize("in_one_go", [False, True], ids=["one by one", "in one go"])
@pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "TLS"])
def test_an_answer_that_was_there_before_the_message_is_not_the_answer_to_it(
    certificates: Certificates, *, is_secure: bool, in_one_go: bool
) -> None:
    """Nothing leaves, and the next message is not told what the server says of this one."""
    to = {"security": "starttls", "ca_file": certificates.ca_file} if is_secure else {}
    context = certificates.context if is_secure else None
    with scripted(context, in_one_go, DATA=TAKES_BEFORE_IT_HAS) as server:
        smtp = SmtpChannel(Server(host="localhost", port=server.port, timeout=5, answer_timeout=5, **to))  # type: ignore[arg-type]
        with pytest.raises(RetryLater, match="out of turn") as caught:
            smtp.send(message(), handing=lambda: None)
        server.script = {}
        assert smtp.send(message(), handing=lambda: None) == "250 taken"
        smtp.close()
    assert caught.value.code is None, "nobody is charged"
    assert (server.connections, len(server.accepted)) == (2, 1)


def test_a_refusal_behind_which_another_answer_is_on_its_way_was_of_something_else() -> None:
    """Of commands in one go one is answered twice, and the last answer comes late: nobody's address is unknown."""
    with scripted(None, True, RCPT=UNKNOWN_TOO_SOON) as server, channel(server.port) as smtp:
        server.before = lambda step: time.sleep(0.1 if step == "DATA" else 0)
        with pytest.raises(RelayFault, match="out of turn"):
            smtp.send(message(), handing=lambda: None)
        server.script = {}
        assert smtp.send(message(), handing=lambda: None) == "250 taken"
    assert (server.connections, len(server.accepted)) == (2, 1)


@pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("late", ["554 5.7.1 no", "421 4.4.2 idle too long"])
def test_what_a_server_says_between_two_messages_is_no_answer_to_the_second(
    certificates: Certificates, late: str, *, is_secure: bool
) -> None:
    """It goes by a new connection, at once."""
    to = {"security": "starttls", "ca_file": certificates.ca_file} if is_secure else {}
    with scripted(certificates.context if is_secure else None, later=late) as server:
        smtp = SmtpChannel(Server(host="localhost", port=server.port, timeout=5, answer_timeout=5, **to))  # type: ignore[arg-type]
        assert smtp.send(message(), handing=lambda: None) == "250 taken"
        server.speak_up()
        server.script = {}
        assert smtp.send(message(), handing=lambda: None) == "250 taken"
        smtp.close()
    assert (server.connections, len(server.accepted)) == (2, 2)


def test_a_server_that_hangs_up_after_a_refusal_has_refused() -> None:
    """Some have enough of a client with its first unknown address; the next message goes by a new connection."""
    with scripted(RCPT="550 5.1.1 no such user\r\n421 4.7.0 too many errors") as server, channel(server.port) as smtp:
        with pytest.raises(AddressRefused) as caught:
            smtp.send(message(), handing=lambda: None)
        server.script = {}
        assert smtp.send(message(), handing=lambda: None) == "250 taken"
    assert (caught.value.suppress, server.connections) == (True, 2)


@pytest.mark.parametrize("said", ["354 go on", "150 wait", GARBAGE])
def test_after_an_answer_that_is_none_the_connection_is_left(said: str) -> None:
    """Who knows where that server stands: not even a reset is said to it."""
    with scripted(body=said) as server, channel(server.port) as smtp:
        with pytest.raises(DeliveryDoubt):
            smtp.send(message(), handing=lambda: None)
        server.script = {}
        assert smtp.send(message(), handing=lambda: None) == "250 taken"
    assert "RSET" not in server.seen
    assert server.connections == 2


@pytest.mark.parametrize("hostile", ["ada@example.org>\r\nRCPT TO:<eve@example.org", "ad\0a@x.org", "\u00e4da@x.org"])
@pytest.mark.parametrize("offered", [PIPELINING, "250 here"], ids=["in one go", "one by one"])
def test_no_address_becomes_a_command_of_its_own(hostile: str, offered: str) -> None:
    """Addresses are checked long before; nothing else than one line is said of any, nor is one written as another."""
    with scripted(EHLO=offered) as server, channel(server.port) as smtp:
        for one in (replace(message(), recipient=hostile), replace(message(), sender=hostile)):
            with pytest.raises(AddressRefused, match="cannot be said") as caught:
                smtp.send(one, handing=lambda: None)
            assert not caught.value.suppress
        smtp.send(message(), handing=lambda: None)
    assert (server.seen.count("RCPT"), len(server.accepted)) == (1, 1)
