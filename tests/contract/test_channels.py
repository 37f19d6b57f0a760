"""What every channel promises."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.channels import FolderChannel, Server, SmtpChannel
from digest.errors import DigestError, RelayDown
from digest.model import Message
from digest.ports import Channel
from tests.conftest import ROOT, need_program
from tests.integration.smtp_server import scripted


def message(message_id: str = "<2026-11-20.abc@digest.example>", recipient: str = "ada@example.org") -> Message:
    raw = b"Subject: hello\r\n\r\nhello\r\n"
    return Message(message_id=message_id, sender="s@digest.example", recipient=recipient, subject="", raw=raw)


@pytest.fixture(params=["folder", "smtp"])
def channel(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Channel]:
    """Return each kind of channel, ready to send."""
    if request.param == "folder":
        yield FolderChannel(tmp_path / "mail")
        return
    with scripted() as server:
        made = SmtpChannel(Server(host="127.0.0.1", port=server.port, timeout=2))
        yield made
        made.close()


def test_sending_returns_the_answer_and_hands_over_once(channel: Channel) -> None:
    """The answer is words for the outbox; handing is called exactly once for a message that leaves."""
    calls: list[int] = []
    assert channel.send(message(), handing=lambda: calls.append(1))
    assert calls == [1]


def test_nothing_leaves_when_handing_raises(channel: Channel, tmp_path: Path) -> None:
    """The error comes through as it is, and there is no trace of a message."""

    def lost() -> None:
        raise DigestError("the lease is lost")

    with pytest.raises(DigestError, match="lease"):
        channel.send(message(), handing=lost)
    assert not list(tmp_path.rglob("*.eml"))


def test_a_closed_channel_can_be_used_again(channel: Channel) -> None:
    """Closing lets go of connections, no more."""
    channel.close()
    channel.close()
    assert channel.send(message(), handing=lambda: None)


def test_a_message_written_twice_is_one_pair_of_files(tmp_path: Path) -> None:
    """The folder channel is repeatable, and says so."""
    folder = FolderChannel(tmp_path)
    for _ in range(2):
        folder.send(message(), handing=lambda: None)
    assert folder.repeatable
    assert sorted(path.name for path in tmp_path.rglob("*.*") if path.is_file()) == [
        "2026-11-20.eml",
        "2026-11-20.html",
    ]


@pytest.mark.parametrize("hostile", ["../../etc/x@y", "a/b@c", ".hidden@x", "x" * 300 + "@y", "..@y"])
def test_no_address_leads_out_of_the_folder(hostile: str, tmp_path: Path) -> None:
    """Whatever the recipient is called, the files stand below the mail folder."""
    root = tmp_path / "mail"
    FolderChannel(root).send(message(recipient=hostile), handing=lambda: None)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    assert all(path.resolve().is_relative_to(root) for path in written)


def test_two_readers_never_share_a_file(tmp_path: Path) -> None:
    """Addresses that differ only in odd characters, or far behind, keep their own folders."""
    for recipient in ("a/b@x", "a_b@x", "a%2Fb@x", "y" * 200 + "1@x", "y" * 200 + "2@x"):
        FolderChannel(tmp_path).send(message(recipient=recipient), handing=lambda: None)
    assert len(list(tmp_path.rglob("*.eml"))) == 5


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The message waits, and the error says where to look."""
    (tmp_path / "mail").write_text("a file, no folder")
    with pytest.raises(RelayDown, match=r"\[mail\] folder"):
        FolderChannel(tmp_path / "mail").send(message(), handing=lambda: None)


def test_a_message_that_was_written_is_there_after_a_power_cut(tmp_path: Path) -> None:
    """Its bytes and its name, and those of the folders made for it, are on the disk before it counts as sent."""
    log, folder = tmp_path / "calls", tmp_path / "new" / "mail"
    strace = [need_program("strace", debian="strace"), "-f", "-y", "-o", str(log), "-e", "fsync,rename,mkdir,write"]
    work = [sys.executable, "-c", _SEND, str(folder)]
    subprocess.run([*strace, *work], cwd=ROOT, check=True, capture_output=True)
    calls = [line.partition(" ")[2].strip() for line in log.read_text().splitlines()]
    told = next(n for n, call in enumerate(calls) if call.startswith("write(1") and "written to" in call)
    synced = {found[1]: n for n, call in enumerate(calls[:told]) if (found := re.match(r"fsync\(\d+<([^>]*)>", call))}
    renamed = max(n for n, call in enumerate(calls) if call.startswith("rename("))
    assert synced[f"{folder}/ada@example.org"] > renamed
    assert {str(tmp_path), str(tmp_path / "new"), str(folder)} <= set(synced)


_SEND = """
import sys
from pathlib import Path
from digest.channels import FolderChannel
from tests.contract.test_channels import message

print(FolderChannel(Path(sys.argv[1])).send(message(), handing=lambda: None), flush=True)
"""
