"""Log lines: structlog over the standard library, one line an event, redacted, thinned (operations.md 6).

`handling` takes records and writes them, `rendering` knows the three forms, `journal` speaks to journald,
`thinning` counts repeats. `configure_logging` returns the root logger, which is handed down and bound, never
looked up.
"""

from __future__ import annotations

from trivia_scraper.logs.handling import (
    ROOT,
    LogLevel,
    close_logging,
    configure_logging,
    detect_format,
)
from trivia_scraper.logs.journal import native_journal
from trivia_scraper.logs.rendering import LogFormat, printable
from trivia_scraper.logs.thinning import NEVER_THINNED, REPEATS_PER_MINUTE, Thinning

__all__ = [
    "NEVER_THINNED",
    "REPEATS_PER_MINUTE",
    "ROOT",
    "LogFormat",
    "LogLevel",
    "Thinning",
    "close_logging",
    "configure_logging",
    "detect_format",
    "native_journal",
    "printable",
]
