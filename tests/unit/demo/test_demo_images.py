"""The replica's pictures: validators, conditions, changes, and every way to misbehave."""

from __future__ import annotations

import io

import httpx
import pytest
from PIL import Image

from support.replica import hero_path
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import ImageFault, ImageSwitch, plain_path

QM = "quizmeisters"


@pytest.fixture
def path(replica: Replica) -> str:
    return hero_path(replica.site, QM, replica.site.venues(QM)[0])


@pytest.fixture
def address(replica: Replica) -> str:
    hero = replica.site.venues(QM)[0].hero
    assert hero is not None
    return hero.href(f"{replica.base_url}/{QM}")


def flip(replica: Replica, path: str, fault: ImageFault, **details: object) -> None:
    replica.site.flip(ImageSwitch.model_validate({"path": path, "fault": fault, **details}))


async def test_every_picture_of_a_page_can_be_fetched_and_decoded(
    replica: Replica, client: httpx.AsyncClient
) -> None:
    formats = {"jpg": "JPEG", "webp": "WEBP", "avif": "AVIF", "png": "PNG"}
    bodies = set()
    for venue in replica.site.venues(QM)[:13]:
        if venue.hero is None:
            continue
        answer = await client.get(venue.hero.href(f"{replica.base_url}/{QM}"))
        assert answer.status_code == 200
        bodies.add(answer.content)
        with Image.open(io.BytesIO(answer.content)) as image:
            assert image.format == formats[venue.hero.format]
            image.load()
    assert len(bodies) == 11


async def test_the_content_type_follows_the_name_even_where_that_is_wrong_I3(
    replica: Replica, client: httpx.AsyncClient
) -> None:
    venue = next(each for each in replica.site.venues(QM) if each.hero and each.hero.path.endswith("-scaled.jpg"))
    assert venue.hero is not None
    answer = await client.get(venue.hero.href(f"{replica.base_url}/{QM}"))
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content[8:12] == b"WEBP"


async def test_validators_are_stable_and_honoured(replica: Replica, client: httpx.AsyncClient, address: str) -> None:
    first = await client.get(address)
    again = await client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    since = await client.get(address, headers={"If-Modified-Since": first.headers["last-modified"]})
    assert since.status_code == 304


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 304),
        ({"If-None-Match": '"other"', "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 200),
    ],
)
async def test_conditions(client: httpx.AsyncClient, address: str, headers: dict[str, str], status: int) -> None:
    assert (await client.get(address, headers=headers)).status_code == status


async def test_a_weak_tag_in_a_list_matches(client: httpx.AsyncClient, address: str) -> None:
    tag = (await client.get(address)).headers["etag"]
    assert (await client.get(address, headers={"If-None-Match": f'"x", W/{tag}'})).status_code == 304


async def test_head_gives_headers_without_a_body(replica: Replica, client: httpx.AsyncClient, address: str) -> None:
    full = await client.get(address)
    head = await client.head(address)
    assert head.headers["etag"] == full.headers["etag"]
    assert head.headers["content-length"] == str(len(full.content))
    assert head.content == b""
    assert [seen.body_sent for seen in replica.site.log.requests()] == [True, False]


async def test_changed_bytes_come_with_a_new_tag_and_date(
    replica: Replica, client: httpx.AsyncClient, address: str, path: str
) -> None:
    before = await client.get(address)
    replica.site.change_image(path)
    after = await client.get(address, headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.content != before.content
    assert after.headers["etag"] != before.headers["etag"]
    assert after.headers["last-modified"] != before.headers["last-modified"]
    assert (await client.get(address, headers={"If-None-Match": after.headers["etag"]})).status_code == 304


async def test_new_etag_for_the_same_bytes(
    replica: Replica, client: httpx.AsyncClient, address: str, path: str
) -> None:
    before = await client.get(address)
    flip(replica, path, ImageFault.NEW_ETAG)
    after = await client.get(address, headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.content == before.content
    assert after.headers["etag"] != before.headers["etag"]


@pytest.mark.parametrize("status", [404, 410, 403, 429, 500, 503])
async def test_a_status_stays_until_cleared(
    replica: Replica, client: httpx.AsyncClient, address: str, path: str, status: int
) -> None:
    flip(replica, path, ImageFault.STATUS, status=status)
    assert [(await client.get(address)).status_code for _ in range(3)] == [status] * 3
    replica.site.clear()
    assert (await client.get(address)).status_code == 200


async def test_429_with_retry_after_for_two_requests_then_fine(
    replica: Replica, client: httpx.AsyncClient, address: str, path: str
) -> None:
    flip(replica, path, ImageFault.STATUS, status=429, retry_after=7, times=2)
    answers = [await client.get(address) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert [answer.headers.get("retry-after") for answer in answers] == ["7", "7", None]


@pytest.mark.parametrize(
    ("fault", "length"),
    [(ImageFault.EMPTY, 0), (ImageFault.TINY, 80), (ImageFault.TRUNCATED, None), (ImageFault.HTML, None)],
)
async def test_bodies_that_are_no_picture(
    replica: Replica, client: httpx.AsyncClient, address: str, path: str, fault: ImageFault, length: int | None
) -> None:
    whole = (await client.get(address)).content
    flip(replica, path, fault)
    answer = await client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    if length is not None:
        assert len(answer.content) == length
    if fault is ImageFault.TRUNCATED:
        assert answer.content == whole[: len(whole) // 2]
    if fault is ImageFault.HTML:
        assert answer.content.startswith(b"<!DOCTYPE html>")


async def test_a_cut_off_body_breaks_the_connection(
    replica: Replica, client: httpx.AsyncClient, address: str, path: str
) -> None:
    flip(replica, path, ImageFault.CUT_OFF, times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get(address)
    assert (await client.get(address)).status_code == 200


async def test_a_slow_body_trickles_with_its_full_length_announced(
    replica: Replica, client: httpx.AsyncClient, address: str, path: str
) -> None:
    length = len((await client.get(address)).content)
    flip(replica, path, ImageFault.SLOW, bytes_per_second=400)
    async with client.stream("GET", address) as answer:
        assert answer.headers["content-length"] == str(length)
        assert len(await anext(answer.aiter_raw())) == 100


async def test_a_redirect_goes_where_it_is_told(
    replica: Replica, client: httpx.AsyncClient, address: str, path: str
) -> None:
    flip(replica, path, ImageFault.REDIRECT, location="http://127.0.0.1:1/elsewhere.jpg")
    answer = await client.get(address)
    assert answer.status_code == 302
    assert answer.headers["location"] == "http://127.0.0.1:1/elsewhere.jpg"


async def test_ignored_conditions(replica: Replica, client: httpx.AsyncClient, address: str, path: str) -> None:
    flip(replica, path, ImageFault.IGNORE_CONDITIONS)
    tag = (await client.get(address)).headers["etag"]
    assert (await client.get(address, headers={"If-None-Match": tag})).status_code == 200


async def test_an_unknown_picture_cannot_be_switched(replica: Replica) -> None:
    with pytest.raises(KeyError, match="no picture"):
        replica.site.change_image("/quizmeisters/cdn/nothing.jpg")


@pytest.mark.parametrize(
    "written",
    ["http://127.0.0.1:8421/q/the%20lion.jpg?v=1", "/q/the%20lion.jpg", "/q/the lion.jpg", "/q/the lion.jpg#top"],
)
def test_a_picture_is_found_however_its_address_is_written(written: str) -> None:
    assert plain_path(written) == "/q/the lion.jpg"


async def test_the_same_picture_on_another_day_has_the_same_bytes(client: httpx.AsyncClient) -> None:
    from support.replica import running_replica

    bodies = []
    for _ in range(2):
        async with running_replica(1) as replica:
            hero = replica.site.venues(QM)[0].hero
            assert hero is not None
            bodies.append((await client.get(hero.href(f"{replica.base_url}/{QM}"))).content)
    assert bodies[0] == bodies[1]
