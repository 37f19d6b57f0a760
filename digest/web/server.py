"""The web server: waitress in a thread of its own, with limits that a stranger cannot talk it out of."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from digest.errors import ConfigError

if TYPE_CHECKING:
    from flask import Flask


class WebServer:
    """Serves an application on ``host`` and ``port`` (0: any free one, see ``port``) from ``start`` to ``stop``.

    The port is taken when the server is made; raises ``ConfigError`` where it cannot be.
    """

    def __init__(self, application: Flask, *, host: str, port: int, threads: int = 4) -> None:
        from waitress.server import create_server  # noqa: PLC0415 - wanted by `serve` only

        self._connections: dict[int, Any] = {}
        try:
            self._server: Any = create_server(
                application.wsgi_app,
                map=self._connections,
                host=host,
                port=port,
                threads=threads,
                ident="digest",
                clear_untrusted_proxy_headers=True,
                max_request_header_size=16_384,
                max_request_body_size=65_536,
                inbuf_overflow=131_072,
                channel_timeout=60,
                connection_limit=500,
                expose_tracebacks=False,
            )
        except (OSError, ValueError) as error:
            self._close()
            raise ConfigError(
                f"cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}",
                place="[web] host, port",
                hint="choose another port, or 0 for any free one",
            ) from error
        self._host = host
        self._thread = threading.Thread(target=self._server.run, name="digest-web", daemon=True)

    @property
    def port(self) -> int:
        """Return the port that is really listened on."""
        if hasattr(self._server, "effective_listen"):  # a name with several addresses has several listeners
            return int(self._server.effective_listen[0][1])
        return int(self._server.effective_port)

    @property
    def address(self) -> str:
        """Return where a browser on this machine finds it."""
        host = "127.0.0.1" if self._host in {"", "*", "0.0.0.0", "::"} else self._host  # noqa: S104 - compared only
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer what was asked, then let go of every connection and the port."""
        from waitress.trigger import trigger  # noqa: PLC0415

        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=5)
        if not self._thread.is_alive():
            self._close()
            return
        # Closing is done by the server's own thread: the one that may just be waiting for these very connections.
        waker = next(connection for connection in self._connections.values() if isinstance(connection, trigger))
        waker.pull_trigger(self._close)
        self._thread.join(timeout=5)

    def _close(self) -> None:
        for connection in list(self._connections.values()):
            connection.close()
