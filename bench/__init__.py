"""Side by side with peers, run by hand: ``python -m bench NAME``; figures are recorded in RESULTS.md."""
