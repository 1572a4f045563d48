"""The parent's side: the `ImageInspector` of ports.py over a pool of worker processes (safety.md 6).

What crosses the process border: the body, the settings, and the options as their one JSON document on the
way out; an `InspectedImage` or a `Refusal` on the way back.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from trivia_scraper.domain.errors import ImageRejected
from trivia_scraper.domain.failures import Reason
from trivia_scraper.domain.images import InspectedImage
from trivia_scraper.domain.jobs import KillCause, Killed
from trivia_scraper.domain.options import RefreshOptions, options_to_json
from trivia_scraper.imaging.limits import ImagingSettings
from trivia_scraper.imaging.refusal import Refusal
from trivia_scraper.imaging.worker import Inspection, examine
from trivia_scraper.ports import WorkerPool

# The plugins are named so that no worker looks for them at its first picture.
LOADED_ONCE: Final = (
    "trivia_scraper.imaging.inspect",
    *(f"PIL.{kind}ImagePlugin" for kind in ("Avif", "Gif", "Jpeg", "Png", "WebP")),
)
_REASONS: Final = {KillCause.TIME: Reason.DECODE_TIMEOUT, KillCause.MEMORY: Reason.DECODE_MEMORY}


class PoolInspector:
    """Implements `ports.ImageInspector`.

    inspection  what a worker does with a body instead of `inspect.inspect_picture`; importable by name
    """

    def __init__(self, workers: WorkerPool, settings: ImagingSettings, inspection: Inspection | None = None) -> None:
        self._workers = workers
        self._settings = settings
        self._inspection = inspection

    async def inspect(self, body: bytes | Path, options: RefreshOptions) -> InspectedImage:
        """Check one picture completely.

        Raises ImageRejected with a reason, and WorkersUnavailable when no worker process can be had.
        """
        job = partial(
            examine,
            self._inspection,
            body if isinstance(body, bytes) else str(body),
            self._settings,
            options_to_json(options),
        )
        seconds = self._settings.decode_timeout_seconds
        verdict = await self._workers.perform(job, seconds=seconds, repeat_slow=True)
        if isinstance(verdict, Killed):
            verdict = Refusal(_REASONS[verdict.cause], verdict.message)
        if isinstance(verdict, Refusal):
            raise ImageRejected(
                f"{verdict.reason.value}: {verdict.message}",
                reason=verdict.reason,
                error_type=verdict.error_type,
                excerpt=verdict.excerpt,
            )
        return verdict
