"""The names of all commands, and where each is; only the one that is called is imported."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

from digest import __version__
from digest.cli.options import DigestCommand

FAMILIES: Mapping[str, Mapping[str, str]] = {
    "Look at papers": {
        "parse": "reading:parse",
        "ingest": "reading:ingest",
        "try": "trying:try_query",
    },
    "Readers and what they want": {
        "subscribe": "readers:subscribe",
        "subscriptions": "subscriptions:subscriptions",
        "preview": "previews:preview",
        "export": "people:export",
        "forget": "people:forget",
    },
    "Make and send digests": {
        "run": "running:run",
        "compose": "running:compose",
        "deliver": "running:deliver",
        "outbox": "outbox:outbox",
        "returned": "returned:returned",
        "serve": "serving:serve",
    },
    "See how it is": {
        "status": "serving:status",
        "doctor": "keeping:doctor",
        "sources": "sources:sources",
        "papers": "papers:papers",
        "templates": "templates:templates",
        "backup": "keeping:backup",
        "demo": "demo:demo",
        "completion": "completion:completion",
    },
}
"""Headings of the help text, the commands under each, and the file and function behind each command."""

EXIT_CODES: Mapping[int, str] = {
    0: "fine",
    1: "something failed, the rest was done",
    2: "the command line or a setting is wrong; nothing was done",
    130: "interrupted (Ctrl-C); what was done stays done, run it again for the rest",
    143: "the same by SIGTERM, while mail was delivered (`digest serve` ends with 0)",
}
"""What the exit codes mean."""

COMMANDS: Mapping[str, str] = {name: where for family in FAMILIES.values() for name, where in family.items()}


class Root(click.Group):
    """The ``digest`` command: a group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"digest.cli.{module}"), attribute)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from digest.config.near import nearest

            near = nearest(args[0], COMMANDS)
            ctx.fail(f"there is no command {args[0]!r}" + (f", did you mean {near!r}?" if near else ""))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by family."""
        for heading, names in FAMILIES.items():
            rows = [(name, made.get_short_help_str(90)) for name in names if (made := self.get_command(ctx, name))]
            with formatter.section(heading):
                formatter.write_dl(rows)


def _version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"digest {__version__}")
        context.exit()


root = Root(
    "digest",
    help="A daily digest of new research papers: never the same paper twice, never a missed one, always a reason why.",
    epilog=f"Every command has --help. Exit codes: {'; '.join(f'{code} {EXIT_CODES[code]}' for code in (0, 1, 2))}.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    params=[
        *DigestCommand("").params,
        click.Option(
            ["--version"], is_flag=True, is_eager=True, expose_value=False, help="Show the version and leave.",
            callback=_version,
        ),
    ],
)  # fmt: skip
