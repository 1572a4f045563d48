"""Requirements of images.md that speak of the code as a whole: what is passed on, what is started, what is needed."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from architecture import image_calls, requirements
from trivia_scraper import ports
from trivia_scraper.settings import settings_from

ROOT: Final = Path(__file__).parents[2]
OPTIONS_INSIDE: Final = {
    "pipeline/verify.py::verify_refresh": "passes",
    "pipeline/portions.py::Portions.batch": "job",
    "pipeline/portions.py::Portions._visit_all": "job",
    "pipeline/portions.py::Portions._visit": "job",
    "pipeline/queued_work.py::QueuedWork._do": "job",
    "pipeline/queued_work.py::QueuedWork._guarded": "delivery",
    "pipeline/queued_work.py::QueuedWork.perform": "delivery",
}
"""The parameter that carries the options: of each pass of `VerifyPasses`, or of a job as it came from the queue."""

CROSSES: Final[Mapping[str, str]] = {
    # tasks: the options are an argument of the coroutine
    "cli/working.py::_shown": "nothing: a task that shows progress, beside the work that has its options",
    "pipeline/run.py::refresh": "source and options, a task each source",
    "pipeline/index.py::_visit_all": "the iterator of listings and the options, a task each worker",
    "pipeline/detail.py::_refresh_images": "picture, owner, row and options, a task each picture",
    "pipeline/verify.py::_in_child_task": "the options of the forced pass",
    "pipeline/portions.py::Portions._visit_all": "the job with its options, a task each worker",
    "pipeline/notices.py::_tell": "a message: telling asks for no image",
    "daemon/life.py::Daemon.live": "a loop: options are made for each work, or read from its request",
    "daemon/life.py::Daemon._go_round": "a loop, likewise",
    "daemon/life.py::Daemon._drain": "nothing: it waits for loops to end",
    "daemon/ring.py::Everything._until": "nothing: it waits for an event",
    "daemon/working.py::Workshop.run": "work, whose coroutine was made with its options",
    "daemon/cluster.py::Worker.wait_for_stop": "nothing: it waits for an event",
    "storage/background.py::running_beside": "a coroutine that watches a connection",
    "storage/queue_engine.py::QueueEngine._one_life": "a job that was read from the queue, its options in it",
    "bootstrap/notifying.py::try_channels": "a test message",
    "pipeline/photo_listing.py::_ask_all": "provider and venue: a listing asks for no image, options do not matter",
    # threads
    "fetching/channels.py::_channel": "a message",
    "bootstrap/gauge_keeping.py::GaugeKeeper._look_at_disk": "the store's folder",
    "daemon/ring.py::Everything._has_room": "the store's folder",
    "pipeline/reporting/weekly_files.py::write_weekly_report": "the figures of a week",
    "storage/report_files.py::ReportFolder.keep": "a report",
    "fetching/resolver.py::GuardedResolver._look_up": "a host name",
    "storage/files.py::open_file_store": "the store's folder",
    "storage/files.py::LocalFileStore._hop": "keys and bodies; that equal bytes are rewritten needs no flag (D8)",
    "storage/remote.py::_bytes_of": "the path of a staged body",
    "storage/archive.py::PageArchive.keep": "a page that could not be read",
    "storage/embedded.py::_in_thread": "a call about the database server",
    "storage/dumping.py::dump": "a file to put in place",
    "storage/dumping.py::restore": "a file to prepare",
    # worker processes
    "imaging/inspector.py::PoolInspector.inspect": "body, settings, and the options as one JSON document",
    "reading/reader.py::PooledReader._read_in_worker": "source, listing and page: reading asks for no image",
    "workers/workforce.py::Workforce.perform": "whatever job it is handed, whole",
    "workers/pool.py::KillableWorkers._running_workforce": "nothing: workers are started",
    "workers/pool.py::KillableWorkers._replace": "nothing: workers are dismissed",
    "workers/pool.py::KillableWorkers.rest": "nothing: workers that idle are dismissed",
    "workers/pool.py::KillableWorkers.close": "nothing: workers are dismissed",
    # other programs
    "storage/cluster.py::_command_line_by_ps": "a process id",
    "storage/cluster.py::_run_initdb": "a data directory",
    "storage/dumping.py::_run": "a database's address",
    "storage/embedded_binaries.py::_version_of": "a program's path",
    "storage/keeper.py::Keeper._start": "the server's command line",
    "storage/server_use.py::ServerUse._launch_keeper": "the server's settings as JSON",
}
"""Each place that starts a task, a thread, a process or a job of a worker, and what crosses the border there (R24).

A new place adds its line here; where it acts on images, its options are an argument of the very call.
"""


# --- the options, everywhere -------------------------------------------------------------------------------------


def test_r15_r17_whoever_acts_on_images_takes_the_options() -> None:
    """R15, R17: each function of the pipeline that fetches, checks, puts or saves an image, however indirectly."""
    acting = image_calls.acting_on_images()
    assert len(acting) > 40
    without = {
        place
        for place, unit in acting.items()
        if "options" not in unit.parameters
        and not unit.holds_options
        and OPTIONS_INSIDE.get(place) not in unit.parameters
    }
    assert without == set()


@pytest.mark.parametrize(
    ("port", "method"),
    [
        (ports.Fetcher, "download_image"),
        (ports.ImageInspector, "inspect"),
        (ports.FileStore, "adopt"),
        (ports.Ledger, "clear_image"),
        (ports.Catalog, "save_detail"),
        (ports.PhotoLedger, "save_photo"),
        (ports.RunLog, "start_run"),
    ],
)
def test_r15_r17_ports_that_act_on_images_take_the_options(port: type, method: str) -> None:
    """R15, R17: the event store (`save_detail`) among them; nobody may leave them out."""
    options = inspect.signature(getattr(port, method)).parameters["options"]
    assert options.annotation == "RefreshOptions"
    assert options.default is inspect.Parameter.empty


def test_r12_details_are_visited_from_the_index_alone() -> None:
    """R12: the workers of a source's index walk, here or on other machines, and `verify-refresh` with its listing."""
    assert image_calls.callers_of("refresh_detail") == [
        "pipeline/index.py::_visit_one_by_one",
        "pipeline/portions.py::Portions._visit",
        "pipeline/verify.py::_in_child_task",
        "pipeline/verify.py::verify_refresh",
    ]


def test_r41_one_place_downloads_images() -> None:
    """R41: forced or not, slot, gallery or recovery; the witness of `verify-refresh` only watches."""
    assert image_calls.callers_of("download_image", "pipeline") == [
        "pipeline/downloading.py::_once",
        "pipeline/witness.py::_WatchedFetcher.download_image",
    ]


def test_r24_each_start_is_listed_with_what_crosses_it() -> None:
    """R24: a list of all borders, none forgotten and none that is gone."""
    assert {start.place for start in image_calls.starts()} == set(CROSSES)


def test_r16_r24_tasks_about_images_are_started_with_the_options() -> None:
    """R16, R24: the value is an argument of the call that starts the task, bound before the task runs."""
    acting = {unit.name for unit in image_calls.acting_on_images().values()}
    started = []
    for start in image_calls.starts():
        begun = start.call.args[0] if start.call.args else None
        if isinstance(begun, ast.Call) and ast.unparse(begun.func) in acting:
            started.append(start.place)
            assert "options" in {ast.unparse(argument) for argument in begun.args}, start.place
    assert len(started) >= 4


# --- what production code must not know, and what it must not need ------------------------------------------------


HOOKS: Final = re.compile(
    r"^\s*(from|import) (tests|support|pytest|unittest|hypothesis|respx|moto|flask)\b"
    r"|(?i:fail_?point|fault_inject|inject_fault|crash_lab)"
    r"|(?i:\b(is_|in_)?(testing|under_test|test_mode|test_run)\b\s*(:|=|\)|\.))"
    r"|PYTEST_|TRIVIA_TEST|sys\.modules.*pytest|pytest.*sys\.modules"
)


def test_r72_no_test_hooks_in_production_code() -> None:
    """R72: what a test exchanges is a parameter that production code passes too."""
    found = [
        f"{path.relative_to(image_calls.TREE)}:{number}: {line.strip()}"
        for path in sorted(image_calls.TREE.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if HOOKS.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "from support.house import House",
        "    import pytest",
        "if settings.testing:",
        "if TESTING:",
        "def adopt(self, under_test=False):",
        "fail_point('before rename')",
        'if "pytest" in sys.modules:',
        'if "PYTEST_CURRENT_TEST" in environment:',
    ],
)
def test_r72_a_planted_test_hook_is_caught(line: str) -> None:
    """R72: so that the look at the tree means something."""
    assert HOOKS.search(line)


BLOCKED_IMPORTS = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ImportError(name + " belongs to an extra")

sys.meta_path.insert(0, Blocked())
import trivia_scraper.bootstrap, trivia_scraper.pipeline.recovery, trivia_scraper.pipeline.cleanup
import trivia_scraper.storage.recovering, trivia_scraper.storage.cleaning, trivia_scraper.storage.quarantine
"""


def test_r194_recovery_and_cleanup_need_nothing_from_an_extra() -> None:
    """R194: every module of theirs loads where only the plain package is installed."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    asked = {re.split(r"[^A-Za-z0-9_-]", each)[0] for names in extras.values() for each in names}
    names = {each.replace("-", "_") for each in asked}
    assert {"obstore", "pytest"} <= names
    code = BLOCKED_IMPORTS.format(names=names)
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr


def test_r194_recovery_and_cleanup_are_on_without_any_configuration(tmp_path: Path) -> None:
    """R194, D5: no file, no variable, no key of a provider."""
    settings = settings_from({}, state_dir=tmp_path)
    assert settings.recovery.enabled
    assert (settings.cleanup.enabled, settings.cleanup.time, settings.cleanup.every) == (True, "04:00", "daily")
    assert not any(provider.enabled for provider in settings.providers.by_slug().values())


def test_r196_merge_retry_cleanup_and_statistics_have_tests() -> None:
    """R196: each requirement of the four parts (images.md 13) is named by a test."""
    parts = {"merge": (111, 116), "retry": (144, 164), "cleanup": (165, 174), "statistics": (175, 186)}
    untested = set(requirements.untested())
    left = {part: sorted(untested & {*range(first, last + 1)}) for part, (first, last) in parts.items()}
    assert left == {part: [] for part in parts}
