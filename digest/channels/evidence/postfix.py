"""What became of a message, by the log of the Postfix it was handed to.

Postfix tells of one mail in several lines, joined by its queue id:

    smtpd    QID: client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=digest
    cleanup  QID: message-id=<…>
    qmgr     QID: from=<bounce+…@digest.example>, size=…, nrcpt=1 (queue active)      it is accepted
    smtp     QID: to=<ada@example.org>, relay=…, dsn=2.0.0, status=sent (250 …)       or bounced, deferred
    qmgr     QID: removed                                                            the id may be used again

The line with the Message-ID alone proves nothing: it is written while the body still comes in. If the connection breaks
then, Postfix throws the mail away, and the same smtpd says ``lost connection after DATA``.
(https://www.postfix.org/OVERVIEW.html, and the ``msg_info`` calls in its source.)

A Message-ID can be forged by anybody who may send through the relay: only mails count that came from our own address
(and by our own login, where one is set), from a sender of our domain, to that recipient. One that did not may be ours
all the same, as the log of a relay sees us otherwise than we do: it decides nothing, not even that ours is not there.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from digest.channels.evidence.files import Generation, RotatedLog
from digest.channels.evidence.lines import Line, instants, parse
from digest.model import Delivered, Finding, NotYet, Refused, Unknown

KEPT_FOR = timedelta(days=8)
"""How much of a log is remembered: longer than evidence is asked for, so that memory stays bounded."""

LOOPBACK = ("127.0.0.1", "::1")
_CLIENT = re.compile(r"client=\S*\[([^\]]+)\]")
_LOGIN = re.compile(r"sasl_username=([^,]+)")
_FATE = re.compile(r"to=<([^>]*)>,(?: orig_to=<([^>]*)>,)?.* status=(\w+) (\(.*)")
_ABORTED = re.compile(r"(lost connection|timeout|too many errors) after (DATA|BDAT)")
_REJECTED = re.compile(r"(?:milter-)?reject: ")
_FOR_NOW = re.compile(r": 4\.\d{1,3}\.\d{1,3}\b")
"""Of a rejection: whoever sends is to come again."""
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
"""The grain of traditional instants."""


@dataclass(slots=True)
class _Mail:
    """One mail in the queue, as far as the log told of it. ``fates`` is by recipient: status, and the reply.

    ``seen`` is an instant not before its first line; ``begun`` is the line with its Message-ID.
    """

    client: str
    login: str
    seen: datetime
    begun: str = ""
    message_id: str = ""
    sender: str = ""
    accepted: bool = False
    aborted: bool = False
    rejected: tuple[datetime | None, str] | None = None
    fates: dict[str, list[tuple[datetime | None, str, str]]] = field(default_factory=dict)

    def is_over(self, recipient: str, before: datetime) -> bool:
        """Return whether it never arrived, and that was so before an instant: it says nothing of a later try."""
        fates = self.fates.get(recipient.casefold(), ())
        ends = [at for at, status, _ in fates if status == "bounced"] + [at for at, _ in filter(None, [self.rejected])]
        if self.accepted or self.fates:
            return all(status != "sent" for _, status, _ in fates) and any(at and at < before for at in ends)
        return self.aborted or any(at and at < before for at in ends)


class PostfixLog:
    """``ports.Evidence`` from a mail log; each call reads only what was added since the last one.

    What is older than ``KEPT_FOR`` is forgotten, and read again if it is asked for all the same. Lines may be read
    twice, as when a file has been packed: they add nothing.

    ``domain`` is that of our Message-IDs and envelope senders; ``clients`` are the addresses we come from as Postfix
    sees them; ``login`` is the name we log in with, "" for none; ``zone`` that of the log's instants where they name
    none, ``None`` for this machine's.
    """

    def __init__(
        self,
        path: Path,
        *,
        domain: str,
        clients: Collection[str] = LOOPBACK,
        login: str = "",
        zone: tzinfo | None = None,
    ) -> None:
        self._log = RotatedLog(path)
        self._reaches_back = datetime.max.replace(tzinfo=UTC)
        self._path, self._domain, self._zone = path, domain, zone
        self._clients, self._login = frozenset(clients), login
        self._by_queue_id: dict[tuple[str, str], _Mail] = {}
        self._by_process: dict[tuple[str, str], _Mail] = {}
        self._by_message_id: dict[str, list[_Mail]] = {}
        self._first: dict[tuple[int, int], datetime] = {}
        self._newest: datetime | None = None

    def find(self, message_id: str, recipient: str, since: datetime) -> Finding:
        """Return what the log says of a message that was handed over at ``since``."""
        try:
            gap = self._read_on(since)
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            return Unknown(f"the log {self._path} cannot be read: {reason}")
        after = since - _SECOND
        left = [mail for mail in self._by_message_id.get(message_id, ()) if not mail.is_over(recipient, after)]
        ours = [mail for mail in left if not self._foreign(mail, recipient)]
        said = self._fate(ours, recipient, after)
        if said is not None:
            return said
        if ours:
            return Unknown("Postfix began to take it, and its log does not say whether it is in the queue")
        if left:
            return Unknown(f"Postfix's log has its Message-ID, but {self._foreign(left[-1], recipient)}")
        return Unknown(gap) if gap else NotYet("Postfix's log has nothing of it")

    def _fate(self, mails: Sequence[_Mail], recipient: str, after: datetime) -> Finding | None:
        """Return what the log says for certain: a mail that was taken counts, however often others were not."""
        fates = [fate for mail in mails for fate in mail.fates.get(recipient.casefold(), ())]
        bounced = [said for at, status, said in fates if status == "bounced" and (at is None or at >= after)]
        if bounced:
            return Refused(f"Postfix gave it back: {bounced[-1]}")
        if any(mail.accepted or mail.fates for mail in mails):
            last = f"{fates[-1][1]} {fates[-1][2]}" if fates else "in its queue"
            return Delivered(f"Postfix's log has it: {last}")
        rejected = [mail.rejected[1] for mail in mails if mail.rejected]
        return Refused(f"Postfix refused it: {rejected[-1]}") if rejected else None

    def _foreign(self, mail: _Mail, recipient: str) -> str:
        """Return why a mail does not count as ours, "" where it does."""
        if mail.client not in self._clients:
            return f"from {mail.client}, which [evidence] clients does not name"
        if self._login and mail.login != self._login:
            return f"by {f'the login {mail.login}' if mail.login else 'no login'}, which is not that of [smtp]"
        if mail.sender and not mail.sender.casefold().endswith(f"@{self._domain.casefold()}"):
            return "from another sender"
        return "" if not mail.fates or recipient.casefold() in mail.fates else "to another recipient"

    def _read_on(self, since: datetime) -> str:
        """Read what is new; return why "nothing" would not mean "no", "" where it would.

        The log must reach back to before the message left, and have a line from after it: a log that nobody writes to
        any more has nothing of anything.
        """
        generations = self._log.generations()
        self._forget(generations, since)
        wanted = [one for one in generations if one.written >= self._reaches_back - _SECOND]
        for position, one in enumerate(wanted, 1):
            self._read(one, wanted[position:])
        older = len(wanted) < len(generations)
        firsts = [self._first[one.inode] for one in wanted if one.inode in self._first]
        if self._newest is None or self._newest < since - _SECOND:
            return f"the log {self._path} has no line from after it left"
        if not older and (not firsts or min(firsts) > since):
            return f"the log {self._path} begins only after it left; what was before is rotated away"
        return ""

    def _forget(self, there: Sequence[Generation], since: datetime) -> None:
        """Forget what nobody asks for any more; everything, where older lines are wanted than those that were read."""
        self._first = {inode: at for inode, at in self._first.items() if inode in {one.inode for one in there}}
        if since < self._reaches_back:
            self._reaches_back = since
            self._log.begin_again()
            for known in (self._by_queue_id, self._by_process, self._by_message_id, self._first):
                known.clear()
        horizon = min(since, max(one.written for one in there) - KEPT_FOR)
        if horizon < self._reaches_back + _DAY:
            return
        self._reaches_back = horizon
        self._by_queue_id = {key: mail for key, mail in self._by_queue_id.items() if mail.seen >= horizon}
        self._by_process = {key: mail for key, mail in self._by_process.items() if mail.seen >= horizon}
        kept = {of: [mail for mail in mails if mail.seen >= horizon] for of, mails in self._by_message_id.items()}
        self._by_message_id = {of: mails for of, mails in kept.items() if mails}

    def _read(self, one: Generation, newer: Sequence[Generation]) -> None:
        """Read what is new in a file; one that comes after newer ones (it has been packed) is a world of its own."""
        if not self._log.has_changed(one):
            return
        now = self._by_queue_id, self._by_process
        if one.is_packed and not self._log.is_begun(one) and any(map(self._log.is_begun, newer)):
            self._by_queue_id, self._by_process = {}, {}
            self._note_all(one)
            self._by_queue_id, self._by_process = now
        else:
            self._note_all(one)

    def _note_all(self, one: Generation) -> None:
        latest = ""
        for text in self._log.unread(one):
            latest = text
            if one.inode not in self._first and (at := instants(text, one.written, self._zone)):
                self._first[one.inode] = at[1]
            if (line := parse(text)) is not None:
                self._note(line, text, one)
        at = instants(latest, one.written, self._zone) if latest else None
        if at and (self._newest is None or at[0] > self._newest):
            self._newest = at[0]

    def _note(self, line: Line, text: str, one: Generation) -> None:
        key = (line.host, line.queue_id)
        if line.service in {"smtpd", "postscreen"}:
            self._note_connection(line, key, one.written)
            return
        mail = self._by_queue_id.get(key)
        if mail is None:
            return
        if line.service == "cleanup":
            self._note_cleanup(line, text, mail, lambda: self._at(text, one))
        elif line.service == "qmgr":
            self._note_queue(line, key, mail)
        elif fate := _FATE.match(line.said):
            for to in filter(None, fate.groups()[:2]):
                told = (self._at(text, one), fate[3], fate[4].strip("()"))
                known = mail.fates.setdefault(to.casefold(), [])
                if told not in known:
                    known.append(told)

    def _note_connection(self, line: Line, key: tuple[str, str], seen: datetime) -> None:
        process = (line.host, line.pid)
        if line.queue_id and (client := _CLIENT.match(line.said)):
            login = _LOGIN.search(line.said)
            mail = _Mail(client[1], login[1] if login else "", seen)
            self._by_queue_id[key] = self._by_process[process] = mail
        elif _ABORTED.match(line.said) and (broken := self._by_process.pop(process, None)):
            broken.aborted = True

    def _note_cleanup(self, line: Line, text: str, mail: _Mail, at: Callable[[], datetime | None]) -> None:
        if line.said.startswith("message-id="):
            mail.message_id, mail.begun = line.said.removeprefix("message-id=").strip(), text
            if mail.message_id.endswith(f"@{self._domain}>"):
                known = self._by_message_id.setdefault(mail.message_id, [])
                same = next((one for one in known if one.begun == text), None)
                if same is None:
                    known.append(mail)
                else:
                    self._by_queue_id[line.host, line.queue_id] = same
        elif _REJECTED.match(line.said):
            mail.aborted = bool(_FOR_NOW.search(line.said))
            mail.rejected = None if mail.aborted else (at(), line.said)

    def _note_queue(self, line: Line, key: tuple[str, str], mail: _Mail) -> None:
        if line.said.startswith("from=<"):
            mail.accepted = True
            mail.sender = line.said[6:].partition(">")[0]
        elif line.said == "removed":
            del self._by_queue_id[key]

    def _at(self, text: str, one: Generation) -> datetime | None:
        both = instants(text, one.written, self._zone)
        return both[1] if both else None
