"""Which photos are fetched first (R214)."""

from __future__ import annotations

import pytest

from trivia_scraper.policy.download_order import expires_soon

URL = "https://photos.example/p/1"


@pytest.mark.parametrize(
    ("provider", "url", "expires"),
    [
        pytest.param("google_places", URL, True, id="R214-google"),
        pytest.param("here", f"{URL}?Expires=17", True, id="R214-expires"),
        pytest.param("here", f"{URL}?a=1&se=2026", True, id="R214-signed-until"),
        pytest.param("foursquare", f"{URL}?expired=1", False, id="R214-another-word"),
        pytest.param("foursquare", URL, False, id="R214-normal"),
        pytest.param("here", "https://[", False, id="R214-no-url"),
    ],
)
def test_expiring_links(provider: str, url: str, expires: bool) -> None:
    assert expires_soon(provider, url) is expires
