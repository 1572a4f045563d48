"""`make demo`: the main job for real, twice, against the replica, and what it did to rows and files."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path
from typing import Final, TextIO

from trivia_scraper.demo.child import CommandFailed, Program
from trivia_scraper.demo.folder import DemoFolder, config_text, start_anew
from trivia_scraper.demo.play import Play
from trivia_scraper.demo.server import ALLOWED_NETWORK, LOOPBACK, Replica, serve_replica
from trivia_scraper.demo.stopping import Stopping
from trivia_scraper.demo.story import heading

PREFERRED_PORT: Final = 8421


def run_demo(folder: Path, *, keep: bool, output: TextIO) -> int:
    """Serve the replica, run the program on it twice, show what happened.

    folder  made anew each time; raises SetupError when it holds something that is not the demo's
    keep    leave the replica up afterwards, until Ctrl-C
    output  where the story and the runs' own output go; needs a file descriptor

    Returns 0 when both runs ended with 0, else the other exit code; 130 or 143 when SIGINT or SIGTERM came in
    between. No process is left behind.
    """
    return asyncio.run(_run(start_anew(folder), keep, output))


async def _run(folder: DemoFolder, keep: bool, output: TextIO) -> int:
    stopping = Stopping()
    with stopping.listen():
        try:
            return await _serve_and_play(folder, keep, output, stopping)
        except asyncio.CancelledError:
            if stopping.exit_code is None:
                raise
            return stopping.exit_code


async def _serve_and_play(folder: DemoFolder, keep: bool, output: TextIO, stopping: Stopping) -> int:
    async with serve_replica(port=_port()) as replica:
        folder.config.write_text(config_text(folder, replica.index_urls, ALLOWED_NETWORK, replica.lookup_url))
        play = Play(folder, Program(folder), replica, output)
        try:
            code = await play.both_runs()
        except CommandFailed as failure:
            play.tell(["", str(failure)])
            return failure.exit_code
        play.tell(_next_steps(folder, replica, keep))
        if keep:
            await stopping.wait()
        return code


def _port() -> int:
    # The same one each time if possible: the commands shown at the end then work with a replica started later.
    try:
        socket.create_server((LOOPBACK, PREFERRED_PORT)).close()
    except OSError:
        return 0
    return PREFERRED_PORT


def _next_steps(folder: DemoFolder, replica: Replica, keep: bool) -> list[str]:
    port = replica.base_url.rpartition(":")[2]
    program = f"{_shown(Path(sys.executable))} -m trivia_scraper"
    with_config = f"  {program} --config {_shown(folder.config)}"
    again = (
        ["The replica stays up until Ctrl-C; in another terminal:"]
        if keep
        else [
            "Looking needs no replica. A further run does, because the demo's settings point",
            "at it; start it again in another terminal (its pictures are as at first then):",
            f"  {program} demo --serve --port {port}",
            "Then:",
        ]
    )
    return [
        *heading("To go on"),
        *again,
        f"{with_config} \\",
        "      run --force-refresh-images --limit 3 --log-level info",
        f"{with_config} venues list",
        f"{with_config} images list",
        "",
        f"Settings, database and pictures are in {_shown(folder.path)}",
        "and are made anew by the next demo.",
    ]


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
