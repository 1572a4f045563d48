"""What systemd is told: one datagram a message to `$NOTIFY_SOCKET` (operations.md 5).

`socket` may be imported here: the address comes from systemd, never from a page (safety.md 3).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from typing import Final

from structlog.typing import FilteringBoundLogger

from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.settings.environment import notify_socket, watchdog_seconds

LONGEST_STATUS: Final = 500
LONGEST_WAIT_SECONDS: Final = 0.5
"""For a queue that is full: a READY that is lost costs the whole start, a moment's wait does not."""


class Notifier:
    """The one who speaks to systemd. No call raises; without a socket every call does nothing.

    address           `$NOTIFY_SOCKET`: a path, or "@name" for an abstract name
    watchdog_seconds  how long systemd waits for `watchdog()`, or None when it does not
    """

    def __init__(
        self,
        address: str,
        *,
        log: FilteringBoundLogger,
        watchdog_seconds: float | None = None,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._log = log
        self._monotonic_ns = monotonic_ns
        # A third of what systemd waits: one sign of life may be lost or late.
        self.watchdog_interval = watchdog_seconds / 3 if watchdog_seconds and address else None

    @classmethod
    def of(cls, environment: Mapping[str, str], pid: int, log: FilteringBoundLogger) -> Notifier:
        """The notifier of this process's environment."""
        return cls(notify_socket(environment), log=log, watchdog_seconds=watchdog_seconds(environment, pid))

    def ready(self) -> None:
        """The daemon serves: after the start, and again after each reload."""
        self._send("READY=1")

    def status(self, sentence: str) -> None:
        """What `systemctl status` shows: one line, without secrets."""
        self._send(f"STATUS={status_line(sentence)}")

    def reloading(self) -> None:
        """The settings are read anew; `ready()` says that this has ended. With the time, which `notify-reload` needs
        and `notify` does not mind."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={self._monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """The end has begun."""
        self._send("STOPPING=1")

    def watchdog(self) -> None:
        """A sign of life."""
        self._send("WATCHDOG=1")

    def extend_timeout(self, seconds: float) -> None:
        """Ask for this much time from now on, for a start, reload or stop that is still getting on."""
        self._send(f"EXTEND_TIMEOUT_USEC={round(seconds * 1_000_000)}")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.settimeout(LONGEST_WAIT_SECONDS)
                channel.sendto(message.encode("utf-8", "replace"), self._address)
        except (OSError, ValueError) as error:  # ValueError: a NUL inside the address
            self._log.debug(LogEvent.SYSTEMD_NOT_TOLD, message=message, error=str(error))


def status_line(sentence: str) -> str:
    """One line of at most 500 characters: a newline would begin another assignment. Pure."""
    return " ".join(redact_text(sentence).split())[:LONGEST_STATUS]
