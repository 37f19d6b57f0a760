"""Lists of authors: every name whole, none lost, none made of two."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.parsers.names import count_names, names, natural_names, split_names

GIVEN = ["Yi", "Bo", "Ada", "X.", "J. R.", "Jean-Luc", "Yu.", "Ø.", "Grace Brewster Murray", "K."]
FAMILY = ["Li", "Xu", "Wu", "Ng", "Lovelace", "van der Berg", "Øst", "O'Hara", "Müller-Lüdenscheidt", "Li Jr."]


@settings(deadline=None, max_examples=300)
@given(
    people=st.lists(st.builds("{} {}".format, st.sampled_from(GIVEN), st.sampled_from(FAMILY)), min_size=1, max_size=9),
    last=st.sampled_from([", ", " and ", ", and ", " & "]),
)
def test_a_list_in_natural_order_is_split_as_it_was_joined(people: list[str], last: str) -> None:
    """Short names (Yi Li, X. Wu) are names as others are, however many stand in the list."""
    raw = last.join([", ".join(people[:-1]), people[-1]]) if len(people) > 1 else people[0]
    assert split_names(raw) == natural_names([raw]) == tuple(people)
    assert count_names(raw, tuple(people)) == len(people)


@settings(deadline=None, max_examples=200)
@given(
    people=st.lists(
        st.tuples(st.sampled_from(FAMILY[:-1]), st.sampled_from(["D.", "K. L.-M.", "Yu. A.", "JA", "B", "Ø. Å."])),
        min_size=1,
        max_size=6,
    )
)
def test_a_list_with_initials_behind_is_turned_round(people: list[tuple[str, str]]) -> None:
    """``Kukla, D., Crampton, A.`` (bioRxiv): the comma inside a name is told from the one between two."""
    raw = ", ".join(f"{family}, {initials}" for family, initials in people)
    assert split_names(raw) == names([raw]) == tuple(f"{initials} {family}" for family, initials in people)


@pytest.mark.parametrize(
    ("raw", "shown", "count"),
    [
        ("A. Cloud, B. Rain, et al. (97 additional authors not shown)", ("A. Cloud", "B. Rain"), 99),
        ("A. Cloud, B. Rain, et al. (97\n  additional authors not shown)", ("A. Cloud", "B. Rain"), 99),
        ("A. Cloud and 3 others", ("A. Cloud",), 4),
        ("A. Cloud, B. Rain, and 12 more authors", ("A. Cloud", "B. Rain"), 14),
        ("A. Cloud et al.", ("A. Cloud",), None),
        ("A. Cloud, and others", ("A. Cloud",), None),
        ("", (), None),
    ],
)
def test_a_list_that_leaves_some_out_is_counted_whole(raw: str, shown: tuple[str, ...], count: int | None) -> None:
    """The number of those not shown counts; where it is not said, nothing is claimed."""
    assert split_names(raw) == shown
    assert count_names(raw, shown) == count


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("A. B. Smith (1 and 2), C. Doe (3) ((1) MIT, (2) Harvard and Yale, (3) X)", ("A. B. Smith", "C. Doe")),
        ("Ada Lovelace, Jr., Bo Li, III", ("Ada Lovelace Jr.", "Bo Li III")),
        ("The Rain Collaboration: A. Cloud, B. Wu", ("The Rain Collaboration", "A. Cloud", "B. Wu")),
        ("Chao Zhang, Chao Zhang", ("Chao Zhang", "Chao Zhang")),
    ],
)
def test_habits_of_arxiv(raw: str, expected: tuple[str, ...]) -> None:
    """Affiliations, suffixes, collaborations, and two people of one name."""
    assert split_names(raw) == expected


@pytest.mark.parametrize(
    ("raws", "expected"),
    [
        (["Hopper, Grace"], ("Grace Hopper",)),
        (["van der Berg, Karl"], ("Karl van der Berg",)),
        (["Smith, J. A., Jr, Li, Y."], ("J. A. Smith Jr", "Y. Li")),
        (["Smith, J. A., Jr"], ("J. A. Smith Jr",)),
        (["Hopper, Grace; Li, Yi"], ("Grace Hopper", "Yi Li")),
        (["Hopper, Grace and Li, Yi"], ("Grace Hopper", "Yi Li")),
        (["Hopper, Grace", "Smith, Jr.", "Yi Li", "Yi Li"], ("Grace Hopper", "Smith Jr.", "Yi Li")),
        (["clouds@example.org (Ada Lovelace)"], ("Ada Lovelace",)),
        (["clouds@example.org"], ()),
        (["<a href='x'>Ada Lovelace</a>, Yi Li"], ("Ada Lovelace", "Yi Li")),
    ],
)
def test_habits_of_other_feeds(raws: list[str], expected: tuple[str, ...]) -> None:
    """Names turned round, alone or several; addresses beside or instead of names; a name that is repeated."""
    assert names(raws) == expected
