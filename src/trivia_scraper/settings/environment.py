"""The one door to the process environment, and the folders that depend on it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import platformdirs

APPLICATION: Final = "trivia-scraper"
CONFIG_FILE: Final = "config.toml"


def process_environment() -> Mapping[str, str]:
    """A copy of the environment as it is now."""
    return dict(os.environ)  # noqa: TID251 - this is the door that the rule speaks of


def journal_stream(environment: Mapping[str, str]) -> str:
    """`$JOURNAL_STREAM`, "device:inode" of the journal's socket, or ""."""
    return environment.get("JOURNAL_STREAM", "")


def state_directory(environment: Mapping[str, str]) -> Path:
    """Where the program keeps what it must not lose: `$STATE_DIRECTORY` (systemd), else the user's data folder."""
    given = environment.get("STATE_DIRECTORY", "").partition(":")[0]
    return Path(given) if given else Path(platformdirs.user_data_path(APPLICATION, appauthor=False))


def config_candidates(environment: Mapping[str, str], working_directory: Path) -> tuple[Path, ...]:
    """Files that are read when they exist, weakest first (operations.md 4)."""
    unit = environment.get("CONFIGURATION_DIRECTORY", "").partition(":")[0]
    machine = Path(unit) if unit else Path("/etc") / APPLICATION
    personal = environment.get("XDG_CONFIG_HOME", "")
    user = (
        Path(personal) / APPLICATION
        if personal
        else Path(platformdirs.user_config_path(APPLICATION, appauthor=False))
    )
    return (machine / CONFIG_FILE, user / CONFIG_FILE, working_directory / CONFIG_FILE)
