"""What all commands share: the common options, the state they set, and the shape of a command."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli.output import Output

if TYPE_CHECKING:
    from digest.app import App
    from digest.config import Config

STATE_KEY = "digest.state"


@dataclass
class State:
    """What the common options said, and what follows from them. One command line has one."""

    config_path: Path | None = None
    store_url: str | None = None
    now: datetime | None = None
    as_json: bool = False
    dry_run: bool = False
    verbosity: int = 0
    failed: bool = field(default=False)

    @cached_property
    def out(self) -> Output:
        """Return what says things to the user."""
        return Output(as_json=self.as_json, verbosity=self.verbosity)

    @cached_property
    def config(self) -> Config:
        """Return the settings; raises ``ConfigError``."""
        from digest.config import StoreSettings, load

        config = load(self.config_path, os.environ)
        return replace(config, store=StoreSettings(url=store_url(self.store_url))) if self.store_url else config

    @contextmanager
    def app(self) -> Iterator[App]:
        """Open the App of these settings and close it again."""
        from digest.app import App

        with App.open(self.config, now=self.now) as app:
            yield app

    def clock(self) -> datetime:
        """Return the time --now set, or the time it is."""
        return self.now or datetime.now(UTC)

    def fail(self, text: str) -> None:
        """Say what failed, go on, and leave with exit code 1 in the end."""
        self.failed = True
        complain(text)


def complain(text: str) -> None:
    """Say what went wrong on standard error, in one line with the program's name; red on a terminal."""
    click.echo(f"{click.style('digest:', fg='red', bold=True)} {text}", err=True)


def store_url(text: str) -> str:
    """Return a database address; a plain path means an SQLite file."""
    return text if "://" in text else f"sqlite:///{text}"


def state_of(context: click.Context) -> State:
    """Return the state of this command line."""
    found: State = context.find_root().ensure_object(dict)[STATE_KEY]
    return found


class Instant(click.ParamType[datetime]):
    """An ISO date and time; without an offset it is UTC, without a time midnight."""

    name = "ISO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the aware UTC instant."""
        try:
            instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no ISO date and time such as 2026-11-20T07:00:00Z", param, ctx)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)


class Day(click.ParamType[date]):
    """An ISO date."""

    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date such as 2026-11-20", param, ctx)


class TimeOfDay(click.ParamType[time]):
    """A time of day."""

    name = "HH:MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> time:
        """Return the time."""
        try:
            return value if isinstance(value, time) else time.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time of day such as 07:00", param, ctx)


def _sets(name: str, change: Callable[[Any], Any] = lambda value: value) -> Callable[..., Any]:
    def callback(context: click.Context, _parameter: click.Parameter, value: Any) -> Any:
        if value not in (None, False, 0):
            setattr(state_of(context), name, change(value))
        return value

    return callback


def _common() -> list[click.Option]:
    return [
        click.Option(
            ["--config", "config"], type=click.Path(path_type=Path), metavar="FILE", expose_value=False,
            callback=_sets("config_path"), help="Settings; else $DIGEST_CONFIG, config/digest.toml or digest.toml.",
        ),
        click.Option(
            ["--store", "store"], metavar="URL", expose_value=False, callback=_sets("store_url"),
            help="The database: a file, sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
        ),
        click.Option(
            ["--now", "now"], type=Instant(), expose_value=False, callback=_sets("now"),
            help="Pretend that it is this moment, such as 2026-11-20T07:00Z.",
        ),
        click.Option(
            ["--json", "as_json"], is_flag=True, expose_value=False, callback=_sets("as_json"),
            help="One JSON object a line.",
        ),
        click.Option(
            ["-q", "--quiet", "quiet"], is_flag=True, expose_value=False, callback=_sets("verbosity", lambda _: -1),
            help="Say only what went wrong, and the result.",
        ),
        click.Option(
            ["-v", "--verbose", "verbose"], count=True, expose_value=False, callback=_sets("verbosity"),
            help="Say more.",
        ),
    ]  # fmt: skip


def _dry_run() -> click.Option:
    return click.Option(
        ["--dry-run", "dry_run"], is_flag=True, expose_value=False, callback=_sets("dry_run"),
        help="Show what would happen; change and send nothing.",
    )  # fmt: skip


class DigestCommand(click.Command):
    """A command with the common options, shown after its own."""

    def __init__(self, *args: Any, dry_run: bool = False, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.own = len(self.params)
        self.params += ([_dry_run()] if dry_run else []) + _common()

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, then the common ones."""
        options = [p for p in self.params[: self.own] if isinstance(p, click.Option)]
        own = [record for p in options if (record := p.get_help_record(ctx))]
        common = [record for p in self.get_params(ctx)[self.own :] if (record := p.get_help_record(ctx))]
        for heading, records in (("Options", own), ("Common options", common)):
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


def command(name: str, *, dry_run: bool = False, **keywords: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Declare a command; it gets the ``State`` as its first argument."""

    def declare(function: Callable[..., Any]) -> click.Command:
        def with_state(**values: Any) -> Any:
            return function(state_of(click.get_current_context()), **values)

        with_state.__doc__ = function.__doc__
        with_state.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
        return click.command(name, cls=DigestCommand, dry_run=dry_run, **keywords)(with_state)

    return declare
