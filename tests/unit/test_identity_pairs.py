"""Adversarial pairs: the same paper in another dress, two papers that look alike, and what nobody can know."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.identity import abstract_likeness, judge, plausible
from digest.model import Paper, Sighting, State
from digest.text.sketch import sketch
from digest.text.titlekey import title_key
from tests.unit.adversarial import COMPARED, PAIRS, Pair

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def verdict(pair: Pair, *, turned: bool) -> tuple[State, str]:
    """Return what identity says of the second paper of a pair where the first is known, or the other way round."""
    first, second = (1, 0) if turned else (0, 1)
    known = Paper(
        id=1, first_seen_at=NOW, title=pair.titles[first], abstract=pair.abstracts[first], **pair.facts[first]
    )
    seen = Sighting(where="x", title=pair.titles[second], abstract=pair.abstracts[second], **pair.facts[second])
    said = judge(seen, [known])
    return said.state, said.reason


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.state}: {pair.why}")
def test_pairs_that_are_hard_to_judge(pair: Pair) -> None:
    """Each is judged as its table says, in both directions, and with a reason."""
    there, back = verdict(pair, turned=False), verdict(pair, turned=True)
    assert (there[0], back[0]) == (pair.state, pair.state), (there, back)
    assert there[1]


def test_there_are_many_of_each_kind() -> None:
    """At least 150 in all, and no pair twice."""
    assert len(PAIRS) >= 150
    assert all(sum(pair.state is state for pair in PAIRS) >= 50 for state in (State.SEEN, State.NEW, State.UNSURE))
    assert len({(pair.titles, pair.abstracts, repr(pair.facts)) for pair in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize(("how", "least", "most"), [("revised", 0.5, 0.8), ("rewritten", 0.1, 0.3), ("other", 0, 0.03)])
def test_the_abstracts_compare_as_the_tables_say(how: str, least: float, most: float) -> None:
    """The words of the tables are true figures."""
    assert least <= (abstract_likeness(*COMPARED[how]) or 0) <= most


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.state}: {pair.why}")
def test_the_gate_refuses_no_pair_that_is_seen_or_unsure(pair: Pair) -> None:
    """What shares neither id nor title key reaches the judge only through the gate, and it is the same both ways."""
    one, other = ((title_key(title), sketch(text)) for title, text in zip(pair.titles, pair.abstracts, strict=True))
    assert plausible(*one, *other) == plausible(*other, *one)
    found = one[0] == other[0] or set(pair.facts[0].get("keys", ())) & set(pair.facts[1].get("keys", ()))
    assert pair.state is State.NEW or found or plausible(*one, *other)
