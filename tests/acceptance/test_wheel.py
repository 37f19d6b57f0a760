"""The built wheel works by itself: its command, its settings, its templates, its demo, far from any checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, install it alone into a new environment that borrows our libraries, return its ``digest``."""
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT)
    (wheel,) = folder.glob("preprint_digest-*.whl")
    home = folder / "venv"
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    site = run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], cwd=folder).strip()
    Path(site, "borrowed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    run([*pip, "install", "-q", "--no-deps", "--no-index", str(wheel)], cwd=folder)
    return home / "bin" / "digest"


def run(command: list[str], *, cwd: Path) -> str:
    """Run a program that must succeed and return what it said."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DIGEST", "VIRTUAL"))}
    done = subprocess.run(command, cwd=cwd, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_answers(installed: Path, tmp_path: Path) -> None:
    """``digest --help`` of the wheel lists the commands; the code that runs is the wheel's."""
    assert "Usage: digest" in run([str(installed), "--help"], cwd=tmp_path)
    where = run([str(installed.parent / "python"), "-c", "import digest; print(digest.__file__)"], cwd=tmp_path)
    assert installed.parent.parent in Path(where.strip()).parents


def test_the_wheel_carries_settings_and_templates(installed: Path, tmp_path: Path) -> None:
    """What a checkout has at its top, the wheel has inside: every file of config/ and templates/."""
    code = "from digest.config import data_folder as f; print(f('config'), f('templates'), sep='\\n')"
    folders = run([str(installed.parent / "python"), "-c", code], cwd=tmp_path).splitlines()
    for folder, name in zip(map(Path, folders), ("config", "templates"), strict=True):
        assert installed.parent.parent in folder.parents
        carried = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        assert carried == {path.relative_to(ROOT / name) for path in (ROOT / name).rglob("*") if path.is_file()}


def test_the_wheel_needs_no_settings_file(installed: Path, tmp_path: Path) -> None:
    """In an empty folder it works with the built-in settings, in a folder of that folder."""
    assert '"papers": 0' in run([str(installed), "status", "--json"], cwd=tmp_path)
    assert (tmp_path / "digest-data" / "digest.db").is_file()


def test_the_wheel_runs_the_demo(installed: Path, tmp_path: Path) -> None:
    """The sample listings are in the wheel: the demo makes its mails and feeds far from any checkout."""
    said = run([str(installed), "demo", "demo"], cwd=tmp_path)
    assert len(list((tmp_path / "demo" / "mail").rglob("*.eml"))) == 6
    assert "demo/feeds/ada@example.org.rss" in said
