"""Bytes to sightings: one file per format, chosen by content."""
