"""Requests to the daemon: whether one is begun once more, and what whoever waits makes of what can be seen (O27)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from support.house import make_options
from trivia_scraper.domain.requests import MOST_ATTEMPTS, RequestKind, RequestState, RunRequest
from trivia_scraper.policy.following import Patience, Sight, sight_of
from trivia_scraper.policy.request_attempts import given_up, is_cut_off

AT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
PATIENCE = Patience(accept=5, silence=10, give_up=60)


def state(*, taken: bool = False, finished: bool = False) -> RequestState:
    return RequestState(UUID(int=1), AT if taken else None, AT if finished else None, None, None)


@pytest.mark.parametrize("kind", RequestKind)
@pytest.mark.parametrize(
    ("attempts", "expected"), [(0, False), (1, False), (MOST_ATTEMPTS - 1, False), (MOST_ATTEMPTS, True), (9, True)]
)
def test_work_that_daemons_died_over_is_not_begun_again(kind: RequestKind, attempts: int, expected: bool) -> None:
    request = RunRequest(UUID(int=7), kind, make_options(), {}, "a test", AT, attempts)
    verdict = given_up(request)
    assert (verdict is not None) is expected
    if verdict is not None:
        assert verdict["ok"] is False
        assert verdict["error"]["code"] == "gave_up"
        assert f"begun {attempts} times" in verdict["error"]["message"]
        assert str(request.id) in verdict["error"]["hint"]


@pytest.mark.parametrize(
    ("kind", "outcome", "expected"),
    [
        (RequestKind.REFRESH, {"finish_reason": "interrupted"}, True),
        (RequestKind.REFRESH, {"finish_reason": "max_time"}, False),
        (RequestKind.RECOVERY, {"finish_reason": "interrupted"}, True),
        (RequestKind.RECOVERY, {"finish_reason": "storage_full"}, False),
        (RequestKind.CLEANUP, {"interrupted": True}, True),
        (RequestKind.CLEANUP, {"interrupted": False}, False),
        (RequestKind.CLEANUP, {"done_already": {}}, False),
        (RequestKind.ENRICHMENT, {"stopped": True}, True),
        (RequestKind.ENRICHMENT, {"stopped": False}, False),
        *((kind, {"error": {"code": "configuration"}}, False) for kind in RequestKind),
    ],
)
def test_work_that_a_stop_cut_off(kind: RequestKind, outcome: dict[str, Any], expected: bool) -> None:
    assert is_cut_off(kind, outcome) is expected


@pytest.mark.parametrize(
    ("taken", "finished", "waited", "absent", "expected"),
    [
        (False, False, 0, 0, Sight.FILED),
        (False, False, 4.9, 0, Sight.FILED),
        (False, False, 5, 0, Sight.WAITING),
        (True, False, 0, 0, Sight.BEGUN),
        (True, False, 500, 9.9, Sight.BEGUN),
        (True, False, 500, 10, Sight.LEFT_ALONE),
        (False, False, 0, 10, Sight.LEFT_ALONE),
        (False, False, 500, 59.9, Sight.LEFT_ALONE),
        (True, False, 500, 60, Sight.ABANDONED),
        (False, False, 60, 60, Sight.ABANDONED),
        (True, True, 500, 0, Sight.ENDED),
        (False, True, 1, 500, Sight.ENDED),
    ],
)
def test_o27_how_a_request_looks(taken: bool, finished: bool, waited: float, absent: float, expected: Sight) -> None:
    assert sight_of(state(taken=taken, finished=finished), waited, absent, PATIENCE) is expected
