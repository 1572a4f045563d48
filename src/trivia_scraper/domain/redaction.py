"""Secrets out of everything that is stored, logged, exported or shown (images.md 3, safety.md 11). Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

SECRET_PARAMETERS: Final = frozenset(
    {
        "key", "apikey", "api_key", "token", "access_token", "client_id", "client_secret", "sig", "signature",
        "auth", "session", "code",
    }
)  # fmt: skip
SECRET_HEADERS: Final = frozenset({"authorization", "cookie", "set-cookie", "x-api-key", "x-goog-api-key"})
MASK: Final = "***"

_URL_IN_TEXT: Final = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>]+", re.IGNORECASE)


def is_secret_parameter(name: str) -> bool:
    """Whether a query parameter of this name carries a secret."""
    lowered = name.lower()
    return lowered in SECRET_PARAMETERS or lowered.startswith("x-amz-")


def strip_secrets(url: str) -> str:
    """The URL without user info and without secret query parameters, otherwise unchanged. Never raises."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    query = "&".join(pair for pair in parts.query.split("&") if not is_secret_parameter(pair.partition("=")[0]))
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, parts.fragment))


def redact_text(text: str) -> str:
    """Any text with the secrets inside its URLs and DSNs masked: for messages and log fields."""
    return _URL_IN_TEXT.sub(lambda match: _mask_url(match.group()), text)


def _mask_url(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    user_info, at, host = parts.netloc.rpartition("@")
    if at:
        user, colon, _ = user_info.partition(":")
        host = f"{user}:{MASK}@{host}" if colon else f"{MASK}@{host}"
    pairs = (pair.partition("=") for pair in parts.query.split("&")) if parts.query else ()
    query = "&".join(
        f"{name}={MASK}" if is_secret_parameter(name) or name.lower() == "password" else name + eq + value
        for name, eq, value in pairs
    )
    return urlunsplit((parts.scheme, host, parts.path, query, parts.fragment))
