"""Invented papers: titles and abstracts of every awkward kind, made from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

NOUNS = """cloud rain river harvest lantern orchard glacier compass bridge anchor meadow harbor engine lattice kernel
gradient token policy graph memory vector sensor signal protein catalyst galaxy plasma lens quantum dialogue retrieval
benchmark pipeline encoder transformer adapter agent planner simulator corpus treebank manifold operator""".split()  # noqa: SIM905 - read as text
VERBS = """learns compares measures predicts aligns counts explains improves reduces recovers preserves compresses
generates ranks filters detects bounds estimates transfers composes""".split()  # noqa: SIM905
ADJECTIVES = """sparse robust efficient calibrated scalable multilingual hidden shallow recursive stochastic adaptive
zero-shot long-context low-rank fine-grained self-supervised open-source cross-lingual causal latent""".split()  # noqa: SIM905
NAMES = (
    "GPT-4",
    "γ-MoD",
    "CodeT5+",
    "H2O",
    "BERT",
    "iTransformer",
    "LLaVA-1.5",
    "C++",
    "Qwen2.5",
    "Straße",
    "naïve",
    "日本語",
)
ORGANIZATIONS = (
    "Google", "Carnegie Mellon University", "Cloud Institute", "Meta AI", "ByteDance Seed", "University of Lisbon",
    "NVIDIA", "Idiap Research Institute", "École polytechnique", "Open Harvest Lab",
)  # fmt: skip
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Invented:
    """A paper as a page could show it; ``None`` where the page says nothing."""

    title: str
    paragraphs: tuple[str, ...]
    number: str
    day: date
    shows_year: bool
    author_count: int | None
    organization: str | None
    upvotes: int
    comments: int | None


def papers(random: Random, listed_on: date, *, count: int, marked: bool) -> list[Invented]:
    """Return ``count`` different papers; ``marked``: the page marks their ends, so abstracts may hold anything."""
    seen: dict[str, Invented] = {}
    while len(seen) < count:
        paper = _paper(random, listed_on, marked=marked)
        seen.setdefault(paper.title, paper)
    return list(seen.values())


def day_text(day: date, *, year: bool) -> str:
    """Return a day as the page writes it."""
    return f"{MONTHS[day.month - 1]} {day.day}" + (f", {day.year}" if year else "")


def sentence(random: Random, *, words: int | None = None) -> str:
    """Return one invented sentence."""
    size = words or random.randint(8, 26)
    body = " ".join(_word(random) for _ in range(size))
    middle = random.choice((",", ",", ";", " --", " (e.g., BERT),", ":", " [32],", " [0, 1),", " in 99.5% of cases,"))
    cut = body.find(" ", len(body) // 2)
    body = body[:cut] + middle.replace("--", "–") + body[cut:]
    start = random.choice(("We show that", "This", "However, the", "In this paper, we find that", "A", "Our", "Recent"))
    return f"{start} {body}{random.choice(('.', '.', '.', '.', '.', '?', '!'))}"


def _paper(random: Random, listed_on: date, *, marked: bool) -> Invented:
    day = listed_on - timedelta(days=random.choice((0, 1, 3, 40, 200, 364, 365, 700, 2500)))
    signed = random.random()
    return Invented(
        title=_title(random, awkward=random.random() < 0.3),
        paragraphs=_abstract(random, marked=marked),
        number=f"{random.randint(15, 26)}{random.randint(1, 12):02}.{random.randint(1, 99999):05}",
        day=day,
        shows_year=(listed_on - day).days > 360 or random.random() < 0.2,
        author_count=random.choice((1, 2, 3, 8, 19, 101, 671, 1203)) if signed < 0.7 else None,
        organization=random.choice(ORGANIZATIONS) if 0.7 <= signed < 0.9 else None,
        upvotes=random.choice((0, 0, 1, 7, 65, 173, 1234)),
        comments=random.choice((None, None, 1, 2, 12, 120)),
    )


def _word(random: Random) -> str:
    return random.choice(random.choice((NOUNS, NOUNS, VERBS, ADJECTIVES, NAMES)))


def _title(random: Random, *, awkward: bool) -> str:
    if awkward:
        return random.choice(_AWKWARD)(random)
    words = [_word(random) for _ in range(random.randint(3, 16))]
    style = random.random()
    if style < 0.7:
        words = [word[:1].upper() + word[1:] for word in words]
    words[0] = words[0][:1].upper() + words[0][1:]
    title = " ".join(words)
    cut = title.find(" ", len(title) // 3)
    if random.random() < 0.4 and cut > 0:
        title = title[:cut] + ":" + title[cut:]
    return title + random.choice(("", "", "", "", "?", "!"))


def _long_title(random: Random) -> str:
    words: list[str] = []
    while len(" ".join(words)) < 235:
        word = _word(random)
        words.append(word[:1].upper() + word[1:])
    return " ".join(words)[:250].rstrip(" -")


_AWKWARD = (
    lambda random: random.choice(NOUNS).capitalize() + random.choice(("", "Net", "Former", "-2", "++")),
    _long_title,
    lambda random: f"{random.choice(MONTHS)} {random.randint(1, 28)}, {random.randint(1990, 2026)}",
    lambda random: f"{random.choice(MONTHS)} {random.randint(1, 28)}",
    lambda random: f"{random.randint(2, 90)} authors",
    lambda random: f"{random.randint(1900, 2030)}: {random.choice(NOUNS).capitalize()}",
    lambda random: f"Is {random.choice(NOUNS)} {random.choice(NOUNS)} all you need?",
    lambda random: f"[Re] {random.choice(NOUNS).capitalize()} of {random.choice(NOUNS)} [Extended]",
    lambda random: f"{random.choice(NAMES)} v3.1 for {random.choice(NOUNS)} et al.",
    lambda random: (
        f"“{random.choice(NOUNS).capitalize()}” & {random.choice(NOUNS)}, or: {random.choice(NOUNS)} vs. rest"
    ),
)


def _abstract(random: Random, *, marked: bool) -> tuple[str, ...]:
    style = random.random()
    if style < 0.15:
        return (sentence(random, words=random.randint(12, 24)),)
    count = 1 if style < 0.75 else random.randint(2, 4)
    paragraphs = [" ".join(sentence(random) for _ in range(random.randint(2, 9))) for _ in range(count)]
    if random.random() < 0.15:
        paragraphs[-1] += f" Asked on {day_text(date(2021, 3, 3), year=True)}, 12 authors agreed · we did too."
    if random.random() < 0.1:
        paragraphs[-1] += " Code is at https://github.com/clouds/count-them."
    if marked and random.random() < 0.1:
        awkward = random.choice(("12 authors", "Mar 3, 2021", "Jul 11", "65"))
        paragraphs[1:1] = [awkward, " ".join(sentence(random) for _ in range(3))]
    return tuple(paragraphs)
