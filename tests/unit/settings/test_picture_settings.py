"""Recovery, cleanup and enrichment are switched one by one, and none needs a file to work (R194, R195, R207)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from trivia_scraper.bootstrap import photo_settings, pipeline_settings, recovery_classes
from trivia_scraper.policy.classifying import DEFAULT_CLASSES
from trivia_scraper.roster import load_roster
from trivia_scraper.settings import Settings, settings_from


def settings(**sections: Any) -> Settings:
    return settings_from(sections, state_dir=Path("/nowhere"))


@pytest.mark.parametrize("off", ["recovery", "cleanup", "enrichment"])
def test_r195_each_is_switched_off_alone(off: str) -> None:
    """What a daemon does by itself; commands and the merge rule, which is no setting, stay as they are."""
    found = settings(**{off: {"enabled": False}})
    enabled = {name: getattr(found, name).enabled for name in ("recovery", "cleanup", "enrichment")}
    assert enabled == {"recovery": True, "cleanup": True, "enrichment": False, off: False}
    assert pipeline_settings(found, load_roster(found)).cleanup.enabled is (off != "cleanup")
    assert recovery_classes(found) == DEFAULT_CLASSES


def test_r194_without_any_setting_recovery_works_and_no_provider_is_asked() -> None:
    found = pipeline_settings(settings(), load_roster(settings()))
    assert found.cleanup.enabled
    assert found.classes == DEFAULT_CLASSES
    assert dict(found.photos.accounts) == {}


def test_r95_caps_of_the_settings() -> None:
    """0 is "no limit" for what one provider lists (decision 0020)."""
    assert photo_settings(settings()).per_provider == 10
    assert photo_settings(settings(enrichment={"per_provider": 0})).per_provider is None
    assert photo_settings(settings(enrichment={"per_venue": 7})).per_venue == 7
