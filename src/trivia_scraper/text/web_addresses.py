"""Web addresses as pages write them (sources.md V7, safety.md 8): http(s) only, everything else is None."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin, urlsplit, urlunsplit

URL_LIMIT: Final = 2_048
# The usual spelling, told at a glance: everything else is taken apart.
_PLAIN: Final = re.compile(
    r"https?://[A-Za-z0-9][A-Za-z0-9-]*+(?:\.[A-Za-z0-9-]++)*(?::[0-9]{1,5})?(?:[/?#][!-\[\]-~]*+)?"
)
_FORBIDDEN: Final = re.compile(r"[\s\x00-\x20\x7f-\x9f\\]|[\ud800-\udfff]")


def web_address(text: str | None) -> str | None:
    """An absolute http(s) address as it stands, or None: "#", "mailto:", "javascript:" and nonsense are none."""
    if not text:
        return None
    address = text.strip()
    if len(address) <= URL_LIMIT and _PLAIN.fullmatch(address):
        return address
    if len(address) > URL_LIMIT or _FORBIDDEN.search(address):
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    return address if parts.scheme.lower() in ("http", "https") and host else None


def resolved_address(text: str | None, base: str) -> str | None:
    """`web_address` of a link that may be relative to the page at `base`; spaces inside become %20."""
    link = (text or "").strip().replace(" ", "%20")
    if not link or link.startswith("#") or len(link) > URL_LIMIT:
        return None
    if link.startswith(("http://", "https://")):
        return web_address(link)
    try:
        return web_address(urljoin(base, link))
    except ValueError:
        return None


def without_query(url: str) -> str:
    """The address without query and fragment."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def last_path_segment(url: str) -> str:
    """The last non-empty segment of the path, or ""; also for a raw link that is no address. Never raises."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return path.rstrip("/").rpartition("/")[2]


def with_canonical_host(url: str, hosts: frozenset[str], canonical: str) -> str:
    """The address on https and the `canonical` host where its host is one of `hosts`, else unchanged.

    Other hosts are left alone: a replica on loopback keeps its own links.
    """
    parts = urlsplit(url)
    if (parts.hostname or "").lower() not in hosts:
        return url
    return urlunsplit(("https", canonical, parts.path, parts.query, parts.fragment))
