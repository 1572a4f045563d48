"""Pages and indexes of the replica carry what sources.md 2 and 3 promise, under the selectors named there."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser as Html
from selectolax.lexbor import LexborNode

from support.replica import page_address
from trivia_scraper.demo.question_one import address_of, title_of
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.world import Quirk, ReplicaVenue

QM, Q1 = "quizmeisters", "question_one"


async def page_of(replica: Replica, client: httpx.AsyncClient, provider: str, venue: ReplicaVenue) -> Html:
    answer = await client.get(page_address(replica, provider, venue))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    return Html(answer.text)


def with_quirk(replica: Replica, provider: str, quirk: Quirk) -> ReplicaVenue:
    return next(venue for venue in replica.site.venues(provider) if quirk in venue.quirks)


def texts(page: Html, selector: str) -> list[str]:
    return [node.text(strip=True) for node in page.css(selector)]


def sources(page: Html, selector: str) -> list[str | None]:
    return [node.attributes.get("src") for node in page.css(selector)]


async def test_storerocket_index(replica: Replica, client: httpx.AsyncClient) -> None:
    answer = await client.get(replica.index_urls[QM])
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert document["success"] is True
    locations = document["results"]["locations"]
    assert len(locations) == 40
    assert {type(location["lat"]) for location in locations} == {str, float}
    for location, venue in zip(locations, replica.site.venues(QM), strict=True):
        assert location["url"] == f"{replica.base_url}/quizmeisters/venues/{venue.key}"
        assert location["address"].endswith(f", {venue.place.region}, {venue.postcode}, AU")
        fields = {field["name"]: field["pivot_field_value"] for field in location["fields"]}
        schedule = fields.get("Trivia") or fields["Survey Says"]
        assert all(evening.day.lower() in schedule.lower() for evening in venue.evenings)


async def test_webflow_page_of_a_complete_venue(replica: Replica, client: httpx.AsyncClient) -> None:
    venue = replica.site.venues(QM)[0]
    page = await page_of(replica, client, QM, venue)
    assert venue.hero is not None
    assert venue.host is not None
    assert venue.host.picture is not None
    base = f"{replica.base_url}/quizmeisters"
    assert sources(page, ".venue-photo") == [venue.hero.href(base)]
    assert texts(page, "h1.venue-name") == [venue.name]
    assert texts(page, ".venue-block .paragraph")[0] == venue.phone
    assert texts(page, ".host-info .host-name") == [venue.host.name, venue.host.name]
    assert sources(page, ".host-image") == [venue.host.picture.href(base), f"{base}/placeholder.jpg"]
    own = page.css(".venue-description.w-richtext")[0]
    assert [paragraph.text() for paragraph in own.css("p")] == list(venue.paragraphs)
    assert len(page.css(".trivia-generic, .bingo-generic, .survey-generic")) == 3
    kinds = [image.attributes.get("alt") for image in page.css(".icon-block a img")]
    assert kinds == ["website icon", "facebook icon", "instagram icon"]
    assert not page.css(".on-break")


@pytest.mark.parametrize(
    ("quirk", "selector", "expected"),
    [
        (Quirk.NO_PICTURE, ".venue-photo", ""),
        (Quirk.PLACEHOLDER, ".venue-photo", "/images/placeholder.jpg"),
        (Quirk.HOST_WITHOUT_PICTURE, ".host-image", "/placeholder.jpg"),
        (Quirk.NO_HOST, ".host-image", "/placeholder.jpg"),
    ],
)
async def test_webflow_page_without_a_picture_I1(
    replica: Replica, client: httpx.AsyncClient, quirk: Quirk, selector: str, expected: str
) -> None:
    page = await page_of(replica, client, QM, with_quirk(replica, QM, quirk))
    (source,) = sources(page, selector)
    assert (source or "").endswith(expected)
    assert bool(source) == bool(expected)


async def test_a_host_picture_without_a_name_H3(replica: Replica, client: httpx.AsyncClient) -> None:
    page = await page_of(replica, client, QM, with_quirk(replica, QM, Quirk.PICTURE_WITHOUT_HOST))
    assert texts(page, ".host-name") == ["", ""]
    assert sources(page, ".host-image")[0]


async def test_a_paused_venue_says_so(replica: Replica, client: httpx.AsyncClient) -> None:
    page = await page_of(replica, client, QM, with_quirk(replica, QM, Quirk.ON_BREAK))
    assert len(page.css(".on-break")) == 1


async def test_feed_pages_of_ten_until_404(replica: Replica, client: httpx.AsyncClient) -> None:
    keys: list[str] = []
    for number in range(1, 5):
        answer = await client.get(replica.index_urls[Q1], params={"paged": str(number)})
        items = ET.fromstring(answer.content).findall("channel/item")
        assert len(items) == 10
        keys += [(item.findtext("link") or "").partition("?")[0].rstrip("/").rpartition("/")[2] for item in items]
    assert keys == [venue.key for venue in replica.site.venues(Q1)]
    end = await client.get(replica.index_urls[Q1], params={"paged": "5"})
    assert end.status_code == 404


async def test_feed_titles_are_entities_and_links_point_here(replica: Replica, client: httpx.AsyncClient) -> None:
    answer = await client.get(replica.index_urls[Q1])
    assert answer.headers["content-type"].startswith("application/rss+xml")
    assert "&#8211;" in answer.text
    items = ET.fromstring(answer.content).findall("channel/item")
    venues = replica.site.venues(Q1)[:10]
    assert [item.findtext("title") for item in items] == [title_of(venue) for venue in venues]
    assert all((item.findtext("link") or "").startswith(f"{replica.base_url}/question_one/") for item in items)
    assert any("?utm" in (item.findtext("link") or "") for item in items)


async def test_archive_pages_of_nine_follow_rel_next(replica: Replica, client: httpx.AsyncClient) -> None:
    address: str | None = replica.url(Q1, "/venues/")
    sizes, whens = [], []
    while address:
        page = Html((await client.get(address)).text)
        cards = page.css(".post-listing__posts a.media-card")
        sizes.append(len(cards))
        whens += texts(page, ".media-card .excerpt div")
        following = page.css_first('head link[rel="next"]')
        address = following.attributes["href"] if following else None
    assert sizes == [9, 9, 9, 9, 4]
    venues = replica.site.venues(Q1)
    assert whens == [f"{venue.evenings[0].day} {venue.evenings[0].start:%H:%M}" for venue in venues]


def icon_of(block: LexborNode) -> str:
    use = block.css("svg use")[0]
    assert use.attributes["href"] == use.attributes["xlink:href"]
    return (use.attributes["href"] or "").rpartition("#")[2]


async def test_question_one_page(replica: Replica, client: httpx.AsyncClient) -> None:
    venue = replica.site.venues(Q1)[0]
    page = await page_of(replica, client, Q1, venue)
    facts = {icon_of(block): block for block in page.css(".text-with-icon")}
    assert set(facts) == {"calendar", "tag", "pin", "link", "phone"}
    told = {icon: block.css(".text-with-icon__text")[0].text(strip=True) for icon, block in facts.items()}
    assert told["pin"] == address_of(venue)
    assert told["tag"] == venue.fee
    assert told["phone"] == venue.phone
    assert facts["link"].css("a")[0].attributes["href"] == f"https://www.{venue.slug}.example/"
    assert texts(page, "h1.post-heading-area__title") == [title_of(venue)]
    assert [node.text() for node in page.css(".post-content-area p")] == list(venue.paragraphs)
    assert venue.hero is not None
    uploads = [source for source in sources(page, "img") if "wp-content/uploads" in (source or "")]
    assert uploads == [venue.hero.href(f"{replica.base_url}/question_one")]


@pytest.mark.parametrize(("quirk", "icon"), [(Quirk.NO_FEE, "tag"), (Quirk.NO_PHONE, "phone")])
async def test_a_fact_that_is_not_stated_has_no_block_F1(
    replica: Replica, client: httpx.AsyncClient, quirk: Quirk, icon: str
) -> None:
    venue = with_quirk(replica, Q1, quirk)
    answer = await client.get(page_address(replica, Q1, venue))
    assert f"icons.svg#{icon}" not in answer.text
    assert "icons.svg#pin" in answer.text


async def test_a_post_without_picture_shows_the_theme_placeholder_I1(
    replica: Replica, client: httpx.AsyncClient
) -> None:
    page = await page_of(replica, client, Q1, with_quirk(replica, Q1, Quirk.NO_PICTURE))
    assert not any("wp-content/uploads" in (source or "") for source in sources(page, "img"))
    placeholder = next(source for source in sources(page, "img") if "default-post_image" in (source or ""))
    assert placeholder is not None
    assert (await client.get(placeholder)).content[:2] == b"\xff\xd8"


async def test_pages_are_gzipped_when_asked_for(replica: Replica, client: httpx.AsyncClient) -> None:
    zipped = await client.get(replica.index_urls[QM], headers={"Accept-Encoding": "gzip"})
    plain = await client.get(replica.index_urls[QM], headers={"Accept-Encoding": "identity"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert zipped.text == plain.text
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"]) / 2


@pytest.mark.parametrize(
    "path",
    [
        "/quizmeisters/venues/qld-nowhere",
        "/question_one/venues/nowhere/",
        "/quizmeisters/",
        "/elsewhere/venues/",
        "/",
    ],
)
async def test_what_does_not_exist_is_404(replica: Replica, client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(replica.base_url + path)).status_code == 404


async def test_robots_allows_everything_N2(replica: Replica, client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{replica.base_url}/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == "User-agent: *\nDisallow:\n"


async def test_links_follow_the_host_of_the_request(replica: Replica, client: httpx.AsyncClient) -> None:
    answer = await client.get(replica.index_urls[QM], headers={"Host": "localhost:1234"})
    assert answer.json()["results"]["locations"][0]["url"].startswith("http://localhost:1234/quizmeisters/venues/")
