"""What the global options said, wherever on the line they stood."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from trivia_scraper.settings import LoadedSettings


@dataclass(slots=True)
class Invocation:
    """One call of the program. Filled by the global options before the command runs."""

    config_files: list[Path] = field(default_factory=list)
    log_level: str | None = None
    log_format: str | None = None
    color: str = "auto"
    quiet: int = 0
    verbose: int = 0
    json: bool = False

    def load_settings(self) -> LoadedSettings:
        """Files, environment and secrets, then the flags of this call. Raises SetupError, CredentialsMissing."""
        from trivia_scraper.settings import load_settings, process_environment

        return load_settings(environment=process_environment(), config_files=self.config_files)

    def open_log(self, loaded: LoadedSettings, *, only_looks: bool = False) -> FilteringBoundLogger:
        """The root logger, at the level and in the form that flags and settings ask for.

        only_looks  a command that answers a question speaks up only when something is wrong, unless -v asks
        """
        from trivia_scraper.domain.log_events import LogEvent
        from trivia_scraper.logs import configure_logging

        log_format = self.effective_format(loaded.settings.log.format)
        configured = "warning" if only_looks else at_a_terminal(loaded.settings.log.level, log_format)
        level = self.effective_level(configured)
        log = configure_logging(level, log_format, journal=_native_journal())  # type: ignore[arg-type]
        log.debug(LogEvent.SETTINGS_LOADED, files=[str(path) for path in loaded.files])
        for warning in loaded.warnings:
            log.warning(LogEvent.SETTINGS_LOADED, warning=warning)
        return log

    def effective_level(self, configured: str) -> str:
        """--log-level, else -v or -q, else the setting."""
        if self.log_level:
            return self.log_level
        if self.verbose:
            return "debug"
        return "error" if self.quiet else configured

    def effective_format(self, configured: str) -> str:
        """ "text", "json" or "journal"."""
        import sys

        from trivia_scraper.logs import detect_format
        from trivia_scraper.settings import journal_stream, process_environment

        asked = self.log_format or configured
        return detect_format(asked, sys.stderr, journal_stream(process_environment()))  # type: ignore[arg-type]


def _native_journal() -> Path | None:
    """journald's socket, when stderr ends in the journal."""
    import sys

    from trivia_scraper.logs import native_journal
    from trivia_scraper.settings import journal_stream, process_environment

    return native_journal(sys.stderr, journal_stream(process_environment()))


def at_a_terminal(level: str, log_format: str) -> str:
    """The level for a person who watches: progress and closing table tell the story, the log only what is wrong.

    --log-level and -v still show all of it; a file or a journal gets the level of the settings.
    """
    import sys

    return "error" if level == "info" and log_format == "text" and sys.stderr.isatty() else level
