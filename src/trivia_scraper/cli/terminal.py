"""What the terminal allows: colour, animation, width (operations.md O29). Pure decisions over the environment."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_WIDTH: Final = 80


def wants_color(mode: str, *, is_terminal: bool, environment: Mapping[str, str]) -> bool:
    """--color first, then NO_COLOR, FORCE_COLOR or CLICOLOR_FORCE, CLICOLOR, and what stands behind the stream."""
    if mode != "auto":
        return mode == "always"
    if environment.get("NO_COLOR"):
        return False
    if any(environment.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    if environment.get("CLICOLOR") == "0" or environment.get("TERM") == "dumb":
        return False
    return is_terminal


def may_animate(*, is_terminal: bool, quiet: bool, environment: Mapping[str, str]) -> bool:
    """A bar that redraws itself: on a terminal only, not with --quiet, CI or TERM=dumb."""
    return is_terminal and not quiet and not environment.get("CI") and environment.get("TERM") != "dumb"


def rich_console(stream: TextIO, color_mode: str) -> Console | None:
    """A console for a stream that is a terminal or must be coloured; None = write plain text."""
    from trivia_scraper.settings import process_environment

    environment = process_environment()
    is_terminal = stream.isatty()
    has_color = wants_color(color_mode, is_terminal=is_terminal, environment=environment)
    if not is_terminal and not has_color:
        return None
    from rich.console import Console

    width = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns if is_terminal else PLAIN_WIDTH
    return Console(
        file=stream,
        width=width,
        force_terminal=True,
        no_color=not has_color,
        color_system="auto" if has_color and is_terminal else "standard" if has_color else None,
        markup=False,
        highlight=False,
        emoji=False,
    )
