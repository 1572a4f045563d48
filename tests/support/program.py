"""The real program as a process of its own, configured by environment only."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from support.processes import exit_of, processes_about
from trivia_scraper.demo.lookup import LOOKUP_PATH
from trivia_scraper.sources import SOURCES

MODULE = (sys.executable, "-m", "trivia_scraper")
TIME_LIMIT_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Ended:
    """How one call ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        [line] = self.out.splitlines()
        return dict(json.loads(line))


@dataclass(frozen=True, slots=True)
class Program:
    """Calls of the program that share a folder and an environment."""

    folder: Path
    environment: Mapping[str, str]
    words: tuple[str, ...] = MODULE
    process_arguments: dict[str, Any] = field(default_factory=dict)

    async def call(self, *arguments: str, **changed: str) -> Ended:
        """Run one command to its end. Keyword arguments are environment variables of this call."""
        process = await asyncio.create_subprocess_exec(
            *self.words, *arguments, env={**self.environment, **changed}, cwd=self.folder,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, **self.process_arguments,
        )  # fmt: skip
        try:
            async with asyncio.timeout(TIME_LIMIT_SECONDS):
                out, err = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), err.decode())

    async def leaves_no_process(self) -> None:
        """Whatever works in or for the folder ends by itself: the database's keeper takes a moment."""
        for pid in processes_about(self.folder):
            await exit_of(pid)


def environment_for(folder: Path, index_urls: Mapping[str, str], **more: str) -> dict[str, str]:
    """Settings of a store in `folder` that reads a replica; its database is the embedded one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRIVIA", "PYTEST"))}
    return {
        **kept,
        "HOME": str(folder),
        "CONFIGURATION_DIRECTORY": str(folder / "machine"),
        "XDG_CONFIG_HOME": str(folder / "user"),
        "STATE_DIRECTORY": str(folder / "state"),
        "TRIVIA__HTTP__ALLOW_NETWORKS": '["127.0.0.0/8", "::1/128"]',
        "TRIVIA__HTTP__PER_HOST_INTERVAL": "0s",
        "TRIVIA__STORAGE__MIN_FREE": "1 MB",
        "TRIVIA__REFRESH__BACKOFF": "0s",
        # A source without a replica would be read where it really lives.
        **{f"TRIVIA__SOURCES__{slug.upper()}__ENABLED": "false" for slug in SOURCES if slug not in index_urls},
        **{f"TRIVIA__SOURCES__{slug.upper()}__INDEX_URL": url for slug, url in index_urls.items()},
        "TRIVIA__LOOKUP__URL": urljoin(next(iter(index_urls.values())), LOOKUP_PATH),
        **more,
    }
