"""Metrics: catalogue, document and page agree, within budget, and no label says what is nobody's business."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from support.house import make_options
from support.live import NOON, make_loop, make_slot, make_state
from trivia_scraper.domain.errors import (
    AddressBlocked,
    ImageRejected,
    InvalidUrl,
    PageForbidden,
    PageGone,
    PageUnreachable,
    PermanentError,
    TriviaScraperError,
)
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.gauges import (
    AGE_BOUNDS,
    AgeClasses,
    DirectoryFigures,
    PoolFigures,
    SourceFigures,
    StoreFigures,
)
from trivia_scraper.domain.live import DaemonState, Phase
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.domain.outcomes import DetailOutcomeKind, ImageOutcomeKind, IndexVerdict, RunReport, SourceReport
from trivia_scraper.domain.photos import PhotoOutcomeKind
from trivia_scraper.domain.schedules import JobKind
from trivia_scraper.metrics import Metrics, built_from
from trivia_scraper.metrics.catalogue import METRICS, PREFIX, Kind
from trivia_scraper.metrics.counting import blocked_by
from trivia_scraper.providers.registry import PHOTO_PROVIDERS

ROOT = Path(__file__).parents[2]
SOURCES = ("question_one", "quizmeisters", "google_places")
TEXT = "text/plain"

Series = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def series_of(metrics: Metrics, state: DaemonState | None = None, pool: PoolFigures | None = None) -> Series:
    """Every sample of the page by name (prefix left out) and labels."""
    body, _ = metrics.exposition(state or make_state(), pool, TEXT)
    return {
        (sample.name.removeprefix(PREFIX), frozenset(sample.labels.items())): sample.value
        for family in read_text(body.decode())
        for sample in family.samples
    }


def value(series: Series, name: str, **labels: str) -> float | None:
    return series.get((name, frozenset(labels.items())))


def make_metrics() -> Metrics:
    return Metrics(SOURCES, "abc1234")


def make_store(sources: Mapping[str, SourceFigures]) -> StoreFigures:
    return StoreFigures(
        sources, dead_images=7, breakers={"open": 1, "half_open": 2, "closed": 3}, file_intents=4, orphan_files=5,
        missing_files=6,
    )  # fmt: skip


def make_ages(*counts: int) -> AgeClasses:
    return AgeClasses((*counts, *[0] * (len(AGE_BOUNDS) + 1 - len(counts))), 10.0 * sum(counts))


def make_directory(**ages: AgeClasses) -> DirectoryFigures:
    return DirectoryFigures({"uploaded": 12, "failed": 3}, ages, 1_234, {"question_one": 9, "long_gone": 2})


def make_report(*verdicts: tuple[str, IndexVerdict | None], dry_run: bool = False) -> RunReport:
    report = RunReport(uuid4(), make_options(dry_run=dry_run), NOON, NOON + dt.timedelta(seconds=90))
    report.sources = {slug: SourceReport(slug, verdict=verdict) for slug, verdict in verdicts}
    return report


def everything(slugs: list[str], providers: Collection[str] = ()) -> Metrics:
    """Metrics that have seen all that can happen, at these sources and photo providers."""
    metrics = Metrics([*slugs, *providers], "abc1234")
    counts = metrics.counts
    for status in (100, 204, 301, 404, 503, None):
        counts.page_tried(status)
    counts.fetch_took(0.3)
    counts.decode_took(0.02)
    counts.image_received(1_000)
    for kind in ("not_modified", "fresh"):
        counts.bytes_saved(kind, 500)
    for outcome in {*ImageOutcomeKind, *PhotoOutcomeKind}:
        counts.image_ended(outcome.value)
    for change in ("created", "updated", "gone", "closed", "held"):
        counts.venues_changed(change)
    for verdict in (IndexVerdict.COMPLETE, IndexVerdict.FAILED):
        metrics.note_run(make_report(*((slug, verdict) for slug in (*slugs, "long_gone"))))
    metrics.show_store(make_store({slug: SourceFigures("ok", NOON) for slug in slugs}))
    ages = {slug: make_ages(1, 2) for slug in (*slugs, *providers, "long_gone")}
    states = dict.fromkeys((each.value for each in ImageStatus), 1)
    metrics.show_directory(DirectoryFigures(states, ages, 1, dict.fromkeys(ages, 1)))
    metrics.show_free_bytes(10**9)
    return metrics


def busy_state() -> DaemonState:
    jobs = [*JobKind, *(f"refresh:source_{number}" for number in range(50)), "recovery"]
    return make_state(
        loops=tuple(make_loop(f"loop {number}") for number in range(20)),
        next_slots=tuple(make_slot(str(job), 1) for job in jobs),
    )


def test_the_budget_of_series_holds_at_fifty_sources() -> None:
    """operations.md 7: at most 500 series, after everything that can happen has happened at every source."""
    metrics = everything([f"source_{number}" for number in range(50)], providers=PHOTO_PROVIDERS)
    assert len(series_of(metrics, busy_state(), PoolFigures())) <= 500


@pytest.mark.parametrize("accept", [TEXT, "application/openmetrics-text; version=1.0.0"])
def test_every_metric_of_the_catalogue_is_told_and_no_other(accept: str) -> None:
    body, media_type = everything(["question_one"]).exposition(busy_state(), PoolFigures(), accept)
    read = read_openmetrics if "openmetrics" in media_type else read_text
    told = {
        (f"{family.name}_total" if family.type == "counter" and not family.name.endswith("_total") else family.name)
        .removeprefix(PREFIX): (family.type, {name for sample in family.samples for name in sample.labels} - {"le"})
        for family in read(body.decode())
    }  # fmt: skip
    assert told == {metric.name: (metric.kind.value, set(metric.label_names)) for metric in METRICS}
    assert b"_created" not in body


def test_names_have_base_units_and_counters_end_in_total() -> None:
    for metric in METRICS:
        assert re.fullmatch(r"[a-z][a-z_]*", metric.name)
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
        assert not re.search(r"_(ms|minutes|hours|kb|mb|percent|pct)(_|$)", metric.name)


def test_the_document_is_what_the_catalogue_says() -> None:
    """`make metrics` writes it."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("metrics_table", ROOT / "tests" / "architecture" / "metrics_table.py")
    assert spec is not None
    assert spec.loader is not None
    table = module_from_spec(spec)
    spec.loader.exec_module(table)
    assert (ROOT / "docs" / "metrics.md").read_text("utf-8") == table.document()


BLOCKED: list[tuple[TriviaScraperError, str | None]] = [
    (AddressBlocked("x"), "ssrf"),
    (InvalidUrl("x"), "url"),
    (PageForbidden("x", reason=Reason.ROBOTS), "robots"),
    (PermanentError("x", error_type=ErrorType.FILE_TOO_LARGE, reason=Reason.BYTES), "size"),
    (PermanentError("x", reason=Reason.BOMB), "bomb"),
    (ImageRejected("x", reason=Reason.PIXELS), "bomb"),
    (ImageRejected("x", reason=Reason.HTML), "type"),
    (PageUnreachable("x", reason=Reason.SLOW), "slow"),
    (PageUnreachable("x", reason=Reason.DNS), None),
    (PageForbidden("x", status_code=403), None),
    (PageGone("x", status_code=404), None),
]


@pytest.mark.parametrize(("error", "guard"), BLOCKED, ids=[f"{type(e).__name__}-{e.reason}" for e, _ in BLOCKED])
def test_a_refusal_names_its_guard(error: TriviaScraperError, guard: str | None) -> None:
    assert blocked_by(error) == guard
    metrics = make_metrics()
    metrics.counts.try_failed(error)
    series = series_of(metrics)
    assert value(series, "failures_total", error_type=error.error_type.value) == 1
    blocked = {dict(labels)["reason"]: n for (name, labels), n in series.items() if name == "fetch_blocked_total"}
    assert {reason for reason, number in blocked.items() if number} == ({guard} if guard else set())
    assert set(blocked) == {"ssrf", "url", "robots", "size", "bomb", "type", "slow"}


@pytest.mark.parametrize(
    ("status", "told"), [(200, "2xx"), (304, "3xx"), (599, "5xx"), (None, "none"), (0, "none"), (999, "none")]
)
def test_a_status_is_told_by_its_class(status: int | None, told: str) -> None:
    metrics = make_metrics()
    metrics.counts.page_tried(status)
    assert value(series_of(metrics), "pages_fetched_total", status_class=told) == 1


def test_a_run_counts_once_for_each_source_and_a_dry_run_not_at_all() -> None:
    metrics = make_metrics()
    metrics.note_run(make_report(("question_one", IndexVerdict.COMPLETE), ("quizmeisters", IndexVerdict.HELD)))
    metrics.note_run(make_report(("question_one", IndexVerdict.COMPLETE), dry_run=True))
    series = series_of(metrics)
    assert value(series, "runs_total", source="question_one", outcome="complete") == 1
    assert value(series, "runs_total", source="quizmeisters", outcome="incomplete") == 1
    assert value(series, "run_duration_seconds_count") == 1
    assert value(series, "run_duration_seconds_sum") == 90


def test_o25_a_slug_that_nobody_knows_is_no_label() -> None:
    metrics = make_metrics()
    metrics.note_run(make_report(("https://user:hunter2@pub.example/?key=s3cret", IndexVerdict.COMPLETE)))
    metrics.show_store(
        make_store({"long_gone": SourceFigures("ok", NOON), "quizmeisters": SourceFigures("odd", None)})
    )
    metrics.show_directory(
        make_directory(question_one=make_ages(3), long_gone=make_ages(1), gone_too=make_ages(0, 0))
    )
    state = make_state(next_slots=(make_slot("refresh:pub.example", 2), make_slot("https://pub.example", 3)))
    body, _ = metrics.exposition(state, None, TEXT)
    samples = [line for line in body.decode().splitlines() if not line.startswith("#")]
    assert not [line for line in samples if re.search("://|example|hunter2|s3cret|gone_|long", line)]
    series = series_of(metrics, state)
    assert value(series, "runs_total", source="other", outcome="complete") == 1
    assert value(series, "source_state", source="quizmeisters", state="other") == 1
    assert value(series, "venues", source="other") == 2
    assert value(series, "images_fresh_ratio", source="other") == 1
    assert value(series, "schedule_next_run_timestamp_seconds", job="other") == (NOON.timestamp() + 3 * 3600)


def test_sources_of_a_reloaded_configuration_become_labels() -> None:
    metrics = make_metrics()
    metrics.show_store(make_store({"new_one": SourceFigures("ok", NOON)}))
    assert value(series_of(metrics), "source_state", source="new_one", state="ok") is None
    metrics.know_sources([*SOURCES, "new_one"])
    assert value(series_of(metrics), "source_state", source="new_one", state="ok") == 1


def test_ages_are_a_histogram_of_the_moment_and_freshness_a_share() -> None:
    metrics = make_metrics()
    fresh, stale = make_ages(0, 0, 0, 0, 0, 0, 3), make_ages(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
    metrics.show_directory(make_directory(question_one=fresh, quizmeisters=stale))
    series = series_of(metrics)
    assert value(series, "images_fresh_ratio", source="question_one") == 1
    assert value(series, "images_fresh_ratio", source="quizmeisters") == 0
    assert value(series, "image_age_seconds_bucket", le="432000.0") == 0
    assert value(series, "image_age_seconds_bucket", le="604800.0") == 3
    assert value(series, "image_age_seconds_bucket", le="+Inf") == 4
    assert value(series, "image_age_seconds_sum") == 40
    metrics.show_directory(make_directory())
    assert value(series_of(metrics), "image_age_seconds_count") == 0


def test_what_was_not_read_yet_is_not_told() -> None:
    names = {name for name, _ in series_of(make_metrics())}
    assert names & {"dead_images", "images", "storage_free_bytes", "db_pool_connections", "file_intents"} == set()


def test_the_daemon_is_told_as_it_is_at_the_question() -> None:
    metrics = make_metrics()
    series = series_of(metrics, pool=PoolFigures(in_use=2, idle=1, waits=3, waited_seconds=1.5, reconnects=4))
    assert value(series, "build_info", version="0.1.0", commit="abc1234") == 1
    assert value(series, "ready") == 1
    assert value(series, "event_loop_lag_seconds") == 0.25
    assert value(series, "heartbeat_age_seconds", loop="schedule") == 2.5
    assert value(series, "schedule_next_run_timestamp_seconds", job="refresh") == NOON.timestamp() + 14 * 3600
    assert value(series, "db_pool_connections", state="in_use") == 2
    assert value(series, "db_pool_wait_seconds_sum") == 1.5
    assert value(series, "db_reconnects_total") == 4
    assert value(series_of(metrics, make_state(phase=Phase.DRAINING)), "ready") == 0


@pytest.mark.parametrize(("error", "told"), [("", 1), ("config.toml:3: expected '='", 0)])
def test_f09_a_refused_configuration_is_a_metric(error: str, told: int) -> None:
    body, _ = make_metrics().exposition(make_state(settings_error=error), None, TEXT)
    assert f"{PREFIX}config_reload_success {told}.0".encode() in body
    assert b"config.toml" not in body


def test_the_commit_is_the_one_that_pip_noted() -> None:
    assert re.fullmatch(r"unknown|[0-9a-f]{7,40}", built_from())


def known_names() -> set[str]:
    return {name for metric in METRICS for name in metric.sample_names}


def expressions() -> Iterator[tuple[str, str]]:
    """(where, query) of every alert and every panel."""
    for name, fields in alerts():
        yield name, fields["expr"]
    for panel in json.loads((ROOT / "deploy" / "grafana.json").read_text("utf-8"))["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def alerts() -> list[tuple[str, dict[str, str]]]:
    """Every rule with its fields, read by the layout that the file keeps: "key: value", and "key: |" with lines."""
    found: list[tuple[str, dict[str, str]]] = []
    block = ""
    for line in (ROOT / "deploy" / "alerts.yml").read_text("utf-8").splitlines():
        rule, field = re.fullmatch(r"      - alert: (\w+)", line), re.fullmatch(r" {8,10}(\w+): ?(.*)", line)
        if rule:
            found.append((rule[1], {}))
        elif field and found:
            block = field[1] if field[2] == "|" else ""
            found[-1][1][field[1]] = "" if block else field[2].strip('"')
        elif block and line.startswith(" " * 10):
            found[-1][1][block] += line.strip() + " "
    return found


def test_every_name_in_alerts_and_dashboard_exists() -> None:
    used = list(expressions())
    assert len(used) >= 25
    for where, query in used:
        named = set(re.findall(rf"{PREFIX}\w+", query))
        assert named, where
        assert named <= known_names(), where
        assert query.count("(") == query.count(")"), where


def test_every_label_in_alerts_and_dashboard_exists() -> None:
    labels = {metric.full_name: set(metric.label_names) for metric in METRICS}
    for where, query in expressions():
        for name, selected in re.findall(rf"({PREFIX}\w+)\{{([^}}]*)\}}", query):
            assert set(re.findall(r"(\w+)[=!]", selected)) <= labels[name], where


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    rules = alerts()
    assert len({name for name, _ in rules}) == len(rules) >= 10
    for name, fields in rules:
        assert set(fields) == {"expr", "for", "labels", "annotations", "summary", "action"}, name
        assert re.fullmatch(r"\{severity: (page|ticket)\}", fields["labels"]), name
        assert re.fullmatch(r"\d+[mh]", fields["for"]), name


def test_details_that_changed_nothing_are_no_change() -> None:
    metrics = make_metrics()
    metrics.counts.venues_changed("closed", 0)
    metrics.counts.venues_changed("held", 3)
    changes = {
        dict(labels)["kind"]: n for (name, labels), n in series_of(metrics).items() if name == "venue_changes_total"
    }
    assert changes == {"held": 3}
    assert {DetailOutcomeKind.UNCHANGED.value, DetailOutcomeKind.FAILED.value}.isdisjoint(changes)
