"""What the daemon's state means: the checks behind `/readyz`, and the one sentence that systemd shows. Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trivia_scraper.domain.live import HealthCheck, JobState, LoopState, NextSlot, Phase
from trivia_scraper.domain.source_health import SourceHealth


@dataclass(frozen=True, slots=True)
class Signs:
    """What was measured. Times are those since when something is wrong; None = it is well."""

    phase: Phase
    loops: Sequence[LoopState]
    lock_held: bool
    database_lost_at: dt.datetime | None
    storage_full_at: dt.datetime | None
    storage_error: str
    settings_error: str
    restart_keys: Sequence[str]
    sources: Sequence[SourceHealth]
    waiting_for: str = ""


def checks_of(signs: Signs) -> tuple[HealthCheck, ...]:
    """Every check, in the order in which a person would mend them. Only those that "fail" take readiness down."""
    return (
        _started(signs),
        _database(signs),
        _lock(signs),
        _storage(signs),
        *(_loop(loop) for loop in signs.loops),
        *_warnings(signs),
    )


def _started(signs: Signs) -> HealthCheck:
    return HealthCheck("started", signs.phase is Phase.READY, "fail", signs.phase.value)


def _database(signs: Signs) -> HealthCheck:
    if signs.phase is Phase.WAITING:
        detail = "does not answer since the start" + (f": {signs.waiting_for}" if signs.waiting_for else "")
        return HealthCheck("database", False, "fail", detail, "trivia-scraper doctor")
    if signs.database_lost_at is not None:
        since = _clock(signs.database_lost_at)
        return HealthCheck("database", False, "fail", f"does not answer since {since}", "trivia-scraper doctor")
    return HealthCheck("database", True, "fail", "answers")


def _lock(signs: Signs) -> HealthCheck:
    if signs.lock_held or signs.phase in (Phase.STARTING, Phase.WAITING):
        return HealthCheck("store lock", signs.lock_held, "fail", "held" if signs.lock_held else "not taken yet")
    return HealthCheck("store lock", False, "fail", "lost; being taken again", "trivia-scraper doctor")


def _storage(signs: Signs) -> HealthCheck:
    if signs.storage_full_at is None:
        return HealthCheck("image store", True, "fail", "writable")
    why = signs.storage_error or "free space is below storage.min_free"
    detail = f"{why}, since {_clock(signs.storage_full_at)}: downloads pause, the rest goes on"
    return HealthCheck("image store", False, "fail", detail, "make room; downloads resume by themselves")


def _loop(loop: LoopState) -> HealthCheck:
    name = f"loop {loop.name}"
    if loop.is_fresh:
        return HealthCheck(name, True, "fail", f"alive {loop.beat_age_seconds:.0f} s ago")
    if loop.state == "running":
        return HealthCheck(name, False, "fail", f"silent for {loop.beat_age_seconds:.0f} s", "systemctl restart")
    why = f"{loop.state}: {loop.last_error}" if loop.last_error else loop.state
    return HealthCheck(name, False, "fail", why, "it is started again by itself; the log has the traceback")


def _warnings(signs: Signs) -> Iterator[HealthCheck]:
    if signs.settings_error:
        detail = f"the last reload was refused: {signs.settings_error}"
        yield HealthCheck("settings", False, "warn", detail, "mend config.toml, then reload")
    if signs.restart_keys:
        detail = f"changed, but need a restart: {', '.join(signs.restart_keys)}"
        yield HealthCheck("settings to restart for", False, "warn", detail, "systemctl restart trivia-scraper")
    for source in signs.sources:
        if not source.state.is_well:
            detail = f"{source.state.value}: {source.why}" if source.why else source.state.value
            yield HealthCheck(
                f"source {source.slug}", False, "warn", detail, f"trivia-scraper sources test {source.slug}"
            )


def status_sentence(signs: Signs, jobs: Sequence[JobState], next_slots: Sequence[NextSlot]) -> str:
    """ "idle; next refresh:question_one 03:04 UTC; 5 sources ok, 1 zero_yield" (operations.md 5)."""
    parts = [_doing(signs, jobs)]
    if next_slots and signs.phase is Phase.READY:
        first = min(next_slots, key=lambda slot: slot.due_at)
        parts.append(f"next {first.job} {_clock(first.due_at)}")
    counted = Counter(source.state.value for source in signs.sources)
    if counted:
        told = ", ".join(f"{number} {state}" for state, number in sorted(counted.items(), key=_ok_first))
        parts.append(f"sources: {told}")
    broken = [check.name for check in checks_of(signs) if not check.ok and check.severity == "fail"]
    if broken and signs.phase is Phase.READY:
        parts.append(f"not ready: {', '.join(broken)}")
    if signs.settings_error:
        parts.append("the last reload was refused")
    return "; ".join(parts)


def _doing(signs: Signs, jobs: Sequence[JobState]) -> str:
    if signs.phase is not Phase.READY and not (signs.phase is Phase.DRAINING and jobs):
        return signs.phase.value
    if not jobs:
        return "idle"
    names = ", ".join(sorted(job.name for job in jobs))
    return f"draining: {names}" if signs.phase is Phase.DRAINING else f"running {names}"


def _ok_first(counted: tuple[str, int]) -> tuple[bool, str]:
    return counted[0] != "ok", counted[0]


def _clock(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%H:%M} UTC"
