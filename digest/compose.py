"""Hits to digest: sections, order, caps, reasons; when the next one is due."""
