"""What the pages say, as plain documents: made of the daemon's state, without secrets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from trivia_scraper.domain.error_documents import failed_document
from trivia_scraper.domain.live import DaemonState, HealthCheck
from trivia_scraper.domain.redaction import redact_text

SCHEMA: Final = 1


def readiness_document(state: DaemonState) -> dict[str, Any]:
    """`/readyz`: whether the daemon does its work, every check, and those that warn by name."""
    return {
        "schema": SCHEMA,
        "ready": state.is_ready,
        "phase": state.phase.value,
        "status": redact_text(state.status_line),
        "checks": [_check_document(check) for check in state.checks],
        "failing": _names(state.checks, "fail"),
        "warnings": _names(state.checks, "warn"),
    }


def reload_document(error: str, restart_keys: Sequence[str]) -> dict[str, Any]:
    """`POST /reload`: why the file was refused, or which changed settings wait for a restart."""
    if error:
        return refused_document("settings_refused", error, "the old settings stay; trivia-scraper config check")
    return {"schema": SCHEMA, "ok": True, "restart_keys": list(restart_keys)}


def refused_document(code: str, message: str, hint: str) -> dict[str, Any]:
    """What went wrong, as the command line writes it (operations.md O28)."""
    return {"schema": SCHEMA, **failed_document(code, message, hint)}


def _check_document(check: HealthCheck) -> dict[str, Any]:
    return {
        "name": check.name,
        "ok": check.ok,
        "severity": check.severity,
        "detail": redact_text(check.detail),
        "next": redact_text(check.next),
    }


def _names(checks: Sequence[HealthCheck], severity: str) -> list[str]:
    return [check.name for check in checks if not check.ok and check.severity == severity]
