"""Which address of an image is shown (R78, R212)."""

from __future__ import annotations

import pytest

from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.policy.display import display_url

COPY = "https://pictures.example/venues/the-crown/hero-0123456789ab.jpg"
ORIGINAL = "https://q1.example/i.jpg"


@pytest.mark.parametrize(
    ("status", "served", "provider_url", "shown"),
    [
        pytest.param(ImageStatus.UPLOADED, COPY, ORIGINAL, COPY, id="r78_the_stored_copy"),
        pytest.param(ImageStatus.UPLOADED, None, ORIGINAL, ORIGINAL, id="r212_a_copy_that_is_not_served"),
        pytest.param(ImageStatus.FAILED, None, ORIGINAL, ORIGINAL, id="r78_failed"),
        pytest.param(ImageStatus.PERMANENTLY_FAILED, None, ORIGINAL, ORIGINAL, id="r78_closed"),
        pytest.param(ImageStatus.SKIPPED, None, ORIGINAL, ORIGINAL, id="r78_skipped"),
        pytest.param(ImageStatus.EXTERNAL, None, ORIGINAL, ORIGINAL, id="r78_external"),
        pytest.param(ImageStatus.FAILED, COPY, ORIGINAL, ORIGINAL, id="r78_only_an_uploaded_one_has_a_copy"),
        pytest.param(ImageStatus.FAILED, None, None, None, id="r212_none"),
        pytest.param(ImageStatus.UPLOADED, None, "", None, id="r212_empty_is_none"),
    ],
)
def test_display_url(status: ImageStatus, served: str | None, provider_url: str | None, shown: str | None) -> None:
    assert display_url(status, served, provider_url) == shown
