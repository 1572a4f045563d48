"""`daemon`: the schedule, the work, health and metrics, until it is stopped. The edge where daemon and web meet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.grammar import HelpfulCommand
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from trivia_scraper.daemon.life import DaemonRole
    from trivia_scraper.settings import LoadedSettings


@click.command(
    cls=HelpfulCommand,
    short_help="Work by the schedule until stopped.",
    examples=(
        "trivia-scraper daemon",
        "trivia-scraper daemon --no-web",
        "trivia-scraper daemon --role worker",
    ),
)
@click.option(
    "--role",
    type=click.Choice(["all", "scheduler", "worker"]),
    default="all",
    help="all = everything in one process; scheduler and workers share a server database.",
)
@click.option("--no-web", is_flag=True, help="Listen on the control socket only.")
@click.pass_obj
def daemon(invocation: Invocation, /, role: DaemonRole, no_web: bool) -> ExitCode:
    """Reads sources by their schedule, retries, cleans up, answers at web.listen and tells systemd how it is.

    SIGTERM or SIGINT stop it within daemon.shutdown_grace_seconds, a second one at once; SIGHUP reads the settings
    anew; SIGUSR1 logs what every task is at.
    """
    loaded = invocation.load_settings()
    log = invocation.open_log(loaded)
    reason = asyncio.run(_live(role, no_web, loaded, invocation, log))
    if invocation.json:
        from trivia_scraper.cli.output import print_json

        print_json({"ok": True, "stopped_by": reason})
    return ExitCode.OK


async def _live(
    role: DaemonRole, no_web: bool, loaded: LoadedSettings, invocation: Invocation, log: FilteringBoundLogger
) -> str:
    import os

    from trivia_scraper.cli.daemon_servers import open_servers
    from trivia_scraper.daemon.duties import label_sources
    from trivia_scraper.daemon.life import Daemon
    from trivia_scraper.daemon.notifying import Notifier
    from trivia_scraper.daemon.reloading import LiveSettings
    from trivia_scraper.daemon.roles import check_settings, open_ring
    from trivia_scraper.daemon.telling import Herald
    from trivia_scraper.metrics import Metrics, built_from
    from trivia_scraper.roster import load_roster
    from trivia_scraper.settings import process_environment

    environment = process_environment()
    check_settings(loaded.settings)
    metrics = Metrics(label_sources(load_roster(loaded.settings).sources), built_from())
    running = Daemon(
        role,
        LiveSettings(loaded.settings, invocation.load_settings, log),
        check_settings,
        Notifier.of(environment, os.getpid(), log),
        log,
    )
    herald = Herald(running, metrics.counts.notice_failed, log)
    # Of workers their scheduler tells: one book of notices is kept by one process.
    notices = () if role == "worker" else (herald.loop(),)
    with open_servers(running, metrics, environment, no_web=no_web, log=log) as servers:
        await running.live((*servers, *notices), lambda: open_ring(running, metrics, herald, log))
    return running.stop.reason
