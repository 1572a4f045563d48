"""A refusal as a plain value, because only plain values cross the process border."""

from __future__ import annotations

from dataclasses import dataclass

from trivia_scraper.domain.failures import ErrorType, Reason


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a body is no picture we keep. `excerpt`: its first characters, cleaned, where it is text."""

    reason: Reason
    message: str
    excerpt: str = ""
    error_type: ErrorType = ErrorType.NOT_AN_IMAGE


class Refused(Exception):
    """Unwinds the inspection inside the worker; never leaves it."""

    def __init__(self, reason: Reason, message: str, *, excerpt: str = "") -> None:
        super().__init__(message)
        self.refusal = Refusal(reason, message, excerpt)
