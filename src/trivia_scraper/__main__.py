"""`python -m trivia_scraper`, the same program as the console script `trivia-scraper`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress


def main() -> None:
    """Run the command line."""
    from trivia_scraper.cli import run_command_line

    code = run_command_line()
    if "obstore" in sys.modules:
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> None:
    """End at once: threads of the S3 client may outlive the interpreter, and one that asks for it then aborts all.

    Seen once, with Python 3.11.2: everything was told, and the exit code was 134. All is closed by now.
    """
    with suppress(OSError):  # a closed pipe changes no verdict
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
