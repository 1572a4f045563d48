"""New settings for a running daemon: read, checked and swapped as a whole, or not at all (operations.md 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from structlog.typing import FilteringBoundLogger

from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.settings import LoadedSettings, Settings, known_fields

OPENED_ONCE: Final = frozenset({"database", "http", "images", "storage", "web", "metrics", "log"})
"""Sections that something opened at the start was made from."""
LIVE: Final = frozenset(
    {
        ("http", "page_deadline"),
        ("images", "revalidate_after"),
        ("images", "hero_deadline"),
        ("images", "performer_deadline"),
        ("images", "download_deadline"),
    }
)
"""Those among them that are looked up each time."""


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What came of a reload: the error, or the settings that changed in the file and count after a restart only."""

    error: str = ""
    restart_keys: tuple[str, ...] = ()


class LiveSettings:
    """The settings that count, and how the last reload went."""

    def __init__(self, settings: Settings, load: Callable[[], LoadedSettings], log: FilteringBoundLogger) -> None:
        self._load = load
        self._log = log
        self._opened_with = settings
        self.current = settings
        self.last = Reloaded()

    def reload(self, check: Callable[[Settings], None]) -> Reloaded:
        """Read the files again. `check` raises an error of the domain's tree for settings that cannot be used."""
        try:
            loaded = self._load()
            check(loaded.settings)
        except TriviaScraperError as error:
            self.last = Reloaded(redact_text(error.message), self.last.restart_keys)
            self._log.warning(LogEvent.SETTINGS_RELOAD_FAILED, error=self.last.error, next="the old settings stay")
            return self.last
        self.current = loaded.settings
        self.last = Reloaded("", restart_keys(self._opened_with, loaded.settings))
        self._log.info(
            LogEvent.SETTINGS_LOADED,
            files=[str(path) for path in loaded.files],
            need_restart=list(self.last.restart_keys),
            warnings=list(loaded.warnings),
        )
        return self.last


def restart_keys(opened_with: Settings, wanted: Settings) -> tuple[str, ...]:
    """Settings whose new value nobody will see before a restart, secrets among them by name only. Pure."""
    return tuple(
        ".".join(key)
        for key, _ in known_fields()
        if _is_opened_once(key) and _value(opened_with, key) != _value(wanted, key)
    )


def _is_opened_once(key: tuple[str, ...]) -> bool:
    is_pace = key[0] == "sources" and key[-1] == "per_host_interval"
    return (key[0] in OPENED_ONCE and key not in LIVE) or is_pace


def _value(settings: Settings, key: tuple[str, ...]) -> object:
    value: object = settings
    for part in key:
        value = getattr(value, part)
    return value
