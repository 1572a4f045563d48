"""`demo`: the main job for real, against replica sites on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final, TextIO

import click

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.grammar import HelpfulCommand
from trivia_scraper.cli.invocation import Invocation

FOLDER: Final = Path("var") / "demo"


@click.command(
    cls=HelpfulCommand,
    short_help="A real run against replica sites on this machine.",
    examples=("trivia-scraper demo", "trivia-scraper demo --keep", "trivia-scraper demo --serve --port 8421"),
)
@click.option("--serve", is_flag=True, help="Only serve the replica sites, until Ctrl-C.")
@click.option("--keep", is_flag=True, help="Leave the replica sites up afterwards, until Ctrl-C.")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, metavar="N", help="Port of --serve; 0 = any free.")
@click.pass_obj
def demo(invocation: Invocation, /, serve: bool, keep: bool, port: int) -> int:
    """Serves copies of the providers' sites on loopback, runs against them twice, and shows what changed.

    Settings, database and pictures lie in ./var/demo and are made anew each time: nothing of yours is touched.
    """
    output = sys.stderr if invocation.json else sys.stdout
    code = _serve(port, output) if serve else _run(output, keep=keep)
    if invocation.json:
        from trivia_scraper.cli.output import print_json

        folder = None if serve else str(FOLDER.absolute())
        print_json({"ok": code == ExitCode.OK, "exit_code": code, "folder": folder})
    return code


def _serve(port: int, output: TextIO) -> int:
    from trivia_scraper.demo.server import run_replica_forever

    try:
        return run_replica_forever(port, output=output)
    except OSError as error:
        raise click.UsageError(f"port {port} cannot be used: {error.strerror}") from error


def _run(output: TextIO, *, keep: bool) -> int:
    from trivia_scraper.demo.run import run_demo

    return run_demo(FOLDER.absolute(), keep=keep, output=output)
