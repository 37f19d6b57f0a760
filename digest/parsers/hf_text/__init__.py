"""The text somebody got by copying, scraping or exporting a Hugging Face "Daily Papers" page.

lines ──▶ blocks (paragraphs, what is glued taken apart) ──▶ one reader per shape ──▶ Sighting | Skipped
"""
