"""The language as a table: every row says what it finds and what it does not, and every row is a test."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """A query, what it means, a text it finds and one it does not (``author:`` rows: names; others: titles)."""

    query: str
    means: str
    finds: str
    misses: str


ROWS = (
    Row("diffusion policy", "all the words, in title or abstract", "A policy by diffusion", "Diffusion models"),
    Row("RAG", "a whole word, in any case", "rag for code", "A fragment"),
    Row("network", "singular and plural alike", "Neural networks", "Networking"),
    Row('"networks"', "quoted: only as written", "Neural networks", "A neural network"),
    Row('"chain of thought"', "exactly this phrase", "Chain-of-thought prompting", "Thought of a chain"),
    Row("pre-training", "hyphen, space and neither are the same", "Pretraining and pre training", "Training before"),
    Row("transform*", "words that begin so", "Transformers", "A reform"),
    Row("transfromer~", "one slip; `~2` allows two", "The transformer", "Transfer"),
    Row('"graph neural"~3', "both words, at most 3 words apart", "Neural nets over graph data", "Neural A B C D graph"),
    Row("=RAG", "exactly these letters and case", "RAG-based agents", "rag-based agents"),
    Row("C++", "+, ++ and # belong to their word", "Modern C++ tools", "C tools"),
    Row("GPT-4", "so do digits; hyphens may be missing", "GPT4 and GPT 4", "GPT-3"),
    Row("naive", "accents, width and case do not count", "NAÏVE Bayes", "Native speech"),
    Row("深度学习", "CJK text by its characters", "基于深度学习的方法", "深入学习"),
    Row('mamba OR "state space"', "either one; `|` is the same", "State-space models", "A state of space"),
    Row("mamba -survey", "without; also `NOT survey`", "Mamba at scale", "A survey of Mamba"),
    Row("(mamba OR rwkv) video", "parentheses; NOT, then AND, then OR", "RWKV for video", "Mamba for audio"),
    Row("title:mamba", "in the title only; also `ti:`, `abs:`", "Mamba", "Jamba"),
    Row("title:(mamba OR jamba)", "a field for a whole group", "Jamba", "Samba"),
    Row("author:LeCun", "family name; also `au:`", "Yann LeCun", "Lecunsky, Y."),
    Row('author:"LeCun, Y."', "initials, either order", "Yann LeCun", "Zoe LeCun"),
    Row('author:"Yann LeCun"', "the whole name", "Y. LeCun", "Yves LeCun"),
    Row("category:cs", "a category, or all of an archive; also `cat:`", "cs.CL", "math.CS"),
    Row("source:arxiv*", "the source that showed it; `*` by its beginning", "arxiv-cs", "huggingface"),
    Row("id:2401.00001", "an arXiv number or DOI, in any spelling", "arxiv:2401.00001", "arxiv:2401.00002"),
    Row("upvotes>=10", "also `comments` and `authors`; < <= = >= >", "10", "9"),
    Row("published>=2026-01", "a day, a month or a year", "2026-01-01", "2025-12-31"),
    Row("*", "everything", "Anything at all", ""),
)


def as_markdown() -> str:
    """Return the table as Markdown, for the README."""
    lines = ["| query | what it means | finds | not |", "|---|---|---|---|"]
    lines += [
        f"| {_code(row.query)} | {row.means.replace('|', chr(92) + '|')} | {row.finds} | {row.misses} |" for row in ROWS
    ]
    return "\n".join(lines)


def _code(query: str) -> str:
    return f"`{query.replace('|', chr(92) + '|')}`"
