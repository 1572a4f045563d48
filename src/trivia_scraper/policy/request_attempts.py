"""Whether a request is begun once more. Work that a daemon died over again and again might be what kills it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trivia_scraper.domain.error_documents import GAVE_UP, failed_document
from trivia_scraper.domain.requests import MOST_ATTEMPTS, RequestKind, RunRequest

_WHAT = {
    RequestKind.REFRESH: "a run",
    RequestKind.RECOVERY: "a recovery",
    RequestKind.CLEANUP: "a cleanup",
    RequestKind.ENRICHMENT: "an enrichment",
}


def given_up(request: RunRequest) -> Mapping[str, Any] | None:
    """The outcome of a request that is begun no more; None = it may be begun."""
    if request.attempts < MOST_ATTEMPTS:
        return None
    return failed_document(
        GAVE_UP,
        f"{_WHAT[request.kind]} was begun {request.attempts} times, and each time the daemon ended before it did:"
        " it is not begun again",
        f"the daemon's log says how it ended (run_id {request.id}); a narrower choice may show what is at fault",
    )


def is_cut_off(kind: RequestKind, outcome: Mapping[str, Any]) -> bool:
    """Whether work was stopped before its end, so that doing it again does the rest."""
    match kind:
        case RequestKind.REFRESH | RequestKind.RECOVERY:
            return outcome.get("finish_reason") == "interrupted"
        case RequestKind.CLEANUP:
            return bool(outcome.get("interrupted"))
        case RequestKind.ENRICHMENT:
            return bool(outcome.get("stopped"))
