"""Jobs that travel between machines (D10): equal on the far side, and refused when they are not whole."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.domain.errors import SetupError
from trivia_scraper.domain.models import Listing, OwnerKind
from trivia_scraper.domain.options import RefreshOptions, options_to_json
from trivia_scraper.domain.queued_jobs import (
    JOB_KINDS,
    BatchJob,
    EnrichmentJob,
    IndexJob,
    QueuedJob,
    QueuedVisit,
    RecoveryJob,
    RequestsJob,
    VerificationJob,
    job_from_json,
    job_to_json,
)

RUN = UUID(int=7)
SLUGS = st.lists(st.text("abc-", min_size=1), max_size=3).map(tuple)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
POSITIONS = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def stated_options(draw: st.DrawFn) -> RefreshOptions:
    forced = draw(st.booleans())
    return RefreshOptions(
        force_refresh_images=forced,
        force_update=draw(st.booleans()),
        clean_first=forced and draw(st.booleans()),
        retry_failed_only=draw(st.booleans()),
        dry_run=draw(st.booleans()),
        limit=draw(st.none() | st.integers(1, 10**6)),
        sources=draw(SLUGS),
        venues=draw(SLUGS),
        providers=draw(SLUGS),
        max_time_seconds=draw(st.none() | st.floats(0.001, 1e9)),
    )


LISTINGS = st.builds(
    Listing,
    source=TEXT, key=TEXT, url=TEXT, name=TEXT, address=st.none() | TEXT, latitude=POSITIONS, longitude=POSITIONS,
    stated=st.dictionaries(TEXT, TEXT, max_size=2),
)  # fmt: skip
VISITS = st.lists(st.builds(QueuedVisit, LISTINGS, TEXT), max_size=3).map(tuple)
OPTIONS, IDS, COUNTS = stated_options(), st.uuids(), st.integers(0, 10**9)
JOBS = st.one_of(
    st.builds(IndexJob, IDS, TEXT, OPTIONS),
    st.builds(BatchJob, IDS, TEXT, COUNTS, VISITS, OPTIONS),
    st.builds(RecoveryJob, IDS, st.sampled_from(OwnerKind), COUNTS, st.booleans(), OPTIONS),
    st.builds(RequestsJob, IDS, OPTIONS),
    st.builds(EnrichmentJob, IDS, TEXT, OPTIONS),
    st.builds(VerificationJob, IDS, COUNTS, OPTIONS),
)


@given(JOBS)
def test_a_job_is_the_same_on_the_far_side(job: QueuedJob) -> None:
    assert job_from_json(job_to_json(job)) == job


@given(JOBS)
def test_its_options_travel_as_the_one_document(job: QueuedJob) -> None:
    assert json.loads(job_to_json(job))["options"] == json.loads(options_to_json(job.options))


@given(JOBS)
def test_every_kind_has_its_place_in_the_queue(job: QueuedJob) -> None:
    assert job.kind in JOB_KINDS
    assert job.name
    assert job.dedupe_key.startswith(job.kind)


def forced_index() -> dict[str, Any]:
    options = RefreshOptions(
        force_refresh_images=True, force_update=False, clean_first=False, retry_failed_only=False, dry_run=False,
        limit=None, sources=(), venues=(), providers=(), max_time_seconds=None,
    )  # fmt: skip
    document: dict[str, Any] = json.loads(job_to_json(IndexJob(RUN, "question_one", options)))
    return document


@pytest.mark.parametrize(
    "change",
    [
        lambda job: job["options"].pop("force_refresh_images"),
        lambda job: job["options"].update(force_refresh_images=None),
        lambda job: job["options"].update(force_refresh_images="true"),
        lambda job: job["options"].update(force_refresh_images=1),
        lambda job: job["options"].update(surprise=True),
        lambda job: job.pop("options"),
        lambda job: job.pop("run_id"),
        lambda job: job.update(kind="unheard of"),
        lambda job: job.update(kind="batch"),
    ],
)
def test_a_job_that_is_not_whole_is_refused_and_nothing_is_assumed(change: Any) -> None:
    document = forced_index()
    change(document)
    with pytest.raises(SetupError, match="a queued job is unreadable"):
        job_from_json(json.dumps(document))


@pytest.mark.parametrize("text", ["", "null", "[]", "{", b"\xff"])
def test_what_is_no_document_is_refused(text: str | bytes) -> None:
    with pytest.raises(SetupError, match="a queued job is unreadable"):
        job_from_json(text)
