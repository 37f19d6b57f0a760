"""What a query means: one query, one paper, the hit."""
