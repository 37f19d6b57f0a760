"""The web server: a real socket on loopback."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from digest.errors import ConfigError
from digest.web import WebServer, create_app
from tests.unit.web.site import ADA, address, world


@pytest.fixture
def server() -> Iterator[WebServer]:
    """Return a running server on a free port."""
    server = WebServer(create_app(world().site), host="127.0.0.1", port=0)
    server.start()
    yield server
    server.stop()


def _get(server: WebServer, path: str, **headers: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_it_tells_the_free_port_it_found_and_answers_there(server: WebServer) -> None:
    """Port 0 means any; the address is that of the port it became."""
    assert server.address == f"http://127.0.0.1:{server.port}"
    assert _get(server, address("feed", ADA, ".rss"))[0] == 200
    assert _get(server, "/healthz")[0] == 200


def test_a_port_that_is_taken_is_a_setting_to_change(server: WebServer) -> None:
    """The error names the setting and the way out."""
    with pytest.raises(ConfigError, match=r"\[web\] host, port: cannot listen on 127.0.0.1:\d+: .*choose another port"):
        WebServer(create_app(world().site), host="127.0.0.1", port=server.port)


def test_it_stops_with_a_connection_still_open_and_gives_the_port_back() -> None:
    """A reader that keeps its connection does not keep the service from stopping."""
    server = WebServer(create_app(world().site), host="127.0.0.1", port=0)
    server.start()
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        server.stop()
    assert "digest-web" not in {thread.name for thread in threading.enumerate()}
    again = WebServer(create_app(world().site), host="127.0.0.1", port=server.port)
    again.stop()
