"""How long to wait between two downloads from a provider, as its answers teach (images.md 7 and 12). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.provider_memory import ProviderPace

LEAST_DELAY_MS: Final[Mapping[str, int]] = {"google_places": 500, "foursquare": 200, "here": 200}
OTHERS_LEAST_DELAY_MS: Final = 100
LONGEST_DELAY_MS: Final = 30_000
SUCCESSES_UNTIL_FASTER: Final = 20
SLOWER: Final = 2.0
FASTER: Final = 0.9


def least_delay_ms(provider: str) -> int:
    """The delay that a provider is never asked below."""
    return LEAST_DELAY_MS.get(provider, OTHERS_LEAST_DELAY_MS)


def delay_ms(provider: str, pace: ProviderPace | None) -> int:
    """The delay to keep now: what was learnt, within the bounds."""
    learnt = pace.delay_ms if pace else 0
    return min(max(learnt, least_delay_ms(provider)), LONGEST_DELAY_MS)


def learnt_pace(
    provider: str, pace: ProviderPace | None, error_type: ErrorType | None, *, asked_to_wait: bool
) -> ProviderPace:
    """What one more answer teaches.

    error_type     None = the download worked
    asked_to_wait  the answer carried Retry-After
    Twice the delay after a 429 or Retry-After, up to 30 s; nine tenths after 20 successes in a row. Any other
    failure interrupts the row. At the least delay nothing is counted: there is nothing to win.
    """
    delay, least = delay_ms(provider, pace), least_delay_ms(provider)
    if asked_to_wait or error_type is ErrorType.RATE_LIMITED:
        return ProviderPace(min(round(delay * SLOWER), LONGEST_DELAY_MS), successes_in_row=0)
    successes = pace.successes_in_row + 1 if pace and error_type is None and delay > least else 0
    if successes < SUCCESSES_UNTIL_FASTER:
        return ProviderPace(delay, successes)
    return ProviderPace(max(round(delay * FASTER), least), successes_in_row=0)
