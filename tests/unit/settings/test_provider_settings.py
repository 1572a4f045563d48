"""`[providers.<slug>]`: keys that can be sent, addresses without keys (images.md 5.7, R82)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from trivia_scraper.settings import Settings, settings_from

CANARY = "c4n4ry"


def settings(slug: str, **section: Any) -> Settings:
    return settings_from({"providers": {slug: section}}, state_dir=Path())


@pytest.mark.parametrize("slug", ["google_places", "foursquare", "here", "unsplash"])
@pytest.mark.parametrize("tail", [" x", "é", "\u201d", "\nX-Other: 1", "\t", "\x00"])
def test_r82_a_key_that_no_header_can_hold_is_refused_without_showing_it(slug: str, tail: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(slug, key=f"{CANARY}{tail}")
    assert f"providers.{slug}.key" in str(refused.value)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize("key", ["", "AIzaSyA-1_2", "fsq3+/=.~!"])
def test_keys_as_providers_write_them(key: str) -> None:
    assert settings("foursquare", key=key).providers.foursquare.key.get_secret_value() == key


@pytest.mark.parametrize("name", ["base_url", "classic_base_url"])
def test_r82_both_addresses_of_google_hold_no_key(name: str) -> None:
    assert getattr(settings("google_places", **{name: "http://127.0.0.1:9/g/"}).providers.google_places, name) == (
        "http://127.0.0.1:9/g"
    )
    for url in ("maps.example", f"https://u:{CANARY}@maps.example", f"https://maps.example?key={CANARY}"):
        with pytest.raises(ValidationError) as refused:
            settings("google_places", **{name: url})
        assert CANARY not in str(refused.value)
