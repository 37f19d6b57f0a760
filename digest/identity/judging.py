"""A sighting and the papers it could be, to a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from digest.identity.absorbing import change_note, revised_fields
from digest.identity.evidence import SHARED, Evidence, Finding, are_two, compare, other_ids
from digest.model import Paper, Sighting, State, Verdict

_CLEAR = 0.2
"""How much more alike an abstract must be than another for it to decide between two papers."""
_THE_SAME = 0.8
"""How alike an abstract must be for the sighting to be of a paper even if another one has it too: a re-post."""


def judge(sighting: Sighting, candidates: Sequence[Paper]) -> Verdict:
    """Say whether ``sighting`` is another sighting of one of ``candidates``, and why.

    A paper may be among the candidates in several wordings, of which that of the highest revision is what it is now:
    a dump may still carry what was revised long ago. The verdict does not depend on the order of the candidates.
    """
    findings = _findings(sighting, candidates)
    if not findings or findings[0].evidence is Evidence.NOTHING:
        reason = next((found.reason for found in findings if found.reason), "")
        return Verdict(state=State.NEW, reason=reason or "no paper with its ids or its title was seen before")
    best = _of_ties(findings)
    if best.evidence is Evidence.DOUBT:
        return Verdict(state=State.UNSURE, reason=best.reason, paper=best.paper)
    joined = _proven_the_same(best, findings)
    reason = "; ".join(
        [best.reason, *(f"{found.reason} as paper {found.paper.id}, which is the same paper" for found in joined)]
    )
    papers = tuple(found.paper for found in joined)
    changes = revised_fields(sighting, best.paper)
    if changes is None:
        return Verdict(state=State.SEEN, reason=reason, paper=best.paper, joined=papers)
    reason = f"{reason}; {change_note(changes, sighting)}"
    return Verdict(state=State.REVISED, reason=reason, paper=best.paper, changes=changes, joined=papers)


def _findings(sighting: Sighting, candidates: Sequence[Paper]) -> list[Finding]:
    """Return what is found of each paper, in the wording that speaks for it most, best first."""
    now = {paper.id: paper for paper in sorted(candidates, key=lambda paper: paper.revision)}
    best: dict[int, Finding] = {}
    for found in sorted((compare(sighting, paper) for paper in candidates), key=_best_first):
        if found.paper.id not in best:
            earlier = ", in an earlier wording" if found.paper.revision < now[found.paper.id].revision else ""
            best[found.paper.id] = replace(found, paper=now[found.paper.id], reason=f"{found.reason}{earlier}")
    return list(best.values())


def _best_first(found: Finding) -> tuple[int, int, float, int, int]:
    return (-found.evidence, -len(found.shared), -(found.likeness or 0), found.paper.id, -found.paper.revision)


def _of_ties(findings: Sequence[Finding]) -> Finding:
    """Return the finding that decides, or the doubt between papers that cannot both be meant.

    Ids decide. Where the text speaks for papers whose ids say that they are two, the abstract chooses; where it
    cannot, the sighting is of a paper without ids of its own, if there is one, and else nobody knows.
    """
    best = findings[0]
    if best.evidence not in {Evidence.NEAR, Evidence.TITLE}:
        return best
    equals = [found for found in findings if found.evidence is best.evidence]
    rivals = [found for found in equals if are_two(found.paper, best.paper)]
    if all(_is_clearer(best, rival) for rival in rivals):
        return best
    neutral = (found for found in equals if not any(are_two(found.paper, other.paper) for other in equals))
    reason = f"{best.reason}, but {len(rivals) + 1} papers of different ids have it"
    return next(neutral, Finding(Evidence.DOUBT, reason, best.paper, best.likeness))


def _is_clearer(best: Finding, rival: Finding) -> bool:
    if best.likeness is None:
        return False
    bar = SHARED if rival.likeness is None else rival.likeness + _CLEAR
    return best.likeness >= min(bar, _THE_SAME)


def _proven_the_same(best: Finding, findings: Sequence[Finding]) -> list[Finding]:
    """Return the other papers that a sighting with ids proves to be the one it is of: two until now.

    It must carry ids of both, or an id of the one and the very title and abstract of the other; and the ids of the two
    must not say that they are two.
    """
    if best.evidence < Evidence.NUMBER:
        return []
    return [found for found in findings[1:] if _is_bridged(best, found)]


def _is_bridged(best: Finding, found: Finding) -> bool:
    if found.evidence < Evidence.TITLE or other_ids(best.paper.keys, found.paper.keys, "arxiv"):
        return False
    if found.shared:
        return not set(best.paper.keys).issuperset(found.shared)
    return (found.likeness or 0) >= SHARED and not are_two(best.paper, found.paper)
