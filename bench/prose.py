"""How fast prose is read: phrases and fees a second, and the slowest hostile phrase. No I/O while measuring."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from trivia_scraper.text.fee import read_fee
from trivia_scraper.text.schedule import PhraseKind, read_schedule

CAPTURES = Path(__file__).parents[2] / "shared" / "captures"
GOAL_PHRASES_PER_SECOND = 20_000

OWN_PHRASES = (
    ("Tuesdays at 7:30pm", "text"),
    ("1st & 3rd Thursday of the month, 8 pm", "text"),
    ("PUB QUIZ – The Silver Dray, Sampleton – Every Other Sunday", "title"),
    ("Doors 6.30pm, quiz starts 7.30pm on Wednesdays", "text"),
    ("w każdą środę o 19:00", "text"),
    ("2025.11.05 [ŚRODA] Klub 20:00", "product_title"),
    ("silver-dray-mondays-7-30pm", "slug"),
    (" 8.30pm • Monday 3 Mar 2025", "text"),
    ("Fri", "day"),
    ("19:30", "time"),
)
OWN_FEES = (
    ("£2 per person", "GB"),
    ("Prizes, £45 | £2 to play | Max 6 per team | Age 18+", "GB"),
    ("Free entry, £50 first prize", "GB"),
    ("wstęp 10 zł od osoby", "PL"),
    ("$5/team", "US"),
    ("", "GB"),
)
HOSTILE_STEMS = (
    "7-", "1st & ", "at 7", "1:1", "every ", "mon ", "12 mar ", "2025.", "7 to ", "start ", "((", "ł", "7 p", "0h",
    "7", " ", "\u0301", "of the month ", "7pm ", "half past ", "co drugi ", "£2 ", "free ", "entry ", "1,", "per ",
)  # fmt: skip


def measure(rounds: int = 40) -> dict[str, float]:
    """phrases_per_second, fees_per_second over the captured phrases (own ones where those are not here); slowest_ms
    of any phrase and fee of 500 and 200 hostile characters."""
    phrases = [(text, PhraseKind(kind)) for text, kind in rows("schedule_phrases.tsv") or OWN_PHRASES]
    fees = rows("fee_phrases.tsv") or OWN_FEES
    return {
        "phrases_per_second": _per_second(lambda text, kind: read_schedule(text, kind), phrases, rounds),
        "fees_per_second": _per_second(lambda text, country: read_fee(text, country), fees, rounds),
        "slowest_ms": 1000 * max(map(slowest_seconds, HOSTILE_STEMS)),
    }


def rows(name: str) -> list[tuple[str, str]]:
    """The first two cells of each row of a captured file; empty when it is not there."""
    file = CAPTURES / name
    if not file.exists():
        return []
    lines = [line for line in file.read_text("utf-8").split("\n") if line and not line.startswith("#")]
    return [(cells[0].replace("\\n", "\n"), cells[1]) for cells in (line.split("\t") for line in lines[1:])]


def slowest_seconds(stem: str) -> float:
    """The longest of the readings of one repeated stem, each the best of three tries."""
    phrase = (stem * 500)[:500]
    readings: list[Callable[[], object]] = [lambda kind=kind: read_schedule(phrase, kind) for kind in PhraseKind]
    readings.append(lambda: read_fee(phrase[:200], "GB"))
    return max(min(_seconds(reading) for _ in range(3)) for reading in readings)


def _seconds(reading: Callable[[], object]) -> float:
    started = time.perf_counter()
    reading()
    return time.perf_counter() - started


def _per_second(read: Callable[[str, Any], object], samples: Sequence[tuple[str, Any]], rounds: int) -> float:
    started = time.process_time()
    for _ in range(rounds):
        for text, kind in samples:
            read(text, kind)
    return rounds * len(samples) / (time.process_time() - started)


def main() -> None:
    """Print the figures."""
    print(json.dumps(measure(), indent=1))


if __name__ == "__main__":
    main()
