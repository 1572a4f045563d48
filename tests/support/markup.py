"""Markup that stalls a parser (safety.md 14.5), by the number of its row."""

from __future__ import annotations

HOSTILE = {
    "H092-nested-div": "<div>" * 50_000,
    "H092-nested-behind-bogus-end-tags": "<div></b>" * 50_000,
    "H092-nested-behind-an-early-comment-end": "<!-->" + "<div>" * 1_000,
    "H092-nested-behind-a-drawing": "<svg><div/>" + "<div/>" * 1_000,
    "H092-nested-in-a-drawings-script": "<svg><x><script>" + "<div>" * 1_000,
    "H092-nested-behind-a-quoted-bracket": "<p title='>'>" + "<div>" * 1_000,
    "H093-attributes": "<p " + " ".join(f"a{number}" for number in range(100_000)) + ">",
    "H093-attributes-behind-a-quoted-bracket": '<p t=">" ' + " ".join(f"a{number}" for number in range(300)) + ">",
    "H094-formatting": "<b><i><u>" * 3_300,
    "H094-formatting-reopened": "<p>" + "".join(f"<b a{n}>" for n in range(250)) + "</p>" + "<p>x</p>" * 20_000,
    "H095-options": "<select>" + "<option>" * 100_000,
    "tags": "<br>" * 200_001,
    "H102-length": "x" * (4 * 1024 * 1024 + 1),
}
