"""Where the running daemon answers `status`: both sides must come to the same path (operations.md 3)."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from trivia_scraper.settings.environment import APPLICATION, runtime_directory

CONTROL_SOCKET: Final = "control.sock"
PATH_LIMIT: Final = 100
"""Bytes of a socket's path; Linux ends at 107, macOS at 103."""

_UNIT_RUNTIME: Final = Path("/run") / APPLICATION


def control_socket_path(state_dir: Path, environment: Mapping[str, str]) -> Path:
    """Where the daemon of this state folder listens: `$RUNTIME_DIRECTORY`, else the state folder, else, where that
    path is too long for a socket, a private folder of a short name. Pure but for the name of the temporary folder.
    """
    path = (runtime_directory(environment) or state_dir) / CONTROL_SOCKET
    if len(os.fsencode(path)) <= PATH_LIMIT:
        return path
    tag = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    return Path(tempfile.gettempdir(), f"{APPLICATION}-{os.geteuid()}-{tag}", CONTROL_SOCKET)


def find_control_socket(
    state_dir: Path, environment: Mapping[str, str], unit_runtime: Path = _UNIT_RUNTIME
) -> Path | None:
    """The socket that a daemon answers at, for its callers: that of this state folder, else the unit's; or None.

    An operator's shell lacks the unit's `$RUNTIME_DIRECTORY`, hence the second look. A socket in a temporary
    folder that somebody else made is none of ours.
    """
    for path in (control_socket_path(state_dir, environment), unit_runtime / CONTROL_SOCKET):
        if path.is_socket() and not path.is_symlink() and _is_trusted(path.parent):
            return path
    return None


def _is_trusted(folder: Path) -> bool:
    """Whether the folder is ours or root's, or stands where not everybody may make folders."""
    return folder.stat().st_uid in (0, os.geteuid()) or not folder.parent.stat().st_mode & stat.S_IWOTH
