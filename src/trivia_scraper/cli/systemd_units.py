"""The units that ship with the program, written for the interpreter that runs it (operations.md 5)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Final

SERVICE: Final = "trivia-scraper.service"
SOCKET: Final = "trivia-scraper.socket"
UNIT_FOLDER: Final = Path("/etc/systemd/system")
UNIT_CONFIG: Final = Path("/etc/trivia-scraper/config.toml")

_SHIPPED_START: Final = "ExecStart=/usr/bin/python3 -m trivia_scraper daemon"
# Folders that the unit hides from its processes: ProtectHome=, PrivateTmp=.
_HIDDEN: Final = (Path("/home"), Path("/root"), Path("/run/user"), Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - named, not used


def shipped_unit(name: str) -> str:
    """A unit file as shipped: that of deploy/, byte for byte."""
    return resources.files("trivia_scraper").joinpath("cli", "templates", name).read_text(encoding="utf-8")


def units_for(interpreter: str) -> Mapping[str, str]:
    """File name → text of the service, started by this interpreter, and of the optional socket unit."""
    start = f"ExecStart={unit_word(interpreter)} -m trivia_scraper daemon"
    return {SERVICE: shipped_unit(SERVICE).replace(_SHIPPED_START, start), SOCKET: shipped_unit(SOCKET)}


def unit_word(text: str) -> str:
    """One word of a command line in a unit: systemd takes %, quotes and backslashes for its own signs. Pure."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if escaped != text or any(sign in text for sign in " \t';#") else text


def why_hidden(interpreter: str) -> str:
    """Why the unit could not start this interpreter, or "": it must not lie in a folder that the sandbox hides."""
    places = (Path(interpreter), Path(interpreter).resolve())
    hidden = next((folder for place in places for folder in _HIDDEN if place.is_relative_to(folder)), None)
    if hidden is None:
        return ""
    return f"{interpreter} leads into {hidden}, which the unit's sandbox hides: install into /opt/trivia-scraper, say"
