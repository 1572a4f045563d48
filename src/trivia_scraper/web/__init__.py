"""What the daemon shows over HTTP: health, status, metrics (operations.md 7)."""
