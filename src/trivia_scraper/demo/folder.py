"""The demo's folder: its own configuration, database and pictures, and a marker that says so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trivia_scraper.domain.errors import SetupError

MARKER: Final = ".trivia-scraper-demo"
_OWN: Final = ("config.toml", "postgres", "images", "state", MARKER)


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """An absolute path and what lies below it."""

    path: Path

    @property
    def config(self) -> Path:
        """The configuration that every command of the demo is called with."""
        return self.path / "config.toml"

    @property
    def images(self) -> Path:
        """Permanent storage of the pictures."""
        return self.path / "images"

    @property
    def state(self) -> Path:
        """What else the program keeps, so that nothing of the user's own is touched."""
        return self.path / "state"


def start_anew(path: Path) -> DemoFolder:
    """An empty demo folder. What an earlier demo left is deleted, and nothing else ever.

    Raises SetupError for a folder with content that bears no marker of ours.
    """
    folder = DemoFolder(path.expanduser().absolute())
    if folder.path.exists():
        _remove_own(folder)
    folder.path.mkdir(parents=True, exist_ok=True)
    (folder.path / MARKER).write_text("Made by `trivia-scraper demo`, which deletes and makes it anew.\n")
    return folder


def config_text(folder: DemoFolder, index_urls: Mapping[str, str], network: str, lookup_url: str = "") -> str:
    """The demo's config.toml. It names every setting that must not be taken from the user's own files."""
    sections: dict[str, dict[str, object]] = {
        "database": {"url": "embedded", "data_dir": str(folder.path / "postgres")},
        "storage": {"kind": "local", "path": str(folder.images)},
        "http": {
            "contact": "demo@localhost",
            "allow_networks": [network],
            "per_host_interval": "0s",
            "proxy": "",
        },
        "declared": {"path": str(folder.path / "sources.d")},
        "lookup": {"url": lookup_url, "key": ""},
        "log": {"level": "error"},  # the story is told by tables; --log-level info shows every step
        **{f"sources.{slug}": {"enabled": True, "index_url": url} for slug, url in index_urls.items()},
    }
    return "\n".join(_section(name, values) for name, values in sections.items())


def _section(name: str, values: Mapping[str, object]) -> str:
    # JSON's strings, booleans and arrays of strings are TOML's as well.
    return "\n".join((f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()), ""))


def _remove_own(folder: DemoFolder) -> None:
    if not folder.path.is_dir():
        raise SetupError(f"{folder.path} is a file, not a folder")
    if any(folder.path.iterdir()) and not (folder.path / MARKER).exists():
        raise SetupError(f"{folder.path} has content that no demo put there: choose another folder or empty it")
    for name in _OWN:
        own = folder.path / name
        if own.is_dir() and not own.is_symlink():
            shutil.rmtree(own)
        else:
            own.unlink(missing_ok=True)
