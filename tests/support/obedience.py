"""An inspection for worker processes that does what the body says: hang, spin, die, eat memory, report.

Stands in for a decoder that misbehaves. Handed to the pool at its construction; bodies that are no
command are inspected as usual.
"""

from __future__ import annotations

import json
import os
import resource
import signal
from typing import NoReturn

from PIL import Image

from trivia_scraper.domain.failures import Reason
from trivia_scraper.domain.images import InspectedImage
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.imaging.inspect import inspect_picture
from trivia_scraper.imaging.limits import ImagingSettings
from trivia_scraper.imaging.refusal import Refusal

HANG = b"hang"
SPIN = b"spin"
DIE = b"die"
GREED = b"greed"
REPORT = b"report"
WAIT = b"wait:"


def obey(body: bytes, settings: ImagingSettings, options: RefreshOptions) -> InspectedImage | Refusal:
    """Do what the body says."""
    if body == HANG:
        _hang()
    if body == SPIN:
        _spin()
    if body == DIE:
        os.kill(os.getpid(), signal.SIGKILL)
    if body == GREED:
        bytearray(resource.getrlimit(resource.RLIMIT_AS)[0])
    if body == REPORT:
        return Refusal(Reason.TYPE, "report", excerpt=json.dumps(_report()))
    if body.startswith(WAIT):
        return _wait(*body.removeprefix(WAIT).decode().split("|"))
    return inspect_picture(body, settings, options)


def _hang() -> NoReturn:
    """Like a decoder stuck in the kernel: asleep, and deaf to the polite signal."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    while True:
        signal.pause()


def _spin() -> NoReturn:
    while True:
        pass


def _wait(told: str, awaited: str) -> Refusal:
    """Tell one pipe who works here, then wait until the other says go on."""
    with open(told, "w") as pipe:
        pipe.write(f"{os.getpid()}\n")
    with open(awaited) as pipe:
        pipe.readline()
    return Refusal(Reason.TYPE, "waited")


def _report() -> dict[str, object]:
    limits = {
        name: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name.startswith("RLIMIT_")
    }
    return {"environment": dict(os.environ), "limits": limits, "pixels": Image.MAX_IMAGE_PIXELS}
