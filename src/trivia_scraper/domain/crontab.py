"""When something runs by the clock: a five-field crontab line in a time zone. The one module that knows cronsim.

A slot in the hour that spring leaves out comes at that hour's end; one in the hour that autumn repeats comes once
(operations.md 11). Pure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

_LARGEST_CHANGE: Final = dt.timedelta(hours=3)
"""No clock is put forward or back by more: two hours in Antarctica."""


@dataclass(frozen=True, slots=True)
class Crontab:
    """ "0 3 * * *" in "Europe/London". Raises ValueError, when made, for a line or a zone that cannot be read."""

    line: str
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if len(self.line.split()) != 5:
            raise ValueError(f'"{self.line}" is no crontab line: write five fields, such as "0 3 * * *"')
        try:
            CronSim(self.line, dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
        except CronSimError as error:
            raise ValueError(f'"{self.line}" is no crontab line: {error}') from error
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f'"{self.zone}" is no time zone: write one such as "Europe/London" or "UTC"') from error

    def slots_after(self, moment: dt.datetime) -> Iterator[dt.datetime]:
        """Every slot later than `moment`, earliest first, as aware UTC. Ends only where no date ever matches."""
        previous = moment
        for local in CronSim(self.line, self._before_any_change(moment)):
            slot = local.astimezone(dt.UTC)
            if slot > previous:
                yield slot
                previous = slot

    def next_after(self, moment: dt.datetime) -> dt.datetime | None:
        """The first slot later than `moment`, or None where no date ever matches ("0 0 30 2 *")."""
        return next(self.slots_after(moment), None)

    def latest_until(self, moment: dt.datetime) -> dt.datetime | None:
        """The last slot that is not later than `moment`, or None where no date ever matched."""
        local = self._before_any_change(moment) + dt.timedelta(seconds=1)
        found = next(CronSim(self.line, local, reverse=True), None)
        latest = None if found is None else found.astimezone(dt.UTC)
        if self._has_changes:
            for slot in takewhile(lambda slot: slot <= moment, self.slots_after(latest or local)):
                latest = slot
        return latest

    @property
    def _has_changes(self) -> bool:
        return self.zone != "UTC"

    def _before_any_change(self, moment: dt.datetime) -> dt.datetime:
        """Where the search begins: in the hour that autumn repeats, cronsim takes the second pass for the first."""
        local = moment.astimezone(ZoneInfo(self.zone))
        return local - _LARGEST_CHANGE if self._has_changes else moment.astimezone(dt.UTC)
