"""Which machines may be talked to, and talking to exactly those.

An address somebody wrote into the settings or a redirect could name a machine behind the firewall: the cloud's
metadata service, a printer, this very program. So a name is resolved once, every answer must be a public address, and
the connection goes to the address that was vetted, not to what the name resolves to a moment later (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from threading import Thread
from typing import Any

import httpcore2

from digest.errors import SourceError

Resolve = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a name."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a name as the system knows them."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def is_public(address: str) -> bool:
    """Return whether an address is one of the public Internet: not private, local, reserved, multicast, or a disguise.

    IPv6 addresses that carry an IPv4 address (mapped, 6to4, Teredo, NAT64) are as public as the one they carry.
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    carried = _carried(parsed) if isinstance(parsed, ipaddress.IPv6Address) else ()
    return parsed.is_global and not parsed.is_multicast and all(is_public(str(inner)) for inner in carried)


def _carried(address: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return tuple(inner for inner in found if inner is not None)


class Guard:
    """Vets the addresses of a name; ``allowed`` names hosts of one's own network that may be asked all the same."""

    def __init__(self, allowed: Collection[str] = (), *, resolve: Resolve = resolve) -> None:
        self._allowed = frozenset(host.casefold() for host in allowed)
        self._resolve = resolve

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """Return the vetted addresses of a host; raises ``SourceError`` where one of them may not be talked to."""
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SourceError(f"the name {host} is not known: {reason}", hint="check the address") from error
        if host.casefold() not in self._allowed:
            for address in found:
                if not is_public(address):
                    raise SourceError(
                        f"{host} is {address}, which is no public address",
                        hint="if that is meant, name the host in [fetch] allow_hosts",
                    )
        return found


class PinnedBackend(httpcore2.NetworkBackend):
    """Connects to vetted addresses only, and lets nothing last longer than ``deadline`` (of ``time.monotonic``)."""

    def __init__(self, guard: Guard, deadline: float) -> None:
        self._guard = guard
        self._deadline = deadline
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first of the host's addresses that answers."""
        addresses = _within(lambda: self._guard.addresses(host, port), _left(self._deadline, timeout))
        refused: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                left = _left(self._deadline, timeout)
                stream = self._sockets.connect_tcp(address, port, left, local_address, socket_options)
                return _Stream(stream, self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                refused = error
        raise refused


class _Stream(httpcore2.NetworkStream):
    """A connection none of whose reads and writes outlasts the deadline, however slowly the other side drips."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline, timeout))
        return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the whole answer took too long")
    return left if timeout is None else min(left, timeout)


def _within(do: Callable[[], Sequence[str]], seconds: float) -> Sequence[str]:
    """Return what ``do`` returns; the system's resolver cannot be told how long to take, so it gets a thread."""
    answer: Future[Sequence[str]] = Future()

    def run() -> None:
        try:
            answer.set_result(do())
        except Exception as error:
            answer.set_exception(error)

    Thread(target=run, daemon=True, name="digest-resolve").start()
    try:
        return answer.result(seconds)
    except TimeoutError as error:
        raise httpcore2.ConnectTimeout("the name server did not answer") from error
