"""Which jobs there are, by the settings (operations.md 11; D5, R172)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.domain.crontab import Crontab
from trivia_scraper.domain.schedules import Job, JobKind
from trivia_scraper.pipeline.cleanup import SCHEDULE_NAME
from trivia_scraper.policy.jobs import planned_jobs
from trivia_scraper.policy.schedules import latest_due, schedule_of
from trivia_scraper.settings import Settings, SourceSection, settings_from

START = dt.datetime(2026, 3, 10, tzinfo=dt.UTC)
SOURCES = {
    "question_one": SourceSection(),
    "quizmeisters": SourceSection(schedule="15 5 * * 1"),
    "inquizition": SourceSection(enabled=False),
    "speed_quizzing": SourceSection(schedule="never"),
    "pub_hosts": SourceSection(),
}


def settings(**sections: Any) -> Settings:
    return settings_from(sections, state_dir=Path("/nonexistent"))


def jobs(*paused: str, **sections: Any) -> dict[str, Job]:
    return {job.name: job for job in planned_jobs(settings(**sections), SOURCES, paused)}


def test_defaults_are_the_schedule_of_the_specification() -> None:
    lines = {name: (job.crontab.line, job.crontab.zone) for name, job in jobs().items()}
    assert lines == {
        "refresh:question_one": ("0 3 * * *", "UTC"),
        "refresh:quizmeisters": ("15 5 * * 1", "UTC"),
        "refresh:pub_hosts": ("0 3 * * *", "UTC"),
        "cleanup": ("0 4 * * *", "UTC"),
        "verify": ("30 * * * *", "UTC"),
        "snapshot": ("0 6 * * *", "UTC"),
        "weekly_report": ("0 6 * * 1", "UTC"),
    }


@pytest.mark.parametrize(
    ("sections", "missing"),
    [
        ({"schedule": {"refresh": ""}}, {"refresh:question_one", "refresh:pub_hosts"}),
        ({"cleanup": {"enabled": False}}, {"cleanup"}),
        ({"daemon": {"verify_images": 0}}, {"verify"}),
        ({"schedule": {"verify": "", "snapshot": "", "weekly_report": ""}}, {"verify", "snapshot", "weekly_report"}),
    ],
)
def test_what_is_switched_off_is_no_job(sections: dict[str, Any], missing: set[str]) -> None:
    assert set(jobs()) - set(jobs(**sections)) == missing


def test_enrichment_costs_money_and_runs_only_where_it_is_enabled() -> None:
    assert "enrichment" not in jobs()
    assert jobs(enrichment={"enabled": True})["enrichment"].crontab == Crontab("30 4 * * *")
    assert "enrichment" not in jobs(enrichment={"enabled": True}, schedule={"enrichment": ""})


def test_a_paused_source_has_no_job() -> None:
    assert set(jobs()) - set(jobs("question_one")) == {"refresh:question_one"}


def test_jitter_is_for_sources_and_zone_and_catch_up_for_all() -> None:
    planned = jobs(schedule={"timezone": "Europe/London", "jitter": "3m", "catch_up": "skip"})
    for name, job in planned.items():
        assert job.jitter == dt.timedelta(minutes=3 if job.kind is JobKind.REFRESH else 0)
        assert job.catch_up == "skip"
        assert job.crontab.zone == ("UTC" if name == "cleanup" else "Europe/London")
    assert planned["refresh:question_one"].source == "question_one"


@given(
    st.integers(0, 10 * 365 * 86_400).map(lambda seconds: START + dt.timedelta(seconds=seconds)),
    st.times().map(lambda time: f"{time:%H:%M}"),
    st.sampled_from(["daily", "weekly"]),
)
def test_r169_the_daemon_and_the_command_mean_the_same_cleanup(now: dt.datetime, time: str, every: Any) -> None:
    """D5: whoever begins takes the other's slot, for both give it one name and one due time."""
    planned = planned_jobs(settings(cleanup={"time": time, "every": every}, schedule={"timezone": "Asia/Tokyo"}), {})
    [cleanup] = [job for job in planned if job.kind is JobKind.CLEANUP]
    assert cleanup.name == SCHEDULE_NAME
    assert cleanup.crontab.latest_until(now) == latest_due(schedule_of(time, every), now)
