"""What stores in the network say, read without a request: names, listings, refusals."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from trivia_scraper.domain.errors import (
    CredentialsMissing,
    PermanentError,
    StorageFull,
    StoreBusy,
    TriviaScraperError,
)
from trivia_scraper.domain.images import ImageFormat
from trivia_scraper.ports import OperatorAnswer
from trivia_scraper.settings import settings_from
from trivia_scraper.storage.imagekit_errors import imagekit_error
from trivia_scraper.storage.imagekit_files import ImageKitNames, read_file, read_listing
from trivia_scraper.storage.keys import is_own, names_of, public_address, split_key
from trivia_scraper.storage.remote import mime_of
from trivia_scraper.storage.store_settings import StoreSettings, store_settings

KEY = "venues/the-crown/hero-0123456789ab.jpg"
FILE = {
    "type": "file", "fileId": "abc", "filePath": f"/inn/{KEY}", "size": 7, "tags": ["venue:the-crown"],
    "updatedAt": "2026-11-21T04:00:00.125Z",
}  # fmt: skip


@pytest.mark.parametrize("path", ["..", "a/../b", "/a", "a//b", "a/", ".", "", "a/./b"])
def test_r119_paths_that_lead_elsewhere_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match="no folder or key"):
        names_of(path)


def test_keys_have_a_folder_and_a_name() -> None:
    assert split_key(KEY) == ("venues/the-crown", "hero-0123456789ab.jpg")
    assert split_key("x.jpg") == ("", "x.jpg")
    own = (".store/owner.txt", ".quarantine/1/x.jpg", "lost+found", KEY)
    assert [is_own(key) for key in own] == [True, True, True, False]


@pytest.mark.parametrize(
    ("base", "address"),
    [("", None), ("https://p.example", "https://p.example/a%20b.jpg"), ("https://p.example/x/", "https://p.example/x/a%20b.jpg")],
)  # fmt: skip
def test_r78_public_addresses(base: str, address: str | None) -> None:
    assert public_address(base, "a b.jpg") == address


@pytest.mark.parametrize("image_format", ImageFormat)
def test_r121_the_type_is_that_of_the_decoded_bytes(image_format: ImageFormat) -> None:
    assert mime_of(f"venues/x/hero-0123456789ab.{image_format.value}") == image_format.mime


def test_r121_other_files_have_a_harmless_type() -> None:
    assert [mime_of(key) for key in ("old.JPEG", "a.txt", "a.svg", "a")] == [
        "image/jpeg", "text/plain", "application/octet-stream", "application/octet-stream",
    ]  # fmt: skip


@pytest.mark.parametrize("folder", ["", "inn", "/inn/", "a/b"])
def test_r118_imagekit_names_lead_back_to_their_keys(folder: str) -> None:
    names = ImageKitNames(folder)
    for key in (KEY, ".store/owner.txt", ".quarantine/7/venues/x/hero-0123456789ab.jpg"):
        place, name = names.place_of(key)
        assert place.startswith(names.root)
        assert place.endswith("/")
        assert "." not in place, "ImageKit would replace it"
        assert names.key_of(place + name) == key
    assert names.folder_of("") == names.root


def test_a_file_of_another_folder_keeps_its_path() -> None:
    assert ImageKitNames("inn").key_of("/elsewhere/x.jpg") == "/elsewhere/x.jpg"


def test_a_file_is_read() -> None:
    found = read_file(FILE)
    assert (found.id, found.path, found.size, found.tags) == ("abc", f"/inn/{KEY}", 7, ("venue:the-crown",))
    assert found.updated_at == dt.datetime(2026, 11, 21, 4, 0, 0, 125_000, tzinfo=dt.UTC)


def test_a_listing_has_files_and_folders() -> None:
    listing = read_listing([{"type": "folder", "folderPath": "/inn/venues"}, FILE])
    assert listing.folders == ("/inn/venues",)
    assert [file.id for file in listing.files] == ["abc"]


@pytest.mark.parametrize(
    "document",
    [
        {}, None, "x", [{"type": "folder"}], [{**FILE, "size": "7"}], [{**FILE, "size": -1}],
        [{**FILE, "size": True}], [{**FILE, "fileId": ""}], [{**FILE, "filePath": None}], [{**FILE, "updatedAt": 7}],
        [{**FILE, "updatedAt": "yesterday"}], ["x"],
    ],
)  # fmt: skip
def test_what_imagekit_would_not_say_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_listing(document)


@pytest.mark.parametrize(
    ("status", "message", "headers", "kind", "seconds"),
    [
        (401, "Your account cannot be authenticated.", {}, CredentialsMissing, None),
        (403, "Not permitted.", {}, CredentialsMissing, None),
        (403, "Storage limit of your plan exceeded.", {}, StorageFull, None),
        (402, "", {}, StorageFull, None),
        (507, "", {}, StorageFull, None),
        (429, "Too many requests.", {"x-ratelimit-reset": "1500"}, StoreBusy, 1.5),
        (429, "Rate limit exceeded.", {"retry-after": "7"}, StoreBusy, 7.0),
        (429, "", {"x-ratelimit-reset": "soon", "retry-after": "9" * 40}, StoreBusy, None),
        (503, "", {}, StoreBusy, None),
        (503, "Service limit exceeded, try again.", {}, StoreBusy, None),
        (500, "", {}, StoreBusy, None),
        (400, "Invalid file name.", {}, PermanentError, None),
        (413, "", {}, PermanentError, None),
    ],
)
def test_r125_refusals_of_imagekit_are_distinguished(
    status: int, message: str, headers: dict[str, str], kind: type[TriviaScraperError], seconds: float | None
) -> None:
    body = json.dumps({"message": message}).encode() if message else b"<html>"
    error = imagekit_error(OperatorAnswer(status, headers, body), f"writing {KEY}", "ImageKit's folder /inn/")
    assert type(error) is kind
    assert str(status) in error.message
    assert message in error.message
    assert error.error_type == "storage_error"
    assert getattr(error, "retry_after_seconds", None) == seconds


def settings_of(**storage: str) -> StoreSettings:
    settings = settings_from({"storage": storage}, state_dir=Path("/nonexistent"))
    return store_settings(settings.storage, Path("/pictures"))


def test_each_kind_gets_its_own_settings() -> None:
    local = settings_of(public_url="https://p.example")
    assert (local.bucket, local.imagekit) == (None, None)
    assert local.path_of(KEY) == Path("/pictures") / KEY
    assert local.url_of(KEY) == f"https://p.example/{KEY}"
    s3 = settings_of(kind="s3", s3_bucket="pictures", s3_region="eu-west-1")
    assert s3.bucket is not None
    assert s3.bucket.address == "https://s3.eu-west-1.amazonaws.com"
    assert (s3.path_of(KEY), s3.url_of(KEY)) == (None, None)
    kit = settings_of(kind="imagekit", imagekit_url="https://ik.imagekit.io/me", imagekit_folder="/a/b/")
    assert kit.url_of(KEY) == f"https://ik.imagekit.io/me/a/b/{KEY}"
    own = settings_of(kind="imagekit", imagekit_url="https://ik.imagekit.io/me", public_url="https://p.example")
    assert own.url_of(KEY) == f"https://p.example/{KEY}"
