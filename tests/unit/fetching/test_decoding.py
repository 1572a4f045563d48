"""Which charset a page is read in (safety.md 7)."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.domain.errors import ServerFault
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.fetching.decoding import decode_text

HTML = "text/html"


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("Café £5".encode(), "text/html; charset=utf-8", "Café £5"),
        ("Café £5".encode("latin-1"), "text/html; charset=ISO-8859-1", "Café £5"),
        ("“£5” – €".encode("cp1252"), 'text/html; Charset="iso-8859-1"', "“£5” – €"),
        ("żółć".encode("iso-8859-2"), "text/html; charset=iso-8859-2", "żółć"),
        ("クイズ".encode("shift_jis"), "text/html;charset=Shift_JIS", "クイズ"),
        ("Café".encode(), HTML, "Café"),
        ("Café".encode(), "", "Café"),
        ("Café".encode(), "text/html; charset=quizzical", "Café"),
        ("Café".encode(), "text/html; charset=", "Café"),
        (codecs.BOM_UTF8 + "Café".encode(), HTML, "Café"),
        (codecs.BOM_UTF8 + "Café".encode(), "text/html; charset=utf-8", "Café"),
        ("Café".encode("utf-16"), HTML, "Café"),
        (codecs.BOM_UTF16_BE + "Café".encode("utf-16-be"), HTML, "Café"),
        (b'<meta charset="iso-8859-2">' + "żółć".encode("iso-8859-2"), HTML, '<meta charset="iso-8859-2">żółć'),
        (
            b'<?xml version="1.0" encoding="ISO-8859-1"?>' + "£".encode("latin-1"),
            "application/xml",
            '<?xml version="1.0" encoding="ISO-8859-1"?>£',
        ),
        (b'<meta charset="utf-16">' + "é".encode(), HTML, '<meta charset="utf-16">é'),
        (b'<meta charset=cp1252>\xe9', "text/html; charset=utf-8", "<meta charset=cp1252>\ufffd"),
    ],
)  # fmt: skip
def test_charset(body: bytes, content_type: str, text: str) -> None:
    assert decode_text(body, content_type) == text


def test_h098_invalid_utf_8_is_replaced() -> None:
    assert decode_text(b"quiz \xff\xfe night", HTML) == "quiz \ufffd\ufffd night"


def test_h099_shift_jis_declared_as_utf_8() -> None:
    text = decode_text("クイズ night".encode("shift_jis"), "text/html; charset=utf-8")
    assert text.endswith(" night")
    assert "\ufffd" in text


@pytest.mark.parametrize(
    "label", ["utf-7", "UTF7", "unicode_escape", "punycode", "idna", "hex", "rot13", "raw_unicode_escape"]
)
def test_h100_charsets_that_no_page_may_choose(label: str) -> None:
    smuggled = b"+ADw-script+AD4- \\u003cscript\\u003e"
    assert decode_text(smuggled, f"text/html; charset={label}") == smuggled.decode()
    declared = f'<meta charset="{label}">'.encode() + smuggled
    assert decode_text(declared, HTML) == declared.decode()


@pytest.mark.parametrize("mark", [codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE])
def test_h101_utf_32_is_refused_cleanly(mark: bytes) -> None:
    with pytest.raises(ServerFault) as caught:
        decode_text(mark + b"\0\0\0q", HTML)
    assert (caught.value.error_type, caught.value.reason) == (ErrorType.INVALID_RESPONSE, Reason.ENCODING)


@given(st.binary(max_size=200), st.text(max_size=60).map("text/html; charset={}".format))
def test_any_bytes_become_text(body: bytes, content_type: str) -> None:
    body = body.lstrip(b"\0\xff")  # no mark of UTF-32
    assert isinstance(decode_text(body, content_type), str)
