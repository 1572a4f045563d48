"""What commands that work on the store do alike: open it, do the work or hand it to the daemon, tell, judge."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

import click

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.grammar import run_option
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from trivia_scraper.cli.progress import Counting
    from trivia_scraper.cli.signals import StopRequest
    from trivia_scraper.domain.enrichment import EnrichmentOutcome
    from trivia_scraper.domain.options import RefreshOptions
    from trivia_scraper.domain.requests import RequestKind, RunRequest
    from trivia_scraper.ports import Services
    from trivia_scraper.settings import LoadedSettings

Answer = TypeVar("Answer")

DAEMON_ROLES: Final = frozenset({"daemon", "scheduler"})
"""Holders of the store that take requests."""


def _tell_nobody(_: EnrichmentOutcome) -> None:
    return


@dataclass(frozen=True, slots=True)
class Work:
    """What a command asks for.

    details  beside the options, as `domain.request_details` writes them
    show     how its document is shown to a person: with the colour mode, to stdout
    told     of each venue's enrichment as it comes, where it is done here
    """

    kind: RequestKind
    options: RefreshOptions
    show: Callable[[Mapping[str, Any], str], None]
    details: Mapping[str, Any] = field(default_factory=dict)
    told: Callable[[EnrichmentOutcome], None] = _tell_nobody


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command's `--json` prints, and the signal that asked for its end, if one did."""

    document: Mapping[str, Any]
    stopped_by: signal.Signals | None = None


no_wait_option = run_option(
    "--no-wait", is_flag=True, help="Return once the daemon has accepted it; without a daemon it is done here."
)


def finish(work: Work, invocation: Invocation, loaded: LoadedSettings, *, no_wait: bool) -> ExitCode:
    """Do the work here or let the daemon do it, tell what came of it, and give the exit code."""
    ended = carry_out(work, invocation, loaded, no_wait=no_wait)
    tell(work, ended.document, invocation)
    return verdict(ended.document, ended.stopped_by)


def tell(work: Work, document: Mapping[str, Any], invocation: Invocation) -> None:
    """The same wherever it was done: one JSON object, or tables."""
    if invocation.json:
        from trivia_scraper.cli.output import print_json

        print_json(document)
    elif "accepted" in document:
        from trivia_scraper.cli.handing_over import show_accepted

        show_accepted(document, invocation.color)
    else:
        work.show(document, invocation.color)


def verdict(document: Mapping[str, Any], stopped_by: signal.Signals | None) -> ExitCode:
    """The verdict for shell and scheduler (operations.md 3)."""
    if document.get("finish_reason") == "storage_full" or document.get("storage_full"):
        return ExitCode.STORAGE
    if document.get("finish_reason") == "database_lost":
        return ExitCode.DATABASE
    if stopped_by is signal.SIGINT:
        return ExitCode.INTERRUPTED
    return ExitCode.OK if document["ok"] else ExitCode.SOME_FAILED


def carry_out(work: Work, invocation: Invocation, loaded: LoadedSettings, *, no_wait: bool = False) -> Ended:
    """Do the work here, or hand it to the daemon that holds the store. Raises HandedBack for what that refuses."""
    from trivia_scraper.cli.signals import StopRequest

    request, stop = _request(work), StopRequest()
    with _progress(work.kind, invocation, loaded) as progress:
        log = invocation.open_log(loaded).bind(run_id=str(request.id))
        here = _Here(loaded, progress, stop, log, _remark(invocation))
        document = asyncio.run(_carry_out(request, work, here, no_wait=no_wait))
    return Ended(document, stop.first)


@asynccontextmanager
async def working(
    loaded: LoadedSettings, run_id: UUID, progress: Counting, stop: StopRequest, log: FilteringBoundLogger
) -> AsyncIterator[Services]:
    """The store, opened for work and held; signals ask for the end. Raises what forbids the work."""
    from trivia_scraper.bootstrap import open_services

    with stop.listen():
        async with open_services(
            loaded.settings, run_id=run_id, progress=progress, log=log, stopping=stop.is_made
        ) as services:
            yield services


@asynccontextmanager
async def working_alone(
    what: str, loaded: LoadedSettings, run_id: UUID, stop: StopRequest, log: FilteringBoundLogger
) -> AsyncIterator[Services]:
    """As `working`, for work that no daemon does: then the error says how to get the store."""
    from trivia_scraper.cli.progress import Counting
    from trivia_scraper.domain.errors import InstanceLocked

    async with AsyncExitStack() as stack:
        opened = working(loaded, run_id, Counting(), stop, log.bind(run_id=str(run_id)))
        try:
            services = await stack.enter_async_context(opened)
        except InstanceLocked as locked:
            if locked.holder_role not in DAEMON_ROLES:
                raise
            hint = f"{what} needs the store to itself: stop the daemon for it (`systemctl stop trivia-scraper`)"
            raise InstanceLocked(locked.message, hint=hint, holder_role=locked.holder_role) from locked
        yield services


@dataclass(frozen=True, slots=True)
class _Here:
    """This call of the program, as far as the work is concerned."""

    loaded: LoadedSettings
    progress: Counting
    stop: StopRequest
    log: FilteringBoundLogger
    remark: Callable[[str], None]


async def _carry_out(request: RunRequest, work: Work, here: _Here, *, no_wait: bool) -> Mapping[str, Any]:
    from trivia_scraper.domain.errors import InstanceLocked
    from trivia_scraper.pipeline.requests import perform

    async with AsyncExitStack() as stack:
        try:
            opened = working(here.loaded, request.id, here.progress, here.stop, here.log)
            services = await stack.enter_async_context(opened)
        except InstanceLocked as locked:
            if locked.holder_role not in DAEMON_ROLES:
                raise
            if here.stop.is_made():
                raise click.Abort from locked
        else:
            return await _shown(here.progress, perform(request, services, told=work.told))
    return await _hand_over(request, here, no_wait=no_wait)


async def _hand_over(request: RunRequest, here: _Here, *, no_wait: bool) -> Mapping[str, Any]:
    from trivia_scraper.cli.handing_over import hand_over

    with here.stop.listen():
        following = hand_over(
            request, here.loaded.settings, here.progress, here.stop, here.log, here.remark, no_wait=no_wait
        )
        return await _shown(here.progress, following)


async def _shown(progress: Counting, work: Awaitable[Answer]) -> Answer:
    from trivia_scraper.cli.progress import keep_showing

    async with asyncio.TaskGroup() as group:
        showing = group.create_task(keep_showing(progress))
        try:
            return await work
        finally:
            showing.cancel()


@contextmanager
def _progress(kind: RequestKind, invocation: Invocation, loaded: LoadedSettings) -> Iterator[Counting]:
    from trivia_scraper.cli.progress import Counting, open_progress
    from trivia_scraper.domain.requests import RequestKind

    if kind is not RequestKind.REFRESH:
        yield Counting()
        return
    log_format = invocation.effective_format(loaded.settings.log.format)
    with open_progress(quiet=bool(invocation.quiet), log_format=log_format, color_mode=invocation.color) as progress:
        yield progress


def _remark(invocation: Invocation) -> Callable[[str], None]:
    from trivia_scraper.cli.output import note

    def remark(text: str) -> None:
        if not invocation.quiet:
            with suppress(OSError):  # a closed stderr must not end the run
                note(text)

    return remark


def _request(work: Work) -> RunRequest:
    import datetime as dt
    import os
    import socket
    from uuid import uuid4

    from trivia_scraper.cli.person import person
    from trivia_scraper.domain.requests import RunRequest

    _refuse_other_than_text(work.options)
    return RunRequest(
        id=uuid4(),
        kind=work.kind,
        options=work.options,
        details=work.details,
        requested_by=f"{person()}@{socket.gethostname()}, process {os.getpid()}",
        requested_at=dt.datetime.now(dt.UTC),
    )


def _refuse_other_than_text(options: RefreshOptions) -> None:
    """No name is made of such bytes, and no document could carry them to a daemon."""
    for word in (*options.sources, *options.venues, *options.providers):
        try:
            word.encode()
        except UnicodeEncodeError as error:
            raise click.UsageError(f"{word!r} is no text in UTF-8") from error
