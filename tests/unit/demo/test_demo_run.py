"""The demo's folder, its calls of the program, and what it tells."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import sys
import tomllib
from pathlib import Path

import psutil
import pytest

from trivia_scraper.demo.child import CommandFailed, Program, demo_environment
from trivia_scraper.demo.folder import MARKER, DemoFolder, config_text, start_anew
from trivia_scraper.demo.stopping import Stopping
from trivia_scraper.demo.story import (
    FileSeen,
    clip,
    clip_left,
    fate_of_changed,
    file_lines,
    human_bytes,
    image_lines,
    look_at_files,
    venue_lines,
)
from trivia_scraper.domain.errors import SetupError

NOON = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(seconds=3)


def test_a_new_folder_is_marked(tmp_path: Path) -> None:
    folder = start_anew(tmp_path / "var" / "demo")
    assert (folder.path / MARKER).exists()
    assert folder.path.is_absolute()


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    assert start_anew(tmp_path).path == tmp_path


def test_only_its_own_is_deleted(tmp_path: Path) -> None:
    folder = start_anew(tmp_path)
    folder.config.write_text("old")
    (folder.images / "venues").mkdir(parents=True)
    (tmp_path / "notes.txt").write_text("mine")
    start_anew(tmp_path)
    assert not folder.config.exists()
    assert not folder.images.exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_link_is_removed_and_what_it_points_to_is_not(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "picture.jpg").write_bytes(b"mine")
    folder = start_anew(tmp_path / "demo")
    folder.images.symlink_to(elsewhere)
    start_anew(folder.path)
    assert (elsewhere / "picture.jpg").exists()
    assert not folder.images.exists()


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("precious")
    with pytest.raises(SetupError, match="no demo put there"):
        start_anew(tmp_path)
    assert (tmp_path / "config.toml").read_text() == "precious"


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("a file")
    with pytest.raises(SetupError, match="not a folder"):
        start_anew(tmp_path / "demo")


def test_the_configuration_is_toml_and_pins_the_database(tmp_path: Path) -> None:
    folder = DemoFolder(tmp_path / 'odd "name" \\ here')
    text = config_text(folder, {"quizmeisters": "http://127.0.0.1:1/x"}, "127.0.0.0/8")
    config = tomllib.loads(text)
    assert config["database"] == {"url": "embedded", "data_dir": str(folder.path / "postgres")}
    assert config["storage"] == {"kind": "local", "path": str(folder.images)}
    assert config["http"]["allow_networks"] == ["127.0.0.0/8"]
    assert config["http"]["per_host_interval"] == "0s"
    assert config["sources"]["quizmeisters"] == {"enabled": True, "index_url": "http://127.0.0.1:1/x"}


def test_the_configuration_is_one_the_program_accepts(tmp_path: Path) -> None:
    from trivia_scraper.settings import load_settings

    folder = start_anew(tmp_path)
    urls = {"quizmeisters": "http://127.0.0.1:1/x", "question_one": "http://127.0.0.1:1/y"}
    folder.config.write_text(config_text(folder, urls, "127.0.0.0/8"))
    settings = load_settings(environment={}, config_files=[folder.config]).settings
    assert settings.sources.question_one.index_url == "http://127.0.0.1:1/y"
    assert settings.http.contact == "demo@localhost"


def test_no_setting_of_the_user_outranks_the_demo() -> None:
    ours = {
        "PATH": "/bin",
        "TRIVIA_DATABASE_URL": "postgresql://production",
        "TRIVIA__HTTP__PROXY": "http://proxy",
        "CREDENTIALS_DIRECTORY": "/run/credentials",
    }
    kept = demo_environment(ours, DemoFolder(Path("/demo")))
    assert kept == {"PATH": "/bin", "STATE_DIRECTORY": "/demo/state"}


@pytest.mark.parametrize(("size", "shown"), [(999, "999 B"), (412_345, "412 kB"), (1_250_000, "1.2 MB")])
def test_human_bytes(size: int, shown: str) -> None:
    assert human_bytes(size) == shown


def test_files_are_told_as_rewritten_deleted_new_or_untouched() -> None:
    before = {
        "venues/a/hero-1.jpg": FileSeen(400_000, NOON),
        "venues/a/hero-2.jpg": FileSeen(1, NOON),
        "venues/b/hero-9.jpg": FileSeen(5, NOON),
    }
    after = {
        "venues/a/hero-1.jpg": FileSeen(400_000, LATER),
        "venues/a/hero-3.jpg": FileSeen(2, LATER),
        "venues/b/hero-9.jpg": FileSeen(5, NOON),
    }
    lines = list(file_lines(before, after))
    assert [line.split()[-1] for line in lines] == [
        "venues/a/", "rewritten", "deleted", "new", "venues/b/", "untouched",
    ]  # fmt: skip
    assert "400 kB" in lines[1]
    assert all(len(line) <= 80 for line in lines)


def test_long_names_stay_within_80_columns() -> None:
    path = f"venues/{'the-very-long-name-of-a-pub-' * 4}/hero-0123456789ab-thumb.jpg"
    lines = list(file_lines({path: FileSeen(123_456, NOON)}, {path: FileSeen(123_456, LATER)}))
    assert all(len(line) <= 80 for line in lines)
    assert "hero-0123456789ab-thumb.jpg" in lines[1]


def test_files_are_found_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "venues" / "a").mkdir(parents=True)
    (tmp_path / "venues" / "a" / "hero.jpg").write_bytes(b"12345")
    (tmp_path / ".store").mkdir()
    (tmp_path / ".store" / "lock").touch()
    assert {path: seen.bytes for path, seen in look_at_files(tmp_path).items()} == {"venues/a/hero.jpg": 5}
    assert look_at_files(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"old": FileSeen(1, NOON)}, {}, "was deleted"),
        ({"old": FileSeen(1, NOON)}, {"old": FileSeen(1, NOON)}, "is still there"),
        ({}, {}, "had no file"),
    ],
)
def test_the_changed_picture_is_told_as_it_was(
    before: dict[str, FileSeen], after: dict[str, FileSeen], told: str
) -> None:
    assert told in fate_of_changed("old", before, after)


def test_paths_keep_their_end() -> None:
    assert clip_left("/cdn/" + "x" * 90 + "/lion.jpg", 20).endswith("x/lion.jpg")
    assert len(clip_left("y" * 100, 20)) == 20


def test_rows_are_told() -> None:
    event = {
        "weekday": 3, "start_time": "19:30:00", "frequency": "weekly", "fee_minor": 250, "currency": "GBP",
        "performer": "Katie",
    }  # fmt: skip
    venue = {
        "slug": "the-crown", "name": "The Crown", "city": "London", "region": None, "postcode": "E1 1AA",
        "country": "GB", "timezone": "Europe/London",
        "events": [event, {**event, "fee_minor": None}, {**event, "fee_minor": 0, "performer": None}],
    }  # fmt: skip
    told = "\n".join(venue_lines([venue]))
    assert "The Crown  (the-crown)" in told
    assert "London, E1 1AA, GB" in told
    assert "Wednesday 19:30, weekly, 2.50 GBP, host Katie" in told
    assert "fee not stated, host Katie" in told
    assert told.endswith("weekly, free")


def test_images_are_told() -> None:
    image = {
        "id": 7, "role": "hero", "owner": "the-crown", "status": "uploaded", "width": 1600, "height": 1067,
        "sha256": "ab" * 32, "fetched_at": "2026-07-01T12:00:00Z",
    }  # fmt: skip
    told = list(image_lines([image]))
    assert told[0] == "#7 hero of the-crown: uploaded, 1600×1067"
    assert "abababababababab…  fetched 2026-07-01 12:00:00" in told[1]


def test_clipping() -> None:
    assert clip("a\nb") == "a b"
    assert clip("x" * 81) == "x" * 79 + "…"


class FakeProgram(Program):
    """Runs a few lines of Python in place of the program."""

    def command(self, *arguments: str) -> tuple[str, ...]:
        return (sys.executable, "-c", *arguments[:1])


def fake_program(tmp_path: Path) -> Program:
    return FakeProgram(DemoFolder(tmp_path))


async def test_the_exit_code_and_output_of_a_run_come_through(tmp_path: Path) -> None:
    with (tmp_path / "output").open("w") as output:
        output.write("before ")
        code = await fake_program(tmp_path).run("print('hello'); raise SystemExit(3)", output=output)
    assert code == 3
    assert (tmp_path / "output").read_text() == "before hello\n"


async def test_a_question_gives_its_document_or_the_error(tmp_path: Path) -> None:
    program = fake_program(tmp_path)
    assert await program.ask("print('{\"images\": []}')") == {"images": []}
    with pytest.raises(CommandFailed, match=r"exit code 10\. no database") as failure:
        await program.ask("import sys; print('no database', file=sys.stderr); sys.exit(10)")
    assert failure.value.exit_code == 10


async def test_a_cancelled_run_leaves_no_child(tmp_path: Path) -> None:
    tell_pid = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    read, write = os.pipe()
    with os.fdopen(read) as told, os.fdopen(write, "w") as output:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(fake_program(tmp_path).run(tell_pid, output=output))
            pid = int(await asyncio.to_thread(told.readline))
            task.cancel()
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_signal_in_between_cancels_once(number: signal.Signals, code: int) -> None:
    stopping = Stopping()
    asyncio.get_running_loop().call_soon(os.kill, os.getpid(), number)
    with stopping.listen(), pytest.raises(asyncio.CancelledError):
        await asyncio.Event().wait()
    assert stopping.exit_code == code
    task = asyncio.current_task()
    assert task is not None
    task.uncancel()


async def test_a_signal_at_the_end_is_the_way_out() -> None:
    stopping = Stopping()
    with stopping.listen():
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGINT)
        await stopping.wait()
    assert stopping.exit_code is None
