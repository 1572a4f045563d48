"""Order, origins, mistakes and secrets of the settings (operations.md 4)."""

from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path

import pytest
from pydantic import ValidationError

from trivia_scraper.domain.errors import CredentialsMissing, SetupError
from trivia_scraper.settings import LoadedSettings, load_settings, settings_from, shown_values

CANARY = "c4nary-s3cret"
DSN = f"postgresql://app:{CANARY}@db.example/trivia"


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, str]:
    """An environment whose folders are all empty and ours."""
    for name in ("machine", "user", "state", "here", "credentials"):
        (tmp_path / name).mkdir()
    return {
        "CONFIGURATION_DIRECTORY": str(tmp_path / "machine"),
        "XDG_CONFIG_HOME": str(tmp_path / "user"),
        "STATE_DIRECTORY": str(tmp_path / "state"),
    }


@pytest.fixture
def load(folders, tmp_path):
    def load(environment: dict[str, str] | None = None, config_files=()) -> LoadedSettings:
        return load_settings(
            environment=folders | (environment or {}), config_files=config_files, working_directory=tmp_path / "here"
        )

    return load


@pytest.fixture
def config_file(tmp_path):
    def write(text: str, name: str = "given.toml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def refusal(load, *files: Path, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(SetupError) as caught:
        load(environment, files)
    return caught.value.message


class TestOrder:
    """Later wins, and `origins` names the winner."""

    def test_without_anything_all_is_default(self, load):
        loaded = load()
        assert set(loaded.origins.values()) == {"default"}
        assert loaded.files == ()
        assert loaded.settings.refresh.freshness == dt.timedelta(days=5)

    def test_each_layer_beats_the_one_before(self, load, config_file, tmp_path):
        environment: dict[str, str] = {}
        expected = []
        steps = [
            ("machine/config.toml", 2, False),
            ("user/trivia-scraper/config.toml", 3, False),
            ("here/config.toml", 4, False),
            ("first.toml", 5, True),
            ("second.toml", 6, True),
        ]
        given: list[Path] = []
        for name, value, is_given in steps:
            path = config_file(f"[refresh]\nconcurrency = {value}\n", name)
            given += [path] if is_given else []
            loaded = load(environment, given)
            expected.append(path)
            assert loaded.settings.refresh.concurrency == value
            assert loaded.origins["refresh", "concurrency"] == str(path)
            assert loaded.files == tuple(expected)
        loaded = load({"TRIVIA__REFRESH__CONCURRENCY": "7"}, given)
        assert loaded.settings.refresh.concurrency == 7
        assert loaded.origins["refresh", "concurrency"] == "TRIVIA__REFRESH__CONCURRENCY"

    def test_layers_merge_key_by_key(self, load, config_file):
        first = config_file('[http]\ncontact = "a@example.org"\nmax_ratio = 3\n', "a.toml")
        second = config_file("[http]\nmax_ratio = 4\n[sources.question_one]\nenabled = false\n", "b.toml")
        loaded = load({"TRIVIA__SOURCES__QUESTION_ONE__INDEX_URL": "http://127.0.0.1:1/"}, [first, second])
        assert loaded.settings.http.contact == "a@example.org"
        assert loaded.settings.http.max_ratio == 4
        assert loaded.settings.sources.question_one.enabled is False
        assert loaded.settings.sources.question_one.index_url == "http://127.0.0.1:1/"
        assert loaded.origins["http", "contact"] == str(first)
        assert loaded.origins["sources", "question_one", "enabled"] == str(second)

    def test_named_file_must_exist(self, load, tmp_path):
        assert str(tmp_path / "absent.toml") in refusal(load, tmp_path / "absent.toml")


class TestEnvironment:
    @pytest.mark.parametrize(
        ("variable", "text", "read", "expected"),
        [
            ("TRIVIA__HTTP__PORTS", "[80, 8000]", lambda s: s.http.ports, (80, 8000)),
            ("TRIVIA__HTTP__RESPECT_ROBOTS", "false", lambda s: s.http.respect_robots, False),
            ("TRIVIA__HTTP__CONTACT", "123", lambda s: s.http.contact, "123"),
            ("TRIVIA__HTTP__MAX_PAGE_BYTES", "5 MiB", lambda s: s.http.max_page_bytes, 5 << 20),
            ("TRIVIA__IMAGES__MIN_BYTES", "7", lambda s: s.images.min_bytes, 7),
            ("TRIVIA__IMAGES__REVALIDATE_AFTER", "never", lambda s: s.images.revalidate_after, None),
            ("TRIVIA__IMAGES__REVALIDATE_AFTER", "always", lambda s: s.images.revalidate_after, dt.timedelta(0)),
            ("TRIVIA__LIMITS__VANISHED_RATIO", "0.5", lambda s: s.limits.vanished_ratio, 0.5),
            ("TRIVIA__LIMITS__SOURCE_GROWTH_FACTOR", "3", lambda s: s.limits.source_growth_factor, 3.0),
            (
                "TRIVIA__HTTP__ALLOW_NETWORKS",
                '["127.0.0.0/8", "::1/128"]',
                lambda s: s.http.allow_networks,
                (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")),
            ),
            (
                "TRIVIA__SOURCES__QUESTION_ONE__FRESHNESS",
                "1d",
                lambda s: s.sources.question_one.freshness,
                dt.timedelta(1),
            ),
            ("TRIVIA__SOURCES__QUESTION_ONE__FRESHNESS", "", lambda s: s.sources.question_one.freshness, None),
            ("TRIVIA__LOG__LEVEL", "debug", lambda s: s.log.level, "debug"),
        ],
    )
    def test_value_is_read_by_its_type(self, load, variable, text, read, expected):
        loaded = load({variable: text})
        assert read(loaded.settings) == expected
        assert variable in loaded.origins.values()

    @pytest.mark.parametrize(
        ("variable", "meant"),
        [
            ("TRIVIA__HTTP__CONTACTT", "http.contact"),
            ("TRIVIA__HTP__CONTACT", "http.contact"),
            ("TRIVIA__SOURCES__QUESTIONONE__ENABLED", ""),
            ("TRIVIA__LOG", ""),
        ],
    )
    def test_unknown_variable_is_an_error(self, load, variable, meant):
        message = refusal(load, environment={variable: "x"})
        assert message.startswith(f"{variable}: unknown setting")
        assert meant in message

    def test_wrong_value_names_the_variable(self, load):
        message = refusal(load, environment={"TRIVIA__REFRESH__CONCURRENCY": "many"})
        assert message == "TRIVIA__REFRESH__CONCURRENCY: refresh.concurrency must be a whole number"


class TestMistakes:
    """File, line, column, and what is wrong (O33)."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("[http]\nkontact = 'x'", "2:1: http.kontact is an unknown setting, did you mean http.contact?"),
            ("[images]\nmin_free = ''", "2:1: images.min_free is an unknown setting, did you mean storage.min_free?"),
            ("[imagse]", "1:2: imagse is an unknown setting, did you mean images?"),
            ("[sources.question]", "1:2: sources.question is an unknown setting, did you mean sources.question_one?"),
            ("[refresh]\nconcurrency = '8'", "2:1: refresh.concurrency must be a whole number"),
            ("[refresh]\nconcurrency = true", "2:1: refresh.concurrency must be a whole number"),
            ("[refresh]\nconcurrency = 0", "2:1: refresh.concurrency should be greater than or equal to 1"),
            ("[http]\nrespect_robots = 1", "2:1: http.respect_robots must be true or false"),
            ("[http]\ncontact = 5", "2:1: http.contact must be text, in quotes"),
            ("[http]\nports = [80, 'x']", "2:1: http.ports.1 must be a whole number"),
            ("[http]\nports = [70000]", "2:1: http.ports.0 should be less than or equal to 65535"),
            ("[http]\nallow_networks = ['127.0.0.1/8']", "2:1: http.allow_networks.0 127.0.0.1/8 has host bits set"),
            ("[http]\nconnect_timeout = '0s'", "2:1: http.connect_timeout must be more than zero"),
            ("[http]\nconnect_timeout = true", "2:1: http.connect_timeout must be written as text, in quotes"),
            ("[http]\nmax_page_bytes = '4'", '2:1: http.max_page_bytes "4" is not a size'),
            ("[refresh]\nfreshness = 'soon'", '2:1: refresh.freshness "soon" is not a duration'),
            ("http = 5", "1:1: http must be a section, not a value"),
            ("[storage]\nkind = 'tape'", "2:1: storage.kind should be 'local', 's3' or 'imagekit'"),
            ("[storage]\nkind = 's3'", '1:2: storage kind = "s3" needs s3_bucket'),
            (
                "[recovery]\ntransient = ['rate_limitd']",
                "2:1: recovery.transient 'rate_limitd' is no error type, did you mean 'rate_limited'?",
            ),
            (
                "[recovery]\ntransient = ['gone']\npermanent = ['gone']",
                "1:2: recovery gone is in both transient and permanent",
            ),
            ("[cleanup]\ntime = '25:00'", '2:1: cleanup.time must be a time of day such as "04:00"'),
            ("[images]\nmin_bytes = 20_000_000", "1:2: images min_bytes must be below max_bytes"),
            ("[http]\nports = [80", "2:12: "),
        ],
    )  # fmt: skip
    def test_place_and_words(self, load, config_file, text, expected):
        path = config_file(text)
        message = refusal(load, path)
        assert message.startswith(f"{path}:{expected}"), message

    def test_all_mistakes_are_told_at_once(self, load, config_file):
        path = config_file("[refresh]\nconcurrency = 0\nattempts = 99\n")
        assert len(refusal(load, path).splitlines()) == 2

    def test_the_file_that_won_is_blamed(self, load, config_file):
        good = config_file("[refresh]\nconcurrency = 2\n", "good.toml")
        bad = config_file("\n[refresh]\nconcurrency = 0\n", "bad.toml")
        assert refusal(load, good, bad).startswith(f"{bad}:3:1: ")

    def test_not_utf8(self, load, tmp_path):
        path = tmp_path / "latin.toml"
        path.write_bytes(b"# caf\xe9\n")
        assert "not UTF-8" in refusal(load, path)

    def test_a_secret_is_never_repeated(self, load, config_file):
        path = config_file(f"[database]\nurl = 'mysql://app:{CANARY}@db/x'\n")
        assert CANARY not in refusal(load, path)


class TestSecrets:
    def write_secret(self, path: Path, value: str = DSN, mode: int = 0o600) -> str:
        path.write_text(value + "\n", encoding="utf-8")
        path.chmod(mode)
        return str(path)

    def test_order_credentials_file_variable(self, load, tmp_path, config_file):
        url = lambda loaded: loaded.settings.database.url.get_secret_value()  # noqa: E731
        origin = lambda loaded: loaded.origins["database", "url"]  # noqa: E731
        files = [config_file("[database]\nurl = 'postgresql://file'\n")]
        environment = {"TRIVIA__DATABASE__URL": "postgresql://plain"}
        assert url(load(environment, files)) == "postgresql://plain"
        environment["TRIVIA_DATABASE_URL"] = "postgresql://variable"
        assert (url(load(environment, files)), origin(load(environment, files))) == (
            "postgresql://variable",
            "TRIVIA_DATABASE_URL",
        )
        environment["TRIVIA_DATABASE_URL_FILE"] = self.write_secret(tmp_path / "secret", "postgresql://secret-file")
        assert url(load(environment, files)) == "postgresql://secret-file"
        environment["CREDENTIALS_DIRECTORY"] = str(tmp_path / "credentials")
        assert url(load(environment, files)) == "postgresql://secret-file"
        self.write_secret(tmp_path / "credentials" / "database-url", "postgresql://credential")
        assert url(load(environment, files)) == "postgresql://credential"
        assert origin(load(environment, files)) == "$CREDENTIALS_DIRECTORY/database-url"

    @pytest.mark.parametrize("content", [None, "", " \n"], ids=["absent", "empty", "blank"])
    def test_missing_secret_is_exit_12(self, load, tmp_path, content):
        path = tmp_path / "secret"
        if content is not None:
            path.write_text(content, encoding="utf-8")
        with pytest.raises(CredentialsMissing):
            load({"TRIVIA_DATABASE_URL_FILE": str(path)})

    @pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, True), (0o604, True), (0o400, False)])
    def test_readable_by_others_is_a_warning(self, load, tmp_path, mode, warned):
        loaded = load({"TRIVIA_DATABASE_URL_FILE": self.write_secret(tmp_path / "secret", mode=mode)})
        assert bool(loaded.warnings) is warned

    def test_secrets_are_masked_wherever_shown(self, load):
        loaded = load({"TRIVIA_DATABASE_URL": DSN, "TRIVIA__HTTP__PROXY": f"http://u:{CANARY}@proxy.example"})
        shown = shown_values(loaded.settings)
        assert shown["database", "url"] == shown["http", "proxy"] == "***"
        assert CANARY not in repr(loaded) + str(shown) + str(loaded.settings.model_dump(mode="json"))

    def test_embedded_is_no_secret(self, load):
        assert shown_values(load().settings)["database", "url"] == "embedded"


class TestFolders:
    def test_state_directory_is_the_default_place(self, load, folders):
        settings = load().settings
        state = Path(folders["STATE_DIRECTORY"])
        assert (settings.state_dir, settings.database_dir, settings.image_dir) == (
            state,
            state / "postgres",
            state / "images",
        )

    def test_first_of_several_state_directories(self, load, folders):
        assert load({"STATE_DIRECTORY": f"{folders['STATE_DIRECTORY']}:/elsewhere"}).settings.state_dir == Path(
            folders["STATE_DIRECTORY"]
        )

    def test_given_folders_win(self, load, tmp_path):
        settings = load(
            {"TRIVIA__DATABASE__DATA_DIR": str(tmp_path / "pg"), "TRIVIA__STORAGE__PATH": str(tmp_path / "img")}
        ).settings
        assert (settings.database_dir, settings.image_dir) == (tmp_path / "pg", tmp_path / "img")


class TestFrozen:
    def test_settings_cannot_be_changed(self, load):
        settings = load().settings
        with pytest.raises(ValidationError):
            settings.http.contact = "x"
        with pytest.raises(ValidationError):
            settings.http = settings.http

    def test_ambient_variables_do_not_reach_settings_from(self, monkeypatch, tmp_path):
        monkeypatch.setenv("TRIVIA__HTTP__CONTACT", "ambient")
        monkeypatch.setenv("HTTP", "{}")
        settings = settings_from({"refresh": {"concurrency": 3}}, state_dir=tmp_path)
        assert settings.http.contact == ""
        assert settings.refresh.concurrency == 3
        assert settings.state_dir == tmp_path


@pytest.mark.parametrize(
    ("written", "seconds"), [("0", 0), ("5", 5), ("0.5", 0.5), ('"0"', 0), ('"1.5"', 1.5), ('"2s"', 2)]
)
def test_a_bare_number_of_a_duration_counts_seconds(load, config_file, written, seconds):
    loaded = load(config_files=(config_file(f"[http]\nper_host_interval = {written}"),))
    assert loaded.settings.http.per_host_interval.total_seconds() == seconds


@pytest.mark.parametrize("written", ["127.0.0.0/8,::1/128", "127.0.0.0/8 ::1/128", '["127.0.0.0/8", "::1/128"]'])
def test_a_list_in_the_environment_may_be_written_with_commas(load, written):
    networks = load(environment={"TRIVIA__HTTP__ALLOW_NETWORKS": written}).settings.http.allow_networks
    assert [str(network) for network in networks] == ["127.0.0.0/8", "::1/128"]
