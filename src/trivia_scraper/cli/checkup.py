"""The checks of `doctor` that need neither database nor network."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from trivia_scraper.settings import LoadedSettings, Settings

OLDEST_PYTHON: Final = (3, 11)

Verdict = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `next` is what to type, or ""."""

    name: str
    verdict: Verdict
    detail: str
    next: str = ""


def ok(name: str, detail: str) -> Check:
    """Nothing to do."""
    return Check(name, "ok", detail)


def warn(name: str, detail: str, next: str = "") -> Check:
    """Works, but somebody should know."""
    return Check(name, "warn", detail, next)


def fail(name: str, detail: str, next: str = "") -> Check:
    """Does not work until this is mended."""
    return Check(name, "fail", detail, next)


def installation_checks() -> Iterator[Check]:
    """What holds before any setting is read."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        yield fail("python", f"{version} is too old", "make setup PYTHON=python3.11")
    else:
        yield ok("python", version)


def settings_checks(loaded: LoadedSettings) -> Iterator[Check]:
    """What the settings say, and whether the disk agrees."""
    settings = loaded.settings
    yield ok("config files", ", ".join(map(str, loaded.files)) or "none, all defaults")
    yield ok("settings", f"{len(loaded.origins)} valid")
    yield from (warn("secret", warning) for warning in loaded.warnings)
    yield folder_check("state folder", settings.state_dir, "STATE_DIRECTORY names another one")
    yield folder_check("image store", settings.image_dir, "storage.path names another one")
    yield space_check(settings)
    if settings.database.is_embedded:
        yield binaries_check(settings)
    yield contact_check(settings)
    yield from proxy_checks(settings)
    yield from source_checks(settings)


def folder_check(name: str, folder: Path, next: str) -> Check:
    """A file can be written there, reaches the disk, and can be removed again."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as probe:
            probe.write(b"probe")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return fail(name, f"{folder}: {error.strerror}", next)
    return ok(name, f"{folder} is writable")


def space_check(settings: Settings) -> Check:
    """Free space against storage.min_free."""
    from trivia_scraper.cli.output import human_bytes

    folder = next((one for one in (settings.image_dir, *settings.image_dir.parents) if one.exists()), Path("/"))
    free, least = shutil.disk_usage(folder).free, settings.storage.min_free
    detail = f"{human_bytes(free)} free, storage.min_free is {human_bytes(least)}"
    if free < least:
        return fail("free space", detail, "make room, or lower storage.min_free")
    return warn("free space", detail, "downloads pause soon") if free < 2 * least else ok("free space", detail)


def binaries_check(settings: Settings) -> Check:
    """The embedded server's programs are there and answer."""
    from trivia_scraper.domain.errors import SetupError
    from trivia_scraper.storage.embedded_binaries import find_binaries

    given = settings.database.embedded_bin_dir
    try:
        found = find_binaries(Path(given).expanduser() if given else None, None)
    except SetupError as error:
        return fail("embedded PostgreSQL", error.message, error.hint)
    return ok("embedded PostgreSQL", f"{found.version} in {found.bin_dir}")


def contact_check(settings: Settings) -> Check:
    """Sites should be able to reach whoever runs this."""
    if settings.http.contact:
        return ok("contact", settings.http.contact)
    return warn("contact", "http.contact is empty: sites cannot reach you", "set http.contact in config.toml")


def proxy_checks(settings: Settings) -> Iterator[Check]:
    """With a proxy the address guard sees only the way to it (safety.md 3)."""
    if settings.http.proxy.get_secret_value():
        yield warn("proxy", "the proxy makes the connections: the address guard protects only the way to it")


def source_checks(settings: Settings) -> Iterator[Check]:
    """Something is switched on, and every description can be used."""
    from trivia_scraper.roster import load_roster

    roster = load_roster(settings)
    for problem in roster.problems:
        yield fail("description", str(problem), "`trivia-scraper sources test NAME` shows what it reads")
    if roster.enabled:
        yield ok("sources", ", ".join(roster.enabled))
    else:
        yield warn("sources", "every source is switched off", "trivia-scraper sources list")
