"""What tests of pictures share: options, a log that remembers, and the captures folder."""

from __future__ import annotations

import io
import multiprocessing
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import structlog
from PIL import Image

from trivia_scraper.domain.images import InspectedImage
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.imaging.inspect import inspect_picture
from trivia_scraper.imaging.inspector import LOADED_ONCE, PoolInspector
from trivia_scraper.imaging.limits import ImagingSettings
from trivia_scraper.imaging.refusal import Refusal
from trivia_scraper.imaging.worker import Inspection
from trivia_scraper.workers.limits import WorkerLimits
from trivia_scraper.workers.pool import open_workers

CAPTURES = Path(__file__).parents[2].parent / "shared" / "captures" / "images"


def refresh_options(*, forced: bool) -> RefreshOptions:
    return RefreshOptions(
        force_refresh_images=forced,
        force_update=False,
        clean_first=False,
        retry_failed_only=False,
        dry_run=False,
        limit=None,
        sources=(),
        venues=(),
        providers=(),
        max_time_seconds=None,
    )


def remembering_log() -> tuple[structlog.typing.FilteringBoundLogger, list[Any]]:
    """A logger and the list of events it was told."""
    memory = structlog.testing.LogCapture()
    log = structlog.wrap_logger(
        structlog.PrintLogger(), processors=[memory], wrapper_class=structlog.make_filtering_bound_logger(0)
    )
    return cast("structlog.typing.FilteringBoundLogger", log), cast("list[Any]", memory.entries)


@asynccontextmanager
async def open_inspector(
    settings: ImagingSettings,
    log: structlog.typing.FilteringBoundLogger,
    *,
    inspection: Inspection | None = None,
    limits: WorkerLimits | None = None,
) -> AsyncIterator[PoolInspector]:
    """An inspector with a pool of its own, as `bootstrap` puts them together."""
    async with open_workers(limits or WorkerLimits(), log, loaded_once=LOADED_ONCE) as workers:
        yield PoolInspector(workers, settings, inspection)


def inspect_here(body: bytes, **limits: Any) -> InspectedImage | Refusal:
    """The inspection in this process, without a pool."""
    return inspect_picture(body, ImagingSettings(**limits), refresh_options(forced=False))


def accepted(body: bytes, **limits: Any) -> InspectedImage:
    verdict = inspect_here(body, **limits)
    assert isinstance(verdict, InspectedImage), verdict
    return verdict


def refused(body: bytes, **limits: Any) -> Refusal:
    verdict = inspect_here(body, **limits)
    assert isinstance(verdict, Refusal), verdict
    return verdict


def opened(body: bytes | None) -> Image.Image:
    """A stored or rewritten picture, decoded."""
    assert body is not None
    picture = Image.open(io.BytesIO(body))
    picture.load()
    return picture


def worker_pids() -> set[int]:
    """The pool's workers: the interpreter knows its own children."""
    return {child.pid for child in multiprocessing.active_children() if child.pid is not None}
