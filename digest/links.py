"""Tokens and addresses."""
