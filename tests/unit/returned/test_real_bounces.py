"""The real bounces by which flufl.bounce is tested; only Debian's package of it brings them."""

from __future__ import annotations

from collections import Counter
from email import message_from_bytes
from pathlib import Path

import pytest
from flufl.bounce import all_failures

from digest.model import ReturnKind
from digest.returned.reading import read
from tests.conftest import need_folder
from tests.unit.returned.mails import TOKEN

FAILED = {ReturnKind.GONE, ReturnKind.FULL, ReturnKind.UNCLEAR, ReturnKind.ELSEWHERE}


@pytest.fixture(scope="module")
def bounces() -> list[bytes]:
    """Return the bounces of the package."""
    folder = Path("/usr/lib/python3/dist-packages/flufl/bounce/tests/data")
    return [path.read_bytes() for path in sorted(need_folder(folder, debian="python3-flufl.bounce").glob("*.txt"))]


def test_real_bounces_are_bounces(bounces: list[bytes]) -> None:
    """What flufl.bounce calls failed for good has failed for us too, what it says may still arrive is no bounce.

    The few of which it can make nothing are left to a human.
    """
    found = Counter[str]()
    for mail in bounces:
        temporary, permanent = all_failures(message_from_bytes(mail))
        kind = read(mail).kind
        expected = (
            FAILED if permanent else {ReturnKind.NOTHING} if temporary else {ReturnKind.NOTHING, ReturnKind.UNKNOWN}
        )
        assert kind in expected, mail[:2000].decode("latin-1")
        found[kind] += 1
    print(dict(found))  # noqa: T201
    assert len(bounces) > 100
    assert found[ReturnKind.UNKNOWN] <= 4, "they are understood"
    assert sum(found[kind] for kind in FAILED) >= 95
    assert min(found[kind] for kind in FAILED) >= 5, "and told apart"


def test_real_bounces_tell_by_the_address_they_came_to_whose_they_are(bounces: list[bytes]) -> None:
    """Whole, cut anywhere, or with everything in them in one line: never a crash, and never nobody's."""
    to = f"Delivered-To: bounce+{TOKEN}@d.example\n".encode()
    for mail in bounces:
        for text in (
            mail,
            mail[: len(mail) // 2],
            mail[: len(mail) // 3] + mail[len(mail) // 2 :],
            mail.replace(b"\n", b" "),
        ):
            assert read(to + text).token == TOKEN
