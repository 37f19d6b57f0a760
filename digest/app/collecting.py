"""Python's search for cycles of garbage, made rarer where much is made, all of it without cycles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_RARELY = (100_000, 50, 100)


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Search for cycles after 100,000 objects more, not after 700: reading digests takes a third of its time then.

    Each search goes through what is remembered of papers and readers, which is never garbage.
    """
    before = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
