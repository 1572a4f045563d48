"""`python -m trivia_scraper`, the same program as the console script `trivia-scraper`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    from trivia_scraper.cli import run_command_line

    sys.exit(run_command_line())


if __name__ == "__main__":
    main()
