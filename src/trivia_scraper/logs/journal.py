"""Lines for journald as it likes them: one datagram of named fields (operations.md 5, "Journal").

Every value goes with its length in front, so that a newline in a venue's name cannot begin a field of its own.
What journald does not take (a traceback beyond the socket's size, a journal that is away) goes to stderr as
before, behind its `<N>`.
"""

from __future__ import annotations

import json
import os
import re
import socket
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TextIO

from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.logs.rendering import priority_of, sentence

JOURNAL_SOCKET: Final = Path("/run/systemd/journal/socket")
IDENTIFIER: Final = "trivia-scraper"
FIELD_PREFIX: Final = "TRIVIA_"

MESSAGE_IDS: Final[Mapping[str, str]] = {
    LogEvent.DAEMON_READY: "a1293be843c846c8a007fd61a3492b7f",
    LogEvent.SOURCE_BROKEN: "dd142d7597e244fbb5632bf2bbcbaa90",
    LogEvent.SOURCE_RECOVERED: "8487446deac8418ba7271dc1d758765b",
    LogEvent.STORAGE_FULL: "e7441f33d7d944a68c33e8e92f84d948",
    LogEvent.DATABASE_LOST: "fea82dfe88b840e4a6db90ea04218df1",
    LogEvent.SOURCE_HELD: "aca25b6711d94e1ba137b66cdac2a18f",
}
"""Event → what `journalctl MESSAGE_ID=…` finds it by. Never changed: operators' rules hold them."""

_NAME_LIMIT: Final = 64
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Z0-9_]")


def is_journal(stream: TextIO | None, journal_stream: str) -> bool:
    """Whether `$JOURNAL_STREAM` ("device:inode") names this very stream."""
    try:
        status = os.fstat(stream.fileno()) if stream else None
    except (OSError, ValueError):
        return False
    return status is not None and journal_stream == f"{status.st_dev}:{status.st_ino}"


def native_journal(stream: TextIO | None, journal_stream: str, journal: Path = JOURNAL_SOCKET) -> Path | None:
    """The socket that takes datagrams, when the stream would end in the same journal anyway."""
    return journal if is_journal(stream, journal_stream) and journal.is_socket() else None


class Journal:
    """journald's socket at `path`. Sending never waits and never raises."""

    def __init__(self, path: Path) -> None:
        self._path = os.fspath(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def send(self, fields: Mapping[str, Any]) -> bool:
        """Send one redacted line; False when journald did not take it."""
        try:
            self._socket.sendto(datagram(fields), self._path)
        except OSError:
            return False
        return True

    def close(self) -> None:
        self._socket.close()


def datagram(fields: Mapping[str, Any]) -> bytes:
    """One line as journald's native protocol writes it: "NAME", newline, length as 64 bits, value, newline. Pure."""
    return b"".join(
        b"".join((name.encode(), b"\n", struct.pack("<Q", len(value)), value, b"\n"))
        for name, value in ((name, text.encode("utf-8", "backslashreplace")) for name, text in _named(fields))
    )


def _named(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "MESSAGE", sentence(fields)
    yield "PRIORITY", str(priority_of(fields))
    yield "SYSLOG_IDENTIFIER", IDENTIFIER
    if known := MESSAGE_IDS.get(str(fields["event"])):
        yield "MESSAGE_ID", known
    for name, value in fields.items():
        if name not in ("at", "level"):
            yield _field_name(name), value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _field_name(name: str) -> str:
    """Capitals, digits, underscores, at most 64; the prefix keeps it apart from journald's own names."""
    return (FIELD_PREFIX + _NOT_IN_A_NAME.sub("_", name.upper()))[:_NAME_LIMIT]
