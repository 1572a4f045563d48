"""Who is at the keyboard."""

from __future__ import annotations


def person() -> str:
    """The user's name as the operating system knows it; a bare number where it has none."""
    import getpass
    import os

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"
