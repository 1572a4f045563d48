"""`parse`: each shared phrase through the command's own JSON, and what people see (sources.md 12; 5.3, 5.4)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.parse import COUNTRIES, KINDS, schedule_document
from trivia_scraper.text.schedule import PhraseKind
from trivia_scraper.text.zones import currency_of

CAPTURES = Path(__file__).parents[4] / "shared" / "captures"
SCHEDULE_COLUMNS = ("outcome", "weekdays", "time", "end_time", "frequency", "ordinals", "date", "flag")
FEE_COLUMNS = ("outcome", "fee_minor", "currency", "per")


def shared_rows(name: str) -> list[dict[str, str]]:
    file = CAPTURES / name
    if not file.exists():
        return []
    lines = [line for line in file.read_text("utf-8").split("\n") if line and not line.startswith("#")]
    head = lines[0].split("\t")
    return [dict(zip(head, line.split("\t"), strict=True)) for line in lines[1:]]


SCHEDULES, FEES = shared_rows("schedule_phrases.tsv"), shared_rows("fee_phrases.tsv")
needs_captures = pytest.mark.skipif(not SCHEDULES, reason="the shared captures are not here")


def cell(value: Any) -> str:
    """A JSON value as the phrase files write it: lists with commas, unknown empty."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return "" if value is None else str(value)


@needs_captures
@pytest.mark.parametrize("row", SCHEDULES, ids=lambda row: f"{row['kind']}-{row['phrase']}")
def test_each_shared_schedule_phrase(call, row):
    phrase = row["phrase"].replace("\\n", "\n")
    ended = call("parse", "schedule", "--kind", row["kind"], "--json", "--", phrase)
    assert ended.code == 0
    assert {column: cell(ended.document[column]) for column in SCHEDULE_COLUMNS} == {
        column: row[column] for column in SCHEDULE_COLUMNS
    }
    assert (ended.document["kind"], ended.document["text"]) == (row["kind"], phrase)


@needs_captures
@pytest.mark.parametrize("row", FEES, ids=lambda row: f"{row['country']}-{row['phrase'][:60]}")
def test_each_shared_fee_phrase(call, row):
    ended = call("parse", "fee", row["phrase"], "--country", row["country"], "--json")
    assert ended.code == 0
    assert {column: cell(ended.document[column]) for column in FEE_COLUMNS} == {
        column: row[column] for column in FEE_COLUMNS
    }


# 5.3: how 50 detail pages of one day spelled their start, how often, and what it means.
SPEED_QUIZZING_TIMES = {
    "8pm": (11, "20:00"), "7pm": (5, "19:00"), "7:00 PM": (4, "19:00"), "20:00": (3, "20:00"), "8.30pm": (2, "20:30"),
    "8:30pm": (2, "20:30"), "8PM": (2, "20:00"), "7": (2, "19:00"), "8.00pm": (2, "20:00"), "6:30pm": (2, "18:30"),
    "6:30 PM": (1, "18:30"), "7PM": (1, "19:00"), "8:00pm": (1, "20:00"), "8": (1, "20:00"), "7:00 pm": (1, "19:00"),
    "21:00": (1, "21:00"), "7:30": (1, "19:30"), "7.30pm": (1, "19:30"), "19:00": (1, "19:00"), "8.15pm": (1,
    "20:15"),
    "9.00pm": (1, "21:00"), "8p": (1, "20:00"), "20:30": (1, "20:30"), "1930": (1, "19:30"), "930pm": (1, "21:30"),
}  # fmt: skip


def test_5_3_speed_quizzing_times_50_of_50():
    right = sum(
        count
        for spelled, (count, time) in SPEED_QUIZZING_TIMES.items()
        if schedule_document(f" {spelled} • Monday 3 Mar 2025")["time"] == time
    )
    assert (right, sum(count for count, _ in SPEED_QUIZZING_TIMES.values())) == (50, 50)


@pytest.mark.parametrize("spelled", SPEED_QUIZZING_TIMES)
def test_5_3_the_same_spelling_as_a_field_of_its_own(spelled):
    assert schedule_document(spelled, kind="time")["time"] == SPEED_QUIZZING_TIMES[spelled][1]


class TestSchedule:
    def test_every_key_is_there_whatever_is_said(self, call):
        document = call("parse", "schedule", "nothing", "--json").document
        assert document == {
            "schema": 1, "ok": True, "kind": "text", "text": "nothing", "outcome": "reject", "weekdays": [],
            "time": None,
            "end_time": None, "frequency": None, "ordinals": [], "date": None, "flag": None, "rrule": None,
            "lacks": "weekday and time",
        }  # fmt: skip

    def test_rule_and_weeks(self, call):
        document = call("parse", "schedule", "1st & 3rd Tue 7-9pm", "--json").document
        assert document["rrule"] == "FREQ=MONTHLY;BYDAY=1TU,3TU"
        assert (document["ordinals"], document["end_time"], document["lacks"]) == ([1, 3], "21:00", None)

    @pytest.mark.parametrize("words", [("--language", "pl"), ("--country", "PL"), ("--country", "pl")])
    def test_t6_polish_is_on_the_24_hour_clock(self, call, words):
        assert call("parse", "schedule", "śr. 9:30", *words, "--json").document["time"] == "09:30"
        assert call("parse", "schedule", "śr. 9:30", *words, "--json").document["weekdays"] == ["WE"]
        assert call("parse", "schedule", "9:30", "--json").document["time"] == "21:30"

    def test_h126_a_phrase_of_501_characters_is_refused_with_a_note(self, call):
        ended = call("parse", "schedule", ("Monday 7pm " * 50)[:501], "--json")
        assert (ended.code, ended.document["outcome"]) == (0, "reject")
        assert "500" in ended.document["note"]
        assert "note" not in call("parse", "schedule", "x" * 500, "--json").document

    def test_next_evenings_in_the_venues_zone(self, call):
        found = call("parse", "schedule", "Tuesdays 7-9pm", "--timezone", "Europe/Warsaw", "--json").document["next"]
        assert len(found) == 3
        assert all(each["starts"][10:19] == "T19:00:00" and each["ends"][10:19] == "T21:00:00" for each in found)

    @pytest.mark.parametrize("phrase", ["Every other Monday 8pm", "Mondays", "Monthly on a Monday, 8pm"])
    def test_evenings_that_cannot_be_known_are_not_shown(self, call, phrase):
        assert call("parse", "schedule", phrase, "--timezone", "Europe/London", "--json").document["next"] == []

    def test_people_see_dashes_for_what_is_not_said(self, call):
        rows = dict(line.split(None, 1) for line in call("parse", "schedule", "Every Monday").out.splitlines()[2:])
        assert rows["weekdays"] == "MO"
        assert (rows["time"], rows["lacks"]) == ("-", "time")

    def test_people_see_the_next_evenings(self, call):
        lines = call("parse", "schedule", "Mondays 8pm", "--timezone", "Europe/London").out.splitlines()
        assert len([line for line in lines if line.startswith("next ")]) == 3


class TestFee:
    def test_unknown_is_null_and_never_zero(self, call):
        document = call("parse", "fee", "Prizes, £45 | Age 18+", "--country", "GB", "--json").document
        assert (document["outcome"], document["fee_minor"], document["currency"]) == ("unknown", None, None)

    def test_polish_without_a_country_is_zloty(self, call):
        assert call("parse", "fee", "wstęp 10", "--language", "pl", "--json").document["currency"] == "PLN"

    def test_a_long_text_is_unknown_with_a_note(self, call):
        ended = call("parse", "fee", "£2 " * 200, "--json")
        assert (ended.code, ended.document["outcome"]) == (0, "unknown")
        assert "characters" in ended.document["note"]


class TestAddress:
    def test_parts_and_country(self, call):
        document = call("parse", "address", "1898 S. Flatiron Court Boulder, CO 80301", "--json").document
        assert document["street"] == "1898 S. Flatiron Court"
        assert (document["city"], document["region"], document["postcode"]) == ("Boulder", "CO", "80301")
        assert (document["country"], document["timezone"]) == ("US", "America/Denver")

    def test_5_5_five_digits_prove_no_country(self, call):
        document = call("parse", "address", "316 Cambridge Street, Beacon Hill, Boston, 02114", "--json").document
        assert document["country"] is None

    def test_lines_become_one(self, call):
        document = call("parse", "address", "47 Sample Hill\r\nLondon\r\nEC4M 7JZ", "--json").document
        assert document["one_line"] == "47 Sample Hill, London, EC4M 7JZ"
        assert document["city"] == "London"

    def test_a_long_text_is_not_read(self, call):
        document = call("parse", "address", "1 High St, Leeds, " * 40, "--json").document
        assert document["city"] is None
        assert "note" in document


class TestName:
    def test_3_3_prefix_and_cadence_are_no_name(self, call):
        document = call("parse", "name", "PUB QUIZ – Munich – Canary Wharf – Tuesdays", "--json").document
        assert (document["name"], document["locality"]) == ("Munich – Canary Wharf", "Canary Wharf")
        assert document["removed"] == ["PUB QUIZ", "Tuesdays"]

    def test_6_6_brackets_by_kind(self, call):
        document = call("parse", "name", "Sample Hall (Fort Collins) (Starts on May 15!)", "--json").document
        assert document["name"] == "Sample Hall (Fort Collins)"
        assert (document["starts_later"], document["starts_on"]) == (True, "--05-15")
        assert document["removed"] == ["Starts on May 15!"]

    def test_6_6_a_special_is_at_its_venue(self, call):
        document = call("parse", "name", "Space Quiz Vol. 3 at Sample Tavern - Colfax", "--json").document
        assert document["special"] is True
        assert document["name"] == "Sample Tavern - Colfax"

    def test_no_name(self, call):
        assert call("parse", "name", "PUB QUIZ – Mondays", "--json").document["name"] is None


class TestWords:
    def test_kinds_and_countries_are_those_of_the_readers(self):
        assert set(KINDS) == {kind.value for kind in PhraseKind}
        assert all(currency_of(country) for country in COUNTRIES)

    def test_a_dash_reads_one_line_of_stdin(self, call, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.StringIO(" 8p • Monday\nFriday 9pm\n"))
        document = call("parse", "schedule", "-", "--json").document
        assert (document["text"], document["time"], document["weekdays"]) == (" 8p • Monday", "20:00", ["MO"])

    @pytest.mark.parametrize(
        ("words", "named"),
        [
            (("schedule", "x", "--kind", "poem"), "poem"),
            (("fee", "2", "--country", "QQ"), "QQ"),
            (("address", "x", "--country", "12"), "12"),
            (("schedule", "x", "--language", "de"), "de"),
            (("schedule", "x", "--timezone", "Mars/Base"), "Mars/Base"),
            (("schedule", "x", "--timezone", "../etc/passwd"), "../etc/passwd"),
        ],
    )
    def test_a_wrong_word_is_a_clear_usage_error(self, call, words, named):
        ended = call("parse", *words, "--json")
        assert ended.code == ExitCode.USAGE
        assert ended.document["error"]["code"] == "usage"
        assert named in ended.document["error"]["message"]

    def test_escape_sequences_in_a_text_do_not_reach_the_terminal(self, call):
        assert "\x1b" not in call("parse", "address", "1 \x1b[31mHigh St, Leeds").out

    def test_neither_settings_nor_database_are_needed(self, call, folders):
        (folders / "here" / "config.toml").write_text("[http]\nkontact = 1\n", encoding="utf-8")
        assert call("parse", "schedule", "Monday 8pm").code == 0
