"""What is not as it should be: the daemon, sources, alerts and breakers as conditions (operations.md 10). Pure.

A condition says what is wrong and, where it helps, what to do. Whether a person is told is `notifying`'s decision.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from trivia_scraper.domain.live import DaemonState, LoopState, Phase
from trivia_scraper.domain.notices import OF_SOURCES, Condition, ConditionKind, Sighting
from trivia_scraper.domain.provider_memory import BreakerState
from trivia_scraper.domain.source_health import SourceHealth, SourceState
from trivia_scraper.domain.weekly import Alert, AlertLevel

DATABASE_AWAY_AFTER: Final = dt.timedelta(minutes=5)
BREAKER_OPEN_AFTER: Final = dt.timedelta(hours=1)
CLEANUP_GRACE: Final = dt.timedelta(hours=1)
LOCK_CHECK: Final = "store lock"
"""The name under which `DaemonState.checks` tells of the store lock."""

_OF_THE_DAEMON: Final = frozenset(
    {
        ConditionKind.LOOP_DIED,
        ConditionKind.STORAGE_FULL,
        ConditionKind.DATABASE_LOST,
        ConditionKind.LOCK_LOST,
        ConditionKind.SETTINGS_REFUSED,
    }
)
_OF_ALERTS: Final = frozenset(
    {
        ConditionKind.CLEANUP_MISSED,
        ConditionKind.PROVIDER_FAILING,
        ConditionKind.PROVIDER_USED,
        ConditionKind.IMAGES_CLOSED,
    }
)


@dataclass(frozen=True, slots=True)
class Room:
    """Where pictures are kept: bytes that are free, and the least that must stay so (storage.min_free)."""

    free: int
    least: int


@dataclass(frozen=True, slots=True)
class StoredSigns:
    """What only the database knows.

    breakers       by host, those that failures opened and no success has closed since
    cleanup_holds  what the last cleanup left alone until a person has looked, as sentences
    cleanup_every  how often the cleanup is due; None = it is switched off
    """

    alerts: Sequence[Alert]
    breakers: Mapping[str, BreakerState] = field(default_factory=dict)
    cleanup_holds: Sequence[str] = ()
    cleanup_every: dt.timedelta | None = None


def look_around(
    state: DaemonState,
    sources: Sequence[SourceHealth] | None,
    stored: StoredSigns | None,
    room: Room | None,
    now: dt.datetime,
) -> Sighting:
    """Everything that is wrong now, and what could be looked at. None = could not, or there is nothing to look at."""
    found = [*_of_the_daemon(state, now)]
    judged = set(_OF_THE_DAEMON)
    if sources is not None:
        found += (condition for source in sources for condition in _of_source(source))
        judged |= OF_SOURCES
    if stored is not None:
        found += _of_alerts(stored, now - state.started_at)
        found += _of_breakers(stored.breakers, now)
        judged |= {*_OF_ALERTS, ConditionKind.BREAKER_OPEN}
    if sources is not None and stored is not None:
        found += _held(sources, stored)
        judged.add(ConditionKind.DELETION_HELD)
    if room is not None and state.storage_full_at is None:  # full says more than low, and does not make it good
        found += _of_room(room)
        judged.add(ConditionKind.STORAGE_LOW)
    return Sighting(tuple(found), frozenset(judged), database_is_away=_database_lost_at(state) is not None)


def _of_the_daemon(state: DaemonState, now: dt.datetime) -> Iterator[Condition]:
    if state.phase in (Phase.WAITING, Phase.READY):
        yield from (_dead_loop(loop) for loop in state.loops if not loop.is_fresh)
    if state.storage_full_at is not None:
        message = f"the image store is full since {_time(state.storage_full_at)}: downloads pause until there is room"
        yield Condition(ConditionKind.STORAGE_FULL, "images", message, AlertLevel.CRITICAL)
    lost_at = _database_lost_at(state)
    if lost_at is not None:
        if now - lost_at > DATABASE_AWAY_AFTER:
            message = f"the database is away since {_time(lost_at)}: work waits for it"
            yield Condition(ConditionKind.DATABASE_LOST, "database", message, AlertLevel.CRITICAL)
    elif state.phase is Phase.READY:  # without a database the lock is lost too, which is no news of its own
        for check in state.checks:
            if check.name == LOCK_CHECK and not check.ok:
                message = f"the store lock is lost: {check.detail}"
                yield Condition(ConditionKind.LOCK_LOST, "store", message, AlertLevel.CRITICAL)
    if state.settings_error:
        message = f"the changed settings were refused, the old ones stay: {state.settings_error}"
        yield Condition(ConditionKind.SETTINGS_REFUSED, "settings", message)


def _database_lost_at(state: DaemonState) -> dt.datetime | None:
    """A daemon that has waited for it since its start knows of no moment when it went."""
    return state.database_lost_at or (state.started_at if state.phase is Phase.WAITING else None)


def _dead_loop(loop: LoopState) -> Condition:
    if loop.state == "running":
        message = f"the loop {loop.name} has not spoken for {loop.beat_age_seconds:.0f} s"
    else:
        why = f": {loop.last_error}" if loop.last_error else ""
        message = f"the loop {loop.name} is {loop.state} after it died{why}"
    return Condition(ConditionKind.LOOP_DIED, loop.name, message, AlertLevel.CRITICAL)


def _of_source(source: SourceHealth) -> Iterator[Condition]:
    kind = _kind_of(source.state)
    if kind is not None:
        level = AlertLevel.CRITICAL if kind is ConditionKind.SOURCE_BROKEN else AlertLevel.WARNING
        yield Condition(kind, source.slug, _told(source), level)


def _kind_of(state: SourceState) -> ConditionKind | None:
    named = {
        SourceState.DEGRADED: ConditionKind.SOURCE_DEGRADED,
        SourceState.ZERO_YIELD: ConditionKind.SOURCE_ZERO_YIELD,
        SourceState.OVERDUE: ConditionKind.SOURCE_OVERDUE,
    }
    return named.get(state) or (ConditionKind.SOURCE_BROKEN if state.is_broken else None)


def _held(sources: Sequence[SourceHealth], stored: StoredSigns) -> Iterator[Condition]:
    for source in sources:
        if source.state is SourceState.HELD:
            yield Condition(ConditionKind.DELETION_HELD, source.slug, _told(source))
    if stored.cleanup_holds:
        message = f"the cleanup leaves files alone until somebody has looked: {stored.cleanup_holds[0]}"
        yield Condition(ConditionKind.DELETION_HELD, "files", message)


def _told(source: SourceHealth) -> str:
    words = source.state.value.replace("_", " ")
    return f"{source.slug}: {words}{f': {source.why}' if source.why else ''}"


def _of_alerts(stored: StoredSigns, up: dt.timedelta) -> Iterator[Condition]:
    for alert in stored.alerts:
        name, _, subject = alert.condition.partition(":")
        if name not in _OF_ALERTS:  # an open breaker: told by `_of_breakers` once it lasts
            continue
        kind = ConditionKind(name)
        # A daemon that was just started catches up on what was missed: it is news only when that did not help.
        every = stored.cleanup_every
        if kind is ConditionKind.CLEANUP_MISSED and (every is None or up <= every + CLEANUP_GRACE):
            continue
        yield Condition(kind, subject, alert.message, alert.level)


def _of_breakers(breakers: Mapping[str, BreakerState], now: dt.datetime) -> Iterator[Condition]:
    for host, state in breakers.items():
        if state.opened_at is None:
            continue
        until = state.open_until or now
        if max(now, until) - state.opened_at > BREAKER_OPEN_AFTER:
            message = f"{host} only fails since {_time(state.opened_at)}: left alone until {_time(until)}"
            yield Condition(ConditionKind.BREAKER_OPEN, host, message)


def _of_room(room: Room) -> Iterator[Condition]:
    if room.free < 2 * room.least:
        message = f"{_megabytes(room.free)} are free, downloads pause below {_megabytes(room.least)}"
        yield Condition(ConditionKind.STORAGE_LOW, "images", f"the image store is nearly full: {message}")


def _time(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"
