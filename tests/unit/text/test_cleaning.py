"""clean_text: what may be stored, logged and shown (safety.md 8)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivia_scraper.text.cleaning import clean_line, clean_text, decode_entities, paragraphs_joined

FAMILY = "👩\u200d👩\u200d👧"
LEEDS = "🇬🇧"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("\x1b[2Jcleared \x1b[31mred\x1b[0m", "cleared red"),
        ("\x9b2Jcleared", "cleared"),
        ("half \x1b escape", "half escape"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("a\u202eb\u2066c\u200fd\u061ce", "abcde"),
        ("e" + "\u0301" * 10_000, "é\u0301\u0301"),
        ("a\ud800b\udfffc", "a\ufffdb\ufffdc"),
        ("nul\x00 in text", "nul in text"),
        ("Cafe\u0301", "Café"),
        (f"quiz {FAMILY} night", f"quiz {FAMILY} night"),
        ("  a \t b\u00a0\u3000c  ", "a b c"),
        ("p1\n\n\n\n p2 \n", "p1\n\np2"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("{{7*7}} ${7*7}", "{{7*7}} ${7*7}"),
        ("'; DROP TABLE venues", "'; DROP TABLE venues"),
        ("%s%n {0.__class__}", "%s%n {0.__class__}"),
        ("<script>x</script>", "<script>x</script>"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
    ],
    ids=[
        "H113-escape-sequences", "H113-c1-sequence", "H113-lone-escape", "line-ends", "H115-direction", "H116-marks",
        "H117-surrogates", "H118-nul", "H121-nfc", "H120-joiners", "spaces", "blank-lines", "zero-width",
        "H110-template", "H111-sql", "H112-format", "H109-markup", "H123-formula",
    ],
)  # fmt: skip
def test_clean_text(raw: str, clean: str) -> None:
    assert clean_text(raw, 500).text == clean
    assert not clean_text(raw, 500).cut or len(raw) > 6_000


def test_h114_forged_lines_end_up_on_one_line() -> None:
    forged = "Pub\r\nEND:VEVENT\nlevel=error\u2029X-Header: 1"
    assert clean_line(forged, 200).text == "Pub END:VEVENT level=error X-Header: 1"


def test_h119_a_megabyte_is_cut_at_the_limit_and_noted() -> None:
    cleaned = clean_line("x" * 1_000_000, 200)
    assert (len(cleaned.text), cleaned.cut) == (200, True)
    assert not clean_line("x" * 200, 200).cut


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("ab" + FAMILY, 4, "ab"),
        ("ab👍🏽", 3, "ab"),
        ("abe\u0323\u0302x", 3, "abệ"),
        ("ax\u0323\u0302", 2, "a"),
        (LEEDS * 3, 3, LEEDS),
        ("a" + LEEDS * 2, 4, "a" + LEEDS),
        ("word next", 5, "word"),
        (FAMILY * 50, 3, FAMILY[:3]),
    ],
    ids=["family", "skin-tone", "composed", "marks", "flags", "letter-flags", "trailing-space", "no-border-at-all"],
)
def test_h120_cut_falls_on_a_grapheme_border(text: str, limit: int, kept: str) -> None:
    assert clean_text(text, limit).text == kept


ANY_TEXT = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("a\u0301\u0323\u05b0\u0958\u200d\ud83d👩🏽🇬🇧\r\n\t \x1b[\x9b\x00\u202e\u1100\u1161"),
    ),
    max_size=80,
)


@settings(deadline=None)
@given(ANY_TEXT, st.integers(1, 60))
def test_cleaning_is_idempotent(text: str, limit: int) -> None:
    for clean in (clean_text, clean_line):
        once = clean(text, limit)
        again = clean(once.text, limit)
        assert (again.text, again.cut) == (once.text, False)


@settings(deadline=None)
@given(ANY_TEXT, st.integers(1, 60))
def test_cleaned_text_can_be_stored(text: str, limit: int) -> None:
    cleaned = clean_text(text, limit).text
    cleaned.encode("utf-8")
    assert len(cleaned) <= limit
    assert all(unicodedata.category(character) != "Cc" or character == "\n" for character in cleaned)
    assert "\n" not in clean_line(text, limit).text


def test_paragraphs_are_joined_by_a_blank_line() -> None:
    assert paragraphs_joined([" one ", "", "  ", "two"]) == "one\n\ntwo"


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("Queen&#8217;s Head &amp; Co", "Queen’s Head & Co"),
        ("&#x2019;", "’"),
        ("AT&T", "AT&T"),
        ("&#" + "9" * 5_000 + ";", "\ufffd"),
        ("&#x" + "f" * 5_000, "\ufffd"),
        ("&#" * 3, "&#&#&#"),
    ],
)
def test_entities(text: str, decoded: str) -> None:
    assert decode_entities(text) == decoded
