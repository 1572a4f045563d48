"""Writing a picture anew, when the download is not plain: same format, same colours, nothing else.

The pixels are turned upright, because no metadata is left that could say so. Of an animation the first
frame stays. Lossless means what the decoder delivers: 8 bits a channel for PNG with colour, and for AVIF
its best quality without chroma subsampling.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final

from PIL import Image, JpegImagePlugin

from trivia_scraper.domain.images import ImageFormat
from trivia_scraper.imaging.previewing import upright

_PILLOW_NAMES: Final = {
    ImageFormat.JPEG: "JPEG",
    ImageFormat.PNG: "PNG",
    ImageFormat.WEBP: "WEBP",
    ImageFormat.GIF: "GIF",
    ImageFormat.AVIF: "AVIF",
}
_ENCODING: Final[dict[ImageFormat, dict[str, Any]]] = {
    ImageFormat.JPEG: {"quality": 95},
    ImageFormat.PNG: {},
    # Lossless effort 0 of 6: the others take many seconds for a phone's photograph, to save a few per cent.
    ImageFormat.WEBP: {"lossless": True, "quality": 20, "method": 0, "exact": True},
    ImageFormat.GIF: {},
    ImageFormat.AVIF: {"quality": 100, "subsampling": "4:4:4", "speed": 8, "max_threads": 1},
}
_SUBSAMPLING_UNKNOWN: Final = -1


def rewrite(
    open_picture: Callable[[], Image.Image], source: ImageFormat, orientation: int
) -> tuple[bytes, tuple[int, int]]:
    """The bytes of a picture written anew, and their width and height in pixels.

    open_picture  opens it, not yet decoded; called once, and the only one to hold it
    """
    picture = open_picture()
    icc = picture.info.get("icc_profile")
    encoding = dict(_ENCODING[source])
    if source is ImageFormat.JPEG and (sampling := JpegImagePlugin.get_sampling(picture)) != _SUBSAMPLING_UNKNOWN:
        encoding["subsampling"] = sampling
    picture.load()
    transparency = picture.info.get("transparency")
    turned = upright(picture, orientation)
    if turned is picture:
        turned = picture.copy()
    del picture  # with it goes a decoder that may hold the picture three times over
    # Encoders take comments, times and profiles from here when they are not told otherwise.
    turned.info = {} if transparency is None else {"transparency": transparency}
    encoded = io.BytesIO()
    turned.save(encoded, _PILLOW_NAMES[source], icc_profile=icc, **encoding)
    return encoded.getvalue(), turned.size
