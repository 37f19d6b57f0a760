"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT.parent / "shared" / "samples"


@pytest.fixture(scope="session")
def samples() -> Path:
    """Return the folder of real listings that lies beside the project; skip where it is absent."""
    if not SAMPLES.is_dir():
        pytest.skip("the real listings are not here: no ../shared/samples beside the project")
    return SAMPLES


def need_program(name: str, *, debian: str) -> str:
    """Return the path of an installed program; skip with the reason, or fail where nothing may be skipped."""
    path = shutil.which(name) or next((str(p) for p in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), None)
    if path is None and Path("/usr/sbin", name).exists():
        path = f"/usr/sbin/{name}"
    if path is None:
        reason = f"{name} is not installed (Debian package: {debian})"
        if os.environ.get("DIGEST_TESTS_SKIP_NOTHING"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path
