"""`doctor`: one line a check, and the next command to type. Asks database and image store, never a site."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from trivia_scraper.cli.checkup import Check, fail, installation_checks, ok, settings_checks, warn
from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.grammar import HelpfulCommand
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from trivia_scraper.settings import LoadedSettings

_STYLES: Mapping[str, str] = {"ok": "good", "warn": "yellow", "fail": "bad"}


@click.command(
    cls=HelpfulCommand,
    short_help="Check this installation and say what to do next.",
    examples=("trivia-scraper doctor", "trivia-scraper doctor --json"),
)
@click.pass_obj
def doctor(invocation: Invocation, /) -> ExitCode:
    """Checks settings, folders, disk, image store and database. A failed check: exit 20."""
    from trivia_scraper.cli.output import print_json
    from trivia_scraper.cli.tables import say

    checks = []
    for check in all_checks(invocation):
        checks.append(check)
        if not invocation.json:
            say(f"{check.verdict:<5} {check.name}: {check.detail}", invocation.color, _STYLES[check.verdict])
            if check.next:
                say(f"      next: {check.next}", invocation.color)
    failed = any(check.verdict == "fail" for check in checks)
    if invocation.json:
        print_json({"ok": not failed, "checks": [asdict(check) for check in checks]})
    return ExitCode.DOCTOR if failed else ExitCode.OK


def all_checks(invocation: Invocation) -> Iterator[Check]:
    """In the order in which a person would mend them."""
    from trivia_scraper.domain.errors import TriviaScraperError

    yield from installation_checks()
    try:
        loaded = invocation.load_settings()
    except TriviaScraperError as error:
        yield fail("settings", error.message, "trivia-scraper config check")
        return
    yield from settings_checks(loaded)
    yield from store_checks(invocation, loaded)
    yield from database_checks(invocation, loaded)


def store_checks(invocation: Invocation, loaded: LoadedSettings) -> Iterator[Check]:
    """A store in the network answers and lets us read; a folder was looked at already."""
    kind = loaded.settings.storage.kind
    if kind == "local":
        return
    from trivia_scraper.bootstrap import image_store_place
    from trivia_scraper.domain.errors import TriviaScraperError

    log = invocation.open_log(loaded, only_looks=True)
    try:
        place = asyncio.run(image_store_place(loaded.settings, log))
    except TriviaScraperError as error:
        yield fail("object store", error.message, error.hint or "trivia-scraper config show")
        return
    yield ok("object store", f"{kind}: {place} answers")


def database_checks(invocation: Invocation, loaded: LoadedSettings) -> Iterator[Check]:
    """Reachable, the schema is the one this version expects, and what waits in it for a person."""
    from trivia_scraper.bootstrap import database_status, open_issues
    from trivia_scraper.domain.errors import TriviaScraperError

    log = invocation.open_log(loaded, only_looks=True)

    try:
        facts = asyncio.run(database_status(loaded.settings, log))
        if facts["pending"]:
            detail = f"{len(facts['pending'])} migrations pending; the next run applies them"
            yield warn("database", detail, "trivia-scraper db migrate")
            return
        yield ok("database", f"{facts['kind']}, PostgreSQL {facts['server_version']}, schema is current")
        issues = asyncio.run(open_issues(loaded.settings, log))
    except TriviaScraperError as error:
        yield fail("database", error.message, error.hint or "trivia-scraper db status")
        return
    for issue in issues:
        yield warn(issue["source"] or issue["kind"], issue["message"], _next_for_issue(issue))


def _next_for_issue(issue: Mapping[str, Any]) -> str:
    if issue["kind"] == "look_alike":
        return f"trivia-scraper venues show {issue['subject']}"
    return f"trivia-scraper sources release {issue['source']}"
