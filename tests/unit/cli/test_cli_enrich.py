"""`enrich` and `venues identify`: which flags go together, what is refused, what the table and the document say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.domain.catalog import ImageFailure
from trivia_scraper.domain.enrichment import EnrichmentReport, EnrichmentStatus, StaleVenues
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.models import ImageRole
from trivia_scraper.domain.photos import Photo, PhotoOutcome, PhotoOutcomeKind
from unit.cli import cli_samples as samples

FOURSQUARE = {"TRIVIA__PROVIDERS__FOURSQUARE__ENABLED": "true", "FOURSQUARE_API_KEY": "c4nary-of-the-bar"}
HERE = {"TRIVIA__PROVIDERS__HERE__ENABLED": "true"}


@pytest.fixture
def enriched(monkeypatch, bootstrap):
    """The options that reached the pipeline, and what it answers."""

    class Enriched:
        options = None
        report = None

    async def enrich_venues(options, services, *, told):
        Enriched.options = options
        report = Enriched.report or samples.enrichment(options=options)
        for outcome in report.outcomes:
            told(outcome)
        return report

    monkeypatch.setattr("trivia_scraper.pipeline.enriching_many.enrich_venues", enrich_venues)
    return Enriched


@pytest.fixture
def with_keys(monkeypatch, folders):
    """Sets these variables."""

    def set_variables(*groups):
        for name in ("GOOGLE_MAPS_API_KEY", "FOURSQUARE_API_KEY", "HERE_API_KEY", "UNSPLASH_ACCESS_KEY"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {name: value for group in groups for name, value in group.items()}.items():
            monkeypatch.setenv(name, value)

    set_variables()
    return set_variables


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), {}),
        (("--stale", "--limit", "7"), {"limit": 7}),
        (("--venue", "a", "--venue", "b", "--venue", "a"), {"venues": ("a", "b")}),
        (("--venue", "a", "--force", "--force-refresh-images"), {"force_update": True, "force_refresh_images": True}),
        (("--force", "--limit", "1"), {"force_update": True, "limit": 1}),
        (("--venue", "a", "--retry-failed-only"), {"retry_failed_only": True}),
        (("--provider", "foursquare", "--dry-run"), {"providers": ("foursquare",), "dry_run": True}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_r85_flags_become_the_options_of_this_run(call, enriched, with_keys, words, expected):
    with_keys(FOURSQUARE)
    assert call("enrich", *words).code == 0
    venues = {"venues": ("a",)} if "--venue" in words else {}
    assert enriched.options == samples.options(**(venues | expected))


@pytest.mark.parametrize(
    ("words", "variables", "code", "message", "hint"),
    [
        pytest.param(
            (), (), ExitCode.USAGE, "no photo provider is enabled", "[providers.google_places] enabled = true",
            id="nobody-is-enabled",
        ),
        pytest.param(
            ("--provider", "here"), (FOURSQUARE,), ExitCode.USAGE, "provider 'here' is switched off in the settings",
            "[providers.here] enabled = true", id="switched-off",
        ),
        pytest.param(
            (), (HERE,), ExitCode.CREDENTIALS, "no key of here is set", "HERE_API_KEY or [providers.here] key",
            id="R106-missing-key",
        ),
        pytest.param(
            ("--provider", "here"), (HERE, FOURSQUARE), ExitCode.CREDENTIALS, "no key of here is set", "HERE_API_KEY",
            id="R106-missing-key-of-the-one-named",
        ),
        pytest.param(
            ("--retry-failed-only",), (), ExitCode.USAGE, "--retry-failed-only needs --venue", "enrich --help",
            id="retry-what",
        ),
        pytest.param(
            ("--force",), (), ExitCode.USAGE, "--force asks for fresh venues too", "enrich --help",
            id="force-how-many",
        ),
        pytest.param(
            ("--venue", "a", "--stale"), (), ExitCode.USAGE, "leave --venue or --stale out", "enrich --help",
            id="stale-and-venue",
        ),
        pytest.param(("--limit", "0"), (), ExitCode.USAGE, "'--limit'", "enrich --help", id="no-limit-of-nothing"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(call, enriched, with_keys, words, variables, code, message, hint):
    with_keys(*variables)
    ended = call("enrich", *words, "--json")
    assert ended.code == code
    assert message in ended.document["error"]["message"]
    assert hint in ended.document["error"]["hint"]
    assert enriched.options is None


def test_one_provider_without_a_key_does_not_stop_the_others(call, enriched, with_keys):
    with_keys(FOURSQUARE, HERE)
    assert call("enrich").code == 0
    assert enriched.options is not None


def test_r97_an_unknown_provider_is_told_and_runs(call, enriched, with_keys):
    with_keys(FOURSQUARE)
    ended = call("enrich", "--provider", "foresquare")
    assert ended.code == 0
    assert "no provider 'foresquare', did you mean 'foursquare'?: nobody is asked for it\n" in ended.err
    assert enriched.options.providers == ("foresquare",)


def test_retry_only_needs_no_provider(call, enriched, with_keys):
    assert call("enrich", "--venue", "a", "--retry-failed-only").code == 0
    assert enriched.options.retry_failed_only is True


def test_flags_have_no_environment_twins(call, enriched, with_keys, monkeypatch):
    with_keys(FOURSQUARE)
    for name in ("FORCE", "VENUES", "VENUE", "PROVIDERS", "LIMIT", "DRY_RUN", "RETRY_FAILED_ONLY", "STALE"):
        monkeypatch.setenv(f"TRIVIA_ENRICH_{name}", "1")
    assert call("enrich").code == 0
    assert enriched.options == samples.options()


# --- what is told -----------------------------------------------------------------------------------------------


def failed_photo(next_retry_at=samples.AT):
    what = Photo(
        ImageRole.GALLERY, "here", None, "here:url:x", "https://u:c4nary@x.example/1?key=c4nary", 1, 1, None, None,
        samples.AT,
    )  # fmt: skip
    failure = ImageFailure(ErrorType.RATE_LIMITED, None, 429, "https://x.example/?key=c4nary", 3)
    return PhotoOutcome(PhotoOutcomeKind.FAILED, 17, what, failure, next_retry_at=next_retry_at)


def test_r106_the_table_has_figures_providers_summary_and_what_is_next(call, enriched, with_keys):
    with_keys(FOURSQUARE)
    enriched.report = samples.enrichment(photos=(failed_photo(),))
    ended = call("enrich", "--venue", "the-crown")
    assert ended.code == ExitCode.SOME_FAILED
    head, _, row, _, summary, failure, following = ended.out.splitlines()
    assert head.split() == ["venue", "status", "listed", "uploaded", "failed", "stored", "cost", "providers"]
    assert row.split()[:7] == ["the-crown", "success", "2", "0", "1", "2/2", "0.0210"]
    told = "google_places 2, foursquare none, here failed: rate_limited, unsplash not asked: missing_key"
    assert told in row
    assert summary == "the-crown: all 2 photos stored: 1 new, 1 kept"
    assert failure == (
        "the-crown: image 17 of here: failed: rate_limited (HTTP 429), again from 2026-03-01 12:30:00 UTC"
    )
    assert following == "the-crown: next: looked up again from 2026-06-01"
    assert ended.err.splitlines() == [
        "the-crown: all 2 photos stored: 1 new, 1 kept", "1 of 1 venues, 0.0210 USD",
    ]  # fmt: skip


def test_r107_r142_the_document_has_venue_run_and_totals(call, enriched, with_keys):
    with_keys(FOURSQUARE)
    enriched.report = samples.enrichment(photos=(failed_photo(),))
    document = call("enrich", "--venue", "the-crown", "--json").document
    assert (document["ok"], document["total"], document["stale"], document["cost"]) == (False, 1, 1, 0.021)
    [told] = document["venues"]
    assert (told["venue"]["id"], told["venue"]["slug"], told["venue"]["city"]) == (1, "the-crown", "York")
    assert (told["images_discovered"], told["images_failed"], told["failed_image_ids"]) == (2, 1, [17])
    assert told["failure_breakdown"] == {"rate_limited": 1}
    assert told["venue_totals"] == {"uploaded": 2, "failed": 0, "total": 2}
    assert told["providers"]["here"]["why"] == "rate_limited"
    [image] = told["images"]
    assert image["error_details"]["status_code"] == 429
    assert image["next_retry_at"] == "2026-03-01T12:30:00Z"


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_r82_no_secret_is_shown(call, enriched, with_keys, words):
    with_keys(FOURSQUARE)
    enriched.report = samples.enrichment(photos=(failed_photo(),))
    ended = call("enrich", *words)
    assert "c4nary" not in ended.out + ended.err


def test_a_crash_and_many_venues_are_told(call, enriched, with_keys):
    with_keys(FOURSQUARE)
    report = EnrichmentReport("run", StaleVenues(("a", "b"), total=9, stale=4, no_id=2))
    report.crashed["b"] = "unexpected ZeroDivisionError"
    enriched.report = report
    ended = call("enrich")
    assert ended.code == ExitCode.SOME_FAILED
    assert ended.out == "b: failed: unexpected ZeroDivisionError\n"
    closing = "0 of 2 venues, 0.0000 USD; 4 of 9 are due, 5 are fresh, 2 of those due have no id at a provider\n"
    assert ended.err == closing


def test_an_error_of_all_providers_is_a_failure(call, enriched, with_keys):
    with_keys(FOURSQUARE)
    enriched.report = samples.enrichment(status=EnrichmentStatus.ERROR)
    assert call("enrich").code == ExitCode.SOME_FAILED


# --- ids --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("yelp", "1"), "no provider 'yelp'; there are google_places, foursquare, here, unsplash"),
        (("foursqare", "1"), "no provider 'foursqare', did you mean 'foursquare'?"),
        (("unsplash", "1"), "unsplash finds photos by a venue's name: it needs no id"),
        (("here", "two words"), "'two words' cannot be an id"),
        (("here", " "), "' ' cannot be an id"),
        (("here", "a\x1bb"), "cannot be an id"),
        (("here", "x" * 301), "cannot be an id"),
    ],
)
def test_r110_what_cannot_be_an_id_is_refused(call, bootstrap, words, said):
    ended = call("venues", "identify", "the-crown", *words)
    assert ended.code == ExitCode.USAGE
    assert said in ended.err
    assert bootstrap.asked == []


def test_r110_an_id_is_noted_and_taken_back(call, bootstrap):
    noted = call("venues", "identify", "the-crown", "here", " here:pds:place:1 ")
    assert noted.out == "noted: the-crown is known as here here:pds:place:1\n"
    gone = call("venues", "identify", "the-crown", "here", "here:pds:place:1", "--remove", "--json")
    assert gone.document["changed"] is True
    assert gone.document["provider_ids"] == {}
    assert [arguments["remove"] for _, arguments in bootstrap.asked] == [False, True]


def test_r83_credit_is_shown_and_cannot_forge_a_line(call, bootstrap):
    bootstrap.images = [
        replace(
            samples.image("uploaded"),
            position=2,
            attribution="Ann\x1b[31m\nok: Bo",
            attribution_url="https://u.example/ann",
        )
    ]
    shown = call("images", "show", "17").out
    [credit] = [line for line in shown.splitlines() if line.startswith("  credit")]
    assert "Ann" in credit
    assert credit.endswith("ok: Bo https://u.example/ann")
    assert "\x1b" not in shown
    assert "  position   2" in shown
