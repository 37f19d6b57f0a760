"""Bytes to sightings: one file per format, chosen by content.

    Document ──sniff──▶ format ──entries──▶ Sighting | Skipped | Warn | ListedOn … ──parse──▶ Listing

A format is one reader: a generator over the document that yields its papers as it meets them and a ``Skipped`` for what
it does not understand; only a document that is broken as a whole raises ``ListingError``. New formats are registered in
``registry``.
"""

from digest.parsers.entry import Entry, Feed, Text
from digest.parsers.pieces import ListedOn, Piece, Resume, Warn
from digest.parsers.registry import FORMATS, Format, entries, parse, sniff

__all__ = [
    "FORMATS",
    "Entry",
    "Feed",
    "Format",
    "ListedOn",
    "Piece",
    "Resume",
    "Text",
    "Warn",
    "entries",
    "parse",
    "sniff",
]
