"""`[lookup]`: off by default, and no way to put a key where it would be shown (V8)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from trivia_scraper.bootstrap import lookup_service
from trivia_scraper.domain.redaction import MASK
from trivia_scraper.settings import Settings, load_settings, settings_from, shown_values

CANARY = "c4n4ry"
SEARCH = "https://lookup.example/search"


def settings(**lookup: Any) -> Settings:
    return settings_from({"lookup": lookup}, state_dir=Path())


def test_without_an_address_there_is_no_service() -> None:
    assert lookup_service(settings_from({}, state_dir=Path())) is None
    assert lookup_service(settings(key=CANARY)) is None


def test_the_service_as_the_pipeline_gets_it() -> None:
    service = lookup_service(settings(url=SEARCH, key=CANARY, key_parameter="apiKey", retry_after="1d"))
    assert service is not None
    assert (service.url, service.key, service.key_parameter) == (SEARCH, CANARY, "apiKey")
    assert service.retry_after == dt.timedelta(days=1)
    assert CANARY not in repr(service)


@pytest.mark.parametrize("url", ["", SEARCH, "http://127.0.0.1:8080/search.php?dedupe=0", "https://[::1]/search"])
def test_addresses_that_may_be_asked(url: str) -> None:
    assert settings(url=url).lookup.url == url


@pytest.mark.parametrize(
    "url",
    [
        "lookup.example/search",
        "ftp://lookup.example/search",
        "https:///search",
        "https://[half/search",
        f"https://user:{CANARY}@lookup.example/search",
        f"{SEARCH}?key={CANARY}",
        f"{SEARCH}?dedupe=0&API_KEY={CANARY}",
        f"{SEARCH}?%6bey={CANARY}",
    ],
)
def test_v8_an_address_with_a_key_or_without_a_host_is_refused(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(url=url)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize("name", ["key", "apiKey", "api_key", "token", "access_token", "client_id", "auth"])
def test_v8_key_parameters_that_logs_mask(name: str) -> None:
    assert settings(key_parameter=name).lookup.key_parameter == name


@pytest.mark.parametrize("name", ["", "k", "appid", "keyword", "ke\ny", " key", "kéy"])
def test_v8_a_key_parameter_that_logs_would_show_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="name that logs mask"):
        settings(key_parameter=name)


@pytest.mark.parametrize("variable", ["TRIVIA_LOOKUP_KEY", "TRIVIA__LOOKUP__KEY"])
def test_v8_the_key_is_a_secret(tmp_path: Path, variable: str) -> None:
    environment = {variable: CANARY, "STATE_DIRECTORY": str(tmp_path)}
    loaded = load_settings(environment=environment, working_directory=tmp_path)
    assert loaded.settings.lookup.key.get_secret_value() == CANARY
    assert shown_values(loaded.settings)["lookup", "key"] == MASK
    assert CANARY not in repr(loaded.settings)
