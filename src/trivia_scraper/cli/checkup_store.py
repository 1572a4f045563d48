"""The checks of `doctor` about the database and what the store's last days were like: facts in, lines out. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from trivia_scraper.cli.checkup import Check, fail, ok, warn
from trivia_scraper.cli.output import stamp

if TYPE_CHECKING:
    from trivia_scraper.domain.checkups import StoreFacts, StoreHolder
    from trivia_scraper.domain.source_health import SourceHealth

LONGEST_WITHOUT_SUCCESS: Final = dt.timedelta(hours=26)
"""A day, and two hours for a run that takes its time; a source that is read less often has its own interval."""

CLOCK_SECONDS: Final = 5.0
WRONG_CLOCK_SECONDS: Final = 60.0


def fact_checks(
    facts: StoreFacts, intervals: Mapping[str, dt.timedelta], notifies: bool, now: dt.datetime
) -> Iterator[Check]:
    """The database as a place to work in, then what it remembers.

    intervals  time between two reads of each source that is read by itself, by slug
    notifies   whether there is anybody to tell
    """
    yield pooler_check(facts)
    yield clock_check(facts.clock_ahead_seconds)
    yield from _processes(facts)
    for health in facts.sources:
        yield source_check(health, intervals.get(health.slug), now)
    if notifies:
        yield from _notices(facts)


def pooler_check(facts: StoreFacts) -> Check:
    """Session locks mean nothing behind a pooler in transaction mode, and LISTEN hears nothing (safety.md 12)."""
    if facts.is_pooled:
        return fail(
            "pooler",
            "the database is behind a pooler in transaction mode: no lock of ours would hold, and no run starts",
            "point database.url at the server itself, or at a pool in session mode (PgBouncer: pool_mode = session)",
        )
    return ok("pooler", "statements of one session come to one server process")


def clock_check(ahead_seconds: float) -> Check:
    """Due times are written by us and compared by the server, and the other way round."""
    told = f"the database's clock is {abs(ahead_seconds):.1f} s {'ahead of' if ahead_seconds > 0 else 'behind'} ours"
    if abs(ahead_seconds) >= WRONG_CLOCK_SECONDS:
        return fail("clock", told, "set both clocks by NTP: `timedatectl` shows whether this one is")
    if abs(ahead_seconds) >= CLOCK_SECONDS:
        return warn("clock", told, "set both clocks by NTP: `timedatectl` shows whether this one is")
    return ok("clock", "the database's clock and ours agree")


def _processes(facts: StoreFacts) -> Iterator[Check]:
    if facts.dead_epochs:
        numbers = ", ".join(map(str, facts.dead_epochs))
        detail = f"processes that went away without a word may still count as writers: {numbers}"
        yield warn("processes", detail, "nothing: the next run or daemon shuts them out")


def holder_check(holder: StoreHolder | None, answers: str | None, here: str) -> Check:
    """Who holds the store, and whether a daemon answers.

    answers  what the daemon at our control socket says of itself; None = nobody answers
    here     this host's name
    """
    if holder is None:
        if answers is not None:
            detail = f"nobody holds the store, though a daemon answers: {answers}"
            return warn("store lock", detail, "trivia-scraper status")
        return ok("store lock", "free: no daemon and no run")
    who = f"held by {holder.role or 'process'} {holder.pid or 'unknown'} on host {holder.host or 'unknown'}"
    if not holder.is_daemon or holder.host != here:
        return ok("store lock", who)
    if answers is None:
        return warn(
            "store lock", f"{who}, which does not answer at its control socket", "journalctl -u trivia-scraper"
        )
    return ok("store lock", f"{who}: {answers}")


def source_check(health: SourceHealth, interval: dt.timedelta | None, now: dt.datetime) -> Check:
    """A source as its last runs left it, and how long ago its last good one was."""
    name, state = f"source {health.slug}", health.state
    why = f": {health.why}" if health.why else ""
    if state == "paused":
        return warn(name, f"paused since {stamp(health.since)}{why}", f"trivia-scraper sources resume {health.slug}")
    if state == "unread":
        return ok(name, "not read yet")
    if not state.is_well:
        tell = warn if not state.is_broken else fail
        return tell(
            name, f"{state.value} since {stamp(health.since)}{why}", f"trivia-scraper sources test {health.slug}"
        )
    patience = max(LONGEST_WITHOUT_SUCCESS, (interval or dt.timedelta(0)) + dt.timedelta(hours=2))
    last = health.last_success_at
    if last is None or now - last > patience:
        return warn(name, f"no complete run since {stamp(last)}", f"trivia-scraper run --source {health.slug}")
    return ok(name, f"ok, last complete run {stamp(last)}")


def _notices(facts: StoreFacts) -> Iterator[Check]:
    for untold in facts.untold:
        detail = f"nobody was told since {stamp(untold.since)}: {untold.message}"
        yield warn("notifications", detail, "trivia-scraper doctor --notify")
