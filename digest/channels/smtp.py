"""Messages to a mail server by SMTP (RFC 5321) or LMTP (RFC 2033), signed, over one connection that is kept.

``handing`` is called after the server's 354 and before the first byte of the body: whatever fails before it has
certainly not been sent, whatever gets no answer after it is in doubt.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import threading
from collections.abc import Callable
from queue import SimpleQueue

from digest.channels.login import Server
from digest.channels.wire import crlf, dotted, unread, words
from digest.errors import AddressRefused, DeliveryDoubt, DeliveryError, RelayDown, RelayFault, RetryLater
from digest.model import Message

MESSAGES_PER_CONNECTION = 50
"""Many relays close a connection, or distrust it, after more."""

GOODBYE_SECONDS = 1.0
"""How long a server may take to answer a goodbye; all there is to say has been said."""

STOPPED = "the delivery was stopped before a connection was there"
OUT_OF_TURN = "the server spoke out of turn before the message left, so none of its answers can be relied on"

_ENHANCED = re.compile(r"(?<![\w.])([245]\.\d{1,3}\.\d{1,3})(?!\w|\.\d)")
"""Not a part of something longer, such as the address of a host."""
_NO_SUCH_ADDRESS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_MAILBOX_FULL = frozenset({"4.2.2", "5.2.2"})
_OF_THE_MAIL = ("5.2.3", "5.3.4", "5.6.", "5.7.")
"""Too large, its content, or what the server will not have (RFC 3463): with 552 too, which else is a full mailbox."""
_NEXT_TRANSACTION = "4.5.3"
"""Too many recipients in this one (RFC 3463, 3.6)."""
_BARE = frozenset({550, 551, 553})
"""At RCPT, without an enhanced code, these may mean the address, or only the server's mood: once is no proof."""
_OF_THE_RELAY = frozenset({454, 530, 534, 535, 538})
_MAIL_SYSTEM = "4.3."
"""Its disk, its queue, its settings (RFC 3463, 3.4)."""
_LOCAL_ERROR = frozenset({451, 452})
"""RFC 5321, 4.2.3: "local error in processing", "insufficient system storage", once the recipient was accepted."""


_DONE = range(200, 300)
"""Replies of completion: the first digit alone decides (RFC 5321, 4.2.1)."""
_REFUSED = range(400, 600)
_CLOSING = b"421"
"""With this a server may well hang up after its answer."""
_GO_ON = {"MAIL FROM": _DONE, "RCPT TO": _DONE, "DATA": range(354, 355)}
"""The steps up to the body, and the answers with which they go on."""
_is_simple = re.compile(r"[\w.+=-]+@[\w.-]+", re.ASCII).fullmatch
"""An address that is written as it is; taking it apart costs as much as sending the mail."""


class SmtpChannel:
    """``ports.Channel`` over one kept SMTP connection; not for use by several threads."""

    repeatable = False

    def __init__(self, server: Server, *, sign: Callable[[bytes], bytes] = bytes) -> None:
        self._server = server
        self._sign = sign
        self._connection: smtplib.SMTP | None = None
        self._sent = 0
        self._opened: SimpleQueue[smtplib.SMTP | BaseException | None] = SimpleQueue()
        self._is_broken_off = False

    @property
    def relay(self) -> str:
        """Return the server."""
        return self._server.name

    def send(self, message: Message, *, handing: Callable[[], None]) -> str:
        """Send one message and return the server's answer; raises a ``DeliveryError``."""
        try:
            body = dotted(self._sign(crlf(message.raw)))
            return self._body(self._ready(message), body, handing)
        except DeliveryDoubt:
            self._drop()  # who knows where that server stands
            raise
        except DeliveryError as error:
            if not self._reset_or_close():
                raise RelayFault(OUT_OF_TURN) from error
            raise
        except BaseException:
            self._drop()
            raise

    def reach(self) -> None:
        """Connect and log in, sending nothing; raises ``RelayDown``."""
        self._connected()

    def close(self) -> None:
        """Say goodbye to the server."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                if connection.sock is not None:
                    connection.sock.settimeout(GOODBYE_SECONDS)
                connection.quit()

    def break_off(self) -> None:
        """Let nobody wait for the server any more; to be called by another thread than the one that sends.

        What had not left is told from what had as always: it has not been sent, or it is in doubt.
        """
        self._is_broken_off = True
        self._opened.put(None)
        connection = self._connection
        if connection is not None and connection.sock is not None:
            with contextlib.suppress(OSError):  # not of the TLS layer, which would go on in the clear
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)

    def _drop(self) -> None:
        """Let the connection go without a word: after 354, a QUIT would be the first line of the body."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        if self._sent >= MESSAGES_PER_CONNECTION:
            self.close()
        if self._connection is None:
            self._connection, self._sent = self._connect(), 0
            if self._is_broken_off:  # by now
                self._drop()
                raise RetryLater(STOPPED)
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        """Connect by a thread that is left alone when nobody wants to wait for the server any more."""
        if not self._is_broken_off:
            threading.Thread(target=self._open, name="connecting", daemon=True).start()
            opened = self._opened.get()
            if isinstance(opened, BaseException):
                raise opened
            if opened is not None:
                return opened
        raise RetryLater(STOPPED)

    def _open(self) -> None:
        try:
            connection = self._server.connect()
        except BaseException as error:  # is raised by the thread that waits
            self._opened.put(error)
        else:
            self._opened.put(connection)
            if self._is_broken_off:
                connection.close()

    def _ready(self, message: Message) -> smtplib.SMTP:
        """Return a connection that has said 354.

        One that says 421, or a kept one that is dead, is opened again once; a server that takes no more recipients is
        asked once more in the next transaction.
        """
        kept = self._connection is not None
        try:
            return self._envelope(self._connected(), message)
        except (RelayDown, RetryLater) as error:
            if error.enhanced == _NEXT_TRANSACTION:
                self._reset_or_close()
            elif error.code == 421 or (kept and self._connection is None):
                self._drop()
            else:
                raise
        return self._envelope(self._connected(), message)

    def _envelope(self, connection: smtplib.SMTP, message: Message) -> smtplib.SMTP:
        """Say from whom and to whom until the server says 354: in one go where it takes commands so (RFC 2920)."""
        commands = {"MAIL FROM": f"MAIL FROM:{_path(message.sender)}"}
        commands |= {"RCPT TO": f"RCPT TO:{_path(message.recipient)}", "DATA": "DATA"}
        in_one_go = connection.has_extn("pipelining")
        try:
            if in_one_go:
                self._in_turn(connection)
                connection.send("".join([f"{command}\r\n" for command in commands.values()]))
            for step, (at, command) in enumerate(commands.items(), 1):
                code, said = connection.getreply() if in_one_go else self._asked(connection, command)
                if code not in _GO_ON[at]:
                    if in_one_go:
                        self._hear(connection, len(commands) - step)
                    self._in_turn(connection, makes_sense=code in _REFUSED, may_say=_CLOSING)
                    raise _refusal(code, words(said), at, is_recipient=at == "RCPT TO")
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise RetryLater(f"the connection broke before the message left: {error}") from error
        return connection

    def _asked(self, connection: smtplib.SMTP, command: str) -> tuple[int, bytes]:
        self._in_turn(connection)
        return connection.docmd(command)

    def _in_turn(self, connection: smtplib.SMTP, *, makes_sense: bool = True, may_say: bytes | None = None) -> None:
        """See that the server waits for us, and that what it said makes sense; else nothing of it can be relied on.

        What it has said already when nothing was asked of it would be taken for the answer to what is asked next: a
        message would be sent, or an address unknown, by the word on another one.
        """
        more = unread(connection)
        if not makes_sense or (more and not (may_say and more.startswith(may_say))):
            self._drop()
            raise RelayFault(OUT_OF_TURN)

    def _hear(self, connection: smtplib.SMTP, answers: int) -> None:
        """Hear what a server that has refused one command says to those behind it, the last of which is DATA.

        If it wants a body all the same, only hanging up tells it for certain that there is none.
        """
        try:
            codes = [connection.getreply()[0] for _ in range(answers)]
        except (smtplib.SMTPException, OSError):
            self._drop()
            return
        self._in_turn(connection, makes_sense=not codes or codes[-1] not in _DONE)
        if 354 in codes:
            self._drop()

    def _body(self, connection: smtplib.SMTP, body: bytes, handing: Callable[[], None]) -> str:
        handing()
        try:
            self._in_turn(connection)
            connection.send(body)
        except (smtplib.SMTPException, OSError) as error:  # the dot is in the last bytes, and those did not leave
            self._drop()
            raise RetryLater(f"the connection broke before the whole message had left: {error}") from error
        self._sent += 1
        try:
            code, answer = self._answer(connection)
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryDoubt(f"no answer came after the message had left: {error}") from error
        if code in _DONE:
            return f"{code} {words(answer)}"
        of_mailbox = self._server.protocol == "lmtp"  # which answers for each recipient after the dot
        raise _refusal(code, words(answer), "the message", is_recipient=of_mailbox)

    def _answer(self, connection: smtplib.SMTP) -> tuple[int, bytes]:
        """Return what the server says of the whole message, for which it may take longer than for anything else.

        Where it says two things at once, nobody knows which is of the message.
        """
        wire = connection.sock
        if wire is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        wire.settimeout(self._server.answer_timeout)
        code, said = connection.getreply()
        wire.settimeout(self._server.timeout)
        more = unread(connection)
        if more and not more.startswith((_CLOSING, f"{code}"[:1].encode())):
            raise DeliveryDoubt(f"the message was answered twice: {code} {words(said)}, {words(more)}", code=code)
        return code, said

    def _reset_or_close(self) -> bool:
        """Begin anew; return whether the server's answer to that can be one.

        If not, it is one that was on its way when the refusal before it was read: of commands in one go, of which one
        was answered twice, the last one's. Then that refusal was of something else.
        """
        if self._connection is None:
            return True
        try:
            code, _ = self._connection.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()
            return True
        if code != 250:
            self._drop()
        return code in _DONE or code in _REFUSED


def _path(address: str) -> str:
    """Return an address as commands have it; one that would be more than that is refused."""
    if _is_simple(address):
        return f"<{address}>"
    if not address.isascii() or not address.isprintable():
        raise AddressRefused(f"{address!r} cannot be said to a mail server", suppress=False)
    return smtplib.quoteaddr(address)


def _refusal(code: int, said: str, at: str, *, is_recipient: bool = False) -> DeliveryError:
    """Return what a refusal means: whose fault it is and whether to come again."""
    found = _ENHANCED.search(said)
    enhanced = found[1] if found else ""
    reply = f"{at} was answered {code} {said}".strip()
    if at == "the message" and not 400 <= code <= 599:  # no refusal, so it may have been taken
        return DeliveryDoubt(reply, code=code)
    # no recipient was named yet, so a full disk, or too much mail from us; but each sender's address is another one
    is_of_no_recipient = at == "MAIL FROM" and 400 <= code < 500 and not enhanced.startswith("4.1.")
    if code in _OF_THE_RELAY or is_of_no_recipient:
        return RelayDown(reply, code=code, enhanced=enhanced)
    if _is_a_fault(code, enhanced, is_recipient=is_recipient):
        of_domain = is_recipient and enhanced.startswith(_MAIL_SYSTEM)
        return RelayFault(reply, of_domain=of_domain and code != 421, code=code, enhanced=enhanced)
    is_full = enhanced in _MAILBOX_FULL or (code == 552 and not enhanced.startswith(_OF_THE_MAIL))
    if code < 500 or is_full:
        return RetryLater(reply, code=code, enhanced=enhanced)
    suppress = at != "MAIL FROM" and enhanced in _NO_SUCH_ADDRESS  # of one recipient, whenever it is said
    suspect = is_recipient and not enhanced and code in _BARE
    of_relay = not (is_recipient or suppress)
    return AddressRefused(reply, suppress=suppress, suspect=suspect, of_relay=of_relay, code=code, enhanced=enhanced)


def _is_a_fault(code: int, enhanced: str, *, is_recipient: bool) -> bool:
    """Return whether a server failed by itself over one message: nobody refused anything.

    It hangs up (421) or speaks of its own state; what it calls a local error is said of no recipient once that was
    accepted.
    """
    if code == 421:
        return True
    is_its_state = enhanced.startswith(_MAIL_SYSTEM) or (not enhanced and not is_recipient and code in _LOCAL_ERROR)
    return code < 500 and is_its_state
