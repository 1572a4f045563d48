"""The child's side: what a worker process does with one picture (safety.md 6).

Pillow is imported here inside the task: the parent names this function and never loads a decoder.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from trivia_scraper.domain.images import InspectedImage
from trivia_scraper.domain.options import RefreshOptions, options_from_json
from trivia_scraper.imaging.limits import ImagingSettings
from trivia_scraper.imaging.refusal import Refusal

Inspection: TypeAlias = Callable[[bytes, ImagingSettings, RefreshOptions], InspectedImage | Refusal]


def examine(
    inspection: Inspection | None, body: bytes | str, settings: ImagingSettings, options_document: str
) -> InspectedImage | Refusal:
    """One task: `body` is the picture or the path of its staged file, the options their one JSON document."""
    from PIL import Image

    from trivia_scraper.imaging.inspect import inspect_picture

    Image.MAX_IMAGE_PIXELS = settings.max_pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    options = options_from_json(options_document)
    inspect = inspection or inspect_picture
    return inspect(Path(body).read_bytes() if isinstance(body, str) else body, settings, options)
