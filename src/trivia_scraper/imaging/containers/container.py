"""The facts that every container reader reports."""

from __future__ import annotations

from dataclasses import dataclass

from trivia_scraper.domain.images import ImageFormat


@dataclass(frozen=True, slots=True)
class Container:
    """A picture file as its own structure describes it.

    width, height  the largest claim in the file, in pixels; 0 when the file ends before it says
    frames         pictures in it, at least 1; for AVIF the decoder knows better
    end            offset behind the container's last byte; None when it does not end inside the file
    flaw           what is wrong with the structure, "" when it is whole
    """

    format: ImageFormat
    width: int
    height: int
    frames: int
    end: int | None
    flaw: str = ""
