"""What is mended in a page's JSON, and what is not (sources.md 11.3, 11.6.8)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.sources.structured.lenient_json import MENDING_LIMIT, mended_json, parse_lenient_json


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"a": 1,}', {"a": 1}, id="trailing-comma"),
        pytest.param('{"a": [1, 2, ], }', {"a": [1, 2]}, id="trailing-commas-nested"),
        pytest.param('{"a": 1,,"b": 2}', {"a": 1, "b": 2}, id="doubled-comma"),
        pytest.param('{"a": 1, // why\n "b": 2 /* and , this ] */}', {"a": 1, "b": 2}, id="comments"),
        pytest.param('{"a": 1, // last\n}', {"a": 1}, id="comment-behind-a-trailing-comma"),
        pytest.param(
            '{"u": "https://x.example/a,b]/*c*/"}', {"u": "https://x.example/a,b]/*c*/"}, id="all-in-a-string"
        ),
        pytest.param('{"u": "a//b",}', {"u": "a//b"}, id="slashes-in-a-string-when-mending"),
        pytest.param('{"a": "one\ntwo\tthree\x01"}', {"a": "one\ntwo\tthree\x01"}, id="raw-control-characters"),
        pytest.param(r'{"a": "it\'s \q \u12"}', {"a": "it's q \\u12"}, id="impossible-escapes"),
        pytest.param(r'{"a": "\\\"\n\u0041",}', {"a": '\\"\nA'}, id="good-escapes-stay"),
        pytest.param('{\u00a0"a":\u20031,\u200b"b"\ufeff:2}', {"a": 1, "b": 2}, id="odd-white-space"),
        pytest.param('<!-- {"a": 1} -->', {"a": 1}, id="html-comment-wrapper"),
        pytest.param('//<![CDATA[\n{"a": 1}\n//]]>', {"a": 1}, id="cdata-in-line-comments"),
        pytest.param('/*<![CDATA[*/ {"a": 1} /*]]>*/', {"a": 1}, id="cdata-in-block-comments"),
        pytest.param('<![CDATA[{"a": 1}]]>', {"a": 1}, id="cdata"),
        pytest.param("{&quot;a&quot;: &quot;b&amp;#39;c&quot;,}", {"a": "b&#39;c"}, id="escaped-as-html"),
        pytest.param('{"a": 1};', {"a": 1}, id="statement"),
        pytest.param('{"a": -1.5e3,}', {"a": -1500.0}, id="numbers-stay"),
    ],
)
def test_11_6_8_mended(text: str, expected: object) -> None:
    assert parse_lenient_json(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"a": "cut of', id="cut-off"),
        pytest.param("{'a': 1}", id="single-quotes"),
        pytest.param('{"a": ' + "9" * 5000 + "}", id="5000-digits"),
        pytest.param("[" * 5000, id="deep"),
        pytest.param('{"a":' * 100 + "1" + "}" * 100, id="deeper-than-64"),
        pytest.param('{"a": NaN}', id="nan"),
        pytest.param("", id="empty"),
        pytest.param("/* never closed", id="unclosed-comment"),
        pytest.param("{" + " " * MENDING_LIMIT + '"a": 1,}', id="too-long-to-mend"),
    ],
)
def test_not_mended(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_lenient_json(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=15,
    )
)
def test_mending_sound_json_changes_nothing(value: object) -> None:
    assert json.loads(mended_json(json.dumps(value, ensure_ascii=False))) == value
    assert json.loads(mended_json(json.dumps(value, indent=1))) == value


@given(st.text(alphabet='{}[]",:/*\\ \n\x00\u00a01a-<!>&quot;', max_size=200))
def test_mending_never_raises_anything_but_value_error(text: str) -> None:
    try:
        parse_lenient_json(text)
    except ValueError:
        assert isinstance(mended_json(text), str)
