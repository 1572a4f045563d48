"""`retry` and `run --retry-failed-only`: what is chosen, what reaches the pipeline, what is shown (images.md 8)."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import pytest

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.models import ImageRole, OwnerKind
from trivia_scraper.domain.outcomes import FinishReason
from trivia_scraper.domain.recovery import OwnerRecovery, OwnerRef, RecoveredImage, RecoveryEnd, RecoveryRequest
from unit.cli import cli_samples as samples

DUE = dt.datetime(2026, 11, 21, 12, 0, 4, tzinfo=dt.UTC)


def image(number: int, end: RecoveryEnd, **changes) -> RecoveredImage:
    stated = {
        "id": number, "owner": "the-crown", "role": ImageRole.GALLERY, "provider": "google_places",
        "url": f"https://g.example/{number}", "end": end, "retry_count": 1, "next_retry_at": None,
        "error_type": ErrorType.RATE_LIMITED, "reason": None, "status_code": 429, "error": "HTTP 429",
        "was_attempted": end in (RecoveryEnd.UPLOADED, RecoveryEnd.FAILED),
    }  # fmt: skip
    return RecoveredImage(**(stated | changes))


@pytest.fixture
def recovered(monkeypatch, bootstrap):
    """What reached the pipeline, and what it answers."""

    class Recovered:
        request = None
        options = None
        images: tuple[RecoveredImage, ...] = ()
        report: ClassVar[dict] = {}

    async def recover(request, options, services):
        Recovered.request, Recovered.options = request, options
        owner = OwnerRecovery(OwnerRef(OwnerKind.VENUE, 1), "the-crown", list(Recovered.images))
        return samples.recovery(request=request, options=options, owners=[owner], **Recovered.report)

    async def refresh(options, services):
        raise AssertionError("a site was read")

    monkeypatch.setattr("trivia_scraper.pipeline.recovery.recover", recover)
    monkeypatch.setattr("trivia_scraper.pipeline.run.refresh", refresh)
    return Recovered


NOTHING_ELSE = {"include_ambiguous": False, "image_ids": (), "error_types": frozenset()}


@pytest.mark.parametrize(
    ("words", "request_changes", "options_changes"),
    [
        (("--all-due",), {"all_due": True}, {}),
        (("--all",), {"all_due": True}, {}),
        (("--venue", "b", "--venue", "a"), {}, {"venues": ("b", "a")}),
        (("--image", "17", "--image", "18"), {"image_ids": (17, 18)}, {}),
        (("--image", "17", "--include-ambiguous"), {"image_ids": (17,), "include_ambiguous": True}, {}),
        (("--provider", "here"), {"all_due": True}, {"providers": ("here",)}),
        (("--source", "question_one"), {"all_due": True}, {"sources": ("question_one",)}),
        (("--all-due", "--dry-run"), {"all_due": True}, {"dry_run": True}),
        (
            ("--class", "rate_limited, bad_gateway", "--class", "network_error"),
            {
                "all_due": True,
                "error_types": frozenset({ErrorType.RATE_LIMITED, ErrorType.BAD_GATEWAY, ErrorType.NETWORK_ERROR}),
            },
            {},
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_flags_become_request_and_options(call, recovered, words, request_changes, options_changes):
    ended = call("retry", *words, "--json")
    assert ended.code == 0, ended.err
    assert recovered.request == RecoveryRequest(**(NOTHING_ELSE | request_changes))
    assert recovered.options == samples.options(retry_failed_only=True, **options_changes)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "nothing is chosen: name images (--image), venues (--venue)"),
        (("--include-ambiguous",), "nothing is chosen"),
        (("--dry-run",), "--all-due"),
        (("--image", "1", "--venue", "a"), "not both"),
        (("--image", "0"), "--image"),
        (("--image", "x"), "--image"),
        (("--class", "rate_limit"), "did you mean 'rate_limited'?"),
        (("--class", "xyzzy"), "there are rate_limited, service_unavailable"),
        (("--provider", "foursqare"), "no photo provider 'foursqare', did you mean 'foursquare'?"),
        (("--source", "question-one"), "no source 'question-one', did you mean 'question_one'?"),
        (("--image", "7", "--image", "7"), "image 7 is chosen twice"),
    ],
)
def test_o33_what_cannot_be_meant_is_told(call, recovered, words, told):
    ended = call("retry", *words)
    assert (ended.code, ended.out) == (ExitCode.USAGE, "")
    assert told in ended.err
    assert recovered.request is None


def test_r162_two_hundred_images_at_most(call, recovered):
    words = [word for number in range(1, 202) for word in ("--image", str(number))]
    ended = call("retry", *words)
    assert ended.code == ExitCode.USAGE
    assert "201 images are chosen, 200 at most" in ended.err


def test_r158_nothing_to_do_is_success_with_a_message(call, recovered):
    ended = call("retry", "--all-due")
    assert (ended.code, ended.out) == (0, "no retryable failures\n")


def test_a_row_for_each_image_and_the_sums(call, recovered):
    recovered.images = (
        image(1, RecoveryEnd.UPLOADED, error_type=None, status_code=None),
        image(2, RecoveryEnd.FAILED, retry_count=2, next_retry_at=DUE),
        image(3, RecoveryEnd.CLOSED, retry_count=3, was_attempted=True),
        image(4, RecoveryEnd.FAILED, error_type=ErrorType.SERVER_ERROR, status_code=500),
        image(5, RecoveryEnd.NOT_DUE, next_retry_at=DUE),
        image(6, RecoveryEnd.AMBIGUOUS),
    )
    ended = call("retry", "--all-due")
    lines = [" ".join(line.split()) for line in ended.out.splitlines()]
    assert lines[2:] == [
        "1 the-crown gallery google_places stored 1 of 3 - -",
        "2 the-crown gallery google_places failed again 2 of 3 rate_limited (429) due 2026-11-21 12:00:04",
        "3 the-crown gallery google_places closed 3 of 3 rate_limited (429) review only",
        "4 the-crown gallery google_places failed again 1 of 3 server_error (500) a person decides",
        "1 newly uploaded, 2 still failed; closed 1, not due 1, left for review 1",
    ]
    assert ended.code == ExitCode.SOME_FAILED
    assert "--include-ambiguous" in ended.err


def test_whoever_chose_images_sees_each_of_them(call, recovered):
    recovered.images = (image(5, RecoveryEnd.NOT_DUE, next_retry_at=DUE), image(6, RecoveryEnd.AMBIGUOUS))
    ended = call("retry", "--venue", "the-crown")
    assert "due 2026-11-21 12:00:04" in ended.out
    assert "left for review" in ended.out
    assert ended.code == 0


def test_a_dry_run_says_what_would_be(call, recovered):
    recovered.images = (image(1, RecoveryEnd.WOULD_RETRY, retry_count=0), image(2, RecoveryEnd.WOULD_CLOSE))
    ended = call("retry", "--all-due", "--dry-run")
    assert "would be tried" in ended.out
    assert "1 of 3" in ended.out
    assert ended.out.splitlines()[-1] == "1 would be tried, 1 would be closed"


@pytest.mark.parametrize(
    ("changes", "code", "told"),
    [
        ({"finish_reason": FinishReason.STORAGE_FULL}, ExitCode.STORAGE, "the image store is full"),
        ({"finish_reason": FinishReason.DATABASE_LOST}, ExitCode.DATABASE, "the database was lost"),
        ({"finish_reason": FinishReason.INTERRUPTED}, ExitCode.SOME_FAILED, "stopped on request"),
        ({"finish_reason": FinishReason.MAX_TIME}, ExitCode.OK, "the time was up"),
        ({"crashed": 2}, ExitCode.SOME_FAILED, "2 owners were lost to a bug"),
    ],
)
def test_what_stopped_it_decides_the_exit_code(call, recovered, changes, code, told):
    recovered.report = changes
    ended = call("retry", "--all-due")
    assert ended.code == code
    assert told in ended.err
    assert call("retry", "--all-due", "--json").code == code


def test_json_has_the_counts_and_the_error_details(call, recovered):
    """images.md 3: NULLs are left out, the error columns are nested."""
    recovered.images = (image(2, RecoveryEnd.FAILED, retry_count=2, next_retry_at=DUE),)
    document = call("retry", "--all-due", "--json").document
    assert document["ok"] is False
    assert document["message"] == "0 newly uploaded, 1 still failed"
    assert document["counts"] == {
        "owners": 1, "newly_uploaded": 0, "still_failed": 1, "closed": 0, "not_due": 0, "ambiguous": 0, "crashed": 0,
    }  # fmt: skip
    [owner] = document["owners"]
    assert owner["images"] == [
        {
            "id": 2, "owner": "the-crown", "role": "gallery", "provider": "google_places",
            "provider_url": "https://g.example/2", "end": "failed", "retry_count": 2,
            "next_retry_at": "2026-11-21T12:00:04+00:00",
            "error_details": {"error_type": "rate_limited", "status_code": 429, "message": "HTTP 429"},
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "all_due", "changes"),
    [
        ((), True, {}),
        (("--venue", "the-crown"), False, {"venues": ("the-crown",)}),
        (("--dry-run", "--max-time", "5m"), True, {"dry_run": True, "max_time_seconds": 300.0}),
        (("--force-refresh-images",), True, {"force_refresh_images": True}),
    ],
)
def test_r85_run_retry_failed_only_reads_no_site(call, recovered, words, all_due, changes):
    ended = call("run", "--retry-failed-only", *words, "--json")
    assert ended.code == 0, ended.err
    assert recovered.request == RecoveryRequest(include_ambiguous=False, all_due=all_due)
    assert recovered.options == samples.options(retry_failed_only=True, **changes)
