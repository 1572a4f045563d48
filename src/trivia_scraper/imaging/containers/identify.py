"""Which of our five formats a body is, by its first bytes alone: name and header are never asked."""

from __future__ import annotations

from trivia_scraper.imaging.containers.avif import is_avif, read_avif
from trivia_scraper.imaging.containers.container import Container
from trivia_scraper.imaging.containers.foreign import refuse_foreign
from trivia_scraper.imaging.containers.gif import read_gif
from trivia_scraper.imaging.containers.jpeg import read_jpeg
from trivia_scraper.imaging.containers.png import SIGNATURE, read_png
from trivia_scraper.imaging.containers.webp import read_webp


def identify(data: bytes, min_bytes: int) -> Container:
    """The container of a body. Raises Refused (html, type, tiny) when it is none of ours."""
    if data.startswith(b"\xff\xd8\xff"):
        return read_jpeg(data)
    if data.startswith(SIGNATURE):
        return read_png(data)
    if data.startswith((b"GIF87a", b"GIF89a")):
        return read_gif(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return read_webp(data)
    if is_avif(data):
        return read_avif(data)
    raise refuse_foreign(data, min_bytes)
