"""What a Postfix log proves of a message, in every shape such a log has; the logs are invented."""

from __future__ import annotations

import gzip
import os
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from digest.channels.evidence import PostfixLog
from digest.channels.evidence.lines import instants
from digest.channels.evidence.postfix import KEPT_FOR
from digest.model import Delivered, Finding, NotYet, Refused, Unknown
from digest.store.outbox import ASKED_ABOUT_FOR

BERLIN = ZoneInfo("Europe/Berlin")
SINCE = datetime(2026, 11, 20, 6, 0, 30, tzinfo=UTC)
ADA = "ada@example.org"
OURS = "<2026-11-20.f51418@digest.example>"

BEFORE = "{06:00:00} smtpd[9]: connect from localhost[127.0.0.1]"
AFTER = "{06:01:00} smtpd[9]: disconnect from localhost[127.0.0.1]"
CLIENT = "{06:00:29} smtpd[9]: 4F1A2B3C4D: client=localhost[127.0.0.1]"
ID = f"{{06:00:30}} cleanup[10]: 4F1A2B3C4D: message-id={OURS}"
QUEUED = "{06:00:31} qmgr[11]: 4F1A2B3C4D: from=<bounce+x1@digest.example>, size=30000, nrcpt=1 (queue active)"
FATE = (
    f"{{06:00:32}} smtp[12]: 4F1A2B3C4D: to=<{ADA}>, relay=mx.example.org[192.0.2.1]:25, delay=0.9,"
    " delays=0.1/0/0.4/0.4, dsn={dsn}, status={status}"
)
REMOVED = "{06:00:33} qmgr[11]: 4F1A2B3C4D: removed"
LOST = "{06:00:31} smtpd[9]: lost connection after DATA (1400 bytes) from localhost[127.0.0.1]"
REJECTED = (
    "{06:00:31} cleanup[10]: 4F1A2B3C4D: milter-reject: END-OF-MESSAGE from localhost[127.0.0.1]:"
    f" 5.7.1 no; from=<bounce+x1@digest.example> to=<{ADA}> proto=ESMTP"
)


def fate(status: str, dsn: str = "2.0.0") -> str:
    return FATE.replace("{dsn}", dsn).replace("{status}", status)


SENT = fate("sent (250 2.0.0 Ok: queued as 9B)")


def written(lines: tuple[str, ...], shape: str) -> bytes:
    """Return lines as a log of a shape: ``iso``, ``offset`` or ``traditional`` (in Berlin's time)."""
    return "".join(f"{_line(line, shape)}\n" for line in lines).encode()


def _line(line: str, shape: str) -> str:
    at = datetime.fromisoformat(f"2026-11-20T{line[1:9]}+00:00")
    stamp = {
        "iso": at.isoformat(),
        "offset": at.astimezone(BERLIN).replace(microsecond=123456).isoformat(),
        "traditional": at.astimezone(BERLIN).strftime("%b %d %H:%M:%S"),
    }[shape]
    return f"{stamp} relay postfix/{line[11:]}"


def log(folder: Path, *lines: str, shape: str = "iso", name: str = "mail.log", hours: float = 7) -> Path:
    """Write a log, last written at some hour of the day."""
    path = folder / name
    text = written(lines, shape)
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    at = datetime(2026, 11, 20, tzinfo=UTC).timestamp() + hours * 3600
    os.utime(path, (at, at))
    return path


def find(path: Path, **settings: object) -> Finding:
    settings = {"domain": "digest.example", "zone": BERLIN} | settings
    return PostfixLog(path, **settings).find(OURS, ADA, SINCE)  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", ["iso", "offset", "traditional"])
@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ((CLIENT, ID, QUEUED), Delivered),
        ((CLIENT, ID, QUEUED, SENT, REMOVED), Delivered),
        ((CLIENT, ID, QUEUED, fate("deferred (connect to mx: timed out)", "4.4.1")), Delivered),
        ((CLIENT, ID, QUEUED, fate("bounced (host said: 550 5.1.1 unknown)", "5.1.1"), REMOVED), Refused),
        ((CLIENT, ID, REJECTED), Refused),
        ((CLIENT, ID, LOST), NotYet),
        ((CLIENT, LOST), NotYet),
        ((), NotYet),
        ((CLIENT, ID), Unknown),
        ((CLIENT, ID.replace("f51418", "another"), QUEUED, SENT), NotYet),
    ],
)
def test_a_log_tells_what_became_of_a_message(
    lines: tuple[str, ...], kind: type[Finding], shape: str, tmp_path: Path
) -> None:
    """Accepted is delivered, a broken body is nothing, a Message-ID alone decides nothing; in every kind of log."""
    found = find(log(tmp_path, BEFORE, *lines, AFTER, shape=shape))
    assert isinstance(found, kind), found


def test_the_finding_repeats_what_the_log_says(tmp_path: Path) -> None:
    """An operator reads in the history what the next server said."""
    found = find(log(tmp_path, BEFORE, CLIENT, ID, QUEUED, SENT, AFTER))
    assert found == Delivered("Postfix's log has it: sent 250 2.0.0 Ok: queued as 9B")


@pytest.mark.parametrize(
    ("settings", "why", "mine", "theirs"),
    [
        ({}, "from 198.51.100.7, which", "localhost[127.0.0.1]", "evil.example[198.51.100.7]"),
        ({"login": "digest"}, "by the login mallory", "[127.0.0.1]", "[127.0.0.1], sasl_username=mallory"),
        ({"login": "digest"}, "by no login", "", ""),
        ({}, "another sender", "bounce+x1@digest.example", "mallory@evil.example"),
        ({}, "another recipient", ADA, "grace@example.org"),
    ],
)
def test_a_message_id_from_or_to_somebody_else_decides_nothing(
    settings: dict[str, str], why: str, mine: str, theirs: str, tmp_path: Path
) -> None:
    """It is forged, or the relay sees us otherwise than the settings say: neither sent again nor taken as arrived."""
    lines = [line.replace(mine, theirs) if mine else line for line in (CLIENT, ID, QUEUED, SENT)]
    found = find(log(tmp_path, BEFORE, *lines, AFTER), **settings)
    assert isinstance(found, Unknown)
    assert why in found.reply


def test_what_was_handed_in_on_the_machine_itself_is_not_our_mail(tmp_path: Path) -> None:
    """No client stands before it: it came by sendmail(1), and we speak SMTP."""
    assert isinstance(find(log(tmp_path, BEFORE, ID, QUEUED, SENT, AFTER)), NotYet)


def test_a_domain_is_ours_in_any_case(tmp_path: Path) -> None:
    """Some relays write the sender's domain as they like."""
    queued = QUEUED.replace("@digest.example", "@Digest.Example")
    assert isinstance(find(log(tmp_path, BEFORE, CLIENT, ID, queued, SENT, AFTER)), Delivered)


def test_our_own_login_is_ours(tmp_path: Path) -> None:
    """The line names the method too."""
    path = log(tmp_path, BEFORE, f"{CLIENT}, sasl_method=PLAIN, sasl_username=digest", ID, QUEUED, AFTER)
    assert isinstance(find(path, login="digest"), Delivered)


def test_an_alias_is_the_recipient_too(tmp_path: Path) -> None:
    """The address we gave stands as ``orig_to`` where Postfix rewrote it; case does not matter."""
    moved = SENT.replace(f"to=<{ADA}>,", "to=<ada@mail.example.org>, orig_to=<Ada@Example.org>,")
    assert isinstance(find(log(tmp_path, BEFORE, CLIENT, ID, QUEUED, moved, AFTER)), Delivered)


def test_a_queue_id_that_is_used_again_is_another_mail(tmp_path: Path) -> None:
    """Short ids come back: what became of the second mail says nothing of the first."""
    first = (CLIENT, ID, LOST)
    second = (CLIENT, ID.replace("f51418", "other"), QUEUED, SENT, REMOVED)
    assert isinstance(find(log(tmp_path, BEFORE, *first, *second, AFTER)), NotYet)


@pytest.mark.parametrize("old", ["mail.log.1", "mail.log-20261120", "mail.log.2.gz"])
def test_rotated_files_are_read_too(old: str, tmp_path: Path) -> None:
    """The mail may be in an older file, packed or not, its fate in a newer one."""
    log(tmp_path, BEFORE, CLIENT, ID, QUEUED, name=old, hours=6.01)
    found = find(log(tmp_path, SENT, REMOVED, AFTER))
    assert isinstance(found, Delivered)
    assert "sent 250" in found.reply


def test_what_is_rotated_away_is_not_nothing(tmp_path: Path) -> None:
    """A log that begins after the message left cannot say that it did not arrive."""
    found = find(log(tmp_path, AFTER))
    assert isinstance(found, Unknown)
    assert "rotated away" in found.reply


def test_a_log_nobody_writes_to_proves_nothing(tmp_path: Path) -> None:
    """No line from after the message left: the log may be dead, or another one's."""
    found = find(log(tmp_path, BEFORE))
    assert isinstance(found, Unknown)
    assert "no line from after it left" in found.reply


def test_a_log_that_cannot_be_read_proves_nothing(tmp_path: Path) -> None:
    """Missing, or packed and torn: held, with the reason."""
    missing = find(tmp_path / "mail.log")
    log(tmp_path, BEFORE, CLIENT, ID, name="mail.log.1.gz")
    torn = tmp_path / "mail.log.1.gz"
    torn.write_bytes(torn.read_bytes()[:-12])
    found = find(log(tmp_path, AFTER))
    assert isinstance(missing, Unknown)
    assert "No such file" in missing.reply
    assert isinstance(found, Unknown)
    assert "cannot be read" in found.reply


def test_a_growing_log_is_read_on_and_a_torn_line_waited_for(tmp_path: Path) -> None:
    """Each look reads what was added; half a line counts when it is whole; a renamed file is not read twice."""
    path = log(tmp_path, BEFORE, CLIENT, ID)
    evidence = PostfixLog(path, domain="digest.example")
    line = written((QUEUED,), "iso")
    with path.open("ab") as file:
        file.write(line[:40])
    assert isinstance(evidence.find(OURS, ADA, SINCE), Unknown)
    with path.open("ab") as file:
        file.write(line[40:])
    assert isinstance(evidence.find(OURS, ADA, SINCE), Delivered)
    path.rename(tmp_path / "mail.log.1")
    log(tmp_path, fate("bounced (550 5.1.1 unknown)", "5.1.1"))
    assert isinstance(evidence.find(OURS, ADA, SINCE), Refused)


def test_a_log_emptied_in_place_is_read_from_its_start(tmp_path: Path) -> None:
    """``copytruncate`` keeps the file and takes its content."""
    path = log(tmp_path, BEFORE, BEFORE, BEFORE, BEFORE, BEFORE, CLIENT, ID)
    evidence = PostfixLog(path, domain="digest.example")
    assert isinstance(evidence.find(OURS, ADA, SINCE), Unknown)
    log(tmp_path, QUEUED, SENT)
    assert isinstance(evidence.find(OURS, ADA, SINCE), Delivered)


def test_a_file_with_the_inode_of_one_that_is_gone_is_read_from_its_start(tmp_path: Path) -> None:
    """File systems give a number out again: where the other file was left says nothing of this one."""
    path = log(tmp_path, BEFORE)
    evidence = PostfixLog(path, domain="digest.example")
    assert isinstance(evidence.find(OURS, ADA, SINCE), Unknown)
    log(tmp_path, BEFORE.replace("06:00:00", "06:00:01"), CLIENT, ID, QUEUED, SENT, AFTER)  # the same inode, longer
    assert isinstance(evidence.find(OURS, ADA, SINCE), Delivered)


@pytest.mark.parametrize("how", ["mail.log.1", "mail.log.1.gz"])
def test_what_was_read_and_is_rotated_and_packed_is_read_again_without_harm(how: str, tmp_path: Path) -> None:
    """A mail that was broken off in the next file stays so, although its beginning now stands in another one."""
    old = (BEFORE, CLIENT, ID)
    log(tmp_path, *old, name="mail.log.1", hours=6.1)
    path = log(tmp_path, LOST, AFTER)
    evidence = PostfixLog(path, domain="digest.example")
    assert isinstance(evidence.find(OURS, ADA, SINCE), NotYet)
    (tmp_path / "mail.log.1").unlink()
    log(tmp_path, *old, name=how, hours=6.1)
    log(tmp_path, LOST, AFTER, AFTER)
    assert isinstance(evidence.find(OURS, ADA, SINCE), NotYet)


def busy(folder: Path, day: int) -> Path:
    """Write a day's log of a service that goes on for ever: mails that were broken off, queued, sent; all of ours."""
    lines = [BEFORE]
    for hour in range(24):
        broken, whole = f"AA{day:03d}{hour:02d}", f"BB{day:03d}{hour:02d}"
        pairs = [(broken, (CLIENT, ID, LOST)), (whole, (CLIENT, ID, QUEUED, SENT))]
        lines += [
            line.replace("4F1A2B3C4D", queue_id).replace("f51418", queue_id).replace("{06:", f"{{{hour:02d}:")
            for queue_id, of in pairs
            for line in of
        ]
    text = written((*lines, AFTER), "iso").replace(b"2026-11-20T", f"{START + day * DAY:%Y-%m-%dT}".encode())
    path = folder / "mail.log"
    path.write_bytes(text)
    at = (START + (day + 1) * DAY).timestamp()
    os.utime(path, (at, at))
    return path


START, DAY = datetime(2026, 11, 20, tzinfo=UTC), timedelta(days=1)


def test_memory_is_bounded_however_long_the_service_runs(tmp_path: Path) -> None:
    """After eight days it does not grow; what is asked for is remembered, also when its file has been rotated away."""
    assert KEPT_FOR > ASKED_ABOUT_FOR
    path = busy(tmp_path, 0)
    evidence = PostfixLog(path, domain="digest.example")
    sizes = []
    for day in range(30):
        busy(tmp_path, day)
        evidence.find("<none@digest.example>", ADA, START + day * DAY)
        sizes.append(len(pickle.dumps(vars(evidence))))
        six_ago = START + (day - 6) * DAY
        ours = OURS.replace("f51418", f"BB{day - 6:03d}06")
        assert day < 6 or isinstance(evidence.find(ours, ADA, six_ago), Delivered)
        path.rename(tmp_path / f"mail.log.{day}")
        (tmp_path / f"mail.log.{day - 2}").unlink(missing_ok=True)
    assert max(sizes) < 1.5 * sizes[8]


def test_what_was_forgotten_is_read_again_when_it_is_asked_for(tmp_path: Path) -> None:
    """A clock that jumps may ask for what is older than anybody should; nothing is said not to be there by mistake."""
    evidence = PostfixLog(busy(tmp_path, 0), domain="digest.example")
    ours = OURS.replace("f51418", "BB00006")
    assert isinstance(evidence.find(ours, ADA, START), Delivered)
    (tmp_path / "mail.log").rename(tmp_path / "mail.log.1")
    busy(tmp_path, 12)
    assert isinstance(evidence.find("<none@digest.example>", ADA, START + 12 * DAY), NotYet)
    assert isinstance(evidence.find(ours, ADA, START), Delivered)


@pytest.mark.parametrize(
    "ending",
    [(REJECTED,), (QUEUED, fate("bounced (host said: 552 full)", "5.2.2"), REMOVED)],
    ids=["refused", "bounced"],
)
def test_an_old_refusal_says_nothing_of_the_next_try(ending: tuple[str, ...], tmp_path: Path) -> None:
    """Refused or given back before, and handed over again: nothing was said of that, least of all that it arrived."""
    found = PostfixLog(log(tmp_path, BEFORE, CLIENT, ID, *ending, AFTER), domain="digest.example")
    assert isinstance(found.find(OURS, ADA, SINCE - timedelta(seconds=5)), Refused)
    assert isinstance(found.find(OURS, ADA, SINCE + timedelta(seconds=20)), NotYet)


def test_what_arrived_with_one_of_two_is_not_sent_again(tmp_path: Path) -> None:
    """An alias of two mailboxes: that one of them gave it back before does not mean that it has not arrived."""
    alias = f"to=<one@example.org>, orig_to=<{ADA}>,"
    fates = (SENT, fate("bounced (host said: 552 full)", "5.2.2"))
    both = [one.replace(f"to=<{ADA}>,", alias) for one in fates]
    found = PostfixLog(log(tmp_path, BEFORE, CLIENT, ID, QUEUED, *both, AFTER), domain="digest.example")
    assert isinstance(found.find(OURS, ADA, SINCE + timedelta(seconds=20)), Delivered)


def test_a_filter_that_refuses_for_now_has_refused_nothing(tmp_path: Path) -> None:
    """It wants to see the message again, and that is what a message in doubt waits for."""
    for_now = REJECTED.replace(": 5.7.1 no;", ": 4.7.1 try again later;")
    assert isinstance(find(log(tmp_path, BEFORE, CLIENT, ID, for_now, AFTER)), NotYet)


@pytest.mark.parametrize(
    ("line", "written_at", "year"),
    [("Dec 31 23:59:00 h", datetime(2027, 1, 1, tzinfo=UTC), 2026), ("Feb 29 01:00:00 h", SINCE, 2024)],
)
def test_a_line_without_a_year_is_of_the_last_that_fits(line: str, written_at: datetime, year: int) -> None:
    """New Year's Eve read on New Year's Day; a leap day read years later."""
    both = instants(line, written_at, UTC)
    assert both is not None
    assert both[0].year == year


def test_the_hour_that_comes_twice_is_two_instants() -> None:
    """When summer time ends, a traditional line may be of either hour; the careful one is taken on each side."""
    both = instants("Oct 25 02:30:00 h", SINCE, BERLIN)
    assert both is not None
    assert both[1] - both[0] == timedelta(hours=1)
