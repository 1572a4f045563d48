"""`verify-refresh`: prove on one live venue that a forced refresh reaches the file (images.md 4.4)."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.grammar import HelpfulCommand, run_option
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from trivia_scraper.domain.options import RefreshOptions
    from trivia_scraper.pipeline.verify import VerifyReport
    from trivia_scraper.settings import LoadedSettings


@click.command(
    cls=HelpfulCommand,
    short_help="Prove that a forced refresh replaces the file.",
    examples=(
        "trivia-scraper verify-refresh --venue the-crown-inn",
        "trivia-scraper verify-refresh https://… --json",
    ),
)
@click.argument("url", required=False)
@run_option("--venue", metavar="SLUG", help="Verify with this venue instead of a URL.")
@click.pass_obj
def verify_refresh(invocation: Invocation, /, url: str | None, venue: str | None) -> ExitCode:
    """Refreshes the venue of URL (its page at the provider) without force, with force and without again,
    and checks file, row, requests and events after each pass.

    Ends with 0 when every step holds, else with 1.
    """
    if (url is None) == (venue is None):
        raise click.UsageError("give either the URL of a venue's page or --venue SLUG")
    loaded = invocation.load_settings()
    report = asyncio.run(_verify(venue, url, loaded, invocation.open_log(loaded)))
    _tell(report, invocation)
    return ExitCode.OK if report.ok else ExitCode.BUG


async def _verify(
    venue: str | None, url: str | None, loaded: LoadedSettings, log: FilteringBoundLogger
) -> VerifyReport:
    from trivia_scraper.cli.signals import StopRequest
    from trivia_scraper.cli.working import working_alone
    from trivia_scraper.pipeline import verify

    run_id = uuid4()
    passes = verify.VerifyPasses(
        unforced=pass_options(force_refresh_images=False),
        forced=pass_options(force_refresh_images=True),
        run_ids=(run_id, uuid4(), uuid4()),
    )
    async with working_alone("`verify-refresh`", loaded, run_id, StopRequest(), log) as services:
        return await verify.verify_refresh(venue, url, passes, services)


def pass_options(*, force_refresh_images: bool) -> RefreshOptions:
    """The options of one pass: nothing but the flag under test differs."""
    from trivia_scraper.domain.options import RefreshOptions

    return RefreshOptions(
        force_refresh_images=force_refresh_images,
        force_update=False,
        clean_first=False,
        retry_failed_only=False,
        dry_run=False,
        limit=None,
        sources=(),
        venues=(),
        providers=(),
        max_time_seconds=None,
    )


def _tell(report: VerifyReport, invocation: Invocation) -> None:
    from trivia_scraper.cli.output import print_json
    from trivia_scraper.cli.tables import say

    if invocation.json:
        print_json({"ok": report.ok, "url": report.url, "steps": [asdict(step) for step in report.steps]})
        return
    for number, step in enumerate(report.steps, 1):
        verdict = "ok  " if step.ok else "FAIL"
        say(f"{number}. {verdict} {step.name}: {step.detail}", invocation.color, "" if step.ok else "bad")
    verdict = "verified: a forced refresh replaces the file" if report.ok else "NOT verified"
    say(verdict, invocation.color, "good" if report.ok else "bad")
