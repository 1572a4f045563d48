"""deploy/: units that systemd accepts, and files that say what is true of the program (operations.md 5)."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.main import COMMANDS
from trivia_scraper.cli.systemd_units import (
    SERVICE,
    SOCKET,
    UNIT_CONFIG,
    shipped_unit,
    unit_word,
    units_for,
    why_hidden,
)
from trivia_scraper.settings import settings_from
from trivia_scraper.settings.origins import SECRETS

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")


def section(name: str, of: str = SERVICE) -> dict[str, list[str]]:
    """One section of a unit as shipped: key → values, in their order."""
    found: dict[str, list[str]] = {}
    here = ""
    for line in shipped_unit(of).splitlines():
        if line.startswith("["):
            here = line.strip("[]")
        elif here == name and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def analyze(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words], cwd=cwd, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("name", [SERVICE, SOCKET])
def test_deploy_has_the_very_units_that_init_writes(name: str) -> None:
    assert (DEPLOY / name).read_text(encoding="utf-8") == shipped_unit(name)


@needs_systemd
def test_systemd_has_nothing_to_say_of_the_units(tmp_path: Path) -> None:
    """Both as `init --systemd` writes them, with an interpreter that is there, so that nothing else can be said."""
    for name, text in units_for("/bin/sh").items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    verified = analyze("verify", f"./{SERVICE}", f"./{SOCKET}", cwd=tmp_path)
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")


@needs_systemd
def test_systemd_would_speak_up(tmp_path: Path) -> None:
    """The silence above means something."""
    (tmp_path / SERVICE).write_text(shipped_unit(SERVICE).replace("KillMode=mixed", "KillMode=gently"))
    assert "kill mode" in analyze("verify", f"./{SERVICE}", cwd=tmp_path).stderr


@needs_systemd
def test_exposure_is_at_most_one_and_a_half() -> None:
    judged = analyze("security", "--offline=true", "--threshold=15", "--no-pager", f"./{SERVICE}", cwd=DEPLOY)
    exposure = re.search(rf"exposure level for {re.escape(SERVICE)}: ([0-9.]+)", judged.stdout)
    assert exposure is not None, judged.stderr
    assert float(exposure[1]) <= 1.5
    assert judged.returncode == 0


def test_restarts_are_prevented_by_the_codes_that_need_a_person() -> None:
    prevented = {int(code) for code in section("Service")["RestartPreventExitStatus"][0].split()}
    assert prevented == {ExitCode.USAGE, ExitCode.DATABASE, ExitCode.LOCKED, ExitCode.CREDENTIALS}


def test_time_to_stop_is_longer_than_the_grace(tmp_path: Path) -> None:
    grace = settings_from({}, state_dir=tmp_path).daemon.shutdown_grace_seconds
    assert int(section("Service")["TimeoutStopSec"][0]) >= grace + 20


def test_every_secret_has_its_credential_and_none_is_required() -> None:
    named = re.findall(
        r"^(#?)LoadCredential=([a-z0-9-]+):/etc/trivia-scraper/\2$", shipped_unit(SERVICE), re.MULTILINE
    )
    assert sorted(secret for _, secret in named) == sorted(SECRETS)
    assert {mark for mark, _ in named} == {"#"}, "the unit starts without a credential file"


def test_socket_unit_listens_where_the_settings_do(tmp_path: Path) -> None:
    listen = settings_from({}, state_dir=tmp_path).web.listen
    assert section("Socket", SOCKET)["ListenStream"] == [listen], "one descriptor: the first one serves"


def test_config_is_written_where_the_unit_reads_it() -> None:
    assert Path("/etc", section("Service")["ConfigurationDirectory"][0], "config.toml") == UNIT_CONFIG


def test_unit_is_started_by_this_interpreter() -> None:
    units = units_for("/opt/trivia scraper/100%/bin/python")
    starts = [line for line in units[SERVICE].splitlines() if line.startswith("ExecStart=")]
    assert starts == ['ExecStart="/opt/trivia scraper/100%%/bin/python" -m trivia_scraper daemon']
    assert units[SERVICE].replace(starts[0], "") == shipped_unit(SERVICE).replace(
        f"ExecStart={section('Service')['ExecStart'][0]}", ""
    )


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("/opt/x/bin/python3.11", "/opt/x/bin/python3.11"),
        ("/opt/a b/python", '"/opt/a b/python"'),
        ('/opt/"a"\\b', '"/opt/\\"a\\"\\\\b"'),
        ("/opt/%n", '"/opt/%%n"'),
    ],
)
def test_unit_word(text: str, word: str) -> None:
    assert unit_word(text) == word


@pytest.mark.parametrize(
    ("interpreter", "folder"),
    [
        ("/home/ada/.venv/bin/python", "/home"),
        ("/root/x/bin/python", "/root"),
        ("/nonexistent/trivia-scraper/bin/python", ""),
        ("/homestead/bin/python", ""),
    ],
)
def test_interpreter_that_the_sandbox_hides_is_told(interpreter: str, folder: str) -> None:
    assert (f"into {folder}," in why_hidden(interpreter)) if folder else (why_hidden(interpreter) == "")


class TestContainer:
    TEXT = (DEPLOY / "Containerfile").read_text(encoding="utf-8")

    def test_everything_that_is_copied_is_there(self) -> None:
        copied = [word for line in re.findall(r"^COPY (.+) \S+$", self.TEXT, re.MULTILINE) for word in line.split()]
        assert "requirements.lock" in copied
        assert [word for word in copied if not (ROOT / word).exists()] == []

    def test_extras_are_those_of_the_package(self) -> None:
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        (named,) = re.findall(r"trivia-scraper\[([a-z0-9,]+)\]", self.TEXT)
        assert set(named.split(",")) == set(extras) - {"dev"}

    def test_downloads_are_hash_checked_and_the_last_stage_downloads_nothing(self) -> None:
        first, last = self.TEXT.split("\nFROM ")[1:]
        assert "--require-hashes --only-binary :all:" in first
        assert all("--no-index" in line for line in re.findall(r"pip (?:install|wheel) .*", first + last))
        assert "pip download" not in last

    def test_commands_exist_and_the_user_is_not_root(self) -> None:
        health = re.search(r'CMD \["trivia-scraper", "([a-z]+)", "--check"\]', self.TEXT)
        command = re.search(r'^CMD \["([a-z]+)"\]$', self.TEXT, re.MULTILINE)
        assert health is not None
        assert command is not None
        assert {health[1], command[1]} <= set(COMMANDS)
        assert re.search(r"^USER trivia-scraper$", self.TEXT, re.MULTILINE)
