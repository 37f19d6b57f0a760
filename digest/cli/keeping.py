"""``digest doctor`` and ``digest backup``: is all well, and a copy of everything."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.options import State, command
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.app.doctor import Finding

SIGNS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "problem": ("✗", "bold red")}


@command("doctor")
def doctor(state: State) -> None:
    """Look at settings, store, sources, templates and mail, and say what to mend."""
    from digest.app import App
    from digest.app.doctor import Health, examine

    for finding in examine(state.config, lambda: App.open(state.config, now=state.now)):
        state.failed = state.failed or finding.health is Health.PROBLEM
        _show(state, finding)


def _show(state: State, finding: Finding) -> None:
    if state.as_json:
        state.out.record(
            {
                "kind": "finding",
                "about": finding.about,
                "health": finding.health.value,
                "detail": finding.detail,
                "hint": finding.hint,
            }
        )
        return
    from rich.text import Text

    sign, style = SIGNS[finding.health]
    way_out = f" → {finding.hint}" if finding.hint else ""
    quiet = -1 if finding.health != "ok" else 0
    state.out.show(
        Text.assemble((f"{sign} ", style), (finding.about, "bold"), f": {finding.detail}{way_out}"), at=quiet
    )


@command("backup", epilog="To restore: put FILE in the place of the database and FILE.secret in that of the key.")
@click.argument("file", type=click.Path(path_type=Path))
def backup(state: State, file: Path) -> None:
    """Copy the store and the signing key, while the service runs, to FILE and FILE.secret."""
    with state.app() as app:
        app.store.care.backup(file)
    made = [file, *_copy_key(state.config.links.secret_file, file.with_name(f"{file.name}.secret"))]
    if state.as_json:
        state.out.record({"kind": "summary", "files": [str(path) for path in made]})
    for path in made:
        state.out.text(f"written  {path}")


def _copy_key(key: Path, target: Path) -> list[Path]:
    if not key.exists():
        return []
    try:
        target.touch(mode=0o600, exist_ok=False)
        shutil.copyfile(key, target)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", place=str(target), hint="name a new file") from error
    return [target]
