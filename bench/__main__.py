"""``python -m bench`` lists the benchmarks, ``python -m bench NAME [ARG…]`` runs one."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main() -> int:
    """Run the benchmark named on the command line; each is a module here with a ``main(arguments)``."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        print("usage: python -m bench NAME [ARG…]\n" + "\n".join(f"  {name}" for name in names))
        return 2
    importlib.import_module(f"bench.{sys.argv[1]}").main(sys.argv[2:])
    return 0


if __name__ == "__main__":
    sys.exit(main())
