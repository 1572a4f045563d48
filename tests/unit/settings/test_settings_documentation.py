"""config.toml and docs/operations.md name every setting, with its true default (operations.md 4)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import trivia_scraper
from trivia_scraper.settings import Settings, known_fields, load_settings, settings_from, shown_values
from trivia_scraper.settings.toml_text import read_toml
from trivia_scraper.sources import SOURCES

REPOSITORY = Path(__file__).parents[3]
PACKAGE = Path(trivia_scraper.__file__).parent
SHIPPED = PACKAGE / "config.toml"


def test_top_level_config_is_the_shipped_one():
    assert (REPOSITORY / "config.toml").read_bytes() == SHIPPED.read_bytes()


def test_shipped_config_names_every_setting_and_no_other():
    toml = read_toml(SHIPPED.read_text(encoding="utf-8"))
    named = {key for key in toml.places if len(key) > 1 and not isinstance(value_at(toml.values, key), dict)}
    assert named == {key for key, _ in known_fields()}


def test_shipped_config_holds_the_defaults(tmp_path):
    loaded = load_settings(environment={}, config_files=[SHIPPED], working_directory=tmp_path)
    assert shown_values(loaded.settings) == shown_values(settings_from({}, state_dir=tmp_path))
    assert set(loaded.origins.values()) == {str(SHIPPED)}


def test_each_setting_in_the_shipped_config_has_one_line_of_meaning():
    for line in SHIPPED.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "[")):
            assert re.fullmatch(r"[a-z0-9_]+ = .+ # \S.+", line), line


def test_docs_name_every_setting_with_its_default(tmp_path):
    documented = documented_settings()
    defaults = shown_values(settings_from({}, state_dir=tmp_path))
    expected = {general(key): value for key, value in defaults.items() if key[-1] != "enabled"}
    assert {key: value for key, value in documented.items() if not key.endswith(".enabled")} == expected
    assert "sources.<slug>.enabled" in documented


def documented_settings() -> dict[str, object]:
    text = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_]+(?:\.<slug>|\.[a-z_]+)?\.[a-z0-9_]+)` \| (.+?) \| .+ \|$", text, re.MULTILINE)
    assert len(rows) == len(dict(rows))
    return {name: toml_value(default) for name, default in rows}


def toml_value(text: str) -> object:
    try:
        return read_toml(f"x = {text.strip('`')}").values["x"]
    except ValueError:
        return text


def general(key: tuple[str, ...]) -> str:
    return ".".join(("sources", "<slug>", key[2]) if key[0] == "sources" else key)


def value_at(values: dict, key: tuple[str, ...]) -> object:
    for part in key:
        values = values[part]
    return values


def test_sources_of_the_settings_are_those_of_the_registry():
    assert set(settings_from({}, state_dir=Path()).sources.by_slug()) == set(SOURCES)
    assert set(settings_from({}, state_dir=Path()).sources.enabled()) == set(SOURCES)


def test_schema_describes_every_setting():
    schema = Settings.model_json_schema()
    text = json.dumps(schema)
    for _, field in known_fields():
        assert field.description
        assert json.dumps(field.description) in text
