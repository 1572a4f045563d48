"""RefreshOptions: frozen, strict, never defaulted, and equal on the far side of every border (architecture 4)."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import anyio.to_thread
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trivia_scraper.domain.errors import SetupError
from trivia_scraper.domain.options import (
    RefreshOptions,
    options_from_job_arguments,
    options_from_json,
    options_to_json,
)

STATED: dict[str, Any] = {
    "force_refresh_images": False,
    "force_update": False,
    "clean_first": False,
    "retry_failed_only": False,
    "dry_run": False,
    "limit": None,
    "sources": (),
    "venues": (),
    "providers": (),
    "max_time_seconds": None,
}
FLAGS = ("force_refresh_images", "force_update", "clean_first", "retry_failed_only", "dry_run")
FORCED = RefreshOptions(**{**STATED, "force_refresh_images": True, "limit": 1, "sources": ("question_one",)})
ORDINARY = RefreshOptions(**STATED)
BOTH = pytest.mark.parametrize("options", [FORCED, ORDINARY], ids=["forced", "not-forced"])


def state(**changes: Any) -> RefreshOptions:
    return RefreshOptions(**{**STATED, **changes})


@st.composite
def any_options(draw: st.DrawFn) -> RefreshOptions:
    force = draw(st.booleans())
    words = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4).map(tuple)
    return RefreshOptions(
        force_refresh_images=force,
        force_update=draw(st.booleans()),
        clean_first=force and draw(st.booleans()),
        retry_failed_only=draw(st.booleans()),
        dry_run=draw(st.booleans()),
        limit=draw(st.none() | st.integers(min_value=1)),
        sources=draw(words),
        venues=draw(words),
        providers=draw(words),
        max_time_seconds=draw(st.none() | st.floats(min_value=0, exclude_min=True, allow_infinity=False)),
    )


# --- one frozen, strict, complete value ---------------------------------------------------------------------


@pytest.mark.parametrize("field", STATED)
def test_t7_r22_r23_the_value_is_frozen(field: str) -> None:
    before = getattr(FORCED, field)
    with pytest.raises(ValidationError, match="frozen"):
        setattr(FORCED, field, before)
    assert getattr(FORCED, field) == before


@pytest.mark.parametrize("field", STATED)
def test_t7_t10_no_field_has_a_default(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        RefreshOptions(**{name: value for name, value in STATED.items() if name != field})


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("value", [None, 0, 1, "false", "true", "0", "", "no", 0.0, [], ()], ids=repr)
def test_r29_t10_inside_the_program_only_true_and_false_are_flags(flag: str, value: object) -> None:
    with pytest.raises(ValidationError, match=flag):
        state(**{"force_refresh_images": True, flag: value})


@pytest.mark.parametrize("limit", [0, -1, "1", 1.0, 1.5, True, False], ids=repr)
def test_r26_a_limit_is_a_whole_number_of_at_least_one(limit: object) -> None:
    with pytest.raises(ValidationError, match="limit"):
        state(limit=limit)


@pytest.mark.parametrize("seconds", [0, -1.0, "60", float("inf"), float("nan"), True], ids=repr)
def test_a_time_budget_is_a_finite_positive_number(seconds: object) -> None:
    # No budget has one spelling, None: infinity would come back from JSON as something else.
    with pytest.raises(ValidationError, match="max_time_seconds"):
        state(max_time_seconds=seconds)


@pytest.mark.parametrize("field", ["sources", "venues"])
@pytest.mark.parametrize("value", [None, "question_one", ["question_one"], (1,), (None,)], ids=repr)
def test_slugs_are_a_tuple_of_texts(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        state(**{field: value})


def test_r23_one_name_everywhere() -> None:
    with pytest.raises(ValidationError, match="force_refresh"):
        state(force_refresh=True)


@pytest.mark.parametrize(
    ("force", "clean", "allowed"),
    [(False, False, True), (True, False, True), (True, True, True), (False, True, False)],
    ids=["neither", "force-alone", "D1-clean-and-force", "D1-clean-without-force"],
)
def test_d1_clean_first_needs_force(force: bool, clean: bool, allowed: bool) -> None:
    if allowed:
        assert state(force_refresh_images=force, clean_first=clean).clean_first is clean
    else:
        with pytest.raises(ValidationError, match="needs force_refresh_images"):
            state(force_refresh_images=force, clean_first=clean)


def test_r26_update_refresh_and_limit_combine() -> None:
    options = state(force_update=True, force_refresh_images=True, limit=3)
    assert (options.force_update, options.force_refresh_images, options.limit) == (True, True, 3)


# --- one document -------------------------------------------------------------------------------------------


@given(any_options())
def test_t8_r9_json_round_trip_is_exact(options: RefreshOptions) -> None:
    assert options_from_json(options_to_json(options)) == options
    assert options_from_json(options_to_json(options).encode()) == options


def test_r8_string_keys_are_written() -> None:
    assert json.loads(options_to_json(FORCED)) == {
        "force_refresh_images": True,
        "force_update": False,
        "clean_first": False,
        "retry_failed_only": False,
        "dry_run": False,
        "limit": 1,
        "sources": ["question_one"],
        "venues": [],
        "providers": [],
        "max_time_seconds": None,
    }


def altered(**changes: object) -> str:
    return json.dumps({**json.loads(options_to_json(FORCED)), **changes})


@pytest.mark.parametrize(
    "document",
    [
        "",
        "null",
        "true",
        "[]",
        "{}",
        "not json",
        altered(force_refresh_images=None),
        altered(force_refresh_images="false"),
        altered(force_refresh_images=0),
        altered(force_refresh_images=1),
        altered(clean_first=True, force_refresh_images=False),
        altered(limit=0),
        altered(limit="1"),
        altered(sources="question_one"),
        altered(force_refresh=True),
        json.dumps({k: v for k, v in json.loads(options_to_json(FORCED)).items() if k != "force_refresh_images"}),
    ],
)
def test_r19_t10_a_stored_document_is_read_whole_or_not_at_all(document: str) -> None:
    with pytest.raises(SetupError, match="unreadable"):
        options_from_json(document)


# --- the one parser of loosely written job arguments --------------------------------------------------------


@dataclass
class JobArguments:
    """A job that keeps its arguments as attributes."""

    force_refresh_images: object = None
    limit: object = None


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param({"force_refresh_images": True}, True, id="R8-T8-string-key-true"),
        pytest.param({"force_refresh_images": False}, False, id="R18-string-key-false"),
        pytest.param({"force_refresh_images": None}, False, id="R10-T10-null-key"),
        pytest.param({}, False, id="R7-missing-key"),
        pytest.param({"force_update": True}, False, id="R7-another-flag-only"),
        pytest.param(None, False, id="R11-no-arguments-at-all"),
        pytest.param(JobArguments(True), True, id="R8-T8-attribute-true"),
        pytest.param(JobArguments(False), False, id="R18-attribute-false"),
        pytest.param(JobArguments(), False, id="R10-attribute-none"),
        pytest.param(SimpleNamespace(), False, id="R7-missing-attribute"),
        pytest.param(FORCED, True, id="R8-options-themselves"),
        pytest.param(json.loads(options_to_json(FORCED)), True, id="R9-a-stored-document"),
    ],
)
def test_job_arguments_give_true_or_false(arguments: object, expected: bool) -> None:
    """R67: the extraction alone."""
    assert options_from_job_arguments(arguments).force_refresh_images is expected


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("value", ["false", "0", "true", "", 0, 1, 0.0, [], {}], ids=repr)
@pytest.mark.parametrize("form", [dict, SimpleNamespace], ids=["key", "attribute"])
def test_r29_anything_else_is_rejected_never_truthy(flag: str, value: object, form: type) -> None:
    with pytest.raises(SetupError, match=flag):
        options_from_job_arguments(form(**{"force_refresh_images": True, flag: value}))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, ()), ([], ()), ((), ()), (["quizmeisters"], ("quizmeisters",)), (("a", "b"), ("a", "b"))],
    ids=repr,
)
@pytest.mark.parametrize("field", ["sources", "venues"])
def test_lists_of_slugs_are_read(field: str, value: object, expected: tuple[str, ...]) -> None:
    assert getattr(options_from_job_arguments({field: value}), field) == expected


@pytest.mark.parametrize("value", ["quizmeisters", "", 5, 0, False, [1], {"a": 1}], ids=repr)
@pytest.mark.parametrize("field", ["sources", "venues"])
def test_r29_a_lone_text_is_no_list_of_slugs(field: str, value: object) -> None:
    with pytest.raises(SetupError, match=field):
        options_from_job_arguments({field: value})


@given(any_options())
def test_r19_r21_reading_a_job_changes_nothing(options: RefreshOptions) -> None:
    assert options_from_job_arguments(json.loads(options_to_json(options))) == options
    assert options_from_job_arguments(options) == options


def test_r14_nothing_leaks_from_an_earlier_job() -> None:
    assert options_from_job_arguments({"force_refresh_images": True, "limit": 1}).force_refresh_images is True
    assert options_from_job_arguments({}) == ORDINARY
    assert options_from_job_arguments({"force_refresh_images": None}) == ORDINARY


# --- borders (T3, R9, R16, R66) -----------------------------------------------------------------------------

FAR_SIDE = """
import json, sys
from trivia_scraper.domain.options import options_from_job_arguments, options_from_json
document = sys.stdin.read()
options = options_from_json(document)
assert options_from_job_arguments(json.loads(document)) == options
print(json.dumps([options.force_refresh_images is True, options.limit, list(options.sources)]))
"""


@BOTH
async def test_t3_r66_a_thread_sees_the_value(options: RefreshOptions) -> None:
    def in_thread(options: RefreshOptions) -> tuple[RefreshOptions, bool]:
        return options, options.force_refresh_images

    seen, flag = await anyio.to_thread.run_sync(in_thread, options)
    assert seen is options
    assert flag is options.force_refresh_images


@BOTH
async def test_t3_r16_r66_r67_a_task_and_a_nested_task_see_the_value(options: RefreshOptions) -> None:
    seen: dict[str, bool] = {}

    async def nested(name: str, options: RefreshOptions) -> None:
        await asyncio.sleep(0)
        seen[name] = options.force_refresh_images

    async def child(options: RefreshOptions) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(nested("hero", options))
            group.create_task(nested("performer", options))
        seen["child"] = options.force_refresh_images

    async with asyncio.TaskGroup() as group:
        group.create_task(child(options))
    expected = options.force_refresh_images
    assert seen == {"hero": expected, "performer": expected, "child": expected}


async def test_r14_r16_two_runs_side_by_side_keep_their_own_values() -> None:
    seen: list[tuple[str, bool]] = []

    async def run(name: str, options: RefreshOptions) -> None:
        for _ in range(3):
            await asyncio.sleep(0)
            seen.append((name, options.force_refresh_images))

    async with asyncio.TaskGroup() as group:
        group.create_task(run("forced", FORCED))
        group.create_task(run("ordinary", ORDINARY))
    assert sorted(seen) == [("forced", True)] * 3 + [("ordinary", False)] * 3


@BOTH
def test_t3_r66_a_spawned_process_sees_the_value(options: RefreshOptions) -> None:
    # The child runs our own writer on what reached it: the document is what the far side holds.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawn) as pool:
        far = json.loads(pool.submit(options_to_json, options).result(timeout=60))
    assert far["force_refresh_images"] is options.force_refresh_images
    assert far == json.loads(options_to_json(options))


@BOTH
def test_r9_r66_a_stored_job_is_read_back_in_another_process(options: RefreshOptions) -> None:
    child = subprocess.run(
        [sys.executable, "-c", FAR_SIDE],
        input=options_to_json(options),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(child.stdout) == [options.force_refresh_images, options.limit, list(options.sources)]
