"""The ImageKit account in the replica: what it cuts, lists, remembers and refuses."""

from __future__ import annotations

import httpx
import pytest

from trivia_scraper.demo.imagekit import ENDPOINT, MOUNT, PRIVATE_KEY, KitFault
from trivia_scraper.demo.multipart import read_form
from trivia_scraper.demo.server import Replica

AUTH = (PRIVATE_KEY, "")


@pytest.fixture
async def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False)


async def put(client: httpx.AsyncClient, replica: Replica, name: str, body: bytes, **fields: str) -> httpx.Response:
    return await client.post(
        f"{replica.base_url}{MOUNT}/api/v1/files/upload", auth=AUTH, data={"fileName": name, **fields},
        files={"file": (name, body, "image/jpeg")},
    )  # fmt: skip


async def test_names_are_cut_to_what_imagekit_allows(replica: Replica, client: httpx.AsyncClient) -> None:
    async with client:
        stored = (await put(client, replica, "my pub.jpg", b"x", folder="/.own/a b/")).json()
    assert stored["filePath"] == "/_own/a_b/my_pub.jpg"
    assert stored["size"] == 1


async def test_an_upload_under_a_name_that_is_taken_keeps_its_id(replica: Replica, client: httpx.AsyncClient) -> None:
    async with client:
        first = (await put(client, replica, "a.jpg", b"x", folder="/inn", tags="venue:a,provider:b")).json()
        second = (await put(client, replica, "a.jpg", b"xy", folder="/inn")).json()
        details = await client.get(f"{replica.base_url}{MOUNT}/v1/files/{first['fileId']}/details", auth=AUTH)
    assert second["fileId"] == first["fileId"]
    assert (details.json()["size"], details.json()["tags"]) == (2, ["venue:a", "provider:b"])
    assert details.json()["updatedAt"] > details.json()["createdAt"]


async def test_a_folder_is_listed_alone(replica: Replica, client: httpx.AsyncClient) -> None:
    async with client:
        for folder in ("/inn", "/inn/deeper", "/inn/deeper/still", "/innkeeper"):
            await put(client, replica, "a.jpg", b"x", folder=folder)
        url = f"{replica.base_url}{MOUNT}/v1/files"
        whole = (await client.get(url, params={"path": "/inn/", "type": "all"}, auth=AUTH)).json()
        files = (await client.get(url, params={"path": "/inn/"}, auth=AUTH)).json()
        named = (await client.get(url, params={"path": "/inn/", "searchQuery": 'name = "b.jpg"'}, auth=AUTH)).json()
        second = (await client.get(url, params={"path": "/inn", "type": "all", "skip": "1"}, auth=AUTH)).json()
    assert [(each["type"], each.get("folderPath") or each["filePath"]) for each in whole] == [
        ("folder", "/inn/deeper"),
        ("file", "/inn/a.jpg"),
    ]
    assert [each["filePath"] for each in files] == ["/inn/a.jpg"]
    assert named == []
    assert second == whole[1:]


async def test_the_cdn_remembers_until_it_is_told_to_forget(replica: Replica, client: httpx.AsyncClient) -> None:
    address = f"{replica.base_url}{ENDPOINT}/inn/a.jpg"
    async with client:
        stored = (await put(client, replica, "a.jpg", b"x", folder="/inn")).json()
        assert stored["url"] == address
        assert (await client.get(address)).content == b"x"
        await put(client, replica, "a.jpg", b"xy", folder="/inn")
        assert (await client.get(address)).content == b"x"
        assert (await client.get(address, params={"tr": "orig-true"})).content == b"xy"
        purge = await client.post(f"{replica.base_url}{MOUNT}/v1/files/purge", json={"url": address}, auth=AUTH)
        assert purge.status_code == 201
        assert (await client.get(address)).content == b"xy"
        await client.delete(f"{replica.base_url}{MOUNT}/v1/files/{stored['fileId']}", auth=AUTH)
        assert (await client.get(address)).content == b"xy"
        assert (await client.get(f"{address}?other")).status_code == 404


async def test_only_the_private_key_may_ask(replica: Replica, client: httpx.AsyncClient) -> None:
    async with client:
        for auth in (None, ("wrong", "")):
            answer = await client.get(f"{replica.base_url}{MOUNT}/v1/files", auth=auth)
            assert answer.status_code == 401


async def test_a_fault_wears_off_and_is_cleared_with_the_others(replica: Replica, client: httpx.AsyncClient) -> None:
    account = replica.site.imagekit
    account.fault, account.times = KitFault.BUSY, 2
    async with client:
        url = f"{replica.base_url}{MOUNT}/v1/files"
        answers = [await client.get(url, auth=AUTH) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["x-ratelimit-reset"] == "1500"
    account.fault = KitFault.BROKEN
    replica.site.clear()
    assert account.fault is None


@pytest.mark.parametrize("body", [b"", b"\r\n", b"a\r\n\r\nb--x", b"\x00\xff\r"])
def test_forms_are_read_to_the_byte(body: bytes) -> None:
    request = httpx.Request(
        "POST", "http://127.0.0.1/", data={"fileName": "ä b.jpg"}, files={"file": ("x", body, "image/png")}
    )
    fields, file = read_form(request.headers["content-type"], request.read())
    assert fields == {"fileName": "ä b.jpg"}
    assert file is not None
    assert (file.media_type, file.body) == ("image/png", body)


def test_what_is_no_form_has_no_fields() -> None:
    assert read_form("text/plain", b"x") == ({}, None)
