"""How durations and sizes are written in settings and options: strict readers and their inverses. Pure.

Durations: a number and one of s, m, h, d, w ("90s", "1.5h"); where an age is asked for, also "always" and
"never" (operations.md O05). Sizes: a number and B, kB, MB, GB (powers of 1000) or KiB, MiB, GiB (powers of
1024). A bare number is no text form; in a settings file or variable it counts seconds (`types`).
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from trivia_scraper.domain.redaction import is_secret_parameter

# What "never" means where a number is needed for arithmetic: longer than any ledger, shorter than overflow.
A_CENTURY: Final = dt.timedelta(days=36_525)

_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_BYTES: Final = {
    "B": 1,
    "kB": 1_000,
    "MB": 1_000_000,
    "GB": 1_000_000_000,
    "KiB": 1 << 10,
    "MiB": 1 << 20,
    "GiB": 1 << 30,
}
_DURATION: Final = re.compile(r"(\d{1,10}(?:\.\d{1,6})?) ?([smhdw])", re.ASCII)
_SIZE: Final = re.compile(r"(\d{1,12}(?:\.\d{1,6})?) ?(B|kB|MB|GB|KiB|MiB|GiB)", re.ASCII)


def parse_duration(text: str) -> dt.timedelta:
    """Read "5s", "30m", "2h", "7d", "1w". Raises ValueError naming the accepted form."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'"{text}" is not a duration: write a number and s, m, h, d or w, such as "30s" or "5d"')
    seconds = float(match[1]) * _SECONDS[match[2]]
    if seconds > A_CENTURY.total_seconds():
        raise ValueError(f'"{text}" is more than a century')
    return dt.timedelta(seconds=seconds)


def parse_network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Read "127.0.0.0/8", host bits zero. Raises ValueError."""
    return ipaddress.ip_network(text)


def parse_age(text: str) -> dt.timedelta | None:
    """A duration, or "always" (zero: older than this at every look) or "never" (None: never too old)."""
    word = text.strip().lower()
    if word == "always":
        return dt.timedelta(0)
    return None if word == "never" else parse_duration(text)


def parse_size(text: str) -> int:
    """Read "4 MiB", "10 MB", "512 B" as bytes. Raises ValueError naming the accepted form."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'"{text}" is not a size: write a number and B, kB, MB, GB, KiB, MiB or GiB ("4 MiB")')
    return round(float(match[1]) * _BYTES[match[2]])


def format_duration(duration: dt.timedelta) -> str:
    """A short exact text that `parse_duration` reads back; weeks are told in days, a minute in seconds."""
    seconds = duration.total_seconds()
    for unit in ("d", "h", "m"):
        if seconds > _SECONDS["m"] and seconds % _SECONDS[unit] == 0:
            return f"{int(seconds // _SECONDS[unit])}{unit}"
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + "s"


def format_age(age: dt.timedelta | None) -> str:
    """The text that `parse_age` reads back."""
    if age is None:
        return "never"
    return format_duration(age) if age else "always"


def format_size(size: int) -> str:
    """The text that `parse_size` reads back, in the largest unit that is exact."""
    for unit in ("GiB", "GB", "MiB", "MB", "KiB", "kB"):
        if size and size % _BYTES[unit] == 0:
            return f"{size // _BYTES[unit]} {unit}"
    return f"{size} B"


def checked_address(url: str, key_setting: str) -> str:
    """An http(s) address that is shown as it is, or "". Raises ValueError for what is none, or holds a secret.

    key_setting  where the secret belongs
    """
    if not url:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("must be empty or an address with https:// or http://") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be empty or start with https:// or http://")
    if "@" in parts.netloc or any(is_secret_parameter(each.partition("=")[0]) for each in parts.query.split("&")):
        raise ValueError(f"must not hold a key or password: {key_setting} is for that")
    return url
