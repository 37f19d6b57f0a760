"""``digest completion``: let the shell finish commands and options with <Tab>."""

from __future__ import annotations

import click

from digest.cli.options import State, command

HOW = {
    "bash": 'eval "$(digest completion bash)"   in ~/.bashrc',
    "zsh": 'eval "$(digest completion zsh)"   in ~/.zshrc',
    "fish": "digest completion fish | source   in ~/.config/fish/config.fish",
}


@command("completion", epilog="; ".join(HOW.values()))
@click.argument("shell", type=click.Choice(list(HOW)))
def completion(state: State, shell: str) -> None:
    """Print what makes your SHELL complete commands and options."""
    from click.shell_completion import get_completion_class

    from digest.cli.guard import COMPLETE
    from digest.cli.root import root

    made = get_completion_class(shell)
    if made is not None:
        state.out.text(made(root, {}, "digest", COMPLETE).source(), at=-1)
