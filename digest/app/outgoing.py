"""How messages leave, made of the settings: channels, as many connections as asked for, signatures, evidence, pace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache, cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from digest.config import Config
from digest.config.settings import MailBy
from digest.errors import ConfigError
from digest.model import ChannelName
from digest.ports import Channel, ChannelPicker, Evidence

if TYPE_CHECKING:
    from digest.channels import SmtpChannel
    from digest.pipeline.pacing import Pacing


class Outgoing:
    """What delivery needs beside the outbox and the renderer; what is not used is not made."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._channels: dict[ChannelName, Channel] = {}
        self._more: list[Channel] = []
        self._connections: list[SmtpChannel] = []
        self._is_broken_off = False

    def channel(self, name: ChannelName) -> Channel:
        """Return the channel of a name: what stands behind "email" is a setting."""
        if name not in self._channels:
            self._channels[name] = self._made(name)
        return self._channels[name]

    @cached_property
    def beside(self) -> Sequence[ChannelPicker]:
        """Return pickers with channels of their own for the connections beside the first; files need none."""
        by_mail = self._config.mail.by is MailBy.SMTP
        return [cache(self._another) for _ in range(self._config.delivery.connections - 1)] if by_mail else []

    @cached_property
    def pacing(self) -> Pacing:
        """Return what is known of the domains, for as long as this program runs."""
        from digest.pipeline.pacing import Pace, Pacing

        to = self._config.delivery
        pace = Pace(
            a_minute=to.domain_a_minute, burst=to.domain_burst, failures=to.domain_failures, sharers=to.processes
        )
        return Pacing(pace)

    @cached_property
    def evidence(self) -> Evidence:
        """Return who knows what became of a message; raises ``ConfigError`` where nobody does."""
        from digest.channels.evidence import PostfixLog

        settings = self._config.evidence
        if settings.postfix_log is None:
            raise ConfigError(
                "doubt is to be settled by evidence, and there is none",
                place="[evidence] postfix_log",
                hint='name the log of your Postfix, or set [delivery] doubt = "hold"',
            )
        return PostfixLog(
            settings.postfix_log,
            domain=self._config.mail.mail_domain,
            clients=settings.clients,
            login=self._config.smtp.username,
            zone=ZoneInfo(settings.timezone) if settings.timezone else None,
        )

    def close(self) -> None:
        """Let go of connections."""
        with ExitStack() as stack:
            for channel in (*self._channels.values(), *self._more):
                stack.callback(channel.close)

    def stop(self, at_once: bool) -> None:
        """Wait for no server any more, if it is to be ``at_once``; called by another thread than those that send."""
        if at_once:
            self._is_broken_off = True
            for connection in tuple(self._connections):
                connection.break_off()

    def _another(self, name: ChannelName) -> Channel:
        """Return another channel of a name, which is closed with the others."""
        channel = self._made(name)
        self._more.append(channel)
        return channel

    def _made(self, name: ChannelName) -> Channel:
        from digest.channels import FolderChannel, Server, SmtpChannel

        if name is ChannelName.FOLDER or self._config.mail.by is MailBy.FOLDER:
            return FolderChannel(self._config.mail.folder)
        smtp = self._config.smtp
        server = Server(
            host=smtp.host,
            port=smtp.port,
            protocol=smtp.protocol.value,
            security=smtp.security.value,
            ca_file=smtp.ca_file,
            username=smtp.username,
            password=self._config.smtp_password.reveal(),
            token_command=smtp.token_command,
            timeout=smtp.timeout_seconds,
            answer_timeout=smtp.answer_seconds,
        )
        connection = SmtpChannel(server, sign=self._signer)
        self._connections.append(connection)
        if self._is_broken_off:
            connection.break_off()
        return connection

    @cached_property
    def _signer(self) -> Callable[[bytes], bytes]:
        """Return what signs messages: nothing where there are no keys. Raises ``ConfigError``."""
        settings = self._config.dkim
        if not settings.keys:
            return bytes
        from digest.channels.dkim import Signer, load

        return Signer(settings.domain or self._config.mail.mail_domain, load(settings.files))
