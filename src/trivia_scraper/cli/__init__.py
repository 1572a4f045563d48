"""An edge: arguments in, exit code out. One module a command group; imports are lazy, so that
`--help` costs no more than click."""

from __future__ import annotations

from trivia_scraper.cli.main import run_command_line

__all__ = ["run_command_line"]
