"""HTML, RSS and JSON at their border: what is refused, what comes out (safety.md 7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.markup import HOSTILE
from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.failures import Reason
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.sources.document import Document, first_text
from trivia_scraper.sources.feed import FeedItem, is_feed, read_feed
from trivia_scraper.sources.json_reading import member, parse_json, read_json, text_of
from trivia_scraper.sources.markup_check import markup_danger

URL = "https://pub.example/"


def document(markup: str) -> Document:
    return Document.parse(markup, url=URL)


# --- HTML


def test_text_has_a_line_for_each_block_and_collapsed_spaces() -> None:
    page = document("<div> One\n  two <b>thr</b>ee<p>four<br>five</p><script>x()</script> six&nbsp;seven</div>")
    assert page.text() == "One two three\nfour\nfive\nsix seven"
    assert page.line() == "One two three four five six seven"


def test_select_attribute_and_meta() -> None:
    page = document('<meta property="og:title" content=" Quiz "><a href=" /x " class="a b">1</a><a class="">2</a>')
    first, second = page.select("a")
    assert (first.attribute("href"), first.classes(), second.attribute("class")) == ("/x", {"a", "b"}, None)
    assert page.meta("og:title") == "Quiz"
    assert page.meta("og:image") is None
    assert page.select_one("p") is None
    assert first_text(page.select("p, a")) == "1"


def test_deep_but_allowed_markup_is_read_without_recursion() -> None:
    assert document("<div>" * 500 + "end").text() == "end"


def test_h097_nul_and_controls_in_markup_are_parsed() -> None:
    assert "pub" in document("<p>\x00pub\x85</p>").text()


def test_h117_lone_surrogates_become_replacement_characters() -> None:
    assert document("<p>a\ud800b</p>").text() == "a\ufffdb"


@pytest.mark.parametrize("markup", HOSTILE.values(), ids=HOSTILE)
def test_hostile_markup_is_refused_before_parsing(markup: str) -> None:
    with pytest.raises(PageShapeChanged) as caught:
        document(markup)
    assert caught.value.reason is Reason.PARSE_TIMEOUT


def test_safety_7_3_where_a_parser_may_be_killed_only_length_is_refused() -> None:
    page = Page(PageRequest(URL), URL, 200, "<div>" * 600 + "end", "text/html", 3_003)
    with pytest.raises(PageShapeChanged):
        Document.of(page)
    assert Document.of(replace(page, guarded=False)).text() == "end"
    with pytest.raises(PageShapeChanged) as caught:
        Document.of(replace(page, text=HOSTILE["H102-length"], guarded=False))
    assert caught.value.reason is Reason.PARSE_TIMEOUT


HARMLESS = {
    "script-full-of-tags": "<script>" + "'<div>'" * 5_000 + "</script><p>x",
    "comment-full-of-tags": "<!--" + "<div>" * 5_000 + "--><p>x",
    "long-list-without-end-tags": "<ul>" + "<li>x" * 5_000,
    "long-table-without-end-tags": "<table>" + "<tr><td>x" * 5_000,
    "icons": '<svg><use href="#a"/><path d="M0"/></svg>' * 2_000,
    "void-elements": "<p>" + "<br><img src=x>" * 5_000,
    "closed-formatting": "<b>x</b><a href=y>z</a>" * 5_000,
    "long-values": f'<meta content="{"word " * 1_000}">',
}


@pytest.mark.parametrize("markup", HARMLESS.values(), ids=HARMLESS)
def test_ordinary_markup_passes(markup: str) -> None:
    assert markup_danger(markup) is None


# --- RSS


def test_feed_items_are_read_with_entities_and_cdata() -> None:
    text = (
        "\ufeff <?xml version='1.0' encoding='ISO-8859-1'?><!-- made by --><rss version='2.0'>"
        "<channel><link>https://a/</link><item><title>A &amp; B &#8211; C</title><link> https://a/x/ </link>"
        "<description><![CDATA[<p>hi</p>]]></description>"
        "<media><title>not this</title></media></item><item/></channel></rss>"
    )
    assert is_feed(text)
    assert read_feed(text, url=URL) == (FeedItem("A & B – C", "https://a/x/", "<p>hi</p>"), FeedItem("", "", ""))


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE rss [<!ENTITY a "aaaa">]><rss><channel><item><title>&a;</title></item></channel></rss>',
        '<!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss/>',
        "<rss>" + "<a>" * 100,
        "<rss><channel><item>",
        "<rss>&nbsp;</rss>",
        "",
        "<rss>" + "x" * (4 * 1024 * 1024),
    ],
    ids=["entities", "outside-dtd", "deep", "cut", "unknown-entity", "empty", "long"],
)
def test_a_feed_that_is_no_plain_feed_is_refused(text: str) -> None:
    with pytest.raises(PageShapeChanged) as caught:
        read_feed(text, url=URL)
    assert caught.value.looked_for == "RSS"


def test_h118_control_characters_do_not_cost_the_feed() -> None:
    (item,) = read_feed("<rss><item><title>a\x00\x0bb\ud800</title></item></rss>", url=URL)
    assert item.title == "ab"


@pytest.mark.parametrize("text", ["<!DOCTYPE html><html>", "<html><rss>", "{}", "", "rss"], ids=repr)
def test_other_documents_are_no_feeds(text: str) -> None:
    assert not is_feed(text)


# --- JSON


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * 65 + "]" * 65,
        '{"a":' * 70 + "1" + "}" * 70,
        "1" * 5_000,
        '{"a": -1234567890123456789}',
        '{"lat": NaN}',
        '{"lat": -Infinity}',
        "1e999",
        '{"a": 1',
        '"open',
        '"\\',
        "",
        "'x'",
    ],
    ids=[
        "H103-deep", "H103-just-too-deep", "H103-deep-objects", "H104-5000-digits", "H104-19-digits", "H105-nan",
        "H105-infinity", "H105-overflow", "cut", "open-string", "open-escape", "empty", "not-json",
    ],
)  # fmt: skip
def test_json_is_refused(text: str) -> None:
    with pytest.raises(PageShapeChanged) as caught:
        read_json(text, looked_for="results.locations", url=URL)
    assert caught.value.looked_for == "results.locations"


def test_brackets_inside_strings_are_not_depth() -> None:
    assert parse_json('{"a": "' + "[" * 500 + '\\"{"}') == {"a": "[" * 500 + '"{'}
    assert parse_json("\ufeff" + "[" * 64 + "]" * 64) is not None


def test_html_in_place_of_json_is_told_apart() -> None:
    with pytest.raises(PageShapeChanged, match="got HTML"):
        read_json(" \n<!DOCTYPE html>", looked_for="stores", url=URL)


def test_member_walks_objects_only() -> None:
    nested = {"a": {"b": [1]}}
    assert member(nested, "a", "b") == [1]
    assert member(nested, "a", "b", "c") is None
    assert member([nested], "a") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [("x", "x"), (" ", None), (7, "7"), (1.5, "1.5"), (True, None), (None, None), ([], None)],
    ids=repr,
)
def test_text_of_scalars(value: object, text: str | None) -> None:
    assert text_of(value) == text


def test_select_gives_an_element_once_though_it_matches_two_branches() -> None:
    page = document('<p class="a b">1</p><p class="b">2</p><p class="a">3</p>')
    assert [each.line() for each in page.select(".a, .b")] == ["1", "2", "3"]
