"""`stats`, `review` and `report` as people and programs read them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from html.parser import HTMLParser

import pytest

from trivia_scraper.cli.csv_output import cell
from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.report import end_of_week
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.domain.review import ReviewReport
from trivia_scraper.pipeline.reporting.weekly_page import weekly_page
from unit.cli import figures_samples as figures


@pytest.fixture
def world(bootstrap, folders):
    return bootstrap


class TestStats:
    def test_r187_failures_as_a_table(self, call, world):
        ended = call("stats", "failures")
        assert ended.out.splitlines()[0].split() == [
            "slug", "city", "pictures", "stored", "failed", "open", "closed", "rate", "%",
        ]  # fmt: skip
        assert ended.out.splitlines()[2].split() == ["the-crown", "York", "10", "7", "3", "2", "1", "30.0"]

    @pytest.mark.parametrize("name", ["failures", "breakdown", "candidates", "priority"])
    def test_json_has_the_fields_of_the_view(self, call, world, name):
        document = call("stats", name, "--json").document
        assert document["owner"] == "venue"
        assert len(document[name]) in (1, 2)

    @pytest.mark.parametrize("name", ["failures", "breakdown", "candidates", "priority"])
    def test_nothing_failed_is_good_news_and_an_empty_list(self, call, world, name):
        world.figures.statistics.is_empty = True
        ended = call("stats", name)
        assert (ended.code, ended.out, ended.err) == (0, "", "nothing failed\n")
        assert call("stats", name, "--json").document[name] == []
        assert len(call("stats", name, "--csv").out.splitlines()) == 1

    def test_csv_is_read_back(self, call, world):
        [line] = csv.DictReader(io.StringIO(call("stats", "failures", "--csv").out))
        assert (line["slug"], line["total_images"], line["failure_rate_pct"]) == ("the-crown", "10", "30.0")
        [line] = csv.DictReader(io.StringIO(call("stats", "candidates", "--csv").out))
        assert (line["error_types"], line["city"]) == ("a b", "")

    def test_r205_csv_cells_are_no_formulas(self, call, world):
        [line] = csv.DictReader(io.StringIO(call("stats", "failures", "--csv").out))
        assert line["name"] == f"'{figures.FORMULA}"

    @pytest.mark.parametrize(
        ("value", "told"),
        [
            ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("The Crown", "The Crown"), (-3, -3),
            (0.5, 0.5), (None, ""), (True, "true"), (("a", "b"), "a b"), (figures.AT, "2026-11-16T06:00:00+00:00"),
        ],
    )  # fmt: skip
    def test_r205_one_cell(self, value, told):
        assert cell(value) == told

    def test_csv_and_json_together_are_refused(self, call, world):
        ended = call("stats", "summary", "--csv", "--json")
        assert ended.code == ExitCode.USAGE
        assert "choose one" in ended.document["error"]["message"]

    def test_r200_summary_says_what_can_be_done(self, call, world):
        out = call("stats", "summary").out
        assert (
            "2 can be retried: `trivia-scraper retry --all-due`; 2 need review: `trivia-scraper review list`" in out
        )
        assert re.search(r"^average failure rate % +31\.7$", out, re.MULTILINE)
        world.figures.statistics.is_empty = True
        assert "can be retried" not in call("stats", "summary").out

    def test_r199_r220_summary_tells_alerts_and_the_age_of_the_snapshot(self, call, world):
        document = call("stats", "summary", "--json").document
        assert document["alerts"][0]["condition"] == "cleanup_missed"
        assert document["snapshot"] == {"taken_at": "2026-11-16T06:00:00Z", "age_seconds": 3600, "is_stale": False}
        assert document["failed_uploads"] == {
            "owners": 2, "images": 4, "transient": 2, "permanent": 1, "ambiguous": 1,
        }  # fmt: skip

    def test_summary_and_quality_as_csv(self, call, world):
        rows = dict(csv.reader(io.StringIO(call("stats", "summary", "--csv").out)))
        assert (rows["figure"], rows["failed images"], rows["type no type"]) == ("value", "4", "1")
        rows = dict(csv.reader(io.StringIO(call("stats", "quality", "--csv").out)))
        assert (rows["coverage %"], rows["with pictures from here"]) == ("83.3", "5")

    @pytest.mark.parametrize(
        "words", [("failures", "--limit", "0"), ("candidates", "--min-failures", "x"), ("quality", "--owner", "pub")]
    )
    def test_r205_bad_values_are_named(self, call, world, words):
        ended = call("stats", *words)
        assert ended.code == ExitCode.USAGE
        assert words[1] in ended.err


class TestReview:
    @pytest.fixture
    def done(self, monkeypatch, world):
        """Plans that were carried out."""
        plans = []

        async def carry_out(plan, options, services):
            plans.append((plan, options))
            ids = tuple(each.row.id for each in plan.accepted)
            return ReviewReport(plan.batch, plan.action, ids, {}, {})

        monkeypatch.setattr("trivia_scraper.pipeline.reviewing.carry_out", carry_out)
        return plans

    def test_list_shows_no_secret(self, call, world):
        ended = call("review", "list")
        assert "the-crown" in ended.out
        assert "cdn.example" in ended.out
        assert "c4nary" not in ended.out + call("review", "list", "--json").out

    def test_r228_filters_reach_the_question(self, call, world):
        call(
            "review", "list", "5", "5", "6", "--owner", "a", "--provider", "here", "--type", "gone", "--host", "h",
            "--status", "failed", "--class", "permanent", "--older-than", "7d",
        )  # fmt: skip
        [wanted] = world.figures.reviews.asked
        assert wanted.image_ids == (5, 6)
        assert (wanted.owner, wanted.provider, wanted.error_type, wanted.host) == ("a", "here", "gone", "h")
        assert (wanted.status, wanted.failure_class) == (ImageStatus.FAILED, "permanent")
        assert wanted.failed_before == figures.AT - dt.timedelta(days=7)

    def test_r205_unknown_ids_and_types_are_named(self, call, world):
        ended = call("review", "delete", "17", "99", "--yes")
        assert (ended.code, "no image 99" in ended.err) == (ExitCode.USAGE, True)
        ended = call("review", "recategorise", "17", "--as", "not_fund")
        assert "did you mean 'not_found'?" in ended.err
        assert "is not a duration" in call("review", "list", "--older-than", "old").err

    @pytest.mark.parametrize("name", ["delete", "force-retry", "restore"])
    def test_nothing_chosen_is_refused(self, call, world, name):
        ended = call("review", name, "--yes")
        assert ended.code == ExitCode.USAGE
        assert "nothing is chosen" in ended.err

    def test_r208_r228_an_action_shows_the_very_rows_and_needs_yes_without_a_terminal(self, call, done):
        ended = call("review", "delete", "17")
        assert ended.code == ExitCode.USAGE
        assert "this would delete 1 images: add --yes" in ended.err
        assert re.search(r"^17 .*deleted$", ended.out, re.MULTILINE)
        assert done == []

    def test_r228_dry_run_shows_the_plan_and_opens_no_store(self, call, world, done):
        ended = call("review", "force-retry", "17", "--dry-run")
        assert (ended.code, done) == (0, [])
        assert "failed as network_error, due now" in ended.out
        assert [name for name, _ in world.asked] == ["open_figures"]

    def test_r228_what_does_not_qualify_stays_and_is_told(self, call, world, done):
        world.figures.reviews.rows = [figures.row(17, status=ImageStatus.UPLOADED, storage_key="k")]
        ended = call("review", "force-retry", "17", "--yes")
        assert ended.code == 0
        assert "stays: did not fail: it is uploaded" in ended.out
        assert "nothing to do" in ended.err
        assert done == []

    def test_r228_the_plan_is_carried_out_as_shown_with_who_and_how_chosen(self, call, done):
        document = call("review", "delete", "--host", "cdn.example", "--yes", "--json").document
        [(plan, options)] = done
        assert (plan.action, plan.chosen) == ("delete", {"host": "cdn.example"})
        assert plan.who
        assert not options.dry_run
        assert not options.force_refresh_images
        assert document["done"] == [17]
        assert document["batch"] == str(plan.batch)
        assert document["plan"][0]["becomes"] == "deleted"
        assert "c4nary" not in json.dumps(document)

    def test_r228_a_deletion_says_how_it_is_taken_back(self, call, done):
        out = call("review", "delete", "17", "--yes").out
        assert f"`trivia-scraper review restore --batch {done[0][0].batch}` takes it back" in out

    def test_failed_rows_end_with_exit_code_3(self, call, world, monkeypatch):
        async def carry_out(plan, options, services):
            return ReviewReport(plan.batch, plan.action, (), {17: "changed meanwhile"}, {"venues/a.jpg": "refused"})

        monkeypatch.setattr("trivia_scraper.pipeline.reviewing.carry_out", carry_out)
        ended = call("review", "delete", "17", "--yes")
        assert ended.code == ExitCode.SOME_FAILED
        assert "failed: image 17: changed meanwhile" in ended.out
        assert "left: venues/a.jpg: refused" in ended.out
        assert call("review", "delete", "17", "--yes", "--json").document["ok"] is False

    def test_before_a_question_the_first_fifty_are_shown(self, call, world, done):
        world.figures.reviews.rows = [figures.row(number) for number in range(1, 71)]
        ended = call("review", "delete", "--host", "a", "--yes")
        assert len(re.findall(r" deleted$", ended.out, re.MULTILINE)) == 50
        assert "70 images change, 0 stay as they are; 20 more are not shown here" in ended.err
        assert len(re.findall(r" deleted$", call("review", "delete", "--host", "a", "--dry-run").out, re.M)) == 70

    def test_r228_history_and_patterns(self, call, world):
        assert re.search(r"ann +delete +17 +the-crown +failed \(gone\) +deleted", call("review", "history").out)
        assert call("review", "history", "--json").document["decisions"][0]["who"] == "ann"
        assert re.search(r"here +rate_limited +<b>cdn.example</b> +4 +2", call("review", "patterns").out)
        assert call("review", "patterns", "--json").document["patterns"][0]["count"] == 4


class Page(HTMLParser):
    """What stands on a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words.append(data)


class TestWeekly:
    def test_r191_text(self, call, world):
        out = call("report", "weekly").out
        for line in (
            r"venues recovered +2$", r"images recovered +6 of 8 retried$", r"retry success rate +75\.0 %$",
            r"permanent failures, new +2 \(the week before: 1\)$", r"permanent failures, all +5$",
            r"listing calls saved +3 \(5 were made\)$", r"cost saved +0\.04 USD \(0\.12 USD were spent\)$",
            r"failed images +< 100 +4 +met$", r"stored after recovery +>= 98 % +63\.6 % +missed$",
            r"a recovery +about 2 s +- +not measured$", r"recoveries waiting +2$",
            r"last cleanup +2026-11-16 06:00: 35 transient queued, 0 errors$",
            r"2026-11-10 +here +4 +3 +75\.0$", r"^1 targets missed$",
        ):  # fmt: skip
            assert re.search(line, out, re.MULTILINE), line

    def test_r191_json(self, call, world):
        report = call("report", "weekly", "--json").document["report"]
        assert report["recovered"]["images_recovered"] == 6
        assert report["saved"]["by_provider"] == {"google_places": 3}
        assert [target["is_met"] for target in report["targets"]] == [True, False, None]
        assert report["success_by_day"][0] == {"day": "2026-11-10", "provider": "here", "made": 4, "succeeded": 3}

    def test_r205_the_page_is_self_contained_escaped_and_without_scripts(self):
        page = Page(weekly_page(figures.weekly()))
        assert not {"script", "link", "iframe", "img", "object", "a", "b"} & set(page.tags)
        assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href")]
        assert "warning: no cleanup <script>alert(1)</script>" in page.words
        assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
        assert page.tags.count("svg") == 4

    def test_r192_r230_the_page_tells_figures_targets_and_charts(self):
        words = "\n".join(Page(weekly_page(figures.weekly())).words)
        for told in ("6 of 8 retried", "met", "missed", "not measured", "10 Nov", "83 %", "Retry success over time"):
            assert told in words, told

    def test_a_day_without_attempts_is_not_told_as_one_where_all_failed(self):
        description = weekly_page(figures.weekly()).partition('id="success-desc">')[2].partition("</desc>")[0]
        assert "10 Nov: 83 %; 11 Nov: nothing tried; 12 Nov: 50 %" in description

    def test_an_empty_week_makes_a_page_too(self):
        empty = figures.weekly(success_by_day=[], patterns=[], trend=[], alerts=[], last_cleanup=None, targets=[])
        assert "nothing to show" in weekly_page(empty)

    def test_html_goes_to_a_file_whole(self, call, world, folders):
        ended = call("report", "weekly", "--html", "-o", "week.html")
        assert (ended.out, ended.err) == ("", "wrote week.html\n")
        written = (folders / "here" / "week.html").read_text("utf-8")
        assert written.startswith("<!DOCTYPE html>")
        assert written.rstrip().endswith("</html>")
        assert [path.name for path in (folders / "here").iterdir()] == ["week.html"]
        assert call("report", "weekly", "--html").out.startswith("<!DOCTYPE html>")

    def test_json_goes_to_a_file_too(self, call, world, folders):
        assert call("report", "weekly", "--json", "-o", "week.json").document["file"] == "week.json"
        assert json.loads((folders / "here" / "week.json").read_text())["report"]["recovered"]["images_retried"] == 8

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--html", "--json"), "choose one"),
            (("-o", "x.txt"), "add --html or --json"),
            (("--html", "-o", "/nonexistent/x.html"), "cannot write /nonexistent/x.html"),
            (("--week-of", "yesterday"), "--week-of"),
            (("--week-of", "2027-01-01"), "has not begun"),
        ],
    )
    def test_what_cannot_be_done_is_said(self, call, world, words, said):
        ended = call("report", "weekly", *words)
        assert ended.code == ExitCode.USAGE
        assert said in ended.err

    @pytest.mark.parametrize(
        ("day", "end"),
        [("2026-11-16", "2026-11-23"), ("2026-11-22", "2026-11-23"), ("2026-11-23", "2026-11-30")],
        ids=["monday", "sunday", "next-monday"],
    )
    def test_r191_a_week_ends_on_monday_at_six(self, day, end):
        assert end_of_week(dt.date.fromisoformat(day)).isoformat() == f"{end}T06:00:00+00:00"

    def test_week_of_asks_for_that_week(self, call, world):
        call("report", "weekly", "--week-of", "2026-11-12")
        assert world.figures.weekly.asked == [figures.AT]


class TestRuns:
    def test_the_last_run_is_told_as_it_was(self, call, world):
        out = call("report", "last").out
        assert "question_one" in out
        assert "failed: The Crown (question_one, hero image)" in out
        assert "c4nary" not in out
        assert call("report", "last", "--json").document["report"]["finish_reason"] == "done"

    def test_a_run_by_its_first_characters(self, call, world):
        assert call("report", "run", "0000").code == 0
        ended = call("report", "run", "beef")
        assert (ended.code, "no run begins with 'beef'" in ended.err) == (ExitCode.USAGE, True)


def test_the_week_fits_a_narrow_terminal(call, bootstrap):
    assert max(map(len, call("report", "weekly").out.splitlines())) <= 100
