"""Feeds and pages: what a reader, a mail host, a scanner and a stranger get."""

from __future__ import annotations

import gzip
import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from digest.errors import TemplateError
from digest.model import FeedEntry, FeedFormat, Section, Subscriber, Subscription
from digest.web import Health, create_app
from tests.unit.web.site import ADA, LINKS, SLOT, T0, PlainRenderer, World, address, entry, world

FEED = address("feed", ADA, ".rss")
LEAVE = address("unsubscribe", ADA)
PAGE = address(f"archive:{SLOT}", ADA, f"/{SLOT}")
GONE = replace(ADA, id=99)


@pytest.fixture(name="world")
def _world() -> World:
    return world()


@pytest.fixture
def client(world: World) -> FlaskClient:
    """Return a browser of the site, without a cookie jar to hide cookies in."""
    return create_app(world.site).test_client(use_cookies=False)


def _again(client: FlaskClient, answer: TestResponse, **headers: str) -> TestResponse:
    return client.get(FEED, headers={"If-None-Match": answer.headers["ETag"], **headers})


@pytest.mark.parametrize(
    ("ending", "content_type"),
    [
        ("rss", "application/rss+xml; charset=utf-8"),
        ("atom", "application/atom+xml; charset=utf-8"),
        ("json", "application/feed+json"),
    ],
)
def test_a_feed_has_its_type_its_validators_and_is_private(client: FlaskClient, ending: str, content_type: str) -> None:
    """Each format says what it is, when it last changed, and that nobody may share or index it."""
    answer = client.get(FEED.replace("rss", ending))
    assert answer.status_code == 200
    assert answer.data.decode().split("\n") == [ending, "ada@example.org", "Later", "Earlier"]
    assert answer.headers["Content-Type"] == content_type
    assert re.fullmatch(r'"[0-9a-f]{32}"', answer.headers["ETag"])
    assert parsedate_to_datetime(answer.headers["Last-Modified"]) == T0
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_feed_that_a_reader_has_is_304_without_a_body(client: FlaskClient) -> None:
    """By validator, by several of them, or by date: an unchanged feed costs a reader nothing."""
    first = client.get(FEED)
    for answer in (
        _again(client, first),
        client.get(FEED, headers={"If-None-Match": f'"other", {first.headers["ETag"]}'}),
        client.get(FEED, headers={"If-Modified-Since": first.headers["Last-Modified"]}),
    ):
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"] == first.headers["ETag"]
        assert answer.headers["Cache-Control"].startswith("private")


def test_a_feed_with_a_new_item_is_sent_again(client: FlaskClient, world: World) -> None:
    """The old validator no longer fits once something was delivered."""
    first = client.get(FEED)
    world.delivered.entries[1].insert(0, entry(3, "Newest", at=T0 + timedelta(hours=1)))
    second = _again(client, first, **{"If-Modified-Since": first.headers["Last-Modified"]})
    assert second.status_code == 200
    assert b"Newest" in second.data


def test_gzip_for_those_who_take_it_under_a_validator_of_its_own(client: FlaskClient) -> None:
    """The two encodings are two representations; each is confirmed by its own validator only."""
    plain = client.get(FEED)
    packed = client.get(FEED, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert _again(client, packed, **{"Accept-Encoding": "gzip"}).status_code == 304
    assert _again(client, packed).status_code == 200
    refused = client.get(FEED, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_head_is_get_without_the_body(client: FlaskClient) -> None:
    """A reader may ask for the headers alone."""
    whole, head = client.get(FEED), client.head(FEED)
    assert head.data == b""
    assert dict(head.headers) == dict(whole.headers)


def test_a_feed_is_rendered_once_while_nothing_changes(client: FlaskClient, world: World) -> None:
    """Readers that poll without validators cost a look at the store, no rendering."""
    for _ in range(3):
        client.get(FEED)
    assert world.renderer.rendered == 1
    world.people.by_id[1] = replace(ADA, address="ada@example.com")
    assert b"ada@example.com" in client.get(FEED).data


@pytest.mark.parametrize(
    "path",
    [
        address("feed", replace(ADA, feed_generation=2), ".rss"),
        address("feed", GONE, ".rss"),
        "/feeds/forged.rss",
        f"/feeds/{LINKS.token('unsubscribe', ADA)}.rss",
        FEED.replace("rss", "xml"),
        PAGE.replace("02", "03"),
        f"{PAGE}.7",
        address(f"archive:{SLOT}", GONE, f"/{SLOT}"),
        address("unsubscribe", GONE),
        "/unsubscribe/forged",
        address("manage", GONE),
        "/manage/forged",
        f"/manage/{LINKS.token('unsubscribe', ADA)}",
        "/nothing",
    ],
)
def test_whatever_does_not_open_anything_gets_one_and_the_same_answer(client: FlaskClient, path: str) -> None:
    """A reset feed, a reader who is gone, a forged token and a plain wrong address cannot be told apart."""
    answer, other = client.get(path), client.get("/no/such/address")
    assert answer.status_code == 404
    assert answer.data == other.data
    assert sorted(answer.headers.keys()) == sorted(other.headers.keys())


def test_a_digest_is_a_page_whose_own_styles_apply_and_nothing_else(client: FlaskClient) -> None:
    """The policy names the page's style by its hash: an injected style or script does nothing."""
    answer = client.get(PAGE)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'sha256-p0bF+un5yUb9MBO6xRb8kPHlY2BdpHVtLiFkDrZPF64='" in policy
    assert "script" not in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(("ending", "begins"), [("bib", "@misc{paper-1"), ("ris", "TY  - GEN"), ("csl.json", "[\n {")])
def test_a_digests_citations_are_a_file_beside_its_page(
    client: FlaskClient, world: World, ending: str, begins: str
) -> None:
    """The page's own token opens them, another's does not; what comes is a file with a name and its media type."""
    slot = (1, SLOT)
    shown = replace(entry(1, "Earlier").item)
    asked = Subscription(id=1, subscriber_id=1, query="q", due_at=T0, due_on=T0.date(), created_at=T0)
    world.delivered.digests[slot] = replace(
        world.delivered.digests[slot], sections=(Section(subscription=asked, left_out=(shown,)),)
    )
    answer = client.get(f"{PAGE}.{ending}")
    assert answer.status_code == 200
    assert answer.text.startswith(begins)
    assert "Earlier" in answer.text
    assert answer.headers["Content-Disposition"] == f'attachment; filename="papers-{SLOT}.{ending}"'
    assert answer.headers["Content-Type"].startswith("application/")
    assert (
        client.get(f"{PAGE}.doc").status_code == client.get(f"{PAGE.replace('02', '03')}.{ending}").status_code == 404
    )


def test_looking_at_the_unsubscribe_page_changes_nothing(client: FlaskClient, world: World) -> None:
    """Scanners follow links, with GET and HEAD, many times: the reader stays subscribed, a button asks."""
    for _ in range(3):
        client.head(LEAVE)
        answer = client.get(LEAVE)
    assert answer.status_code == 200
    assert b'<form method="post">' in answer.data
    assert b"<button" in answer.data
    assert b"<script" not in answer.data
    assert world.people.updates == 0


@pytest.mark.parametrize(
    "request_of",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"data": {"List-Unsubscribe": "One-Click"}, "content_type": "multipart/form-data"},
        {"data": b""},
        {"data": b"\xff" * 100, "content_type": "application/json"},
    ],
)
def test_one_post_unsubscribes_without_redirect_cookie_or_login(
    client: FlaskClient, world: World, request_of: dict[str, Any]
) -> None:
    """RFC 8058, section 3.2: the POST alone does it, answered by 200 and no redirect, whatever form it takes."""
    answer = client.post(LEAVE, **request_of)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert world.people.by_id[1].suppressed == "unsubscribed on 2026-03-02"


def test_unsubscribing_again_is_200_and_changes_nothing_more(client: FlaskClient, world: World) -> None:
    """Idempotent: the first reason stays, the page says it is done."""
    world.people.by_id[1] = replace(ADA, suppressed="mailbox gone")
    assert client.post(LEAVE).status_code == client.post(LEAVE).status_code == 200
    assert world.people.by_id[1].suppressed == "mailbox gone"
    assert b"<form" not in client.get(LEAVE).data


def test_the_feeds_go_on_after_unsubscribing(client: FlaskClient) -> None:
    """Leaving is about mail."""
    client.post(LEAVE)
    assert client.get(FEED).status_code == 200


def test_a_failure_is_500_and_the_log_names_no_token(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """The log says what failed where; whoever reads it cannot open the reader's feed."""

    class Broken(PlainRenderer):
        def feed(self, subscriber: Subscriber, entries: Sequence[FeedEntry], feed_format: FeedFormat) -> bytes:
            raise TemplateError("unexpected end", place="feeds/rss.xml, line 3")

    broken = create_app(replace(world.site, renderer=Broken())).test_client(use_cookies=False)
    with caplog.at_level(logging.DEBUG):
        answer = broken.get(FEED)
    assert answer.status_code == 500
    assert caplog.messages == ["GET pages.feed failed: TemplateError: feeds/rss.xml, line 3: unexpected end"]
    token = LINKS.token("feed", ADA)
    assert token not in caplog.text
    assert token.encode() not in answer.data


def test_health_is_200_while_well_and_503_while_not(client: FlaskClient, world: World) -> None:
    """A watchdog needs the status alone."""
    assert client.get("/healthz").get_json() == {"status": "ok", "detail": "12 ticks"}
    world.health[0] = Health(well=False, word="no tick for 900 s")
    assert client.get("/healthz").status_code == 503


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", FEED, 405), ("GET", "/", 200), ("DELETE", LEAVE, 405), ("PUT", "/d/x/y", 405)],
)
def test_every_answer_is_secured_and_sets_no_cookie(client: FlaskClient, method: str, path: str, status: int) -> None:
    """Errors too: no cookie, no frame, no index, no referrer, no sniffing."""
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_huge_request_is_not_read(client: FlaskClient, world: World) -> None:
    """A body above the limit changes nothing about the answer and is never parsed."""
    assert client.post(LEAVE, data=b"x" * 70_000).status_code == 200
    assert world.people.by_id[1].suppressed
