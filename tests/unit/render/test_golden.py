"""The same papers, reader and day always give the same bytes: today, in another process, and next year."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest

from tests.unit.render.golden import GOLDEN, TESTS, forms

_SUM = """
import hashlib
from tests.unit.render.golden import forms
print(hashlib.sha256(b"".join(content for _, content in forms())).hexdigest())
"""


def test_every_form_looks_as_it_did() -> None:
    """A change of look is meant, and shown by the files of ``python -m tests.make``."""
    made = dict(forms())
    assert sorted(made) == sorted(path.name for path in GOLDEN.iterdir())
    changed = [name for name, content in made.items() if (GOLDEN / name).read_bytes() != content]
    assert not changed, f"{', '.join(changed)} changed: if that is meant, python -m tests.make"


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_with_other_hashes_and_another_zone_renders_the_same_bytes(seed: str) -> None:
    """No order of a set or dictionary, no locale and no clock reaches a reader."""
    ours = hashlib.sha256(b"".join(content for _, content in forms())).hexdigest()
    environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": f"Etc/GMT+{seed}", "LC_ALL": "C"}
    said = subprocess.run(
        [sys.executable, "-c", _SUM], cwd=TESTS.parent, env=environment, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == ours
