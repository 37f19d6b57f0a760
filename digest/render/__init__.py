"""Digest to message, feed text and page, all from the templates.

Digest ─▶ view (what a template sees) ─▶ templates ─▶ mail (MIME) | feed | page
"""

from digest.render.renderer import Letterhead, TemplateRenderer

__all__ = ["Letterhead", "TemplateRenderer"]
