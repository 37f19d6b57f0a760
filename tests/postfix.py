"""A real Postfix of our own: private configuration, queue and log, on a free port of this machine."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import need_program
from tests.postgres import free_port

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
lmtp      unix - - n - - lmtp
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
tlsmgr    unix - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
"""

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
default_transport = {transport}
relay_transport = {transport}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
disable_dns_lookups = yes
smtpd_delay_open_until_valid_rcpt = no
alias_maps =
alias_database =
{more}
"""


class Postfix:
    """A running Postfix: ``port`` to send to, ``log`` to read.

    What it accepts it throws away, and says "sent", or hands to ``transport``. ``more`` is added to main.cf.
    """

    def __init__(self, folder: Path, *, more: str = "", transport: str = "discard") -> None:
        self._command = need_program("postfix", debian="postfix")
        if os.geteuid() != 0:
            pytest.skip("Postfix starts as root only")
        self.port, self.log = free_port(), folder / "mail.log"
        self._folder = folder
        for name in ("queue", "data", "etc"):
            (folder / name).mkdir()
        shutil.chown(folder / "data", "postfix", "postfix")
        (folder / "etc" / "main.cf").write_text(_MAIN.format(folder=folder, more=more, transport=transport))
        (folder / "etc" / "master.cf").write_text(_MASTER.format(port=self.port))

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._run("start")
        for _ in range(100):
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
                    if connection.recv(3) == b"220":
                        return
            except OSError:
                time.sleep(0.05)
        pytest.fail(f"Postfix does not answer: {self.log.read_text() if self.log.exists() else 'it has no log'}")

    def stop(self) -> None:
        """Stop it at once."""
        self._run("abort")

    def started_at(self) -> datetime:
        """Return when its log was last written to: by its own clock."""
        return datetime.fromtimestamp(self.log.stat().st_mtime, UTC)

    def accepted(self) -> Counter[str]:
        """Return how many mails it took into its queue, by Message-ID, read from its log in the plainest way."""
        log = self.log.read_text()
        named = dict(re.findall(r"cleanup\[\d+\]: (\w+): message-id=(<[^>]+>)", log))
        queued = set(re.findall(r"qmgr\[\d+\]: (\w+): from=<", log))
        return Counter(message_id for queue_id, message_id in named.items() if queue_id in queued)

    def wait_until_gone(self, mails: int) -> None:
        """Wait until so many mails have left its queue."""
        for _ in range(1000):
            if len(re.findall(r"qmgr\[\d+\]: \w+: removed", self.log.read_text())) >= mails:
                return
            time.sleep(0.01)
        pytest.fail(f"Postfix kept mail:\n{self.log.read_text()[-3000:]}")

    def wait_until_quiet(self) -> None:
        """Wait until every connection is closed and every mail that was begun is queued or thrown away."""
        for _ in range(400):
            log = self.log.read_text()
            begun = set(re.findall(r"cleanup\[\d+\]: (\w+): message-id=", log))
            queued = set(re.findall(r"qmgr\[\d+\]: (\w+): from=<", log))
            broken = log.count("lost connection after DATA") + log.count("timeout after DATA")
            if log.count(": connect from") == log.count(": disconnect from") and len(begun - queued) <= broken:
                return
            time.sleep(0.01)
        pytest.fail(f"Postfix did not come to rest:\n{self.log.read_text()[-3000:]}")

    def _run(self, verb: str) -> None:
        done = subprocess.run(
            [self._command, "-c", str(self._folder / "etc"), verb], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def running(*, more: str = "", transport: str = "discard") -> Iterator[Postfix]:
    """Run a Postfix in a folder of its own that everybody may enter (its parts are other users)."""
    folder = Path(tempfile.mkdtemp(prefix="digest-postfix-"))
    folder.chmod(0o755)
    try:
        server = Postfix(folder, more=more, transport=transport)
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    """Run one Postfix for the tests of a module; skip where it is not installed."""
    with running() as server:
        yield server
