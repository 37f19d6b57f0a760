"""A source that is asked over the web, and what it remembers between two looks.

plan ─▶ Request ─▶ Fetcher ─▶ Document ─stored─▶ remembered: validators, the last whole day
└─ 304 ─▶ Quiet
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.errors import SourceError
from digest.model import Document, Quiet, Skipped
from digest.ports import SourceStates
from digest.sources.polling import Polling
from digest.sources.web.fetch import Fetched, Fetcher, FetchError, Validators
from digest.sources.web.plans import Cut, Memory, Plan, Request


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request whose document is on its way into the store."""

    request: Request
    fetched: Fetched
    is_last: bool


class WebSource:
    """The documents of one plan, each fetched when it is due and remembered when it is stored.

    ``every`` is how long the source is left alone between two looks. A look that fails is made again sooner, then ever
    later. What a failed look had stored before it failed stays stored and remembered.
    """

    def __init__(self, name: str, plan: Plan, fetcher: Fetcher, states: SourceStates, *, every: timedelta) -> None:
        self._name = name
        self._plan = plan
        self._fetcher = fetcher
        self._polling = Polling(name, states, every)
        self._asked: dict[str, _Asked] = {}
        self._broken = ""

    @property
    def name(self) -> str:
        """Return the configured name."""
        return self._name

    @property
    def is_remote(self) -> bool:
        """Return that other machines are waited for."""
        return True

    def documents(self, now: datetime) -> Iterator[Document | Skipped | Quiet]:
        """Yield what the plan asks for now, if it is time to; raises ``SourceError`` where the host does not answer."""
        if early := self._polling.too_early(now):
            yield early
            return
        self._asked.clear()
        self._broken = ""
        try:
            yield from self._looked(self._memory(now), now)
        except SourceError as error:
            wait = error.retry_after if isinstance(error, FetchError) else None
            self._polling.failed(now, str(error), wait)
            raise
        if self._broken:
            self._polling.failed(now, self._broken)
        else:
            self._polling.ended(now)

    def done(self, document: Document) -> None:
        """Remember what the stored document's request is to be remembered for."""
        asked = self._asked.pop(document.name, None)
        if asked is not None:
            self._polling.learn(_learned(self._polling.memory, asked, but_then=bool(self._broken)))

    def refused(self, item: Document | Skipped, reason: str) -> None:  # noqa: ARG002 - the reason names it
        """Remember nothing: what is no listing today is asked for again."""
        self._broken = self._broken or reason

    def _memory(self, now: datetime) -> Memory:
        """Return what is remembered; a new source remembers at once where it began."""
        begun = self._plan.begin(now)
        if not begun.keys() <= self._polling.memory.keys():
            self._polling.learn({**begun, **self._polling.memory})
            return {**begun, **self._polling.memory}
        return self._polling.memory

    def _looked(self, memory: Memory, now: datetime) -> Iterator[Document | Quiet]:
        waiting = deque(self._plan.first(memory, now))
        while waiting:
            request = waiting.popleft()
            if isinstance(request, str):
                yield Quiet(self._name, request)
                continue
            fetched = self._fetcher.get(request.url, _validators(memory, request.key))
            if fetched.body is None:
                self._polling.learn({**self._polling.memory, **request.then})
                yield Quiet(self._name, f"{request.url}: nothing has changed since the last look")
                continue
            following = self._plan.after(request, fetched.body)
            if isinstance(following, Cut):
                request = replace(request, then=following.then)
            is_last = not isinstance(following, Request)
            self._asked[request.url] = _Asked(request, fetched, is_last=is_last)
            yield _document(self._name, request, fetched)
            if isinstance(following, Cut):
                yield Quiet(self._name, following.said)
            elif following is not None and not self._broken:
                waiting.appendleft(following)


def _document(source: str, request: Request, fetched: Fetched) -> Document:
    return Document(
        source=source,
        name=request.url,
        body=fetched.body or b"",
        content_type=fetched.content_type,
        listed_on=request.listed_on,
        modified_at=fetched.modified_at,
    )


def _validators(memory: Memory, key: str) -> Validators:
    return Validators(memory.get(f"{key}.etag", ""), memory.get(f"{key}.modified", "")) if key else Validators()


def _learned(memory: Memory, asked: _Asked, *, but_then: bool) -> Memory:
    """Return the memory after a document was stored.

    Pages count when the last of them is there; after a day that was broken (``but_then``) no later day is the last.
    """
    learned = dict(memory)
    if asked.request.key:
        learned[f"{asked.request.key}.etag"] = asked.fetched.validators.etag
        learned[f"{asked.request.key}.modified"] = asked.fetched.validators.last_modified
    if asked.is_last and not but_then:
        learned |= asked.request.then
    return {key: value for key, value in learned.items() if value}
