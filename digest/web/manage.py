"""The page on which a reader changes what they get: what its form says, and what that makes of a saved query.

The form is plain HTML; every value that comes back is checked here, and a mistake is shown beside the field with what
was typed still in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time
from typing import Protocol, TypeVar
from zoneinfo import available_timezones

from digest.errors import DigestError, QueryError
from digest.model import Cadence, Order, Settings, Subscriber, Subscription

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CADENCES = {
    Cadence.DAILY: "every day",
    Cadence.WEEKDAYS: "on chosen days",
    Cadence.WEEKLY: "once a week",
    Cadence.AT_ONCE: "at once",
}
ORDERS = {Order.RELEVANCE: "the best first", Order.NEWEST: "the newest first", Order.UPVOTES: "the most popular first"}
LONGEST_QUERY, LONGEST_NAME = 2_000, 120
MOST_PAPERS = 500

Choice = TypeVar("Choice", Cadence, Order)


class Form(Protocol):
    """What was posted: werkzeug's ``MultiDict``."""

    def get(self, key: str, default: str) -> str:
        """Return the first value of a field."""

    def getlist(self, key: str) -> list[str]:
        """Return all values of a field."""


class Wishes(Protocol):
    """Changes what a reader gets; everything is checked before anything is stored (``app.readers``)."""

    def change(self, subscriber: Subscriber, subscription: Subscription) -> None:
        """Store a saved query's new wording, name or settings; raises ``QueryError``."""

    def pause(self, subscriber: Subscriber, subscription: Subscription, *, paused: bool) -> None:
        """Store whether a saved query rests."""

    def change_person(self, subscriber: Subscriber) -> None:
        """Store a reader's new zone and time."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a field of a form; ``caret`` shows the place in a query, or is ""."""

    field: str
    message: str
    caret: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One saved query on the page: as it is stored, or as it was just typed with what is wrong about it."""

    subscription: Subscription
    typed: Mapping[str, str] = field(default_factory=dict)
    mistake: Mistake | None = None

    @property
    def query(self) -> str:
        """Return the query as it stands in its field."""
        return self.typed.get("query", self.subscription.query)

    @property
    def name(self) -> str:
        """Return the name as it stands in its field."""
        return self.typed.get("name", self.subscription.name)

    @property
    def max_papers(self) -> str:
        """Return the limit as it stands in its field."""
        return self.typed.get("max_papers", str(self.subscription.settings.max_papers))

    @property
    def min_score(self) -> str:
        """Return the minimum score as it stands in its field."""
        return self.typed.get("min_score", f"{self.subscription.settings.min_score:g}")


class Refused(Exception):  # noqa: N818 - not an error of ours: the form is shown again
    """A form that says something impossible; ``wanted`` is the saved query with everything else that was chosen."""

    def __init__(self, mistake: Mistake, wanted: Subscription | None = None) -> None:
        super().__init__(mistake.message)
        self.mistake = mistake
        self.wanted = wanted


def changed(one: Subscription, form: Form) -> Subscription:
    """Return a saved query as a form describes it; raises ``Refused``."""
    query = " ".join(form.get("query", "").split())
    if not query:
        raise Refused(Mistake("query", "A query needs at least one word; to get nothing, pause it."))
    if len(query) > LONGEST_QUERY:
        raise Refused(Mistake("query", f"A query has at most {LONGEST_QUERY:,} letters."))
    name = " ".join(form.get("name", "").split())[:LONGEST_NAME]
    return replace(one, query=query, name=name, settings=_settings(one.settings, form))


def _settings(before: Settings, form: Form) -> Settings:
    cadence = _one_of(Cadence, form.get("cadence", before.cadence.value), before.cadence)
    days = {int(day) for day in form.getlist("weekday") if day in {"0", "1", "2", "3", "4", "5", "6"}}
    return replace(
        before,
        cadence=cadence,
        weekdays=tuple(sorted(days)) if cadence in {Cadence.WEEKDAYS, Cadence.WEEKLY} else before.weekdays,
        max_papers=int(_number(form, "max_papers", before.max_papers, (1, MOST_PAPERS), int)),
        min_score=float(_number(form, "min_score", before.min_score, (0, 1_000), float)),
        order=_one_of(Order, form.get("order", before.order.value), before.order),
        empty_digest="yes" in form.getlist("empty_digest"),
        events="yes" in form.getlist("events"),
    )


def _one_of(kind: Callable[[str], Choice], given: str, otherwise: Choice) -> Choice:
    try:
        return kind(given)
    except ValueError:
        return otherwise


def _number(form: Form, name: str, before: float, limits: tuple[int, int], kind: Callable[[str], float]) -> float:
    low, high = limits
    try:
        value = kind(form.get(name, str(before)).strip())
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise Refused(Mistake(name, f"This is a number from {low} to {high:,}."))
    return value


def person(before: Subscriber, form: Form) -> Subscriber:
    """Return a reader as a form describes them; raises ``Refused``."""
    zone = form.get("timezone", before.timezone)
    if zone not in available_timezones():
        raise Refused(Mistake("timezone", "This is no time zone we know."))
    try:
        at = time.fromisoformat(form.get("send_at", before.send_at.strftime("%H:%M"))[:5])
    except ValueError as error:
        raise Refused(Mistake("send_at", "This is a time of day such as 07:00.")) from error
    return replace(before, timezone=zone, send_at=at)


def save(wishes: Wishes, reader: Subscriber, one: Subscription, others: Sequence[Subscription], form: Form) -> str:
    """Do what the button of one saved query asks for and say so; raises ``Refused``."""
    asked = form.get("do", "save")
    if asked in {"pause", "resume"}:
        wishes.pause(reader, one, paused=asked == "pause")
        return "Paused." if asked == "pause" else "It goes on: what came in meanwhile is in your next digest."
    wanted = changed(one, form)
    if any(other.query == wanted.query for other in others if other.id != one.id):
        raise Refused(Mistake("query", "You have this query already."), wanted)
    try:
        wishes.change(reader, wanted)
    except QueryError as error:
        raise Refused(Mistake("query", _sentence(error), error.caret()), wanted) from error
    except DigestError as error:
        raise Refused(Mistake("query", _sentence(error)), wanted) from error
    return "Saved."


def _sentence(error: DigestError) -> str:
    hint = f" ({error.hint})" if error.hint else ""
    return f"{error.message[:1].upper()}{error.message[1:]}{hint}."
