"""The kinds of source that [sources] may name, with their options."""

from __future__ import annotations

from collections.abc import Mapping

KINDS: Mapping[str, Mapping[str, type]] = {
    "folder": {"path!": str, "pattern": str},
    "url": {"url!": str, "every_minutes": int},
    "huggingface": {"days": int, "base": str, "every_minutes": int},
    "arxiv-rss": {"categories!": list, "base": str, "every_minutes": int},
    "arxiv-api": {"query!": str, "days": int, "base": str, "every_minutes": int},
    "arxiv-oai": {"set!": str, "form": str, "days": int, "base": str, "every_minutes": int},
    "biorxiv": {"server": str, "subject": str, "base": str, "every_minutes": int},
    "maildir": {"path!": str},
    "mbox": {"path!": str},
    "imap": {
        "host!": str,
        "user!": str,
        "password_file!": str,
        "mailbox": str,
        "port": int,
        "tls": bool,
        "every_minutes": int,
    },
}
"""Kind of source to its options and their types; ``!`` marks those that must be there."""
