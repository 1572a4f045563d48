"""Whose an imported record is, which of several counts, and the sum (D2, R222)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.importing import (
    ImportedFailure,
    ImportedImage,
    OwnerName,
    ReadRecord,
    RejectedRecord,
    RejectReason,
)
from trivia_scraper.domain.models import ImageRole, ImageStatus, OwnerKind
from trivia_scraper.policy.importing import (
    MOST_NAMED,
    ExistingImage,
    KnownOwner,
    Tally,
    Verdict,
    best_of_each,
    choose_owner,
    judge,
    place_of,
)

NOON = dt.datetime(2025, 11, 3, 12, tzinfo=dt.UTC)
CROWN = OwnerName(OwnerKind.VENUE, slug="the-crown")


def imported(status: str = "external", **changes: Any) -> ImportedImage:
    failure = None if status in ("external", "skipped") else ImportedFailure(ErrorType.GONE, None, None, None, None)
    stated: dict[str, Any] = {
        "owner": CROWN, "role": ImageRole.GALLERY, "provider": "here", "photo_id": None, "identity": "here:id:1",
        "url": "https://h.example/1.jpg", "status": ImageStatus(status), "retry_count": 0, "retried_at": None,
        "finalized_at": None, "failure": failure, "width": None, "height": None, "quality_score": 0.5,
        "scoring_version": "1.0", "attribution": None, "attribution_url": None, "fetched_at": NOON,
    }  # fmt: skip
    return ImportedImage(**{**stated, **changes})


def row(status: str, score: float = 0.5, at: dt.datetime | None = NOON, *, ours: bool = False) -> ExistingImage:
    return ExistingImage(1, ImageStatus(status), score, at, is_import=not ours)


@pytest.mark.parametrize(
    ("image", "existing", "verdict"),
    [
        pytest.param(imported(), [], Verdict.ADD, id="new"),
        pytest.param(imported(), [row("failed", ours=True)], Verdict.KNOWN, id="R222-ours-beats-an-import"),
        pytest.param(imported("failed"), [row("uploaded", ours=True)], Verdict.KNOWN, id="R114-ours-is-stored"),
        pytest.param(imported(), [row("failed")], Verdict.IMPROVE, id="R114-success-beats-failure"),
        pytest.param(imported(), [row("permanently_failed", 0.9)], Verdict.IMPROVE, id="R114-success-beats-closed"),
        pytest.param(
            imported("failed", quality_score=1.0), [row("external", 0.1)], Verdict.KNOWN, id="R114-never-back"
        ),
        pytest.param(imported(quality_score=0.6), [row("external")], Verdict.IMPROVE, id="R114-better"),
        pytest.param(imported(), [row("external", at=None)], Verdict.IMPROVE, id="R114-newer"),
        pytest.param(imported(fetched_at=None), [row("external")], Verdict.KNOWN, id="R114-older"),
        pytest.param(imported(), [row("external")], Verdict.KNOWN, id="R222-the-same-again"),
        pytest.param(imported(), [row("failed"), row("failed")], Verdict.KNOWN, id="two-rows"),
    ],
)
def test_r114_r222_what_a_record_does(image: ImportedImage, existing: list[ExistingImage], verdict: Verdict) -> None:
    assert judge(image, existing) is verdict


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_r112_of_several_records_of_one_photo_success_counts(order: tuple[int, ...]) -> None:
    images = [imported("failed", quality_score=0.9), imported(), imported("permanently_failed")]
    best = best_of_each((place_of(images[number], 7), images[number]) for number in order)
    assert [each.status for each in best.values()] == [ImageStatus.EXTERNAL]


def test_d2_a_gallery_has_a_place_for_each_identity_and_a_slot_one_for_each_provider() -> None:
    other = {"identity": "here:id:2"}
    assert place_of(imported(), 7) != place_of(imported(**other), 7)
    assert place_of(imported(role=ImageRole.HERO), 7) == place_of(imported(role=ImageRole.HERO, **other), 7)


def known(number: int, slug: str, name: str, city: str | None, id_now: int | None = None) -> KnownOwner:
    return KnownOwner(OwnerKind.VENUE, id_now or number, slug, number, name, city)


OWNERS = [
    known(1, "the-crown", "The Crown", "York"),
    known(2, "the-crown-leeds", "The Crown", "Leeds"),
    known(3, "the-bell", "The Bell", "York"),
    known(4, "the-bell-2", "The Bell", "York"),
    known(5, "the-swan", "The Swan", "York", id_now=6),
    known(6, "swan-inn", "The Swan", "York"),
    KnownOwner(OwnerKind.PERFORMER, 1, "ann"),
]


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        pytest.param({"slug": "the-crown"}, 1, id="slug"),
        pytest.param({"slug": "crown"}, RejectReason.UNKNOWN_OWNER, id="no-slug"),
        pytest.param({"slug": "ann"}, RejectReason.UNKNOWN_OWNER, id="a-performer-is-no-venue"),
        pytest.param({"slug": "the-swan"}, 6, id="merged"),
        pytest.param({"name": "the crown", "city": "LEEDS"}, 2, id="name-and-city"),
        pytest.param({"name": "The Crown", "city": "Hull"}, RejectReason.UNKNOWN_OWNER, id="another-city"),
        pytest.param({"name": "Crown", "city": "York"}, RejectReason.UNKNOWN_OWNER, id="nearly-is-not-exactly"),
        pytest.param({"name": "The Bell", "city": "York"}, RejectReason.SEVERAL_OWNERS, id="two-of-one-name"),
        pytest.param({"name": "The Swan", "city": "York"}, 6, id="two-that-are-one"),
        pytest.param({"name": "The Bell", "number": 4}, 4, id="number-and-name"),
        pytest.param({"name": "The Bell", "number": 1}, RejectReason.UNKNOWN_OWNER, id="a-number-of-somebody-else"),
    ],
)
def test_an_owner_is_looked_up_exactly(name: dict[str, Any], owner: int | RejectReason) -> None:
    assert choose_owner(OwnerName(OwnerKind.VENUE, **name), OWNERS) == owner


def test_a_report_of_endless_rubbish_stays_short() -> None:
    tally = Tally()
    tally.note_read(
        [
            ReadRecord(line, RejectedRecord(RejectReason.NO_URL), (f"key {line}", "place_id"))
            for line in range(1, 1_001)
        ]
    )
    for number in range(1_000):
        tally.name_unknown(OwnerName(OwnerKind.VENUE, slug=f"v{number}"))
    report = tally.report(dry_run=True)
    assert (report.read, report.rejected_count) == (1_000, 1_000)
    assert report.rejected[RejectReason.NO_URL].lines == tuple(range(1, MOST_NAMED + 1))
    assert len(report.unknown_owners) == len(report.left_out) == MOST_NAMED
    assert report.left_out["place_id"] == 1_000
