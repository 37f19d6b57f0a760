"""The command line: humans by default, ``--json`` for machines.

``root`` names the commands, ``options`` holds what they share, ``guard`` turns every error into one line and an exit
code, ``output`` and ``show`` say things; one file per family of commands. Heavy libraries are imported by the command
that needs them, so that ``digest --help`` answers at once.
"""

from digest.cli.guard import main, run

__all__ = ["main", "run"]
