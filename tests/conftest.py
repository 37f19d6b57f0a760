"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.postgres import Postgres

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT.parent / "shared" / "samples"

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Laws are tried on new examples wherever somebody works; what decides whether a change lands tries the same every time.
settings.load_profile("ci" if os.environ.get("DIGEST_TESTS_SKIP_NOTHING") else "here")


@pytest.fixture(scope="module", autouse=True)
def clean_checkout() -> Iterator[None]:
    """Fail where a module's tests leave data in the checkout: a setting was left at its default."""
    data = ROOT / "digest-data"
    was_there = data.exists()
    yield
    assert was_there or not data.exists(), f"the tests made {data}: give them a folder of their own"


@pytest.fixture(scope="session")
def samples() -> Path:
    """Return the folder of real listings that lies beside the project; skip where it is absent."""
    if not SAMPLES.is_dir():
        pytest.skip("the real listings are not here: no ../shared/samples beside the project")
    return SAMPLES


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Start a PostgreSQL of our own, once for all tests that ask; skip where it is not installed."""
    from tests.postgres import Postgres  # noqa: PLC0415 - it needs this module

    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    folder = Path(tempfile.mkdtemp(prefix="digest-postgres-", dir=memory if roomy else None))
    server = Postgres(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


def need_program(name: str, *, debian: str) -> str:
    """Return the path of an installed program; skip with the reason, or fail where nothing may be skipped."""
    path = shutil.which(name) or next((str(p) for p in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), None)
    if path is None and Path("/usr/sbin", name).exists():
        path = f"/usr/sbin/{name}"
    return path or _missing(name, debian)


def need_folder(path: Path, *, debian: str) -> Path:
    """Return a folder that a package brings; skip with the reason, or fail where nothing may be skipped."""
    return path if path.is_dir() else _missing(path, debian)


def _missing(what: object, debian: str) -> NoReturn:
    reason = f"{what} is not installed (Debian package: {debian})"
    if os.environ.get("DIGEST_TESTS_SKIP_NOTHING"):
        pytest.fail(reason)
    pytest.skip(reason)
