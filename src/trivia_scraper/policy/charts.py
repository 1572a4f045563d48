"""Charts as inline SVG: bars and lines, without scripts, styles of their own or anything from outside.

Each has a title and a description for those who do not see it, numbers in text beside its shapes, and colours that
come from the page (`currentColor`, CSS variables), so that it is legible in light and in dark.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 640
_BAR: Final = 22
_GAP: Final = 8
_LETTER: Final = 7  # as wide as one is on average
_NUMBERS: Final = 110
_LINE_HEIGHT: Final = 180
_MARGIN: Final = 34


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it stands for, how long it is, the number as it is told."""

    label: str
    value: float
    told: str


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a line, from left to right; `value` None = nothing was measured there."""

    label: str
    value: float | None
    told: str


def bar_chart(
    name: str, title: str, bars: Sequence[Bar], *, label_width: int = 160, highest: float | None = None
) -> str:
    """Horizontal bars, of which one of `highest` (None = the longest) fills the room.

    name  unique on the page; becomes part of ids
    """
    height = max(len(bars), 1) * (_BAR + _GAP) + _GAP
    room = WIDTH - label_width - _NUMBERS
    longest = highest or max((bar.value for bar in bars), default=0.0) or 1.0
    lengths = [max(room * bar.value / longest, 1.0) for bar in bars]
    body = "".join(_bar(number, bar, lengths[number], label_width) for number, bar in enumerate(bars))
    told = "; ".join(f"{bar.label}: {bar.told}" for bar in bars)
    return _svg(name, title, told, height, body if bars else _nothing())


def _bar(number: int, bar: Bar, length: float, left: int) -> str:
    top = _GAP + number * (_BAR + _GAP)
    middle = top + _BAR * 0.7
    label = _text(_short(bar.label, left // _LETTER))
    return (
        f'<text x="{left - 10}" y="{middle:.1f}" text-anchor="end">{label}</text>'
        f'<rect x="{left}" y="{top}" width="{length:.1f}" height="{_BAR}" rx="2" class="bar">'
        f"<title>{_text(bar.label)}: {_text(bar.told)}</title></rect>"
        f'<text x="{left + length + 8:.1f}" y="{middle:.1f}">{_text(bar.told)}</text>'
    )


def line_chart(name: str, title: str, points: Sequence[Point], *, highest: float | None = None) -> str:
    """A line from left to right over a scale from 0 to `highest` (None = the highest value, rounded up).

    Where nothing was measured the line has a gap.
    """
    measured = [point for point in points if point.value is not None]
    if not measured:
        return _svg(name, title, "no figures yet", 2 * _MARGIN, _nothing())
    top = highest or _rounded_up(max(point.value or 0.0 for point in measured))
    body = "".join((*_scale(top), *_lines(points, top), *_dots(points, top), *_days(points)))
    told = "; ".join(f"{point.label}: {point.told}" for point in points)
    return _svg(name, title, told, _LINE_HEIGHT + 2 * _MARGIN, body)


def _scale(top: float) -> Iterator[str]:
    for share in (0.0, 0.5, 1.0):
        y = _y(share * top, top)
        yield f'<line x1="{_MARGIN + 20}" y1="{y:.1f}" x2="{WIDTH - _MARGIN}" y2="{y:.1f}" class="grid"/>'
        yield f'<text x="{_MARGIN + 12}" y="{y + 4:.1f}" text-anchor="end">{_number(share * top)}</text>'


def _lines(points: Sequence[Point], top: float) -> Iterator[str]:
    run: list[str] = []
    for number, point in enumerate([*points, Point("", None, "")]):
        if point.value is not None:
            run.append(f"{_x(number, len(points)):.1f},{_y(point.value, top):.1f}")
            continue
        if len(run) > 1:
            yield f'<polyline points="{" ".join(run)}" class="line"/>'
        run = []


def _dots(points: Sequence[Point], top: float) -> Iterator[str]:
    for number, point in enumerate(points):
        if point.value is not None:
            x, y = _x(number, len(points)), _y(point.value, top)
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" class="dot">'
            yield f"<title>{_text(point.label)}: {_text(point.told)}</title></circle>"
            if len(points) <= 10:  # more would write over each other; the title and the table tell them all
                yield f'<text x="{x:.1f}" y="{y - 9:.1f}" text-anchor="middle">{_text(point.told)}</text>'


def _days(points: Sequence[Point]) -> Iterator[str]:
    every = max(1, math.ceil(len(points) / 8))
    for number, point in enumerate(points):
        if number % every == 0:
            x, y = _x(number, len(points)), _LINE_HEIGHT + _MARGIN + 22
            yield f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{_text(point.label)}</text>'


def _x(number: int, count: int) -> float:
    left, right = _MARGIN + 40, WIDTH - _MARGIN - 20
    return (left + right) / 2 if count == 1 else left + number * (right - left) / (count - 1)


def _y(value: float, top: float) -> float:
    return _MARGIN + _LINE_HEIGHT * (1 - min(max(value / top, 0.0), 1.0))


def _rounded_up(value: float) -> float:
    """The next round number whose half is round too; 1 for nothing."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
    return next(step * power for step in steps if step * power >= value * (1 - 1e-9))


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def _nothing() -> str:
    return f'<text x="{WIDTH / 2:.0f}" y="24" text-anchor="middle">nothing to show</text>'


def _svg(name: str, title: str, told: str, height: int, body: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" class="chart">'
        f'<title id="{name}-title">{_text(title)}</title><desc id="{name}-desc">{_text(told)}</desc>{body}</svg>'
    )


def _short(label: str, most: int) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"


def _text(text: str) -> str:
    # What XML cannot hold at all goes too: scraped text may carry control characters.
    return escape("".join(character if character.isprintable() else " " for character in text), quote=True)
