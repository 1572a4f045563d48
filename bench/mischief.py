"""What goes wrong during a soak, hour by hour, by chance: at the sites, with the database, on the disk."""

from __future__ import annotations

import json
import os
import random
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import asyncpg

ROOM_BYTES = 1 << 30
HOURS_PER_CALM = 6
"""So often everything behaves again, whatever is switched."""


class Site(Protocol):
    """The replica's switches."""

    def state(self) -> Mapping[str, Any]:
        """Every venue with its pictures, as `/_control/state` has them."""

    def flip(self, switch: Mapping[str, Any]) -> None:
        """Turn one switch."""

    def clear(self) -> None:
        """All is well again."""


@dataclass(frozen=True, slots=True)
class RemoteSite:
    """Implements `Site` for a replica in another process."""

    base_url: str

    def state(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._ask("state")
        return found

    def flip(self, switch: Mapping[str, Any]) -> None:
        self._ask("switch", json.dumps(switch).encode())

    def clear(self) -> None:
        self._ask("clear", b"")

    def _ask(self, what: str, body: bytes | None = None) -> Any:
        with urllib.request.urlopen(f"{self.base_url}/_control/{what}", data=body, timeout=30) as answer:
            return json.load(answer)


class SiteMischief:
    """Turns switches: limits, changed, slow, broken and missing pictures, an index that fails, venues that move."""

    def __init__(self, site: Site, chance: random.Random) -> None:
        self._site = site
        self._chance = chance
        self._venues = [
            (provider, venue["key"], list(venue["pictures"].values()))
            for provider, told in site.state()["providers"].items()
            for venue in told["venues"]
        ]

    def of_an_hour(self, hour: int) -> Sequence[str]:
        """Do an hour's worth of it; names of what was done."""
        if hour % HOURS_PER_CALM == HOURS_PER_CALM - 1:
            self._site.clear()
            return ["all calm"]
        switches = list(self._switches())
        for switch in switches:
            self._site.flip(switch)
        return [str(switch.get("fault", "venue moved")) for switch in switches]

    def _switches(self) -> Iterator[Mapping[str, Any]]:
        pictures = [path for _, _, paths in self._venues for path in paths]
        faults: Sequence[Mapping[str, Any]] = (
            *[{"fault": "status", "status": 429, "times": 3, "retry_after": 1}] * 4,
            *[{"fault": "change_bytes"}] * 3,
            {"fault": "slow", "bytes_per_second": 50_000, "times": 1},
            {"fault": "status", "status": 404},
            {"fault": "truncated", "times": 2},
            {"fault": "status", "status": 503, "times": 2},
        )
        for fault, path in zip(faults, self._chance.sample(pictures, len(faults)), strict=True):
            yield {"target": "image", "path": path, **fault}
        provider, key, _ = self._chance.choice(self._venues)
        yield {"target": "venue", "provider": provider, "key": key, "vanished": self._chance.random() < 0.5}
        provider, key, _ = self._chance.choice(self._venues)
        yield {"target": "venue", "provider": provider, "key": key, "start": f"{self._chance.randint(17, 21)}:30"}
        yield {"target": "index", "provider": self._chance.choice(self._venues)[0], "fault": "status", "status": 503,
               "times": 2}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Door:
    """The way to the database. Sessions are ended from the server's side, by a session that was there before.

    socket  the server's, which is out of reach while the door is shut; None = sessions are ended, and no more
    """

    admin: asyncpg.Connection[asyncpg.Record]
    socket: Path | None

    async def shut(self) -> None:
        """Everybody is out, and nobody comes in."""
        if self.socket is not None:
            self.socket.rename(self._aside)
        await self.admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )

    def open(self) -> None:
        """As before."""
        if self.socket is not None:
            with suppress(FileNotFoundError):
                self._aside.rename(self.socket)

    @property
    def _aside(self) -> Path:
        assert self.socket is not None
        return self.socket.with_name("shut")


@dataclass(slots=True)
class Ballast:
    """A file that takes the room that `storage.min_free` wants, without writing it."""

    path: Path
    is_there: bool = field(default=False)

    @staticmethod
    def wanted_free(folder: Path) -> int:
        """A `storage.min_free` that is met now, and not any more beside the ballast."""
        room = os.statvfs(folder)
        return room.f_bavail * room.f_frsize - ROOM_BYTES

    def load(self) -> bool:
        """Take the room; False where the file system does not give it."""
        descriptor = os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, 2 * ROOM_BYTES)
        except OSError:
            self.drop()
            return False
        finally:
            os.close(descriptor)
        self.is_there = True
        return True

    def drop(self) -> None:
        """Give it back."""
        self.path.unlink(missing_ok=True)
        self.is_there = False


def summed_up(done: Counter[str]) -> str:
    """What went wrong, most frequent first."""
    return ", ".join(f"{name} {times}" for name, times in done.most_common())
