"""Keys: every spelling of an identifier gives the one key, and no number that is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import ids


@pytest.mark.parametrize(
    ("text", "key", "version"),
    [
        ("2401.00001", "arxiv:2401.00001", None),
        ("2401.00001v3", "arxiv:2401.00001", 3),
        ("0704.0001", "arxiv:0704.0001", None),
        ("1412.9999v2", "arxiv:1412.9999", 2),
        ("astro-ph/0702001", "arxiv:astro-ph/0702001", None),
        ("math.GT/0309136v1", "arxiv:math/0309136", 1),
        ("hep-ex/0307015", "arxiv:hep-ex/0307015", None),
        ("arXiv:2203.01250v3", "arxiv:2203.01250", 3),
        ("arXiv: 2203.01250", "arxiv:2203.01250", None),
        ("oai:arXiv.org:2203.01250v3", "arxiv:2203.01250", 3),
        ("oai:arXiv.org:hep-ex/0307015", "arxiv:hep-ex/0307015", None),
        ("http://arxiv.org/abs/hep-ex/0307015v1", "arxiv:hep-ex/0307015", 1),
        ("https://arxiv.org/pdf/2401.00001v1.pdf", "arxiv:2401.00001", 1),
        ("https://arxiv.org/abs/2401.00001?context=cs", "arxiv:2401.00001", None),
        ("https://www.arxiv.org/abs/2401.00001", "arxiv:2401.00001", None),
        ("https://huggingface.co/papers/2606.00683#community", "arxiv:2606.00683", None),
        ("/papers/2606.00683", "arxiv:2606.00683", None),
    ],
)
def test_every_spelling_of_an_arxiv_id_gives_its_key_and_version(text: str, key: str, version: int | None) -> None:
    """All three forms, bare, dressed, as an OAI name and as an address; the version is no part of the key."""
    found = ids.arxiv(text)
    assert found is not None
    assert (found.key, found.version) == (key, version)


@pytest.mark.parametrize(
    "text",
    ["", "2401", "2413.00001", "2400.00001", "1501.0001", "1412.00001", "0703.0001", "12401.00001", "10.1101/857789"],
)
def test_what_is_no_arxiv_id_gives_none(text: str) -> None:
    """Months run from 01 to 12, the number has four digits before 2015 and five since, the scheme began in 0704."""
    assert ids.arxiv(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "10.1101/857789",
        "doi:10.1101/857789",
        "DOI: 10.1101/857789.",
        "https://doi.org/10.1101/857789",
        "http://dx.doi.org/10.1101/857789",
        "https://doi.org/10.1101%2F857789",
    ],
)
def test_a_doi_loses_its_dressing(text: str) -> None:
    """Scheme, resolver, percent signs and the full stop of the sentence are no part of it."""
    assert ids.doi(text) == "doi:10.1101/857789"


def test_a_doi_has_no_case() -> None:
    """Two spellings of one DOI are one key."""
    assert ids.doi("10.1038/S41586-026-0001-X") == ids.doi("10.1038/s41586-026-0001-x")


def test_a_doi_that_arxiv_registered_is_the_arxiv_key() -> None:
    """10.48550/arXiv.2401.00001 is arXiv 2401.00001, whatever its case."""
    assert ids.doi("https://doi.org/10.48550/ARXIV.2401.00001") == "arxiv:2401.00001"
    assert ids.find("10.48550/arXiv.2401.00001")[0].key == "arxiv:2401.00001"


def test_ids_are_found_in_running_text_once_each_and_bare_numbers_are_not_taken_for_them() -> None:
    """Only what says arXiv counts: an abstract is full of numbers with a dot."""
    text = (
        "See https://arxiv.org/abs/2401.00001v3 and arXiv:2401.00001, doi:10.1101/857789. "
        "The loss fell from 2401.00002 to 1412.0001."
    )
    assert [found.key for found in ids.find(text)] == ["arxiv:2401.00001", "doi:10.1101/857789"]


NEW = st.builds(
    lambda yy, mm, number: f"{yy:02}{mm:02}.{number:0{5 if yy >= 15 else 4}}",
    st.integers(8, 40),
    st.integers(1, 12),
    st.integers(1, 9999),
)
OLD = st.builds(
    lambda archive, yy, number: f"{archive}/{yy:02}01{number:03}",
    st.sampled_from(["hep-th", "astro-ph", "math", "cs", "cond-mat", "q-bio"]),
    st.integers(0, 7),
    st.integers(1, 999),
)


@given(
    number=NEW | OLD,
    version=st.none() | st.integers(1, 99),
    dressing=st.sampled_from(
        ["{}", "arXiv:{}", "https://arxiv.org/abs/{}", "https://arxiv.org/pdf/{}.pdf", "oai:arXiv.org:{}"]
    ),
)
def test_dressing_and_versions_never_change_the_key(number: str, version: int | None, dressing: str) -> None:
    """For any id: the key is that of the bare number, and its page leads back to it."""
    found = ids.arxiv(dressing.format(number + (f"v{version}" if version else "")))
    assert found is not None
    assert (found.key, found.version) == (f"arxiv:{number}", version)
    assert ids.arxiv(ids.page_url(found.key) or "") == (found.key, None)
    assert ids.arxiv_number(found.key) == number


@given(st.text(max_size=200))
def test_any_text_is_read_without_complaint(text: str) -> None:
    """Whatever stands in a listing, looking for ids never fails."""
    for found in ids.find(text):
        assert found.key.startswith(("arxiv:", "doi:"))
    ids.arxiv(text)
    ids.doi(text)
