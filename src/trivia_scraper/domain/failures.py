"""The closed sets in which failures are told: error types, their classes, and finer reasons.

`ErrorType` and `FailureClass` are the table of images.md 6; `Reason` is the enum of safety.md 4.
"""

from __future__ import annotations

from enum import StrEnum


class FailureClass(StrEnum):
    """What a failure means for trying again."""

    TRANSIENT = "transient"
    PERMANENT = "permanent"
    AMBIGUOUS = "ambiguous"


class ErrorType(StrEnum):
    """What a failure was, as stored in the ledger."""

    RATE_LIMITED = "rate_limited"
    SERVICE_UNAVAILABLE = "service_unavailable"
    GATEWAY_TIMEOUT = "gateway_timeout"
    BAD_GATEWAY = "bad_gateway"
    NETWORK_TIMEOUT = "network_timeout"
    NETWORK_ERROR = "network_error"
    NOT_FOUND = "not_found"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    AUTH_ERROR = "auth_error"
    FILE_TOO_LARGE = "file_too_large"
    NOT_AN_IMAGE = "not_an_image"
    BLOCKED_ADDRESS = "blocked_address"
    INVALID_URL = "invalid_url"
    SERVER_ERROR = "server_error"
    HTTP_ERROR = "http_error"
    DOWNLOAD_FAILED = "download_failed"
    STORAGE_ERROR = "storage_error"
    INVALID_RESPONSE = "invalid_response"
    UNKNOWN_ERROR = "unknown_error"


class Reason(StrEnum):
    """The finer cause; ledger, log and page show it beside the error type."""

    # transfer
    REDIRECTS = "redirects"
    BYTES = "bytes"
    BOMB = "bomb"
    ENCODING = "encoding"
    TRUNCATED = "truncated"
    PROTOCOL = "protocol"
    RESET = "reset"
    REFUSED = "refused"
    READ = "read"
    SLOW = "slow"
    DEADLINE = "deadline"
    TLS = "tls"
    DNS = "dns"
    ROBOTS = "robots"
    DISK_FULL = "disk_full"
    # image
    EMPTY = "empty"
    TINY = "tiny"
    PIXELS = "pixels"
    FRAMES = "frames"
    METADATA = "metadata"
    HTML = "html"
    TYPE = "type"
    PLACEHOLDER = "placeholder"
    BLANK = "blank"
    DECODE_TIMEOUT = "decode_timeout"
    DECODE_MEMORY = "decode_memory"
    # our own store
    FILE_MISSING = "file_missing"
    FILE_DAMAGED = "file_damaged"
    # page
    PARSE_TIMEOUT = "parse_timeout"
