"""``digest templates``: make them yours, check them, look at them."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.options import State, command
from digest.errors import TemplateError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.config import Config

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group("templates")
def templates() -> None:
    """Make the look of mails, feeds and pages your own."""


@command("export", dry_run=True, epilog="Then set [templates] folder, and delete what you do not change.")
@click.argument("folder", type=FOLDER)
def export(state: State, folder: Path) -> None:
    """Copy the shipped templates into FOLDER; files that are there stay as they are."""
    for name, source in _shipped():
        target = folder / name
        if target.exists():
            state.out.text(f"kept     {target}")
            continue
        if not state.dry_run:
            _copy(source, target)
        state.out.text(f"written  {target}")


@command("check")
@click.argument("folder", type=FOLDER, required=False)
def check(state: State, folder: Path | None) -> None:
    """Try every template on a sample digest; without FOLDER, the templates of the settings."""
    config = _with_folder(state.config, folder)
    for name in _unknown(config.templates.folder):
        state.fail(f"{name}: no template has this name, so it is never used (digest templates export shows the names)")
    problems = list(_problems(config))
    for problem in problems:
        state.fail(problem)
    if state.as_json:
        state.out.record({"kind": "summary", "problems": problems})
    elif not state.failed:
        state.out.text("All templates work.")


@command("preview")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Where to write the HTML."
)
@click.option("--folder", type=FOLDER, metavar="FOLDER", help="Use these templates instead of those of the settings.")
def preview(state: State, html: Path | None, folder: Path | None) -> None:
    """Render a sample digest with your templates: as text here, as HTML with --html."""
    from digest.app.sample import sample

    with sample(_with_folder(state.config, folder)) as (app, digest):
        message = app.renderer.message(digest)
    if html:
        from digest.cli.previews import write

        write(html, message.html.encode())
        state.out.text(f"written to {html}")
        return
    if state.as_json:
        state.out.record({"kind": "preview", "subject": message.subject, "text": message.text})
        return
    state.out.text(f"Subject: {message.subject}\n\n{message.text}")


def _shipped() -> list[tuple[Path, Path]]:
    from digest.config import data_folder

    top = data_folder("templates")
    return [(path.relative_to(top), path) for path in sorted(top.rglob("*")) if path.is_file()]


def _copy(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", place=str(target), hint="choose a folder") from error


def _with_folder(config: Config, folder: Path | None) -> Config:
    from dataclasses import replace

    chosen = folder or config.templates.folder
    if chosen is not None and not chosen.is_dir():
        raise UsageError("there is no such folder", place=str(chosen), hint="digest templates export makes one")
    return replace(config, templates=replace(config.templates, folder=chosen))


def _unknown(folder: Path | None) -> Iterator[Path]:
    names = {name for name, _ in _shipped()}
    for path in sorted(folder.rglob("*")) if folder else ():
        if path.is_file() and path.relative_to(folder or path) not in names and not path.name.startswith("."):
            yield path


def _problems(config: Config) -> Iterator[str]:
    """Yield what goes wrong when mail, page and feeds of a sample digest are rendered."""
    from digest.app.sample import sample
    from digest.model import FeedEntry, FeedFormat

    with sample(config) as (app, digest):
        entries = [
            FeedEntry(item=item, section="Sample", subscription_id=1, delivered_at=digest.composed_at, slot=digest.slot)
            for item in digest.items
        ]
        tries: list[Callable[[], object]] = [
            partial(app.renderer.message, digest),
            partial(app.renderer.page, digest),
            *(partial(app.renderer.feed, digest.subscriber, entries, kind) for kind in FeedFormat),
        ]
        yield from app.template_troubles()
        for attempt in tries:
            try:
                attempt()
            except TemplateError as error:
                yield str(error)


for _command in (export, check, preview):
    templates.add_command(_command)
