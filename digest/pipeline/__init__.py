"""The three verbs, and the store between them.

    ingest    Source ─▶ Document ─▶ parse ─▶ Sighting | Skipped ─▶ identity ─▶ store
    compose   who is due ─▶ fresh papers ─▶ matcher ─▶ Digest ─▶ render ─▶ outbox + ledger + next due (one transaction)
    deliver   claim (lease) ─▶ Channel ─▶ sent | retry | failed

No verb calls another. Each can be killed anywhere and run again: nothing lost, nothing twice.
"""
