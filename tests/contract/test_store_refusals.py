"""How a store's own trouble is told (R125): what to do next, the place and the key, no secret, never the provider."""

from __future__ import annotations

import asyncio
import errno
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from support.house import make_options
from support.raw_server import Exchange, RawServer, answering, raw_server, response
from support.stores import SECRET, ImageKitDesk, LocalDesk, S3Desk, StoreDesk, told
from support.watched_os import watch_files
from trivia_scraper.cli.endings import ending_of
from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.demo.imagekit import PRIVATE_KEY, KitFault
from trivia_scraper.domain.errors import (
    CredentialsMissing,
    PermanentError,
    SetupError,
    StorageFull,
    StorageUnavailable,
    StoreBusy,
    TriviaScraperError,
)
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.ports import OperatorRequest
from trivia_scraper.storage.files import open_file_store
from trivia_scraper.storage.objects import S3FileStore
from trivia_scraper.storage.store_settings import BucketSettings

KEY = "venues/the-crown/hero-0123456789ab.jpg"
OPTIONS = make_options()
FORCED = make_options(force_refresh_images=True)


def xml(code: str) -> bytes:
    """What S3 says with a refusal; the first lines may repeat what was signed."""
    return (
        f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{SECRET}</Message>"
        f"<StringToSign>{SECRET}</StringToSign></Error>"
    ).encode()


@asynccontextmanager
async def bucket_that(
    folder: Path, answer: bytes | None, *, seconds: float = 20.0
) -> AsyncIterator[tuple[S3FileStore, RawServer]]:
    """A bucket whose service gives this answer to everything; None = never answers."""

    async def stay_silent(_exchange: Exchange) -> None:
        await asyncio.Event().wait()

    async with (
        raw_server(stay_silent if answer is None else answering(answer)) as server,
        open_file_store(folder, 1) as local,
    ):
        settings = BucketSettings("pictures", "", server.url("").rstrip("/"), "us-east-1", "key-id", SECRET, seconds)
        yield S3FileStore(settings, local, ""), server


def check(error: TriviaScraperError, kind: type[TriviaScraperError], code: ExitCode, *words: str) -> None:
    assert type(error) is kind
    assert ending_of(error).exit_code is code
    assert error.error_type is ErrorType.STORAGE_ERROR, "never an error of the photo's provider"
    whole = f"{error.message} {error.hint}"
    assert all(word in whole for word in words), whole
    assert SECRET not in whole
    assert PRIVATE_KEY not in whole


REFUSED_BY_S3 = [
    pytest.param(b"403 Forbidden", "InvalidAccessKeyId", CredentialsMissing, ExitCode.CREDENTIALS, id="keys"),
    pytest.param(b"403 Forbidden", "SignatureDoesNotMatch", CredentialsMissing, ExitCode.CREDENTIALS, id="secret"),
    pytest.param(b"403 Forbidden", "AccessDenied", CredentialsMissing, ExitCode.CREDENTIALS, id="rights"),
    pytest.param(b"401 Unauthorized", "", CredentialsMissing, ExitCode.CREDENTIALS, id="unauthorized"),
    pytest.param(b"403 Forbidden", "RequestTimeTooSkewed", SetupError, ExitCode.USAGE, id="clock"),
    pytest.param(b"404 Not Found", "NoSuchBucket", SetupError, ExitCode.USAGE, id="no_bucket"),
    pytest.param(b"301 Moved Permanently", "PermanentRedirect", SetupError, ExitCode.USAGE, id="region"),
    pytest.param(b"400 Bad Request", "AuthorizationHeaderMalformed", SetupError, ExitCode.USAGE, id="region_400"),
    pytest.param(b"403 Forbidden", "QuotaExceeded", StorageFull, ExitCode.STORAGE, id="quota"),
    pytest.param(b"507 Insufficient Storage", "XMinioStorageFull", StorageFull, ExitCode.STORAGE, id="full"),
    pytest.param(b"503 Slow Down", "SlowDown", StoreBusy, ExitCode.STORAGE, id="busy"),
    pytest.param(b"500 Internal Server Error", "InternalError", StoreBusy, ExitCode.STORAGE, id="broken"),
    pytest.param(b"429 Too Many Requests", "", StoreBusy, ExitCode.STORAGE, id="too_many"),
    pytest.param(b"400 Bad Request", "RequestTimeout", StoreBusy, ExitCode.STORAGE, id="slow_body"),
    pytest.param(b"409 Conflict", "OperationAborted", StoreBusy, ExitCode.STORAGE, id="at_once"),
    pytest.param(b"400 Bad Request", "InvalidRequest", PermanentError, ExitCode.SOME_FAILED, id="other"),
]


@pytest.mark.parametrize(("status", "code", "kind", "exit_code"), REFUSED_BY_S3)
async def test_r125_r138_a_refusing_bucket_is_asked_once_and_told(
    tmp_path: Path, status: bytes, code: str, kind: type[TriviaScraperError], exit_code: ExitCode
) -> None:
    """R138, R140: the client's own retries are off."""
    async with bucket_that(tmp_path, response(xml(code) if code else b"", status=status)) as (store, server):
        with pytest.raises(TriviaScraperError) as refused:
            await store.adopt([(KEY, b"picture")], OPTIONS)
        assert len(server.exchanges) == 1
    words = {"NoSuchBucket": "does not exist", "PermanentRedirect": "storage.s3_region"}.get(code, code)
    check(refused.value, kind, exit_code, "'pictures'", f"127.0.0.1:{server.port}", words)
    assert KEY in refused.value.message or code == "NoSuchBucket"


async def test_a_bucket_that_never_answers_is_given_up(tmp_path: Path) -> None:
    async with bucket_that(tmp_path, None, seconds=0.2) as (store, server):
        with pytest.raises(TriviaScraperError) as late:
            await store.stat(KEY)
        assert len(server.exchanges) == 1
    check(late.value, StoreBusy, ExitCode.STORAGE, KEY, "did not answer in time")


async def test_a_bucket_that_keeps_other_bytes_is_found_out(tmp_path: Path) -> None:
    """safety.md 9: PUT, then HEAD compares length and checksum; without a usable one the bytes are read back."""

    async def answer(exchange: Exchange) -> None:
        method = exchange.head.split()[0]
        if method == b"PUT":
            await exchange.reader.readexactly(int(exchange.headers["content-length"]))
            await exchange.send(response(b"", b'ETag: "of-the-service"'))
        elif method == b"HEAD":
            await exchange.send(
                b'HTTP/1.1 200 OK\r\nETag: "of-the-service"\r\nContent-Length: 7\r\n'
                b"Last-Modified: Sat, 21 Nov 2026 10:00:00 GMT\r\n\r\n"
            )
        else:
            await exchange.send(response(kept, b'ETag: "x"', b"Last-Modified: Sat, 21 Nov 2026 10:00:00 GMT"))

    async with raw_server(answer) as server, open_file_store(tmp_path, 1) as local:
        settings = BucketSettings("pictures", "", server.url("").rstrip("/"), "us-east-1", "key-id", SECRET)
        store = S3FileStore(settings, local, "")
        kept = b"picture"
        await store.adopt([(KEY, b"picture")], OPTIONS)
        kept = b"erutcip"
        with pytest.raises(StorageUnavailable, match="has other bytes than were sent"):
            await store.adopt([(KEY, b"picture")], OPTIONS)
        with pytest.raises(StorageUnavailable, match="has 7 bytes of 12 that were sent"):
            await store.adopt([(KEY, b"long picture")], OPTIONS)


REFUSED_BY_IMAGEKIT = [
    pytest.param(KitFault.KEY_REFUSED, CredentialsMissing, ExitCode.CREDENTIALS, "401", id="key"),
    pytest.param(KitFault.FORBIDDEN, CredentialsMissing, ExitCode.CREDENTIALS, "may not do that", id="rights"),
    pytest.param(KitFault.FULL, StorageFull, ExitCode.STORAGE, "Storage limit", id="full"),
    pytest.param(KitFault.BUSY, StoreBusy, ExitCode.STORAGE, "again in 1.5 s", id="busy"),
    pytest.param(KitFault.BROKEN, StoreBusy, ExitCode.STORAGE, "500", id="broken"),
    pytest.param(KitFault.LOSES, StorageUnavailable, ExitCode.STORAGE, "does not have it", id="lost"),
    pytest.param(KitFault.DAMAGES, StorageUnavailable, ExitCode.STORAGE, "other bytes", id="damaged"),
    pytest.param(KitFault.ENDPOINT_CLOSED, SetupError, ExitCode.USAGE, "storage.imagekit_url", id="endpoint"),
]


@pytest.mark.parametrize(("fault", "kind", "exit_code", "word"), REFUSED_BY_IMAGEKIT)
async def test_r125_a_refusing_imagekit_is_told(
    imagekit: ImageKitDesk, fault: KitFault, kind: type[TriviaScraperError], exit_code: ExitCode, word: str
) -> None:
    async with imagekit.open() as store:
        imagekit.account.fault = fault
        with pytest.raises(TriviaScraperError) as refused:
            await store.adopt([(KEY, b"picture")], OPTIONS)
    check(refused.value, kind, exit_code, word)


async def test_an_imagekit_that_never_answers_is_given_up(imagekit: ImageKitDesk) -> None:
    async with imagekit.open(seconds=0.2) as store:
        imagekit.account.fault = KitFault.SLOW
        with pytest.raises(TriviaScraperError) as late:
            await store.stat(KEY)
    check(late.value, StoreBusy, ExitCode.STORAGE, KEY, "no answer within 0.2 s")


async def test_r6_a_forced_rewrite_is_not_served_stale(imagekit: ImageKitDesk) -> None:
    """R6, R217: an equal key that is written anew is forgotten by the CDN; a new key needs no purge."""
    async with imagekit.open() as store:
        await store.adopt([(KEY, b"picture")], FORCED)
        assert imagekit.account.purged == []
        address = store.url_of(KEY)
        assert address is not None
        assert await served(imagekit, address) == b"picture"
        await store.adopt([(KEY, b"renewed")], OPTIONS)
        assert await served(imagekit, address) == b"picture", "the CDN of the replica remembers"
        await store.adopt([(KEY, b"renewed")], FORCED)
        assert imagekit.account.purged == [address]
        assert await served(imagekit, address) == b"renewed"


async def served(desk: ImageKitDesk, address: str) -> bytes:
    """What a visitor gets."""
    async with desk.open_http(5.0) as http:
        return bytes((await http.send(OperatorRequest("GET", address), max_bytes=1_000)).body)


async def test_a_refused_purge_is_logged_and_spoils_nothing(imagekit: ImageKitDesk) -> None:
    async with imagekit.open() as store:
        await store.adopt([(KEY, b"picture")], FORCED)
        imagekit.account.fault = KitFault.PURGE_REFUSED
        await store.adopt([(KEY, b"picture")], FORCED)
        assert await store.stat(KEY) is not None
    [event] = told(imagekit.capture, "store.purge_refused")
    assert event["path"] == KEY
    assert "used up" in event["error"]


async def test_an_unreachable_service_is_told_when_the_store_is_opened(desk: StoreDesk) -> None:
    """Nothing listens there any more; for a folder: its disk is read-only."""
    if isinstance(desk, S3Desk):
        changes = {"bucket": replace(desk.bucket, endpoint="http://127.0.0.1:9")}
    elif isinstance(desk, ImageKitDesk):
        changes = {"imagekit": replace(desk.imagekit, api_url="http://127.0.0.1:9")}
    else:
        return
    with pytest.raises(TriviaScraperError) as refused:
        async with desk.open(**changes):
            raise AssertionError("opened")
    check(refused.value, StoreBusy, ExitCode.STORAGE, "http://127.0.0.1:9")


async def test_a_bucket_that_is_not_there_is_told_when_the_store_is_opened(s3: S3Desk) -> None:
    """The real server's answer, not one that we wrote."""
    with pytest.raises(TriviaScraperError) as refused:
        async with s3.open(bucket=replace(s3.bucket, bucket="nobody-made-it")):
            raise AssertionError("opened")
    check(refused.value, SetupError, ExitCode.USAGE, "'nobody-made-it'", "does not exist", "storage.s3_bucket")


async def test_missing_keys_are_told_before_any_request(s3: S3Desk, imagekit: ImageKitDesk) -> None:
    with pytest.raises(CredentialsMissing) as no_secret:
        async with s3.open(bucket=replace(s3.bucket, secret="")):
            raise AssertionError("opened")
    check(no_secret.value, CredentialsMissing, ExitCode.CREDENTIALS, "TRIVIA_S3_SECRET")
    with pytest.raises(CredentialsMissing) as no_key:
        async with imagekit.open(imagekit=replace(imagekit.imagekit, key="")):
            raise AssertionError("opened")
    check(no_key.value, CredentialsMissing, ExitCode.CREDENTIALS, "TRIVIA_IMAGEKIT_KEY")


async def test_a_wrong_key_is_told_when_the_store_is_opened(imagekit: ImageKitDesk) -> None:
    with pytest.raises(CredentialsMissing) as refused:
        async with imagekit.open(imagekit=replace(imagekit.imagekit, key=SECRET)):
            raise AssertionError("opened")
    check(refused.value, CredentialsMissing, ExitCode.CREDENTIALS, "401", "TRIVIA_IMAGEKIT_KEY")


async def test_the_missing_library_is_named(s3: S3Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.delitem(sys.modules, "trivia_scraper.storage.objects")
    monkeypatch.setattr(sys, "meta_path", [_Forgetful(), *sys.meta_path])
    with pytest.raises(SetupError, match='kind = "s3"') as refused:
        async with s3.open():
            raise AssertionError("opened")
    assert refused.value.hint == "pip install 'trivia-scraper[s3]'"


class _Forgetful:
    """An installation without the extra."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] == "obstore":
            raise ModuleNotFoundError(f"No module named {name!r}", name="obstore")


@pytest.fixture
def _misleading(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that would lead every client astray."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID"):
        monkeypatch.setenv(name, "http://127.0.0.1:9" if name.endswith("URL") else "astray")


@pytest.mark.usefixtures("_misleading")
async def test_the_environment_does_not_lead_a_store_astray(tmp_path: Path) -> None:
    """safety.md 3: no proxy of the environment; only settings tell who we are and where the bucket is."""
    async with bucket_that(tmp_path, response(b"", status=b"404 Not Found")) as (store, server):
        assert await store.stat(KEY) is None
        [exchange] = server.exchanges
    assert b"x-amz-security-token" not in exchange.head
    assert b"Credential=key-id/" in exchange.head
    assert b"/us-east-1/s3/" in exchange.head


@pytest.mark.usefixtures("_misleading")
async def test_the_environment_does_not_lead_imagekit_astray(imagekit: ImageKitDesk) -> None:
    async with imagekit.open() as store:
        assert await store.stat(KEY) is None


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, StorageFull), (errno.EDQUOT, StorageFull), (errno.EIO, StorageUnavailable)]
)
async def test_r125_a_refusing_disk_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[TriviaScraperError]
) -> None:
    async with LocalDesk(tmp_path / "images").open() as store:
        with watch_files(monkeypatch).refusing("write", number), pytest.raises(TriviaScraperError) as refused:
            await store.adopt([(KEY, b"picture")], OPTIONS)
    check(refused.value, kind, ExitCode.STORAGE)


async def test_a_full_store_keeps_what_it_has(imagekit: ImageKitDesk) -> None:
    """D1, R39: what was refused replaces nothing."""
    async with imagekit.open() as store:
        await store.adopt([(KEY, b"picture")], OPTIONS)
        imagekit.account.fault = KitFault.FULL
        with pytest.raises(StorageFull):
            await store.adopt([(KEY, b"renewed")], FORCED)
        imagekit.account.fault = None
        assert await store.read(KEY) == b"picture"


def test_no_secret_is_shown_by_settings(s3: S3Desk) -> None:
    assert SECRET not in repr(s3.settings)
    assert "key-id" not in repr(s3.settings)
