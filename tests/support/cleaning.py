"""For tests of the cleanup: a clock that is moved by hand, owners with failures, everything that is stored."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from dataclasses import dataclass, replace
from typing import Any

from support.house import House, make_options
from trivia_scraper.domain.cleaning import WHOLE_CLEANUP, CleanupPart, CleanupReport, CleanupRequest
from trivia_scraper.pipeline.cleanup import clean_up
from trivia_scraper.ports import Services

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
FILES = CleanupRequest(frozenset({CleanupPart.FILES}), accepts_many=False)
RECOVERY = CleanupRequest(frozenset({CleanupPart.RECOVERY}), accepts_many=False)
HISTORY = CleanupRequest(frozenset({CleanupPart.HISTORY}), accepts_many=False)


@dataclass(slots=True)
class LaterTime:
    """Implements `ports.Clock`, so far ahead of the real one; a sleep takes no time and moves it on."""

    ahead: dt.timedelta = 2 * HOUR

    def now(self) -> dt.datetime:
        """Wall time, moved."""
        return dt.datetime.now(dt.UTC) + self.ahead

    def monotonic(self) -> float:
        """Seconds, moved."""
        return time.monotonic() + self.ahead.total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Takes no time."""
        self.ahead += dt.timedelta(seconds=seconds)

    def of(self, services: Services, **changes: Any) -> Services:
        """The same services in this time. Chance chooses no file to be read, unless a test says otherwise."""
        return replace(services, **{"clock": self, "sleep": self.sleep, "random": lambda: 0.999, **changes})


def later(house: House, ahead: dt.timedelta = 2 * HOUR, **changes: Any) -> Services:
    """The house's services some time ahead: what was just stored is old enough to be repaired by then."""
    return LaterTime(ahead).of(house.services, **changes)


def at_noon(house: House, days: float = 0) -> Services:
    """The house's services at noon of tomorrow, or so many days after: nothing becomes due while a test runs."""
    now = house.services.clock.now()
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0) + (1 + days) * DAY
    return later(house, noon - now)


async def clean(
    house: House, request: CleanupRequest = WHOLE_CLEANUP, ahead: dt.timedelta = 2 * HOUR, **options: Any
) -> CleanupReport:
    """One cleanup, two hours ahead unless stated; the log starts anew."""
    house.capture.entries.clear()
    return await clean_up(make_options(**options), later(house, ahead), request)


async def clean_reading_all(house: House) -> CleanupReport:
    """A cleanup of the files that reads every one of them."""
    house.capture.entries.clear()
    return await clean_up(make_options(), later(house, random=lambda: 0.0), FILES)


async def add_owner(house: House, slug: str, *failures: tuple[str, str | None, int], kind: str = "venue") -> int:
    """A venue or performer with failed images: (status, error type, retry count) each."""
    if kind == "venue":
        statement = (
            "INSERT INTO venues (slug, name, name_key, country, timezone, fact_source, saved_at, created_at,"
            " updated_at) VALUES ($1, $1, $1, 'GB', 'Europe/London', 'x', now(), now(), now()) RETURNING id"
        )
    else:
        statement = (
            "INSERT INTO performers (slug, name, name_key, source, saved_at, created_at)"
            " VALUES ($1, $1, $1, 'x', now(), now()) RETURNING id"
        )
    [row] = await house.query(statement, slug)
    for number, (status, error_type, retry_count) in enumerate(failures):
        await house.query(
            "INSERT INTO images (owner_kind, owner_id, role, provider, identity, provider_url, status, error_type,"
            " retry_count, created_at, updated_at)"
            " VALUES ($1, $2, 'gallery', 'here', $3, $4, $5, $6, $7, now(), now())",
            kind, row["id"], f"here:{slug}:{number}", f"https://pictures.example/{slug}/{number}.jpg", status,
            error_type, retry_count,
        )  # fmt: skip
    return int(row["id"])


async def everything(house: House) -> dict[str, Any]:
    """Every row of every table and every file with its content: for "nothing has changed"."""
    tables = await house.query(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    )
    found: dict[str, Any] = {}
    for table in tables:
        name = table["table_name"]
        rows = await house.query(f"SELECT to_jsonb(t)::text AS row FROM {name} t ORDER BY 1")
        found[name] = [row["row"] for row in rows]
    for path in sorted(house.settings.image_dir.rglob("*")):
        if path.is_file() and path.name != "lock":
            key = path.relative_to(house.settings.image_dir).as_posix()
            found[key] = (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
    return found
