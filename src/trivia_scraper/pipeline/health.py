"""How sources fare, judged after every run and now and then between: stored, logged, raised as an issue, resolved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.outcomes import IndexVerdict, SourceReport
from trivia_scraper.domain.source_health import ExpectedRun, SourceHealth, SourceRecord, SourceState
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.policy.source_health import judge_source, next_step
from trivia_scraper.ports import Services

ISSUE: Final = "source_health"
NOTHING_EXPECTED: Final[Mapping[str, ExpectedRun]] = MappingProxyType({})


async def judge_sources(
    sources: Sequence[str], services: Services, *, expected: Mapping[str, ExpectedRun] = NOTHING_EXPECTED
) -> Sequence[SourceHealth]:
    """How these sources fare now, in this order. A change of state is stored, logged, and raised or resolved.

    expected  the last slot of each source that has a schedule; without one nothing is overdue
    Raises StorageUnavailable or DatabaseUnreachable once patience has ended.
    """
    records = await attempt_storing(lambda: services.runs.source_records(sources), "reading sources' past", services)
    now = services.clock.now()
    healths = [judge_source(records[slug], expected.get(slug), now) for slug in sources]
    for health in healths:
        await _keep(health, records[health.slug], services)
    return healths


async def record_and_judge(report: SourceReport, services: Services) -> SourceHealth:
    """Keep a source's counts of this run, then judge it by them; what the run did not tell yet becomes a warning."""
    await attempt_storing(
        lambda: services.runs.record_source_run(services.run_id, report, services.clock.now()),
        "source counts",
        services,
    )
    [health] = await judge_sources([report.slug], services)
    # Whatever else kept the index from being complete is a failure or a warning of this run already.
    if report.verdict is IndexVerdict.COMPLETE and not report.held and not health.state.is_well:
        report.warnings.append(f"{health.state.value}: {health.why}")
    return health


async def _keep(health: SourceHealth, record: SourceRecord, services: Services) -> None:
    if health.state is not record.health:
        _tell(health, record, services)
    if (health.state, health.why, health.since) != (record.health, record.health_why, record.health_since):
        await attempt_storing(lambda: services.runs.keep_health(health), "a source's health", services)
    if health.state.is_well:
        await attempt_storing(
            lambda: services.runs.resolve_issue(ISSUE, health.slug, health.slug, services.clock.now()),
            "resolving an issue",
            services,
        )
    elif (health.state, health.why) != (record.health, record.health_why):
        await attempt_storing(
            lambda: services.runs.raise_issue(
                ISSUE, health.slug, health.slug, issue_text(health), services.run_id, services.clock.now()
            ),
            "raising an issue",
            services,
        )


def issue_text(health: SourceHealth) -> str:
    """What is wrong, and the next thing to type."""
    return f"{health.state.value}: {health.why}; {next_step(health.slug, health.state, health.fallen)}"


def _tell(health: SourceHealth, record: SourceRecord, services: Services) -> None:
    was = None if record.health is None else record.health.value
    told = {"source": health.slug, "state": health.state.value, "was": was, "why": health.why, "since": health.since}
    if health.state.is_broken:
        services.log.error(LogEvent.SOURCE_BROKEN, **told)
    elif not health.state.is_well:
        services.log.warning(LogEvent.SOURCE_DEGRADED, **told)
    elif health.state is SourceState.OK and record.health is not None and not record.health.is_well:
        services.log.info(LogEvent.SOURCE_RECOVERED, **told)
