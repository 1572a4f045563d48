"""The child's side: a process that owns nothing but the bytes it was handed (safety.md 6, "Isolation").

Imports Pillow and the domain's words; no asyncio, no network code, no database. What it cannot shed is
what its fork server was started with: an address space of that size, and the pool's pipe.
"""

from __future__ import annotations

import math
import os
import resource
import signal
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PIL import AvifImagePlugin, GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from trivia_scraper.domain.images import InspectedImage
from trivia_scraper.domain.options import RefreshOptions, options_from_json
from trivia_scraper.imaging.limits import ImagingSettings
from trivia_scraper.imaging.refusal import Refusal

Inspection = Callable[[bytes, ImagingSettings, RefreshOptions], InspectedImage | Refusal]

# Named so that the fork server loads them once, instead of every worker at its first picture.
PLUGINS: Final = (AvifImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
OPEN_FILES: Final = 32
_SPARE_CPU_SECONDS: Final = 1


def start(settings: ImagingSettings) -> None:
    """Run once in a new worker, before its first picture: shed the environment, take on the limits."""
    # The default action ends a worker even while a decoder holds it, where a Python handler would wait.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ.clear()
    for limit, value in (
        (resource.RLIMIT_AS, settings.worker_memory_bytes),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, _lifetime_cpu_seconds(settings)),
    ):
        resource.setrlimit(limit, (value, value))
    Image.MAX_IMAGE_PIXELS = settings.max_pixels
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def examine(
    inspection: Inspection, body: bytes | str, settings: ImagingSettings, options_document: str
) -> InspectedImage | Refusal:
    """One task: `body` is the picture or the path of its staged file, the options their one JSON document."""
    _allow_cpu(settings.decode_timeout_seconds)
    options = options_from_json(options_document)
    return inspection(Path(body).read_bytes() if isinstance(body, str) else body, settings, options)


def _lifetime_cpu_seconds(settings: ImagingSettings) -> int:
    return math.ceil(settings.decode_timeout_seconds + _SPARE_CPU_SECONDS) * settings.tasks_per_worker


def _allow_cpu(seconds: float) -> None:
    """Let this task use as much CPU as it has wall time: a limit that holds when the parent cannot look."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds) + _SPARE_CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (min(soft, hard), hard))
