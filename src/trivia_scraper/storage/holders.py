"""Who holds a store: told in the lock file to this host, and in the lock session's name to all hosts. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final, Literal, get_args

Role = Literal["run", "daemon", "scheduler", "worker"]
"""What a process does with the store: one command, the daemon, or a part of it on several machines."""

_NAME_PREFIX: Final = "trivia-scraper lock "
_NAME_LIMIT: Final = 63  # bytes of an application_name


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds the store; unknowns where it has not said so yet."""

    pid: int | None
    host: str
    role: str = ""

    def __str__(self) -> str:
        return f"{self.role or 'process'} {self.pid or 'unknown'} on host {self.host or 'unknown'}"


def holder_document(holder: Holder) -> str:
    """What the lock file says."""
    return json.dumps(asdict(holder))


def read_holder(text: str) -> Holder:
    """What a lock file says; unknowns where its holder has not written it yet."""
    try:
        document = json.loads(text)
        return Holder(int(document["pid"]), str(document["host"]), _role(str(document.get("role", ""))))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Holder(None, "")


def session_name(holder: Holder) -> str:
    """The application_name under which other hosts see who holds the lock: at most 63 bytes."""
    name = f"{_NAME_PREFIX}{holder.role or 'run'} {holder.pid}@{holder.host}"
    return name.encode()[:_NAME_LIMIT].decode(errors="ignore")


def holder_of_session(application_name: str) -> Holder:
    """`session_name` read backwards; unknowns for any other name."""
    role, _, place = application_name.removeprefix(_NAME_PREFIX).partition(" ")
    pid, at, host = place.partition("@")
    known = at and pid.isdigit() and application_name.startswith(_NAME_PREFIX) and _role(role)
    return Holder(int(pid), host, role) if known else Holder(None, "")


def _role(text: str) -> str:
    return text if text in get_args(Role) else ""
