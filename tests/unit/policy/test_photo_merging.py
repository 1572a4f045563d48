"""Which listed photos a gallery takes (images.md 5.2, 5.4; D2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.house import make_options
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.models import ImageRole, ImageStatus, OwnerKind
from trivia_scraper.domain.photo_provider import ListedPhoto
from trivia_scraper.domain.photos import Gallery, KnownPhoto, PhotoOutcomeKind
from trivia_scraper.policy.photo_merging import (
    Candidate,
    GalleryPlan,
    GalleryTerms,
    LeftOut,
    Listed,
    entry_of,
    merge_listed,
    photo_rank,
    plan_gallery,
    takes_a_place,
)

NOW = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
TERMS = GalleryTerms(per_venue=25)


def listed(photo_id: str | None, width: int | None = 800, height: int | None = 600, url: str = "") -> ListedPhoto:
    return ListedPhoto(photo_id, url or f"https://x.example/{photo_id}", width, height)


def merged(*groups: Listed, per_provider: int | None = None) -> tuple[Candidate, ...]:
    return merge_listed(groups, NOW, per_provider)


def names(candidates: Sequence[Candidate]) -> list[str]:
    return [candidate.photo.identity for candidate in candidates]


def google(*photos: ListedPhoto) -> Listed:
    return Listed("google_places", 1, photos)


def here(*photos: ListedPhoto) -> Listed:
    return Listed("here", 3, photos)


# --- within a run ----------------------------------------------------------------------------------------------


def test_r101_best_first_then_priority_then_the_providers_order() -> None:
    found = merged(
        here(listed("h1"), listed("h2", 4032, 3024)), google(listed("g1"), listed("g2"), listed("g3", None, None))
    )
    assert names(found) == ["here:id:h2", "google_places:id:g1", "google_places:id:g2", "here:id:h1",
                            "google_places:id:g3"]  # fmt: skip


def test_r100_of_one_identity_the_best_score_is_kept() -> None:
    found = merged(google(listed("a", 400, 300), listed("a", 1600, 1200, "https://x.example/large")))
    assert names(found) == ["google_places:id:a"]
    assert (found[0].photo.width, found[0].photo.url) == (1600, "https://x.example/large")


def test_r100_of_one_address_the_best_score_is_kept_whoever_lists_it() -> None:
    shared = "https://photos.example/1.jpg"
    found = merged(
        here(listed(None, 1200, 675, shared)), google(listed("g", 800, 600, "HTTPS://photos.example:443/1.jpg"))
    )
    assert names(found) == ["here:url:https://photos.example/1.jpg"]


def test_r100_equal_scores_of_one_address_go_to_the_first_provider() -> None:
    shared = "https://photos.example/1.jpg"
    found = merged(here(listed(None, url=shared)), google(listed("g", url=shared)))
    assert names(found) == ["google_places:id:g"]


@pytest.mark.parametrize(
    ("cap", "expected"),
    [
        pytest.param(2, ["1", "2"], id="R95-two-of-each-in-its-own-order"),
        pytest.param(None, ["4", "1", "2", "3"], id="R95-no-cap"),
        pytest.param(10, ["4", "1", "2", "3"], id="R95-cap-not-reached"),
    ],
)
def test_cap_per_provider(cap: int | None, expected: list[str]) -> None:
    photos = [listed("1"), listed("2"), listed("3"), listed("4", 4032, 3024)]
    assert names(merged(google(*photos), per_provider=cap)) == [f"google_places:id:{each}" for each in expected]


def test_r82_no_secret_gets_into_a_photo() -> None:
    [found] = merged(here(listed(None, url="https://u:c4n4ry@x.example/1.jpg?apiKey=c4n4ry&b=2&a=1")))
    assert "c4n4ry" not in str(found)
    assert found.photo.identity == "here:url:https://x.example/1.jpg?a=1&b=2"


@given(
    st.lists(
        st.tuples(st.sampled_from(["google_places", "foursquare", "here"]), st.integers(1, 9), st.integers(0, 4000)),
        max_size=30,
    )
)
def test_r101_merging_is_stable_and_has_each_photo_once(drawn: list[tuple[str, int, int]]) -> None:
    groups = [
        Listed(provider, number, [listed(str(each), width) for slug, each, width in drawn if slug == provider])
        for number, provider in enumerate(["google_places", "foursquare", "here"], 1)
    ]
    found = merged(*groups)
    assert names(found) == names(merged(*reversed(groups)))
    assert len(set(names(found))) == len(found)
    assert [candidate.score for candidate in found] == sorted((each.score for each in found), reverse=True)


# --- beside stored rows -----------------------------------------------------------------------------------------


def known(photo_id: str, status: ImageStatus = ImageStatus.UPLOADED, number: int = 0, **changes: Any) -> KnownPhoto:
    has_file = status is ImageStatus.UPLOADED
    stated: dict[str, Any] = {
        "id": number or sum(photo_id.encode()), "owner_kind": OwnerKind.VENUE, "owner_id": 7,
        "owner_slug": "the-crown", "role": ImageRole.GALLERY, "provider": "google_places",
        "provider_photo_id": photo_id, "identity": f"google_places:id:{photo_id}", "provider_url": "u",
        "status": status, "storage_key": "k" if has_file else None, "thumb_key": None,
        "sha256": "s" if has_file else None, "source_sha256": None, "width": 800, "height": 600, "dhash": None,
        "is_blank": False, "quality_score": 0.4, "position": 1, "attribution": None, "attribution_url": None,
        "fetched_at": NOW - HOUR, "retry_count": 0, "failure_streak": 0, "retried_at": None, "next_retry_at": None,
        "error_type": None, "reason": None, "error": None, "status_code": None, "error_at": None,
        "refresh_failed_at": None, "finalized_at": None, "deleted_at": None, "version": 1,
    }  # fmt: skip
    return KnownPhoto(**{**stated, **changes})


def planned(
    gallery: Gallery, *photo_ids: str, terms: GalleryTerms = TERMS, force_refresh_images: bool = False
) -> GalleryPlan:
    candidates = merged(google(*map(listed, photo_ids)))
    return plan_gallery(candidates, gallery, terms, NOW, make_options(force_refresh_images=force_refresh_images))


def fetched(plan: GalleryPlan) -> list[str | None]:
    return [each.photo.photo_id for each in plan.fetch]


FAILED, CLOSED, SKIPPED, EXTERNAL = (
    ImageStatus.FAILED, ImageStatus.PERMANENTLY_FAILED, ImageStatus.SKIPPED, ImageStatus.EXTERNAL,
)  # fmt: skip


@pytest.mark.parametrize(
    ("row", "is_fetched", "left"),
    [
        pytest.param(known("a"), False, {}, id="D2-stored-stays"),
        pytest.param(known("a", FAILED), True, {}, id="R112-failed-is-fetched-into-its-row"),
        pytest.param(known("a", FAILED, next_retry_at=NOW), True, {}, id="R112-failed-and-due"),
        pytest.param(
            known("a", FAILED, next_retry_at=NOW + HOUR), False, {LeftOut.NOT_DUE: 1}, id="D3-retry-after-counts"
        ),
        pytest.param(known("a", FAILED, error_type=ErrorType.HTTP_ERROR), True, {}, id="2-expired-reference"),
        pytest.param(known("a", CLOSED), False, {LeftOut.CLOSED: 1}, id="3-closed-is-final"),
        pytest.param(known("a", SKIPPED), True, {}, id="R126-skipped-earlier"),
        pytest.param(known("a", EXTERNAL), False, {LeftOut.LINK_ONLY: 1}, id="3-external-is-a-link"),
        pytest.param(known("a", deleted_at=NOW), False, {LeftOut.DELETED: 1}, id="3-tombstone"),
        pytest.param(known("a", FAILED, deleted_at=NOW), False, {LeftOut.DELETED: 1}, id="3-failed-tombstone"),
    ],
)
def test_r111_one_photo_is_one_row(row: KnownPhoto, is_fetched: bool, left: dict[LeftOut, int]) -> None:
    plan = planned(Gallery((row,)), "a", "b")
    assert fetched(plan) == (["a", "b"] if is_fetched else ["b"])
    assert [each.known for each in plan.fetch] == ([row, None] if is_fetched else [None])
    assert plan.left == left
    assert [kept for kept, _ in plan.kept] == ([row] if not is_fetched and not left else [])


def test_1_2_force_refresh_fetches_stored_photos_that_are_listed_again() -> None:
    stored, other = known("a"), known("z")
    plan = planned(Gallery((stored, other)), "a", force_refresh_images=True)
    assert [(each.photo.photo_id, each.known) for each in plan.fetch] == [("a", stored)]
    assert plan.kept == ()


@pytest.mark.parametrize("status", [ImageStatus.UPLOADED, FAILED, SKIPPED])
def test_r126_without_downloads_only_new_rows_are_made(status: ImageStatus) -> None:
    plan = planned(Gallery((known("a", status),)), "a", "b", terms=GalleryTerms(25, downloads=False))
    assert fetched(plan) == ["b"]


@pytest.mark.parametrize(
    ("rows", "per_venue", "new", "spare"),
    [
        pytest.param([], 3, 3, 2, id="R95-best-first"),
        pytest.param([known("x"), known("y")], 3, 1, 4, id="R95-new-ones-fill-what-is-left"),
        pytest.param([known(each) for each in "vwxyz"], 3, 0, 5, id="R95-none-is-removed"),
        pytest.param([known("x", FAILED), known("y", EXTERNAL)], 3, 1, 4, id="R96-what-may-come-holds-its-place"),
        pytest.param([known("x", CLOSED), known("y", deleted_at=NOW)], 3, 3, 2, id="R96-closed-and-deleted-do-not"),
    ],
)
def test_cap_per_venue(rows: list[KnownPhoto], per_venue: int, new: int, spare: int) -> None:
    plan = planned(Gallery(tuple(rows)), "1", "2", "3", "4", "5", terms=GalleryTerms(per_venue))
    assert fetched(plan) == ["1", "2", "3", "4", "5"][:new]
    assert [each.photo.photo_id for each in plan.spare] == ["1", "2", "3", "4", "5"][new:]
    assert (plan.room, plan.discovered) == (new, 5)
    assert len(plan.spare) == spare


def test_r96_a_failed_row_is_fetched_although_the_gallery_is_full() -> None:
    rows = (known("x"), known("a", FAILED))
    plan = planned(Gallery(rows), "a", "b", terms=GalleryTerms(2))
    assert fetched(plan) == ["a"]
    assert [each.photo.photo_id for each in plan.spare] == ["b"]


@pytest.mark.parametrize(
    ("kind", "takes"),
    [
        (PhotoOutcomeKind.NEW, True), (PhotoOutcomeKind.FAILED, True), (PhotoOutcomeKind.SKIPPED, True),
        (PhotoOutcomeKind.SAME_PHOTO, False), (PhotoOutcomeKind.CLOSED, False), (PhotoOutcomeKind.VANISHED, False),
        (PhotoOutcomeKind.KEPT, False),
    ],
)  # fmt: skip
def test_r96_which_new_photos_fill_a_place(kind: PhotoOutcomeKind, takes: bool) -> None:
    assert takes_a_place(kind) is takes


def test_r111_another_name_of_an_entry_is_that_entry() -> None:
    entry = known("a", number=1)
    gallery = Gallery((entry,), {"google_places:id:b": 1})
    plan = planned(gallery, "b")
    assert (fetched(plan), [kept for kept, _ in plan.kept]) == ([], [entry])


def test_r111_an_entry_is_found_before_the_tombstone_of_its_other_name() -> None:
    buried, entry = known("b", number=2, deleted_at=NOW), known("a", number=1)
    gallery = Gallery((buried, entry), {"google_places:id:b": 1})
    assert entry_of(gallery, "google_places:id:b") == entry
    assert entry_of(gallery, "google_places:id:a") == entry
    assert entry_of(gallery, "google_places:id:c") is None


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_r50_an_entry_with_two_names_is_fetched_once_by_its_own(order: tuple[str, str]) -> None:
    entry = known("a", FAILED, number=1)
    plan = planned(Gallery((entry,), {"google_places:id:b": 1}), *order)
    assert [(each.photo.photo_id, each.known) for each in plan.fetch] == [("a", entry)]


def test_r214_links_that_expire_are_fetched_first_and_the_cap_takes_the_best() -> None:
    groups = (google(listed("g", 400, 300)), here(listed(None, 1600, 1200, "https://x.example/h")))
    candidates = merged(*groups)
    both = plan_gallery(candidates, Gallery(()), TERMS, NOW, make_options())
    assert [each.photo.provider for each in both.fetch] == ["google_places", "here"]
    one = plan_gallery(candidates, Gallery(()), GalleryTerms(1), NOW, make_options())
    assert [each.photo.provider for each in one.fetch] == ["here"]


# --- two rows of one photo --------------------------------------------------------------------------------------


BEST = known("a", quality_score=0.4)


@pytest.mark.parametrize(
    ("winner", "loser"),
    [
        pytest.param(BEST, known("a", FAILED, fetched_at=NOW), id="R114-success-beats-failure-whatever-the-time"),
        pytest.param(BEST, known("a", SKIPPED, quality_score=1.0), id="R114-stored-beats-skipped"),
        pytest.param(BEST, known("a", EXTERNAL, quality_score=1.0), id="R114-stored-beats-external"),
        pytest.param(known("a", SKIPPED), known("a", FAILED, quality_score=1.0), id="R114-skipped-beats-failed"),
        pytest.param(known("a", EXTERNAL), known("a", FAILED), id="R114-external-beats-failed"),
        pytest.param(known("a", FAILED), known("a", CLOSED, quality_score=1.0), id="R114-failed-beats-closed"),
        pytest.param(known("a", quality_score=0.5), replace(BEST, fetched_at=NOW), id="R114-then-score"),
        pytest.param(replace(BEST, fetched_at=NOW), BEST, id="R114-then-newer"),
        pytest.param(BEST, replace(BEST, fetched_at=None), id="R114-a-time-beats-none"),
    ],
)
def test_rank(winner: KnownPhoto, loser: KnownPhoto) -> None:
    assert photo_rank(winner) < photo_rank(loser)


def test_r114_skipped_and_external_are_equals() -> None:
    assert photo_rank(known("a", SKIPPED)) == photo_rank(known("a", EXTERNAL))
