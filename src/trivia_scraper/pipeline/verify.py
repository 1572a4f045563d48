"""`verify-refresh`: prove on one venue that the flag arrives (images.md 4.4).

Unforced, then forced inside a child task, then unforced again; what is asserted is what lies on disk, what
the row says, what was requested and what was logged. A downloader that ignores the flag makes it fail.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from trivia_scraper.domain.errors import SetupError, TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import Listing
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import DetailOutcome
from trivia_scraper.domain.redaction import strip_secrets
from trivia_scraper.domain.source import Source
from trivia_scraper.pipeline.detail import refresh_detail
from trivia_scraper.pipeline.limits import RunLimits
from trivia_scraper.pipeline.walking import find_listing
from trivia_scraper.pipeline.witness import Witness
from trivia_scraper.ports import Services

SECONDS_BETWEEN: Final = 1.1
_FORBIDDEN_WHEN_FORCED: Final = frozenset({LogEvent.IMAGE_SKIPPED_EXISTING})
_ORDER: Final = (LogEvent.IMAGE_DOWNLOAD, LogEvent.IMAGE_FORCING_EXISTING, LogEvent.IMAGE_SAVED)


@dataclass(frozen=True, slots=True)
class VerifyStep:
    """One claim, and whether it held."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """All claims and the one verdict."""

    url: str
    steps: tuple[VerifyStep, ...]

    @property
    def ok(self) -> bool:
        """Every step held."""
        return bool(self.steps) and all(step.ok for step in self.steps)


@dataclass(frozen=True, slots=True)
class _Copy:
    """A stored image at one moment."""

    key: str
    modified_at: dt.datetime
    sha256: str | None
    version: int


@dataclass(frozen=True, slots=True)
class VerifyPasses:
    """The options of the passes, built at the edge like all options; an image is refreshed once per run id (R50)."""

    unforced: RefreshOptions
    forced: RefreshOptions
    run_ids: tuple[UUID, UUID, UUID]


async def verify_refresh(
    venue: str | None, url: str | None, passes: VerifyPasses, services: Services
) -> VerifyReport:
    """Run the sequence on the listing that `url` or `venue` names. Raises SetupError when there is none."""
    source, listing = await _find(venue, url, services)
    witness = Witness(services)
    first_pass, forced_pass, last_pass = (replace(witness.services, run_id=run_id) for run_id in passes.run_ids)
    first = await refresh_detail(source, listing, passes.unforced, first_pass)
    before = await _copies(first, services)
    steps = [_stored(first, before)]
    await services.sleep(SECONDS_BETWEEN)
    witness.reset()
    forced = await _in_child_task(source, listing, passes.forced, forced_pass)
    after = await _copies(forced, services)
    steps += [_requested_once(witness, after), _renewed(before, after), *_told(witness)]
    witness.reset()
    again = await refresh_detail(source, listing, passes.unforced, last_pass)
    steps += [_untouched(witness, after, await _copies(again, services))]
    return VerifyReport(strip_secrets(listing.url), tuple(steps))


async def _in_child_task(
    source: Source, listing: Listing, options: RefreshOptions, services: Services
) -> DetailOutcome:
    # The options are bound before the task starts (R16): the child sees the parent's value or none at all.
    async with asyncio.TaskGroup() as group:
        task = group.create_task(refresh_detail(source, listing, options, services))
    return task.result()


async def _find(venue: str | None, url: str | None, services: Services) -> tuple[Source, Listing]:
    limits = RunLimits(services.clock, None, services.stopping)
    for source in services.sources.values():
        if source.slug not in services.settings.enabled_sources:
            continue
        keys = frozenset[str]()
        if venue is not None:
            keys = frozenset((await services.catalog.keys_of_venues(source.slug, [venue])).get(venue, ()))
            if not keys:
                continue
        try:
            listing = await find_listing(source, keys, url, limits, services)
        except TriviaScraperError as error:
            raise SetupError(f"the index of {source.slug} cannot be read: {error}") from error
        if listing is not None:
            return source, listing
    raise SetupError(f"no listing of an enabled source is {url or venue!r}", hint="trivia-scraper venues list")


async def _copies(outcome: DetailOutcome, services: Services) -> Mapping[str, _Copy]:
    copies: dict[str, _Copy] = {}
    for stored in await services.ledger.stored_images(outcome.venue or ""):
        file = await services.files.stat(stored.storage_key)
        if file is not None:
            copies[stored.slot] = _Copy(stored.storage_key, file.modified_at, stored.sha256, stored.version)
    return copies


def _stored(outcome: DetailOutcome, copies: Mapping[str, _Copy]) -> VerifyStep:
    failures = [outcome.failure, *(image.failure for image in outcome.images)]
    problem = "; ".join(failure.message for failure in failures if failure is not None)
    names = ", ".join(copy.key for copy in copies.values())
    return VerifyStep("unforced: every offered image is stored", bool(copies) and not problem, problem or names)


def _requested_once(witness: Witness, after: Mapping[str, _Copy]) -> VerifyStep:
    asked = witness.unconditional_downloads
    once = bool(asked) and len(set(asked)) == len(asked) and len(asked) >= len(after)
    once = once and not witness.conditional and not witness.unforced
    told = (
        f"{len(asked)} unconditional requests for {len(after)} stored images, {witness.conditional} conditional, "
        f"{witness.unforced} that the downloader did not take as forced"
    )
    return VerifyStep("forced: each image is requested once, without validators", once, told)


def _renewed(before: Mapping[str, _Copy], after: Mapping[str, _Copy]) -> VerifyStep:
    stale = [
        slot
        for slot, old in before.items()
        if slot not in after or after[slot].modified_at <= old.modified_at or after[slot].version <= old.version
    ]
    told = f"stale: {', '.join(stale)}" if stale else f"{len(after)} newer files, {len(after)} switched rows"
    return VerifyStep("forced: permanent files and rows are new", bool(before) and not stale, told)


def _told(witness: Witness) -> list[VerifyStep]:
    wrong = [
        event
        for event, fields in witness.events
        if event in _FORBIDDEN_WHEN_FORCED or fields.get("force_refresh") is False
    ]
    order = [event for event, _ in witness.events if event in _ORDER]
    positions = [order.index(event) for event in _ORDER if event in order]
    in_order = len(positions) == len(_ORDER) and positions == sorted(positions)
    return [
        VerifyStep(
            "forced: no event says skipped or force_refresh=false", not wrong, ", ".join(wrong) or "none does"
        ),
        VerifyStep("forced: download, forcing_existing, saved, in this order", in_order, " → ".join(order[:6])),
    ]


def _untouched(witness: Witness, before: Mapping[str, _Copy], after: Mapping[str, _Copy]) -> VerifyStep:
    asked = len(witness.unconditional_downloads) + witness.conditional
    same = dict(before) == dict(after) and asked == 0
    return VerifyStep("unforced again: no request, nothing changed", same, f"{asked} image requests")
