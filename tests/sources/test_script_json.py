r"""JSON inside JavaScript: where a literal, an array, a call and a script really end (sources.md 4.1, 5.1, 11.4)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.sources.json_reading import JSON_LIMIT
from trivia_scraper.sources.script_json import (
    NESTING_LIMIT,
    balanced_after,
    js_string_literal_after,
    script_by_id,
    unwrap_jsonp,
)

ANCHOR = "events = JSON.parse("


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('slw({"stores": []})', '{"stores": []}'),
        ('slw({"stores": []});', '{"stores": []}'),
        ('slwapi({"locations": []}) ;\r\n', '{"locations": []}'),
        ('\ufeff \n/**/ jQuery.cb_12$( {"a": ")"} );', '{"a": ")"}'),
        ('{"stores": []}', '{"stores": []}'),
        ("[1]", "[1]"),
        ("<html>", "<html>"),
        ("", ""),
    ],
)
def test_4_1_a_call_is_unwrapped_whatever_its_name(body: str, expected: str) -> None:
    assert unwrap_jsonp(body) == expected


@pytest.mark.parametrize("body", ["slw(", 'slw({"a": 1}', 'slw({"a": 1};', 'slwapi({"a": "x'])
def test_a_call_that_is_not_closed_is_told(body: str) -> None:
    with pytest.raises(ValueError, match="not closed"):
        unwrap_jsonp(body)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (r"""var events = JSON.parse('[1]');""", "[1]"),
        (r"""var events=JSON.parse( "[1]" );""", "[1]"),
        ("var events\n  = JSON . parse(\n '[1]')", "[1]"),
        (r"""events = JSON.parse('it\'s \"here\" \\ \/ end'), more = 'x')""", r"""it's "here" \ / end"""),
        (r"""events = JSON.parse('a\n\t\r\b\f\v\0z')""", "a\n\t\r\b\f\v\0z"),
        (r"""events = JSON.parse('\u00e9\x41\u{1F600}\ud83d\ude00')""", "éA😀😀"),
        (r"""events = JSON.parse('\ud83d alone \q')""", "\ufffd alone q"),
        (r"""events = JSON.parse('\\u0041')""", r"\u0041"),
        ("events = JSON.parse('one \\\ntwo')", "one two"),
        (r"""old_events = JSON.parse('no'); events = JSON.parse('yes')""", "yes"),
        (r"""events = JSON.parse(raw); events = JSON.parse('yes')""", "yes"),
        (r"""events = JSON.parse('[]'); events = JSON.parse('[1]')""", "[]"),
    ],
)
def test_5_1_a_literal_is_read_to_its_first_unescaped_quote(script: str, expected: str) -> None:
    assert js_string_literal_after(script, ANCHOR) == expected


@pytest.mark.parametrize(
    "script",
    [
        "",
        "var events = [];",
        "var events = JSON.parse(raw)",
        "var events = JSON.parse('[1]",
        r"var events = JSON.parse('[1]\'",
        "var events = JSON.parse('[1]\n');",
        "var revents = JSON.parse('[1]')",
    ],
)
def test_a_literal_that_is_missing_or_not_closed_is_told(script: str) -> None:
    with pytest.raises(ValueError, match="behind"):
        js_string_literal_after(script, ANCHOR)


@given(st.text())
def test_any_text_survives_being_a_literal(text: str) -> None:
    for quote in ("'", '"'):
        escaped = json.dumps(text)[1:-1].replace(r"\"", '"')
        escaped = escaped.replace(quote, "\\" + quote)
        assert js_string_literal_after(f"x; events = JSON.parse({quote}{escaped}{quote}); y", ANCHOR) == text


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("window.pins = [1, [2]]; other = []", "[1, [2]]"),
        ("window.pins={a: [1]};", "{a: [1]}"),
        ("""window.pins = [{"a": "]}"}, {'b': '[\\'{'}];""", """[{"a": "]}"}, {'b': '[\\'{'}]"""),
        ("window.pins = [ // don't ]\n 1, /* } ' */ 2 ];", "[ // don't ]\n 1, /* } ' */ 2 ]"),
        ("window.pins = [`]${a}`];", "[`]${a}`]"),
        ("window.pins = null; window.pins = [3];", "[3]"),
    ],
)
def test_an_array_ends_at_its_own_bracket(script: str, expected: str) -> None:
    assert balanced_after(script, "window.pins =") == expected


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("window.pins = 3;", "no array"),
        ("window.pins = [1, 2", "not closed"),
        ('window.pins = ["]', "not closed"),
        ("window.pins = [1, /* ]", "not closed"),
        ("window.pins = [{]}", "cross"),
        (f"window.pins = {'[' * (NESTING_LIMIT + 1)}", "deeper"),
    ],
)
def test_an_array_that_cannot_be_bounded_is_told(script: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        balanced_after(script, "window.pins =")


@pytest.mark.parametrize(
    "markup",
    [
        '<script id="__NEXT_DATA__" type="application/json">{"a": 1}</script>',
        "<SCRIPT type='application/json' ID='__NEXT_DATA__'>\n{\"a\": 1}\n</SCRIPT >",
        '<script data-id=x id=__NEXT_DATA__>{"a": 1}</script>',
        '<script id="other">"<script id=__NEXT_DATA__>no"</script><script id="__NEXT_DATA__">{"a": 1}</script>',
        '<script>0</script><scripts id="__NEXT_DATA__"></scripts><script id="__NEXT_DATA__">{"a": 1}</script>',
    ],
)
def test_a_script_is_found_by_its_id(markup: str) -> None:
    assert script_by_id(markup, "__NEXT_DATA__") == '{"a": 1}'


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "<script>1</script>",
        '<script id="b">1</script>',
        '<script id="a">1',
        '<script id="a"',
        '<script data-id="a">1</script>',
    ],
)
def test_a_script_that_is_missing_or_cut_is_told(markup: str) -> None:
    with pytest.raises(ValueError, match="no complete script"):
        script_by_id(markup, "a")


def test_h108_a_script_ends_where_html_says_even_inside_a_string() -> None:
    assert script_by_id('<script id="a">{"x": "</script>"}</script>', "a") == '{"x": "'


MILLION = 1_000_000


@pytest.mark.parametrize(
    "read",
    [
        lambda: unwrap_jsonp("slw(" * MILLION),
        lambda: js_string_literal_after("events = JSON.parse('" + "\\'" * MILLION, ANCHOR),
        lambda: js_string_literal_after("events = JSON.parse(" * (MILLION // 10), ANCHOR),
        lambda: js_string_literal_after(("events" + " " * 49) * (MILLION // 50), ANCHOR),
        lambda: balanced_after("x = [" + '"\\"' * MILLION, "x ="),
        lambda: balanced_after("x = [" + "/*" * MILLION, "x ="),
        lambda: script_by_id("<script " * MILLION, "x"),
        lambda: script_by_id("<script>" * MILLION, "x"),
        lambda: script_by_id("<script " + "id = " * MILLION + "></script>", "x"),
        lambda: balanced_after(" " * (JSON_LIMIT + 1), "x ="),
    ],
    ids=["calls", "quotes", "anchors", "blanks", "strings", "comments", "tags", "scripts", "ids", "too-long"],
)
def test_hostile_megabytes_end_with_an_error(read: Callable[[], str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - that it returns at all is the point
        read()
