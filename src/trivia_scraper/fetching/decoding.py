"""Bytes → text: which charset a page is in (safety.md 7). Pure."""

from __future__ import annotations

import codecs
import re
from typing import Final

from trivia_scraper.domain.errors import ServerFault
from trivia_scraper.domain.failures import ErrorType, Reason

# Only encodings that sites use: Python also knows UTF-7, punycode and unicode_escape, which a page must not choose.
_WEB_CODECS: Final = frozenset(
    {
        "utf-8", "utf-16", "utf-16-le", "utf-16-be", "shift_jis", "cp932", "euc_jp", "gb2312", "gbk", "gb18030",
        "big5", "big5hkscs", "euc_kr", "cp949", "koi8-r", "koi8-u", "cp874", "mac-roman",
        *(f"iso8859-{part}" for part in range(2, 17) if part != 12),
        *(f"cp125{page}" for page in range(9)),
    }
)  # fmt: skip
# Browsers read both as Windows-1252, and so do the people who label their pages so.
_READ_AS: Final = {"ascii": "cp1252", "iso8859-1": "cp1252"}

_UTF32_MARKS: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEADER_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_DECLARED: Final = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})|<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})",
    re.IGNORECASE,
)
_DECLARATION_WITHIN: Final = 1_024


def decode_text(body: bytes, content_type: str) -> str:
    """The body as text: charset by header, byte order mark, declaration, else UTF-8; never UTF-7.

    What cannot be decoded becomes U+FFFD. Raises ServerFault(invalid_response) for UTF-32.
    """
    if body.startswith(_UTF32_MARKS):
        raise ServerFault("the page is in UTF-32", error_type=ErrorType.INVALID_RESPONSE, reason=Reason.ENCODING)
    codec = _from_header(content_type) or _from_mark(body) or _from_declaration(body) or "utf-8"
    return body.decode(codec, errors="replace").removeprefix("\ufeff")


def _from_header(content_type: str) -> str | None:
    found = _HEADER_CHARSET.search(content_type)
    return _web_codec(found[1]) if found else None


def _from_mark(body: bytes) -> str | None:
    return next((codec for mark, codec in _MARKS if body.startswith(mark)), None)


def _from_declaration(body: bytes) -> str | None:
    found = _DECLARED.search(body[:_DECLARATION_WITHIN])
    if found is None:
        return None
    codec = _web_codec((found[1] or found[2]).decode("ascii", errors="replace"))
    # A declaration that could be read as ASCII does not stand in UTF-16, whatever it says.
    return "utf-8" if codec is not None and codec.startswith("utf-16") else codec


def _web_codec(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    name = _READ_AS.get(name, name)
    return name if name in _WEB_CODECS else None
