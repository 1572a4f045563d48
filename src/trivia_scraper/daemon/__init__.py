"""The daemon: one process made of small loops under one supervisor (operations.md 5, 11; safety.md 12)."""
