"""Requests to and answers of a Nominatim-compatible search service (P4, P5, V8), hostile ones too (H103-H105)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.lookups import FoundPlace
from trivia_scraper.domain.redaction import redact_text, strip_secrets
from trivia_scraper.providers.nominatim import DEADLINE_SECONDS, LEAST_RANK, lookup_request, read_lookup

CANARY = "c4n4ry s3cr3t/+&=é"
SEARCH = "https://lookup.example/search"
QUERY = "ul. gdańska 1, bydgoszcz, poland"


def place(**changes: Any) -> dict[str, Any]:
    """A pub as jsonv2 tells it."""
    stated: dict[str, Any] = {
        "place_id": 4711,
        "lat": "53.7974185",
        "lon": "-1.5437941",
        "category": "amenity",
        "type": "pub",
        "place_rank": 30,
        "addresstype": "amenity",
        "name": "The Crown",
        "address": {"road": "High Street", "city": "Leeds", "postcode": "LS1 4AB", "country_code": "gb"},
    }
    return {name: value for name, value in {**stated, **changes}.items() if value is not ...}


def read(*places: object) -> FoundPlace | None:
    return read_lookup(json.dumps(places), "GB")


LEEDS = FoundPlace(53.7974185, -1.5437941, "Leeds", "LS1 4AB")
LEEDS_STREET = FoundPlace(53.7974185, -1.5437941, "Leeds")


# --- the request -------------------------------------------------------------------------------------------------


def parameters(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=True))


def test_v8_the_request_asks_for_one_place_with_its_address() -> None:
    request = lookup_request(SEARCH, QUERY, "PL", key="", key_parameter="key")
    assert request.url.startswith(f"{SEARCH}?")
    assert parameters(request.url) == {
        "q": QUERY,
        "format": "jsonv2",
        "limit": "1",
        "addressdetails": "1",
        "countrycodes": "pl",
    }
    assert request.deadline_seconds == DEADLINE_SECONDS


def test_parameters_of_the_search_address_stay() -> None:
    request = lookup_request(f"{SEARCH}?dedupe=0", QUERY, "PL", key="", key_parameter="key")
    assert parameters(request.url)["dedupe"] == "0"
    assert parameters(request.url)["q"] == QUERY


@pytest.mark.parametrize("name", ["key", "apiKey", "api_key", "access_token", "token"])
def test_v8_the_key_is_sent_and_masked_wherever_the_address_is_shown(name: str) -> None:
    url = lookup_request(SEARCH, QUERY, "PL", key=CANARY, key_parameter=name).url
    assert parameters(url)[name] == CANARY
    for shown in (redact_text(f"GET {url} failed"), strip_secrets(url)):
        assert "c4n4ry" not in shown
        assert "s3cr3t" not in shown


# --- answers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        pytest.param(place(), LEEDS, id="P5-position-as-text"),
        pytest.param(place(lat=53.7974185, lon=-1.5437941), LEEDS, id="P5-position-as-numbers"),
        pytest.param(place(lat="53.79741854999", lon="-1.54379414"), LEEDS, id="seven-decimals"),
        pytest.param(place(address={"town": "Otley"}), FoundPlace(53.7974185, -1.5437941, "Otley"), id="town"),
        pytest.param(
            place(address={"village": "Ripley"}), FoundPlace(53.7974185, -1.5437941, "Ripley"), id="village"
        ),
        pytest.param(
            place(address={"city": "LS1 4AB", "town": "Otley"}), FoundPlace(53.7974185, -1.5437941, "Otley"), id="P3"
        ),
        pytest.param(
            place(address={"city": "12"}), FoundPlace(53.7974185, -1.5437941, None), id="P3-number-is-no-town"
        ),
        pytest.param(place(address=...), FoundPlace(53.7974185, -1.5437941, None), id="without-address"),
        pytest.param(place(place_rank=LEAST_RANK), LEEDS_STREET, id="P1-a-suburb-has-several-postcodes"),
        pytest.param(place(place_rank=...), LEEDS_STREET, id="without-rank"),
        pytest.param(
            place(address={"city": "Leeds", "postcode": "all of them"}), LEEDS_STREET, id="P1-no-postcode-at-all"
        ),
        pytest.param(place(place_rank=LEAST_RANK - 1), None, id="a-town-is-no-position"),
        pytest.param(place(place_rank=4), None, id="a-country-is-no-position"),
        pytest.param(place(place_rank=..., addresstype="state"), None, id="a-state-is-no-position"),
        pytest.param(place(place_rank=..., addresstype=..., type="country"), None, id="a-country-by-its-type"),
        pytest.param(place(address={"country_code": "IE"}), None, id="P5-another-country"),
        pytest.param(place(lat="0", lon="0.0"), None, id="P5-null-island"),
        pytest.param(place(lat="40.72076", lon="-74.00076"), None, id="P5-default-pin"),
        pytest.param(place(lat="91"), None, id="H127-off-the-globe"),
        pytest.param(place(lon=-181), None, id="H127-off-the-globe-east"),
        pytest.param(place(lat="1" * 5_000), None, id="H104-digits-as-text"),
        pytest.param(place(lat="NaN"), None, id="H105-nan-as-text"),
        pytest.param(place(lat=...), None, id="without-latitude"),
        pytest.param(place(lat=None, lon=[]), None, id="wrong-types"),
        pytest.param(place(lat=True, lon={}), None, id="wrong-types-again"),
    ],
)
def test_p5_the_place_is_read(answer: dict[str, Any], found: FoundPlace | None) -> None:
    assert read(answer) == found


def test_only_the_first_place_counts() -> None:
    assert read(place(), place(lat="10")) == LEEDS


@pytest.mark.parametrize("text", ["[]", "\ufeff[]\n", '{"error": "Unable to geocode"}'])
def test_nothing_found_is_no_failure(text: str) -> None:
    assert read_lookup(text, "GB") is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("<!DOCTYPE html><h1>Busy</h1>", id="html"),
        pytest.param("null", id="null"),
        pytest.param('"London"', id="text"),
        pytest.param('["London"]', id="list-of-text"),
        pytest.param("[[]]", id="list-of-lists"),
        pytest.param('{"error": "Invalid key"}', id="refusal"),
        pytest.param('{"error": {"code": 400, "message": "Nothing to search for"}}', id="refusal-as-object"),
        pytest.param("{}", id="object"),
        pytest.param('[{"lat": NaN, "lon": 1}]', id="H105-nan"),
        pytest.param('[{"lat": -Infinity, "lon": 1}]', id="H105-infinity"),
        pytest.param('[{"lat": 1e999, "lon": 1}]', id="H105-beyond-every-measure"),
        pytest.param(f'[{{"lat": {"1" * 5_000}, "lon": 1}}]', id="H104-5000-digits"),
        pytest.param("[" * 100_000, id="H103-deep"),
        pytest.param('[{"lat": "1"', id="cut"),
    ],
)
def test_what_is_no_answer_is_told_as_such(text: str) -> None:
    with pytest.raises(PageShapeChanged):
        read_lookup(text, "GB")


def test_a_town_of_odd_characters_can_be_stored() -> None:
    answer = read(place(address={"city": "Lee\ud800ds\x00\u202e"}))
    assert answer is not None
    assert answer.city is not None
    answer.city.encode()
    assert "\x00" not in answer.city


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["lat", "lon", "address", "place_rank", "addresstype", "type", "error"])


@given(st.lists(st.dictionaries(fields, json_values), max_size=2) | json_values)
def test_no_answer_ends_in_anything_but_a_place_none_or_a_refusal(answer: object) -> None:
    try:
        found = read_lookup(json.dumps(answer), "GB")
    except PageShapeChanged:
        return
    assert found is None or (abs(found.latitude) <= 90 and abs(found.longitude) <= 180)
