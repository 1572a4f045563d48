"""Wrong tokens by peer: five in a minute, then nobody of that address is heard until the minute is over."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

MOST_TRIES: Final = 5
WINDOW_SECONDS: Final = 60.0
MOST_PEERS: Final = 1_000


class WrongTries:
    """Counts them. Keeps at most `MOST_PEERS` addresses, those that failed last."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_seconds(self, peer: str) -> float:
        """How long this peer is not heard; 0 = it may try."""
        times = self._times.get(peer)
        if times is None or len(times) < MOST_TRIES:
            return 0.0
        return max(0.0, times[0] + WINDOW_SECONDS - self._monotonic())

    def note(self, peer: str) -> None:
        """This peer sent a wrong token."""
        times = self._times.setdefault(peer, deque(maxlen=MOST_TRIES))
        times.append(self._monotonic())
        self._times.move_to_end(peer)
        if len(self._times) > MOST_PEERS:
            self._times.popitem(last=False)
