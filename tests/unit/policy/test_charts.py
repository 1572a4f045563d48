"""Charts as SVG: well-formed, named, told in words, without scripts or anything from outside."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from trivia_scraper.policy.charts import Bar, Point, bar_chart, line_chart

HOSTILE = "<script>alert(1)</script>\" onload='x' & \x00\x1b[31m"
SVG = "{http://www.w3.org/2000/svg}"


def read(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in read(svg).iter("text")]


def lengths(svg: str) -> list[float]:
    return [float(node.get("width", 0)) for node in read(svg).iter("rect")]


def test_bars_are_as_long_as_their_values_and_told_beside() -> None:
    svg = bar_chart("a", "Failures", [Bar("here", 50, "50"), Bar("foursquare", 25, "25"), Bar("none", 0, "0")])
    longest, half, nothing = lengths(svg)
    assert longest == pytest.approx(2 * half, abs=0.2)
    assert nothing == 1.0
    assert texts(svg) == ["here", "50", "foursquare", "25", "none", "0"]


def test_bars_of_per_cents_share_one_scale() -> None:
    half, whole = (lengths(bar_chart("a", "Rates", [Bar("a", each, "")], highest=100.0)) for each in (50, 100))
    assert whole[0] == pytest.approx(2 * half[0], abs=0.2)


def test_a_chart_has_a_title_and_says_its_figures_to_those_who_do_not_see_it() -> None:
    for svg in (
        bar_chart("a", "Failures", [Bar("here", 5, "five")]),
        line_chart("b", "Failures", [Point("Mon", 5, "five"), Point("Tue", 6, "six")]),
    ):
        root = read(svg)
        assert root.get("role") == "img"
        title, description = root.find("title"), root.find("desc")
        assert title is not None
        assert description is not None
        assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        assert title.text == "Failures"
        assert ": five" in (description.text or "")


@pytest.mark.parametrize(
    "svg",
    [
        bar_chart("a", HOSTILE, [Bar(HOSTILE, 1, HOSTILE)], label_width=900),
        line_chart("b", HOSTILE, [Point(HOSTILE, 1, HOSTILE), Point(HOSTILE, 2, HOSTILE)]),
    ],
    ids=["r205-bars", "r205-line"],
)
def test_r205_scraped_text_is_escaped_and_nothing_comes_from_outside(svg: str) -> None:
    assert {node.tag for node in read(svg).iter()} <= {
        "svg", "title", "desc", "text", "rect", "line", "polyline", "circle",
    }  # fmt: skip
    for word in ("<script", "http", "href", "style=", "\x1b", "\x00"):
        assert word not in svg
    assert all(not name.startswith("on") for node in read(svg).iter() for name in node.attrib)


def test_a_long_label_is_cut_and_whole_in_the_title_of_its_bar() -> None:
    label = "google_places, rate_limited, a-very-long-host-name.example"
    svg = bar_chart("a", "x", [Bar(label, 1, "1")])
    assert texts(svg)[0].endswith("…")
    assert f"<title>{label}: 1</title>" in svg


def test_a_line_has_a_gap_where_nothing_was_measured() -> None:
    values = (10.0, 20.0, None, 30.0, 40.0, None, 50.0)
    svg = line_chart("a", "x", [Point(str(n), value, str(value)) for n, value in enumerate(values)])
    lines = [len((node.get("points") or "").split()) for node in read(svg).iter("polyline")]
    assert lines == [2, 2]
    assert len(list(read(svg).iter("circle"))) == 5


def test_higher_values_stand_higher_and_the_scale_begins_at_nought() -> None:
    svg = line_chart("a", "x", [Point("a", 0, "0"), Point("b", 50, "50"), Point("c", 100, "100")], highest=100)
    heights = [float(node.get("cy", 0)) for node in read(svg).iter("circle")]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2])
    assert {"0", "50", "100"} <= set(texts(svg))


@pytest.mark.parametrize(
    ("highest", "top"), [(0, "1"), (1, "1"), (7, "8"), (99, "100"), (101, "200"), (2200, "3,000"), (0.3, "0.3")]
)
def test_the_scale_ends_at_a_round_number(highest: float, top: str) -> None:
    assert texts(line_chart("a", "x", [Point("a", highest, "v")]))[2] == top


def test_nothing_to_show_is_said() -> None:
    assert texts(bar_chart("a", "x", [])) == ["nothing to show"]
    assert texts(line_chart("a", "x", [Point("a", None, "-")])) == ["nothing to show"]
