"""A connection that somebody breaks off while it waits for the server, whatever it speaks and however far it came."""

from __future__ import annotations

import pytest

from digest.channels import SmtpChannel
from digest.errors import DeliveryDoubt, DigestError, RetryLater
from digest.model import Message
from tests.integration.smtp_server import DROP, STALL, TAKE_AND_STALL
from tests.integration.ways import LMTP, PLAIN, TLS, TWO, Way

MESSAGE = Message(
    message_id="<1@digest.example>",
    sender="digest@digest.example",
    recipient="ada@example.org",
    subject="",
    raw=b"Subject: x\r\n\r\nx\r\n",
)


@pytest.mark.parametrize("way", [PLAIN, TWO, TLS, LMTP], ids=str)
@pytest.mark.parametrize(
    ("step", "stall", "error"),
    [
        ("banner", DROP, RetryLater),  # later than it was broken off
        ("EHLO", DROP, RetryLater),
        ("MAIL", STALL, RetryLater),
        ("body", TAKE_AND_STALL, DeliveryDoubt),
    ],
)
def test_who_breaks_off_learns_whether_the_message_had_left(
    way: Way, step: str, stall: str, error: type[DigestError]
) -> None:
    """Before its body it has certainly not, after it that is in doubt; nothing else leaves over this connection."""
    handed = []
    with way.served(**{step: stall}) as server:
        channel = SmtpChannel(way.to(server.port, timeout=600))
        server.before = lambda now: channel.break_off() if now == step else None
        with pytest.raises(error):
            channel.send(MESSAGE, handing=lambda: handed.append("handed"))
        assert handed == (["handed"] if error is DeliveryDoubt else [])
        with pytest.raises(RetryLater, match="stopped"):
            channel.send(MESSAGE, handing=lambda: handed.append("again"))
        channel.close()
        assert server.connections == 1
        assert "again" not in handed
