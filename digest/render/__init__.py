"""Digest to message, feed text and page, all from the templates.

Digest ─▶ view (what a template sees) ─▶ templates ─▶ mail (MIME) | feed | page
"""

from digest.render.citations import Citations, citations
from digest.render.renderer import Letterhead, TemplateRenderer, template_folders
from digest.render.steadfast import SteadfastRenderer

__all__ = ["Citations", "Letterhead", "SteadfastRenderer", "TemplateRenderer", "citations", "template_folders"]
