"""Reports as files in a folder, whole or not at all. Implements `ports.ReportShelf`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import anyio.to_thread

from trivia_scraper.domain.errors import StorageFull
from trivia_scraper.domain.failures import Reason
from trivia_scraper.storage.staging import DISK_IS_FULL

KEPT: Final = 26
"""Half a year of weeks."""

_NAME: Final = re.compile(r"(?P<series>[a-z]+)-\d{4}-\d{2}-\d{2}")


class ReportFolder:
    """`<folder>/<series>-YYYY-MM-DD.<suffix>`, the newest 26 days of each series."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, name: str, texts: Mapping[str, str]) -> tuple[Sequence[Path], int]:
        """Write a report in each form, by suffix, over an earlier one of that name; returns files, how many went.

        Raises StorageFull.
        """
        try:
            return await anyio.to_thread.run_sync(self._keep, name, texts)
        except OSError as error:
            raise StorageFull(
                f"the report cannot be kept in {self._folder}: {error.strerror}",
                reason=Reason.DISK_FULL if error.errno in DISK_IS_FULL else None,
                hint="make room, or let this user write there",
            ) from error

    def _keep(self, name: str, texts: Mapping[str, str]) -> tuple[Sequence[Path], int]:
        match = _NAME.fullmatch(name)
        assert match is not None, name
        self._folder.mkdir(parents=True, exist_ok=True)
        files = [self._write(self._folder / f"{name}{suffix}", text) for suffix, text in texts.items()]
        _sync_folder(self._folder)
        return files, self._drop_oldest(match["series"])

    def _write(self, file: Path, text: str) -> Path:
        beside = file.with_name(f".{file.name}.part")
        with beside.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        return beside.replace(file)

    def _drop_oldest(self, series: str) -> int:
        ours = [(match[0], path) for path in self._folder.iterdir() if (match := _NAME.fullmatch(path.stem))]
        days = sorted({name for name, _ in ours if name.startswith(f"{series}-")})
        old = set(days[:-KEPT])
        gone = [path for name, path in ours if name in old]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
