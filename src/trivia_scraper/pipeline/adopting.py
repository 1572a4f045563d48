"""Bytes into permanent storage before their row: intents first, then the files (safety.md 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trivia_scraper.domain.errors import StorageFull, TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.pipeline.attempts import attempt_adopting, attempt_storing
from trivia_scraper.pipeline.downloading import Bodies
from trivia_scraper.ports import Services


async def announce(keys: Sequence[str], services: Services) -> None:
    """Commit intents for keys that are about to appear."""
    if keys:
        await attempt_storing(lambda: services.ledger.announce_files(keys), "announcing files", services)


async def adopt(bodies: Bodies, labels: Mapping[str, str], options: RefreshOptions, services: Services) -> None:
    """Put announced bodies in place, or take back what was put and raise why."""
    try:
        await attempt_adopting(lambda: services.files.adopt(bodies, options, labels=labels), services)
    except TriviaScraperError as error:
        if isinstance(error, StorageFull):
            services.log.error(LogEvent.STORAGE_FULL, error=str(error))
        await take_back([key for key, _ in bodies], services)
        raise


async def take_back(keys: Sequence[str], services: Services) -> None:
    """Remove what was adopted and got no row; what another row refers to stays."""
    await attempt_storing(
        lambda: services.ledger.collect(keys, services.files.delete), "taking back what was adopted", services
    )
