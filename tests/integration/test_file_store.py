"""The local image store (safety.md 9): stage, fsync, rename, fsync the folder; and every fault of a disk, F18-F28."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import stat
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest

from support.house import make_options
from support.other_user import ordinary_user
from support.watched_os import WatchedOs, watch_files
from trivia_scraper.domain.errors import StorageFull, StorageUnavailable, TriviaScraperError
from trivia_scraper.domain.failures import Reason
from trivia_scraper.ports import FileStore, Stage
from trivia_scraper.storage.files import open_file_store

MAIN = "venues/the-crown/hero-0123456789ab.jpg"
THUMB = "venues/the-crown/hero-0123456789ab-thumb.jpg"
OLD = "venues/the-crown/hero-ba9876543210.jpg"
OTHER = "performers/ann-other/profile-0123456789ab.jpg"
MIB = 1024 * 1024
OPTIONS = make_options()
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """Where the store lies. The umask is the common one, whoever runs the tests."""
    before = os.umask(0o022)
    yield tmp_path / "images"
    os.umask(before)


@pytest.fixture
async def store(root: Path) -> AsyncIterator[FileStore]:
    async with open_file_store(root, 1) as opened:
        yield opened


@pytest.fixture
def disk(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> WatchedOs:
    """The disk under the open store, watched from here on."""
    return watch_files(monkeypatch)


def staged(root: Path) -> list[str]:
    """What lies half-written."""
    return sorted(path.name for path in (root / ".tmp").iterdir())


def everything(root: Path) -> dict[str, bytes]:
    """Every file of the store by key, staged ones included."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def identity(path: Path) -> tuple[int, int]:
    """What tells a file from one that replaced it: inode and modification time in ns."""
    return path.stat().st_ino, path.stat().st_mtime_ns


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """The kernel itself refuses to let any file grow beyond `size` bytes (EFBIG)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# --- put ---------------------------------------------------------------------------------------------------------


async def test_adopt_puts_exactly_the_bytes_under_the_keys(store: FileStore, root: Path) -> None:
    """D8, safety.md 9: picture and thumbnail side by side, files 0640, folders 0750, nothing left half-written."""
    async with store.stage() as stage:
        await stage.write(b"pic")
        await stage.write(b"ture")
        await stage.complete()
        assert (stage.size, stage.sha256, stage.body()) == (7, sha256(b"picture").hexdigest(), b"picture")
        await store.adopt([(MAIN, stage), (THUMB, b"thumb")], OPTIONS)
    assert everything(root) == {MAIN: b"picture", THUMB: b"thumb"}
    assert [mode(root / key) for key in (MAIN, THUMB)] == [0o640, 0o640]
    assert [mode(root / folder) for folder in ("venues", "venues/the-crown")] == [0o750, 0o750]
    assert store.path_of(MAIN) == root / MAIN


async def test_r45_an_equal_key_is_replaced_by_another_file(store: FileStore, root: Path) -> None:
    """R45, R70, D8: equal bytes again are a new file: another inode, a later modification time."""
    await store.adopt([(MAIN, b"picture")], OPTIONS)
    os.utime(root / MAIN, ns=(10**18, 10**18))
    inode, modified = identity(root / MAIN)
    await store.adopt([(MAIN, b"picture")], make_options(force_refresh_images=True))
    new_inode, new_modified = identity(root / MAIN)
    assert new_inode != inode
    assert new_modified > modified
    assert everything(root) == {MAIN: b"picture"}


async def test_a_reader_of_the_replaced_file_reads_it_to_the_end(store: FileStore, root: Path) -> None:
    """R40: replaced by rename: who has the old file open is not handed a mixture."""
    await store.adopt([(MAIN, b"old picture")], OPTIONS)
    with (root / MAIN).open("rb") as reader:
        assert reader.read(4) == b"old "
        await store.adopt([(MAIN, b"new picture")], OPTIONS)
        assert reader.read() == b"picture"


async def test_one_call_adopts_for_several_owners(store: FileStore, root: Path) -> None:
    await store.adopt([(MAIN, b"hero"), (OTHER, b"profile"), (THUMB, b"thumb")], OPTIONS)
    assert everything(root) == {MAIN: b"hero", OTHER: b"profile", THUMB: b"thumb"}


# --- stages ------------------------------------------------------------------------------------------------------


async def test_a_stage_up_to_1_mib_never_touches_the_disk(store: FileStore, root: Path) -> None:
    async with store.stage() as stage:
        await stage.write(bytes(MIB))
        assert staged(root) == []
        await stage.complete()
        assert stage.body() == bytes(MIB)


async def test_a_larger_stage_is_spilled_in_blocks_and_adopted(store: FileStore, root: Path) -> None:
    """safety.md 9: beyond 1 MiB one write per full block, never one per network chunk."""
    chunk, sizes = os.urandom(64 * 1024), set[int]()
    async with store.stage() as stage:
        for _ in range(56):
            await stage.write(chunk)
            sizes |= {(root / ".tmp" / name).stat().st_size for name in staged(root)}
        await stage.complete()
        body = stage.body()
        assert isinstance(body, Path)
        assert body.parent == root / ".tmp"
        assert mode(body) == 0o640
        assert stage.size == body.stat().st_size == 56 * len(chunk)
        assert stage.sha256 == sha256(chunk * 56).hexdigest()
        assert len(sizes) <= 3
        assert min(sizes) > MIB
        await store.adopt([(MAIN, stage)], OPTIONS)
    assert everything(root) == {MAIN: chunk * 56}


@pytest.mark.parametrize("size", [10, 3 * MIB], ids=["in memory", "on disk"])
async def test_a_discarded_stage_leaves_nothing(store: FileStore, root: Path, size: int) -> None:
    async with store.stage() as stage:
        await stage.write(bytes(size))
        await stage.complete()
    assert everything(root) == {}


async def test_a_stage_that_meets_an_error_leaves_nothing(store: FileStore, root: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        await _stage_and_fail(store, root)
    assert everything(root) == {}


async def _stage_and_fail(store: FileStore, root: Path) -> None:
    async with store.stage() as stage:
        await stage.write(bytes(3 * MIB))
        assert len(staged(root)) == 1
        raise ZeroDivisionError


@pytest.mark.parametrize("first", [10, 3 * MIB], ids=["from memory", "from disk"])
@pytest.mark.parametrize("second", [b"second", b"second" * MIB], ids=["to memory", "to disk"])
async def test_restart_forgets_the_earlier_attempt(store: FileStore, root: Path, first: int, second: bytes) -> None:
    async with store.stage() as stage:
        await stage.write(bytes(first))
        await stage.restart()
        assert (stage.size, staged(root)) == (0, [])
        await stage.write(second)
        await stage.complete()
        assert (stage.size, stage.sha256) == (len(second), sha256(second).hexdigest())
        await store.adopt([(MAIN, stage)], OPTIONS)
    assert everything(root) == {MAIN: second}


async def test_two_stages_at_once_do_not_meet(store: FileStore, root: Path) -> None:
    async with AsyncExitStack() as stack:
        stages = [await stack.enter_async_context(store.stage()) for _ in range(2)]
        for stage, letter in zip(stages, (b"a", b"b"), strict=True):
            await stage.write(letter * 2 * MIB)
        for stage in stages:
            await stage.complete()
        await store.adopt([(MAIN, stages[0]), (THUMB, stages[1])], OPTIONS)
    assert everything(root) == {MAIN: b"a" * 2 * MIB, THUMB: b"b" * 2 * MIB}


async def test_f21_a_stage_that_the_kernel_refuses_to_grow_is_storage_full(store: FileStore, root: Path) -> None:
    """F21: a real EFBIG while a large body is staged; the item fails, nothing stays behind, the next one works."""
    with file_size_limit(MIB // 2):
        async with store.stage() as stage:
            with pytest.raises(StorageFull) as refused:
                await stage.write(bytes(2 * MIB))
        assert refused.value.reason is Reason.DISK_FULL
        assert everything(root) == {}
    await store.adopt([(MAIN, b"picture")], OPTIONS)


# --- refusals of the disk ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO], ids=errno.errorcode.get
)
@pytest.mark.parametrize("step", ["create", "open", "write", "fsync", "rename", "mkdir"])
async def test_f18_f19_f20_f21_f29_a_refusing_disk_fails_the_adoption_and_keeps_what_was(
    store: FileStore, root: Path, disk: WatchedOs, step: str, number: int
) -> None:
    """F18-F21, F29: no partial file under a final name or beside it; files stored earlier stay as they were."""
    fresh = "venues/a-new-pub/hero-0123456789ab.jpg"
    await store.adopt([(OLD, b"old")], OPTIONS)
    kept = identity(root / OLD)
    with disk.refusing(step, number), pytest.raises(TriviaScraperError) as refused:
        await store.adopt([(fresh, b"new picture")], OPTIONS)
    expected = StorageFull if number in FULL else StorageUnavailable
    assert type(refused.value) is expected
    assert refused.value.reason is (Reason.DISK_FULL if number in FULL else None)
    assert os.strerror(number) in refused.value.message
    assert everything(root) == {OLD: b"old"}
    assert identity(root / OLD) == kept
    await store.adopt([(fresh, b"new picture")], OPTIONS)  # with room again, all is well
    assert everything(root) == {OLD: b"old", fresh: b"new picture"}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO], ids=errno.errorcode.get)
@pytest.mark.parametrize("step", ["create", "write", "fsync", "rename"])
async def test_f18_a_refused_replacement_of_an_equal_key_leaves_the_old_file(
    store: FileStore, root: Path, disk: WatchedOs, step: str, number: int
) -> None:
    """A forced run rewrites equal bytes under the same key: until the rename the old file serves."""
    await store.adopt([(MAIN, b"picture")], OPTIONS)
    kept = identity(root / MAIN)
    with disk.refusing(step, number), pytest.raises(TriviaScraperError):
        await store.adopt([(MAIN, b"picture")], make_options(force_refresh_images=True))
    assert everything(root) == {MAIN: b"picture"}
    assert identity(root / MAIN) == kept


@pytest.mark.parametrize("step", ["write", "fsync", "rename"])
async def test_f18_the_second_body_refused_leaves_nothing_half_written(
    store: FileStore, root: Path, disk: WatchedOs, step: str
) -> None:
    """No partial file: a full disk must not fill up with bodies that were staged before the refused one."""
    with disk.refusing(step, errno.ENOSPC, after=1), pytest.raises(StorageFull):
        await store.adopt([(MAIN, b"picture"), (THUMB, b"thumb")], OPTIONS)
    assert staged(root) == []


async def test_f20_a_file_that_failed_its_fsync_is_never_synced_again(
    store: FileStore, root: Path, disk: WatchedOs
) -> None:
    """F20: the kernel has dropped the pages: a second fsync would say all is well about a file that is not."""
    with disk.refusing("fsync", errno.EIO), pytest.raises(StorageUnavailable):
        await store.adopt([(MAIN, b"picture")], OPTIONS)
    [dead] = disk.subjects("fsync")
    assert everything(root) == {}
    await store.adopt([(MAIN, b"picture")], OPTIONS)
    assert disk.subjects("fsync").count(dead) == 1
    assert everything(root) == {MAIN: b"picture"}


async def test_f20_a_large_stage_that_failed_its_fsync_is_downloaded_anew(
    store: FileStore, root: Path, disk: WatchedOs
) -> None:
    """F20: the dead file goes with its stage; the next attempt writes another one."""
    async with store.stage() as stage:
        await _fill(stage)
        with disk.refusing("fsync", errno.EIO), pytest.raises(StorageUnavailable):
            await store.adopt([(MAIN, stage)], OPTIONS)
        [dead] = disk.subjects("fsync")
        await stage.restart()
        assert staged(root) == []
        await _fill(stage)
        await store.adopt([(MAIN, stage)], OPTIONS)
    assert disk.subjects("fsync").count(dead) == 1
    assert everything(root) == {MAIN: bytes(2 * MIB)}


async def _fill(stage: Stage) -> None:
    await stage.write(bytes(2 * MIB))
    await stage.complete()


async def test_f23_eacces_on_one_directory_fails_only_its_items(
    store: FileStore, root: Path, disk: WatchedOs
) -> None:
    """F23: the refused folder is named; its neighbours go on."""
    with disk.refusing("open", errno.EACCES, about="the-crown"):
        with pytest.raises(StorageUnavailable, match="the-crown"):
            await store.adopt([(MAIN, b"picture")], OPTIONS)
        with pytest.raises(StorageUnavailable, match="the-crown"):
            await store.delete(MAIN)
        await store.adopt([(OTHER, b"profile")], OPTIONS)
    assert everything(root) == {OTHER: b"profile"}


async def test_f28_the_order_of_power_safe_steps(store: FileStore, root: Path, disk: WatchedOs) -> None:
    """F28: fsync(file) < rename < fsync(folder), and a folder newly made is synced into its parent first."""
    await store.adopt([(MAIN, b"picture"), (THUMB, b"thumb")], OPTIONS)
    steps = [(call.name, call.subject) for call in disk.calls if call.name in ("fsync", "rename", "mkdir")]
    names = [subject for name, subject in steps if name == "rename"]
    assert len(names) == 2
    folder = ("fsync", str(root / "venues/the-crown"))
    for name in names:
        synced, renamed = steps.index(("fsync", str(root / ".tmp" / name))), steps.index(("rename", name))
        assert synced < renamed < _last(steps, folder)
    for made, parent in (("venues", root), ("the-crown", root / "venues")):
        assert steps.index(("mkdir", made)) < steps.index(("fsync", str(parent))) < steps.index(("rename", names[0]))


def _last(steps: list[tuple[str, str]], wanted: tuple[str, str]) -> int:
    return max(number for number, step in enumerate(steps) if step == wanted)


async def test_f28_a_deletion_is_synced_too(store: FileStore, root: Path, disk: WatchedOs) -> None:
    await store.adopt([(MAIN, b"picture")], OPTIONS)
    disk.calls.clear()
    assert await store.delete(MAIN)
    steps = [(call.name, call.subject) for call in disk.calls if call.name in ("unlink", "fsync")]
    assert steps == [("unlink", MAIN.rpartition("/")[2]), ("fsync", str(root / "venues/the-crown"))]


# --- a store that is not what it seems ---------------------------------------------------------------------------


async def test_f22_a_path_below_a_file_is_refused_at_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    path = tmp_path / "file" / "images"
    with pytest.raises(StorageFull) as refused:
        await _open_and_close(path)
    assert str(path) in refused.value.message
    assert "storage" in refused.value.hint


@pytest.mark.parametrize("step", ["create", "write", "fsync", "unlink"])
async def test_f22_a_read_only_store_is_found_out_at_start(
    root: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """F22: proved by writing, syncing and removing a file, not by asking for permission bits."""
    disk = watch_files(monkeypatch)
    with disk.refusing(step, errno.EROFS), pytest.raises(StorageFull, match="not writable") as refused:
        await _open_and_close(root)
    assert str(root) in refused.value.message
    assert refused.value.reason is Reason.DISK_FULL


OPEN_STORE = """
import asyncio, sys
from pathlib import Path
from trivia_scraper.domain.errors import StorageFull
from trivia_scraper.storage.files import open_file_store

async def main():
    async with open_file_store(Path(sys.argv[1]), 1):
        print("opened")

try:
    asyncio.run(main())
except StorageFull as error:
    print(error.message)
"""


def test_f22_a_directory_that_may_not_be_written_is_refused_at_start(open_folder: Path) -> None:
    """F22 for real: mode bits that refuse; root, whom they do not bind, lets another user try."""
    user = ordinary_user()
    locked = open_folder / "images"
    locked.mkdir(mode=0o555)
    answer = subprocess.run(
        [user.python, "-c", OPEN_STORE, locked],
        env={"PYTHONPATH": user.import_path}, capture_output=True, text=True, check=False, **user.process_arguments,
    )  # fmt: skip
    assert answer.stdout == f"image storage {locked} is not writable: Permission denied\n", answer.stderr


async def test_f24_staging_on_another_device_is_refused_at_start(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F24: files could not be renamed into place; both paths are named."""
    disk = watch_files(monkeypatch)
    monkeypatch.setattr(disk, "fstat", _another_device_for(root / ".tmp"), raising=False)
    with pytest.raises(StorageFull) as refused:
        await _open_and_close(root)
    assert str(root / ".tmp") in refused.value.message
    assert f"than {root}:" in refused.value.message


def _another_device_for(folder: Path):  # type: ignore[no-untyped-def]
    def fstat(descriptor: int) -> os.stat_result:
        real = os.fstat(descriptor)
        if Path(f"/proc/self/fd/{descriptor}").readlink() != folder:
            return real
        return os.stat_result((real.st_mode, real.st_ino, real.st_dev + 1, *tuple(real)[3:]))

    return fstat


async def test_f24_a_refused_start_lets_go_of_its_descriptors(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that waits for its store to be mended tries again and again."""
    disk = watch_files(monkeypatch)
    monkeypatch.setattr(disk, "fstat", _another_device_for(root / ".tmp"), raising=False)
    with pytest.raises(StorageFull):
        await _open_and_close(root)
    assert not [path for path in _open_files() if path.is_relative_to(root)]


def _open_files() -> list[Path]:
    found = []
    for entry in os.listdir("/proc/self/fd"):
        try:
            found.append(Path(f"/proc/self/fd/{entry}").readlink())
        except FileNotFoundError:  # the listing's own
            continue
    return found


async def test_a_closed_store_holds_no_descriptor(root: Path) -> None:
    await _open_and_close(root)
    assert not [path for path in _open_files() if path.is_relative_to(root)]


async def _open_and_close(root: Path) -> None:
    async with open_file_store(root, 1):
        pass


async def test_f25_a_root_replaced_by_a_link_is_refused(store: FileStore, root: Path, tmp_path: Path) -> None:
    """F25: nothing is written where the link leads, and nothing into the folder that was moved away."""
    elsewhere = _replace_by_a_link(root, tmp_path)
    with pytest.raises(StorageFull, match="replaced"):
        await store.adopt([(MAIN, b"picture")], OPTIONS)
    assert list(elsewhere.iterdir()) == []
    assert everything(tmp_path / "moved") == {}


def _replace_by_a_link(root: Path, folder: Path) -> Path:
    (folder / "elsewhere").mkdir()
    root.rename(folder / "moved")
    root.symlink_to(folder / "elsewhere")
    return folder / "elsewhere"


async def test_f25_a_root_that_was_removed_is_refused(store: FileStore, root: Path) -> None:
    shutil.rmtree(root)
    with pytest.raises((StorageFull, StorageUnavailable)):
        await store.adopt([(MAIN, b"picture")], OPTIONS)
    assert everything(root) == {}


@pytest.mark.parametrize("linked", ["venues", "venues/the-crown"])
async def test_f25_a_link_in_place_of_a_folder_is_refused(
    store: FileStore, root: Path, tmp_path: Path, linked: str
) -> None:
    """Neither written nor deleted through a link, wherever in the way it stands."""
    elsewhere = tmp_path / "elsewhere"
    victim = elsewhere / MAIN.removeprefix(f"{linked}/")
    victim.parent.mkdir(parents=True)
    victim.write_bytes(b"not ours")
    (root / linked).parent.mkdir(exist_ok=True)
    (root / linked).symlink_to(elsewhere)
    with pytest.raises(StorageUnavailable):
        await store.adopt([(MAIN, b"picture")], OPTIONS)
    with pytest.raises(StorageUnavailable):
        await store.delete(MAIN)
    assert await store.stat(MAIN) is None
    assert everything(elsewhere) == {victim.relative_to(elsewhere).as_posix(): b"not ours"}
    assert staged(root) == []


async def test_a_link_in_place_of_a_file_is_replaced_not_followed(
    store: FileStore, root: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"not ours")
    await store.adopt([(THUMB, b"thumb")], OPTIONS)
    (root / MAIN).symlink_to(victim)
    await store.adopt([(MAIN, b"picture")], OPTIONS)
    assert victim.read_bytes() == b"not ours"
    assert not (root / MAIN).is_symlink()
    assert (root / MAIN).read_bytes() == b"picture"


@pytest.mark.parametrize(
    "key",
    [
        "../outside/x.jpg",
        "venues/../../outside/x.jpg",
        "venues/the-crown/../../../outside/x.jpg",
        "/outside/x.jpg",
        "..",
        "venues/..",
        "x.jpg",
        "",
    ],
)
async def test_keys_never_escape(store: FileStore, root: Path, tmp_path: Path, key: str) -> None:
    """Keys come from policy.naming alone; were one ever made of other text, nothing outside would be touched."""
    outside = tmp_path / "outside" / "x.jpg"
    outside.parent.mkdir()
    outside.write_bytes(b"not ours")
    await store.adopt([(MAIN, b"picture")], OPTIONS)
    for act in (lambda: store.adopt([(key, b"bad")], OPTIONS), lambda: store.delete(key)):
        with suppress(TriviaScraperError, ValueError):
            await act()
    assert everything(tmp_path / "outside") == {"x.jpg": b"not ours"}
    assert sorted(os.listdir(tmp_path)) == ["images", "outside"]


# --- looking and deleting ----------------------------------------------------------------------------------------


async def test_stat_tells_size_and_time_or_nothing(store: FileStore, root: Path) -> None:
    assert await store.stat(MAIN) is None
    await store.adopt([(MAIN, b"picture")], OPTIONS)
    found = await store.stat(MAIN)
    assert found is not None
    assert (found.key, found.bytes) == (MAIN, 7)
    assert found.modified_at.timestamp() == pytest.approx((root / MAIN).stat().st_mtime, abs=1e-5)
    assert await store.stat(f"{MAIN}/below-a-file.jpg") is None


async def test_list_files_shows_what_lies_directly_under_an_owner(store: FileStore, root: Path) -> None:
    """R34: a folder that is not there is empty, and can be told from one that is."""
    assert await store.list_files("venues/the-crown/") == []
    assert not await store.directory_exists("venues/the-crown/")
    await store.adopt([(THUMB, b"thumb"), (MAIN, b"picture"), (OTHER, b"profile")], OPTIONS)
    (root / "venues/the-crown/folder").mkdir()
    (root / "venues/the-crown/link.jpg").symlink_to(root / MAIN)
    listed = await store.list_files("venues/the-crown/")
    assert [(file.key, file.bytes) for file in listed] == [(THUMB, 5), (MAIN, 7)]
    assert await store.list_files("venues/the-crown") == listed
    assert await store.directory_exists("venues/the-crown/")


async def test_delete_takes_one_file_once(store: FileStore, root: Path) -> None:
    await store.adopt([(MAIN, b"picture"), (THUMB, b"thumb")], OPTIONS)
    assert await store.delete(MAIN) is True
    assert await store.delete(MAIN) is False
    assert await store.delete(OTHER) is False
    assert everything(root) == {THUMB: b"thumb"}


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.EIO], ids=errno.errorcode.get)
async def test_r36_a_refused_deletion_says_why(store: FileStore, root: Path, disk: WatchedOs, number: int) -> None:
    await store.adopt([(MAIN, b"picture")], OPTIONS)
    with disk.refusing("unlink", number), pytest.raises(TriviaScraperError) as refused:
        await store.delete(MAIN)
    assert os.strerror(number) in refused.value.message
    assert everything(root) == {MAIN: b"picture"}


async def test_has_room_compares_free_space_with_the_limit(root: Path) -> None:
    free = os.statvfs(root.parent).f_bavail * os.statvfs(root.parent).f_frsize
    async with open_file_store(root, 1) as small, open_file_store(root, 2 * free) as large:
        assert await small.has_room()
        assert not await large.has_room()


# --- moving and walking ------------------------------------------------------------------------------------------


async def test_a_move_reaches_the_disk_in_both_folders(store: FileStore, root: Path, disk: WatchedOs) -> None:
    """F28: the name is under its new folder on disk before the old folder forgets it."""
    await store.adopt([(MAIN, b"picture")], OPTIONS)
    disk.calls.clear()
    assert await store.move(MAIN, f".quarantine/7/{MAIN}")
    steps = [(call.name, Path(call.subject).name) for call in disk.calls if call.name in ("rename", "fsync")]
    assert steps[-3:] == [
        ("rename", "hero-0123456789ab.jpg"),
        ("fsync", "the-crown"),
        ("fsync", "the-crown"),
    ]
    assert [Path(call.subject).parts[-4] for call in disk.calls[-2:]] == [".quarantine", root.parent.name]
    assert mode(root / ".quarantine") == 0o750
    assert everything(root) == {f".quarantine/7/{MAIN}": b"picture"}


@pytest.mark.parametrize("step", ["rename", "mkdir"])
async def test_f18_a_refused_move_leaves_the_file_where_it_was(
    store: FileStore, root: Path, disk: WatchedOs, step: str
) -> None:
    await store.adopt([(MAIN, b"picture")], OPTIONS)
    with disk.refusing(step, errno.ENOSPC), pytest.raises(StorageFull):
        await store.move(MAIN, OTHER)
    assert everything(root) == {MAIN: b"picture"}


async def test_f25_nothing_is_moved_into_a_root_that_was_replaced(
    store: FileStore, root: Path, tmp_path: Path
) -> None:
    await store.adopt([(MAIN, b"picture")], OPTIONS)
    elsewhere = _replace_by_a_link(root, tmp_path)
    with pytest.raises(StorageFull, match="replaced"):
        await store.move(MAIN, OTHER)
    assert list(elsewhere.iterdir()) == []


async def test_links_are_neither_read_nor_walked(store: FileStore, root: Path, tmp_path: Path) -> None:
    """F25: what lies outside is no picture of ours, whatever points to it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.jpg").write_bytes(b"not ours")
    await store.adopt([(MAIN, b"picture")], OPTIONS)
    (root / "venues" / "linked").symlink_to(outside)
    (root / "venues" / "the-crown" / "linked.jpg").symlink_to(outside / "x.jpg")
    assert [file.key async for file in store.all_files()] == [MAIN]
    assert await store.digest("venues/linked/x.jpg") is None
    with pytest.raises(StorageUnavailable):
        await store.digest("venues/the-crown/linked.jpg")


async def test_a_walk_leaves_out_what_is_the_stores_own(store: FileStore, root: Path) -> None:
    await store.adopt([(MAIN, b"x"), (".store/page.html", b"x"), (".quarantine/1/x.jpg", b"x")], OPTIONS)
    (root / ".tmp" / "staged").write_bytes(b"half")
    (root / ".hidden").write_bytes(b"x")
    assert [file.key async for file in store.all_files()] == [MAIN]
    assert [file.key async for file in store.all_files(".quarantine/")] == [".quarantine/1/x.jpg"]
    assert [file.key async for file in store.all_files("venues/nobody/")] == []


async def test_a_walk_hops_once_a_folder(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large store is looked through without holding up the loop: one folder, one visit to a thread."""
    for number in range(7):
        await store.adopt([(f"venues/pub-{number}/hero-0123456789ab.jpg", b"x")], OPTIONS)
    hops = 0
    hop = anyio.to_thread.run_sync

    async def counted(*arguments: Any, **keywords: Any) -> Any:
        nonlocal hops
        hops += 1
        return await hop(*arguments, **keywords)

    monkeypatch.setattr(anyio.to_thread, "run_sync", counted)
    assert len([file async for file in store.all_files()]) == 7
    assert hops == 1 + 1 + 7
