"""Whatever a provider answers, reading it raises nothing and lets no key out (R82, R130, R137)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from support.photo_answers import KEY, read
from trivia_scraper.domain.photo_provider import ListingAnswer
from trivia_scraper.policy.identity import photo_identity
from trivia_scraper.providers.registry import PHOTO_PROVIDERS

FIELDS = """photos results images result status error message details reason types name id prefix suffix url src width
height widthPx heightPx urls regular small user links html download_location photo_reference html_attributions
authorAttributions errors displayName uri total_pages error_message title error_description"""
ODD_TEXTS = (
    "OK", "REQUEST_DENIED", "places/a/photos/b", "https://x.example/a.jpg", "//x.example", "http://[", KEY, "\ud800",
    f"https://x.example/?key={KEY}", "<a href='https://x.example'>A</a>", "x" * 3_000, "premise",
)  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(ODD_TEXTS)
)
DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS.split()), inner, max_size=6),
    max_leaves=25,
)
BODIES = st.text(max_size=60) | DOCUMENTS.map(json.dumps)


@pytest.mark.parametrize("slug", [*PHOTO_PROVIDERS, "classic"])
@given(body=BODIES, status=st.sampled_from([200, 400, 403, 404, 429, 500, 503]))
@example(body='{"photos": [{"name": "places/a/photos/b", "authorAttributions": [[], {"uri": "//"}]}]}', status=200)
@example(body="[" * 100_000, status=200)
@example(body='{"status": "OK", "result": {"photos": [{"photo_reference": "' + "x" * 600 + '"}]}}', status=200)
def test_r130_r137_any_body_is_read(slug: str, body: str, status: int) -> None:
    changes = {"api": "classic"} if slug == "classic" else {"api": "auto"}
    provider = "google_places" if slug == "classic" else slug
    reading = read(provider, body, status, **changes)
    if isinstance(reading, ListingAnswer):
        for photo in reading.photos:
            assert photo.url.startswith(("http://", "https://"))
            assert photo.attribution_url is None or photo.attribution_url.startswith(("http://", "https://"))
            assert KEY not in photo.url + photo_identity(provider, photo.photo_id, photo.url)
    else:
        assert KEY not in reading.message
        assert 0 < len(reading.message) <= 300
