"""Where a key stands in a file."""

from __future__ import annotations

import pytest

from trivia_scraper.settings.toml_text import BrokenToml, Place, read_toml

TEXT = '''\
# [not.a.table]
top = 1
[http]
ports = [80,  # a comment with ] and "
  443,
]
note = """
fake = 1
[fake]
"""
  contact = 'a = b'   # x = y
[sources.question_one]
enabled = true
http.inner = {a = 1, b = "}"}
"quo ted" = 2
[[many]]
key = 1
'''


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (("top",), Place(2, 1)),
        (("http",), Place(3, 2)),
        (("http", "ports"), Place(4, 1)),
        (("http", "note"), Place(7, 1)),
        (("http", "contact"), Place(11, 3)),
        (("sources", "question_one"), Place(12, 2)),
        (("sources", "question_one", "enabled"), Place(13, 1)),
        (("sources", "question_one", "http", "inner"), Place(14, 1)),
        (("sources", "question_one", "quo ted"), Place(15, 1)),
        (("many", "key"), Place(17, 1)),
    ],
)
def test_place_of_a_key(key, place):
    assert read_toml(TEXT).place_of(key) == place


def test_text_inside_values_is_no_key():
    assert read_toml(TEXT).place_of(("http", "fake")) == read_toml(TEXT).place_of(("http",))
    assert read_toml(TEXT).place_of(("not", "a", "table")) is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[http]\nports = [80\nx = 1\n", Place(3, 1)),
        ("a = \n", Place(1, 5)),
        ("[http\n", Place(1, 6)),
        ('a = "x', Place(1, 7)),
        ("a = 1\na = 2\n", Place(2, 6)),
        ("a = [1,\n", Place(2, 1)),
        ("a = 1\r\nb = ?\r\n", Place(2, 5)),
    ],
)
def test_broken_toml_names_line_and_column(text, place):
    with pytest.raises(BrokenToml) as caught:
        read_toml(text)
    assert caught.value.place == place
    assert "(at " not in caught.value.message
