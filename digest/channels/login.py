"""A connection to a mail server that may be trusted with a password: TLS checked, then AUTH, by SMTP or LMTP."""

from __future__ import annotations

import smtplib
import ssl
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from digest.channels.wire import words
from digest.errors import RelayDown

Security = Literal["none", "starttls", "tls"]
Protocol = Literal["smtp", "lmtp"]
"""What is spoken: SMTP to a relay (RFC 5321), or LMTP to the server of the mailboxes itself (RFC 2033)."""

ANSWER_SECONDS = 600.0
"""How long a server may think about a whole message: RFC 5321, 4.5.3.2.6, asks for 10 minutes. Who gives up sooner does
not know whether it arrived."""

TOKEN_SECONDS = 30
"""How long the command that prints a token may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mail server and how to get in; ``host`` of an LMTP server may be the path of its socket.

    ``ca_file`` is trusted instead of the system's authorities; ``token_command`` prints an OAuth access token, which
    then takes the place of the password. Neither shows in its repr. ``answer_timeout`` is for the answer after the dot,
    ``timeout`` for all others, in seconds.
    """

    host: str
    port: int
    protocol: Protocol = "smtp"
    security: Security = "none"
    ca_file: Path | None = None
    username: str = ""
    password: str = ""
    token_command: Sequence[str] = ()
    timeout: float = 60.0
    answer_timeout: float = ANSWER_SECONDS

    def __repr__(self) -> str:
        return f"Server({self.name}, {self.protocol}, {self.security})"

    @property
    def name(self) -> str:
        """Return the server's address in words."""
        return self.host if self.is_socket else f"{self.host}:{self.port}"

    @property
    def is_socket(self) -> bool:
        """Return whether it is reached by a socket in the file system."""
        return "/" in self.host

    @property
    def is_private(self) -> bool:
        """Return whether nobody else can listen: TLS, or this very machine."""
        return self.security != "none" or self.is_socket or _is_loopback(self.host)

    def connect(self) -> smtplib.SMTP:
        """Return an open connection that is logged in; raises ``RelayDown``. Never without TLS where it was asked for.

        What a server sent before TLS began is forgotten with it, so nobody on the way can slip in an answer
        (CVE-2011-0411).
        """
        place = f"mail server {self.name}"
        if self.username and not self.is_private:
            hint = '[smtp] security = "starttls" or "tls"'
            raise RelayDown("a password is sent over no connection that others can read", place=place, hint=hint)
        try:
            connection = self._opened()
            self._log_in(connection)
            connection.ehlo_or_helo_if_needed()
        except smtplib.SMTPResponseException as error:
            code, said = error.smtp_code, words(error.smtp_error)
            raise RelayDown(f"it refused: {code} {said}", code=code, place=place) from error
        except ssl.SSLCertVerificationError as error:
            hint = "name the authority in [smtp] ca_file, if the server is yours"
            raise RelayDown(
                f"its certificate is not trusted: {error.verify_message}", place=place, hint=hint
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise RelayDown(f"it cannot be used: {reason}", place=place, hint="check [smtp] and the server") from error
        except ValueError:  # of ``smtplib``: a challenge that is no base 64, a password that is no ASCII; not repeated
            hint = "have a user name and a password in ASCII, or a token_command"
            raise RelayDown("its challenge, or what answers it, cannot be written", place=place, hint=hint) from None
        return connection

    def _opened(self) -> smtplib.SMTP:
        if self.security == "tls":
            by_tls = _LmtpByTls if self.protocol == "lmtp" else smtplib.SMTP_SSL
            return by_tls(self.host, self.port, timeout=self.timeout, context=self._context())
        if self.protocol == "lmtp":
            connection: smtplib.SMTP = smtplib.LMTP(self.host, 0 if self.is_socket else self.port, timeout=self.timeout)
        else:
            connection = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        if self.security == "starttls":
            try:
                connection.starttls(context=self._context())
            except BaseException:
                connection.close()
                raise
        return connection

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file)

    def _log_in(self, connection: smtplib.SMTP) -> None:
        if not self.username:
            return
        try:
            if self.token_command:
                self._log_in_by_token(connection)
            else:
                connection.login(self.username, self.password)
        except BaseException:
            connection.close()
            raise

    def _log_in_by_token(self, connection: smtplib.SMTP) -> None:
        """Log in as Google and Microsoft want it (XOAUTH2); a refusal comes as a challenge, answered by nothing."""
        said = f"user={self.username}\x01auth=Bearer {token(self.token_command)}\x01\x01"
        connection.ehlo_or_helo_if_needed()
        connection.auth("XOAUTH2", lambda challenge=None: said if challenge is None else "")


class _LmtpByTls(smtplib.SMTP_SSL):
    """LMTP over implicit TLS, of which ``smtplib`` knows each by itself."""

    ehlo_msg = "lhlo"


def token(command: Sequence[str]) -> str:
    """Return what a command prints, without any shell; raises ``RelayDown`` without a word of what it printed."""
    place = f"[smtp] token_command {command[0]}"
    try:
        done = subprocess.run(list(command), capture_output=True, timeout=TOKEN_SECONDS, check=True)  # noqa: S603 - the operator's own command
    except subprocess.TimeoutExpired:
        raise RelayDown(f"it gave no token within {TOKEN_SECONDS} seconds", place=place) from None
    except subprocess.CalledProcessError as error:
        raise RelayDown(f"it ended with exit code {error.returncode}", place=place) from None
    except OSError as error:
        raise RelayDown(f"it cannot be run: {error.strerror}", place=place) from None
    found = done.stdout.decode("ascii", "replace").strip()
    if not found or not found.isascii() or not found.isprintable():
        raise RelayDown("what it printed is no token", place=place)
    return found


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
