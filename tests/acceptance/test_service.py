"""The running service, from a dump in its inbox to a mail in a real mailbox and an item in a feed."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from digest.sources.writers import has_writer
from tests.acceptance.mailbox import Mailbox, running_mailbox
from tests.acceptance.running import DEADLINE, Installation, Service, until

READERS = tuple(f"reader{number}@example.org" for number in range(6))


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Return a running mail server."""
    with running_mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def installation(tmp_path: Path, mailbox: Mailbox) -> Installation:
    """Return an installation with one reader of everything about tides, as soon as it comes."""
    made = Installation(tmp_path, mailbox.port)
    made.run("subscribe", READERS[0], "tides", "--cadence", "at-once")
    return made


def dump(first: int, *titles: str) -> bytes:
    """Return an API answer with invented papers."""
    return json.dumps([_row(number, title) for number, title in enumerate(titles, first)]).encode()


def _row(number: int, title: str) -> dict[str, Any]:
    paper = {
        "id": f"2611.{number:05d}",
        "title": title,
        "summary": f"We study {title.lower()} from every side and find that it is deeper than it looks.",
        "authors": [{"name": "Ada Example", "hidden": False}],
        "publishedAt": "2026-11-19T00:00:00.000Z",
        "upvotes": 3,
    }
    return {"paper": paper, "publishedAt": "2026-11-19T04:00:00.000Z", "title": title, "numComments": 0}


def _ask(service: Service, url: str, method: str = "GET", body: str = "", **headers: str) -> tuple[int, str, str]:
    """Ask the service for the path of an address in a mail; return status, validator and body."""
    at = urlsplit(service.address)
    with closing(http.client.HTTPConnection(at.hostname or "", at.port, timeout=DEADLINE)) as connection:
        connection.request(method, urlsplit(url).path, body=body or None, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("ETag", ""), answer.read().decode()


def _feed_titles(service: Service, address: str) -> list[str]:
    status, _, body = _ask(service, address)
    assert status == 200
    return [item["title"] for item in json.loads(body)["items"]]


def _link(mail: Any, pattern: str) -> str:
    found = re.search(pattern, mail.get_body(("plain",)).get_content())
    assert found
    return found[0]


def test_a_dump_in_the_inbox_becomes_a_mail_and_feed_items_and_a_304(
    installation: Installation, mailbox: Mailbox
) -> None:
    """The whole way through real processes and sockets: inbox, store, digest, mailbox, feed, validator, page."""
    with Service(installation) as service:
        installation.drop("day1.json", dump(1, "Tides of the North", "Deserts at Noon", "Slow Tides"))
        assert mailbox.wait_for(1, DEADLINE)
        (mail,) = mailbox.of(READERS[0])
        text = mail.get_body(("plain",))
        assert text is not None
        assert "Tides of the North" in text.get_content()
        assert "Deserts" not in text.get_content()

        feed = _link(mail, r"https://digest\.example\.org/feeds/\S+\.atom").replace(".atom", ".json")
        assert sorted(_feed_titles(service, feed)) == ["Slow Tides", "Tides of the North"]
        status, etag, body = _ask(service, feed)
        assert (status, bool(body)) == (200, True)
        assert _ask(service, feed, **{"If-None-Match": etag})[::2] == (304, "")
        status, _, page = _ask(service, _link(mail, r"https://digest\.example\.org/d/\S+"))
        assert status == 200
        assert "Slow <mark>Tides</mark>" in page or "Slow Tides" in re.sub("<[^>]+>", "", page)

        installation.drop("day2.json", dump(3, "Slow Tides", "Tides Return"))
        assert mailbox.wait_for(2, DEADLINE)
        assert _ask(service, feed, **{"If-None-Match": etag})[0] == 200
        assert sorted(_feed_titles(service, feed)) == ["Slow Tides", "Tides Return", "Tides of the North"]
        latest = _ask(service, feed)[1]
        assert service.terminate() == 0
    with Service(installation) as again:
        assert _ask(again, feed, **{"If-None-Match": latest})[0] == 304
        assert again.terminate() == 0
    assert len(mailbox.accepted) == 2


def test_one_click_in_the_mail_stops_the_mails_and_not_the_feed(installation: Installation, mailbox: Mailbox) -> None:
    """A mail host's POST to the header's address (RFC 8058) is enough; what comes later is in the feed only."""
    with Service(installation) as service:
        installation.drop("day1.json", dump(1, "Tides of the North"))
        assert mailbox.wait_for(1, DEADLINE)
        (mail,) = mailbox.of(READERS[0])
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        address = re.findall(r"<(https://[^>]+)>", mail["List-Unsubscribe"])[0]
        assert _ask(service, address)[0] == 200
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert _ask(service, address, "POST", "List-Unsubscribe=One-Click", **form)[0] == 200
        assert _ask(service, address, "POST", "List-Unsubscribe=One-Click", **form)[0] == 200

        installation.drop("day2.json", dump(2, "Tides Return"))
        feed = _link(mail, r"https://digest\.example\.org/feeds/\S+\.atom").replace(".atom", ".json")
        until(lambda: "Tides Return" in _feed_titles(service, feed), "the new paper is in the feed")
        service.terminate()
    assert len(mailbox.accepted) == 1


def test_a_broken_dump_costs_nothing_but_itself(installation: Installation, mailbox: Mailbox) -> None:
    """What is no listing is set aside with the reason while the next dump goes its way."""
    with Service(installation) as service:
        installation.drop("a-photo.json", b"\x89PNG\r\n\x1a\n" + b"\x00" * 500)
        installation.drop("day1.json", dump(1, "Tides of the North"))
        assert mailbox.wait_for(1, DEADLINE)
        until((installation.inbox / "failed" / "a-photo.json.reason.txt").exists, "the reason is beside the file")
        assert _ask(service, "/healthz")[0] == 200
        service.terminate()


def test_a_mail_server_that_is_away_costs_no_mail(installation: Installation, mailbox: Mailbox) -> None:
    """Mail waits in the outbox until the relay can be used again; a later service, hours on, sends it once."""
    config = installation.config.read_text()
    installation.config.write_text(re.sub(r"(\[smtp\]\nhost = .*\nport = )\d+", r"\g<1>1", config))
    with Service(installation) as service:
        installation.drop("day1.json", dump(1, "Tides of the North"))
        until(lambda: _waiting(installation), "the message waits")
        service.terminate()
    installation.config.write_text(config)
    with Service(installation, "--now", _hours_on(2)):
        assert mailbox.wait_for(1, DEADLINE)
    assert len(mailbox.accepted) == 1


def test_a_dump_that_is_still_being_written_is_read_once_and_whole(
    installation: Installation, mailbox: Mailbox
) -> None:
    """A writer that takes its time holds its own dump back, no other; no half of it is ever read."""
    whole = dump(1, "Tides of the North", "Slow Tides")
    slow = installation.inbox / "slow.json"
    with Service(installation) as service:
        with slow.open("wb") as writer:
            writer.write(whole[:200])
            writer.flush()
            if not has_writer(slow):
                pytest.skip("this file system cannot tell who writes")
            installation.drop("quick.json", dump(9, "Quick Tides"))
            assert mailbox.wait_for(1, DEADLINE)
            assert slow.exists()
            writer.write(whole[200:])
        assert mailbox.wait_for(2, DEADLINE)
        until(lambda: installation.is_done("slow.json"), "the slow dump is moved")
        service.terminate()
    assert not (installation.inbox / "failed").exists()
    assert installation.counts()["papers"] == 3


Kill = Callable[[Installation, Mailbox, Service], None]


def _at_once(installation: Installation, mailbox: Mailbox, service: Service) -> None:
    service.kill()


def _when_stored(installation: Installation, mailbox: Mailbox, service: Service) -> None:
    until(lambda: installation.is_done("day1.json") or service.process.poll() is not None, "the dump is stored")
    service.kill()


def _at_the_third_sender(installation: Installation, mailbox: Mailbox, service: Service) -> None:
    mailbox.at_sender = lambda before: service.kill() if before == 2 else None
    service.process.wait(DEADLINE)


def _before_the_third_answer(installation: Installation, mailbox: Mailbox, service: Service) -> None:
    mailbox.at_body = lambda before: service.kill() if before == 2 else None
    service.process.wait(DEADLINE)


def _after_five_mails(installation: Installation, mailbox: Mailbox, service: Service) -> None:
    mailbox.wait_for(5, DEADLINE)
    service.kill()


@pytest.mark.parametrize(
    ("kill", "in_doubt"),
    [
        (_at_once, 0),
        (_when_stored, 0),
        (_at_the_third_sender, 0),
        (_before_the_third_answer, 1),
        (_after_five_mails, 1),
    ],
)
def test_a_service_killed_anywhere_catches_up_with_nothing_lost_and_nothing_twice(
    installation: Installation, mailbox: Mailbox, kill: Kill, in_doubt: int
) -> None:
    """SIGKILL at a chosen moment, start again: each of six readers has the one mail, and the feed each paper once.

    A mail whose body had left when the process died is the only one in doubt: it is held, never sent again unasked.
    """
    for reader in READERS[1:]:
        installation.run("subscribe", reader, "tides", "--cadence", "at-once")
    with Service(installation) as service:
        mailbox.at_sender = lambda _before: None
        installation.drop("day1.json", dump(1, "Tides of the North", "Deserts at Noon", "Slow Tides"))
        kill(installation, mailbox, service)
    mailbox.at_sender = mailbox.at_body = lambda _before: None
    with Service(installation, "--now", _hours_on(1)) as service:
        assert mailbox.wait_for(len(READERS), DEADLINE)
        until(lambda: _settled(installation), "every message has its end")
        assert service.terminate() == 0
    counts = installation.counts()
    assert [len(mailbox.of(reader)) for reader in READERS] == [1] * len(READERS)
    assert counts.get("outbox.sent", 0) + counts.get("outbox.ambiguous", 0) == len(READERS)
    assert counts.get("outbox.ambiguous", 0) <= in_doubt
    assert counts["papers"] == 3
    for reader in READERS:
        (mail,) = mailbox.of(reader)
        text = mail.get_body(("plain",))
        assert text is not None
        assert text.get_content().count("Slow Tides") == text.get_content().count("Tides of the North") == 1


def _settled(installation: Installation) -> bool:
    counts = installation.counts()
    return bool(counts.get("outbox.sent", 0) + counts.get("outbox.ambiguous", 0) == len(READERS))


def _waiting(installation: Installation) -> bool:
    counts = installation.counts()
    return bool(counts.get("outbox.pending", 0) + counts.get("outbox.retry", 0))


def _hours_on(hours: int) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
