"""Which user the embedded server runs as, and what that user can reach.

PostgreSQL refuses to run as root, so root hands it to another user and changes nothing else: no user is
added, no directory of others is opened (engine.md 1.1).
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from trivia_scraper.domain.errors import SetupError

CANDIDATES: Final = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class ServerUser:
    """A user that is not root, as the password database knows it."""

    name: str
    uid: int
    gid: int

    def process_arguments(self) -> dict[str, Any]:
        """Keyword arguments for `subprocess` that start a process as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def user_for(data_dir: Path) -> ServerUser | None:
    """The user to switch to, or None to stay who we are. Raises SetupError.

    A data directory keeps its owner for life: PostgreSQL refuses any other, and a user `postgres` that
    appears later must not orphan a cluster that `nobody` owns.
    """
    owner = data_dir.stat().st_uid if (data_dir / "PG_VERSION").exists() else None
    if os.geteuid() == 0:
        return _known_user(owner) if owner else _first_candidate()
    if owner is not None and owner != os.geteuid():
        raise SetupError(
            f"the database in {data_dir} belongs to user id {owner}, and this is user id {os.geteuid()}",
            hint="run as that user or as root, or set database.data_dir to a directory of your own",
        )
    return None


def _known_user(uid: int) -> ServerUser:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return ServerUser(str(uid), uid, uid)
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _first_candidate() -> ServerUser:
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise SetupError(
        "PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody",
        hint="run as another user, or set database.url to the DSN of a server",
    )


def may_reach(user: ServerUser, path: Path) -> bool:
    """Whether `user` can pass every directory down to `path` and read and enter or run what is there.

    Judged by mode bits, as that user without further groups; it may say no where an ACL would say yes.
    """
    resolved = path.resolve()
    wanted_last = stat.S_IROTH | stat.S_IXOTH
    return grants(resolved.stat(), user, wanted_last) and all(
        grants(parent.stat(), user, stat.S_IXOTH) for parent in resolved.parents
    )


def grants(status: os.stat_result, user: ServerUser, bits: int) -> bool:
    """Whether mode bits, given as those of "other" (`S_IXOTH` …), are open to `user`. Pure."""
    if status.st_uid == user.uid:
        shift = 6
    elif status.st_gid == user.gid:
        shift = 3
    else:
        shift = 0
    return (status.st_mode >> shift) & bits == bits
