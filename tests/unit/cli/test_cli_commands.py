"""What each looking command shows and asks (operations.md 3)."""

from __future__ import annotations

import dataclasses
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.domain.directory import ImageView, VenueView
from trivia_scraper.sources import SOURCES
from unit.cli import cli_samples as samples


class TestVenues:
    def test_filters_are_handed_on(self, call, bootstrap):
        call("venues", "list", "--source", "question_one", "--city", "York", "--limit", "3")
        assert bootstrap.asked[-1] == ("venues", {"source": "question_one", "city": "York", "limit": 3})

    def test_list(self, call, bootstrap):
        bootstrap.venues = [samples.venue(), samples.venue("b", samples.HOSTILE_NAME)]
        ended = call("venues", "list")
        assert "Tue 19:30 (2, 4)" in ended.out
        assert len(ended.out.splitlines()) == 4
        assert "\x1b" not in ended.out
        assert ended.err == "2 venues\n"

    def test_json_has_the_field_names_of_the_view(self, call, bootstrap):
        bootstrap.venues = [samples.venue()]
        [venue] = call("venues", "list", "--json").document["venues"]
        assert list(venue) == [field.name for field in dataclasses.fields(VenueView)]
        assert venue["events"][0]["sources"][0]["last_seen_at"] == "2026-03-01T12:30:00Z"
        assert call("venues", "show", "the-crown", "--json").document["venue"] == venue

    def test_show(self, call, bootstrap):
        bootstrap.venues = [samples.venue()]
        written = call("venues", "show", "the-crown").out
        for fact in ("The Crown", "1 High St", "Europe/London", "2.50 GBP", "Ann", "https://q1.example/v/the-crown"):
            assert fact in written

    def test_unknown_slug_suggests(self, call, bootstrap):
        bootstrap.similar = ["the-crown", "the-crow"]
        ended = call("venues", "show", "the-crwn")
        assert ended.code == ExitCode.USAGE
        assert ended.err == "error: no venue 'the-crwn'\nhint: did you mean the-crown, the-crow?\n"


class TestImages:
    def test_filters_are_handed_on(self, call, bootstrap):
        call(
            "images", "list", "--owner", "a", "--source", "s", "--status", "failed", "--role", "hero", "--limit", "2"
        )
        expected = {"owner": "a", "source": "s", "status": "failed", "role": "hero", "limit": 2}
        assert bootstrap.asked[-1] == ("images", expected)

    def test_unknown_status_is_refused(self, call, bootstrap):
        assert call("images", "list", "--status", "broken").code == ExitCode.USAGE

    def test_o02_failure_is_shown_with_its_next_try(self, call, bootstrap):
        bootstrap.images, bootstrap.attempts = [samples.image()], [samples.attempt()]
        assert "not_found" in call("images", "list").out
        written = call("images", "show", "17").out
        for fact in (
            "not_found (404), retried 1 times",
            "404 Not Found",
            "next try   2026-03-01 12:30",
            "12.3 kB",
            "refresh",
        ):
            assert fact in written

    def test_json_has_the_field_names_of_the_view(self, call, bootstrap):
        bootstrap.images, bootstrap.attempts = [samples.image()], [samples.attempt()]
        [image] = call("images", "list", "--json").document["images"]
        assert list(image) == [field.name for field in dataclasses.fields(ImageView)]
        assert call("images", "show", "17", "--json").document["attempts"][0]["status_code"] == 404


class TestSources:
    def test_list_tells_what_can_be_read(self, call, monkeypatch):
        monkeypatch.setenv("TRIVIA__SOURCES__QUESTION_ONE__ENABLED", "false")
        rows = {row["slug"]: row for row in call("sources", "list", "--json").document["sources"]}
        assert {slug for slug, row in rows.items() if row["readable"]} == set(SOURCES)
        assert {slug for slug, row in rows.items() if row["enabled"]} == set(SOURCES) - {"question_one"}
        assert len(rows) == 6
        table = call("sources", "list").out
        assert "off" in table


class TestConfig:
    def test_show_origin_names_the_winner(self, call, monkeypatch):
        monkeypatch.setenv("TRIVIA__HTTP__CONTACT", "me@example.org")
        monkeypatch.setenv("TRIVIA_DATABASE_URL", "postgresql://app:c4nary@db/x")
        written = call("config", "show", "--origin").out
        assert 'http.contact = "me@example.org"' in written
        assert "# TRIVIA__HTTP__CONTACT" in written
        assert 'database.url = "***"' in written
        assert "c4nary" not in written

    def test_path_tells_what_was_read(self, call, folders):
        Path("config.toml").write_text("", encoding="utf-8")
        searched = call("config", "path", "--json").document["searched"]
        assert [Path(one["file"]).parent.name for one in searched] == ["machine", "trivia-scraper", "here"]
        assert [one["read"] for one in searched] == [False, False, True]
        assert call("config", "path").out.count("absent") == 2

    def test_check_tells_place(self, call):
        Path("config.toml").write_text("[http]\nports = [1\n", encoding="utf-8")
        ended = call("config", "check")
        assert ended.code == ExitCode.USAGE
        assert "config.toml:3:1: " in ended.err

    def test_schema_is_a_schema(self, call):
        schema = call("config", "schema", "--json").document["json_schema"]
        assert schema["additionalProperties"] is False
        assert "database" in schema["properties"]


class TestInit:
    def test_writes_what_loads(self, call):
        assert call("init").code == 0
        assert call("config", "check").code == 0
        assert call("config", "show", "--json").document["origins"]["http.contact"].endswith("config.toml")

    def test_refuses_to_overwrite(self, call):
        Path("mine.toml").write_text("# mine\n", encoding="utf-8")
        ended = call("init", "mine.toml")
        assert ended.code == ExitCode.USAGE
        assert "--force" in ended.err
        assert Path("mine.toml").read_text(encoding="utf-8") == "# mine\n"
        assert call("init", "mine.toml", "--force").code == 0
        assert "[database]" in Path("mine.toml").read_text(encoding="utf-8")

    def test_stdout_writes_no_file(self, call):
        assert "[database]" in call("init", "--stdout").out
        assert not Path("config.toml").exists()

    def test_makes_the_folder(self, call, folders):
        assert call("init", str(folders / "new" / "config.toml")).code == 0
        assert (folders / "new" / "config.toml").exists()

    def test_systemd_writes_config_and_units_for_this_interpreter(self, call):
        ended = call("init", "--systemd", "--dir", "units")
        assert ended.out.splitlines() == [
            "wrote units/config.toml", "wrote units/trivia-scraper.service", "wrote units/trivia-scraper.socket"
        ]  # fmt: skip
        assert "systemctl enable" in ended.err
        service = Path("units/trivia-scraper.service").read_text(encoding="utf-8")
        assert f"\nExecStart={sys.executable} -m trivia_scraper daemon\n" in service
        assert call("--config", "units/config.toml", "config", "check").code == 0

    def test_systemd_overwrites_nothing_and_with_force_the_units_only(self, call):
        assert call("init", "--systemd", "--dir", "units").code == 0
        Path("units/config.toml").write_text("# mine\n", encoding="utf-8")
        Path("units/trivia-scraper.socket").unlink()
        Path("units/trivia-scraper.service").write_text("# mine\n", encoding="utf-8")
        refused = call("init", "--systemd", "--dir", "units")
        assert refused.code == ExitCode.USAGE
        assert "units/trivia-scraper.service exists" in refused.err
        assert not Path("units/trivia-scraper.socket").exists(), "all or nothing"
        forced = call("init", "--systemd", "--dir", "units", "--force", "--json").document
        assert forced["kept"] == ["units/config.toml"]
        assert Path("units/config.toml").read_text(encoding="utf-8") == "# mine\n"
        assert "[Service]" in Path("units/trivia-scraper.service").read_text(encoding="utf-8")

    def test_systemd_stdout_is_the_service_and_writes_no_file(self, call, folders):
        assert "\nType=notify\n" in call("init", "--systemd", "--stdout").out
        assert list(Path.cwd().glob("*.service")) == []

    def test_dir_without_systemd_is_a_mistake(self, call):
        assert call("init", "--dir", "units").code == ExitCode.USAGE
        assert not Path("units").exists()


class TestDb:
    def test_check_problems_are_exit_3(self, call, bootstrap):
        bootstrap.problems = ["image 3: no file"]
        ended = call("db", "check")
        assert (ended.code, ended.out) == (ExitCode.SOME_FAILED, "image 3: no file\n1 problems\n")
        document = call("db", "check", "--json").document
        assert document == {"schema": 1, "ok": False, "problems": ["image 3: no file"], "pending": []}

    def test_url_hides_a_servers_password(self, call, bootstrap, monkeypatch):
        monkeypatch.setenv("TRIVIA_DATABASE_URL", "postgresql://app:c4nary@db/x")
        assert call("db", "url").out == "postgresql://app:***@db.example/trivia\n"

    def test_url_of_the_embedded_server_is_whole(self, call, bootstrap):
        bootstrap.url = "postgresql://postgres@/postgres?host=/run/x"
        assert call("db", "url").out == bootstrap.url + "\n"

    @pytest.mark.parametrize("dry_run", [True, False])
    def test_migrate(self, call, bootstrap, dry_run):
        words = ("--dry-run",) if dry_run else ()
        assert call("db", "migrate", *words).out == f"{'would apply' if dry_run else 'applied'} 0001_the_directory\n"
        assert bootstrap.asked == [("migrate", {"dry_run": dry_run})]

    def test_dump(self, call, bootstrap):
        assert call("db", "dump", "a.dump").out == "wrote a.dump (4 B)\n"

    def test_o31_restore_needs_yes_where_nobody_can_answer(self, call, bootstrap, monkeypatch):
        Path("a.dump").write_bytes(b"dump")
        monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
        assert call("db", "restore", "a.dump").code == ExitCode.USAGE
        assert call("db", "restore", "a.dump", "--dry-run").code == 0
        assert bootstrap.asked == []
        assert call("db", "restore", "a.dump", "--yes").code == 0
        assert bootstrap.asked == [("restore", {"file": Path("a.dump")})]

    def test_o31_restore_asks_on_a_terminal(self, call, bootstrap, monkeypatch):
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        Path("a.dump").write_bytes(b"dump")
        monkeypatch.setattr("sys.stdin", Terminal("n\n"))
        assert call("db", "restore", "a.dump").code == ExitCode.INTERRUPTED
        assert bootstrap.asked == []
        monkeypatch.setattr("sys.stdin", Terminal("y\n"))
        assert call("db", "restore", "a.dump").code == 0
        assert bootstrap.asked == [("restore", {"file": Path("a.dump")})]


class TestDoctor:
    def checks(self, ended) -> dict[str, str]:
        return {check["name"]: check["verdict"] for check in ended.document["checks"]}

    def test_a_sound_installation(self, call, bootstrap, monkeypatch):
        monkeypatch.setenv("TRIVIA__HTTP__CONTACT", "me@example.org")
        ended = call("doctor", "--json")
        assert set(self.checks(ended).values()) == {"ok"}
        assert set(self.checks(ended)) == {
            "python", "config files", "settings", "state folder", "image store", "free space", "embedded PostgreSQL",
            "contact", "sources", "database", "embedded user", "free files", "web", "schedule", "pooler", "clock",
            "store lock",
        }  # fmt: skip
        assert [name for name, _ in bootstrap.asked] == ["status", "issues", "facts"]

    @pytest.mark.parametrize(
        ("variable", "value", "name", "verdict"),
        [
            ("TRIVIA__HTTP__CONTACT", "", "contact", "warn"),
            ("TRIVIA__HTTP__PROXY", "http://127.0.0.1:3128", "proxy", "warn"),
            ("TRIVIA__STORAGE__MIN_FREE", "900000 GB", "free space", "fail"),
            ("TRIVIA__STORAGE__PATH", "/dev/null/images", "image store", "fail"),
            ("TRIVIA__DATABASE__EMBEDDED_BIN_DIR", "/nowhere", "embedded PostgreSQL", "fail"),
            ("TRIVIA__HTTP__PORTS", "x", "settings", "fail"),
            ("TRIVIA__WEB__LISTEN", "0.0.0.0:8321", "web", "fail"),
            ("NOTIFY_SOCKET", "/nowhere/notify", "systemd", "warn"),
        ],
    )
    def test_what_is_wrong_is_named_with_what_to_do(
        self, call, bootstrap, monkeypatch, variable, value, name, verdict
    ):
        monkeypatch.setenv(variable, value)
        ended = call("doctor", "--json")
        assert self.checks(ended)[name] == verdict
        assert ended.code == (ExitCode.DOCTOR if verdict == "fail" else ExitCode.OK)
        assert ended.document["ok"] is (verdict != "fail")
        assert f"{verdict:<5} {name}: " in call("doctor").out

    def test_pending_migrations_are_a_warning(self, call, bootstrap):
        bootstrap.pending = ["0002"]
        assert self.checks(call("doctor", "--json"))["database"] == "warn"

    def test_leaves_no_probe_behind(self, call, bootstrap, folders):
        call("doctor")
        assert [path for path in (folders / "state").rglob("*") if path.is_file()] == []


def test_reader_that_leaves_is_no_error(folders):
    """`trivia-scraper … | head -1`: a closed pipe ends quietly."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    ended = subprocess.run(
        [sys.executable, "-m", "trivia_scraper", "config", "schema"],
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write_end)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_doctor_tells_what_waits_for_a_person(call, bootstrap):
    bootstrap.issues = [
        {
            "kind": "mass_disappearance",
            "source": "question_one",
            "subject": "question_one",
            "message": "4 of 12 gone",
        },
        {"kind": "look_alike", "source": "question_one", "subject": "the-crown-2", "message": "same place?"},
    ]
    checks = {check["detail"]: check for check in call("doctor", "--json").document["checks"]}
    assert checks["4 of 12 gone"]["verdict"] == "warn"
    assert checks["4 of 12 gone"]["next"] == "trivia-scraper sources release question_one"
    assert checks["same place?"]["next"] == "trivia-scraper venues show the-crown-2"
