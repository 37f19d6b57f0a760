"""Who is who: a sighting and the papers it could be, to a verdict with its reason.

    sighting, candidates ─▶ compare each (evidence) ─▶ the best, unless ids say two (judging) ─▶ Verdict
                             titles ─ marks                                                       │
                             abstracts                                        paper, news ◀─ absorbing

The order of evidence stands in ``evidence``. A title alone never merges, nor does an abstract alone, and no text
outweighs two ids of one kind. What speaks for and against is *unsure*: sent as new and flagged, never merged silently.
"""

from digest.identity.absorbing import absorb, news, revised_fields
from digest.identity.abstracts import abstract_likeness
from digest.identity.evidence import STOCK_TITLES, other_ids
from digest.identity.gate import Gate, plausible
from digest.identity.judging import judge

__all__ = [
    "STOCK_TITLES",
    "Gate",
    "absorb",
    "abstract_likeness",
    "judge",
    "news",
    "other_ids",
    "plausible",
    "revised_fields",
]
