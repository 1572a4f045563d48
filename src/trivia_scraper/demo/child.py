"""Calls of the program itself as a child process, never left behind."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import IO, Any, Final

from trivia_scraper.demo.folder import DemoFolder
from trivia_scraper.settings import process_environment

STOP_SECONDS: Final = 20
_FOREIGN: Final = ("TRIVIA_", "CREDENTIALS_DIRECTORY", "CONFIGURATION_DIRECTORY", "STATE_DIRECTORY")


class CommandFailed(Exception):
    """A call of the program ended with another code than 0."""

    def __init__(self, arguments: Sequence[str], exit_code: int, message: str) -> None:
        super().__init__(
            f"`trivia-scraper {' '.join(arguments)}` ended with exit code {exit_code}. {message}".strip()
        )
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Program:
    """`python -m trivia_scraper --config <the demo's>`, untouched by settings of the user's own."""

    folder: DemoFolder

    def command(self, *arguments: str) -> tuple[str, ...]:
        """The whole command line."""
        return (sys.executable, "-m", "trivia_scraper", "--config", str(self.folder.config), *arguments)

    async def run(self, *arguments: str, output: IO[str]) -> int:
        """Call it with its output going straight to `output` (which needs a file descriptor); its exit code."""
        output.flush()
        async with _child(self.command(*arguments), self._environment(), stdout=output) as process:
            return await process.wait()

    async def ask(self, *arguments: str) -> dict[str, Any]:
        """Call it with --json; the document. Raises CommandFailed."""
        command = self.command(*arguments, "--json")
        pipe = asyncio.subprocess.PIPE
        async with _child(command, self._environment(), stdout=pipe, stderr=pipe) as process:
            document, errors = await process.communicate()
        if process.returncode:
            raise CommandFailed(arguments, process.returncode, errors.decode(errors="replace"))
        answer: dict[str, Any] = json.loads(document)
        return answer

    def _environment(self) -> dict[str, str]:
        return demo_environment(process_environment(), self.folder)


def demo_environment(ours: Mapping[str, str], folder: DemoFolder) -> dict[str, str]:
    """`ours` without anything that outranks the demo's config.toml: a database address above all."""
    kept = {name: value for name, value in ours.items() if not name.startswith(_FOREIGN)}
    return {**kept, "STATE_DIRECTORY": str(folder.state)}


@asynccontextmanager
async def _child(
    command: Sequence[str], environment: Mapping[str, str], **streams: Any
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(*command, env=environment, **streams)
    try:
        yield process
    finally:
        if process.returncode is None:
            await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    # The first signal asks the program to finish what it began, the second to stop at once.
    for _ in range(2):
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS / 2)
            return
        except TimeoutError:
            continue
    process.kill()
    await process.wait()
