"""`doctor`: one line a check, and the next command to type. Asks database and image store, never a site."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from trivia_scraper.cli.checkup import Check, fail, installation_checks, ok, settings_checks, warn
from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.grammar import HelpfulCommand
from trivia_scraper.cli.invocation import Invocation

if TYPE_CHECKING:
    from trivia_scraper.domain.checkups import StoreFacts
    from trivia_scraper.settings import LoadedSettings

_STYLES: Mapping[str, str] = {"ok": "good", "warn": "yellow", "fail": "bad"}


@click.command(
    cls=HelpfulCommand,
    short_help="Check this installation and say what to do next.",
    examples=("trivia-scraper doctor", "trivia-scraper doctor --json", "trivia-scraper doctor --notify"),
)
@click.option("--notify", is_flag=True, help="Send a test message through every channel of [notify], too.")
@click.pass_obj
def doctor(invocation: Invocation, /, notify: bool) -> ExitCode:
    """Checks settings, folders, disk, image store and database. A failed check: exit 20."""
    from trivia_scraper.cli.output import print_json
    from trivia_scraper.cli.tables import say

    checks = []
    for check in all_checks(invocation, notify=notify):
        checks.append(check)
        if not invocation.json:
            say(f"{check.verdict:<5} {check.name}: {check.detail}", invocation.color, _STYLES[check.verdict])
            if check.next:
                say(f"      next: {check.next}", invocation.color)
    failed = any(check.verdict == "fail" for check in checks)
    if invocation.json:
        print_json({"ok": not failed, "checks": [asdict(check) for check in checks]})
    return ExitCode.DOCTOR if failed else ExitCode.OK


def all_checks(invocation: Invocation, *, notify: bool) -> Iterator[Check]:
    """In the order in which a person would mend them."""
    from trivia_scraper.cli.checkup_daemon import daemon_checks
    from trivia_scraper.domain.errors import TriviaScraperError
    from trivia_scraper.settings import process_environment

    yield from installation_checks()
    try:
        loaded = invocation.load_settings()
    except TriviaScraperError as error:
        yield fail("settings", error.message, "trivia-scraper config check")
        return
    yield from settings_checks(loaded)
    yield from daemon_checks(loaded.settings, process_environment(), dt.datetime.now(dt.UTC))
    yield from store_checks(invocation, loaded)
    yield from database_checks(invocation, loaded)
    if notify:
        from trivia_scraper.cli.doctor_notify import notify_checks

        yield from notify_checks(loaded)


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
    from trivia_scraper.bootstrap import database_status, open_issues, store_facts
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
        found = asyncio.run(store_facts(loaded.settings, log))
    except TriviaScraperError as error:
        yield fail("database", error.message, error.hint or "trivia-scraper db status")
        return
    yield from _fact_checks(found, loaded)
    for issue in issues:
        yield warn(issue["source"] or issue["kind"], issue["message"], _next_for_issue(issue))


def _fact_checks(facts: StoreFacts, loaded: LoadedSettings) -> Iterator[Check]:
    import socket

    from trivia_scraper.cli.checkup_store import fact_checks, holder_check

    settings, now = loaded.settings, dt.datetime.now(dt.UTC)
    notifies = bool(settings.notify.urls.get_secret_value())
    yield from fact_checks(facts, _intervals(loaded, now), notifies, now)
    yield holder_check(facts.holder, _daemon_answer(loaded), socket.gethostname())


def _intervals(loaded: LoadedSettings, now: dt.datetime) -> Mapping[str, dt.timedelta]:
    """Time between the next two reads of each source that is read by itself."""
    from trivia_scraper.policy.jobs import planned_jobs
    from trivia_scraper.roster import load_roster

    found: dict[str, dt.timedelta] = {}
    for job in planned_jobs(loaded.settings, load_roster(loaded.settings).sections):
        slots = list(islice(job.crontab.slots_after(now), 2))
        if job.source is not None and len(slots) == 2:
            found[job.source] = slots[1] - slots[0]
    return found


def _daemon_answer(loaded: LoadedSettings) -> str | None:
    """What a daemon at the control socket says of itself; None = nobody answers."""
    from trivia_scraper.bootstrap import ask_daemon
    from trivia_scraper.domain.errors import ServiceUnreachable
    from trivia_scraper.settings import process_environment
    from trivia_scraper.settings.control_socket import find_control_socket

    path = find_control_socket(loaded.settings.state_dir, process_environment())
    if path is None:
        return None
    try:
        answer = asyncio.run(ask_daemon(path, "GET", "/status.json"))
    except ServiceUnreachable:
        return None
    daemon = answer.document.get("daemon") or {}
    return str(daemon.get("status_line") or f"HTTP {answer.status}")


def _next_for_issue(issue: Mapping[str, Any]) -> str:
    if issue["kind"] == "look_alike":
        return f"trivia-scraper venues show {issue['subject']}"
    return f"trivia-scraper sources release {issue['source']}"
