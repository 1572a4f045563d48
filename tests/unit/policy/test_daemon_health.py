"""What `/readyz` and systemd are told of each state of the daemon."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from trivia_scraper.domain.live import JobState, LoopState, NextSlot, Phase
from trivia_scraper.domain.source_health import SourceHealth, SourceState
from trivia_scraper.policy.daemon_health import Signs, checks_of, status_sentence

NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
WELL = Signs(
    phase=Phase.READY,
    loops=(LoopState("schedule", "running", 2.0, 60.0, 0),),
    lock_held=True,
    database_lost_at=None,
    storage_full_at=None,
    storage_error="",
    settings_error="",
    restart_keys=(),
    sources=(),
)
SILENT = LoopState("schedule", "running", 61.0, 60.0, 0)
DOWN = LoopState("schedule", "restarting", 2.0, 60.0, 3, "ValueError: a bug")


def source(slug: str, state: SourceState, why: str = "") -> SourceHealth:
    """A source in a state."""
    return SourceHealth(slug, state, why, None, None, None)


@pytest.mark.parametrize(
    ("change", "failing", "told"),
    [
        ({}, None, ""),
        ({"phase": Phase.STARTING, "lock_held": False}, "started", "starting"),
        ({"phase": Phase.WAITING, "lock_held": False}, "database", "does not answer since the start"),
        ({"phase": Phase.DRAINING}, "started", "draining"),
        ({"database_lost_at": NOON}, "database", "does not answer since 12:00 UTC"),
        ({"lock_held": False}, "store lock", "lost; being taken again"),
        ({"storage_full_at": NOON}, "image store", "free space is below storage.min_free, since 12:00 UTC"),
        ({"storage_full_at": NOON, "storage_error": "read-only"}, "image store", "read-only, since 12:00 UTC"),
        ({"loops": (SILENT,)}, "loop schedule", "silent for 61 s"),
        ({"loops": (DOWN,)}, "loop schedule", "restarting: ValueError: a bug"),
    ],
)
def test_what_takes_readiness_down(change: dict[str, Any], failing: str | None, told: str) -> None:
    checks = checks_of(replace(WELL, **change))
    failed = {check.name: check for check in checks if not check.ok and check.severity == "fail"}
    if failing is None:
        assert failed == {}
    else:
        assert told in failed[failing].detail


@pytest.mark.parametrize(
    ("change", "name", "told"),
    [
        ({"settings_error": "config.toml:3: …"}, "settings", "the last reload was refused: config.toml:3: …"),
        ({"restart_keys": ("http.proxy",)}, "settings to restart for", "http.proxy"),
        (
            {"sources": (source("one", SourceState.OK), source("two", SourceState.ZERO_YIELD, "0 of 40"))},
            "source two",
            "zero_yield: 0 of 40",
        ),
    ],
)
def test_what_is_only_told(change: dict[str, Any], name: str, told: str) -> None:
    checks = checks_of(replace(WELL, **change))
    [warning] = [check for check in checks if not check.ok]
    assert (warning.name, warning.severity) == (name, "warn")
    assert told in warning.detail
    assert warning.next


@pytest.mark.parametrize(
    ("change", "jobs", "sentence"),
    [
        ({}, (), "idle; next refresh:one 03:00 UTC"),
        ({}, ("cleanup", "refresh:one"), "running cleanup, refresh:one; next refresh:one 03:00 UTC"),
        ({"phase": Phase.WAITING, "lock_held": False}, (), "waiting for database"),
        ({"phase": Phase.DRAINING}, ("cleanup",), "draining: cleanup"),
        ({"database_lost_at": NOON}, (), "idle; next refresh:one 03:00 UTC; not ready: database"),
        ({"settings_error": "x"}, (), "idle; next refresh:one 03:00 UTC; the last reload was refused"),
        (
            {
                "sources": (
                    source("a", SourceState.ZERO_YIELD),
                    source("b", SourceState.OK),
                    source("c", SourceState.OK),
                )
            },
            (),
            "idle; next refresh:one 03:00 UTC; sources: 2 ok, 1 zero_yield",
        ),
    ],
)
def test_the_sentence_for_systemd(change: dict[str, Any], jobs: tuple[str, ...], sentence: str) -> None:
    running = [JobState(UUID(int=number), name, "schedule", NOON) for number, name in enumerate(jobs)]
    slots = (
        NextSlot("cleanup", NOON + dt.timedelta(hours=16), "0 4 * * *", "UTC"),
        NextSlot("refresh:one", NOON + dt.timedelta(hours=15), "0 3 * * *", "UTC"),
    )
    assert status_sentence(replace(WELL, **change), running, slots) == sentence
