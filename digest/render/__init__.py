"""Digest to message, feed text and page."""
