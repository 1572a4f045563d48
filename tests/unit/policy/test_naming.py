"""Slugs (V6) and storage keys (D8): no scraped character reaches a path (safety.md 9)."""

from __future__ import annotations

import posixpath
import re
from hashlib import sha256
from itertools import islice

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from trivia_scraper.domain.images import ImageFormat
from trivia_scraper.domain.models import ImageRole, OwnerKind
from trivia_scraper.policy.naming import (
    image_key,
    is_image_name,
    owner_prefix,
    plain_letters,
    slug_candidates,
    slugify,
    thumbnail_key,
)

SLUG = re.compile(r"[a-z0-9-]{1,80}")
DIGEST = sha256(b"picture").hexdigest()
# Everything a page may hold, lone surrogates included.
anything = st.text(st.characters(exclude_categories=[]))


# --- slugs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("The Crown", "the-crown"),
        ("  The   Crown!  ", "the-crown"),
        ("Fox & Hounds", "fox-and-hounds"),
        ("O'Neill's", "oneills"),
        ("O’Neill’s", "oneills"),
        ("Café Ámbar", "cafe-ambar"),
        ("Łódź Środa", "lodz-sroda"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("Ærø Œuvre Đuro", "aero-oeuvre-duro"),
        ("Ǿ ǿ", "o-o"),
        ("Ｂar ﬁve ②", "bar-five-2"),
        ("../../etc/passwd", "etc-passwd"),
        ("a/b\\c\x00d", "a-b-c-d"),
        ("-leading and trailing-", "leading-and-trailing"),
        ("\u202eevil", "evil"),
        ("CON", "con"),
        ("x" * 200, "x" * 80),
        ("a" * 79 + " b", "a" * 79),
    ],
)
def test_v6_slugify(text: str, slug: str) -> None:
    assert slugify(text) == slug


@pytest.mark.parametrize("text", ["", " ", "!!!", "квиз", "居酒屋", "…", "\ud800", "\x00"], ids=ascii)
def test_v6_a_name_without_latin_letters_gets_a_stable_name_of_its_own(text: str) -> None:
    assert re.fullmatch(r"x-[0-9a-f]{8}", slugify(text))
    assert slugify(text) == slugify(text)
    assert slugify(text) != slugify(text + "。")


@given(anything)
@example("İ")
@example("ŉ" * 80)
def test_r118_a_slug_is_always_safe_and_slugify_idempotent(text: str) -> None:
    slug = slugify(text)
    assert SLUG.fullmatch(slug)
    assert not slug.startswith("-")
    assert slugify(slug) == slug


@pytest.mark.parametrize("letter", "łøđæœßąéñçž")
def test_case_makes_no_other_letter(letter: str) -> None:
    assert plain_letters(letter.upper()).casefold() == plain_letters(letter).casefold()
    assert plain_letters(letter).isascii()


@pytest.mark.parametrize(
    ("name", "qualifiers", "first"),
    [
        pytest.param(
            "The Railway", ("London", "SW16 5SD"),
            ["the-railway", "the-railway-london", "the-railway-london-sw16-5sd", "the-railway-london-sw16-5sd-2",
             "the-railway-london-sw16-5sd-3"],
            id="V6-name-city-postcode-counter",
        ),
        pytest.param(
            "The Railway", (None, "SW16 5SD"), ["the-railway", "the-railway-sw16-5sd", "the-railway-sw16-5sd-2"],
            id="V6-no-city",
        ),
        pytest.param(
            "The Railway", (None, None), ["the-railway", "the-railway-2", "the-railway-3"], id="V6-name-only",
        ),
        pytest.param("The Railway", ("", ""), ["the-railway", "the-railway-2"], id="V6-empty-city"),
        pytest.param(
            "Yorkshire Grey", ("York", None), ["yorkshire-grey", "yorkshire-grey-york"], id="V6-city-inside-a-word",
        ),
        pytest.param("Bar York", ("York", "YO1"), ["bar-york", "bar-york-yo1"], id="V6-city-not-said-twice"),
    ],
)  # fmt: skip
def test_v6_candidates(name: str, qualifiers: tuple[str | None, ...], first: list[str]) -> None:
    assert list(islice(slug_candidates(name, *qualifiers), len(first))) == first


@given(anything, st.lists(st.none() | anything, max_size=2))
@example("x" * 80, ["London", "SW1"])
def test_v6_candidates_never_end_and_the_counter_gives_ever_new_ones(name: str, qualifiers: list[str | None]) -> None:
    offered = list(islice(slug_candidates(name, *qualifiers), 20))
    assert offered[0] == slugify(name)
    assert all(SLUG.fullmatch(slug) for slug in offered)
    counted = offered[len(qualifiers) + 1 :]
    assert len(set(counted)) == len(counted)


def test_v6_no_time_stamp_the_same_every_time() -> None:
    assert list(islice(slug_candidates("A", "B"), 9)) == list(islice(slug_candidates("A", "B"), 9))


# --- keys ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "role", "image_format", "key"),
    [
        (OwnerKind.VENUE, ImageRole.HERO, ImageFormat.JPEG, f"venues/the-crown/hero-{DIGEST[:12]}.jpg"),
        (OwnerKind.VENUE, ImageRole.GALLERY, ImageFormat.WEBP, f"venues/the-crown/gallery-{DIGEST[:12]}.webp"),
        (OwnerKind.PERFORMER, ImageRole.PROFILE, ImageFormat.PNG, f"performers/the-crown/profile-{DIGEST[:12]}.png"),
    ],
    ids=["D8-hero", "D8-gallery", "D8-profile"],
)
def test_r52_keys(kind: OwnerKind, role: ImageRole, image_format: ImageFormat, key: str) -> None:
    assert image_key(kind, "the-crown", role, DIGEST, image_format) == key
    assert thumbnail_key(key, ImageFormat.JPEG) == key.rpartition(".")[0] + "-thumb.jpg"


owners = st.sampled_from(OwnerKind)
keys = st.builds(
    image_key,
    owners,
    anything.map(slugify),
    st.sampled_from(ImageRole),
    st.binary().map(lambda body: sha256(body).hexdigest()),
    st.sampled_from(ImageFormat),
)


@given(owners, anything, st.sampled_from(ImageRole), st.binary(), st.sampled_from(ImageFormat))
def test_r30_r118_a_key_never_leaves_its_owners_directory(
    kind: OwnerKind, name: str, role: ImageRole, body: bytes, image_format: ImageFormat
) -> None:
    slug = slugify(name)
    main = image_key(kind, slug, role, sha256(body).hexdigest(), image_format)
    for key in (main, thumbnail_key(main, image_format)):
        assert ".." not in key
        assert posixpath.normpath(key) == key
        assert posixpath.dirname(key) + "/" == owner_prefix(kind, slug)
        assert is_image_name(key)


@given(st.text(), st.text())
def test_r44_two_venues_never_share_a_directory(one: str, other: str) -> None:
    assume(slugify(one) != slugify(other))
    first, second = owner_prefix(OwnerKind.VENUE, slugify(one)), owner_prefix(OwnerKind.VENUE, slugify(other))
    assert not first.startswith(second)
    assert not second.startswith(first)


def test_r30_a_venue_and_a_performer_of_one_slug_are_apart() -> None:
    assert owner_prefix(OwnerKind.VENUE, "x") != owner_prefix(OwnerKind.PERFORMER, "x")


@given(keys, keys)
def test_r217_new_content_new_key_and_no_key_is_a_thumbnails(one: str, other: str) -> None:
    assert thumbnail_key(one, ImageFormat.JPEG) not in (one, other)


def test_r123_other_bytes_another_key_same_bytes_the_same() -> None:
    def key(body: bytes) -> str:
        return image_key(OwnerKind.VENUE, "x", ImageRole.HERO, sha256(body).hexdigest(), ImageFormat.PNG)

    assert key(b"a") != key(b"b")
    assert key(b"a") == key(b"a")


@pytest.mark.parametrize(
    ("name", "is_image"),
    [
        ("hero.jpg", True), ("hero.JPEG", True), ("hero.Png", True), ("hero.gif", True), ("hero.WEBP", True),
        ("hero.avif", True), ("original_hero.jpg", True), ("venues/x/hero-0123-thumb.jpg", True), (".jpg", True),
        ("hero.svg", False), ("hero.bmp", False), ("hero.jpg.txt", False), ("hero", False), ("jpg", False),
        ("hero.jpg ", False), ("hero.jpg\n", False), ("notes.md", False), ("hero.jpgx", False), ("", False),
    ],
)  # fmt: skip
def test_r31_which_files_may_be_cleaned(name: str, is_image: bool) -> None:
    assert is_image_name(name) is is_image
