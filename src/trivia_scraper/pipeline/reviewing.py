"""Carries out what a person decided about images, in batches; one bad row never stops the others (R228).

A deletion is {row out, intents in} in one transaction, then its files go. Where a picture's file cannot be removed,
the row refers to it again: a tombstone stands only for a file that is gone (R218).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from trivia_scraper.domain.errors import RowRejected
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import ImageRole, OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.review import PlannedAction, ReviewPlan, ReviewReport, ReviewRow, RowChange
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.ports import Services

BATCH: Final = 100
CHANGED_MEANWHILE: Final = "changed meanwhile: look at it again"
_GONE: Final = ("deleted", "absent", "kept")


@dataclass(slots=True)
class _Tally:
    """What has been done so far."""

    done: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)


async def carry_out(plan: ReviewPlan, options: RefreshOptions, services: Services) -> ReviewReport:
    """Do what the plan says to the rows that it accepted, as they were when it was made."""
    assert not options.dry_run
    tally, accepted = _Tally(), plan.accepted
    for start in range(0, len(accepted), BATCH):
        await _do_batch(plan, accepted[start : start + BATCH], tally, services)
    await _rank_galleries(plan, services)
    for image_id, why in tally.failed.items():
        services.log.warning(LogEvent.REVIEW_FAILED, action=plan.action, image=image_id, error=why)
    services.log.info(
        LogEvent.REVIEW_FINISHED, action=plan.action, batch=str(plan.batch), who=plan.who, done=len(tally.done),
        refused=len(plan.refused), failed=len(tally.failed),
    )  # fmt: skip
    return ReviewReport(plan.batch, plan.action, tuple(tally.done), tally.failed, tally.left)


async def _do_batch(plan: ReviewPlan, actions: Sequence[PlannedAction], tally: _Tally, services: Services) -> None:
    try:
        written = await _apply(plan, actions, services)
    except RowRejected as error:
        if len(actions) == 1:
            tally.failed[actions[0].row.id] = str(error)
            return
        for each in actions:
            await _do_batch(plan, [each], tally, services)
        return
    for each in actions:
        if each.row.id not in written:
            tally.failed[each.row.id] = CHANGED_MEANWHILE
        elif isinstance(each.result, RowChange) and each.result.releases_file:
            await _remove_files(plan, each.row, tally, services)
        else:
            tally.done.append(each.row.id)


async def _apply(plan: ReviewPlan, actions: Sequence[PlannedAction], services: Services) -> Collection[int]:
    at = services.clock.now()
    return await attempt_storing(lambda: services.reviews.apply(plan, actions, at), "review", services)


async def _remove_files(plan: ReviewPlan, row: ReviewRow, tally: _Tally, services: Services) -> None:
    """The picture first: if it has to stay, nothing else of it goes."""
    for number, key in enumerate(row.keys):
        fate = await _collect(key, services)
        if fate in _GONE:
            services.log.info(LogEvent.IMAGE_OLD_DELETED, owner=row.owner, path=key, how=fate)
            continue
        services.log.warning(LogEvent.IMAGE_DELETE_FAILED, owner=row.owner, path=key, error=fate)
        if number == 0:
            await _give_back(plan, row, services)
            tally.failed[row.id] = f"its file could not be removed, so it stays: {fate}"
            return
        tally.left[key] = fate
    tally.done.append(row.id)


async def _give_back(plan: ReviewPlan, row: ReviewRow, services: Services) -> None:
    at = services.clock.now()
    await attempt_storing(lambda: services.reviews.give_back(plan, row, at), "undoing a deletion", services)


async def _collect(key: str, services: Services) -> str:
    services.log.info(LogEvent.IMAGE_DELETING, path=key)
    collected = await attempt_storing(
        lambda: services.ledger.collect([key], services.files.delete), "collecting a file", services
    )
    return collected[0][1]


async def _rank_galleries(plan: ReviewPlan, services: Services) -> None:
    # A row that was given back has lost its place too.
    rows = [each.row for each in plan.accepted]
    galleries = {row.owner_id for row in rows if row.owner_kind == OwnerKind.VENUE and row.role == ImageRole.GALLERY}
    for venue_id in sorted(galleries):
        await attempt_storing(lambda venue_id=venue_id: services.photos.rank_gallery(venue_id), "ranking", services)  # type: ignore[misc]
