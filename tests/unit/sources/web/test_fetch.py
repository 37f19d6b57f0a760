"""One GET: bounded, whole, polite, and to public machines only."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest

from digest.sources.web.fetch import Fetcher, FetchError, Rates, Validators
from digest.sources.web.guard import Guard, is_public
from tests.unit.sources.web.loopback import Answer, Loopback


def test_a_document_comes_with_its_type_its_time_and_its_validators(server: Loopback, fetcher: Fetcher) -> None:
    """What the host says of the document is kept as it was said; we say who we are and how to reach us."""
    headers = {"Content-Type": "text/xml", "ETag": '"a"', "Last-Modified": "Mon, 02 Mar 2026 09:00:00 GMT"}
    fetched = fetcher.get(server.say("/feed", Answer(body=b"<rss/>", headers=headers)))
    assert (fetched.body, fetched.content_type) == (b"<rss/>", "text/xml")
    assert fetched.validators == Validators('"a"', "Mon, 02 Mar 2026 09:00:00 GMT")
    assert fetched.modified_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    ((_, asked),) = server.asked
    assert asked["user-agent"].startswith("preprint-digest/")
    assert "ops@example.org" in asked["user-agent"]
    assert asked["host"] == f"127.0.0.1:{server.port}"


def test_what_we_have_is_not_fetched_again(server: Loopback, fetcher: Fetcher) -> None:
    """Both validators are sent back as they came; 304 means that nothing has changed."""
    known = Validators('W/"a"', "Mon, 02 Mar 2026 09:00:00 GMT")
    fetched = fetcher.get(server.say("/feed", Answer(304)), known)
    assert fetched.body is None
    assert fetched.validators == known
    ((_, asked),) = server.asked
    assert (asked["if-none-match"], asked["if-modified-since"]) == (known.etag, known.last_modified)


def test_a_packed_body_is_unpacked_in_all_its_members(server: Loopback, fetcher: Fetcher) -> None:
    """Gzip is asked for; several members are one body."""
    packed = gzip.compress(b"one ") + gzip.compress(b"two")
    url = server.say("/feed", Answer(body=packed, headers={"Content-Encoding": "gzip"}))
    assert fetcher.get(url).body == b"one two"


GZIP = {"Content-Encoding": "gzip"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(body=b"x" * 1000, cut=1), "broke off"),
        (Answer(body=gzip.compress(b"x" * 1000)[:-4], headers=GZIP), "broke off in the middle"),
        (Answer(body=b"no gzip at all", headers=GZIP), "is broken gzip"),
        (Answer(body=b"x" * 100_001), "is larger than"),
        (Answer(body=gzip.compress(b"x" * 5_000_000), headers=GZIP), "is larger than"),
        (Answer(body=b"x", headers={"Content-Encoding": "br"}), "did not ask for"),
        (Answer(404), r"answers 404 \(check the address\)"),
        (Answer(500), "answers 500"),
        (Answer(304), "answers 304"),
        (Answer(302, headers={"Location": "ftp://example.org/x"}), r"no http\(s\) address"),
        (Answer(302, headers={"Location": "/feed"}), "redirected more than"),
        (lambda handler: handler.wfile.write(b"SSH-2.0-no-http\r\n"), "is no HTTP"),
        (lambda handler: None, "broke off"),
    ],
)
def test_half_a_body_a_bomb_and_every_refusal_are_errors_with_the_place(
    server: Loopback, fetcher: Fetcher, answer: Any, reason: str
) -> None:
    """Nothing that is not whole is ever handed on: the error names the address, the reason and what happens next."""
    url = server.say("/feed", answer)
    with pytest.raises(FetchError, match=reason) as caught:
        fetcher.get(url)
    assert "http" in caught.value.place or caught.value.place.startswith("ftp:")
    assert caught.value.hint


def test_a_host_that_drips_meets_the_deadline(server: Loopback, fetcher: Fetcher) -> None:
    """A byte now and then keeps no connection alive for ever: the deadline is for the whole answer."""

    def drip(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not server.stopping.wait(0.02):
            handler.wfile.write(b"x")

    with pytest.raises(FetchError, match=r"no whole answer within 0\.3 s"):
        replace(fetcher, seconds=0.3).get(server.say("/drip", _until_gone(drip)))


def _until_gone(write: Any) -> Any:
    def quietly(handler: Any) -> None:
        try:
            write(handler)
        except OSError:
            return

    return quietly


def test_redirects_are_followed_relative_ones_too(server: Loopback, fetcher: Fetcher) -> None:
    """The document's address is the one it was found at."""
    server.say("/new", Answer(body=b"here"))
    fetched = fetcher.get(server.say("/old", Answer(301, headers={"Location": "/new"})))
    assert (fetched.body, fetched.url) == (b"here", f"{server.address}/new")


def test_a_redirect_into_our_own_network_is_refused(server: Loopback, fetcher: Fetcher) -> None:
    """Each hop is vetted: an open door outside does not lead inside."""
    url = server.say("/old", Answer(302, headers={"Location": f"http://localhost:{server.port}/secret"}))
    with pytest.raises(FetchError, match=r"localhost is \S+, which is no public address \(.*\[fetch\] allow_hosts"):
        fetcher.get(url)
    assert server.paths == ["/old"]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::a9fe:a9fe",
    ],
)
def test_no_address_of_a_private_network_is_public_in_any_disguise(address: str) -> None:
    """Loopback, private, link-local, carrier-grade, multicast, reserved; IPv4 hidden in IPv6."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    """What everybody may talk to, we may too."""
    assert is_public(address)


def test_one_private_answer_among_public_ones_is_refused(server: Loopback, fetcher: Fetcher) -> None:
    """A name that resolves to a public and a private address is an attack, not a choice."""
    guard = Guard(resolve=lambda host, port: ["93.184.216.34", "127.0.0.1"])
    with pytest.raises(FetchError, match=r"two-faced\.example is 127\.0\.0\.1"):
        replace(fetcher, guard=guard).get(f"http://two-faced.example:{server.port}/")
    assert server.asked == []


def test_the_connection_goes_to_the_address_that_was_vetted(server: Loopback, fetcher: Fetcher) -> None:
    """A name is resolved once: what it resolves to a moment later does not matter. The host still hears its name."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    server.say("/feed", Answer(body=b"x"))
    guard = Guard({"papers.example"}, resolve=rebinding)
    assert replace(fetcher, guard=guard).get(f"http://papers.example:{server.port}/feed").body == b"x"
    assert asked == ["papers.example"]
    assert server.asked[0][1]["host"] == f"papers.example:{server.port}"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "gopher://example.org", "http://", "/feed", "http://user:pw@example.org/", "http://[", ""],
)
def test_only_plain_web_addresses_are_asked(fetcher: Fetcher, url: str) -> None:
    """No files, no other schemes, no passwords in addresses."""
    with pytest.raises(FetchError):
        fetcher.get(url)


def test_a_short_retry_after_is_waited_for_and_a_long_one_is_told(
    server: Loopback, fetcher: Fetcher, slept: list[float]
) -> None:
    """A minute is patience, an hour is another time; a date counts like seconds."""
    busy = Answer(503, headers={"Retry-After": "7"})
    assert fetcher.get(server.say("/soon", busy, Answer(body=b"x"))).body == b"x"
    assert slept == [7.0]
    with pytest.raises(FetchError, match="answers 429 and asks to wait 3600 s") as caught:
        fetcher.get(server.say("/later", Answer(429, headers={"Retry-After": "3600"})))
    assert caught.value.retry_after == timedelta(hours=1)
    past = Answer(503, headers={"Retry-After": "Mon, 02 Mar 2020 09:00:00 GMT"})
    assert fetcher.get(server.say("/dated", past, Answer(body=b"x"))).body == b"x"
    assert slept == [7.0, 0.0]


def test_requests_to_one_host_keep_their_distance() -> None:
    """Three seconds for arXiv, one for others; different hosts do not wait for each other."""
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    rates = Rates(sleep=sleep, steady=lambda: now[0])
    for host in ("rss.arxiv.org", "example.org", "rss.arxiv.org", "example.org"):
        with rates.turn(host):
            now[0] += 0.25
    now[0] += 10
    with rates.turn("example.org"):
        assert slept == [2.5]


def test_one_host_answers_one_request_at_a_time() -> None:
    """Whoever asks in whatever thread: a second one waits until the first has its answer; other hosts do not."""
    rates = Rates({}, 0.0)
    got = Event()

    def second() -> None:
        with rates.turn("example.org"):
            got.set()

    thread = Thread(target=second)
    with rates.turn("example.org"):
        thread.start()
        with rates.turn("example.net"):
            assert not got.is_set()
    thread.join(20)
    assert got.is_set()
