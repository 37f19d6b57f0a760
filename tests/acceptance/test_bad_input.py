"""Whatever is handed over: one clear line with the place and the way out, the right exit code, nothing half stored."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from digest.cli.guard import refused
from digest.config import data_folder
from tests.acceptance.conftest import Digest, Said

ROWS = (data_folder("config") / "demo" / "2026-11-19.json").read_bytes()

DOCUMENTS = {
    "empty.txt": (b"", "the document is empty"),
    "blank.txt": (b"\n \n\t\n", "the document is empty"),
    "picture.png": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 20, "a PNG image"),
    "noise.dat": (bytes(range(256)) * 20, "binary data"),
    "table.csv": (b"name,age\nada,36\nemmy,41\n" * 50, "this is no listing of a kind we know"),
    "long.json": (b'[{"paper": {"title": "' + b"a" * 100_000_000 + b'"}}]', "characters are no title and abstract"),
    "long.txt": (b"a" * 100_000_000, "this is no listing of a kind we know"),
}


def is_one_line(said: Said) -> bool:
    """Return whether standard error holds exactly one line, and no trace of a traceback."""
    return said.err.startswith("digest: ") and said.err.count("\n") == 1 and "Traceback" not in said.err


def nothing_stored(digest: Digest) -> bool:
    """Return whether the store holds nothing at all."""
    status = digest("status", "--json").records[0]
    return not any(status[name] for name in ("papers", "sightings", "subscribers", "subscriptions", "digests"))


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("command", ["parse", "ingest", "run"])
def test_a_document_that_is_no_listing(digest: Digest, command: str, name: str) -> None:
    """Empty, blank, binary, another kind, a line of 100 MB: named with what to do, exit code 1, nothing stored."""
    body, reason = DOCUMENTS[name]
    path = digest.write(name, body)
    said = digest(command, "-q", path)
    assert is_one_line(said)
    assert str(path) in said.err
    assert reason in said.err
    assert said.err.rstrip().endswith(")")
    assert said.code == 1
    assert nothing_stored(digest)


@pytest.mark.parametrize("command", ["parse", "ingest", "run"])
def test_half_a_file(digest: Digest, command: str) -> None:
    """A download that breaks off: one line that says so, exit code 1; whole papers are kept, never half of one."""
    whole = digest("parse", "--json", digest.write("whole.json", ROWS)).of_kind("paper")
    path = digest.write("half.json", ROWS[: len(ROWS) * 6 // 10])
    said = digest(command, "--json", path)
    assert is_one_line(said)
    assert f"{path}: The JSON breaks off" in said.err
    assert said.err.endswith("(what is whole was read; fetch or save it again)\n")
    assert said.code == 1
    kept = [{name: paper[name] for name in whole[0]} for paper in said.of_kind("paper")]
    assert kept == whole[: len(kept)]
    assert 0 < len(kept) < len(whole)
    assert digest("status", "--json").records[0]["papers"] == (0 if command == "parse" else len(kept))


@pytest.mark.parametrize("command", ["parse", "ingest", "run"])
def test_a_file_that_is_not_there(digest: Digest, command: str) -> None:
    """A missing file is named; exit code 1."""
    said = digest(command, "-q", digest.folder / "gone.txt")
    assert is_one_line(said)
    assert "gone.txt: no such file" in said.err
    assert said.code == 1
    assert nothing_stored(digest)


@pytest.mark.parametrize(
    "store", ["{file}/digest.db", "{folder}", "{file}", "mysql://x", "postgresql+psycopg://127.0.0.1:1/x"]
)
def test_a_store_that_cannot_be_used(digest: Digest, store: str) -> None:
    """A store below a file, a folder, a file of another kind, an unknown engine, a server that is away."""
    file = digest.write("notes.txt", "no database " * 1000)
    url = store.format(file=file, folder=digest.folder)
    said = digest("status", "--store", url)
    assert is_one_line(said)
    assert said.code in {1, 2}
    assert "unexpected" not in said.err
    assert file.read_text(encoding="utf-8").startswith("no database")


def test_a_query_that_makes_no_sense(digest: Digest) -> None:
    """The column, a caret under the mistake and a suggestion; exit code 2; nobody is stored."""
    for words in (("subscribe", "ada@example.org", "mamba", "autor:lee"), ("try", "autor:lee")):
        said = digest(*words)
        line, query, caret = said.err.splitlines()
        assert line.startswith("digest: column 1: ")
        assert "did you mean author:?" in line
        assert query == "    autor:lee"
        assert caret.strip("^ ") == ""
        assert caret.index("^") == 4
        assert said.code == 2
    assert nothing_stored(digest)


@pytest.mark.parametrize("address", ["ada", "Ada <ada@example.org>", "a@b.org\nBcc: c@d.org", "a@b.org, c@d.org"])
def test_an_address_that_is_none(digest: Digest, address: str) -> None:
    """What is no bare address is refused in one line; exit code 2; nobody is stored."""
    said = digest("subscribe", address, "mamba")
    assert is_one_line(said)
    assert "not an e-mail address" in said.err
    assert "write it as name@example.org" in said.err
    assert said.code == 2
    assert nothing_stored(digest)


def test_a_setting_that_is_wrong(digest: Digest) -> None:
    """A wrong setting stops every command before it does anything: file, section, key and the nearest name."""
    digest.configure("[smtp]\nprot = 25\n")
    said = digest("run")
    assert is_one_line(said)
    assert f"{digest.config}: [smtp]: there is no setting prot (did you mean port?)" in said.err
    assert said.code == 2
    assert not (digest.folder / "digest.db").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("status", "--now", "yesterday"),
        ("parse", "x", "--listed-on", "19/11/2026"),
        ("subscribe", "ada@example.org", "x", "--at", "7 o'clock"),
        ("subscribe", "ada@example.org", "x", "--cadence", "hourly"),
        ("subscribe", "ada@example.org", "x", "y", "--name", "both"),
        ("subscribe", "ada@example.org", "x", "--timezone", "Mars/Olympus"),
        ("try", "x", "file", "--days", "3"),
        ("preview", "nobody@example.org"),
        ("subscriptions", "edit", "7", "--name", "x"),
        ("parse",),
        ("parse", "x", "--jsno"),
    ],
    ids=" ".join,
)
def test_a_command_line_that_is_wrong(digest: Digest, words: tuple[str, ...]) -> None:
    """One line that says what is wrong, exit code 2, nothing stored."""
    said = digest(*words)
    assert is_one_line(said)
    assert said.code == 2
    assert nothing_stored(digest)


def test_a_reader_of_our_output_may_leave(digest: Digest, samples: Path) -> None:
    """``digest parse FILE | head -1`` ends quietly."""
    listing = samples / "hf-text" / "undated.lines.txt"
    command = f'"{sys.executable}" -m digest parse --json "{listing}" "{listing}" "{listing}" | head -1'
    child = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False)
    assert (child.returncode, child.stderr) == (0, "")
    assert child.stdout.count("\n") == 1


def test_a_terminal_that_knows_no_unicode(digest: Digest) -> None:
    """Titles with Greek letters reach a terminal of 1990 with question marks, not with an error."""
    file = digest.write("rows.json", ROWS.replace(b"Tidewater", "γ-Tidewater".encode()))
    child = subprocess.run(
        [sys.executable, "-m", "digest", "parse", str(file)],
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii", "PATH": "", "PYTHONUTF8": "0"},
    )
    assert (child.returncode, child.stderr) == (0, b"")
    assert b"?-Tidewater" in child.stdout


def test_a_mistake_of_ours_is_one_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    """An unexpected exception gives one line, exit code 1, and a file with the details to report, without passwords."""
    arguments = ["status", "--store", "postgresql+psycopg://ada:hush@db/x"]
    assert refused(ZeroDivisionError("of two\nlines"), arguments) == 1
    said = capsys.readouterr().err
    assert said.startswith("digest: unexpected ZeroDivisionError: of two lines; this is a mistake in the program")
    assert said.count("\n") == 1
    details = Path(said.split()[-1])
    text = details.read_text(encoding="utf-8")
    details.unlink()
    assert "postgresql+psycopg://ada:***@db/x" in text
    assert "ZeroDivisionError" in text
    assert "hush" not in text
