"""What counts as a condition: the daemon's state, sources, alerts, breakers, room (operations.md 10)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from trivia_scraper.domain.live import DaemonState, HealthCheck, LoopState, Phase
from trivia_scraper.domain.notices import OF_SOURCES, Condition, ConditionKind
from trivia_scraper.domain.provider_memory import BreakerState
from trivia_scraper.domain.source_health import SourceHealth, SourceState
from trivia_scraper.domain.weekly import Alert, AlertLevel
from trivia_scraper.policy.conditions import LOCK_CHECK, Room, StoredSigns, look_around

NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
LOOP = LoopState("schedule", "running", 1.0, 60.0, 0)
WELL = DaemonState(
    version="1", role="all", pid=1, host="quiz", epoch=7, started_at=NOW - 30 * DAY, phase=Phase.READY,
    status_line="idle", loops=(LOOP,), jobs=(), next_slots=(), checks=(HealthCheck(LOCK_CHECK, True, "fail", ""),),
    loop_lag_seconds=0.0,
)  # fmt: skip
QUIET = StoredSigns(alerts=(), cleanup_every=DAY)
PLENTY = Room(free=10_000, least=1_000)


def found(state: DaemonState = WELL, sources: Any = (), stored: Any = QUIET, room: Any = PLENTY) -> list[Condition]:
    return list(look_around(state, sources, stored, room, NOW).conditions)


def kinds(*arguments: Any, **named: Any) -> list[str]:
    return [condition.kind.value for condition in found(*arguments, **named)]


def source(state: SourceState, why: str = "") -> SourceHealth:
    return SourceHealth("question_one", state, why, NOW, NOW, NOW)


def test_nothing_is_said_when_all_is_well() -> None:
    sighting = look_around(WELL, [source(SourceState.OK)], QUIET, PLENTY, NOW)
    assert sighting.conditions == ()
    assert sighting.judged == frozenset(ConditionKind)
    assert not sighting.database_is_away


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (SourceState.OK, None),
        (SourceState.UNREAD, None),
        (SourceState.PAUSED, None),
        (SourceState.OVERDUE, "source_overdue"),
        (SourceState.HELD, "deletion_held"),
        (SourceState.DEGRADED, "source_degraded"),
        (SourceState.ZERO_YIELD, "source_zero_yield"),
        (SourceState.DNS_FAILURE, "source_broken"),
        (SourceState.SITE_CHANGED, "source_broken"),
        (SourceState.CRASHED, "source_broken"),
        (SourceState.TIMEOUT, "source_broken"),
    ],
)
def test_states_of_a_source(state: SourceState, kind: str | None) -> None:
    assert kinds(sources=[source(state)]) == ([] if kind is None else [kind])


def test_every_state_that_needs_a_person_is_told() -> None:
    silent = {state for state in SourceState if not kinds(sources=[source(state)])}
    assert silent == {state for state in SourceState if state.is_well}


def test_a_source_is_told_with_its_state_and_why() -> None:
    [condition] = found(sources=[source(SourceState.HTTP_ERROR, "HTTP 503 three times")])
    assert condition.message == "question_one: http error: HTTP 503 three times"
    assert condition.severity is AlertLevel.CRITICAL
    assert condition.key == "source_broken:question_one"


@pytest.mark.parametrize(
    ("loop", "words"),
    [
        (replace(LOOP, beat_age_seconds=61.0), "has not spoken for 61 s"),
        (replace(LOOP, state="restarting", last_error="ValueError: x"), "is restarting after it died: ValueError: x"),
        (replace(LOOP, state="stopped"), "is stopped after it died"),
    ],
)
def test_o09_a_loop_that_died_or_fell_silent_is_told(loop: LoopState, words: str) -> None:
    [condition] = found(replace(WELL, loops=(LOOP, loop)))
    assert (condition.kind, condition.severity) == (ConditionKind.LOOP_DIED, AlertLevel.CRITICAL)
    assert words in condition.message


@pytest.mark.parametrize("phase", [Phase.STARTING, Phase.DRAINING, Phase.STOPPED])
def test_loops_that_end_with_the_daemon_are_no_news(phase: Phase) -> None:
    dead = replace(LOOP, state="stopped")
    assert kinds(replace(WELL, phase=phase, loops=(dead,))) == []


@pytest.mark.parametrize(("away", "told"), [(4 * MINUTE, []), (6 * MINUTE, ["database_lost"])])
def test_a_database_that_is_away_for_five_minutes(away: dt.timedelta, told: list[str]) -> None:
    lost = replace(WELL, database_lost_at=NOW - away, checks=(HealthCheck(LOCK_CHECK, False, "fail", "lost"),))
    assert kinds(lost, stored=None) == told
    assert look_around(lost, (), None, None, NOW).database_is_away


def test_a_daemon_that_waits_for_the_database_since_its_start_tells_it_too() -> None:
    waiting = replace(WELL, phase=Phase.WAITING, started_at=NOW - 6 * MINUTE, loops=())
    assert kinds(waiting, stored=None) == ["database_lost"]
    assert kinds(replace(waiting, started_at=NOW - MINUTE), stored=None) == []


def test_a_lost_lock_is_told_unless_the_database_is_away() -> None:
    lost = replace(WELL, checks=(HealthCheck(LOCK_CHECK, False, "fail", "being taken again"),))
    [condition] = found(lost)
    assert condition.is_grave
    assert "being taken again" in condition.message


def test_the_name_of_the_locks_check_is_the_daemons() -> None:
    from trivia_scraper.policy.daemon_health import Signs, checks_of

    signs = Signs(
        phase=Phase.READY, loops=(), lock_held=False, database_lost_at=None, storage_full_at=None, storage_error="",
        settings_error="", restart_keys=(), sources=(),
    )  # fmt: skip
    assert kinds(replace(WELL, checks=checks_of(signs))) == ["lock_lost"]


@pytest.mark.parametrize(
    ("free", "full", "told"),
    [
        (2_000, False, []),
        (1_999, False, ["storage_low"]),
        (0, False, ["storage_low"]),
        (0, True, ["storage_full"]),
        (10_000, True, ["storage_full"]),
    ],
)
def test_room_that_runs_low_or_out(free: int, full: bool, told: list[str]) -> None:
    state = replace(WELL, storage_full_at=NOW - HOUR if full else None)
    assert kinds(state, room=Room(free, 1_000)) == told


def test_a_full_store_does_not_say_that_low_is_over() -> None:
    sighting = look_around(replace(WELL, storage_full_at=NOW), (), QUIET, Room(0, 1_000), NOW)
    assert ConditionKind.STORAGE_LOW not in sighting.judged


def test_refused_settings_are_told_with_the_reason() -> None:
    [condition] = found(replace(WELL, settings_error="log.level: unknown"))
    assert condition.kind is ConditionKind.SETTINGS_REFUSED
    assert "log.level: unknown" in condition.message


@pytest.mark.parametrize(
    ("opened_ago", "until_in", "is_told"),
    [
        (10 * MINUTE, 5 * MINUTE, False),
        (59 * MINUTE, MINUTE, False),
        (61 * MINUTE, -MINUTE, True),  # it only waits for a probe
        (MINUTE, 2 * HOUR, True),  # open for longer than an hour, as is known now
    ],
)
def test_a_breaker_that_is_open_for_an_hour(opened_ago: dt.timedelta, until_in: dt.timedelta, is_told: bool) -> None:
    state = BreakerState(10, 900.0, NOW - opened_ago, NOW + until_in)
    told = kinds(stored=replace(QUIET, breakers={"cdn.example": state}))
    assert told == (["breaker_open"] if is_told else [])


def test_r229_alerts_are_conditions_under_their_own_names() -> None:
    alerts = (
        Alert("provider_failing:here", AlertLevel.WARNING, "here fails"),
        Alert("images_closed", AlertLevel.WARNING, "6 % are closed"),
        Alert("provider_used:here:hour", AlertLevel.CRITICAL, "96 %"),
        Alert("breaker_open:cdn.example", AlertLevel.WARNING, "only for a moment"),
        Alert("cleanup_missed", AlertLevel.WARNING, "the last one ended long ago"),
    )
    told = [(one.kind.value, one.subject, one.severity.value) for one in found(stored=replace(QUIET, alerts=alerts))]
    assert told == [
        ("provider_failing", "here", "warning"),
        ("images_closed", "", "warning"),
        ("provider_used", "here:hour", "critical"),
        ("cleanup_missed", "", "warning"),
    ]


@pytest.mark.parametrize(
    ("up", "every", "is_told"),
    [
        (HOUR, DAY, False),
        (25 * HOUR, DAY, False),
        (26 * HOUR, DAY, True),
        (6 * DAY, 7 * DAY, False),
        (DAY, None, False),
    ],
)
def test_a_missed_cleanup_is_news_once_a_daemon_had_the_time_for_it(
    up: dt.timedelta, every: dt.timedelta | None, is_told: bool
) -> None:
    stored = StoredSigns(
        (Alert("cleanup_missed", AlertLevel.WARNING, "no cleanup has run yet"),), cleanup_every=every
    )
    assert kinds(replace(WELL, started_at=NOW - up), stored=stored) == (["cleanup_missed"] if is_told else [])


def test_what_a_cleanup_holds_is_told() -> None:
    [condition] = found(stored=replace(QUIET, cleanup_holds=("4,000 of 5,000 files have no row",)))
    assert (condition.kind, condition.subject) == (ConditionKind.DELETION_HELD, "files")
    assert "4,000 of 5,000" in condition.message


def test_what_cannot_be_looked_at_is_not_judged() -> None:
    judged = look_around(WELL, None, None, None, NOW).judged
    assert not judged & (OF_SOURCES | {ConditionKind.BREAKER_OPEN, ConditionKind.DELETION_HELD})
    assert ConditionKind.STORAGE_LOW not in judged
    assert ConditionKind.LOOP_DIED in judged
