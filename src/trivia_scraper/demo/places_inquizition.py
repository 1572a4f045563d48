"""Where Inquizition's invented pubs stand: quarters of London and British towns where no other provider's do."""

from __future__ import annotations

from typing import Final

from trivia_scraper.demo.places import Place


def _london(*rows: tuple[str, str, float, float]) -> list[Place]:
    return [Place(name, "", "", outward, lat, lon, "London") for name, outward, lat, lon in rows]


def _towns(*rows: tuple[str, str, float, float]) -> list[Place]:
    return [Place(name, "", "", outward, lat, lon, name) for name, outward, lat, lon in rows]


_LONDON: Final = _london(
    ("Ludgate Hill", "EC4M", 51.5139, -0.1027), ("Streatham", "SW16", 51.4284, -0.1230),
    ("Fulham", "SW6", 51.4770, -0.2010), ("Walthamstow", "E17", 51.5860, -0.0190),
    ("Hampstead", "NW3", 51.5560, -0.1780), ("Peckham", "SE15", 51.4700, -0.0640),
    ("Islington", "N1", 51.5380, -0.1030), ("Balham", "SW12", 51.4450, -0.1500),
    ("Greenwich", "SE10", 51.4810, -0.0080), ("Dulwich", "SE21", 51.4400, -0.0850),
    ("Ealing", "W5", 51.5130, -0.3050), ("Blackheath", "SE3", 51.4660, 0.0090),
    ("Stoke Newington", "N16", 51.5620, -0.0740), ("Camden", "NW1", 51.5390, -0.1430),
    ("Highgate", "N6", 51.5710, -0.1480), ("Wimbledon", "SW19", 51.4210, -0.2070),
    ("Battersea", "SW11", 51.4740, -0.1560), ("Crystal Palace", "SE19", 51.4180, -0.0820),
    ("Shoreditch", "EC2A", 51.5250, -0.0800),
)  # fmt: skip
_ELSEWHERE: Final = _towns(
    ("St Albans", "AL1", 51.7520, -0.3360), ("Sheffield", "S1", 53.3800, -1.4700),
    ("Cardiff", "CF10", 51.4800, -3.1800), ("Birmingham", "B1", 52.4790, -1.9080),
    ("Bath", "BA1", 51.3840, -2.3600), ("Newcastle upon Tyne", "NE1", 54.9710, -1.6130),
    ("Southampton", "SO14", 50.9040, -1.4040), ("Winchester", "SO23", 51.0630, -1.3160),
    ("Colchester", "CO1", 51.8890, 0.9010), ("Maidstone", "ME14", 51.2740, 0.5220),
)  # fmt: skip


def _mixed(many: list[Place], few: list[Place]) -> tuple[Place, ...]:
    # Two of London, one of elsewhere: a world of twelve shows both.
    longest = range(max(len(many), 2 * len(few)))
    return tuple(place for i in longest for place in (*many[i : i + 1], *(few[i // 2 : i // 2 + 1] if i % 2 else ())))


PLACES: Final = _mixed(_LONDON, _ELSEWHERE)
