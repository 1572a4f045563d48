"""A laboratory that dies on purpose: `python crash_lab.py CONFIG` runs one forced refresh per command.

It imports and reads everything once and forks a child for each run, so that a hundred deaths cost seconds. A child
counts the seams of an image refresh - each file operation of the store, each statement sent to Postgres,
each download and each decoding - and at the chosen one kills itself with SIGKILL, or is cancelled, or meets
an error. Nothing in the production code knows of it: the seams are the adapters' own calls, wrapped here.

Commands on stdin, one line of JSON each: {"mode": "count" | "kill" | "cancel" | "error" | "recover",
"at": N}; answers on stdout, one line of JSON each.
"""

from __future__ import annotations

import asyncio
import errno
import importlib
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from PIL import Image

from support.house import SilentProgress, capturing_log, house_settings, make_options
from trivia_scraper import bootstrap
from trivia_scraper.fetching import exchange
from trivia_scraper.fetching.fetcher import HttpFetcher
from trivia_scraper.imaging.inspect import inspect_picture
from trivia_scraper.imaging.limits import ImagingSettings
from trivia_scraper.imaging.refusal import Refusal
from trivia_scraper.pipeline.run import refresh
from trivia_scraper.storage import folders as folders_module
from trivia_scraper.storage.crash_recovery import compare_rows_and_files
from trivia_scraper.storage.sessions import Session

FILE_CALLS = ("open", "write", "fsync", "rename", "unlink", "mkdir")
SESSION_CALLS = ("fetch", "fetchrow", "fetchval", "execute", "begin", "commit")


class Seams:
    """Counts the seams passed; at number `at` it does what `mode` says."""

    def __init__(self, mode: str, at: int) -> None:
        self.mode = mode
        self.at = at
        self.names: list[str] = []
        self.armed = False
        self.task: asyncio.Task[Any] | None = None

    def reached(self, name: str) -> bool:
        """Note one seam; True when the error is to be raised here."""
        if not self.armed:
            return False
        self.names.append(name)
        if len(self.names) != self.at:
            return False
        if self.mode == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.mode == "cancel" and self.task is not None:
            self.task.get_loop().call_soon_threadsafe(self.task.cancel)
        return self.mode == "error"


def wrap_files(seams: Seams) -> None:
    """Wrap the file operations of the local store."""

    def counted(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*arguments: Any, **keywords: Any) -> Any:
            if seams.reached(f"file:{name}"):
                raise OSError(errno.EIO, "injected")
            return real(*arguments, **keywords)

        return call

    proxy = SimpleNamespace(**{name: getattr(os, name) for name in dir(os)})
    for name in FILE_CALLS:
        setattr(proxy, name, counted(name))
    folders_module.os = proxy  # type: ignore[assignment]


def wrap_sessions(seams: Seams) -> None:
    """Wrap every statement; an injected error is a lost connection."""
    for name in SESSION_CALLS:
        setattr(Session, name, _counted_method(getattr(Session, name), f"sql:{name}", seams))


def _counted_method(real: Any, name: str, seams: Seams) -> Any:
    async def call(self: Any, *arguments: Any, **keywords: Any) -> Any:
        if seams.reached(f"{name}:{arguments[0] if arguments else ''}"):
            self.connection.terminate()
        return await real(self, *arguments, **keywords)

    return call


def wrap_downloads(seams: Seams) -> None:
    """Wrap the image downloads."""
    real = HttpFetcher.download_image

    async def download(self: Any, *arguments: Any, **keywords: Any) -> Any:
        if seams.reached("download"):
            raise OSError(errno.ECONNRESET, "injected")
        return await real(self, *arguments, **keywords)

    HttpFetcher.download_image = download  # type: ignore[method-assign]


class InProcessInspector:
    """Decodes with the real code, but in this process: a fork per run leaves no time for worker processes."""

    def __init__(self, seams: Seams) -> None:
        self._seams = seams

    async def inspect(self, body: bytes | Path, options: Any) -> Any:
        self._seams.reached("inspect")
        assert isinstance(body, bytes)
        inspected = inspect_picture(body, ImagingSettings(thumbnail=64), options)
        assert not isinstance(inspected, Refusal), inspected
        return inspected


async def no_wait(_: float) -> None:
    """Retries wait for nobody here."""
    await asyncio.sleep(0)


async def run_once(config: dict[str, Any], seams: Seams) -> dict[str, Any]:
    """One refresh of one venue, after the recovery that every start begins with."""
    bootstrap.house.PoolInspector = lambda workers, settings: InProcessInspector(seams)  # type: ignore[assignment, misc]
    settings = house_settings(Path(config["folder"]), config["database_url"], config["index_urls"], {})
    log, capture = capturing_log()
    answer: dict[str, Any] = {"ok": True}
    async with bootstrap.open_services(
        settings, run_id=uuid4(), progress=SilentProgress(), log=log, stopping=lambda: False
    ) as services:
        if seams.mode == "recover":
            database = services.catalog._database  # type: ignore[attr-defined]
            found = await compare_rows_and_files(database, services.files)  # type: ignore[arg-type]
            answer["problems"] = [*found.problems, *found.pending]
        services = replace(services, sleep=no_wait)
        options = make_options(force_refresh_images=config["forced"], limit=1, sources=("quizmeisters",))
        seams.task, seams.armed = asyncio.current_task(), True
        try:
            report = await refresh(options, services)
        except asyncio.CancelledError:
            if seams.mode != "cancel":
                raise
            answer["cancelled"] = True
        else:
            answer["failures"] = [failure.message for failure in report.failures]
        seams.armed = False
    answer["crashed"] = [
        str(entry.get("exc_info"))
        for entry in capture.entries
        if entry["event"] in ("detail.crashed", "image.crashed")
    ]
    answer["seams"] = seams.names
    return answer


def load_once() -> None:
    """What each child would load for itself: the loop's side of anyio, Pillow's formats, the trusted authorities."""
    importlib.import_module("anyio._backends._asyncio")
    importlib.import_module("importlib.readers")
    Image.preinit()
    context = exchange._trusting_context()
    exchange._trusting_context = lambda: context


def steps_of(seams: Sequence[str]) -> list[int]:
    """Numbers of the seams, from 1, before which dying differs from dying later.

    Looking changes nothing, a transaction does what it does at its commit, and what was written outlives a kill.
    """
    steps, is_inside = [], False
    for number, name in enumerate(seams, 1):
        if name == "sql:begin:":
            is_inside = True
        elif name == "sql:commit:":
            is_inside = False
            steps.append(number)
        elif not is_inside and not name.startswith(("sql:fetch", "file:open", "file:fsync", "inspect")):
            steps.append(number)
    return steps


def in_child(work: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """Fork, run, answer; a child that was killed answers with its signal."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            document = json.dumps(asyncio.run(work()))  # type: ignore[arg-type]
            with os.fdopen(write_end, "w") as pipe:
                pipe.write(document)
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        document = pipe.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return {"killed": os.WTERMSIG(status)}
    return json.loads(document) if document else {"ok": False, "exit": os.waitstatus_to_exitcode(status)}


def main() -> None:
    """Serve commands until stdin closes."""
    config = json.loads(sys.argv[1])
    load_once()
    for line in sys.stdin:
        command = json.loads(line)
        seams = Seams(command["mode"], command.get("at", 0))
        answer = in_child(lambda seams=seams: prepared(config, seams))
        print(json.dumps(answer), flush=True)


async def prepared(config: dict[str, Any], seams: Seams) -> dict[str, Any]:
    """Wrap the seams inside the child only."""
    wrap_files(seams)
    wrap_sessions(seams)
    wrap_downloads(seams)
    return await run_once(config, seams)


if __name__ == "__main__":
    main()
