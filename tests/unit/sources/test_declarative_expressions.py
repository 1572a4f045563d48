"""Field expressions, paths and patterns (sources.md 11.2)."""

from __future__ import annotations

import json

import pytest

from trivia_scraper.sources.declarative.compiling import split_attribute
from trivia_scraper.sources.declarative.paths import parse_path
from trivia_scraper.sources.declarative.patterns import TEXT_LIMIT, compile_pattern, flattened
from unit.sources.declarative_cases import described, tried

GB = '[defaults]\ncountry = "GB"\n'
HTML = '[index]\nkind = "html"\nurl = "https://quiz.example/list"\nitem = "li"\n'
JSON = '[index]\nkind = "json"\nurl = "https://quiz.example/list.json"\n'


def facts_of(toml: str, text: str, number: int = 0) -> dict[str, str | None]:
    """Field → value of one item."""
    return {field.name: field.value for field in tried(described(toml), text).items[number].fields}


@pytest.mark.parametrize(
    ("text", "selector", "attribute"),
    [
        ("h3", "h3", ""),
        ("img@src", "img", "src"),
        ("@data-lat", "", "data-lat"),
        (".", "", ""),
        (".@id", "", "id"),
        ('a[href*="@x"]', 'a[href*="@x"]', ""),
        ('a[href*="@x"]@href', 'a[href*="@x"]', "href"),
        ("use@xlink:href", "use", "xlink:href"),
        ("a@HREF", "a", "href"),
    ],
)
def test_11_2_selector_and_attribute(text: str, selector: str, attribute: str) -> None:
    assert split_attribute(text) == (selector, attribute)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ('"b"', "two"),
        ('"@data-k"', "k1"),
        ('["i", "b"]', "two"),
        ('["i", { select = "b", regex = "t(w)" }]', "w"),
        ('{ select = "b", join = " + " }', "two + three"),
        ('{ select = ".", regex = "o" }', "o"),
        ('{ select = "@data-k", map = { K1 = "Monday" } }', "Monday"),
        ('{ select = "@data-k", map = { other = "Monday" } }', "k1"),
        ('{ const = "x/{key}/y" }', "x/77/y"),
        ('{ select = ["i", "b"] }', "two"),
        ('{ regex = "(\\\\w+)$" }', "three"),
        ('"i"', None),
        ('{ select = "b", regex = "zz" }', None),
        ('{ const = "{postcode}" }', None),
    ],
)
def test_11_2_field_expressions(form: str, value: str | None) -> None:
    toml = HTML + f'[index.fields]\nname = "b"\nkey = "@id"\ndescription = {form}\n'
    page = '<ul><li id="77" data-k="k1"><i> </i><b> </b><b>two</b> <b>three</b></li></ul>'
    assert facts_of(toml, page)["description"] == value


RECORD = {
    "data": {"address": "1 Sample St"},
    "filters": ["Tuesday", 5],
    "fields": [{"name": "Other", "v": "no"}, {"name": "Trivia", "v": "yes"}],
    "location": {"a": "x", "b": "y"},
    "class_list": {"0": "one"},
    "odd key": "spaced",
    "a.b": "dotted",
    "zero": 0,
    "flag": True,
    "none": None,
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("data.address", ["1 Sample St"]),
        ("filters[0]", ["Tuesday"]),
        ("filters[-1]", [5]),
        ("filters[9]", []),
        ("filters[*]", ["Tuesday", 5]),
        ("fields[name=Trivia].v", ["yes"]),
        ("fields[name=trivia].v", ["yes"]),
        ("fields[name=None].v", []),
        ("location.*", ["x", "y"]),
        ("odd key", ["spaced"]),
        ('["a.b"]', ["dotted"]),
        ("data.address.deeper", []),
        ("missing[0].x", []),
        (".", [RECORD]),
    ],
)
def test_11_2_paths(path: str, found: list[object]) -> None:
    assert list(parse_path(path).values(RECORD)) == found


@pytest.mark.parametrize("path", ["a[b", "a..b", "[x]", "a[name=]extra=", "a b c]", '["x'])
def test_paths_that_are_none(path: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        parse_path(path)


def test_entities_are_decoded_markup_is_read_and_addresses_keep_their_ampersands() -> None:
    record = {
        "n": "Bob &amp; Co",
        "d": "<p>One&nbsp;<b>two</b></p><p>three</p>",
        "u": "https://quiz.example/?a=1&copy=2",
    }
    facts = facts_of(JSON + '[index.fields]\nname = "n"\ndescription = "d"\nurl = "u"\n', json.dumps([record]))
    assert (facts["name"], facts["description"]) == ("Bob & Co", "One two\nthree")
    assert facts["url"] == "https://quiz.example/?a=1&copy=2"


def test_false_is_no_picture() -> None:
    facts = facts_of(JSON + '[index.fields]\nname = "n"\nimage = "i"\n', json.dumps([{"n": "A", "i": False}]))
    assert facts["image"] is None


@pytest.mark.parametrize(
    "pattern",
    [
        "(\\w+)$",
        "^(.+?)\\s*[-–]\\s*(.+)$",
        "(?:,\\s*\\w+)*x",
        ",\\s*([^,]+),\\s*\\d",
        ".*quiz.*",
        "(\\d[\\d:.]*\\s*[ap]m)",
    ],
)
def test_patterns_that_are_harmless_may_be_written(pattern: str) -> None:
    assert compile_pattern(pattern).text == pattern


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(\\w+\\s*)*$",
        "(a|a)*b",
        "(.*)*",
        "(x+x+)+y",
        ".*.*.*=",
        "\\d+x?\\d+x?\\d+y",
        "((a{0,20}){0,20}){0,20}b",
    ],
)
def test_patterns_that_can_explode_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="hostile page"):
        compile_pattern(pattern)


def test_patterns_see_one_line_of_bounded_length_in_any_case() -> None:
    assert len(flattened("a\n" * 50_000)) <= TEXT_LIMIT
    assert compile_pattern("trivia (\\w+)").taken_from("Pub TRIVIA\n Mondays") == "Mondays"
