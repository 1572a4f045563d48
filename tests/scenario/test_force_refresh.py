"""The mission: the flag arrives (images.md 4, R1-R62, T1-T14), against the replica, with everything real."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from support.house import House, open_house
from support.replica import running_replica
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import ImageFault, ImageSwitch, VenueSwitch
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.outcomes import RunReport

KEY = "quizmeisters"


def counts(report: RunReport, slug: str = KEY) -> Mapping[str, int]:
    """Image outcomes of one source that occurred."""
    return {kind.value: number for kind, number in report.sources[slug].images.items() if number}


def newer(before: Mapping[str, tuple[int, int]], after: Mapping[str, tuple[int, int]]) -> bool:
    """Whether every file that stayed was written again."""
    return all(after[key][1] > stamp for key, (_, stamp) in before.items() if key in after)


async def test_the_walk_of_8_2(house: House) -> None:
    """Issue 8.2: limit 1; unforced again; forced: new file and row, one request each, no validators.

    R1, R2, R3, R6, R41, R42, R43, R45, R46, R49, R50, R63, R65, R68.
    """
    first = await house.run(limit=1, sources=(KEY,))
    assert first.ok
    assert counts(first) == {"new": 2}
    stored, rows = house.files, {image.id: image for image in await house.images()}
    assert len(stored) == 4  # hero and profile, each with its thumbnail

    house.replica.site.log.reset()
    again = await house.run(limit=1, sources=(KEY,), force_update=True)
    assert counts(again) == {"fresh_skipped": 2}
    assert house.files == stored  # R65: same content, same modification time
    assert not [seen for seen in house.replica.site.log.requests() if "/cdn/" in seen.path]  # R2: no request

    house.replica.site.log.reset()
    forced = await house.run(limit=1, sources=(KEY,), force_refresh_images=True)
    assert forced.ok
    assert counts(forced) == {"unchanged_hash": 2}
    assert house.files.keys() == stored.keys()
    assert newer(stored, house.files)  # T1, T2, R45: the permanent file is new although its bytes are equal
    assert all(image.version == rows[image.id].version + 1 for image in await house.images())
    pictures = [seen for seen in house.replica.site.log.requests() if "/cdn/" in seen.path]
    assert len(pictures) == len({seen.path for seen in pictures}) == 2  # R50: each exactly once
    assert not any(seen.is_conditional for seen in pictures)  # R6
    assert all(seen.is_no_cache and seen.body_sent for seen in pictures)
    assert await house.problems() == []


async def test_changed_bytes_replace_the_file_and_the_superseded_one_goes(house: House) -> None:
    """R4, R5, R60, R63, R70, R217: new key, new row, old file and thumbnail deleted, logged with its path."""
    await house.run(limit=1, sources=(KEY,))
    hero = next(image for image in await house.images() if image.role == "hero")
    assert hero.provider_url is not None
    house.replica.site.change_image(hero.provider_url)

    report = await house.run(limit=1, sources=(KEY,), force_refresh_images=True)

    assert counts(report) == {"replaced": 1, "unchanged_hash": 1}
    now = next(image for image in await house.images() if image.role == "hero")
    assert now.storage_key != hero.storage_key
    assert now.sha256 != hero.sha256
    assert hero.storage_key not in house.files
    assert hero.thumb_key not in house.files
    deleted = {entry["path"] for entry in house.events("image.old_deleted") if entry["how"] == "deleted"}
    assert deleted == {hero.storage_key, hero.thumb_key}
    assert await house.problems() == []


async def test_unforced_never_refreshes_and_forced_always_does(house: House) -> None:
    """T6, R18: no literal overrides the flag, in neither direction, over several runs."""
    await house.run(limit=1, sources=(KEY,))
    for forced in (False, True, False, True, True, False):
        house.replica.site.log.reset()
        await house.run(limit=1, sources=(KEY,), force_update=True, force_refresh_images=forced)
        asked = [seen for seen in house.replica.site.log.requests() if "/cdn/" in seen.path]
        assert bool(asked) is forced


async def test_events_of_a_forced_image_come_in_order(house: House) -> None:
    """R11, R56, R57, R58, R59, R61, R62, R63, R68, R70, R73: what a forced run of one detail logs, in order."""
    await house.run(limit=1, sources=(KEY,))
    assert house.events("refresh.enabled") == []  # R56: absent when not forced

    await house.run(limit=1, sources=(KEY,), force_refresh_images=True)

    assert {entry["where"] for entry in house.events("refresh.enabled")} == {"index", "detail"}
    for name in ("refresh.flag_extracted", "refresh.flag_for_details", "refresh.effective", "refresh.task_value"):
        assert [entry["force_refresh"] for entry in house.events(name)].count(True) == len(house.events(name)) > 0
    for name in ("refresh.first_detail_args", "detail.args_received"):
        assert all(entry["options"]["force_refresh_images"] is True for entry in house.events(name))
    hero = [entry["event"] for entry in house.events() if entry.get("role") == "hero"]
    order = ["refresh.task_value", "image.download", "image.forcing_existing", "image.saved", "image.old_deleted"]
    assert [event for event in hero if event in order] == order
    images = [entry for entry in house.events() if entry["event"].startswith("image.")]
    assert all(entry["force_refresh"] is True for entry in images)  # R61
    assert all("url" in entry or "path" in entry or "directory" in entry for entry in images)  # R59
    assert not house.events("image.skipped_existing")
    assert [e["worker_force_refresh"] for e in house.events("image.checked")] == [True, True]  # R20: worker process


async def test_an_unforced_skip_says_so_with_the_path(house: House) -> None:
    """R2: "skipping download" with the path; R59: force_refresh=false is logged, not left out."""
    await house.run(limit=1, sources=(KEY,))
    await house.run(limit=1, sources=(KEY,), force_update=True)
    skipped = house.events("image.skipped_existing")
    assert len(skipped) == 2
    assert all(e["message"] == "skipping download" and e["path"] and e["force_refresh"] is False for e in skipped)


async def test_clean_first_is_the_guides_literal_order(house: House) -> None:
    """Issue 8.5, D1, R4, R5: delete, clear the reference, download; both are logged before saved."""
    await house.run(limit=1, sources=(KEY,))
    stored = house.files
    report = await house.run(limit=1, sources=(KEY,), force_refresh_images=True, clean_first=True)
    assert report.ok
    for role in ("hero", "profile"):
        events = [entry["event"] for entry in house.events() if entry.get("role") == role]
        steps = ["image.old_deleted", "image.reference_cleared", "image.download", "image.saved"]
        assert [events.index(step) for step in steps] == sorted(events.index(step) for step in steps)
    assert newer(stored, house.files)
    assert house.files.keys() == stored.keys()
    assert await house.problems() == []


async def test_a_failed_clean_first_leaves_a_failed_row_that_is_due(house: House) -> None:
    """images.md 2: after a failed clean_first run the row is `failed`; the next run takes it up again."""
    await house.run(limit=1, sources=(KEY,))
    hero = next(image for image in await house.images() if image.role == "hero")
    assert hero.provider_url is not None
    house.replica.site.flip(ImageSwitch(path=hero.provider_url, fault=ImageFault.STATUS, status=503))
    await house.run(limit=1, sources=(KEY,), force_refresh_images=True, clean_first=True)
    [failed] = await house.images(status="failed")
    assert (failed.id, failed.error_type, failed.storage_key) == (hero.id, "service_unavailable", None)
    assert await house.problems() == []

    house.replica.site.clear()
    await house.query("UPDATE images SET next_retry_at = now() - interval '1 s' WHERE status = 'failed' RETURNING id")
    report = await house.run(limit=1, sources=(KEY,))  # neither forced nor --force-update
    assert counts(report)["new"] == 1
    assert await house.images(status="failed") == []


async def test_a_500_keeps_the_old_image_and_records_the_failure(house: House) -> None:
    """Issue 8.3, D1, R39: exit-3 report; file and row still serve; type, status and attempt count recorded."""
    await house.run(limit=1, sources=(KEY,))
    before, hero = house.files, next(image for image in await house.images() if image.role == "hero")
    assert hero.provider_url is not None
    house.replica.site.flip(ImageSwitch(path=hero.provider_url, fault=ImageFault.STATUS, status=500))
    house.replica.site.log.reset()

    report = await house.run(limit=1, sources=(KEY,), force_refresh_images=True)

    assert not report.ok
    [failure] = report.failures
    assert (failure.error_type, failure.status_code, failure.attempts) == (ErrorType.SERVER_ERROR, 500, 1)
    assert failure.next == "the last good image stays; the next run fetches it again"
    assert counts(report) == {"failed": 1, "unchanged_hash": 1}
    now = next(image for image in await house.images() if image.role == "hero")
    assert (now.status, now.storage_key, now.sha256) == ("uploaded", hero.storage_key, hero.sha256)
    assert (now.error_type, now.status_code, now.retry_attempt) == ("server_error", 500, 1)
    assert now.refresh_failed_at is not None
    assert house.files[hero.storage_key or ""] == before[hero.storage_key or ""]
    attempts = await house.query(
        "SELECT outcome, status_code FROM image_attempts WHERE image_id = $1 ORDER BY id", hero.id
    )
    assert attempts == [{"outcome": "new", "status_code": 200}, {"outcome": "failed", "status_code": 500}]
    assert await house.problems() == []

    house.replica.site.clear()
    assert counts(await house.run(limit=1, sources=(KEY,)))["unchanged_hash"] == 1  # due although fresh
    now = next(image for image in await house.images() if image.role == "hero")
    assert (now.error_type, now.refresh_failed_at) == (None, None)


async def test_transient_failures_are_repeated_three_times_in_the_run(house: House) -> None:
    """D9, R138, R140: 503, 503, then fine: one image, three requests; 404 is asked once."""
    report = await house.run(limit=1, sources=(KEY,), dry_run=True)
    [visit] = report.sources[KEY].plan
    hero, profile = picture_paths(house.replica, visit.key)
    house.replica.site.flip(ImageSwitch(path=hero, fault=ImageFault.STATUS, status=503, times=2))
    house.replica.site.flip(ImageSwitch(path=profile, fault=ImageFault.STATUS, status=404))
    report = await house.run(limit=1, sources=(KEY,))
    assert counts(report) == {"new": 1, "failed": 1}
    assert house.replica.site.log.count(hero) == 3
    assert house.replica.site.log.count(profile) == 1
    [closed] = await house.images(status="permanently_failed")  # a permanent class closes at once (D3)
    assert (closed.error_type, closed.status_code) == ("not_found", 404)
    assert await house.venues() != []  # a picture failure never costs the venue


async def test_content_that_is_no_image_is_rejected_and_the_event_is_saved(house: House) -> None:
    """H082, H089, H090, issue 5, R51: named failures; the venue and its event are stored all the same."""
    [visit] = (await house.run(limit=1, sources=(KEY,), dry_run=True)).sources[KEY].plan
    hero, profile = picture_paths(house.replica, visit.key)
    house.replica.site.flip(ImageSwitch(path=hero, fault=ImageFault.HTML))
    house.replica.site.flip(ImageSwitch(path=profile, fault=ImageFault.TRUNCATED))
    report = await house.run(limit=1, sources=(KEY,))
    assert counts(report) == {"rejected": 2}
    assert {(f.error_type.value, f.reason.value if f.reason else None) for f in report.failures} == {
        ("not_an_image", "html"),
        ("not_an_image", "truncated"),
    }
    [venue] = await house.venues()
    assert len(venue.events) == 1
    assert house.files == {}
    assert await house.problems() == []


async def test_a_changed_picture_address_alone_updates_the_event(house: House) -> None:
    """T5, R47, R211: the same facts with another hero URL: fetched and switched without any force."""
    await house.run(limit=1, sources=(KEY,))
    [venue] = await house.venues()
    hero = next(image for image in await house.images() if image.role == "hero")
    key = venue.events[0].sources[0].url.rstrip("/").rpartition("/")[2]
    house.replica.site.flip(VenueSwitch(provider=KEY, key=key, moved_image=1))
    report = await house.run(limit=1, sources=(KEY,), force_update=True)
    assert report.sources[KEY].updated == 1
    assert counts(report) == {"replaced": 1, "fresh_skipped": 1}
    now = next(image for image in await house.images() if image.role == "hero")
    assert now.provider_url != hero.provider_url
    assert hero.storage_key not in house.files


async def test_a_missing_file_is_fetched_again(house: House) -> None:
    """R47, images.md 4.1: the row's file is missing → the picture has changed."""
    await house.run(limit=1, sources=(KEY,))
    hero = next(image for image in await house.images() if image.role == "hero")
    assert hero.path is not None
    Path(hero.path).unlink()
    report = await house.run(limit=1, sources=(KEY,), force_update=True)
    assert counts(report)["new"] == 1
    assert Path(hero.path).is_file()


async def test_forced_cleaning_takes_legacy_names_and_only_images(house: House) -> None:
    """R30, R31, R33, R38, T13: `original_` copies and thumbnails of older schemes go, other files stay."""
    await house.run(limit=1, sources=(KEY,))
    [venue] = await house.venues()
    folder = house.settings.image_dir / "venues" / venue.slug
    for name in ("original_old.JPG", "thumb_old.png", "hero-0123456789ab.webp", "notes.txt", "keep.svg"):
        (folder / name).write_bytes(b"x")
    neighbour = house.settings.image_dir / "venues" / "another-pub"
    neighbour.mkdir()
    (neighbour / "original_old.jpg").write_bytes(b"x")

    await house.run(limit=1, sources=(KEY,), force_refresh_images=True)

    left = {path.name for path in folder.iterdir()}
    assert {"notes.txt", "keep.svg"} < left
    assert not {"original_old.JPG", "thumb_old.png", "hero-0123456789ab.webp"} & left
    assert (neighbour / "original_old.jpg").is_file()
    cleaned = next(e for e in house.events("image.cleaned") if e["directory"] == f"venues/{venue.slug}/")
    assert cleaned["count"] == 3  # R33


async def test_two_images_with_one_base_name_do_not_share_a_file(tmp_path: Path, database_url: str) -> None:
    """R44, I2: different addresses with equal file names are different pictures of different owners."""
    async with running_replica() as replica, open_house(tmp_path, database_url, replica) as house:
        await house.run(sources=(KEY,))
        images = await house.images()
        names: dict[str, set[str | None]] = {}
        for image in images:
            names.setdefault((image.provider_url or "").rpartition("/")[2], set()).add(image.sha256)
        assert any(len(digests) > 1 for digests in names.values())
        assert len({image.storage_key for image in images}) == len(images)


async def test_revalidation_answers_304_without_a_body(tmp_path: Path, database_url: str, replica: Replica) -> None:
    """O12: with revalidate_after = "always" an unforced visit asks conditionally and touches no file."""
    async with open_house(tmp_path, database_url, replica, images={"revalidate_after": "always"}) as house:
        await house.run(limit=1, sources=(KEY,))
        stored = house.files
        replica.site.log.reset()
        report = await house.run(limit=1, sources=(KEY,), force_update=True)
        assert counts(report) == {"unchanged_304": 2}
        assert report.sources[KEY].unchanged == 1
        pictures = [seen for seen in replica.site.log.requests() if "/cdn/" in seen.path]
        assert [(seen.status, seen.is_conditional, seen.body_sent) for seen in pictures] == [(304, True, False)] * 2
        assert house.files == stored


async def test_a_shared_host_is_requested_once_a_run(house: House) -> None:
    """R50: a performer on several venues' pages is refreshed once, and keeps one picture over runs."""
    await house.run(sources=(KEY,))
    profiles = {image.owner: image.storage_key for image in await house.images() if image.role == "profile"}
    house.replica.site.log.reset()
    assert (await house.run(sources=(KEY,), force_refresh_images=True)).ok
    asked = [seen.path for seen in house.replica.site.log.requests() if "/cdn/" in seen.path]
    assert len(asked) == len(set(asked))
    again = await house.run(sources=(KEY,), force_update=True)
    assert set(counts(again)) <= {"fresh_skipped", "shared"}
    assert profiles.keys() == {image.owner for image in await house.images() if image.role == "profile"}
    assert await house.problems() == []


def picture_paths(replica: Replica, key: str) -> tuple[str, str]:
    """Hero and host picture of a Quizmeisters venue, as the request log knows them."""
    venue = replica.site.venue(KEY, key)
    assert venue.hero is not None
    assert venue.host is not None
    assert venue.host.picture is not None
    return replica.site.image_path(KEY, venue.hero), replica.site.image_path(KEY, venue.host.picture)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(ImageFault.BLANK, Reason.BLANK), (ImageFault.ICON, Reason.TINY)],
    ids=lambda each: each.value,
)
async def test_a_worse_picture_does_not_take_a_good_ones_place(
    house: House, fault: ImageFault, reason: Reason
) -> None:
    """R39 and issue 4.2: a blank or tiny replacement is refused and recorded; the good file and row stay."""
    await house.run(limit=1, sources=(KEY,))
    [hero] = [image for image in await house.images() if image.role == "hero"]
    stored = house.files[hero.storage_key or ""]
    house.replica.site.flip(ImageSwitch(path=hero.provider_url or "", fault=fault, times=1))

    refused = await house.run(limit=1, sources=(KEY,), force_refresh_images=True)

    [failure] = [each for each in refused.failures if each.url == hero.provider_url]
    assert (failure.error_type, failure.reason) == (ErrorType.NOT_AN_IMAGE, reason)
    assert "the last good image stays" in failure.next
    [kept] = [image for image in await house.images() if image.role == "hero"]
    assert (kept.status, kept.storage_key, kept.reason) == ("uploaded", hero.storage_key, reason)
    assert house.files[hero.storage_key or ""] == stored
    again = await house.run(limit=1, sources=(KEY,))
    assert again.ok  # due at the next run whatever its freshness: the site has mended it
    assert await house.problems() == []


async def test_a_picture_that_several_owners_show_does_not_take_a_good_ones_place(house: House) -> None:
    """safety.md 6: what stands for "no picture" is known by being shown by five owners of one source."""
    await house.run(limit=6, sources=(KEY,))
    heroes = [image for image in await house.images() if image.role == "hero"]
    [*others, last] = heroes[:5]
    for hero in heroes[:5]:
        house.replica.site.flip(ImageSwitch(path=hero.provider_url or "", fault=ImageFault.NO_PICTURE))
    await house.run(venues=tuple(hero.owner for hero in others), force_refresh_images=True)

    await house.run(venues=(last.owner,), force_refresh_images=True)

    [kept] = [image for image in await house.images(owner=last.owner) if image.role == "hero"]
    assert (kept.storage_key, kept.reason) == (last.storage_key, Reason.PLACEHOLDER)
    assert await house.problems() == []
