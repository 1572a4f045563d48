"""The `os` that a storage module sees, watched: every call is noted, and chosen ones meet an error of the disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from trivia_scraper.storage import folders as folders_module

WATCHED = frozenset({"open", "write", "fsync", "rename", "replace", "unlink", "mkdir"})


@dataclass(frozen=True, slots=True)
class OsCall:
    """One call. `subject` is the name handed in, or what the descriptor's file is called.

    An `open` that makes a file is told as "create".
    """

    name: str
    subject: str


class WatchedOs:
    """Stands in for the module `os`; whatever is not watched or refused is the real thing."""

    def __init__(self) -> None:
        self.calls: list[OsCall] = []
        self._refusals: list[_Refusal] = []

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._watched(name, real) if name in WATCHED else real

    @contextmanager
    def refusing(self, name: str, number: int, *, about: str = "", after: int = 0) -> Iterator[None]:
        """Calls of `name` whose subject contains `about` raise OSError(number), all but the first `after`."""
        refusal = _Refusal(name, number, about, after)
        self._refusals.append(refusal)
        try:
            yield
        finally:
            self._refusals.remove(refusal)

    def subjects(self, name: str) -> list[str]:
        """Subjects of the calls of one function, in order."""
        return [call.subject for call in self.calls if call.name == name]

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(subject: Any, *arguments: Any, **keywords: Any) -> Any:
            told = _path_of(subject) if isinstance(subject, int) else str(subject)
            creates = name == "open" and arguments[0] & os.O_CREAT
            seen = OsCall("create" if creates else name, told)
            self.calls.append(seen)
            for refusal in self._refusals:
                refusal.meet(seen)
            return real(subject, *arguments, **keywords)

        return call


@dataclass(slots=True)
class _Refusal:
    name: str
    number: int
    about: str
    after: int

    def meet(self, call: OsCall) -> None:
        if call.name != self.name or self.about not in call.subject:
            return
        if self.after:
            self.after -= 1
            return
        raise OSError(self.number, os.strerror(self.number), call.subject)


def _path_of(descriptor: int) -> str:
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


def watch_files(monkeypatch: pytest.MonkeyPatch) -> WatchedOs:
    """Put a watched `os` under the local file store for the rest of the test."""
    watched = WatchedOs()
    monkeypatch.setattr(folders_module, "os", watched)
    return watched
