"""What somebody who waits for the daemon makes of what can be seen (operations.md O27). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trivia_scraper.domain.requests import RequestState


@dataclass(frozen=True, slots=True)
class Patience:
    """How long what is borne, in seconds.

    look     between two looks
    accept   a request that is not begun by then waits behind others
    silence  a daemon that is away so long has gone: until then it may be taking its lost lock again
    give_up  one that has not come back by then does not come
    """

    look: float = 0.5
    accept: float = 5.0
    silence: float = 10.0
    give_up: float = 60.0


class Sight(StrEnum):
    """How a request looks from outside."""

    FILED = "filed"
    WAITING = "waiting"
    BEGUN = "begun"
    LEFT_ALONE = "left_alone"
    ABANDONED = "abandoned"
    ENDED = "ended"


def sight_of(state: RequestState, waited: float, absent: float, patience: Patience) -> Sight:
    """How a request looks.

    waited  seconds since it was filed
    absent  seconds for which no daemon has held the store; 0 = one does
    """
    if state.finished_at is not None:
        return Sight.ENDED
    if absent >= patience.give_up:
        return Sight.ABANDONED
    if absent >= patience.silence:
        return Sight.LEFT_ALONE
    if state.taken_at is not None:
        return Sight.BEGUN
    return Sight.WAITING if waited >= patience.accept else Sight.FILED
