"""Each test of this folder meets every kind of image store."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from support.replica import running_replica
from support.s3_server import S3Server, running_s3
from support.stores import ImageKitDesk, LocalDesk, S3Desk, StoreDesk


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """One S3 server for all tests of this process; each has its own bucket."""
    with running_s3() as server:
        yield server


@pytest.fixture
def s3(tmp_path: Path, s3_server: S3Server) -> S3Desk:
    return S3Desk(tmp_path / "images", s3_server, f"pictures-{uuid.uuid4().hex}")


@pytest.fixture
async def imagekit(tmp_path: Path) -> AsyncIterator[ImageKitDesk]:
    async with running_replica(world_size=1) as replica:
        yield ImageKitDesk(tmp_path / "images", replica)


@pytest.fixture(params=["local", "s3", "imagekit"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[StoreDesk]:
    """A store of each kind, empty."""
    if request.param == "local":
        yield LocalDesk(tmp_path / "images")
    elif request.param == "s3":
        yield S3Desk(tmp_path / "images", request.getfixturevalue("s3_server"), f"pictures-{uuid.uuid4().hex}")
    else:
        async with running_replica(world_size=1) as replica:
            yield ImageKitDesk(tmp_path / "images", replica)
