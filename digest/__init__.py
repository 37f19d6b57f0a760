"""preprint-digest: a daily-digest notifier for research papers.

    listing ─▶ parse ─▶ identity ─▶ store ─▶ match ─▶ compose ─▶ render ─▶ deliver

Start reading at ``model`` (the nouns), ``ports`` (the seams) and ``pipeline`` (the three verbs).
"""

__version__ = "0.1.0"
