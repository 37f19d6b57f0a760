"""``digest demo``: two invented days, three invented readers, everything the program makes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.options import State, command
from digest.cli.running import say_report
from digest.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from digest.app import RunReport
    from digest.config import Config


@command("demo", epilog="Everything is invented: papers, readers, addresses. Nothing leaves FOLDER.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def demo(state: State, folder: Path) -> None:
    """Make two days of digests from sample papers in FOLDER, to look at."""
    from digest.app import App
    from digest.app.sample import DAYS, SUBSCRIBED_AT, subscribe_readers

    if folder.exists() and any(folder.iterdir()) and not (folder / "demo.db").exists():
        raise UsageError("is not empty", place=str(folder), hint="name a new folder")
    _remove_last(folder)
    config = _config(state, folder)
    with App.open(config, now=SUBSCRIBED_AT) as app:
        subscribe_readers(app)
    reports = [_run_day(config, now) for now in DAYS]
    if state.as_json:
        for report in reports:
            for record in report.to_records():
                state.out.record(record)
    else:
        _tell(state, folder, reports)
    state.failed = any(report.failed for report in reports)


def _remove_last(folder: Path) -> None:
    import shutil

    for path in folder.glob("*") if folder.exists() else ():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _config(state: State, folder: Path) -> Config:
    from digest.config import FeedSettings, LinkSettings, MailSettings, ReportSettings, StoreSettings
    from digest.config.settings import MailBy

    return replace(
        state.config,
        store=StoreSettings(url=f"sqlite:///{folder / 'demo.db'}"),
        mail=MailSettings(by=MailBy.FOLDER, folder=folder / "mail"),
        feeds=FeedSettings(folder=folder / "feeds"),
        reports=ReportSettings(folder=folder / "reports"),
        links=LinkSettings(secret_file=folder / "secret"),
    )


def _run_day(config: Config, now: datetime) -> RunReport:
    from digest.app import App
    from digest.app.sample import files_of

    with App.open(config, now=now) as app:
        return app.run(app.named(files_of(now)))


def _tell(state: State, folder: Path, reports: Iterable[RunReport]) -> None:
    for report in reports:
        say_report(state, report)
        state.out.text("")
    state.out.text("Made from sample papers; everything is yours to open:", at=-1)
    for heading, pattern in (
        ("Mails, to open in a browser", "mail/**/*.html"),
        ("The same mails as they are sent", "mail/**/*.eml"),
        ("Feeds: RSS, Atom, JSON Feed", "feeds/[!.]*"),
        ("Run reports", "reports/*"),
    ):
        state.out.text(heading, at=-1)
        for path in sorted(folder.glob(pattern)):
            state.out.text(f"  {path}", at=-1)
