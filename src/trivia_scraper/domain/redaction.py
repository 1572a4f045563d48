"""Secrets out of everything that is stored, logged, exported or shown (images.md 3, safety.md 11). Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, unquote_plus, urlsplit, urlunsplit

SECRET_PARAMETERS: Final = frozenset(
    {
        "key", "apikey", "api_key", "token", "access_token", "client_id", "client_secret", "sig", "signature",
        "auth", "session", "code", "security",
    }
)  # fmt: skip
SECRET_HEADERS: Final = frozenset({"authorization", "cookie", "set-cookie", "x-api-key", "x-goog-api-key"})
MASK: Final = "***"

# No word border: a URL glued to other text ("url_https://…") must be seen too. The bound keeps it linear.
_URL_IN_TEXT: Final = re.compile(r"[a-z][a-z0-9+.-]{0,30}://[^\s\"'<>]+", re.IGNORECASE)

# A JSON or script field named …api_key, …token, …secret: its value, even one that the document's end cuts off.
_KEY_FIELD: Final = re.compile(
    r"([\"']?[\w-]{0,60}(?:api_?key|access_?key|token|secret|password|nonce)[\w-]{0,20}[\"']?\s{0,9}[:=]\s{0,9}[\"'])"
    r"[^\"'\s]{4,}",
    re.IGNORECASE,
)

# Begins at a border, so that a long word is looked at once.
_MAIL_ADDRESS: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,5}")


def is_secret_parameter(name: str) -> bool:
    """Whether a query parameter of this name, escaped or not, carries a secret."""
    lowered = unquote_plus(name).strip().lower()
    return lowered in SECRET_PARAMETERS or lowered.startswith("x-amz-") or lowered.endswith("nonce")


def strip_secrets(url: str) -> str:
    """The URL without user info and without secret query parameters, otherwise unchanged. Never raises.

    Idempotent. A URL without a host keeps one slash before its path: a second would make a host of it.
    """
    try:
        parts = _split(url)
    except ValueError:
        return MASK
    query = "&".join(pair for pair in parts.query.split("&") if not is_secret_parameter(pair.partition("=")[0]))
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, parts.fragment))


def redact_text(text: str) -> str:
    """Any text with the secrets inside its URLs and DSNs masked: for messages and log fields."""
    return _URL_IN_TEXT.sub(lambda match: _mask_url(match.group()), text)


def redact_body(body: str) -> str:
    """A document without mail addresses and without the values of its key-like fields: feeds carry their
    tenants' API keys (N8).

    Works on the text, so that a document that cannot be parsed is no exception.
    """
    return _MAIL_ADDRESS.sub(MASK, _KEY_FIELD.sub(rf"\1{MASK}", body))


def _split(url: str) -> SplitResult:
    parts = urlsplit(url)
    if not parts.netloc.rpartition("@")[2] and parts.path.startswith("//"):
        return parts._replace(path="/" + parts.path.lstrip("/"))
    return parts


def _mask_url(url: str) -> str:
    try:
        parts = _split(url)
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
