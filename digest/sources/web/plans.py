"""What to ask an archive for: which addresses, in which order, and what to remember of the answers.

A plan is pure: it is told what it remembers and the time, and says the next requests. What a request is to be
remembered for (``then``) is kept when its document has been stored, not before: a day that was not stored is asked
for again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from typing import NamedTuple, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

from digest.parsers.calendar import ARXIV_ZONE, why_arxiv_is_empty, why_hugging_face_is_empty

Memory = Mapping[str, str]
"""What a source remembers between two looks."""

FORGOTTEN = ""
"""A remembered value that is not needed any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One address to ask; ``key`` names what its validators are remembered under ("": they are not).

    ``then`` is remembered when the document, and the pages after it, have been stored; ``back_to`` is the day at which
    a list that runs backwards may end.
    """

    url: str
    key: str = ""
    listed_on: date | None = None
    back_to: str = ""
    then: Memory = field(default_factory=dict)


class Cut(NamedTuple):
    """Where a plan stops before the end of a list: what is said of it, and what is remembered instead of ``then``."""

    said: str
    then: Memory


class Plan(Protocol):
    """What one kind of archive is asked for."""

    def begin(self, now: datetime) -> Memory:
        """Return what a new source remembers from its first look on, so that a first look that fails loses no day."""

    def first(self, memory: Memory, now: datetime) -> Sequence[Request | str]:
        """Return the requests to make now; text is said of days that are rightly left out."""

    def after(self, request: Request, body: bytes) -> Request | Cut | None:
        """Return the request that follows an answer, where the archive hands out its answers in pages."""


@dataclass(frozen=True, slots=True)
class OneAddress:
    """A single address that always holds what is newest: a feed, a page, an API answer."""

    url: str
    listed_on: date | None = None

    def begin(self, now: datetime) -> Memory:  # noqa: ARG002
        """Return nothing: only what is newest can be asked for."""
        return {}

    def first(self, memory: Memory, now: datetime) -> Sequence[Request | str]:  # noqa: ARG002
        """Return the one request."""
        return [Request(url=self.url, key="whole", listed_on=self.listed_on)]

    def after(self, request: Request, body: bytes) -> Request | None:  # noqa: ARG002
        """Return nothing."""
        return None


@dataclass(frozen=True, slots=True)
class ArxivFeed:
    """arXiv's feed of some categories: a window of one day, so announcements that were missed are said to be."""

    url: str

    def begin(self, now: datetime) -> Memory:
        """Return that everything up to yesterday counts as read."""
        return {"read": (now.astimezone(ARXIV_ZONE).date() - timedelta(days=1)).isoformat()}

    def first(self, memory: Memory, now: datetime) -> Sequence[Request | str]:
        """Return the one request, after the days that passed unread since the last look."""
        today = now.astimezone(ARXIV_ZONE).date()
        last = date.fromisoformat(memory["read"])
        missed = [day for n in range(1, (today - last).days) if not why_arxiv_is_empty(day := last + timedelta(days=n))]
        request = Request(url=self.url, key="whole", then={"read": today.isoformat()})
        return [_missed(missed), request] if missed else [request]

    def after(self, request: Request, body: bytes) -> Request | None:  # noqa: ARG002
        """Return nothing."""
        return None


def _missed(days: Sequence[date]) -> str:
    named = ", ".join(f"{day:%d %B}" for day in days[:5]) + (" and more" if len(days) > 5 else "")
    return f"not read on {named}: the feed shows one day only; a source of kind arxiv-oai fetches what was missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class HuggingFaceDays:
    """The Daily Papers, day by day: a day that was missed is fetched later, today is fetched again while it grows.

    A new source begins with ``days`` days, today included. A day is whole ``SETTLED`` after its end in UTC.
    """

    base: str = "https://huggingface.co"
    days: int = 3
    rows: int = 100

    SETTLED = timedelta(hours=12)
    LONGEST = 31

    def begin(self, now: datetime) -> Memory:
        """Return the day before the first one as the last whole one."""
        return {"whole": (now.astimezone(UTC).date() - timedelta(days=max(1, self.days))).isoformat()}

    def first(self, memory: Memory, now: datetime) -> Sequence[Request | str]:
        """Return a request for each day since the last whole one, at most a month of them; weekends are said."""
        today = now.astimezone(UTC).date()
        last = date.fromisoformat(memory["whole"])
        start = max(last + timedelta(days=1), today - timedelta(days=self.LONGEST - 1))
        lost = f"{last + timedelta(days=1)} to {start - timedelta(days=1)} are too long ago to be fetched by themselves"
        asked: list[Request | str] = [lost] if start > last + timedelta(days=1) else []
        for day in (start + timedelta(days=n) for n in range((today - start).days + 1)):
            why = why_hugging_face_is_empty(day)
            asked.append(f"{day}, {why}" if why else self._day(day, now))
        return asked

    def after(self, request: Request, body: bytes) -> Request | None:
        """Return the next page of a day whose page came full."""
        if _rows(body) < self.rows:
            return None
        page = int(re.search(r"[?&]p=(\d+)", request.url)[1]) + 1  # type: ignore[index]
        url = re.sub(r"([?&]p=)\d+", rf"\g<1>{page}", request.url)
        return replace(request, url=url, key=request.key and f"{request.key}.{page}")

    def _day(self, day: date, now: datetime) -> Request:
        is_whole = now >= datetime.combine(day, time(), UTC) + timedelta(days=1) + self.SETTLED
        url = f"{self.base}/api/daily_papers?{urlencode({'date': day.isoformat(), 'limit': self.rows, 'p': 0})}"
        key = f"day.{day}"
        if not is_whole:
            return Request(url=url, key=key, listed_on=day)
        forget = {f"{key}.etag": FORGOTTEN, f"{key}.modified": FORGOTTEN}
        return Request(url=url, listed_on=day, then={"whole": day.isoformat(), **forget})


@dataclass(frozen=True, slots=True, kw_only=True)
class ArxivQuery:
    """A query to arXiv's API, newest first, page by page back to where the last look ended.

    ``OVERLAP`` covers that papers appear in the API in another order than they were submitted. At most ``most`` papers
    of one list are read at one look; what is older is said, remembered as ``gap.FROM.TO`` and read at the next look,
    newest first again, until nothing is left of it.
    """

    query: str
    base: str = "https://export.arxiv.org"
    rows: int = 500
    most: int = 10_000
    days: int = 3

    OVERLAP = timedelta(days=3)

    def begin(self, now: datetime) -> Memory:
        """Return the day from which on, less the overlap, papers are wanted."""
        return {"seen": (now.astimezone(UTC).date() - timedelta(days=self.days) + self.OVERLAP).isoformat()}

    def first(self, memory: Memory, now: datetime) -> Sequence[Request | str]:
        """Return the first page of what is new, then of each gap; how far back the pages go stands in the request."""
        today = now.astimezone(UTC).date()
        since = date.fromisoformat(memory["seen"]) - self.OVERLAP
        gaps = sorted(name for name in memory if name.startswith("gap."))
        newest = self._page(self.query, 0, since.isoformat(), {"seen": today.isoformat()})
        return [newest, *(self._gap(*name.split(".")[1:]) for name in gaps)]

    def after(self, request: Request, body: bytes) -> Request | Cut | None:
        """Return the next page, unless this one was the last, reached the last look, or enough were read."""
        published = [found.decode() for found in re.findall(rb"<published>(\d{4}-\d\d-\d\d)", body)]
        asked = parse_qs(urlsplit(request.url).query)
        start = int(asked["start"][0])
        read, total = start + len(published), _total(body)
        if published and min(published) < request.back_to:
            return None
        if len(published) < self.rows:
            return Cut(f"gave only {read} of {total} papers: all are asked for again", {}) if read < total else None
        if read >= self.most:
            return self._cut(request, min(published), read)
        return self._page(asked["search_query"][0], start + self.rows, request.back_to, request.then)

    def _cut(self, request: Request, oldest: str, read: int) -> Cut:
        gap = f"gap.{request.back_to}.{oldest}"
        then = {**request.then, gap: "open"}
        return Cut(f"cut after {read} papers: those of {request.back_to} to {oldest} are read at the next look", then)

    def _gap(self, start: str, end: str) -> Request:
        between = f"[{start.replace('-', '')}0000 TO {end.replace('-', '')}2359]"
        query = f"({self.query}) AND submittedDate:{between}"
        return self._page(query, 0, start, {f"gap.{start}.{end}": FORGOTTEN})

    def _page(self, query: str, start: int, back_to: str, then: Memory) -> Request:
        asked = {
            "search_query": query,
            "sortBy": "submittedDate",
            "sortOrder": "descending",
            "start": start,
            "max_results": self.rows,
        }
        return Request(url=f"{self.base}/api/query?{urlencode(asked)}", back_to=back_to, then=then)


@dataclass(frozen=True, slots=True, kw_only=True)
class OaiSet:
    """The records of an OAI-PMH set that changed since the last look, through all resumption tokens.

    The day of the last look is asked for again: an archive's days are whole days
    (https://www.openarchives.org/OAI/openarchivesprotocol.html, section 2.7.1).
    """

    name: str
    base: str = "https://oaipmh.arxiv.org/oai"
    form: str = "arXiv"
    days: int = 2

    def begin(self, now: datetime) -> Memory:
        """Return the first day that is asked for."""
        return {"harvested": (now.astimezone(UTC).date() - timedelta(days=self.days)).isoformat()}

    def first(self, memory: Memory, now: datetime) -> Sequence[Request | str]:
        """Return the request for everything since the remembered day."""
        today = now.astimezone(UTC).date()
        asked = {"verb": "ListRecords", "metadataPrefix": self.form, "from": memory["harvested"], "set": self.name}
        return [Request(url=f"{self.base}?{urlencode(asked)}", then={"harvested": today.isoformat()})]

    def after(self, request: Request, body: bytes) -> Request | None:
        """Return the request with the resumption token, where the list goes on."""
        found = re.search(rb"<(?:\w+:)?resumptionToken[^>]*>([^<]+)</", body)
        if found is None:
            return None
        token = unescape(found[1].decode("utf-8", "replace")).strip()
        return replace(request, url=f"{self.base}?{urlencode({'verb': 'ListRecords', 'resumptionToken': token})}")


def _total(body: bytes) -> int:
    """Return how many results an answer of arXiv's API says there are; 0 where it does not say."""
    found = re.search(rb"<(?:\w+:)?totalResults[^>]*>\s*(\d{1,9})\s*<", body)
    return int(found[1]) if found else 0


def _rows(body: bytes) -> int:
    try:
        rows = json.loads(body)
    except ValueError:
        return 0
    return len(rows) if isinstance(rows, list) else 0
