"""`status`: what the daemon does and how things stand. Asks the daemon, else reads the database; changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final

import click

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.grammar import HelpfulCommand
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from pathlib import Path

    from trivia_scraper.settings import LoadedSettings

WATCH_SECONDS: Final = 2.0


@click.command(
    cls=HelpfulCommand,
    short_help="What runs now, what runs next, how sources and pictures fare.",
    examples=(
        "trivia-scraper status",
        "trivia-scraper status --watch",
        "trivia-scraper status --check",
        "trivia-scraper status --reload",
    ),
)
@click.option("--watch", is_flag=True, help="Show it anew every 2 seconds, until Ctrl-C.")
@click.option("--check", is_flag=True, help="For monitors: one line, exit 0 when the daemon does its work, else 1.")
@click.option("--reload", is_flag=True, help="Let the daemon read its settings anew, and say what came of it.")
@click.pass_obj
def status(invocation: Invocation, /, watch: bool, check: bool, reload: bool) -> ExitCode:
    """Asks the daemon over its control socket. Where none answers, says so and shows what the database knows."""
    if watch + check + reload > 1:
        raise click.UsageError("--watch, --check and --reload exclude each other")
    loaded = invocation.load_settings()
    if check:
        return _check(invocation, loaded)
    if reload:
        return _reload(invocation, loaded)
    try:
        asyncio.run(_show(invocation, loaded, for_ever=watch))
    except KeyboardInterrupt:
        if not watch:
            raise
    return ExitCode.OK


async def _show(invocation: Invocation, loaded: LoadedSettings, *, for_ever: bool) -> None:
    async with AsyncExitStack() as opened:
        look = _looker(invocation, loaded, opened)
        if not for_ever:
            _tell(await look(), invocation)
        while for_ever:
            _tell_again(await look(), invocation)
            await asyncio.sleep(WATCH_SECONDS)


def _looker(
    invocation: Invocation, loaded: LoadedSettings, opened: AsyncExitStack
) -> Callable[[], Awaitable[Mapping[str, Any]]]:
    """What is asked at every look; the database is opened with the first look that needs it."""
    from trivia_scraper import bootstrap
    from trivia_scraper.domain.errors import ServiceUnreachable
    from trivia_scraper.domain.status import status_document
    from trivia_scraper.roster import load_roster

    settings, log = loaded.settings, invocation.open_log(loaded, only_looks=True)
    sources, clock, figures = load_roster(settings).enabled, bootstrap.SystemClock(), None

    async def look() -> Mapping[str, Any]:
        nonlocal figures
        socket, silence = _socket(loaded), ""
        if socket is not None:
            try:
                answer = await bootstrap.ask_daemon(socket, "GET", "/status.json")
            except ServiceUnreachable as error:
                silence = error.message
            else:
                if answer.status == 200:
                    return answer.document
                silence = f"the daemon answers {answer.status}"
        if figures is None and bootstrap.has_database(settings):
            figures = await opened.enter_async_context(bootstrap.open_figures(settings, log))
        now = clock.now()
        found = None if figures is None else await figures.status.read(sources, now)
        return {**status_document(None, found, now), "silence": silence}

    return look


def _check(invocation: Invocation, loaded: LoadedSettings) -> ExitCode:
    from trivia_scraper.cli.output import one_line, print_json
    from trivia_scraper.cli.status_view import verdict_of

    is_well, line = verdict_of(*_ask(loaded, "GET", "/status.json"))
    if invocation.json:
        print_json({"ok": is_well, "check": line})
    else:
        click.echo(one_line(line))
    return ExitCode.OK if is_well else ExitCode.BUG


def _reload(invocation: Invocation, loaded: LoadedSettings) -> ExitCode:
    from trivia_scraper.cli.output import note, print_json
    from trivia_scraper.domain.errors import SetupError

    document, silence = _ask(loaded, "POST", "/reload")
    if document is None:
        raise SetupError(silence, hint="trivia-scraper status; a daemon that starts reads its settings by itself")
    error = document.get("error") or ""
    if isinstance(error, Mapping):
        error = error.get("message", "")
    restart_keys = list(document.get("restart_keys") or ())
    if error:
        raise SetupError(f"the daemon keeps its settings: {error}", hint="trivia-scraper config check")
    if invocation.json:
        print_json({"ok": True, "restart_keys": restart_keys})
    else:
        click.echo("the daemon reads its settings anew")
        if restart_keys:
            note(f"these count after a restart only: {', '.join(restart_keys)}")
    return ExitCode.OK


def _ask(loaded: LoadedSettings, method: Any, target: str) -> tuple[Mapping[str, Any] | None, str]:
    """The daemon's answer, or None and why there is none."""
    from trivia_scraper import bootstrap
    from trivia_scraper.domain.errors import ServiceUnreachable

    socket = _socket(loaded)
    if socket is None:
        return None, "no daemon runs here"
    try:
        answer = asyncio.run(bootstrap.ask_daemon(socket, method, target))
    except ServiceUnreachable as error:
        return None, error.message
    if answer.status >= 400 and not answer.document.get("error"):
        return None, f"the daemon answers {answer.status}"
    return answer.document, ""


def _socket(loaded: LoadedSettings) -> Path | None:
    from trivia_scraper.settings import process_environment
    from trivia_scraper.settings.control_socket import find_control_socket

    return find_control_socket(loaded.settings.state_dir, process_environment())


def _tell(document: Mapping[str, Any], invocation: Invocation) -> None:
    from trivia_scraper.cli.output import print_json

    if invocation.json:
        print_json({**document, "ok": True})
    else:
        from trivia_scraper.cli.status_view import show_status

        show_status(document, invocation.color)


def _tell_again(document: Mapping[str, Any], invocation: Invocation) -> None:
    """A screen anew on a terminal, elsewhere a line: nothing is animated in a journal (O29)."""
    import sys

    from trivia_scraper.cli.terminal import may_animate
    from trivia_scraper.settings import process_environment

    animates = may_animate(is_terminal=sys.stdout.isatty(), quiet=False, environment=process_environment())
    if invocation.json or animates:
        if not invocation.json:
            click.clear()
        _tell(document, invocation)
    else:
        from trivia_scraper.cli.output import one_line
        from trivia_scraper.cli.status_view import status_line

        click.echo(one_line(status_line(document)))
    sys.stdout.flush()
