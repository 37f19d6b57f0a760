"""Wiring: Config to App; the only reader of the clock."""
