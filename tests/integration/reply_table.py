"""What each reply of a mail server means, row by row.

552 is a mailbox that is full where it says no more, or says so (5.2.2). A mail that is too large for the server (5.3.4)
or the mailbox (5.2.3), or that is refused for its content (5.6, 5.7), stays so however often it comes: it fails, the
operator is told, and its reader is not to blame.

What a relay says of itself (4.3; after the recipient was accepted 451 and 452 without more, too: RFC 5321 calls them
"local error" and "insufficient system storage") charges nobody. The message waits alone and the operator is told: if
such a fault held up everybody's mail, so would one mail that the relay cannot bear, each time it is tried first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from digest.model import OutboxState
from digest.pipeline.outcomes import BEHIND, LONGEST_WAIT, RELAY_PAUSE
from tests.integration.smtp_server import (
    DROP,
    GARBAGE,
    NO_AND_YES,
    STALL,
    TAKE_AND_DROP,
    TAKE_AND_STALL,
    TAKES_BEFORE_IT_HAS,
    TWICE,
    UNKNOWN_TOO_SOON,
    YES_AND_NO,
)

SENT, RETRY, FAILED, HELD = OutboxState.SENT, OutboxState.RETRY, OutboxState.FAILED, OutboxState.AMBIGUOUS
NOTHING = timedelta()
SOON = timedelta(minutes=6)
"""Five minutes and a spread of a fifth."""
GREY = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a reply does.

    To the message (its state, how long it waits at least and at most, whether a try is charged, whether it may have
    left), to its reader's address, to the next reader of the same domain, and whether the operator is alarmed.
    """

    state: OutboxState
    least: timedelta = NOTHING
    most: timedelta = NOTHING
    charged: bool = True
    doubted: bool = False
    suppressed: bool = False
    suspect: bool = False
    next_one: OutboxState = SENT
    of_the_domain: bool = False
    alarm: bool = False


DROPPED = Means(state=RETRY, least=timedelta(minutes=4), most=SOON, charged=False)
PAUSED = Means(
    state=RETRY, least=RELAY_PAUSE + BEHIND, most=RELAY_PAUSE + BEHIND, charged=False, next_one=RETRY, alarm=True
)
FAULT = Means(state=RETRY, least=timedelta(minutes=4), most=SOON, charged=False, alarm=True)
LATER = Means(state=RETRY, least=timedelta(minutes=4), most=SOON, of_the_domain=True)
GREYLISTED = Means(state=RETRY, least=GREY, most=GREY)
FULL = Means(state=RETRY, least=LONGEST_WAIT, most=LONGEST_WAIT)
NO_SUCH = Means(state=FAILED, suppressed=True)
BARE = Means(state=FAILED, suspect=True)
POLICY = Means(state=FAILED, alarm=True, of_the_domain=True)
DOUBTED = Means(state=HELD, doubted=True)

TABLE = [
    # connect or drop before the dot: the relay's fault, nobody is charged
    ("banner", DROP, PAUSED),
    ("banner", STALL, PAUSED),
    ("EHLO", DROP, PAUSED),
    ("EHLO", STALL, PAUSED),
    ("MAIL", DROP, DROPPED),
    ("MAIL", STALL, DROPPED),
    ("RCPT", DROP, DROPPED),
    ("RCPT", STALL, DROPPED),
    ("DATA", DROP, DROPPED),
    ("DATA", STALL, DROPPED),
    # after the dot nobody knows
    ("body", TAKE_AND_DROP, DOUBTED),
    ("body", TAKE_AND_STALL, DOUBTED),
    ("body", GARBAGE, DOUBTED),
    ("body", "354 go on", DOUBTED),
    ("body", "150 wait", DOUBTED),
    ("body", YES_AND_NO, DOUBTED),
    ("body", NO_AND_YES, DOUBTED),
    # any reply of completion is one
    ("body", "251 taken", Means(state=SENT)),
    ("body", "299 2.0.0", Means(state=SENT)),
    ("body", TWICE, Means(state=SENT)),
    ("body", "250 taken\r\n421 4.3.2 closing", Means(state=SENT)),
    ("RCPT", "252 2.1.5 cannot say, will take it", Means(state=SENT)),
    # out of turn, so that one answer would be taken for the next one: the relay's fault
    ("MAIL", GARBAGE, FAULT),
    ("MAIL", UNKNOWN_TOO_SOON, FAULT),
    ("RCPT", UNKNOWN_TOO_SOON, FAULT),
    ("RCPT", "354 go on", FAULT),
    ("RCPT", TWICE, FAULT),
    ("DATA", "250 ok", FAULT),
    ("DATA", TAKES_BEFORE_IT_HAS, FAULT),
    # 421 a second time
    ("banner", "421 4.3.2 closing", PAUSED),
    ("MAIL", "421 4.3.2 closing", PAUSED),
    ("RCPT", "421 4.7.0 slow down", FAULT),
    ("DATA", "421 4.3.2 closing", FAULT),
    ("body", "421 4.3.2 closing", FAULT),
    # the relay will not have us
    ("banner", "554 5.3.2 no mail here", PAUSED),
    ("MAIL", "530 5.7.0 log in first", PAUSED),
    ("MAIL", "534 5.7.9 the mechanism is too weak", PAUSED),
    ("MAIL", "535 5.7.8 who are you", PAUSED),
    ("MAIL", "538 5.7.11 encryption required", PAUSED),
    ("MAIL", "454 4.7.0 TLS not available", PAUSED),
    ("RCPT", "454 4.7.0 temporary authentication failure", PAUSED),
    ("RCPT", "530 5.7.0 log in first", PAUSED),
    # it takes nothing from us for now, whoever it is for
    ("MAIL", "452 4.3.1 insufficient system storage", PAUSED),
    ("MAIL", "451 4.3.0 later", PAUSED),
    ("MAIL", "450 4.7.1 too much mail from you", PAUSED),
    # an address of ours that it wants to look at first is that of one mail
    ("MAIL", "450 4.1.7 sender address not verified yet", GREYLISTED),
    # greylisting
    ("RCPT", "450 4.2.0 greylisted", GREYLISTED),
    ("RCPT", "450 greylisted", GREYLISTED),
    ("RCPT", "451 4.7.1 greylisted", GREYLISTED),
    # too many recipients, a second time
    ("RCPT", "452 4.5.3 too many recipients", LATER),
    # its own fault, be it with this message or with all
    ("RCPT", "451 4.3.0 later", replace(FAULT, least=GREY, most=GREY, of_the_domain=True)),
    ("RCPT", "452 4.3.1 no space", replace(FAULT, of_the_domain=True)),
    ("DATA", "451 4.3.0 queue file write error", replace(FAULT, least=GREY, most=GREY)),
    ("DATA", "452 4.3.1 no space", FAULT),
    ("DATA", "452 no space", FAULT),
    ("body", "451 4.3.0 queue file write error", replace(FAULT, least=GREY, most=GREY)),
    ("body", "452 4.3.1 no space", FAULT),
    ("body", "452 no space", FAULT),
    ("body", "432 4.3.2 in maintenance", FAULT),
    # said of a message or a recipient
    ("body", "452 4.5.3 too many recipients", LATER),
    # a mailbox that is full
    ("RCPT", "452 4.2.2 mailbox full", FULL),
    ("RCPT", "450 4.2.2 mailbox full", FULL),
    ("RCPT", "550 5.2.2 mailbox full", FULL),
    ("RCPT", "552 5.2.2 mailbox full", FULL),
    ("RCPT", "552 full", FULL),
    ("body", "452 4.2.2 mailbox full", FULL),
    ("body", "552 5.2.2 mailbox full", FULL),
    # no such address
    ("RCPT", "550 5.1.1 no such user", NO_SUCH),
    ("RCPT", "550 5.1.2 no such domain", NO_SUCH),
    ("RCPT", "553 5.1.3 bad address", NO_SUCH),
    ("RCPT", "550 5.1.6 moved", NO_SUCH),
    ("RCPT", "556 5.1.10 null MX", NO_SUCH),
    ("RCPT", "550 5.2.1 disabled", NO_SUCH),
    ("body", "550 5.1.1 no such user", NO_SUCH),
    # of one's own address these say nothing about the reader's
    ("MAIL", "550 5.1.1 who", replace(POLICY, of_the_domain=False)),
    ("MAIL", "550 no", replace(POLICY, of_the_domain=False)),
    # once is no proof
    ("RCPT", "550 no", BARE),
    ("RCPT", "551 no", BARE),
    ("RCPT", "553 no", BARE),
    # addresses of hosts are no status codes
    ("RCPT", "550 your host 5.1.1.7 is listed", BARE),
    ("RCPT", "550 [185.5.1.1] is blocked", BARE),
    # what is wrong is the mail, or the sender
    ("RCPT", "550 5.7.1 policy", POLICY),
    ("RCPT", "554 5.7.1 blocked", POLICY),
    ("DATA", "554 5.7.1 policy", POLICY),
    ("body", "550 5.7.26 not authenticated", POLICY),
    ("body", "554 5.7.1 looks like spam", POLICY),
    ("body", "554 no", replace(POLICY, of_the_domain=False)),
    ("body", "550 no", replace(POLICY, of_the_domain=False)),
    ("body", "554 5.6.0 bad content", replace(POLICY, of_the_domain=False)),
    # 552 with a reason that is no full mailbox
    ("MAIL", "552 5.3.4 message too big for system", replace(POLICY, of_the_domain=False)),
    ("RCPT", "552 5.3.4 message too big for system", replace(POLICY, of_the_domain=False)),
    ("body", "552 5.3.4 message too big for system", replace(POLICY, of_the_domain=False)),
    ("body", "552 5.2.3 message larger than the mailbox takes", replace(POLICY, of_the_domain=False)),
    ("body", "552 5.7.0 blocked for its content", POLICY),
]
