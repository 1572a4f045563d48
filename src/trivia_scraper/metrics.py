"""The instruments: what is counted and measured, on a registry of its own (operations.md 7)."""
