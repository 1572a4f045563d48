"""Being somebody without privileges: as root, the user nobody in a process of its own; else ourselves."""

from __future__ import annotations

import os
import pwd
import site
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from trivia_scraper.storage.server_user import ServerUser, may_reach

SOURCES = Path(__file__).parents[2] / "src"


@dataclass(frozen=True, slots=True)
class OrdinaryUser:
    """Who runs a program, with which interpreter. `process_arguments` are keywords of `subprocess`."""

    uid: int
    gid: int
    python: str
    process_arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def import_path(self) -> str:
        """PYTHONPATH that leads this interpreter to the program and its dependencies."""
        return os.pathsep.join([str(SOURCES), *site.getsitepackages()])


def ordinary_user() -> OrdinaryUser:
    """A user whom mode bits bind. Skips the test where root cannot lend this tree to another user."""
    if os.geteuid() != 0:
        return OrdinaryUser(os.geteuid(), os.getegid(), sys.executable)
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        pytest.skip("there is no user nobody")
    user = ServerUser("nobody", entry.pw_uid, entry.pw_gid)
    version = "{}.{}".format(*sys.version_info)
    candidates = (sys.executable, f"/usr/bin/python{version}", f"/usr/local/bin/python{version}")
    python = next((path for path in candidates if Path(path).exists() and may_reach(user, Path(path))), None)
    folders = [SOURCES, *map(Path, site.getsitepackages())]
    if python is None or not all(may_reach(user, folder) for folder in folders):
        pytest.skip("no interpreter of this version, or no tree, that the user nobody can read")
    return OrdinaryUser(user.uid, user.gid, python, user.process_arguments())
