"""What every command promises: exit codes, JSON well and badly, streams, help (operations.md 3, O28–O33)."""

from __future__ import annotations

import importlib
import json
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from trivia_scraper.cli.exit_codes import MEANINGS, ExitCode
from trivia_scraper.cli.main import COMMANDS, cli
from trivia_scraper.domain import errors
from trivia_scraper.domain.options import RefreshOptions
from unit.cli import cli_samples as samples

REPOSITORY = Path(__file__).parents[3]


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something: groups are walked into."""
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                yield (name,), command
            yield from (((name, inner), found) for inner, found in command.commands.items())
        else:
            yield (name,), command


PATHS = [path for path, _ in commands()]

# Enough words that the command does its work, and what makes it fail, with the exit code of that failure.
WELL = {
    ("run",): (),
    ("daemon",): (),
    ("retry",): ("--all-due",),
    ("enrich",): ("--venue", "the-crown", "--retry-failed-only"),
    ("verify-refresh",): ("--venue", "the-crown"),
    ("init",): (),
    ("config", "check"): (),
    ("config", "show"): ("--origin",),
    ("config", "path"): (),
    ("config", "schema"): (),
    ("doctor",): (),
    ("db", "migrate"): ("--dry-run",),
    ("db", "status"): (),
    ("db", "check"): (),
    ("db", "url"): (),
    ("db", "dump"): ("backup.dump",),
    ("db", "restore"): ("given.dump", "--yes"),
    ("sources", "list"): (),
    ("sources", "add"): (
        "https://lantern.example/quizzes/",
        "--file",
        str(REPOSITORY / "tests/unit/sources/detecting_fixtures/cards.html"),
    ),
    ("sources", "test"): (
        "question_one",
        "--file",
        str(REPOSITORY / "tests/sources/question_one/archive-plain.html"),
    ),
    ("sources", "release"): ("question_one",),
    ("sources", "pause"): ("question_one", "--why", "they asked us"),
    ("sources", "resume"): ("question_one",),
    ("venues", "list"): (),
    ("venues", "show"): ("the-crown",),
    ("venues", "duplicates"): (),
    ("venues", "merge"): ("the-crown", "crown-inn"),
    ("venues", "unmerge"): ("crown-inn",),
    ("venues", "not-duplicate"): ("the-crown", "crown-inn"),
    ("venues", "history"): ("the-crown",),
    ("venues", "explain"): ("the-crown",),
    ("venues", "identify"): ("the-crown", "google_places", "ChIJ-1"),
    ("images", "list"): (),
    ("images", "show"): ("17",),
    ("images", "import"): (str(REPOSITORY / "tests/scenario/older_images.jsonl"), "--dry-run"),
    ("cleanup",): ("--yes",),
    ("cleanup", "undo"): ("7",),
    ("cleanup", "list"): (),
    ("stats", "failures"): (),
    ("stats", "breakdown"): (),
    ("stats", "candidates"): (),
    ("stats", "summary"): (),
    ("stats", "priority"): (),
    ("stats", "quality"): (),
    ("review", "list"): (),
    ("review", "patterns"): (),
    ("review", "delete"): ("17", "--dry-run"),
    ("review", "recategorise"): ("17", "--as", "gone", "--dry-run"),
    ("review", "force-retry"): ("17", "--dry-run"),
    ("review", "restore"): ("17", "--dry-run"),
    ("review", "history"): (),
    ("status",): (),
    ("report", "freshness"): (),
    ("report", "weekly"): (),
    ("report", "last"): (),
    ("report", "run"): ("00000000",),
    ("demo",): (),
    ("parse", "schedule"): ("Tuesdays at 8pm",),
    ("parse", "fee"): ("£2",),
    ("parse", "address"): ("1 High Street, Leeds, LS1 1AA",),
    ("parse", "name"): ("The Crown",),
}


# A schema and a template are the same whatever the settings are; the demo has settings of its own.
IGNORING_SETTINGS = (("demo",), ("init",), ("config", "schema"), *(path for path in WELL if path[0] == "parse"))


@pytest.fixture
def world(bootstrap, folders, monkeypatch):
    """A directory with one venue and one image, a run that reports one source, a verification that holds."""
    bootstrap.venues = [samples.venue()]
    bootstrap.images = [samples.image()]
    bootstrap.attempts = [samples.attempt()]
    (folders / "here" / "given.dump").write_bytes(b"dump")
    run = importlib.import_module("trivia_scraper.pipeline.run")
    verify = importlib.import_module("trivia_scraper.pipeline.verify")
    recovery = importlib.import_module("trivia_scraper.pipeline.recovery")
    enriching = importlib.import_module("trivia_scraper.pipeline.enriching_many")

    async def refresh(options, services):
        return samples.report(options=options)

    async def verify_refresh(venue, url, passes, services):
        return verify.VerifyReport("https://q1.example/", (verify.VerifyStep("file exists", True, "yes"),))

    async def recover(request, options, services):
        return samples.recovery(request=request, options=options)

    async def enrich_venues(options, services, *, told):
        return samples.enrichment(options=options)

    monkeypatch.setattr(enriching, "enrich_venues", enrich_venues)
    monkeypatch.setattr(run, "refresh", refresh)
    monkeypatch.setattr(recovery, "recover", recover)
    monkeypatch.setattr(verify, "verify_refresh", verify_refresh)
    cleanup = importlib.import_module("trivia_scraper.pipeline.cleanup")
    undoing = importlib.import_module("trivia_scraper.pipeline.undoing")

    async def clean_up(holder, request, options, services):
        return samples.cleanup()

    async def undo_cleanup(run, options, services):
        return samples.undo()

    daemon = importlib.import_module("trivia_scraper.cli.daemon")

    async def live(*_: object) -> str:
        return "SIGTERM"

    monkeypatch.setattr(daemon, "_live", live)
    monkeypatch.setattr(cleanup, "clean_up_when_due", clean_up)
    monkeypatch.setattr(undoing, "undo_cleanup", undo_cleanup)
    return bootstrap


@pytest.fixture
def demo_run(monkeypatch):
    run = pytest.importorskip("trivia_scraper.demo.run", exc_type=ImportError)
    monkeypatch.setattr(run, "run_demo", lambda folder, *, keep, output: output.write("story\n") and 0)


def test_every_command_is_in_these_tests():
    assert set(WELL) == set(PATHS)


@pytest.mark.parametrize("path", [path for path in PATHS if path != ("demo",)], ids=" ".join)
@pytest.mark.parametrize("position", ["before", "after"])
def test_o28_json_well(call, world, path, position):
    words = ("--json", *path, *WELL[path]) if position == "before" else (*path, *WELL[path], "--json")
    ended = call(*words)
    assert ended.code == 0, ended.err
    assert ended.document["ok"] is True


def test_o28_json_well_demo(call, demo_run):
    ended = call("demo", "--json")
    assert ended.document["ok"] is True
    assert "story" in ended.err


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_o28_json_on_a_usage_error(call, path):
    ended = call(*path, "--json", "--no-such-option")
    assert ended.code == ExitCode.USAGE
    assert ended.document["ok"] is False
    assert ended.document["error"]["code"] == "usage"
    assert "--no-such-option" in ended.document["error"]["message"]


@pytest.mark.parametrize("path", [path for path in PATHS if path not in IGNORING_SETTINGS], ids=" ".join)
def test_o28_json_on_a_broken_setting(call, world, folders, path):
    broken = folders / "broken.toml"
    broken.write_text("[http]\nkontact = 1\n", encoding="utf-8")
    ended = call(*path, *WELL[path], "--json", "--config", str(broken))
    assert ended.document["ok"] is False
    if path == ("doctor",):
        assert ended.code == ExitCode.DOCTOR
    else:
        assert ended.code == ExitCode.USAGE
        assert ended.document["error"]["code"] == "configuration"
        assert f"{broken}:2:1" in ended.document["error"]["message"]


ASKERS = (
    "run",
    "cleanup",
    "retry",
    "enrich",
    "verify-refresh",
    "db",
    "venues",
    "images",
    "stats",
    "review",
    "status",
    "report",
)
ASKING = [path for path in PATHS if path[0] in ASKERS]


@pytest.mark.parametrize("path", ASKING, ids=" ".join)
@pytest.mark.parametrize(
    ("failure", "exit_code", "code"),
    [
        (errors.DatabaseUnreachable("no server", hint="start it"), ExitCode.DATABASE, "db_unreachable"),
        (errors.SchemaTooNew("schema 99"), ExitCode.DATABASE, "schema_too_new"),
        (errors.InstanceLocked("held by 7"), ExitCode.LOCKED, "instance_locked"),
        (errors.CredentialsMissing("refused"), ExitCode.CREDENTIALS, "credentials_missing"),
        (errors.StorageFull("full"), ExitCode.STORAGE, "storage_full"),
        (errors.StorageUnavailable("gone"), ExitCode.STORAGE, "storage_unavailable"),
        (errors.SetupError("no binaries"), ExitCode.USAGE, "configuration"),
        (errors.PageUnreachable("no answer"), ExitCode.SOME_FAILED, "network_error"),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, "interrupted"),
        (ZeroDivisionError("oops"), ExitCode.BUG, "bug"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_o28_json_on_a_failure_below(call, world, path, failure, exit_code, code):
    world.failure = failure
    ended = call(*path, *WELL[path], "--json")
    assert ended.code == exit_code
    assert ended.document["error"]["code"] == code
    assert set(ended.document["error"]) == {"code", "message", "hint"}
    assert ("Traceback" in ended.err) is (code == "bug")


class TestErrors:
    """O33: what, where, next command; a traceback only for a bug or with -vv."""

    def test_expected_failure_is_two_lines(self, call, world):
        world.failure = errors.DatabaseUnreachable("no server on db.example", hint="trivia-scraper db status")
        ended = call("venues", "list")
        assert ended.out == ""
        assert ended.err == "error: no server on db.example\nhint: trivia-scraper db status\n"

    def test_vv_adds_the_traceback(self, call, world):
        world.failure = errors.DatabaseUnreachable("no server")
        assert "Traceback" in call("venues", "list", "-vv").err
        assert "Traceback" in call("-v", "venues", "list", "-v").err
        assert "Traceback" not in call("venues", "list", "-v").err

    def test_bug_asks_for_a_report(self, call, world):
        world.failure = ZeroDivisionError("postgresql://app:c4nary@db/x")
        ended = call("venues", "list")
        assert ended.code == ExitCode.BUG
        assert "Traceback" in ended.err
        assert "report" in ended.err
        assert "c4nary" not in ended.err

    def test_secret_in_a_message_is_masked(self, call, world):
        world.failure = errors.DatabaseUnreachable("postgresql://app:c4nary@db/x", hint="try https://u:c4nary@h/")
        ended = call("venues", "list", "--json")
        assert "c4nary" not in ended.out + ended.err

    def test_scraped_text_in_a_message_cannot_forge_a_line(self, call, world):
        world.failure = errors.SetupError("no venue \x1b[31mx")
        assert "\x1b" not in call("venues", "list").err

    def test_group_of_one_is_that_one(self, call, world):
        world.failure = ExceptionGroup("tasks", [ExceptionGroup("inner", [errors.StorageFull("full")])])
        assert call("run").code == ExitCode.STORAGE

    @pytest.mark.parametrize(
        ("words", "meant"),
        [
            (("rn",), "'run'"),
            (("venus", "list"), "'venues'"),
            (("config", "chek"), "'check'"),
            (("run", "--force-refresh-image"), "--force-refresh-images"),
            (("run", "--source", "question-one"), "'question_one'"),
        ],
    )
    def test_o32_unknown_word_suggests_the_nearest(self, call, world, words, meant):
        ended = call(*words)
        assert ended.code == ExitCode.USAGE
        assert meant in ended.err
        assert ended.out == ""


class TestHelp:
    @pytest.mark.parametrize(
        "path", [(), *((name,) for name in COMMANDS), *PATHS], ids=lambda path: " ".join(path) or "root"
    )
    def test_o32_examples_first_endings_last(self, call, path):
        ended = call(*path, "--help")
        assert ended.code == 0
        heads = re.findall(r"^([A-Z][^\n:]*):", ended.out, re.MULTILINE)
        assert heads[:2] == ["Usage", "Examples"]
        assert heads[-2:] == ["Exit codes", "Environment"]
        for code, meaning in MEANINGS.items():
            assert re.search(rf"^\s+{code.value}  {re.escape(meaning)}$", ended.out, re.MULTILINE)

    def test_every_code_has_a_meaning(self):
        assert set(MEANINGS) == set(ExitCode)

    def test_docs_have_the_same_table(self):
        text = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| (\d+) \| (.+) \|$", text, re.MULTILINE)
        assert {int(code): meaning for code, meaning in rows} == {code.value: text for code, text in MEANINGS.items()}

    def test_docs_name_every_command(self):
        text = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
        for path in PATHS:
            assert f"| `{' '.join(path)}" in text

    def test_root_help_tells_what_the_commands_tell(self):
        context = click.Context(cli)
        for name, (_, summary) in COMMANDS.items():
            assert cli.get_command(context, name).short_help == summary

    def test_examples_are_commands_that_exist(self):
        for path, command in commands():
            assert command.examples, path
            for example in command.examples:
                assert example.startswith(("trivia-scraper " + " ".join(path),)), example

    def test_group_without_command_is_a_usage_error(self, call):
        assert call("config").code == ExitCode.USAGE
        assert call("config", "--json").document["error"]["code"] == "usage"
        assert call("--json").document["error"]["code"] == "usage"


class TestHelpIsCheap:
    """operations.md 13: `--help` costs at most 150 ms CPU; the imports are what it hangs on."""

    HEAVY = ("pydantic", "pydantic_settings", "rich", "structlog", "asyncpg", "httpx", "aiohttp", "PIL")

    @pytest.mark.parametrize("words", [("--help",), ("run", "--help"), ("venues", "list", "--help"), ("--version",)])
    def test_imports_nothing_heavy(self, words):
        script = (
            "import json, sys\n"
            "from trivia_scraper.cli import run_command_line\n"
            f"run_command_line({list(words)!r})\n"
            f"print(json.dumps([name for name in {self.HEAVY!r} if name in sys.modules]), file=sys.stderr)\n"
        )
        ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert json.loads(ended.stderr) == []

    @pytest.mark.parametrize("words", [("--help",), ("run", "--help")])
    def test_cpu_time(self, words):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for _ in range(5):
            subprocess.run([sys.executable, "-m", "trivia_scraper", *words], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        assert spent / 5 < 0.150


class TestGlobalOptions:
    def test_version(self, call):
        from trivia_scraper import __version__

        assert call("--version").out == f"trivia-scraper {__version__}\n"
        assert call("--json", "--version").document["version"] == __version__

    def test_config_is_repeatable_and_stands_anywhere(self, call, folders):
        for name, value in (("a", 2), ("b", 3), ("c", 4)):
            (folders / f"{name}.toml").write_text(f"[refresh]\nconcurrency = {value}\n", encoding="utf-8")
        a, b, c = (str(folders / f"{name}.toml") for name in "abc")
        ended = call("--config", a, "config", "--config", b, "show", "--config", c, "--json")
        assert ended.document["settings"]["refresh.concurrency"] == 4
        assert ended.document["origins"]["refresh.concurrency"] == c

    @pytest.mark.parametrize(
        "words", [("--log-level", "debug", "venues", "list"), ("venues", "list", "--log-level", "debug")]
    )
    def test_log_level_stands_anywhere(self, call, world, words):
        assert "settings.loaded" in call(*words).err
        assert "settings.loaded" not in call("venues", "list").err

    @pytest.mark.parametrize("format", ["json", "journal"])
    def test_log_format(self, call, world, format):
        line = call("-v", "--log-format", format, "venues", "list").err.splitlines()[0]
        assert json.loads(line.removeprefix("<7>"))["event"] == "settings.loaded"
        assert line.startswith("<7>") is (format == "journal")

    def test_process_flags_have_environment_twins(self, call, world, folders, monkeypatch):
        (folders / "env.toml").write_text("[refresh]\nconcurrency = 5\n", encoding="utf-8")
        monkeypatch.setenv("TRIVIA_CONFIG", str(folders / "env.toml"))
        monkeypatch.setenv("TRIVIA_JSON", "1")
        monkeypatch.setenv("TRIVIA_LOG_LEVEL", "debug")
        ended = call("config", "show")
        assert ended.document["settings"]["refresh.concurrency"] == 5
        assert "settings.loaded" in call("venues", "list").err
        assert call("venues", "lst").document["error"]["code"] == "usage"

    def test_command_flags_have_environment_twins(self, call, world, monkeypatch):
        monkeypatch.setenv("TRIVIA_DB_MIGRATE_DRY_RUN", "1")
        assert call("db", "migrate", "--json").document["dry_run"] is True

    def test_flags_that_build_refresh_options_have_none(self, call, monkeypatch, world):
        seen = []

        async def refresh(options, services):
            seen.append(options)
            return samples.report(options=options)

        monkeypatch.setattr("trivia_scraper.pipeline.run.refresh", refresh)
        run = cli.get_command(click.Context(cli), "run")
        fields = set(RefreshOptions.model_fields) - {"providers"}
        flags = [parameter for parameter in run.params if parameter.name in fields]
        assert {flag.name for flag in flags} == fields
        for flag in flags:
            for name in {flag.name, max(flag.opts, key=len).strip("-").replace("-", "_")}:
                monkeypatch.setenv(f"TRIVIA_RUN_{name.upper()}", "1")
                monkeypatch.setenv(f"TRIVIA_{name.upper()}", "1")
        assert call("run").code == 0
        assert seen == [samples.options()]
