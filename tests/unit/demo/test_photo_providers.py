"""The replica's photo providers: real requests of ours, answered in the providers' own formats, and their faults."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from PIL import Image

from support.fetching import Sink, fetcher, options
from trivia_scraper.demo.photo_providers.photos import ReplicaPhoto, placeholder
from trivia_scraper.demo.photo_providers.switches import (
    PhotoApiFault,
    PhotoApiSwitch,
    PhotoKeySwitch,
    PhotoReferencesSwitch,
    PhotoShareSwitch,
    PhotosSwitch,
    is_in_share,
)
from trivia_scraper.demo.photo_providers.world import APIS
from trivia_scraper.demo.server import Replica, environment_lines, serve_replica
from trivia_scraper.demo.switches import ImageFault, ImageSwitch
from trivia_scraper.domain.errors import ImageRejected, RateLimited, ServerFault, TriviaScraperError
from trivia_scraper.domain.pages import PageRequest
from trivia_scraper.domain.photo_provider import (
    ListedPhoto,
    ListingAnswer,
    ListingRefusal,
    PhotoSubject,
    ProviderAccount,
)
from trivia_scraper.fetching import HttpFetcher
from trivia_scraper.policy.identity import photo_identity
from trivia_scraper.providers.registry import PHOTO_PROVIDERS

INTERFACES = {"google_places": "new", "google_classic": "classic", "foursquare": "", "here": "", "unsplash": ""}
BY_ID = ("google_places", "google_classic", "foursquare", "here")


@pytest.fixture
async def fetching() -> AsyncIterator[HttpFetcher]:
    async with fetcher() as opened:
        yield opened


class Asker:
    """Our side: asks the replica as enrichment does."""

    def __init__(self, replica: Replica, fetching: HttpFetcher, interface: str, **changes: Any) -> None:
        self.slug = "google_places" if interface == "google_classic" else interface
        self.provider = PHOTO_PROVIDERS[self.slug]
        stated: dict[str, Any] = {
            "slug": self.slug, "base_url": replica.photo_api_urls[self.slug], "key": replica.photo_keys[self.slug],
            "priority": 1, "cost_per_request": 0.0, "cost_per_image": 0.0, "per_second": 0, "per_minute": 0,
            "per_hour": 0, "api": INTERFACES[interface], "classic_base_url": replica.photo_api_urls["google_classic"],
        }  # fmt: skip
        self.account = ProviderAccount(**{**stated, **changes})
        self.fetching = fetching

    async def list(self, place: str = "place-1-3") -> ListingAnswer | ListingRefusal:
        subject = PhotoSubject(place, "The Crown", "Leeds", "GB")
        return await self.read(self.provider.listing_request(subject, self.account), subject)

    async def read(self, request: PageRequest, subject: PhotoSubject) -> ListingAnswer | ListingRefusal:
        page = await self.fetching.fetch_page(request, accept_language="en", deadline_seconds=5)
        return self.provider.read_listing(page, subject, self.account)

    async def photos(self, place: str = "place-1-3") -> list[ListedPhoto]:
        answer = await self.list(place)
        assert isinstance(answer, ListingAnswer), answer
        return list(answer.photos)

    async def refusal(self, place: str = "place-1-3") -> ListingRefusal:
        refusal = await self.list(place)
        assert isinstance(refusal, ListingRefusal), refusal
        return refusal

    async def download(self, photo: ListedPhoto) -> bytes:
        sink = Sink()
        request = self.provider.photo_request(photo.url, self.account)
        await self.fetching.download_image(request, sink, options(), deadline_seconds=5)
        return sink.body


def size_of(body: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(body)) as image:
        image.load()
        assert image.format == "JPEG"
        return image.size


# --- listings and bytes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("api", INTERFACES)
async def test_5_7_photos_are_listed_and_their_bytes_are_there(
    replica: Replica, fetching: HttpFetcher, api: str
) -> None:
    asker = Asker(replica, fetching, api)
    photos = await asker.photos()
    assert len(photos) == (5 if api == "unsplash" else 3)
    assert len({photo_identity(asker.slug, each.photo_id, each.url) for each in photos}) == len(photos)
    for photo in photos[:2]:
        body = await asker.download(photo)
        assert (photo.width, photo.height) == pytest.approx([side / 0.2 for side in size_of(body)], abs=3)
        assert await asker.download(photo) == body
    assert (replica.provider_calls(), replica.provider_calls(api)) == (1, 1)
    assert replica.photo_downloads() == replica.photo_downloads(api, method="GET") == 4


@pytest.mark.parametrize("api", BY_ID)
async def test_r105_places_without_photos_and_places_nobody_knows(
    replica: Replica, fetching: HttpFetcher, api: str
) -> None:
    asker = Asker(replica, fetching, api)
    assert await asker.photos("place-1-0") == []
    unknown = await asker.list("nowhere")
    if api in ("foursquare", "here"):
        assert unknown == ListingAnswer(())
    else:
        assert isinstance(unknown, ListingRefusal)
        assert unknown.error_type == "not_found"


async def test_unsplash_answers_in_pages_and_is_told_of_a_use(replica: Replica, fetching: HttpFetcher) -> None:
    asker = Asker(replica, fetching, "unsplash")
    subject = PhotoSubject("", "The Crown", "Leeds", "GB")
    first = await asker.list()
    assert isinstance(first, ListingAnswer)
    assert first.following is not None
    second = await asker.read(first.following, subject)
    assert isinstance(second, ListingAnswer)
    assert (len(first.photos), len(second.photos), second.following) == (5, 2, None)
    assert not {each.photo_id for each in first.photos} & {each.photo_id for each in second.photos}
    nothing = await asker.read(
        asker.provider.listing_request(PhotoSubject("", "nowhere", None, "GB"), asker.account), subject
    )
    assert nothing == ListingAnswer(())
    notice = asker.provider.notice_request(first.photos[0].notice_url or "", asker.account)
    assert notice is not None
    await fetching.fetch_page(notice, accept_language="en", deadline_seconds=5)
    assert replica.provider_calls() == 3


async def test_an_address_outlives_the_replica_that_listed_it(replica: Replica, fetching: HttpFetcher) -> None:
    google = f"{replica.photo_api_urls['google_places']}/v1/places/place-8-2/photos/place-8-2-1/media?maxWidthPx=1600"
    for api, url in (
        ("google_places", google),
        ("foursquare", f"{replica.base_url}/photo-cdn/foursquare/original/place-8-2-1.jpg"),
    ):
        assert size_of(await Asker(replica, fetching, api).download(ListedPhoto("x", url, None, None)))


# --- keys ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("api", INTERFACES)
@pytest.mark.parametrize("key", ["", "another-key"])
async def test_r106_a_wrong_or_missing_key_is_refused(
    replica: Replica, fetching: HttpFetcher, api: str, key: str
) -> None:
    refusal = await Asker(replica, fetching, api, key=key).refusal()
    expected = "forbidden" if (api, key) == ("google_places", "") else "auth_error"
    assert refusal.error_type == expected
    assert len(refusal.message) > 30


@pytest.mark.parametrize("api", ["google_places", "google_classic"])
async def test_r115_a_changed_key_changes_no_identity(replica: Replica, fetching: HttpFetcher, api: str) -> None:
    before = Asker(replica, fetching, api)
    listed = await before.photos()
    replica.site.flip(PhotoKeySwitch(provider="google_places", key="rotated-key-2"))
    with pytest.raises(TriviaScraperError) as refused:
        await before.download(listed[0])
    assert refused.value.status_code == 403
    after = Asker(replica, fetching, api)
    assert await after.photos() == listed
    assert await after.download(listed[0])
    replica.site.clear()
    assert await before.photos() == listed


# --- faults --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("api", INTERFACES)
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, "auth_error"),
        (403, "forbidden"),
        (429, "rate_limited"),
        (500, "server_error"),
        (503, "service_unavailable"),
    ],
)
async def test_r131_an_interface_that_refuses_once(
    replica: Replica, fetching: HttpFetcher, api: Any, status: int, expected: str
) -> None:
    asker = Asker(replica, fetching, api)
    fault = PhotoApiSwitch(
        provider=api,
        fault=PhotoApiFault.STATUS,
        status=status,
        times=1,
        retry_after=0,
        place="" if api == "unsplash" else "place-1-3",
    )
    replica.site.flip(fault)
    if api != "unsplash":
        assert await asker.photos("place-2-2")
    refusal = await asker.refusal()
    assert (refusal.error_type, refusal.status_code, refusal.retry_after_seconds) == (expected, status, 0.0)
    assert await asker.photos()


@pytest.mark.parametrize(
    ("api", "fault", "expected", "repeats"),
    [
        ("google_classic", PhotoApiFault.DENIED, "auth_error", True),
        ("google_classic", PhotoApiFault.OVER_LIMIT, "rate_limited", False),
        *((api, PhotoApiFault.HTML, "invalid_response", False) for api in APIS),
        *((api, PhotoApiFault.NOT_JSON, "invalid_response", False) for api in APIS),
        *((api, PhotoApiFault.WRONG_SHAPE, "invalid_response", False) for api in APIS),
    ],
)
async def test_r130_an_interface_that_answers_nonsense(
    replica: Replica, fetching: HttpFetcher, api: Any, fault: PhotoApiFault, expected: str, repeats: bool
) -> None:
    replica.site.flip(PhotoApiSwitch(provider=api, fault=fault))
    refusal = await Asker(replica, fetching, api).refusal()
    assert (refusal.error_type, refusal.repeats, refusal.status_code) == (expected, repeats, 200)
    replica.site.clear()
    assert await Asker(replica, fetching, api).photos()


@pytest.mark.parametrize("api", APIS)
async def test_an_interface_without_photos_or_without_a_word(
    replica: Replica, fetching: HttpFetcher, api: Any
) -> None:
    asker = Asker(replica, fetching, api)
    replica.site.flip(PhotoApiSwitch(provider=api, fault=PhotoApiFault.EMPTY, times=1))
    assert await asker.photos() == []
    replica.site.flip(PhotoApiSwitch(provider=api, fault=PhotoApiFault.NO_BODY, status=429, times=1))
    with pytest.raises(RateLimited):
        await asker.list()


async def test_5_7_the_classic_interface_where_the_new_one_is_off(replica: Replica, fetching: HttpFetcher) -> None:
    asker = Asker(replica, fetching, "google_places", api="auto")
    subject = PhotoSubject("place-1-3", "The Crown", "Leeds", "GB")
    listed = await asker.photos()
    replica.site.flip(PhotoApiSwitch(provider="google_places", fault=PhotoApiFault.DISABLED))
    refusal = await asker.refusal()
    assert refusal.try_instead is not None
    answer = await asker.read(refusal.try_instead, subject)
    assert isinstance(answer, ListingAnswer)
    assert [each.photo_id for each in answer.photos] == [each.photo_id for each in listed]
    assert await asker.download(answer.photos[0]) == await asker.download(listed[0])
    assert (replica.provider_calls("google_places"), replica.provider_calls("google_classic")) == (2, 1)


async def test_a_slow_interface_does_not_outlast_the_replica(replica: Replica, fetching: HttpFetcher) -> None:
    replica.site.flip(PhotoApiSwitch(provider="here", fault=PhotoApiFault.SLOW, seconds=0.01))
    assert await Asker(replica, fetching, "here").photos()
    replica.site.flip(PhotoApiSwitch(provider="here", fault=PhotoApiFault.SLOW, seconds=600))
    replica.site.closing.set()
    assert await Asker(replica, fetching, "here").photos()


@pytest.mark.parametrize("api", INTERFACES)
async def test_a_photo_that_is_limited_on_its_first_request(
    replica: Replica, fetching: HttpFetcher, api: str
) -> None:
    asker = Asker(replica, fetching, api)
    limited, other = (await asker.photos())[:2]
    replica.site.flip(ImageSwitch(path=limited.url, fault=ImageFault.STATUS, status=429, times=1, retry_after=0))
    with pytest.raises(RateLimited) as refused:
        await asker.download(limited)
    assert refused.value.retry_after_seconds == 0
    assert await asker.download(other)
    assert await asker.download(limited)
    assert (replica.photo_downloads(status=429), replica.photo_downloads(api)) == (1, 3)


@pytest.mark.parametrize("api", INTERFACES)
async def test_every_fault_of_pictures_goes_for_photos(replica: Replica, fetching: HttpFetcher, api: str) -> None:
    asker = Asker(replica, fetching, api)
    photo = (await asker.photos())[0]
    whole = await asker.download(photo)
    for fault, body in ((ImageFault.TRUNCATED, whole[: len(whole) // 2]), (ImageFault.TINY, whole[:80])):
        replica.site.flip(ImageSwitch(path=photo.url, fault=fault, times=1))
        assert await asker.download(photo) == body
    replica.site.flip(ImageSwitch(path=photo.url, fault=ImageFault.EMPTY, times=1))
    with pytest.raises(ImageRejected):
        await asker.download(photo)
    replica.site.change_image(photo.url)
    assert await asker.download(photo) != whole


@pytest.mark.parametrize("api", ["google_places", "foursquare"])
async def test_a_share_of_the_photos_is_limited_on_its_first_request(
    replica: Replica, fetching: HttpFetcher, api: str
) -> None:
    asker = Asker(replica, fetching, api)
    photos = await asker.photos("place-3-10")
    replica.site.flip(PhotoShareSwitch(share=0.4, retry_after=0))
    limited = []
    for photo in photos:
        try:
            await asker.download(photo)
        except RateLimited:
            limited.append(photo)
            await asker.download(photo)
    paths = [replica.site.photos.file_path(each.url) or "" for each in photos]
    assert len(limited) == sum(is_in_share(path, 0.4) for path in paths)
    assert 0 < len(limited) < 10
    assert replica.photo_downloads(status=429) == len(limited)


def test_a_share_is_about_its_share() -> None:
    paths = [
        f"/photo-cdn/google_places/place-{venue}-10-{number}.jpg" for venue in range(200) for number in range(10)
    ]
    assert sum(is_in_share(path, 0.4) for path in paths) / 2000 == pytest.approx(0.4, abs=0.03)
    assert not any(is_in_share(path, 0.0) for path in paths)
    assert all(is_in_share(path, 1.0) for path in paths)


# --- photos that a test wants --------------------------------------------------------------------------------------


async def test_the_same_photo_at_two_providers_and_one_that_is_nearly_equal(
    replica: Replica, fetching: HttpFetcher
) -> None:
    front = ReplicaPhoto(id="front", look="the front of the pub", width=1200, height=800)
    replica.site.flip(PhotosSwitch(provider="google_places", place="pub-g", photos=(front,)))
    again = (front.model_copy(update={"id": "f-1"}), front.model_copy(update={"id": "f-2", "shrunk": True}))
    replica.site.flip(PhotosSwitch(provider="foursquare", place="pub-f", photos=(*again, placeholder("f-3"))))
    replica.site.flip(PhotosSwitch(provider="here", place="pub-h", photos=(placeholder("h-1"),)))
    google, foursquare, here = (Asker(replica, fetching, api) for api in ("google_places", "foursquare", "here"))
    (at_google,) = await google.photos("pub-g")
    same, smaller, no_photo = await foursquare.photos("pub-f")
    (no_photo_either,) = await here.photos("pub-h")
    body = await google.download(at_google)
    assert await foursquare.download(same) == body
    assert await foursquare.download(no_photo) == await here.download(no_photo_either)
    shrunk = await foursquare.download(smaller)
    assert shrunk != body
    assert (size_of(body), size_of(shrunk)) == ((240, 160), (180, 120))
    assert (smaller.width, smaller.height) == (900, 600)


async def test_r110_a_place_that_is_an_address(replica: Replica, fetching: HttpFetcher) -> None:
    photos = (ReplicaPhoto(id="house"),)
    replica.site.flip(PhotosSwitch(provider="google_places", place="a-house", photos=photos, types=("premise",)))
    for api in ("google_places", "google_classic"):
        assert "premise" in (await Asker(replica, fetching, api).refusal("a-house")).message


@pytest.mark.parametrize("api", ["google_places", "google_classic"])
async def test_expired_references_answer_400_and_the_next_listing_has_new_ones(
    replica: Replica, fetching: HttpFetcher, api: str
) -> None:
    asker = Asker(replica, fetching, api)
    before = await asker.photos()
    body = await asker.download(before[0])
    replica.site.flip(PhotoReferencesSwitch(place="place-1-3"))
    with pytest.raises(ServerFault) as expired:
        await asker.download(before[0])
    assert (expired.value.status_code, expired.value.error_type) == (400, "http_error")
    after = await asker.photos()
    assert not {each.photo_id for each in after} & {each.photo_id for each in before}
    assert await asker.download(after[0]) == body


# --- from outside --------------------------------------------------------------------------------------------------


async def test_switches_and_counts_over_http(replica: Replica, client: httpx.AsyncClient) -> None:
    control = f"{replica.base_url}/_control"
    listing = f"{replica.photo_api_urls['foursquare']}/places/mine/photos"
    headers = {"Authorization": f"Bearer {replica.photo_keys['foursquare']}", "X-Places-Api-Version": "2025-06-17"}
    switches: list[dict[str, Any]] = [
        {"target": "photos", "provider": "foursquare", "place": "mine", "photos": [{"id": "a"}, {"id": "b"}]},
        {"target": "photo_api", "provider": "foursquare", "fault": "status", "status": 503, "times": 1},
        {"target": "photo_share", "share": 0.5},
    ]
    for switch in switches:
        assert (await client.post(f"{control}/switch", content=json.dumps(switch))).json() == {"ok": True}
    state = (await client.get(f"{control}/state")).json()
    assert state["photo_apis"]["foursquare"]["status"] == 503
    assert state["photo_share"] == {"share": 0.5, "target": "photo_share"} | state["photo_share"]
    assert (await client.get(listing, headers=headers)).status_code == 503
    assert [each["id"] for each in (await client.get(listing, headers=headers)).json()] == ["a", "b"]
    seen = (await client.get(f"{control}/requests")).json()["photo_apis"]
    assert seen["foursquare"] == {"listing": 2, "photo": 0, "notice": 0}
    odd = await client.post(
        f"{control}/switch", content='{"target": "photo_api", "provider": "x", "fault": "status"}'
    )
    assert odd.status_code == 422
    await client.post(f"{control}/clear")
    assert (await client.get(listing, headers=headers)).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/photo-api/google_places/v1/elsewhere", "/photo-api/unsplash/photos/a/other", "/photo-cdn/here/x.jpg",
     "/photo-cdn/nobody/place-1-1-1.jpg", "/photo-api/nobody/x"],
)  # fmt: skip
async def test_what_is_nowhere_is_refused(replica: Replica, client: httpx.AsyncClient, path: str) -> None:
    keys = {"X-Goog-Api-Key": replica.photo_keys["google_places"], "X-Goog-FieldMask": "photos"}
    headers = {**keys, "Authorization": f"Client-ID {replica.photo_keys['unsplash']}"}
    assert (await client.get(replica.base_url + path, headers=headers)).status_code == 404


async def test_a_photo_that_was_never_taken_cannot_be_switched(replica: Replica) -> None:
    with pytest.raises(KeyError):
        replica.site.flip(ImageSwitch(path="/photo-cdn/foursquare/original/nothing-9.jpg", fault=ImageFault.HTML))


async def test_foursquare_needs_its_version_header(replica: Replica, client: httpx.AsyncClient) -> None:
    headers = {"Authorization": f"Bearer {replica.photo_keys['foursquare']}"}
    answer = await client.get(f"{replica.photo_api_urls['foursquare']}/places/place-1-1/photos", headers=headers)
    assert answer.status_code == 400


async def test_r82_a_photos_file_refuses_whoever_brings_a_key(replica: Replica, client: httpx.AsyncClient) -> None:
    url = f"{replica.base_url}/photo-cdn/google_places/place-1-1-1.jpg"
    assert (await client.get(url)).status_code == 200
    assert (await client.get(url, headers={"X-Goog-Api-Key": replica.photo_keys["google_places"]})).status_code == 403


async def test_every_interface_is_a_host_of_its_own_unless_the_port_is_given(
    replica: Replica, fetching: HttpFetcher
) -> None:
    hosts = {httpx.URL(url).netloc for url in (replica.base_url, *replica.photo_api_urls.values())}
    assert len(hosts) == 6
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with serve_replica(1, port=port, picture_scale=0.1) as alone:
        assert {httpx.URL(url).port for url in alone.photo_api_urls.values()} == {port}
        asker = Asker(alone, fetching, "google_places")
        (photo,) = await asker.photos("place-1-1")
        assert await asker.download(photo)


async def test_environment_lines_point_every_provider_at_the_replica(replica: Replica) -> None:
    lines = environment_lines(replica)
    for slug, name in (("foursquare", "FOURSQUARE_API_KEY"), ("here", "HERE_API_KEY")):
        assert f"export TRIVIA__PROVIDERS__{slug.upper()}__BASE_URL={replica.photo_api_urls[slug]}" in lines
        assert f"export {name}={replica.photo_keys[slug]}" in lines
        assert f"export TRIVIA__PROVIDERS__{slug.upper()}__ENABLED=true" in lines
    assert any("CLASSIC_BASE_URL=" in line and "google_classic" in line for line in lines)
