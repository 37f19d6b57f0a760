"""The nouns: frozen, without behaviour beyond what follows from their own fields.

    Document ──parse──▶ Listing of Sighting | Skipped ──identity──▶ Verdict ──store──▶ Paper, Event
    Subscriber ──has──▶ Subscription ──matches──▶ Hit ──compose──▶ Item, Section, Digest ──render──▶ Message

All instants are aware UTC datetimes; all days are local dates of whoever they belong to. "Unknown" is ``None``
(or an empty tuple where nothing known and nothing there mean the same), never a made-up value.
"""

from digest.model.digests import Digest, FeedEntry, FeedFormat, Hit, Item, Links, Scored, Section, Span
from digest.model.evidence import Delivered, Finding, NotYet, Refused, Unknown
from digest.model.history import Act, ActKind, History, SightingRecord, UnsurePair
from digest.model.outbox import Attempt, Change, Composed, Message, NextDue, OutboxRow, OutboxState, Outcome
from digest.model.papers import (
    Announced,
    Document,
    Event,
    EventKind,
    Facts,
    Key,
    Link,
    LinkKind,
    Listing,
    News,
    Paper,
    Sighting,
    Skipped,
    State,
    Verdict,
)
from digest.model.readers import Cadence, ChannelName, DailyCounts, Due, Order, Settings, Subscriber, Subscription
from digest.model.returned import PastReturn, Returned, ReturnKind
from digest.model.sources import Quiet, SourceState

__all__ = [
    "Act",
    "ActKind",
    "Announced",
    "Attempt",
    "Cadence",
    "Change",
    "ChannelName",
    "Composed",
    "DailyCounts",
    "Delivered",
    "Digest",
    "Document",
    "Due",
    "Event",
    "EventKind",
    "Facts",
    "FeedEntry",
    "FeedFormat",
    "Finding",
    "History",
    "Hit",
    "Item",
    "Key",
    "Link",
    "LinkKind",
    "Links",
    "Listing",
    "Message",
    "News",
    "NextDue",
    "NotYet",
    "Order",
    "OutboxRow",
    "OutboxState",
    "Outcome",
    "Paper",
    "PastReturn",
    "Quiet",
    "Refused",
    "ReturnKind",
    "Returned",
    "Scored",
    "Section",
    "Settings",
    "Sighting",
    "SightingRecord",
    "Skipped",
    "SourceState",
    "Span",
    "State",
    "Subscriber",
    "Subscription",
    "Unknown",
    "UnsurePair",
    "Verdict",
]
