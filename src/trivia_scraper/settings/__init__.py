"""How the process runs. The only package that reads the environment (operations.md 4)."""

from __future__ import annotations

from trivia_scraper.settings.environment import journal_stream, process_environment
from trivia_scraper.settings.loading import LoadedSettings, load_settings
from trivia_scraper.settings.model import Settings, known_fields, settings_from, shown_values
from trivia_scraper.settings.sections import (
    DatabaseSection,
    DeclaredSection,
    HttpSection,
    ImagesSection,
    LimitsSection,
    LogSection,
    LookupSection,
    RefreshSection,
    SourceSection,
    SourcesSection,
    StorageSection,
)
from trivia_scraper.settings.values import format_duration, format_size, parse_duration, parse_size

__all__ = [
    "DatabaseSection",
    "DeclaredSection",
    "HttpSection",
    "ImagesSection",
    "LimitsSection",
    "LoadedSettings",
    "LogSection",
    "LookupSection",
    "RefreshSection",
    "Settings",
    "SourceSection",
    "SourcesSection",
    "StorageSection",
    "format_duration",
    "format_size",
    "journal_stream",
    "known_fields",
    "load_settings",
    "parse_duration",
    "parse_size",
    "process_environment",
    "settings_from",
    "shown_values",
]
