"""Sources on the web: each document once, each missed day later, nothing remembered before it is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from digest.errors import SourceError
from digest.model import Document, Quiet
from digest.sources.web.fetch import Fetcher
from digest.sources.web.plans import ArxivFeed, ArxivQuery, HuggingFaceDays, OaiSet, OneAddress, Plan
from digest.sources.web.source import WebSource
from digest.store import SqlStore
from tests.unit.sources.web.loopback import Answer, Loopback

WEDNESDAY = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def store() -> Iterator[SqlStore]:
    """Return an empty store in memory."""
    with SqlStore.open("sqlite://") as opened:
        yield opened


class Reader:
    """Looks at a source as the ingester does, in a fresh process each time; ``broken`` names what is no listing."""

    def __init__(self, plan: Plan, fetcher: Fetcher, store: SqlStore) -> None:
        self._made = (plan, fetcher, store)
        self.broken = ""

    def look(self, now: datetime, *, stored: int = 1000) -> list[Document | str]:
        """Return documents and what was said instead; dies (so to say) after so many were stored."""
        plan, fetcher, store = self._made
        source = WebSource("papers", plan, fetcher, store.sources, every=HOUR)
        found: list[Document | str] = []
        for item in source.documents(now):
            if isinstance(item, Document):
                found.append(item)
                if len(found) > stored:
                    break
                if self.broken and self.broken in item.name:
                    source.refused(item, "no listing")
                else:
                    source.done(item)
            elif isinstance(item, Quiet):
                found.append(item.reason)
        return found


def _days(found: list[Document | str]) -> list[date | str | None]:
    return [item.listed_on if isinstance(item, Document) else item for item in found]


def _feed(server: Loopback, fetcher: Fetcher, store: SqlStore) -> Reader:
    return Reader(OneAddress(f"{server.address}/feed"), fetcher, store)


def test_an_address_is_asked_when_it_is_due_and_read_when_it_has_changed(
    server: Loopback, fetcher: Fetcher, store: SqlStore
) -> None:
    """The interval is kept across processes; so are the validators, and 304 is said, not read."""
    server.say("/feed", Answer(body=b"one", headers={"ETag": '"1"'}), Answer(304))
    reader = _feed(server, fetcher, store)
    assert [d.body for d in reader.look(WEDNESDAY) if isinstance(d, Document)] == [b"one"]
    assert reader.look(WEDNESDAY + timedelta(minutes=59)) == ["is not asked again before 2026-11-18 16:00 UTC"]
    assert len(server.asked) == 1
    (said,) = reader.look(WEDNESDAY + HOUR)
    assert str(said).endswith("nothing has changed since the last look")
    assert server.asked[1][1]["if-none-match"] == '"1"'


def test_what_was_fetched_and_not_stored_is_fetched_again(server: Loopback, fetcher: Fetcher, store: SqlStore) -> None:
    """Killed between fetch and commit, a program has learned no validator that would hide the document from it."""
    server.say("/feed", Answer(body=b"one", headers={"ETag": '"1"'}))
    reader = _feed(server, fetcher, store)
    reader.look(WEDNESDAY, stored=0)
    assert len(reader.look(WEDNESDAY)) == 1
    assert "if-none-match" not in server.asked[1][1]


def test_what_is_no_listing_is_asked_for_again_and_counted_as_a_failure(
    server: Loopback, fetcher: Fetcher, store: SqlStore
) -> None:
    """An error page with a validator of its own does not make the real page "unchanged"."""
    server.say("/feed", Answer(body=b"<html>maintenance", headers={"ETag": '"err"'}))
    reader = _feed(server, fetcher, store)
    reader.broken = "feed"
    reader.look(WEDNESDAY)
    state = store.sources.get("papers")
    assert (state.error, state.failures, dict(state.memory)) == ("no listing", 1, {})
    assert state.next_at == WEDNESDAY + timedelta(minutes=5)


def test_a_host_that_fails_is_left_alone_ever_longer_and_as_long_as_it_asks(
    server: Loopback, fetcher: Fetcher, store: SqlStore
) -> None:
    """Five minutes, ten, twenty; or the hour its Retry-After wants. The first success forgets it all."""
    hour = Answer(503, headers={"Retry-After": "3600"})
    server.say("/feed", Answer(500), Answer(500), hour, Answer(body=b"x"))
    reader, now = _feed(server, fetcher, store), WEDNESDAY
    for wait in (timedelta(minutes=5), timedelta(minutes=10), HOUR):
        with pytest.raises(SourceError, match="answers 50"):
            reader.look(now)
        state = store.sources.get("papers")
        assert state.next_at == now + wait
        assert "answers 50" in state.error
        now += wait
    reader.look(now)
    assert (store.sources.get("papers").error, store.sources.get("papers").failures) == ("", 0)


def test_announcements_that_a_feed_of_one_day_no_longer_shows_are_said(
    server: Loopback, fetcher: Fetcher, store: SqlStore
) -> None:
    """From Wednesday to Tuesday, Thursday, Friday and Monday went by unread; an unchanged feed counts as read."""
    server.say("/rss/cs.CL", Answer(body=b"x", headers={"ETag": '"1"'}), Answer(304), Answer(body=b"y"))
    reader = Reader(ArxivFeed(f"{server.address}/rss/cs.CL"), fetcher, store)
    assert len(reader.look(WEDNESDAY - timedelta(days=1))) == 1
    assert len(reader.look(WEDNESDAY)) == 1
    said, document = reader.look(WEDNESDAY + timedelta(days=6))
    assert str(said).startswith("not read on 19 November, 20 November, 23 November: ")
    assert isinstance(document, Document)


def _rows(count: int) -> bytes:
    return json.dumps([{"paper": {"id": str(n)}} for n in range(count)]).encode()


def _hugging_face(server: Loopback, fetcher: Fetcher, store: SqlStore) -> Reader:
    server.say("*", Answer(body=_rows(2), headers={"ETag": '"1"'}))
    return Reader(HuggingFaceDays(base=server.address, rows=3), fetcher, store)


def test_missed_days_are_fetched_later_and_weekends_are_said(
    server: Loopback, fetcher: Fetcher, store: SqlStore
) -> None:
    """After a week away each weekday since the last whole one is asked for, by its date."""
    reader = _hugging_face(server, fetcher, store)
    assert _days(reader.look(WEDNESDAY)) == [date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)]
    found = _days(reader.look(WEDNESDAY + timedelta(days=6)))
    assert found == [
        date(2026, 11, 18),
        date(2026, 11, 19),
        date(2026, 11, 20),
        "2026-11-21, Saturday: Hugging Face lists no weekends",
        "2026-11-22, Sunday: Hugging Face lists no weekends",
        date(2026, 11, 23),
        date(2026, 11, 24),
    ]


def test_days_that_are_too_long_ago_are_said(server: Loopback, fetcher: Fetcher, store: SqlStore) -> None:
    """After two months away, a month is fetched, and that the rest is not is said in words."""
    reader = _hugging_face(server, fetcher, store)
    reader.look(WEDNESDAY)
    found = _days(reader.look(WEDNESDAY + timedelta(days=60)))
    assert found[0] == "2026-11-18 to 2026-12-17 are too long ago to be fetched by themselves"
    assert [day for day in found if isinstance(day, date)][::20] == [date(2026, 12, 18), date(2027, 1, 15)]


def test_a_day_is_asked_for_until_it_is_whole(server: Loopback, fetcher: Fetcher, store: SqlStore) -> None:
    """Today grows: it is asked for with its validator, and once more, without, when it has surely ended."""
    reader = _hugging_face(server, fetcher, store)
    reader.look(WEDNESDAY)
    server.asked.clear()
    assert _days(reader.look(WEDNESDAY + HOUR)) == [date(2026, 11, 18)]
    assert server.asked[0][1]["if-none-match"] == '"1"'
    assert _days(reader.look(WEDNESDAY + timedelta(days=1))) == [date(2026, 11, 18), date(2026, 11, 19)]
    assert "if-none-match" not in server.asked[1][1]
    assert _days(reader.look(WEDNESDAY + timedelta(days=1, hours=1))) == [date(2026, 11, 19)]
    assert set(store.sources.get("papers").memory) == {"whole", "day.2026-11-19.etag"}


def test_a_broken_day_is_asked_for_again_with_all_that_follow(
    server: Loopback, fetcher: Fetcher, store: SqlStore
) -> None:
    """A later day that could be read does not hide the one before it that could not."""
    reader = _hugging_face(server, fetcher, store)
    reader.broken = "2026-11-16"
    reader.look(WEDNESDAY)
    reader.broken = ""
    assert _days(reader.look(WEDNESDAY + HOUR)) == [date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)]


def test_a_day_in_pages_is_whole_when_its_last_page_is_stored(
    server: Loopback, fetcher: Fetcher, store: SqlStore
) -> None:
    """Full pages are followed by the next one; killed between two pages, the day is asked for from its start."""
    plan = HuggingFaceDays(base=server.address, rows=3, days=2)
    page = "/api/daily_papers?date=2026-11-17&limit=3&p="
    server.say("*", Answer(body=_rows(1)))
    server.say(f"{page}0", Answer(body=_rows(3)))
    reader = Reader(plan, fetcher, store)
    reader.look(WEDNESDAY, stored=1)
    assert store.sources.get("papers").memory["whole"] == "2026-11-16"
    server.asked.clear()
    reader.look(WEDNESDAY)
    assert server.paths[:2] == [f"{page}0", f"{page}1"]
    assert store.sources.get("papers").memory["whole"] == "2026-11-17"


def _atom(*published: str) -> bytes:
    return "".join(f"<entry><published>{day}T00:00:00Z</published></entry>" for day in published).encode()


def test_a_query_is_read_back_to_where_the_last_look_ended(server: Loopback, fetcher: Fetcher, store: SqlStore) -> None:
    """Pages go on until one reaches the remembered day, less an overlap; a short page is the last."""
    pages = [_atom("2026-11-18", "2026-11-18"), _atom("2026-11-17", "2026-11-12"), _atom("2026-11-11", "2026-11-10")]

    def answer() -> None:
        server.answers["*"] = [Answer(body=page) for page in pages]

    reader = Reader(ArxivQuery(query="cat:cs.CL AND ti:rain", base=server.address, rows=2, days=4), fetcher, store)
    answer()
    assert len(reader.look(WEDNESDAY)) == 2
    asked = parse_qs(urlsplit(server.paths[1]).query)
    assert (asked["search_query"], asked["start"], asked["max_results"]) == (["cat:cs.CL AND ti:rain"], ["2"], ["2"])
    answer()
    assert len(reader.look(WEDNESDAY + timedelta(days=1))) == 2
    assert store.sources.get("papers").memory == {"seen": "2026-11-19"}


def test_a_query_that_is_cut_says_so_and_goes_on_at_the_next_look(
    server: Loopback, fetcher: Fetcher, store: SqlStore
) -> None:
    """What was too much for one look is named, remembered as a gap, and asked for by its days until it is closed."""
    reader = Reader(ArxivQuery(query="cat:cs.CL", base=server.address, rows=2, most=4, days=20), fetcher, store)
    server.say("*", *(Answer(body=_atom(day, day)) for day in ("2026-11-18", "2026-11-15")))
    found = reader.look(WEDNESDAY)
    assert found[-1] == "cut after 4 papers: those of 2026-10-29 to 2026-11-15 are read at the next look"
    assert store.sources.get("papers").memory == {"seen": "2026-11-18", "gap.2026-10-29.2026-11-15": "open"}
    server.say("*", Answer(body=_atom()), *(Answer(body=_atom(day, day)) for day in ("2026-11-15", "2026-11-09")))
    server.asked.clear()
    reader.look(WEDNESDAY + timedelta(days=1))
    asked = parse_qs(urlsplit(server.paths[1]).query)["search_query"]
    assert asked == ["(cat:cs.CL) AND submittedDate:[202610290000 TO 202611152359]"]
    assert store.sources.get("papers").memory == {"seen": "2026-11-19", "gap.2026-10-29.2026-11-09": "open"}
    server.say("*", Answer(body=_atom()), Answer(body=_atom("2026-11-09", "2026-10-28")))
    reader.look(WEDNESDAY + timedelta(days=2))
    assert store.sources.get("papers").memory == {"seen": "2026-11-20"}


def test_an_answer_that_ends_early_is_asked_for_again(server: Loopback, fetcher: Fetcher, store: SqlStore) -> None:
    """ArXiv's API sometimes gives an empty page in the middle of a list: that is no end, and nothing counts as read."""
    total = b"<opensearch:totalResults>5</opensearch:totalResults>"
    server.say("*", Answer(body=_atom("2026-11-18", "2026-11-18") + total), Answer(body=total))
    reader = Reader(ArxivQuery(query="cat:cs.CL", base=server.address, rows=2, days=4), fetcher, store)
    before = ArxivQuery(query="x", days=4).begin(WEDNESDAY)
    assert reader.look(WEDNESDAY)[-1] == "gave only 2 of 5 papers: all are asked for again"
    assert store.sources.get("papers").memory == before


def test_a_set_is_harvested_through_all_its_tokens_since_the_last_harvest(
    server: Loopback, fetcher: Fetcher, store: SqlStore
) -> None:
    """A token that is not followed would lose records; the day is remembered when the last page is stored."""
    page = b"<ListRecords/><resumptionToken cursor='0'>6|a&amp;b</resumptionToken>"
    last = b"<ListRecords/><resumptionToken cursor='1'></resumptionToken>"
    server.say("*", Answer(body=page), Answer(body=last))
    reader = Reader(OaiSet(name="cs", base=f"{server.address}/oai"), fetcher, store)
    reader.look(WEDNESDAY, stored=1)
    assert store.sources.get("papers").memory == {"harvested": "2026-11-16"}
    server.say("*", Answer(body=page), Answer(body=last))
    server.asked.clear()
    assert len(reader.look(WEDNESDAY)) == 2
    first, second = (parse_qs(urlsplit(path).query) for path in server.paths)
    assert (first["from"], first["set"], first["metadataPrefix"]) == (["2026-11-16"], ["cs"], ["arXiv"])
    assert second == {"verb": ["ListRecords"], "resumptionToken": ["6|a&b"]}
    server.say("*", Answer(body=last))
    reader.look(WEDNESDAY + timedelta(days=9))
    assert parse_qs(urlsplit(server.paths[-1]).query)["from"] == ["2026-11-18"]
