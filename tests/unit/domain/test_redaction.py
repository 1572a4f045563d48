"""No secret survives in a URL or in a text (images.md 3, R82, safety.md 11)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trivia_scraper.domain.redaction import MASK, is_secret_parameter, redact_body, redact_text, strip_secrets

CANARY = "c4n4ry-s3cr3t"
# images.md 3, and what safety.md 11 adds to it.
NAMED = (
    "key", "apikey", "api_key", "token", "access_token", "client_id", "client_secret", "sig", "signature",
    "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "auth", "session", "code", "nonce", "_wpnonce",
    "_ajax_nonce", "gwdNonce", "security",
)  # fmt: skip
HARMLESS = ("w", "width", "keyword", "monkey", "codec", "v", "photo_reference", "signal", "tokens", "x-am")

names = st.sampled_from(NAMED) | st.sampled_from(HARMLESS) | st.text(max_size=8)


def every_letter_escaped(name: str) -> str:
    return "".join(f"%{byte:02x}" for byte in name.encode())


@pytest.mark.parametrize("spelling", [str, str.upper, str.title, every_letter_escaped, lambda n: f"+{n}"])
@pytest.mark.parametrize("name", NAMED)
def test_r82_secret_parameters_go_however_they_are_spelled(name: str, spelling: Callable[[str], str]) -> None:
    assert is_secret_parameter(spelling(name))
    url = f"https://img.example/p.jpg?w=1&{spelling(name)}={CANARY}&h=2"
    assert strip_secrets(url) == "https://img.example/p.jpg?w=1&h=2"


@pytest.mark.parametrize("name", HARMLESS)
def test_r82_other_parameters_stay(name: str) -> None:
    url = f"https://img.example/p.jpg?{name}=1"
    assert not is_secret_parameter(name)
    assert strip_secrets(url) == url
    assert redact_text(url) == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://u:p@h.example/x.jpg", "https://h.example/x.jpg", id="user-and-password"),
        pytest.param("https://u@h.example/x.jpg", "https://h.example/x.jpg", id="user-alone"),
        pytest.param("https://a@b:c@h.example:8443/", "https://h.example:8443/", id="two-at-signs"),
        pytest.param("https://h.example/?key=1", "https://h.example/", id="only-parameter"),
        pytest.param("https://h.example/?key", "https://h.example/", id="without-value"),
        pytest.param("https://h.example/?key=1&key=2&a=3", "https://h.example/?a=3", id="twice"),
        pytest.param("https://h.example/?ke\ty=1&a=3", "https://h.example/?a=3", id="tab-inside-the-name"),
        pytest.param("https://h.example/a%20b.jpg?1234#top", "https://h.example/a%20b.jpg?1234#top", id="unchanged"),
        pytest.param("/relative.jpg?token=1", "/relative.jpg", id="relative"),
        pytest.param("http:////u:p@h.example", "http:///u:p@h.example", id="no-host-stays-no-host"),
        pytest.param("//u@//v@h.example", "/v@h.example", id="emptied-host-stays-no-host"),
        pytest.param("http://[half", MASK, id="unreadable"),
        pytest.param("", "", id="empty"),
    ],
)
def test_r82_strip_secrets(url: str, expected: str) -> None:
    assert strip_secrets(url) == expected


@given(st.text())
@example("http:////u@h")
@example("//u@////v@//w@h")
@example("http://u@/p")
def test_r82_stripping_is_idempotent_and_never_raises(text: str) -> None:
    once = strip_secrets(text)
    assert strip_secrets(once) == once


@given(
    user=st.sampled_from(["", "u@", f"u:{CANARY}@", f"{CANARY}@", f"u@v:{CANARY}@"]),
    query=st.lists(st.tuples(names, st.text(max_size=5), st.booleans()), max_size=6),
)
def test_r82_no_secret_is_left(user: str, query: list[tuple[str, str, bool]]) -> None:
    pairs = "&".join(
        f"{quote(name, safe='')}={CANARY if is_secret_parameter(name) else quote(value, safe='')}"
        if has_value
        else quote(name, safe="")
        for name, value, has_value in query
    )
    stripped = strip_secrets(f"https://{user}h.example/p.jpg?{pairs}")
    parts = urlsplit(stripped)
    assert CANARY not in stripped
    assert parts.username is None
    assert parts.password is None
    left = [name.strip().lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    assert not [name for name in left if name in {n.lower() for n in NAMED} or name.startswith("x-amz-")]
    harmless = [(n, v) for n, v, has_value in query if has_value and v and not is_secret_parameter(n)]
    assert [pair for pair in parse_qsl(parts.query) if pair[1]] == harmless


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("nothing to hide", "nothing to hide", id="plain"),
        pytest.param(
            f"cannot reach postgresql://bob:{CANARY}@db:5432/quiz", f"cannot reach postgresql://bob:{MASK}@db:5432/quiz",
            id="dsn-password",
        ),
        pytest.param(
            f"postgres://db/quiz?user=bob&password={CANARY}", f"postgres://db/quiz?user=bob&password={MASK}",
            id="dsn-password-parameter",
        ),
        pytest.param(f"http://{CANARY}@h/", f"http://{MASK}@h/", id="user-info-without-colon"),
        pytest.param(
            f"GET https://h/p?w=1&key={CANARY}: 429", f"GET https://h/p?w=1&key={MASK} 429",
            id="key-to-the-next-space"
        ),
        pytest.param(f"(https://h/?sig={CANARY}&w=1)", f"(https://h/?sig={MASK}&w=1)", id="in-brackets"),
        pytest.param(f'"https://h/?sig={CANARY}" again', f'"https://h/?sig={MASK}" again', id="in-quotes"),
        pytest.param(f"url_https://u:{CANARY}@h/", f"url_https://u:{MASK}@h/", id="glued-to-a-word"),
        pytest.param(f"1https://u:{CANARY}@h/", f"1https://u:{MASK}@h/", id="glued-to-a-digit"),
        pytest.param(f"{'a' * 90}://u:{CANARY}@h/", f"{'a' * 90}://u:{MASK}@h/", id="long-scheme"),
        pytest.param(
            f"http://a/?key={CANARY} then http://u:{CANARY}@b", f"http://a/?key={MASK} then http://u:{MASK}@b",
            id="two"
        ),
    ],
)  # fmt: skip
def test_g12_redact_text(text: str, expected: str) -> None:
    redacted = redact_text(text)
    assert CANARY not in redacted
    assert redacted == expected


@given(st.text(), st.text())
def test_g12_redacting_is_idempotent_and_never_leaks(before: str, after: str) -> None:
    text = f"{before} https://u:{CANARY}@h.example/?key={CANARY} {after}"
    once = redact_text(text)
    assert CANARY not in once
    assert redact_text(once) == once


@pytest.mark.parametrize(
    "body",
    [
        f'slw({{"stores": [], "mapbox_api_key": "{CANARY}"}})',
        f'{{"expressmaps_api_key":"{CANARY}","plan_type":"pro"}}',
        f'{{"maptiler_api_key" : "{CANARY}',  # cut in the middle
        f"var WP_URL = {{'gwdNonce' : '{CANARY}'}};",
        f'accessToken="{CANARY}"',
        f'{{"googleApiKey": "{CANARY}"}}',
        f'{{"email": "{CANARY}@pub.example.org"}}',
        f'<a href="mailto:{CANARY}@pub.example">write</a>',
    ],
)
def test_n8_key_fields_of_a_kept_page_are_masked(body: str) -> None:
    redacted = redact_body(body)
    assert CANARY not in redacted
    assert MASK in redacted


@pytest.mark.parametrize(
    "body", ['{"storeid": "97520779", "name": "The Token Arms"}', "<p>Key quiz: £2</p>", "The Bar @ The Vortex", ""]
)
def test_n8_the_rest_of_a_kept_page_stays(body: str) -> None:
    assert redact_body(body) == body


def test_n8_redacting_a_long_page_is_linear() -> None:
    """A page of word characters only is the pattern's worst case."""
    body = "a" * 300_000 + f'"api_key": "{CANARY}"'
    assert CANARY not in redact_body(body)
