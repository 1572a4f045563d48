"""When something runs by the clock: a five-field crontab line in a time zone. The one module that knows cronsim.

A slot in the hour that spring leaves out comes at that hour's end; one in the hour that autumn repeats comes once
(operations.md 11). Pure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError


@dataclass(frozen=True, slots=True)
class Crontab:
    """"0 3 * * *" in "Europe/London". Raises ValueError, when made, for a line or a zone that cannot be read."""

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
        for slot in CronSim(self.line, moment.astimezone(ZoneInfo(self.zone))):
            yield slot.astimezone(dt.UTC)

    def next_after(self, moment: dt.datetime) -> dt.datetime | None:
        """The first slot later than `moment`, or None where no date ever matches ("0 0 30 2 *")."""
        return next(self.slots_after(moment), None)

    def latest_until(self, moment: dt.datetime) -> dt.datetime | None:
        """The last slot that is not later than `moment`, or None where no date ever matched."""
        local = moment.astimezone(ZoneInfo(self.zone)) + dt.timedelta(seconds=1)
        slot = next(CronSim(self.line, local, reverse=True), None)
        return None if slot is None else slot.astimezone(dt.UTC)
