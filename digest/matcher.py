"""All queries against all papers at once."""
