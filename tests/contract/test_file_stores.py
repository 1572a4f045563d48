"""What every image store promises (ports.FileStore), whatever it is made of: a folder, a bucket, ImageKit."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import AsyncIterator
from hashlib import sha256

import pytest

from support.house import make_options
from support.stores import StoreDesk
from trivia_scraper.domain.images import ImageFormat, StoredFile
from trivia_scraper.domain.models import ImageRole, OwnerKind
from trivia_scraper.policy.naming import image_key
from trivia_scraper.storage.stores import ImageStore

MAIN = "venues/the-crown/hero-0123456789ab.jpg"
THUMB = "venues/the-crown/hero-0123456789ab-thumb.webp"
OTHER = "performers/ann-other/profile-0123456789ab.png"
OPTIONS = make_options()
FORCED = make_options(force_refresh_images=True)
LABELS = {"provider": "quizmeisters", "venue": "the-crown"}
MIB = 1024 * 1024


@pytest.fixture
async def store(desk: StoreDesk) -> AsyncIterator[ImageStore]:
    async with desk.open() as opened:
        yield opened


async def everything(store: ImageStore) -> dict[str, str | None]:
    """Every picture with its digest."""
    return {file.key: await store.digest(file.key) for file in [each async for each in store.all_files()]}


def digest(body: bytes) -> str:
    return sha256(body).hexdigest()


# --- put and replace -----------------------------------------------------------------------------------------------


async def test_r118_what_is_adopted_lies_under_its_key(store: ImageStore) -> None:
    """D8 instead of provider-coded names: the key that was asked for is the key it has."""
    async with store.stage() as stage:
        await stage.write(b"pic")
        await stage.write(b"ture")
        await stage.complete()
        await store.adopt([(MAIN, stage), (THUMB, b"thumb")], OPTIONS)
    assert await everything(store) == {MAIN: digest(b"picture"), THUMB: digest(b"thumb")}
    found = await store.stat(MAIN)
    assert found is not None
    assert (found.key, found.bytes) == (MAIN, 7)
    assert found.modified_at.tzinfo is not None


async def test_a_body_that_was_spilled_to_disk_arrives_whole(desk: StoreDesk, store: ImageStore) -> None:
    body = os.urandom(2 * MIB + 17)
    async with store.stage() as stage:
        for start in range(0, len(body), 64 * 1024):
            await stage.write(body[start : start + 64 * 1024])
        await stage.complete()
        await store.adopt([(MAIN, stage)], OPTIONS)
    assert await store.digest(MAIN) == digest(body)
    assert list((desk.settings.folder / ".tmp").iterdir()) == []


async def test_r45_r123_a_forced_rewrite_of_an_equal_key_is_newer(store: ImageStore) -> None:
    """D8, R45: equal bytes are written anew, so the modification time moves; R123: the key stays one file."""
    await store.adopt([(MAIN, b"picture")], OPTIONS)
    before = await _stored(store)
    after = before
    while after.modified_at == before.modified_at:  # S3 tells whole seconds
        await store.adopt([(MAIN, b"picture")], FORCED)
        after = await _stored(store)
    assert after.modified_at > before.modified_at
    assert await everything(store) == {MAIN: digest(b"picture")}


async def test_r123_r217_new_content_has_a_new_key_and_a_new_address(store: ImageStore) -> None:
    await store.adopt([(MAIN, b"picture")], OPTIONS)
    renewed = MAIN.replace("0123", "9999")
    await store.adopt([(renewed, b"another")], FORCED)
    assert await everything(store) == {MAIN: digest(b"picture"), renewed: digest(b"another")}
    assert store.url_of(MAIN) != store.url_of(renewed)


async def test_adopting_again_replaces_what_lies_there(store: ImageStore) -> None:
    """A crash may have left other bytes, or a part: what counts is what was adopted last."""
    await store.adopt([(MAIN, b"half")], OPTIONS)
    await store.adopt([(MAIN, b"the whole picture")], OPTIONS)
    assert await everything(store) == {MAIN: digest(b"the whole picture")}


async def test_r121_r122_type_and_labels_are_kept(desk: StoreDesk, store: ImageStore) -> None:
    """R121: the type of the decoded bytes, which the extension tells; R122: provider and venue beside the object."""
    await store.adopt([(MAIN, b"picture"), (OTHER, b"profile")], OPTIONS, labels=LABELS)
    expected = None if desk.kind == "local" else ("image/jpeg", LABELS)
    assert desk.told_of(MAIN) == expected
    assert desk.told_of(OTHER) == (expected and ("image/png", LABELS))


@pytest.mark.parametrize("key", ["../outside.jpg", "venues/../../outside.jpg", "/etc/x.jpg", "venues//x.jpg", ""])
async def test_r119_r120_keys_never_escape(store: ImageStore, key: str) -> None:
    """Were a key ever made of other text than `policy.naming`, it would be refused before anything is asked."""
    with pytest.raises(ValueError, match="no folder or key"):
        await store.adopt([(MAIN, b"picture"), (key, b"bad")], OPTIONS)
    for act in (store.stat(key), store.delete(key), store.digest(key), store.move(key, MAIN)):
        with pytest.raises(ValueError, match="no folder or key"):
            await act
    assert await everything(store) == {}


# --- looking, deleting, moving -------------------------------------------------------------------------------------


async def test_what_is_not_there_is_told(store: ImageStore) -> None:
    assert await store.stat(MAIN) is None
    assert await store.digest(MAIN) is None
    assert await store.read(MAIN) is None
    assert await store.delete(MAIN) is False
    assert await store.move(MAIN, OTHER) is False
    assert await store.list_files("venues/the-crown/") == []
    assert await store.directory_exists("venues/the-crown/") is False
    assert await everything(store) == {}


async def test_missing_names_what_has_no_file(store: ImageStore) -> None:
    await store.adopt([(MAIN, b"picture"), (OTHER, b"profile")], OPTIONS)
    asked = [OTHER, THUMB, MAIN, *(f"venues/none/hero-{each:012}.jpg" for each in range(20))]
    assert list(await store.missing(asked)) == [key for key in asked if key not in (MAIN, OTHER)]
    assert await store.missing([]) == []


async def test_delete_takes_one_file_once(store: ImageStore) -> None:
    await store.adopt([(MAIN, b"picture"), (THUMB, b"thumb")], OPTIONS)
    assert await store.delete(MAIN) is True
    assert await store.delete(MAIN) is False
    assert await everything(store) == {THUMB: digest(b"thumb")}


async def test_r38_a_folder_is_listed_with_legacy_names_and_without_what_lies_deeper(store: ImageStore) -> None:
    legacy = "venues/the-crown/original_old.JPG"
    neighbour = "venues/the-crown-hotel/hero-0123456789ab.jpg"
    for key in (MAIN, THUMB, legacy, neighbour, "venues/the-crown/deeper/x.jpg"):
        await store.adopt([(key, b"x")], OPTIONS)
    assert [file.key for file in await store.list_files("venues/the-crown/")] == sorted([MAIN, THUMB, legacy])
    assert await store.directory_exists("venues/the-crown/") is True


async def test_a_file_is_moved_within_the_store(desk: StoreDesk, store: ImageStore) -> None:
    target = f".quarantine/7/{MAIN}"
    await store.adopt([(MAIN, b"picture")], OPTIONS, labels=LABELS)
    known = desk.told_of(MAIN)
    assert await store.move(MAIN, target) is True
    assert await store.stat(MAIN) is None
    assert await store.digest(target) == digest(b"picture")
    assert desk.told_of(target) == known
    assert await everything(store) == {}  # what is set aside is the store's own
    assert [file.key async for file in store.all_files(".quarantine/")] == [target]
    assert await store.move(target, MAIN) is True
    assert await everything(store) == {MAIN: digest(b"picture")}


async def test_a_move_replaces_its_target(store: ImageStore) -> None:
    await store.adopt([(MAIN, b"picture"), (OTHER, b"old")], OPTIONS)
    assert await store.move(MAIN, OTHER) is True
    assert await everything(store) == {OTHER: digest(b"picture")}


async def test_all_files_walks_more_than_a_page(desk: StoreDesk, store: ImageStore) -> None:
    """S3 and ImageKit hand out a thousand at once; a walk that forgot the second page would delete nothing less."""
    desk.fill("venues/the-crown", 1_003)
    await store.adopt([(OTHER, b"profile")], OPTIONS)
    found = [file.key async for file in store.all_files()]
    assert len(found) == len(set(found)) == 1_004
    assert [file.key async for file in store.all_files("performers/")] == [OTHER]
    assert len(await store.list_files("venues/the-crown/")) == 1_003


async def test_a_walk_survives_that_files_are_deleted_meanwhile(desk: StoreDesk, store: ImageStore) -> None:
    desk.fill("venues/the-crown", 12)
    desk.fill("venues/the-swan", 12)
    seen = []
    async for file in store.all_files():
        seen.append(file.key)
        await store.delete(file.key)
    assert len(seen) == 24
    assert await everything(store) == {}


# --- staging, room, addresses --------------------------------------------------------------------------------------


async def test_what_an_earlier_process_left_is_emptied(desk: StoreDesk, store: ImageStore) -> None:
    (desk.settings.folder / ".tmp" / "left").write_bytes(b"half")
    assert await store.empty_staging() == 1
    assert await store.empty_staging() == 0


async def test_room_is_that_of_the_disk_where_bodies_are_staged(desk: StoreDesk, store: ImageStore) -> None:
    assert await store.has_room()
    async with desk.open(min_free_bytes=2**62) as small:
        assert not await small.has_room()


async def test_r78_a_stored_file_has_a_public_address(desk: StoreDesk, store: ImageStore) -> None:
    assert store.url_of(MAIN) == f"{desk.settings.served_at}/{MAIN}"
    assert store.url_of(MAIN) == desk.settings.url_of(MAIN)
    assert store.path_of(MAIN) == desk.settings.path_of(MAIN)
    assert (store.path_of(MAIN) is None) is (desk.kind != "local")


async def test_r78_a_store_that_is_not_served_says_so(desk: StoreDesk) -> None:
    if desk.kind == "imagekit":
        return  # its URL endpoint serves it in any case
    async with desk.open(public_url="") as store:
        assert store.url_of(MAIN) is None


async def _stored(store: ImageStore) -> StoredFile:
    found = await store.stat(MAIN)
    assert found is not None
    assert found.modified_at <= dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)
    return found


async def test_r219_equal_bytes_of_one_owner_and_role_are_stored_once(store: ImageStore) -> None:
    """R219, R123: the key is made of owner, role and bytes, so the same picture again is the same file."""
    body = b"picture"
    keys = {image_key(OwnerKind.VENUE, "the-crown", ImageRole.GALLERY, digest(body), ImageFormat.JPEG) for _ in "ab"}
    for _ in "ab":
        await store.adopt([(key, body) for key in keys], OPTIONS)
    assert await everything(store) == dict.fromkeys(keys, digest(body))
    assert len(keys) == 1
