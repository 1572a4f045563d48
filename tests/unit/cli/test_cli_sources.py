"""`sources add`, `sources test` and declared rows of `sources list`, on saved pages (issue 3.2)."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.sources_add import next_request
from trivia_scraper.sources import SOURCES

PAGES = Path(__file__).resolve().parents[1] / "sources" / "detecting_fixtures"
CARDS = str(PAGES / "cards.html")
URL = "https://lantern.example/quizzes/"


@pytest.fixture
def declared(folders: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of descriptions."""
    folder = folders / "sources.d"
    folder.mkdir()
    monkeypatch.setenv("TRIVIA__DECLARED__PATH", str(folder))
    return folder


@pytest.fixture
def lantern(call, declared: Path) -> Path:
    """A description that `sources add` wrote."""
    file = declared / "lantern.toml"
    assert call("sources", "add", URL, "--file", CARDS, "--out", str(file)).code == ExitCode.OK
    return file


class TestAdd:
    def test_stdout_is_the_toml_and_nothing_else(self, call):
        ended = call("sources", "add", URL, "--file", CARDS)
        assert ended.code == ExitCode.OK
        tables = tomllib.loads(ended.out)
        assert tables["index"]["item"] == "article.quiz-card"
        assert tables["source"]["home"] == "https://lantern.example"
        assert "4 items: 4 listed" in ended.err
        assert "FREQ=WEEKLY;BYDAY=TU" in ended.err

    def test_json(self, call):
        document = call("sources", "add", URL, "--file", CARDS, "--json", "--items", "2").document
        assert document["ok"] is True
        assert tomllib.loads(document["toml"])["source"]["key"] == "lantern"
        best = document["proposals"][0]
        assert best["kind"] == "html"
        assert best["index"]["listed"] == 4
        assert len(best["index"]["items"]) == 2
        name = best["index"]["items"][0]["fields"]["name"]
        assert name == {"value": "The Brass Otter", "from": ".quiz-card__title"}
        assert best["detail"]["events"][0]["rrule"] == "FREQ=WEEKLY;BYDAY=TU"

    def test_out_never_overwrites_unless_told_to(self, call, tmp_path):
        file = tmp_path / "new" / "lantern.toml"
        words = ("sources", "add", URL, "--file", CARDS, "--out", str(file))
        assert call(*words).code == ExitCode.OK
        written = file.read_text(encoding="utf-8")
        file.write_text("mine", encoding="utf-8")
        refused = call(*words)
        assert refused.code == ExitCode.USAGE
        assert "--force overwrites it" in refused.err
        assert file.read_text(encoding="utf-8") == "mine"
        assert call(*words, "--force").code == ExitCode.OK
        assert file.read_text(encoding="utf-8") == written
        assert [path.name for path in file.parent.iterdir()] == ["lantern.toml"]

    def test_an_unwritable_place_is_named(self, call, tmp_path):
        (tmp_path / "file").write_text("", encoding="utf-8")
        ended = call("sources", "add", URL, "--file", CARDS, "--out", str(tmp_path / "file" / "x.toml"))
        assert ended.code == ExitCode.USAGE
        assert "cannot be written" in ended.err

    def test_an_unknown_page_says_what_was_looked_for(self, call):
        ended = call("sources", "add", URL, "--file", str(PAGES / "nothing.html"))
        assert ended.code == ExitCode.SOME_FAILED
        assert ended.out == ""
        assert "an RSS feed, or a link to one" in ended.err
        assert "hint: is the list on another page" in ended.err
        document = call("sources", "add", URL, "--file", str(PAGES / "nothing.html"), "--json").document
        assert document["error"]["code"] == "invalid_response"

    def test_kind_takes_another_proposal(self, call):
        page = str(PAGES / "tribe_page.html")
        assert tomllib.loads(call("sources", "add", URL, "--file", page).out)["index"]["kind"] == "tribe"
        ended = call("sources", "add", URL, "--file", page, "--kind", "ics")
        assert tomllib.loads(ended.out)["index"]["kind"] == "ics"
        assert ended.code == ExitCode.SOME_FAILED  # it was not tried: its page is elsewhere
        assert "not tried: its page was not there" in ended.err
        assert call("sources", "add", URL, "--file", page, "--kind", "json").code == ExitCode.SOME_FAILED

    def test_a_name_makes_the_key_and_a_built_in_key_is_not_taken(self, call):
        ended = call("sources", "add", URL, "--file", CARDS, "--name", "Question One")
        assert tomllib.loads(ended.out)["source"]["key"] == "question-one-2"

    @pytest.mark.parametrize("url", ["ftp://lantern.example/", "javascript:alert(1)", "http://", "a b"])
    def test_no_address_is_a_usage_error(self, call, url):
        assert call("sources", "add", url, "--file", CARDS).code == ExitCode.USAGE

    def test_an_address_may_lack_its_scheme(self, call):
        ended = call("sources", "add", "lantern.example/quizzes/", "--file", CARDS)
        assert tomllib.loads(ended.out)["index"]["url"] == "https://lantern.example/quizzes/"

    def test_a_missing_file_is_named(self, call):
        ended = call("sources", "add", URL, "--file", "no-such-page.html")
        assert ended.code == ExitCode.USAGE
        assert "no-such-page.html cannot be read" in ended.err

    def test_hostile_text_cannot_forge_a_line(self, call, tmp_path):
        page = tmp_path / "page.html"
        page.write_text(
            (PAGES / "cards.html").read_text("utf-8").replace("Brass Otter", "Otter\x1b[31m\u202e"), "utf-8"
        )
        ended = call("sources", "add", URL, "--file", str(page))
        assert "\x1b" not in ended.out + ended.err
        assert "\u202e" not in ended.out + ended.err

    def test_secrets_of_the_address_are_shown_nowhere(self, call):
        ended = call("sources", "add", f"{URL}?token=c4nary&page=1", "--file", CARDS)
        assert "c4nary" not in ended.out + ended.err
        assert "c4nary" not in call("sources", "add", f"{URL}?token=c4nary", "--file", CARDS, "--json").out

    def test_a_tenants_keys_are_shown_nowhere(self, call):
        page = str(PAGES / "store_locator_widgets.js")
        url = "https://cdn.storelocatorwidgets.com/json/abcd1234"
        written = call("sources", "add", url, "--file", page)
        assert written.code == ExitCode.OK
        shown = written.out + written.err + call("sources", "add", url, "--file", page, "--json").out
        assert "invented-key" not in shown


class TestTest:
    def test_the_index_field_by_field(self, call, lantern):
        ended = call("sources", "test", "lantern", "--file", CARDS, "--items", "1")
        assert ended.code == ExitCode.OK
        assert "item 1: The Brass Otter" in ended.out
        assert "item 2" not in ended.out
        [schedule] = [line.split() for line in ended.out.splitlines() if line.startswith("  schedule")]
        assert schedule == ["schedule", "Tuesdays,", "7.30pm", ".quiz-card__when"]
        assert "next: https://lantern.example/quizzes/page/2/" in ended.out
        assert "Tuesday 19:30, weekly, FREQ=WEEKLY;BYDAY=TU, 2.00 GBP" in ended.out

    def test_a_path_is_as_good_as_a_key(self, call, lantern):
        by_path = call("sources", "test", str(lantern), "--file", CARDS)
        assert by_path.out == call("sources", "test", "lantern", "--file", CARDS).out

    def test_what_was_rejected_and_skipped_has_its_reason(self, call, lantern):
        text = lantern.read_text(encoding="utf-8").replace(
            "[index.drop]", '[index.skip]\nname = "Signal"\n\n[index.drop]'
        )
        lantern.write_text(text.replace('fee = ".quiz', 'phone = ".none"\nfee = ".quiz'), encoding="utf-8")
        ended = call("sources", "test", "lantern", "--file", CARDS)
        assert "4 items: 3 listed, 1 skipped" in ended.out
        assert "skipped: The Old Signal: " in ended.out
        assert "not found" in ended.out

    def test_json(self, call, lantern):
        document = call("sources", "test", "lantern", "--file", CARDS, "--json").document
        assert document["ok"] is True
        assert document["source"]["described_in"] == str(lantern)
        assert document["index"]["follow"] == ["https://lantern.example/quizzes/page/2/"]
        assert document["detail"]["venue"]["city"] == "Durham"
        assert document["detail"]["events"][0]["start_time"] == "19:30"

    def test_a_venue_page_without_its_entry(self, call, declared):
        index = str(PAGES / "cards_with_pages.html")
        file = declared / "kettle.toml"
        call("sources", "add", "https://copperkettle.example/venues", "--file", index, "--out", str(file))
        with file.open("a", encoding="utf-8") as description:
            description.write('\n[detail.fields]\naddress = ".fact:has(.fa-map-marker)"\n')
        page = str(PAGES / "venue_page.html")
        ended = call("sources", "test", "kettle", "--file", page, "--detail")
        assert ended.code == ExitCode.OK
        assert "210 Dock Street, Erie, PA 16501" in ended.out
        assert "read without the venue's entry in the index" in ended.out
        by_address = call(
            "sources", "test", "kettle", "--file", page, "--base", "https://copperkettle.example/venues/harbor-tap"
        )
        assert by_address.out == ended.out

    def test_nothing_read_is_exit_3(self, call, lantern):
        ended = call("sources", "test", "lantern", "--file", str(PAGES / "nothing.html"))
        assert ended.code == ExitCode.SOME_FAILED
        assert "the index page cannot be read: nothing matches 'article.quiz-card'" in ended.out
        document = call("sources", "test", "lantern", "--file", str(PAGES / "nothing.html"), "--json").document
        assert document["ok"] is False

    def test_a_broken_description_is_exit_2_with_every_problem(self, call, declared):
        (declared / "broken.toml").write_text(
            '[index]\nkind = "html"\nurl = "https://x.example/"\nitem = "li["\n\n[index.fields]\nname = "a["\n',
            "utf-8",
        )
        for name in ("broken", str(declared / "broken.toml")):
            ended = call("sources", "test", name, "--file", CARDS)
            assert ended.code == ExitCode.USAGE
            assert "broken.toml:4:1: index.item" in ended.err
            assert "broken.toml:7:1: index.fields.name" in ended.err

    def test_an_unknown_name_suggests_the_nearest(self, call, lantern):
        ended = call("sources", "test", "lanterm", "--file", CARDS)
        assert ended.code == ExitCode.USAGE
        assert "did you mean 'lantern'?" in ended.err

    def test_file_and_url_exclude_each_other(self, call, lantern):
        assert call("sources", "test", "lantern", "--file", CARDS, "--url", URL).code == ExitCode.USAGE

    def test_a_built_in_source_is_shown_the_same_way(self, call, tmp_path):
        page = tmp_path / "archive.html"
        page.write_text(
            '<a class="media-card" href="https://questionone.com/venues/the-elm/"><h3>The Elm, Ely</h3>'
            '<div class="excerpt"><div>Sunday 19:30</div></div></a>',
            encoding="utf-8",
        )
        ended = call("sources", "test", "question_one", "--file", str(page), "--json")
        assert ended.document["index"]["listed"] == 1
        assert ended.document["index"]["items"][0]["fields"]["schedule"]["value"] == "Sunday 19:30"


class TestList:
    def test_declared_sources_stand_beside_the_built_in_ones(self, call, lantern):
        rows = {row["slug"]: row for row in call("sources", "list", "--json").document["sources"]}
        assert set(rows) == {*SOURCES, "lantern"}
        assert rows["lantern"]["described_in"] == str(lantern)
        assert rows["lantern"]["enabled"] is True
        assert rows["question_one"]["described_in"] is None
        assert "declared in lantern.toml" in call("sources", "list").out

    def test_a_broken_description_is_listed_with_its_problem(self, call, declared, lantern):
        (declared / "torn.toml").write_text("[index\n", encoding="utf-8")
        rows = {row["slug"]: row for row in call("sources", "list", "--json").document["sources"]}
        assert rows["torn"]["readable"] is False
        assert "torn.toml:1:" in rows["torn"]["problem"]
        ended = call("sources", "list")
        assert ended.code == ExitCode.OK
        assert "broken" in ended.out
        assert "torn: " in ended.err
        assert "declared in lantern.toml" in ended.out

    def test_a_declared_source_may_be_off(self, call, lantern):
        text = lantern.read_text(encoding="utf-8").replace("[source]\n", "[source]\nenabled = false\n")
        lantern.write_text(text, encoding="utf-8")
        rows = {row["slug"]: row for row in call("sources", "list", "--json").document["sources"]}
        assert rows["lantern"]["enabled"] is False


class TestAsking:
    def test_nothing_is_asked_once_a_proposal_stands(self):
        assert next_request((), set()) is None

    def test_help_imports_no_parser(self):
        import subprocess
        import sys

        script = (
            "import sys; from trivia_scraper.cli import run_command_line; run_command_line(['sources', '--help']); "
            "print([name for name in sys.modules if 'selectolax' in name or 'declarative' in name])"
        )
        shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert json.loads(shown.stdout.splitlines()[-1].replace("'", '"')) == []
