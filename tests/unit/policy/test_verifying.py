"""Which stored pictures are asked for again by themselves, and how often at most."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from support.house import make_options
from trivia_scraper.domain.models import ImageRole, ImageStatus, OwnerKind
from trivia_scraper.domain.photos import KnownPhoto
from trivia_scraper.policy.verifying import asked_before, is_due, verified_providers

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("revalidate_after", "before"),
    [(None, None), (7 * DAY, NOW - 7 * DAY), (dt.timedelta(0), NOW - DAY), (HOUR, NOW - DAY)],
)
def test_from_when_on_a_picture_is_due(revalidate_after: dt.timedelta | None, before: dt.datetime | None) -> None:
    assert asked_before(NOW, revalidate_after) == before


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, ("foursquare", "question_one")),
        ({"sources": ("question_one",)}, ("question_one",)),
        ({"providers": ("foursquare", "here")}, ("foursquare",)),
        ({"providers": ("google_places",)}, ()),
    ],
)
def test_whose_pictures_are_asked_for(chosen: dict[str, Any], expected: tuple[str, ...]) -> None:
    """Google's stored addresses expire, and asking for them costs money."""
    assert verified_providers({"question_one"}, {"foursquare", "google_places"}, make_options(**chosen)) == expected


def _photo() -> KnownPhoto:
    unset: dict[str, Any] = dict.fromkeys(KnownPhoto.__dataclass_fields__)
    return KnownPhoto(**unset | {
        "id": 17, "owner_kind": OwnerKind.VENUE, "owner_id": 1, "owner_slug": "the-crown", "role": ImageRole.HERO,
        "provider": "question_one", "identity": "x", "status": ImageStatus.UPLOADED, "storage_key": "k",
        "verified_at": NOW - 8 * DAY, "retry_count": 0, "version": 1,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({}, True),
        ({"verified_at": NOW - DAY}, False),
        ({"refresh_failed_at": NOW - DAY}, False),
        ({"refresh_failed_at": NOW - 8 * DAY}, True),
        ({"storage_key": None}, False),
        ({"deleted_at": NOW}, False),
        ({"verified_at": None}, False),
    ],
)
def test_a_row_that_changed_meanwhile_is_left_alone(changes: dict[str, Any], due: bool) -> None:
    assert is_due(replace(_photo(), **changes), NOW - 7 * DAY) is due
