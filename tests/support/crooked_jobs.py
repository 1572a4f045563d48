"""Jobs that misbehave in a worker. A module of its own: workers import it by a name that every process knows."""

from __future__ import annotations

import os
import signal


class Unsendable(Exception):
    """Cannot be rebuilt on the other side of a pipe: it wants two arguments and tells one."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)


def raise_unsendable() -> None:
    raise Unsendable("one", "two")


def end_worker() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def spin() -> None:
    while True:
        pass
