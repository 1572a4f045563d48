"""One detail, one transaction: venue, performer, events, sightings, images, intents, the venue's story."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from asyncpg import Record as Row

from trivia_scraper.domain.catalog import DetailSave, SavedDetail
from trivia_scraper.domain.errors import StorageUnavailable
from trivia_scraper.domain.models import EventFacts, ImageRole, OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import DetailOutcomeKind, ImageOutcomeKind
from trivia_scraper.domain.redaction import strip_secrets
from trivia_scraper.policy.identity import name_key
from trivia_scraper.policy.merging import EventPlan, KnownEvent, merge_facts, plan_events, tellings, without_past_date
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.following import lock_venue
from trivia_scraper.storage.ledger import save_image
from trivia_scraper.storage.sessions import Session

VENUE_COLUMNS: Final = (
    "name", "name_key", "address", "street", "city", "region", "postcode", "country", "latitude", "longitude",
    "timezone", "phone", "website", "facebook", "instagram", "place_id",
)  # fmt: skip
EVENT_COLUMNS: Final = (
    "weekday", "start_time", "end_time", "frequency", "ordinals", "fee_minor", "currency", "title", "description",
    "status", "next_date", "performer_id", "hero_url",
)  # fmt: skip

FilesMissing = Callable[[Sequence[str]], Awaitable[Sequence[str]]]
"""Which of these keys have no file."""


@dataclass(slots=True)
class _Story:
    """What the transaction changed so far."""

    created: bool = False
    changes: list[str] = field(default_factory=list)


async def save_detail(
    database: Database,
    save: DetailSave,
    options: RefreshOptions,
    epoch: int,
    files_missing: FilesMissing,
) -> SavedDetail:
    """Write one detail. Writing the same again leaves the facts as they are: only stamps and the attempt log move."""
    story = _Story()
    async with database.transaction() as connection:
        await _lock_files(connection, save, files_missing)
        save, known = await lock_venue(connection, save)
        await _save_venue(connection, save, known, story)
        if save.claim.performer is not None and save.claim.performer.is_new:
            await connection.execute("catalog/save_performer", save.claim.performer.id, save.at)
        await _save_events(connection, save, story)
        superseded = await _save_images(connection, save, story, epoch)
        kind = _verdict(story, save, options)
        await _note_visit(connection, save, kind)
    return SavedDetail(kind, tuple(story.changes), superseded)


def _verdict(story: _Story, save: DetailSave, options: RefreshOptions) -> DetailOutcomeKind:
    if story.created:
        return DetailOutcomeKind.CREATED
    # images.md 4.1: changed facts, another picture, or a forced run with a picture to fetch.
    forced = options.force_refresh_images and any(image.new is not None for image in save.images)
    return DetailOutcomeKind.UPDATED if story.changes or forced else DetailOutcomeKind.UNCHANGED


async def _note_visit(connection: Session, save: DetailSave, kind: DetailOutcomeKind) -> None:
    listing = save.detail.listing
    await connection.execute(
        "visits/save", save.claim.venue.id, listing.source, listing.key, save.run_id, save.at, save.why, kind
    )


async def _lock_files(connection: Session, save: DetailSave, files_missing: FilesMissing) -> None:
    # Put and collect of a key exclude each other: from here to the commit nobody can take these files away.
    keys = _adopted_keys(save)
    if not keys:
        return
    await connection.execute("files/lock_keys", keys)
    missing = await files_missing(keys)
    if missing:
        raise StorageUnavailable(f"gone before its row was written: {', '.join(missing)}")


def _adopted_keys(save: DetailSave) -> list[str]:
    new = [image.new for image in save.images if image.new is not None]
    return [key for bytes_ in new for key in (bytes_.storage_key, bytes_.thumb_key) if key]


async def _save_venue(connection: Session, save: DetailSave, known: Row, story: _Story) -> None:
    facts, venue = save.detail.venue, save.claim.venue
    stated = {column: getattr(facts, column) for column in VENUE_COLUMNS if column != "name_key"}
    stated["name_key"] = name_key(facts.name)
    owns = _states_facts(known, save) or _takes_over(known, save)
    changes = merge_facts(dict(known), stated, owns_facts=owns)
    story.created = known["saved_at"] is None
    if not changes and not story.created:
        return
    merged = {column: changes.get(column, known[column]) for column in VENUE_COLUMNS}
    owner = save.detail.listing.source if owns else known["fact_source"]
    await connection.execute("catalog/save_venue", venue.id, *merged.values(), save.at, owner)
    if not story.created:
        await _tell(connection, save, story, None, "venue", known, changes)


def _states_facts(known: Row, save: DetailSave) -> bool:
    """Whether this listing states the facts of a venue or event; every other one fills gaps only."""
    listing = save.detail.listing
    return known["fact_source"] == listing.source and known["owner_key"] in (None, listing.key)


def _takes_over(known: Row, save: DetailSave) -> bool:
    """Whether the source that stated the venue's facts shows no evening there any more, and this one does."""
    return known["saved_at"] is not None and not known["owner_shows"] and bool(save.detail.events)


async def _save_events(connection: Session, save: DetailSave, story: _Story) -> None:
    listing = save.detail.listing
    rows: Sequence[Row] = ()
    if not story.created:  # events come in with their venue, never before
        rows = await connection.fetch("catalog/events_of_venue", save.claim.venue.id, listing.source, listing.key)
    by_id = {row["id"]: row for row in rows}
    plan = plan_events(save.detail.events, [_known_event(row) for row in rows])
    await _let_go(connection, save, story, plan, by_id)
    for event_id, facts, change in plan.keep:
        await _update_event(connection, save, story, by_id[event_id], facts, change)
    for facts in plan.insert:
        await _insert_event(connection, save, story, facts)


async def _let_go(
    connection: Session, save: DetailSave, story: _Story, plan: EventPlan, by_id: Mapping[int, Row]
) -> None:
    listing = save.detail.listing
    if plan.close:
        why = f"{listing.source} no longer lists this evening"
        await connection.fetch("catalog/close_events", plan.close, why, save.at)
        for event_id in plan.close:
            await _tell(connection, save, story, event_id, "event_closed", by_id[event_id], {"status": "closed"})
    if plan.leave:
        await connection.execute("catalog/drop_sightings", plan.leave, listing.source, listing.key)
        for event_id in plan.leave:
            if not by_id[event_id]["under_another_key"]:
                await _tell(connection, save, story, event_id, "event_left", {}, {})


async def _update_event(
    connection: Session, save: DetailSave, story: _Story, known: Row, facts: EventFacts, change: str
) -> None:
    owns = _states_facts(known, save) or not known["owner_shows"]
    stated = _event_columns(save, facts)
    stored = without_past_date(dict(known), stated, save.at.date())
    changes = merge_facts(stored, stated, owns_facts=owns or change == "reopened")
    if changes or change == "reopened":
        merged = {column: changes.get(column, known[column]) for column in EVENT_COLUMNS}
        owner = save.detail.listing.source if owns else known["fact_source"]
        await connection.execute("catalog/update_event", known["id"], *merged.values(), save.at, owner)
    # The next date moves by itself, week after week: that is no change of the evening (E3). Nor is a second page.
    told = {column: value for column, value in changes.items() if column != "next_date"}
    told_as = "" if change == "joined" and known["under_another_key"] else change
    for kind, part in tellings(told_as, told).items():
        await _tell(connection, save, story, known["id"], kind, known, part)
    await _sight(connection, save, known["id"])


async def _insert_event(connection: Session, save: DetailSave, story: _Story, facts: EventFacts) -> None:
    columns = _event_columns(save, facts)
    listing, words = save.detail.listing, save.detail.provenance
    event_id = await connection.fetchval(
        "catalog/insert_event", save.claim.venue.id, *columns.values(), listing.source, save.at, listing.key,
        strip_secrets(listing.url), words.raw_title, words.schedule_text, words.fee_text,
    )  # fmt: skip
    if not story.created:
        await _tell(connection, save, story, event_id, "event_added", {}, columns)


async def _sight(connection: Session, save: DetailSave, event_id: int) -> None:
    listing, words = save.detail.listing, save.detail.provenance
    await connection.execute(
        "catalog/save_sighting", event_id, listing.source, listing.key, strip_secrets(listing.url), save.at,
        words.raw_title, words.schedule_text, words.fee_text,
    )  # fmt: skip


async def _save_images(connection: Session, save: DetailSave, story: _Story, epoch: int) -> tuple[str, ...]:
    superseded: list[str] = []
    for image in save.images:
        superseded += await save_image(connection, image, save.run_id, save.at)
        if image.outcome in (ImageOutcomeKind.NEW, ImageOutcomeKind.REPLACED) and not story.created:
            story.changes.append(f"image_{image.ref.role}")
    adopted = _adopted_keys(save)
    if adopted:
        await connection.execute("files/drop_intents", adopted)
    if superseded:
        await connection.execute("files/announce", superseded, "collect", epoch, save.at)
    return tuple(superseded)


async def _tell(
    connection: Session,
    save: DetailSave,
    story: _Story,
    event_id: int | None,
    kind: str,
    known: Mapping[str, Any] | Row,
    changes: Mapping[str, object],
) -> None:
    story.changes.append(kind)
    before = {column: _plain(known[column]) for column in changes if column in known.keys()}  # noqa: SIM118 - a Row
    after = {column: _plain(value) for column, value in changes.items()}
    source = save.detail.listing.source
    await connection.execute(
        "catalog/record_change", save.run_id, save.at, save.claim.venue.id, event_id, source, kind, before, after
    )


def _known_event(row: Row) -> KnownEvent:
    return KnownEvent(
        row["id"], row["weekday"], row["start_time"], row["closed_at"] is None, row["mine"], row["others"]
    )


def _event_columns(save: DetailSave, facts: EventFacts) -> dict[str, object]:
    performer = save.claim.performer
    values: Sequence[object] = (
        facts.weekday, facts.start_time, facts.end_time, facts.frequency.value, list(facts.ordinals), facts.fee_minor,
        facts.currency, facts.title, facts.description, facts.status.value, facts.next_date,
        performer.id if performer else None, _hero_url(save),
    )  # fmt: skip
    return dict(zip(EVENT_COLUMNS, values, strict=True))


def _hero_url(save: DetailSave) -> str | None:
    heroes = (i for i in save.detail.images if i.owner_kind is OwnerKind.VENUE and i.role is ImageRole.HERO)
    hero = next(heroes, None)
    return None if hero is None else strip_secrets(hero.url)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date | dt.time | dt.datetime) else value
