"""Which conditions a person should be told of, and how urgent they are (images.md 12, R199, R229). Pure.

Only evaluated here: sending, once per condition in 24 h and with a note when it is over, is the daemon's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from trivia_scraper.domain.statistics import rate_pct
from trivia_scraper.domain.weekly import Alert, AlertFigures, AlertLevel

LEAST_ATTEMPTS: Final = 20
FAILING_ABOVE_PCT: Final = 20.0
CLOSED_ABOVE_PCT: Final = 5.0
USED_WARNING_PCT: Final = 80.0
USED_CRITICAL_PCT: Final = 95.0
CLEANUP_GRACE: Final = dt.timedelta(hours=1)


def alerts(figures: AlertFigures) -> tuple[Alert, ...]:
    """Every condition that holds, the critical ones first."""
    found = (
        *_failing_providers(figures),
        *_closed_images(figures),
        *_usage(figures),
        *_breakers(figures),
        *_cleanup(figures),
    )
    return tuple(sorted(found, key=lambda each: (each.level is not AlertLevel.CRITICAL, each.condition)))


def _failing_providers(figures: AlertFigures) -> Iterator[Alert]:
    for trouble in figures.troubles:
        rate = 100.0 * trouble.failures / trouble.attempts if trouble.attempts else 0.0
        if trouble.attempts >= LEAST_ATTEMPTS and rate > FAILING_ABOVE_PCT:
            yield Alert(
                f"provider_failing:{trouble.provider}",
                AlertLevel.WARNING,
                f"{trouble.provider}: {trouble.failures} of {trouble.attempts} attempts failed in 24 h "
                f"({rate_pct(trouble.failures, trouble.attempts):.1f} %)",
            )


def _closed_images(figures: AlertFigures) -> Iterator[Alert]:
    closed, every = figures.images.get("permanently_failed", 0), sum(figures.images.values())
    if every and 100.0 * closed / every > CLOSED_ABOVE_PCT:
        share = rate_pct(closed, every)
        yield Alert("images_closed", AlertLevel.WARNING, f"{closed:,} of {every:,} images are closed ({share:.1f} %)")


def _usage(figures: AlertFigures) -> Iterator[Alert]:
    # A provider's limit per second is used up whenever we work at its pace: only the longer windows say something.
    for usage in figures.usage:
        per_minute, per_hour = figures.limits.get(usage.provider, (0, 0))
        for window, used, limit in (("minute", usage.last_minute, per_minute), ("hour", usage.last_hour, per_hour)):
            level = _usage_level(used, limit)
            if level is not None:
                message = f"{usage.provider}: {used} of {limit} requests a {window} used"
                yield Alert(f"provider_used:{usage.provider}:{window}", level, message)


def _usage_level(used: int, limit: int) -> AlertLevel | None:
    share = 100.0 * used / limit if limit else 0.0
    if share >= USED_CRITICAL_PCT:
        return AlertLevel.CRITICAL
    return AlertLevel.WARNING if share >= USED_WARNING_PCT else None


def _breakers(figures: AlertFigures) -> Iterator[Alert]:
    for host, until in figures.open_breakers.items():
        message = f"{host} only fails: left alone until {until:%Y-%m-%d %H:%M} UTC"
        yield Alert(f"breaker_open:{host}", AlertLevel.WARNING, message)


def _cleanup(figures: AlertFigures) -> Iterator[Alert]:
    if figures.cleanup_every is None:
        return
    last = figures.last_cleanup_at
    if last is None:
        yield Alert("cleanup_missed", AlertLevel.WARNING, "no cleanup has run yet")
    elif figures.at - last > figures.cleanup_every + CLEANUP_GRACE:
        yield Alert("cleanup_missed", AlertLevel.WARNING, f"the last cleanup ended {last:%Y-%m-%d %H:%M} UTC")
