"""What a spam filter thinks of the mail: a gate, with SpamAssassin's own rules and without the network."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from digest.app.sample import sample
from digest.config import Config, LinkSettings, MailSettings, TemplateSettings, WebSettings
from tests.conftest import need_program

MOST = 2.0
"""The score a good digest stays under; mail hosts refuse from 5 on."""


def scored(raw: bytes, folder: Path) -> tuple[float, str]:
    """Return the score of a mail that a server of its sender's domain has handed over, and the rules that hit."""
    date = next(line.partition(b": ")[2] for line in raw.splitlines() if line.startswith(b"Date: "))
    received = (
        b"Received: from mail.digest.example (mail.digest.example [5.9.10.11])\r\n"  # no reserved address: those cost
        b"\tby mx.example.org with ESMTPS; " + date + b"\r\n"
    )
    program = need_program("spamassassin", debian="spamassassin")
    command = [program, "--local", "--test-mode", "--nocreate-prefs", "--prefspath", str(folder / "prefs")]
    said = subprocess.run(command, input=received + raw, capture_output=True, check=True, env={"HOME": str(folder)})
    text = said.stdout.decode("utf-8", "replace")
    found = re.search(r"score=(-?[\d.]+)", text)
    assert found, text[:2_000]
    return float(found[1]), text.partition("pts rule name")[2][:1_500]


@pytest.mark.parametrize("theme", ["modern", "plain"])
def test_a_digest_is_no_spam(theme: str, tmp_path: Path) -> None:
    """Both themes score under the gate, with links to a web server as without."""
    (tmp_path / "prefs").write_text("use_bayes 0\n")
    for base_url in ("", "https://digest.example"):
        config = replace(
            Config(),
            mail=MailSettings(from_name="Paper digest", from_address="papers@digest.example"),
            templates=TemplateSettings(theme=theme),
            web=WebSettings(base_url=base_url),
            links=LinkSettings(secret_file=tmp_path / "secret"),
        )
        with sample(config) as (app, digest):
            score, rules = scored(app.renderer.message(digest).raw, tmp_path)
        assert score < MOST, rules


def test_the_gate_can_fail(tmp_path: Path) -> None:
    """A mail that is spam by anybody's rules scores far above it."""
    (tmp_path / "prefs").write_text("use_bayes 0\n")
    gtube = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    score, _ = scored(
        b"From: a@example.org\r\nDate: Fri, 20 Nov 2026 07:00:00 +0000\r\nSubject: x\r\n\r\n" + gtube + b"\r\n",
        tmp_path,
    )
    assert score > MOST
