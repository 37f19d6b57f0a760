"""The subscription language: text to tree and back."""
