"""Documentation that lies fails: every command, option and exit code stands in the README as --help says it."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from digest.cli import run
from digest.cli.root import COMMANDS, root
from tests import make
from tests.acceptance.conftest import Digest

HEAVY = (
    "alembic", "apscheduler", "cryptography", "css_inline", "email_validator", "feedparser", "flask", "jinja2", "nh3",
    "numpy", "pylatexenc", "rapidfuzz", "rich", "sqlalchemy", "waitress", "digest.app", "digest.store",
)  # fmt: skip


def all_commands() -> list[tuple[str, ...]]:
    """Return the words of every command, subcommands included."""
    context = click.Context(root, info_name="digest")
    found: list[tuple[str, ...]] = []
    for name in COMMANDS:
        command = root.get_command(context, name)
        subs = command.list_commands(context) if isinstance(command, click.Group) else []
        found += [(name, *words) for words in [(), *((sub,) for sub in subs)]]
    return found


def test_the_readme_is_as_the_program_says() -> None:
    """The generated parts of README.md are up to date (mend with: python -m tests.make)."""
    text = make.README.read_text(encoding="utf-8")
    assert text == make.filled(text)


@pytest.mark.parametrize("words", all_commands(), ids=" ".join)
def test_every_command_explains_itself(digest: Digest, words: tuple[str, ...]) -> None:
    """--help answers with what the command does and says something about each option."""
    said = digest(*words, "--help")
    assert said.code == 0
    assert said.out.startswith(f"Usage: digest {' '.join(words)}")
    command: click.Command | None = root
    for word in words:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)
    assert command is not None
    assert command.help
    assert all(p.help for p in command.params if isinstance(p, click.Option))


def test_help_answers_at_once() -> None:
    """``digest --help`` imports no heavy library: that is what keeps it fast."""
    code = "import sys\nfrom digest.cli import run\nrun(['--help'])\nprint(*sys.modules, sep='\\n', file=sys.stderr)"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(child.stderr.split())
    assert "digest.cli.reading" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """``digest`` alone explains itself and counts as wrong usage."""
    assert run([]) == 2
    assert capsys.readouterr().err.startswith("Usage: digest")


def test_the_version_is_said(digest: Digest) -> None:
    """--version names the program and its version."""
    assert digest("--version").out.startswith("digest 0.")


def test_a_mistyped_command_is_corrected(digest: Digest) -> None:
    """A command that is none gets one line with the one that was probably meant."""
    said = digest("prase", "x")
    assert (said.code, said.err) == (
        2,
        "digest: there is no command 'prase', did you mean 'parse'? (see digest --help)\n",
    )
