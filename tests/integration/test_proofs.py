"""Nothing lost, nothing twice: mail delivery broken at every point, under every policy. Figures are printed (-rP)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digest.model import OutboxState
from digest.pipeline.deliver import Doubt
from tests.integration import crew_proofs, harder_proofs, proofs
from tests.integration.proofs import Tally
from tests.integration.smtp_server import TAKE_AND_DROP
from tests.integration.verbs import opened
from tests.integration.ways import LMTP, TLS, TWO, Way
from tests.postfix import Postfix, running


def clean(tally: Tally, *, least: int) -> None:
    """See that nothing was lost or doubled at no fewer than so many points, and print the figures."""
    print(tally)  # noqa: T201
    assert tally.points >= least, "broken at too few points to prove anything"
    assert tally.is_clean, tally.notes


@pytest.mark.parametrize("doubt", list(Doubt))
def test_mail_killed_at_any_step_is_neither_lost_nor_doubled_unflagged(doubt: Doubt, tmp_path: Path) -> None:
    """Before every statement, commit, SMTP command and body; hold flags, resend_once repeats once, evidence knows."""
    tally = proofs.killed_at_every_step(tmp_path, doubt, every=2)
    clean(tally, least=15)
    assert (tally.held > 0) == (doubt is Doubt.HOLD)
    assert (tally.doubled_as_asked > 0) == (doubt is Doubt.RESEND_ONCE)


@pytest.mark.parametrize("doubt", list(Doubt))
def test_over_two_connections_at_once_a_kill_loses_and_doubles_nothing(doubt: Doubt, tmp_path: Path) -> None:
    """Two messages may be in doubt then, one for each connection, and no third."""
    clean(proofs.killed_at_every_step(tmp_path, doubt, every=6, way=TWO), least=6)


@pytest.mark.parametrize("way", [TLS, LMTP], ids=str)
def test_by_tls_and_by_lmtp_a_kill_loses_and_doubles_nothing(way: Way, tmp_path: Path) -> None:
    """What is said before a message begins, and who answers for it, changes nothing of what is promised."""
    doubt = Doubt.HOLD if way is TLS else Doubt.RESEND_ONCE
    clean(proofs.killed_at_every_step(tmp_path, doubt, every=7, way=way), least=7)


@pytest.mark.parametrize("doubt", list(Doubt))
def test_a_faulty_server_loses_and_doubles_nothing(doubt: Doubt, tmp_path: Path) -> None:
    """It stalls, drops, babbles, refuses, takes mail without a word or answers twice, at each phase; then is mended."""
    broken = list(proofs.faults())[list(Doubt).index(doubt) :: 3]
    clean(proofs.faulty_server(tmp_path, doubt, [*broken, ("body", TAKE_AND_DROP)]), least=18)


@pytest.mark.parametrize("way", [TWO, TLS, LMTP], ids=str)
def test_a_faulty_server_spoken_to_otherwise_loses_and_doubles_nothing(way: Way, tmp_path: Path) -> None:
    """The same over two connections, by TLS with log-in (which may go wrong too), and by LMTP."""
    doubt = list(Doubt)[[TWO, TLS, LMTP].index(way)]
    broken = list(proofs.faults(way))[::8]
    clean(proofs.faulty_server(tmp_path, doubt, [*broken, ("body", TAKE_AND_DROP)], way=way), least=7)


@pytest.fixture(scope="module")
def about_to_leave(tmp_path_factory: pytest.TempPathFactory) -> int:
    """Return the step of a delivery that is the first body."""
    return proofs.step_in_doubt(tmp_path_factory.mktemp("step"))


@pytest.mark.parametrize("doubt", list(Doubt))
def test_clock_jumps_lose_and_double_nothing(doubt: Doubt, about_to_leave: int, tmp_path: Path) -> None:
    """Killed, then the clock goes back a year or on a day, to and fro: leases and waits are late or early, no more."""
    tally = proofs.jumping_clock(tmp_path, doubt, [about_to_leave])
    clean(tally, least=6)
    assert (tally.held > 0) == (doubt is Doubt.HOLD)


@pytest.mark.parametrize("doubt", list(Doubt))
def test_clock_jumps_before_and_after_a_message_leaves_lose_nothing(
    doubt: Doubt, about_to_leave: int, tmp_path: Path
) -> None:
    """Killed before it is noted that the message is about to leave, and when it was answered and that is not noted."""
    (tmp_path / "answered").mkdir()
    unnoted = proofs.jumping_clock(tmp_path, doubt, [about_to_leave - 1])
    answered = proofs.jumping_clock(tmp_path / "answered", doubt, [about_to_leave + 1])
    clean(unnoted, least=6)
    clean(answered, least=6)
    assert unnoted.held + unnoted.doubled_as_asked == 0, "nothing had left"
    assert (answered.held, answered.doubled_as_asked) == {
        Doubt.HOLD: (6, 0),
        Doubt.RESEND_ONCE: (0, 6),
        Doubt.EVIDENCE: (0, 0),
    }[doubt]


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Return a maker of empty stores that several services can open."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path / 'shared.db'}"
    return lambda: str(request.getfixturevalue("postgres").store())


@pytest.mark.parametrize("doubt", list(Doubt))
def test_two_services_at_once_send_to_nobody_twice_and_miss_nobody(shared: Callable[[], str], doubt: Doubt) -> None:
    """Both deliver from one database at the same time, in small batches."""
    clean(proofs.services_at_once(shared, doubt, readers=12), least=1)


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    """Run a real Postfix."""
    with running() as server:
        yield server


def test_with_the_log_of_a_real_postfix_no_kill_doubles_or_loses_a_message(postfix: Postfix, tmp_path: Path) -> None:
    """Killed between any two steps of SMTP with Postfix; its log alone decides what is sent again."""
    tally = proofs.killed_before_postfix(tmp_path, postfix, every=5)
    clean(tally, least=6)
    assert tally.held == 0
    with opened(f"sqlite:///{tmp_path / 'killed.db'}") as store:
        assert {row.state for row in store.views.outbox()} == {OutboxState.SENT}


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("doubt", list(Doubt))
def test_killed_at_system_calls_mail_is_neither_lost_nor_doubled_unflagged(
    doubt: Doubt, seed: int, tmp_path: Path
) -> None:
    """Composing and delivering, killed at calls that write, sync, lock, send or receive, drawn by lot."""
    clean(harder_proofs.killed_at_calls(tmp_path, doubt, 3, seed=seed), least=3)


def test_killed_at_system_calls_of_two_connections_nothing_is_lost(tmp_path: Path) -> None:
    """Two threads whose commits go in groups."""
    clean(harder_proofs.killed_at_calls(tmp_path, Doubt.EVIDENCE, 2, way=TWO), least=2)


@pytest.mark.parametrize("doubt", list(Doubt))
def test_a_full_disk_loses_and_doubles_nothing(doubt: Doubt, tmp_path: Path) -> None:
    """Real writes of a real process fail from one on, for lack of space; there is space again for the next one."""
    clean(harder_proofs.full_disk(tmp_path, doubt, 2), least=2)


def test_a_power_cut_takes_no_message_and_forgets_none_that_left(tmp_path: Path) -> None:
    """At every sync and every promise: composed stays composed, and what has left never looks unsent."""
    clean(harder_proofs.power_cuts(tmp_path, readers=5), least=100)


def test_a_power_cut_during_group_commits_forgets_no_message_that_left(tmp_path: Path) -> None:
    """Two connections share their commits; what one of them handed over is on the disk before it leaves."""
    clean(harder_proofs.power_cuts(tmp_path, readers=7, connections=2), least=80)


@pytest.mark.parametrize(("who", "doubt"), list(zip(crew_proofs.WHO, Doubt, strict=True)))
def test_several_processes_killed_in_the_middle_lose_and_double_nothing(who: str, doubt: Doubt, tmp_path: Path) -> None:
    """The parent, a helper, or all of three processes, each with two connections: one message in doubt for each."""
    clean(crew_proofs.killed_crew(tmp_path, doubt, who, 1), least=1)


def test_a_power_cut_under_several_processes_forgets_no_message_that_left(tmp_path: Path) -> None:
    """Two processes write to one database; what either handed over is on the disk before it leaves."""
    clean(crew_proofs.power_cuts_of_a_crew(tmp_path, readers=5), least=80)
