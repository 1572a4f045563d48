"""One question to the directory: settings, log, reader, answer. Shared by the commands that only look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from trivia_scraper.bootstrap import DirectoryReader
    from trivia_scraper.cli.invocation import Invocation

Answer = TypeVar("Answer")


def ask(invocation: Invocation, question: Callable[[DirectoryReader], Awaitable[Answer]]) -> Answer:
    """Open the directory for reading, ask, close. Raises SetupError, DatabaseUnreachable, SchemaTooNew."""
    loaded = invocation.load_settings()
    log = invocation.open_log(loaded, only_looks=True)

    async def answer() -> Answer:
        from trivia_scraper.bootstrap import open_reader

        async with open_reader(loaded.settings, log) as reader:
            return await question(reader)

    return asyncio.run(answer())
