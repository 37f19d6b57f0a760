"""One validator of addresses: what it lets through is one bare address and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.addresses import address
from digest.errors import AddressError


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("ada@example.org", "ada@example.org"),
        (" Ada.L+papers@Example.ORG ", "Ada.L+papers@example.org"),
        ("me@localhost", "me@localhost"),
        ("me@mail.lan", "me@mail.lan"),
        ("ada@bücher.de", "ada@xn--bcher-kva.de"),
    ],
)
def test_an_address_is_returned_bare(text: str, bare: str) -> None:
    """White space goes, the domain is in lower case and ASCII, the local part stays as it is."""
    assert address(text) == bare


@pytest.mark.parametrize(
    "text",
    [
        "", "ada", "@example.org", "ada@", "a@b", "Ada <ada@example.org>", "a@b.org, c@d.org", "a@b.org c@d.org",
        "a@b.org\nBcc: x@y.org", "a@b.org\r\nBcc:", "a\x00@b.org", "é@b.org", "a@b..org", "a" * 65 + "@b.org",
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_line(text: str) -> None:
    """Display names, lists, header injection and nonsense are refused with a hint."""
    with pytest.raises(AddressError) as caught:
        address(text)
    assert "\n" not in str(caught.value)
    assert "write it as name@example.org" in str(caught.value)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=40) | st.emails())
def test_what_passes_is_safe_in_a_header(text: str) -> None:
    """No control character, space, comma or second @ ever gets through; passing twice changes nothing."""
    try:
        bare = address(text)
    except AddressError:
        return
    assert bare.isascii()
    assert bare.count("@") == 1 or '"' in bare
    assert not any(ord(c) < 33 or c == "\x7f" for c in bare)
    assert address(bare) == bare
