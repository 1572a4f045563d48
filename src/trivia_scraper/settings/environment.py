"""The one door to the process environment, and the folders that depend on it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import platformdirs

APPLICATION: Final = "trivia-scraper"
CONFIG_FILE: Final = "config.toml"
FIRST_DESCRIPTOR: Final = 3


def process_environment() -> Mapping[str, str]:
    """A copy of the environment as it is now."""
    return dict(os.environ)  # noqa: TID251 - this is the door that the rule speaks of


def journal_stream(environment: Mapping[str, str]) -> str:
    """`$JOURNAL_STREAM`, "device:inode" of the journal's socket, or ""."""
    return environment.get("JOURNAL_STREAM", "")


def notify_socket(environment: Mapping[str, str]) -> str:
    """`$NOTIFY_SOCKET`, where systemd listens for our state: a path, "@name" for an abstract one, or ""."""
    return environment.get("NOTIFY_SOCKET", "")


def watchdog_seconds(environment: Mapping[str, str], pid: int) -> float | None:
    """How long systemd waits for a sign of life of this process (`$WATCHDOG_USEC`), or None when it does not."""
    microseconds = environment.get("WATCHDOG_USEC", "")
    is_ours = environment.get("WATCHDOG_PID", str(pid)) == str(pid)
    if not is_ours or not microseconds.isdecimal() or int(microseconds) == 0:
        return None
    return int(microseconds) / 1_000_000


def listen_descriptors(environment: Mapping[str, str], pid: int) -> tuple[int, ...]:
    """Descriptors of sockets that systemd opened for this process (`$LISTEN_FDS`), 3 being the first.

    Those of another process (`$LISTEN_PID`) are not ours: the variables outlive a fork.
    """
    count = environment.get("LISTEN_FDS", "")
    if environment.get("LISTEN_PID", "") != str(pid) or not count.isdecimal():
        return ()
    return tuple(range(FIRST_DESCRIPTOR, FIRST_DESCRIPTOR + int(count)))


def runtime_directory(environment: Mapping[str, str]) -> Path | None:
    """Where sockets lie that end with the process: `$RUNTIME_DIRECTORY` (systemd), or None."""
    given = environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(given) if given else None


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
