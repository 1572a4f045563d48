"""Every statistics function against a table counted by hand (images.md 10, issue 4 section 7.5)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from support.image_shelf import NOON, Shelf
from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.domain.models import ImageStatus, OwnerKind
from trivia_scraper.domain.statistics import ClassTotals, FailureClasses, SummaryStats, TypeCount
from trivia_scraper.policy.classifying import DEFAULT_CLASSES, error_classes
from trivia_scraper.policy.priority import priority_score
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.queries import sql
from trivia_scraper.storage.stats import PostgresStatistics

SEED = Path(__file__).parents[2] / "bench" / "seed_images.sql"
PERFORMER = OwnerKind.PERFORMER


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


@pytest.fixture
def statistics(database: Database) -> PostgresStatistics:
    return PostgresStatistics(database, DEFAULT_CLASSES)


@pytest.fixture
async def town(shelf: Shelf) -> dict[str, int]:
    """The table that all hand-made figures come from.

    | venue  | stored | failed                      | closed               | rate | class                |
    |--------|--------|-----------------------------|----------------------|------|----------------------|
    | crown  | 7      | 3 rate_limited              |                      | 30.0 | transient            |
    | anchor | 1      | 1 server_error              | 2 not_found          | 75.0 | ambiguous, permanent |
    | bell   | 2      | 1 network_timeout, tried 3x |                      | 33.3 | permanent            |
    | swan   | 0      | 1 without a type            |                      | 50.0 | ambiguous; 1 skipped |
    | plough | 4      |                             |                      |      |                      |
    | empty  | 0      |                             |                      |      |                      |
    And one merged, one unsaved venue and one tombstone, all with failures that do not count.
    """
    ids = {slug: await shelf.venue(slug) for slug in ("crown", "anchor", "bell", "swan", "plough", "empty")}
    await shelf.images(ids["crown"], (7, "uploaded", None), (3, "failed", "rate_limited"))
    await shelf.images(ids["anchor"], (1, "uploaded", None), provider="here")
    await shelf.images(
        ids["anchor"], (2, "permanently_failed", "not_found"), (1, "failed", "server_error"), provider="here"
    )
    await shelf.images(ids["bell"], (2, "uploaded", None))
    await shelf.image(ids["bell"], "failed", "network_timeout", retry_count=3)
    await shelf.images(ids["swan"], (1, "failed", None), (1, "skipped", None))
    await shelf.images(ids["plough"], (4, "uploaded", None), provider="foursquare")
    await shelf.image(ids["crown"], "failed", "rate_limited", deleted_at=NOON)
    merged = await shelf.venue("old-crown", merged_into=ids["crown"])
    unsaved = await shelf.venue("claimed", saved_at=None)
    for ignored in (merged, unsaved):
        await shelf.images(ignored, (2, "failed", "rate_limited"), (1, "uploaded", None))
    return ids


async def test_r175_venues_with_failures_counts_both_states_apart_and_orders_by_count_then_rate(
    town: dict[str, int], statistics: PostgresStatistics
) -> None:
    found = await statistics.venues_with_failures()
    assert [
        (each.slug, each.total_images, each.failed_count, each.failed, each.permanently_failed, each.uploaded_count,
         each.failure_rate_pct)
        for each in found
    ] == [
        ("anchor", 4, 3, 1, 2, 1, 75.0),
        ("crown", 10, 3, 3, 0, 7, 30.0),
        ("swan", 2, 1, 1, 0, 0, 50.0),
        ("bell", 3, 1, 1, 0, 2, 33.3),
    ]  # fmt: skip
    crown = found[1]
    assert (crown.id, crown.name, crown.city) == (town["crown"], "Crown", "Leeds")


async def test_r175_three_failed_of_ten_is_thirty_per_cent(shelf: Shelf, statistics: PostgresStatistics) -> None:
    venue = await shelf.venue("crown")
    await shelf.images(venue, (3, "failed", "rate_limited"), (7, "uploaded", None))
    [found] = await statistics.venues_with_failures()
    assert found.failure_rate_pct == 30.0


async def test_r176_equal_counts_and_rates_are_told_oldest_owner_first(
    shelf: Shelf, statistics: PostgresStatistics
) -> None:
    for slug in ("zebra", "apple", "mango"):
        await shelf.images(await shelf.venue(slug), (1, "failed", "gone"), (1, "uploaded", None))
    assert [each.slug for each in await statistics.venues_with_failures()] == ["zebra", "apple", "mango"]
    assert [each.slug for each in await statistics.partial_failure_candidates()] == ["zebra", "apple", "mango"]
    assert [each.slug for each in await statistics.high_priority_venues()] == ["zebra", "apple", "mango"]


async def test_r177_a_failed_replacement_of_a_good_picture_is_no_failure(
    shelf: Shelf, statistics: PostgresStatistics
) -> None:
    venue = await shelf.venue("crown")
    await shelf.image(venue, "uploaded", "rate_limited", refresh_failed_at=NOON)
    assert await statistics.venues_with_failures() == []


async def test_failures_of_one_city_whatever_its_case_and_at_most_so_many(
    shelf: Shelf, statistics: PostgresStatistics
) -> None:
    for slug, city in (("crown", "York"), ("bell", "York"), ("swan", None)):
        await shelf.image(await shelf.venue(slug, city=city), "failed", "gone")
    assert [each.slug for each in await statistics.venues_with_failures(city="yORK")] == ["crown", "bell"]
    assert [each.slug for each in await statistics.venues_with_failures(limit=1)] == ["crown"]


async def test_r178_failure_breakdown_by_provider_and_type(
    town: dict[str, int], statistics: PostgresStatistics
) -> None:
    assert [(each.provider, each.error_type, each.count) for each in await statistics.failure_breakdown()] == [
        ("google_places", "rate_limited", 3),
        ("here", "not_found", 2),
        ("google_places", "network_timeout", 1),
        ("google_places", None, 1),
        ("here", "server_error", 1),
    ]


async def test_r179_partial_candidates_need_both_kinds_and_have_a_rate_of_their_own(
    town: dict[str, int], statistics: PostgresStatistics
) -> None:
    found = await statistics.partial_failure_candidates()
    assert [
        (each.slug, each.failed_count, each.uploaded_count, each.failure_rate_pct, each.error_types) for each in found
    ] == [
        ("crown", 3, 7, 30.0, ("rate_limited",)),
        ("anchor", 1, 1, 50.0, ("server_error",)),  # its two closed images are no candidates
        ("bell", 1, 2, 33.3, ("network_timeout",)),
    ]  # swan has nothing stored


@pytest.mark.parametrize(
    ("chosen", "slugs"),
    [({}, ["crown", "anchor", "bell"]), ({"min_failures": 2}, ["crown"]), ({"limit": 2}, ["crown", "anchor"])],
    ids=["r180-defaults", "r180-min_failures", "r180-limit"],
)
async def test_r180_parameters_of_partial_candidates(
    town: dict[str, int], statistics: PostgresStatistics, chosen: dict[str, int], slugs: list[str]
) -> None:
    assert [each.slug for each in await statistics.partial_failure_candidates(**chosen)] == slugs


async def test_r184_classes_count_images_and_owners_and_an_owner_in_several(
    town: dict[str, int], statistics: PostgresStatistics
) -> None:
    assert await statistics.failure_classification_summary() == FailureClasses(
        transient=ClassTotals(3, 1), permanent=ClassTotals(3, 2), ambiguous=ClassTotals(2, 2)
    )


async def test_r184_an_absent_class_is_zero(shelf: Shelf, statistics: PostgresStatistics) -> None:
    await shelf.image(await shelf.venue("crown"), "failed", "bad_gateway")
    found = await statistics.failure_classification_summary()
    assert found == FailureClasses(ClassTotals(1, 1), ClassTotals(0, 0), ClassTotals(0, 0))


async def test_overridden_classes_count_here_too(town: dict[str, int], database: Database) -> None:
    """D4: `[recovery] transient` and `permanent` replace a class in statistics as well."""
    classes = error_classes(frozenset({ErrorType.SERVER_ERROR}), frozenset({ErrorType.RATE_LIMITED}))
    statistics = PostgresStatistics(database, classes)
    assert await statistics.failure_classification_summary() == FailureClasses(
        transient=ClassTotals(1, 1), permanent=ClassTotals(6, 3), ambiguous=ClassTotals(1, 1)
    )
    assert (await statistics.high_priority_venues())[0].slug == "anchor"


@pytest.mark.parametrize("status", list(ImageStatus))
async def test_r134_the_class_in_sql_is_the_class_in_policy(shelf: Shelf, status: ImageStatus) -> None:
    transient, permanent = sorted(DEFAULT_CLASSES.transient), sorted(DEFAULT_CLASSES.permanent)
    cases = [(kind, retries) for kind in (*ErrorType, "of another version", None) for retries in range(5)]
    found = await shelf.rows(
        "SELECT failure_class($1, c.retries, c.kind, $4, $5) AS class"
        " FROM unnest($2::text[], $3::int[]) WITH ORDINALITY AS c (kind, retries, nth) ORDER BY nth",
        status, [kind for kind, _ in cases], [retries for _, retries in cases], transient, permanent,
    )  # fmt: skip
    expected = [DEFAULT_CLASSES.of_image(status, retries, kind) for kind, retries in cases]
    assert [row["class"] for row in found] == expected
    assert set(expected) <= {*FailureClass, None}


@pytest.mark.parametrize(
    ("activity", "images", "score"),
    [
        (0, ((3, "failed", "rate_limited"), (7, "uploaded", None)), 80.0),
        (0, ((3, "failed", "not_found"), (7, "uploaded", None)), 60.0),
        (250, ((1, "failed", "server_error"), (2, "uploaded", None)), 45.83),
        (0, ((1, "permanently_failed", "rate_limited"),), 110.0),
    ],
    ids=["r183-three-of-ten-transient", "r183-not-transient", "r183-activity", "r183-closed-is-not-transient"],
)
async def test_r183_the_score(
    shelf: Shelf, statistics: PostgresStatistics, activity: int, images: Any, score: float
) -> None:
    await shelf.images(await shelf.venue("crown", activity=activity), *images)
    [found] = await statistics.high_priority_venues()
    assert found.score == score
    computed = priority_score(
        found.failed_count, found.total_images, has_transient=found.has_transient, activity=found.activity
    )
    assert found.score == round(computed, 2)


async def test_r186_the_most_urgent_come_first_and_fifty_at_most(
    town: dict[str, int], shelf: Shelf, statistics: PostgresStatistics
) -> None:
    assert [(each.slug, each.score) for each in await statistics.high_priority_venues()] == [
        ("anchor", 105.0),
        ("crown", 80.0),
        ("swan", 60.0),
        ("bell", 43.33),
    ]
    assert [each.slug for each in await statistics.high_priority_venues(limit=2)] == ["anchor", "crown"]
    for number in range(60):
        await shelf.image(await shelf.venue(f"pub-{number}"), "failed", "gone")
    assert len(await statistics.high_priority_venues()) == 50


async def test_of_equal_scores_the_oldest_failure_comes_first(shelf: Shelf, statistics: PostgresStatistics) -> None:
    """images.md 12, priority queue."""
    for slug, hours in (("young", 1), ("old", 9), ("middle", 5)):
        at = NOON - dt.timedelta(hours=hours)
        await shelf.image(await shelf.venue(slug), "failed", "bad_gateway", error_at=at)
    assert [each.slug for each in await statistics.high_priority_venues()] == ["old", "middle", "young"]


async def test_r181_summary(town: dict[str, int], statistics: PostgresStatistics) -> None:
    assert await statistics.summary_stats() == SummaryStats(
        total_venues_with_failures=4,
        total_failed_images=8,
        total_uploaded_images=10,  # the plough's four are in no venue with failures
        average_failure_rate=47.1,  # (75 + 30 + 50 + 33.33) / 4
        venues_with_transient=1,
        venues_with_permanent=2,
        venues_with_ambiguous=2,
        top_error_types=(
            TypeCount("rate_limited", 3),
            TypeCount("not_found", 2),
            TypeCount("network_timeout", 1),
            TypeCount("server_error", 1),
            TypeCount(None, 1),
        ),
    )


async def test_r181_only_the_five_most_frequent_types(shelf: Shelf, statistics: PostgresStatistics) -> None:
    venue = await shelf.venue("crown")
    for count, kind in enumerate(list(ErrorType)[:7], 1):
        await shelf.images(venue, (count, "failed", kind))
    types = (await statistics.summary_stats()).top_error_types
    assert [each.count for each in types] == [7, 6, 5, 4, 3]


async def test_r182_zero_venues_give_zeros_and_empty_lists(statistics: PostgresStatistics) -> None:
    for kind in OwnerKind:
        assert await statistics.venues_with_failures(kind) == []
        assert await statistics.failure_breakdown(kind) == []
        assert await statistics.partial_failure_candidates(kind) == []
        assert await statistics.high_priority_venues(kind) == []
        assert await statistics.failure_classification_summary(kind) == FailureClasses()
        assert await statistics.summary_stats(kind) == SummaryStats(0, 0, 0, 0.0, 0, 0, 0, ())
        quality = await statistics.quality_stats(NOON, kind=kind)
        assert (quality.total, quality.coverage_pct, quality.venues_per_provider) == (0, 0.0, {})
        assert await statistics.failed_uploads(kind) is None


async def test_r185_rates_are_plain_floats_with_one_decimal(
    town: dict[str, int], statistics: PostgresStatistics
) -> None:
    rates = [each.failure_rate_pct for each in await statistics.venues_with_failures()]
    rates += [each.failure_rate_pct for each in await statistics.partial_failure_candidates()]
    rates += [each.failure_rate_pct for each in await statistics.high_priority_venues()]
    rates += [(await statistics.summary_stats()).average_failure_rate]
    rates += [(await statistics.quality_stats(NOON)).coverage_pct]
    assert {type(rate) for rate in rates} == {float}
    assert rates == [round(rate, 1) for rate in rates]
    assert type((await statistics.high_priority_venues())[0].score) is float


async def test_performers_are_counted_by_themselves(
    town: dict[str, int], shelf: Shelf, statistics: PostgresStatistics
) -> None:
    ann, bob = await shelf.performer("ann"), await shelf.performer("bob")
    await shelf.performer("claimed-only", saved_at=None)
    await shelf.image(ann, "failed", "network_error", owner_kind="performer", provider="quizmeisters")
    await shelf.image(bob, "uploaded", owner_kind="performer", provider="quizmeisters")
    [found] = await statistics.venues_with_failures(PERFORMER)
    assert (found.slug, found.city, found.failure_rate_pct) == ("ann", None, 100.0)
    assert (await statistics.summary_stats(PERFORMER)).total_failed_images == 1
    assert (await statistics.high_priority_venues(PERFORMER))[0].score == 130.0
    assert (await statistics.failure_classification_summary(PERFORMER)).transient == ClassTotals(1, 1)
    quality = await statistics.quality_stats(NOON, kind=PERFORMER)
    assert (quality.total, quality.with_images, quality.coverage_pct, quality.missing_ids) == (2, 1, 50.0, 0)
    assert (await statistics.summary_stats()).total_failed_images == 8


async def test_quality_stats_everywhere(town: dict[str, int], shelf: Shelf, statistics: PostgresStatistics) -> None:
    """images.md 10, quality_stats: swan's skipped image counts as something to show."""
    await shelf.execute("UPDATE venues SET latitude = NULL WHERE slug IN ('crown', 'empty')")
    await shelf.execute("UPDATE venues SET place_id = 'p-' || slug WHERE slug IN ('crown', 'bell')")
    await shelf.execute(
        "INSERT INTO venue_provider_ids SELECT id, p, 'x', $1 FROM venues, unnest(ARRAY['here', 'foursquare']) AS p"
        " WHERE slug = 'anchor'",
        NOON,
    )
    await shelf.execute(
        "INSERT INTO venue_enrichment (venue_id, last_checked_at, updated_at)"
        " SELECT id, $1::timestamptz - CASE slug WHEN 'bell' THEN interval '8 days' ELSE interval '7 days' END, $1"
        " FROM venues WHERE slug IN ('crown', 'bell', 'swan')",
        NOON,
    )
    found = await statistics.quality_stats(NOON)
    assert (found.total, found.with_images, found.without_images, found.coverage_pct) == (6, 5, 1, 83.3)
    assert found.venues_per_provider == {"google_places": 3, "foursquare": 1, "here": 1}
    assert found.enriched_in_7_days == 2
    assert (found.missing_coordinates, found.missing_ids, found.missing_coordinates_or_ids) == (2, 3, 4)


async def test_r110_ids_of_merged_venues_are_ids_of_the_one_they_are_part_of(
    shelf: Shelf, statistics: PostgresStatistics
) -> None:
    crown, bell = await shelf.venue("crown"), await shelf.venue("bell")
    middle = await shelf.venue("old-crown", merged_into=crown)
    oldest = await shelf.venue("oldest-crown", merged_into=middle)
    await shelf.venue("old-bell", merged_into=bell, place_id="p-1")
    assert (await statistics.quality_stats(NOON)).missing_ids == 1
    await shelf.execute("INSERT INTO venue_provider_ids VALUES ($1, 'here', 'x', $2)", oldest, NOON)
    assert (await statistics.quality_stats(NOON)).missing_ids == 0


async def test_quality_stats_of_one_city(town: dict[str, int], shelf: Shelf, statistics: PostgresStatistics) -> None:
    york = await shelf.venue("york-arms", city="York", longitude=None)
    await shelf.images(york, (1, "uploaded", None), provider="here")
    await shelf.images(york, (1, "external", None), provider="question_one")
    found = await statistics.quality_stats(NOON, "york")
    assert (found.city, found.total, found.coverage_pct, found.missing_coordinates) == ("york", 1, 100.0, 1)
    assert found.venues_per_provider == {"here": 1, "question_one": 1}


async def test_r200_the_box_is_hidden_when_nothing_failed_and_else_says_what_can_be_done(
    shelf: Shelf, statistics: PostgresStatistics
) -> None:
    venue = await shelf.venue("crown")
    await shelf.image(venue, "uploaded")
    assert await statistics.failed_uploads() is None
    await shelf.images(venue, (2, "failed", "rate_limited"), (1, "permanently_failed", "gone"))
    box = await statistics.failed_uploads()
    assert box is not None
    assert (box.owners, box.images, box.transient, box.permanent, box.ambiguous) == (1, 3, 2, 1, 0)


async def test_r230_patterns_by_provider_type_and_host(shelf: Shelf, statistics: PostgresStatistics) -> None:
    venue, host = await shelf.venue("crown"), await shelf.performer("ann")
    for url in ("https://A.example:8443/1", "https://user@a.example/2?x=1", "http://[2001:db8::1]:80/3", None):
        await shelf.image(venue, "failed", "gone", provider_url=url)
    await shelf.image(host, "failed", "gone", provider_url="https://a.example#4", owner_kind="performer")
    found = [(each.host, each.count, each.owners) for each in await statistics.failure_patterns()]
    assert found == [("a.example", 3, 2), ("[2001:db8::1]", 1, 1), (None, 1, 1)]


async def test_r220_figures_are_one_json_document(town: dict[str, int], statistics: PostgresStatistics) -> None:
    figures = await statistics.figures(NOON)
    document = json.loads(json.dumps(figures))
    assert document["taken_at"] == "2026-09-09T12:00:00+00:00"
    assert document["owners"]["venue"]["summary"]["total_failed_images"] == 8
    assert document["owners"]["venue"]["classes"]["permanent"] == {"images": 3, "owners": 2}
    assert document["owners"]["venue"]["images"] == {
        "failed": 6, "permanently_failed": 2, "skipped": 1, "uploaded": 14,
    }  # fmt: skip
    assert document["owners"]["performer"]["summary"]["total_failed_images"] == 0
    assert document["quality"]["total"] == 6


# Plans: what makes the functions fast at a million rows must not depend on luck.
PLANNED = {
    "venues_with_failures": ("venue", None, None),
    "failure_breakdown": ("venue",),
    "partial_failure_candidates": ("venue", 1, 100),
    "failure_classification_summary": ("venue", ["rate_limited"], ["gone"]),
    "high_priority_venues": ("venue", ["rate_limited"], ["gone"], 50),
    "summary_stats": ("venue", ["rate_limited"], ["gone"]),
    "top_error_types": ("venue", 5),
}
# Coverage counts every image; that it does so from its index at a million rows is the benchmark's to assert.


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Every node of a plan."""
    return [plan, *(node for inner in plan.get("Plans", ()) for node in nodes(inner))]


@pytest.mark.new_database
async def test_plans_never_read_the_whole_table_of_images(shelf: Shelf) -> None:
    """Issue 4 section 5, on 30,000 images: failures come from their own index, totals of failing owners by theirs."""
    await shelf.execute(SEED.read_text(encoding="utf-8").replace("%venues%", "3000"))
    await shelf.execute("VACUUM (ANALYZE)")
    for name, arguments in PLANNED.items():
        plan = await shelf.value(f"EXPLAIN (FORMAT JSON) {sql(f'stats/{name}')}", *arguments)
        found = nodes(plan[0]["Plan"])
        assert not [
            each for each in found if each["Node Type"] == "Seq Scan" and each["Relation Name"] == "images"
        ], name
        used = {each["Index Name"]: each["Node Type"] for each in found if "Index Name" in each}
        used = {index: node for index, node in used.items() if index.startswith("images_")}
        assert "images_failures" in used, (name, used)
        assert set(used) <= {"images_failures", "images_by_owner"}, (name, used)
        assert used.get("images_by_owner", "Index Only Scan") == "Index Only Scan", (name, used)
