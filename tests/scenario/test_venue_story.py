"""`venues explain` over a real store: visits with their options, pictures with their attempts, what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from support.house import House, capturing_log, make_options, open_house
from trivia_scraper.bootstrap import explain_venue
from trivia_scraper.cli.explain_view import story_document, story_lines
from trivia_scraper.cli.output import json_text
from trivia_scraper.cli.tables import width_of
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import ImageFault, ImageSwitch, VenueSwitch
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.recovery import OwnerRef
from trivia_scraper.domain.venue_story import VenueStory
from trivia_scraper.pipeline.run import refresh
from trivia_scraper.policy.breaking import host_of

KEY = "quizmeisters"


async def story_of(house: House, slug: str) -> VenueStory:
    """What the command would tell."""
    story = await explain_venue(house.settings, capturing_log()[0], slug, visits=10)
    assert isinstance(story, VenueStory), story
    return story


def text_of(story: VenueStory) -> Sequence[str]:
    """As it is shown."""
    return [line for line, _ in story_lines(story)]


async def eventful_venue(house: House) -> str:
    """Read, forced, its picture failing, then its page failing: the slug of that venue."""
    await house.run(sources=(KEY,), limit=1)
    [venue] = await house.venues()
    hero = next(image for image in await house.images() if image.role == "hero")
    assert hero.provider_url is not None
    await house.run(sources=(KEY,), venues=(venue.slug,), force_refresh_images=True)
    house.replica.site.flip(ImageSwitch(path=hero.provider_url, fault=ImageFault.STATUS, status=503))
    await house.run(sources=(KEY,), venues=(venue.slug,), force_refresh_images=True)
    [row] = await house.query("SELECT key FROM venue_keys")
    house.replica.site.flip(VenueSwitch(provider=KEY, key=row["key"], page_status=500))
    await house.run(sources=(KEY,), venues=(venue.slug,), force_update=True)
    return venue.slug


async def test_p11_the_story_tells_why_with_which_options_and_what_became_of_each_picture(house: House) -> None:
    slug = await eventful_venue(house)
    story = await story_of(house, slug)
    facts = story.facts

    assert [(visit.outcome, visit.why) for visit in facts.visits] == [
        ("failed", "update is forced"),
        ("updated", "images are refreshed by force"),
        ("updated", "images are refreshed by force"),
        ("created", "never read"),
    ]
    assert [bool((visit.run.options or {})["force_refresh_images"]) for visit in facts.visits] == [
        False, True, True, False,
    ]  # fmt: skip
    assert (facts.visits[0].run.options or {})["force_update"] is True
    assert facts.visits[0].error_type == "server_error"
    assert facts.visits[0].run.asked_by.startswith("process ")

    hero = next(told for told in story.images if told.facts.image.role == "hero")
    assert [attempt.outcome for attempt in hero.facts.attempts] == ["failed", "unchanged_hash", "new"]
    assert [bool((attempt.run.options or {})["force_refresh_images"]) for attempt in hero.facts.attempts] == [
        True, True, False,
    ]  # fmt: skip
    assert (hero.failure_class, hero.facts.image.error_type) == ("transient", "service_unavailable")
    assert "the good copy stays" in hero.next.sentence
    assert {told.facts.image.role for told in story.images} == {"hero", "profile"}, "hosts' pictures belong to it"

    [listing] = story.listings
    assert listing.facts.is_listed
    assert listing.facts.rule == "new"
    assert listing.next.at is not None
    assert listing.next.sentence == "a picture of it is due again"
    assert "no photo provider is switched on" in story.gallery_next.sentence


async def test_p11_the_story_is_readable_at_80_columns_and_by_programs(house: House) -> None:
    slug = await eventful_venue(house)
    await house.query(
        "INSERT INTO slug_redirects (slug, venue_id) SELECT 'the-old-name', id FROM venues WHERE slug = $1", slug
    )
    story = await story_of(house, "the-old-name")
    lines = text_of(story)
    assert any("the-old-name is a retired slug" in line for line in lines)
    assert any("--force-refresh-images" in line for line in lines)
    assert [line for line in lines if width_of(line) > 80 and " " in line.strip()] == []
    document = json_text(story_document(story))
    assert '"the-old-name"' in document
    assert '"why": "never read"' in document
    near = await explain_venue(house.settings, capturing_log()[0], f"{slug}x", visits=1)
    assert not isinstance(near, VenueStory)
    assert slug in near


async def test_a_failed_picture_tells_its_queue_its_host_and_its_next_attempt(house: House) -> None:
    await house.run(sources=(KEY,), limit=1)
    [venue] = await house.venues()
    hero = next(image for image in await house.images() if image.role == "hero")
    await house.query(
        "UPDATE images SET status = 'failed', storage_key = NULL, sha256 = NULL, error_type = 'rate_limited',"
        " status_code = 429, retry_count = 1, next_retry_at = now() + interval '1 hour' WHERE id = $1",
        hero.id,
    )
    told = next(each for each in (await story_of(house, venue.slug)).images if each.facts.image.id == hero.id)
    assert told.next.sentence == "recovery attempt 2 of 3 from its stored address"
    assert told.next.at is not None

    services, now = house.services, house.services.clock.now()
    await services.recoveries.queue(
        OwnerRef(OwnerKind.VENUE, venue.id), None, include_ambiguous=False, is_bulk=False, requested_by="a person",
        at=now, options=make_options(),
    )  # fmt: skip
    told = next(each for each in (await story_of(house, venue.slug)).images if each.facts.image.id == hero.id)
    assert told.next.sentence.endswith("its owner waits in the queue")
    assert told.facts.recovery_asked_at == now

    host = host_of(hero.provider_url or "")
    await house.query(
        "INSERT INTO breakers (host, failures_in_row, pause_seconds, opened_at, open_until, updated_at)"
        " VALUES ($1, 10, 900, now(), now() + interval '900 s', now())",
        host,
    )
    told = next(each for each in (await story_of(house, venue.slug)).images if each.facts.image.id == hero.id)
    assert told.facts.left_alone_until is not None
    assert "left alone" in told.next.sentence


async def test_a_visit_told_twice_is_one_and_a_repetition_makes_a_failed_one_good(house: House) -> None:
    """A run that is gone on with under its own id: one line a visit, and what it came to in the end."""
    options = make_options(sources=(KEY,), limit=1, force_update=True)
    services = replace(house.services, run_id=uuid4())
    await refresh(options, services)
    [row] = await house.query("SELECT key FROM venue_keys")
    await refresh(options, services)
    assert [visit["outcome"] for visit in await house.query("SELECT outcome FROM venue_visits")] == ["created"]

    again = replace(services, run_id=uuid4())
    house.replica.site.flip(VenueSwitch(provider=KEY, key=row["key"], page_status=404))
    await refresh(options, again)
    house.replica.site.clear()
    failed = await house.query("SELECT outcome, error_type FROM venue_visits ORDER BY at")
    assert [tuple(visit.values()) for visit in failed] == [("created", None), ("failed", "not_found")]
    await refresh(options, again)
    mended = await house.query("SELECT outcome, error_type FROM venue_visits ORDER BY at")
    assert [tuple(visit.values()) for visit in mended] == [("created", None), ("unchanged", None)]


async def test_visits_go_with_the_attempts(tmp_path: Path, database_url: str, replica: Replica) -> None:
    async with open_house(tmp_path, database_url, replica, cleanup={"keep_attempts": "30d"}) as house:
        await house.run(sources=(KEY,), limit=2)
        await house.query(
            "UPDATE venue_visits SET at = at - interval '31 days' WHERE venue_id = (SELECT min(id) FROM venues)"
        )
        now, month = house.services.clock.now(), dt.timedelta(days=30)
        since = now - month, now - month, now - month
        assert (await house.services.history.prunable(*since)).visits == 1
        assert (await house.services.history.prune(*since)).visits == 1
        assert len(await house.query("SELECT * FROM venue_visits")) == 1
