"""What is done about one offered image (images.md 4.1, 4.2, R1-R3, R18, R43, R50).

Decided reading of "not forced and a copy exists: no request": no request while the copy was fetched or
verified within `revalidate_after`; later it is asked for conditionally.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.domain.catalog import KnownImage
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.policy.image_plans import ImageAction, Offer, plan_image

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
THIS_RUN, EARLIER_RUN = UUID(int=2), UUID(int=1)
MINE, OTHER = "q:url:https://img.example/a.jpg", "q:url:https://img.example/b.jpg"

STORED = KnownImage(
    id=1,
    status=ImageStatus.UPLOADED,
    provider_url="https://img.example/a.jpg",
    identity=MINE,
    storage_key="venues/x/hero-0123456789ab.jpg",
    thumb_key=None,
    sha256="00",
    source_sha256="00",
    bytes=1_000,
    etag='"e1"',
    last_modified=None,
    fetched_at=NOW - DAY,
    verified_at=None,
    refresh_failed_at=None,
    retry_count=0,
    next_retry_at=None,
    last_run_id=EARLIER_RUN,
    listing_key="x",
    version=1,
)
FAILED = replace(
    STORED, status=ImageStatus.FAILED, storage_key=None, sha256=None, source_sha256=None, etag=None, fetched_at=None
)
OFFER = Offer(
    identity=MINE,
    listing_key="x",
    run_id=THIS_RUN,
    now=NOW,
    file_present=True,
    revalidate_after=7 * DAY,
    slot_holder_trusted_for=15 * DAY,
)
NO_FILE = replace(OFFER, file_present=False)


def options(force: bool, update: bool = False, clean: bool = False) -> RefreshOptions:
    return RefreshOptions(
        force_refresh_images=force,
        force_update=update,
        clean_first=clean,
        retry_failed_only=False,
        dry_run=False,
        limit=None,
        sources=(),
        venues=(),
        providers=(),
        max_time_seconds=None,
    )


ORDINARY, FORCED = options(False), options(True)
FETCH, REVALIDATE, REUSE = ImageAction.FETCH, ImageAction.REVALIDATE, ImageAction.REUSE
SHARED, LATER, CLOSED = ImageAction.SHARED, ImageAction.RETRY_LATER, ImageAction.CLOSED


def stored(**changes: object) -> KnownImage:
    return replace(STORED, **changes)  # type: ignore[arg-type]


def failed(**changes: object) -> KnownImage:
    return replace(FAILED, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "offer", "ordinary", "forced"),
    [
        pytest.param(None, NO_FILE, FETCH, FETCH, id="R3-no-copy"),
        pytest.param(STORED, OFFER, REUSE, FETCH, id="R1-R2-T1-T6-a-copy-exists"),
        pytest.param(STORED, NO_FILE, FETCH, FETCH, id="4.1-the-rows-file-is-missing"),
        pytest.param(stored(identity=OTHER), OFFER, FETCH, FETCH, id="T5-R211-another-url"),
        pytest.param(stored(refresh_failed_at=NOW - DAY), OFFER, FETCH, FETCH, id="2-failed-replacement-is-due"),
        # verified lately, and the border of it
        pytest.param(stored(fetched_at=NOW - 7 * DAY + SECOND), OFFER, REUSE, FETCH, id="R2-just-within-7-days"),
        pytest.param(stored(fetched_at=NOW - 7 * DAY), OFFER, REVALIDATE, FETCH, id="R2-7-days-old"),
        pytest.param(
            stored(fetched_at=NOW - 90 * DAY, verified_at=NOW - DAY), OFFER, REUSE, FETCH, id="R2-verified-yesterday"
        ),
        pytest.param(
            stored(fetched_at=NOW - DAY, verified_at=NOW - 90 * DAY), OFFER, REUSE, FETCH,
            id="R2-fetched-after-verified"
        ),
        pytest.param(
            stored(fetched_at=NOW - 90 * DAY), replace(OFFER, revalidate_after=None), REUSE, FETCH,
            id="R2-R65-trusted-for-ever"
        ),
        pytest.param(
            stored(fetched_at=NOW - 8 * DAY, etag=None, last_modified="Sun, 01 Feb 2026 00:00:00 GMT"), OFFER,
            REVALIDATE, FETCH, id="N4-last-modified-alone",
        ),
        pytest.param(stored(fetched_at=NOW - 8 * DAY, etag=None), OFFER, FETCH, FETCH, id="N4-no-validators"),
        pytest.param(stored(fetched_at=NOW - 8 * DAY, etag=""), OFFER, FETCH, FETCH, id="N4-empty-validator"),
        pytest.param(stored(fetched_at=None), OFFER, REVALIDATE, FETCH, id="R2-no-stamp-is-not-lately"),
        # once per run
        pytest.param(stored(last_run_id=THIS_RUN), OFFER, SHARED, SHARED, id="R50-once-per-run"),
        pytest.param(failed(last_run_id=THIS_RUN), NO_FILE, SHARED, SHARED, id="R50-once-per-run-though-it-failed"),
        pytest.param(
            stored(last_run_id=THIS_RUN, identity=OTHER), OFFER, SHARED, SHARED,
            id="R50-one-slot-two-listings-in-one-run"
        ),
        pytest.param(stored(last_run_id=None), OFFER, REUSE, FETCH, id="imported-without-run"),
        # one host on several pages
        pytest.param(
            stored(identity=OTHER, listing_key="y"), OFFER, SHARED, FETCH, id="slot-held-by-another-listing"
        ),
        pytest.param(
            stored(identity=OTHER, listing_key="y", fetched_at=NOW - 15 * DAY), OFFER, FETCH, FETCH,
            id="slot-given-up-by-the-other-listing",
        ),
        pytest.param(stored(identity=OTHER, listing_key=None), OFFER, FETCH, FETCH, id="slot-of-no-listing"),
        pytest.param(stored(listing_key="y"), OFFER, REUSE, FETCH, id="same-picture-on-two-pages"),
        # no good copy
        pytest.param(FAILED, NO_FILE, FETCH, FETCH, id="R3-the-last-try-failed"),
        pytest.param(failed(next_retry_at=NOW + SECOND), NO_FILE, LATER, FETCH, id="D3-not-due-yet"),
        pytest.param(failed(next_retry_at=NOW), NO_FILE, FETCH, FETCH, id="D3-due-now"),
        pytest.param(failed(next_retry_at=NOW - DAY), NO_FILE, FETCH, FETCH, id="D3-overdue"),
        pytest.param(
            failed(next_retry_at=NOW + DAY, identity=OTHER), NO_FILE, FETCH, FETCH, id="T5-another-url-is-no-retry"
        ),
        pytest.param(
            failed(status=ImageStatus.PERMANENTLY_FAILED), NO_FILE, CLOSED, FETCH, id="R153-closed-but-forced-asks"
        ),
        pytest.param(
            failed(status=ImageStatus.PERMANENTLY_FAILED, identity=OTHER), NO_FILE, FETCH, FETCH,
            id="T5-closed-until-another-picture-is-named",
        ),
        pytest.param(failed(status=ImageStatus.EXTERNAL), NO_FILE, REUSE, FETCH, id="3-external-is-link-only"),
        pytest.param(failed(status=ImageStatus.SKIPPED), NO_FILE, FETCH, FETCH, id="skipped-while-off"),
    ],
)  # fmt: skip
def test_plan_image(known: KnownImage | None, offer: Offer, ordinary: ImageAction, forced: ImageAction) -> None:
    assert plan_image(known, offer, ORDINARY).action is ordinary
    assert plan_image(known, offer, FORCED).action is forced
    assert plan_image(known, offer, ORDINARY).why


stamps = st.none() | st.integers(-100, 100).map(lambda days: NOW + days * DAY)
images = st.builds(
    replace,
    st.just(STORED),
    status=st.sampled_from(ImageStatus),
    identity=st.sampled_from([MINE, OTHER]),
    etag=st.sampled_from([None, '"e"']),
    last_modified=st.sampled_from([None, "x"]),
    fetched_at=stamps,
    verified_at=stamps,
    refresh_failed_at=stamps,
    next_retry_at=stamps,
    last_run_id=st.sampled_from([None, EARLIER_RUN, THIS_RUN]),
    listing_key=st.sampled_from([None, "x", "y"]),
)
offers = st.builds(
    replace, st.just(OFFER), file_present=st.booleans(), revalidate_after=st.sampled_from([None, DAY, 7 * DAY])
)


@given(st.none() | images, offers, st.booleans(), st.booleans())
def test_r1_r6_r18_r61_forced_always_fetches_once_a_run_and_never_reuses(
    known: KnownImage | None, offer: Offer, update: bool, clean: bool
) -> None:
    plan = plan_image(known, offer, options(True, update, clean))
    refreshed = known is not None and known.last_run_id == THIS_RUN
    assert plan.action is (SHARED if refreshed else FETCH)


@given(st.none() | images, offers)
def test_d7_force_update_alone_changes_no_image_plan(known: KnownImage | None, offer: Offer) -> None:
    assert plan_image(known, offer, options(False, update=True)) == plan_image(known, offer, ORDINARY)


@given(images, offers)
def test_r2_a_conditional_request_needs_a_good_copy_and_a_validator(known: KnownImage, offer: Offer) -> None:
    if plan_image(known, offer, ORDINARY).action is REVALIDATE:
        assert offer.file_present
        assert known.status is ImageStatus.UPLOADED
        assert known.identity == offer.identity
        assert known.etag or known.last_modified
