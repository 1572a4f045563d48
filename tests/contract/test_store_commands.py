"""The program as an operator runs it over an object store: processes, environment, exit codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.program import Program, environment_for
from support.stores import PUBLIC_URL, ImageKitDesk, S3Desk, StoreDesk
from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.demo.imagekit import PRIVATE_KEY, KitFault
from trivia_scraper.demo.server import Replica

Start = Callable[..., Program]


@pytest.fixture
def start(tmp_path: Path, database_url: str, replica: Replica) -> Start:
    """The module over a store, its keys given as secrets."""

    def start(desk: StoreDesk, **changed: str) -> Program:
        secrets = {
            "s3_key_id": "TRIVIA_S3_KEY_ID", "s3_secret": "TRIVIA_S3_SECRET", "imagekit_key": "TRIVIA_IMAGEKIT_KEY",
        }  # fmt: skip
        section = {**desk.section, **changed}
        storage = {secrets.get(key, f"TRIVIA__STORAGE__{key.upper()}"): str(value) for key, value in section.items()}
        environment = {
            **environment_for(tmp_path, replica.index_urls),
            **storage,
            "TRIVIA_DATABASE_URL": database_url,
        }
        return Program(tmp_path, environment)

    return start


async def test_r78_a_run_keeps_pictures_in_a_bucket_and_shows_where(s3: S3Desk, start: Start) -> None:
    program = start(s3, public_url=PUBLIC_URL)
    ran = await program.call("run", "--limit", "1", "--source", "quizmeisters", "--json")
    assert ran.code == ExitCode.OK, ran.err
    listed = await program.call("images", "list", "--json")
    for image in listed.document["images"]:
        assert image["url"] == f"{PUBLIC_URL}/{image['storage_key']}"
        assert image["path"] is None
        assert image["provider_url"].startswith("http://127.0.0.1:")
        assert s3.told_of(image["storage_key"])[0] == image["mime"]
    assert len(listed.document["images"]) == 2
    shown = await program.call("images", "show", str(listed.document["images"][0]["id"]))
    assert f"shown      {PUBLIC_URL}/venues/" in shown.out or f"shown      {PUBLIC_URL}/performers/" in shown.out


async def test_doctor_tells_of_a_store_that_answers_and_of_one_that_refuses(
    imagekit: ImageKitDesk, start: Start
) -> None:
    program = start(imagekit)
    checks = {each["name"]: each for each in (await program.call("doctor", "--json")).document["checks"]}
    assert checks["object store"]["verdict"] == "ok"
    assert "ImageKit's folder /inn/" in checks["object store"]["detail"]
    assert imagekit.account.objects == {}, "doctor writes nothing"
    imagekit.account.fault = KitFault.KEY_REFUSED
    refused = await program.call("doctor", "--json")
    checks = {each["name"]: each for each in refused.document["checks"]}
    assert refused.code == ExitCode.DOCTOR
    assert checks["object store"]["verdict"] == "fail"
    assert "TRIVIA_IMAGEKIT_KEY" in checks["object store"]["next"]
    assert PRIVATE_KEY not in refused.out + refused.err


@pytest.mark.parametrize(
    ("changed", "code", "word"),
    [
        ({"s3_bucket": "nobody-made-it"}, ExitCode.USAGE, "does not exist"),
        ({"s3_secret": ""}, ExitCode.CREDENTIALS, "TRIVIA_S3_SECRET"),
        ({"s3_endpoint": "http://127.0.0.1:9"}, ExitCode.STORAGE, "cannot be reached"),
    ],
    ids=["bucket", "keys", "unreachable"],
)
async def test_r125_a_run_ends_before_any_work_with_the_exit_code_of_its_trouble(
    s3: S3Desk, start: Start, changed: dict[str, str], code: ExitCode, word: str
) -> None:
    ended = await start(s3, **changed).call("run", "--limit", "1", "--json")
    assert ended.code == code, ended.err
    error = ended.document["error"]
    assert word in error["message"] + error["hint"]
