"""The three verbs: ingest, compose, deliver."""
