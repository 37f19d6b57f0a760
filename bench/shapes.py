"""The law of the text shapes on many more draws than a test has time for: ``python -m bench shapes [DRAWS]``.

A third of the draws are pages that were also mailed, printed, indented or copied by other software.
"""

from __future__ import annotations

import time
from collections import Counter

from tests.pages.law import draw, faults
from tests.pages.relatives import RELATIVES
from tests.pages.render import SHAPES


def main(arguments: list[str]) -> None:
    """Print, for each shape, how many of the draws were read without a fault, and the first faults."""
    kinds = sorted(RELATIVES)
    draws = int(arguments[0]) if arguments else 2000
    for shape in SHAPES:
        started, papers, broken = time.perf_counter(), 0, Counter[str]()
        for seed in range(draws):
            relative = kinds[seed // 3 % len(kinds)] if seed % 3 == 2 else ""
            papers += len(draw(shape, seed, relative)[1])
            found = faults(shape, seed, relative)
            broken.update(fault.split(" ", 1)[0] for fault in found)
            if found and broken.total() < 10:
                print(f"  draw {seed} {relative}: {found[0]}")
        seconds = time.perf_counter() - started
        print(f"{shape}: {draws} pages, {papers} papers, faults: {dict(broken) or 'none'} ({seconds:.0f} s)")
