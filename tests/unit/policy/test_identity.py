"""Identities of images (D2, R115) and spellings of names, hosts and postcodes for matching (V1, H1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.domain.models import ImageRef, ImageRole, OwnerKind
from trivia_scraper.policy.identity import image_identity, name_key, photo_identity, postcode_key

URL = "https://img.example/a/logo.jpg?w=300&v=2"


def ref(url: str = URL, photo_id: str | None = None, provider: str = "quizmeisters") -> ImageRef:
    return ImageRef(OwnerKind.VENUE, ImageRole.HERO, provider, url, photo_id)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(ref(), ref(), True, id="D2-same"),
        pytest.param(ref(URL + "&key=one"), ref(URL + "&key=two"), True, id="R115-key-rotation"),
        pytest.param(ref(URL + "&X-Amz-Signature=a"), ref(URL), True, id="R115-signature"),
        pytest.param(ref("https://u:p@img.example/a/logo.jpg?w=300&v=2"), ref(), True, id="R115-user-info"),
        pytest.param(ref("https://img.example/a/logo.jpg?v=2&w=300"), ref(), True, id="R115-parameter-order"),
        pytest.param(ref("HTTPS://IMG.example:443/a/logo.jpg?w=300&v=2#x"), ref(), True, id="R115-spelling"),
        pytest.param(ref(f" {URL}\n"), ref(), True, id="4.1-trimmed"),
        pytest.param(ref("https://img.example/b/logo.jpg?w=300&v=2"), ref(), False, id="I2-R44-same-base-name"),
        pytest.param(ref("https://img.example/a/logo.jpg?w=300&v=3"), ref(), False, id="T5-other-version"),
        pytest.param(ref("https://img.example/p?1234"), ref("https://img.example/p?1235"), False, id="I2-bare-query"),
        pytest.param(ref("https://img.example/A.jpg"), ref("https://img.example/a.jpg"), False, id="D2-path-case"),
        pytest.param(ref(provider="question_one"), ref(), False, id="D2-other-provider"),
        pytest.param(ref("https://a.example/1", "p1"), ref("https://b.example/2", "p1"), True, id="D2-photo-id-wins"),
        pytest.param(ref(photo_id="p1"), ref(photo_id="p2"), False, id="D2-other-photo-id"),
        pytest.param(ref(photo_id="p1"), ref(), False, id="D2-photo-id-or-url"),
    ],
)
def test_image_identity(one: ImageRef, other: ImageRef, same: bool) -> None:
    assert (image_identity(one) == image_identity(other)) is same


@given(st.text())
def test_r82_r115_no_secret_in_an_identity_and_it_never_raises(url: str) -> None:
    assert image_identity(ref(url)).startswith("quizmeisters:url:")
    assert "s3cr3t" not in image_identity(ref("https://u:s3cr3t@h.example/?token=s3cr3t&sig=s3cr3t"))


MEDIA = "https://places.googleapis.com/v1/places/ChIJ1/photos/AUc7_x-1/media"
CLASSIC = "https://maps.googleapis.com/maps/api/place/photo"
GP, FSQ, UN, HERE = "google_places", "foursquare", "unsplash", "here"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param((FSQ, "p1", "https://a.example/1"), (FSQ, "p1", "https://b.example/2"), True, id="D2-id-wins"),
        pytest.param((FSQ, "p1", "https://a.example/1"), (UN, "p1", "https://a.example/1"), False, id="D2-provider"),
        pytest.param((GP, None, f"{MEDIA}?maxWidthPx=1600&key=a"), (GP, None, f"{MEDIA}?key=b"), True, id="R115-key"),
        pytest.param(
            (GP, None, f"{CLASSIC}?maxwidth=800&photo_reference=Ref1&key=a"),
            (GP, None, f"{CLASSIC}?photo_reference=Ref1&key=b&maxwidth=1600"),
            True,
            id="R115-key-order-size",
        ),
        pytest.param(
            (GP, None, f"{CLASSIC}?photoreference=Ref1"), (GP, None, f"{CLASSIC}?photo_reference=Ref1"), True,
            id="R116-photo_reference-spelling",
        ),
        pytest.param(
            (GP, None, f"{CLASSIC}?photoreference=Ref1"), (GP, None, f"{CLASSIC}?photo_reference=Ref2"), False,
            id="R116-other-reference",
        ),
        pytest.param((GP, "AUc7_x-1", MEDIA), (GP, None, f"{MEDIA}?maxHeightPx=400"), True, id="R116-id-or-address"),
        pytest.param(
            (GP, "Ref1", "x"), (GP, None, "http://127.0.0.1:9/c/maps/api/place/photo?photo_reference=Ref1"), True,
            id="R116-another-base",
        ),
        pytest.param(
            (GP, "Ref1", "x"), (GP, None, "http://127.0.0.1:9/photo-api/g/v1/places/P/photos/Ref1/media"), True,
            id="R116-another-base-v1",
        ),
        pytest.param(
            (GP, None, "https://lh3.googleusercontent.com/p/AF1=s1600-w800"),
            (GP, None, "https://lh3.googleusercontent.com/p/AF1=w400-h300-k-no"),
            True,
            id="R115-size-in-the-path",
        ),
        pytest.param(
            (UN, None, "https://images.unsplash.com/photo-1?w=1080&q=80&fit=max&crop=entropy&ixid=a"),
            (UN, None, "https://images.unsplash.com/photo-1?q=60&w=400"),
            True,
            id="R115-unsplash-sizes",
        ),
        pytest.param(
            (HERE, None, "https://img.example/p?q=pub&w=1"), (HERE, None, "https://img.example/p?q=bar&w=1"), False,
            id="D2-parameters-of-an-unknown-host-count",
        ),
        pytest.param(
            (HERE, None, "https://img.example/p?id=1&sig=a"), (HERE, None, "https://img.example/p?sig=b&id=1"), True,
            id="R115-signature-and-order",
        ),
        pytest.param(
            (FSQ, None, f"{CLASSIC}?photo_reference=Ref1"), (FSQ, None, f"{CLASSIC}?photoreference=Ref1"), False,
            id="R116-google's-spelling-is-google's",
        ),
    ],
)  # fmt: skip
def test_photo_identity(one: tuple[str, str | None, str], other: tuple[str, str | None, str], same: bool) -> None:
    assert (photo_identity(*one) == photo_identity(*other)) is same


@given(st.sampled_from([GP, FSQ, HERE, UN]), st.text())
def test_r82_r115_a_photo_has_an_identity_whatever_its_url_and_no_secret_in_it(provider: str, url: str) -> None:
    assert photo_identity(provider, None, url).startswith(f"{provider}:")
    with_secret = f"https://u:s3cr3t@places.googleapis.com/x?key=s3cr3t&apiKey=s3cr3t&photo={url}".split("#")[0]
    assert "s3cr3t" not in photo_identity(provider, None, with_secret)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Crown", "CROWN"),
        ("the crown", "  The  Crown. "),
        ("Fox & Hounds", "Fox and Hounds"),
        ("O'Neill's", "O’Neills"),
        ("Café Ámbar", "cafe ambar"),
        ("Quiz-Master, Dan", "quiz master dan"),
        ("ÆTHER Bar", "æther bar"),
        ("ŁÓDŹ", "łódź"),
        ("Đuro", "đuro"),
        ("ŒUVRE", "oeuvre"),
        ("The", "the"),
        ("居酒屋", " 居酒屋 "),
    ],
)
def test_v1_h1_spellings_of_one_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Crown", "The Crown Inn"),
        ("The Railway", "The Railway 2"),
        ("Crown The", "Crown"),
        ("Theatre Bar", "Atre Bar"),
        ("квиз", "бар"),
        ("!!!", "???"),
    ],
)
def test_v1_other_names(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(st.text(st.characters(codec="utf-8")))
def test_v1_a_key_is_its_own_spelling(name: str) -> None:
    assert name_key(name_key(f"x {name}")) == name_key(f"x {name}")


@given(st.text(min_size=1).filter(str.strip))
def test_v1_a_name_that_is_there_has_a_key(name: str) -> None:
    assert name_key(name)


@pytest.mark.parametrize(
    ("postcode", "key"),
    [
        ("SW16 5SD", "SW165SD"),
        ("sw16\u00a05sd", "SW165SD"),
        (" 3067 ", "3067"),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_v1_postcode_key(postcode: str | None, key: str | None) -> None:
    assert postcode_key(postcode) == key
