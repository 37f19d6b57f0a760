"""The page on which readers change what they get: over a real store, through the real checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from digest.app import App, readers
from digest.config import Config, StoreSettings
from digest.config.settings import LinkSettings, WebSettings
from digest.model import Cadence, Order, Settings, Subscriber, Subscription
from digest.web import Health, create_app, site_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Desk:
    """A running program with one reader, two saved queries, and a browser."""

    def __init__(self, app: App) -> None:
        self.app = app
        wishes = [
            readers.Wish(query="mamba", settings=Settings()),
            readers.Wish(query="diffusion", name="Clouds", settings=Settings()),
        ]
        readers.subscribe(app, readers.Person(address="ada@example.org"), wishes)
        site = site_of(app, lambda: Health(well=True, word=""))
        self.client: FlaskClient = create_app(site).test_client(use_cookies=False)
        self.address = f"/manage/{app.links.token('manage', self.ada)}"

    @property
    def ada(self) -> Subscriber:
        """Return the reader as stored."""
        found = self.app.store.subscribers.find("ada@example.org")
        assert found is not None
        return found

    def no_mail(self) -> str:
        """Return why no mail goes to the reader, as stored."""
        return self.ada.suppressed

    def saved(self, number: int = 0) -> Subscription:
        """Return a saved query as stored."""
        return [s for _, s in self.app.store.subscribers.subscriptions(self.ada.id)][number]

    def post(self, number: int | None = None, **fields: object) -> TestResponse:
        """Post the form of a saved query, or of the reader, some fields of it changed."""
        one = self.saved(number) if number is not None else None
        part = {"part": str(one.id) if one else "you"}
        shown = {"query": one.query, "name": one.name, "cadence": one.settings.cadence.value} if one else {}
        return self.client.post(self.address, data=part | shown | fields)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return the desk of a reader over a store in memory."""
    config = Config(
        store=StoreSettings(url="sqlite://"),
        web=WebSettings(base_url="https://digest.example"),
        links=LinkSettings(secret_file=tmp_path / "secret"),
    )
    with App.open(config, now=NOW) as app:
        yield Desk(app)


def test_looking_shows_everything_and_changes_nothing(desk: Desk) -> None:
    """GET and HEAD, as scanners do: every saved query with its settings, no script, no cookie, nothing stored."""
    before = [desk.saved(0), desk.saved(1), desk.ada]
    desk.client.head(desk.address)
    answer = desk.client.get(desk.address)
    assert answer.status_code == 200
    assert 'value="mamba"' in answer.text
    assert 'value="Clouds"' in answer.text
    assert "<script" not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "script" not in answer.headers["Content-Security-Policy"]
    assert [desk.saved(0), desk.saved(1), desk.ada] == before


def test_saving_changes_query_name_cadence_days_limit_order_and_the_rest(desk: Desk) -> None:
    """Everything the command line can change of a saved query, and the next digest is planned anew."""
    answer = desk.post(
        0,
        query='mamba OR "state space"',
        name="Rivers",
        cadence="weekly",
        weekday=["3", "1"],
        max_papers="7",
        min_score="1.5",
        order="newest",
        events="yes",
        empty_digest="yes",
    )
    assert answer.status_code == 200
    assert "Saved." in answer.text
    one = desk.saved(0)
    assert (one.query, one.name) == ('mamba OR "state space"', "Rivers")
    assert one.settings == Settings(
        cadence=Cadence.WEEKLY,
        weekdays=(1, 3),
        max_papers=7,
        min_score=1.5,
        order=Order.NEWEST,
        events=True,
        empty_digest=True,
    )
    assert one.due_on.weekday() == 1
    assert desk.saved(1).query == "diffusion"


def test_a_wrong_query_is_shown_with_the_place_and_what_was_typed_and_nothing_is_stored(desk: Desk) -> None:
    """The error, a caret under the mistake, the typed text still in its field; announced to screen readers."""
    answer = desk.post(0, query="mamba OR (state", name="Half <typed>", order="newest", events="yes")
    assert answer.status_code == 422
    assert 'value="mamba OR (state"' in answer.text
    assert 'value="Half &lt;typed&gt;"' in answer.text
    assert re.search(r"<pre[^>]*>mamba OR \(state\n +\^+</pre>", answer.text)
    assert '<option value="newest" selected>' in answer.text
    assert 'name="events" value="yes" checked' in answer.text
    assert 'role="alert"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert (desk.saved(0).query, desk.saved(0).name) == ("mamba", "")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"query": "  "}, "at least one word"),
        ({"query": "a" * 2001}, "at most 2,000 letters"),
        ({"query": "diffusion"}, "You have this query already."),
        ({"max_papers": "0"}, "a number from 1 to 500"),
        ({"max_papers": "many"}, "a number from 1 to 500"),
        ({"min_score": "-1"}, "a number from 0 to 1,000"),
        ({"min_score": "nan"}, "a number from 0 to 1,000"),
    ],
)
def test_what_cannot_be_is_refused_in_words(desk: Desk, fields: dict[str, str], told: str) -> None:
    """Whatever is posted, past the browser's own checks or not."""
    answer = desk.post(0, **fields)
    assert answer.status_code == 422
    assert told in answer.text
    assert desk.saved(0).query == "mamba"


def test_pausing_and_going_on_touch_nothing_else(desk: Desk) -> None:
    """Also with a half-typed query in the field: the button is about the pause."""
    assert "Paused." in desk.post(0, do="pause", query="(").text
    assert (desk.saved(0).paused, desk.saved(0).query) == (True, "mamba")
    assert 'value="resume"' in desk.client.get(desk.address).text
    desk.post(0, do="pause")
    assert desk.saved(0).paused
    desk.post(0, do="resume")
    assert not desk.saved(0).paused


def test_the_readers_day_moves_and_the_due_times_with_it(desk: Desk) -> None:
    """Time and zone are the reader's; every saved query is planned anew."""
    assert "Saved." in desk.post(send_at="08:30", timezone="America/New_York").text
    assert (desk.ada.send_at, desk.ada.timezone) == (time(8, 30), "America/New_York")
    assert desk.saved(1).due_at == datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
    assert desk.post(send_at="late", timezone="America/New_York").status_code == 422
    assert desk.post(send_at="08:30", timezone="Mars/Olympus").status_code == 422
    assert desk.ada.send_at == time(8, 30)


def test_who_left_can_come_back_but_an_address_that_bounced_cannot(desk: Desk) -> None:
    """The page leads to unsubscribing; coming back is a button; a bounce is not undone by a click."""
    leave = re.search(r'href="\.\./(unsubscribe/[^"]+)"', desk.client.get(desk.address).text)
    assert leave is not None
    assert desk.client.post(f"/{leave[1]}").status_code == 200
    assert desk.no_mail()
    assert "Send me mail again" in desk.client.get(desk.address).text
    assert "by mail again" in desk.post(do="return").text
    assert not desk.no_mail()
    desk.app.store.subscribers.update_subscriber(replace(desk.ada, suppressed="550 no such user"))
    assert desk.post(do="return").status_code == 422
    assert "Send me mail again" not in desk.client.get(desk.address).text
    assert desk.no_mail() == "550 no such user"


def test_a_query_of_somebody_else_or_one_that_is_gone_is_not_touched(desk: Desk) -> None:
    """A number in a form opens nothing that the link does not."""
    _, others = readers.subscribe(
        desk.app, readers.Person(address="bob@example.org"), [readers.Wish(query="tides", settings=Settings())]
    )
    answer = desk.client.post(desk.address, data={"part": str(others[0].id), "query": "mine"})
    assert answer.status_code == 410
    assert [s.query for _, s in desk.app.store.subscribers.subscriptions(others[0].subscriber_id)] == ["tides"]
    assert desk.client.post(desk.address, data={"part": "x"}).status_code == 410


def test_mail_promises_the_page_only_where_it_is_served(desk: Desk) -> None:
    """With a web address the mail's foot leads here; the link is of this reader and this purpose alone."""
    links = desk.app.links.for_digest(desk.ada, "2026-11-20")
    assert links.manage == f"https://digest.example{desk.address}"
    assert desk.client.get(desk.address.replace("manage", "unsubscribe")).status_code == 404
