"""Where the invented pubs stand: real towns with their real postcodes and positions, so that readers of
addresses, time zones and coordinates are tried on something true. The pubs themselves do not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """A suburb or town.

    region       state in full as StoreRocket prints it; "" where the country's addresses have none
    region_code  "qld"; "" likewise
    postcode     AU: the four digits; GB: the outward code, the inward one being each pub's own
    city         what an address names as the town; differs from `name` for the quarters of London
    """

    name: str
    region: str
    region_code: str
    postcode: str
    latitude: float
    longitude: float
    city: str


def _australia(code: str, state: str, *rows: tuple[str, str, float, float]) -> tuple[Place, ...]:
    return tuple(Place(name, state, code, postcode, lat, lon, name) for name, postcode, lat, lon in rows)


def _britain(city: str, *rows: tuple[str, str, float, float]) -> tuple[Place, ...]:
    return tuple(Place(name, "", "", outward, lat, lon, city or name) for name, outward, lat, lon in rows)


_BY_STATE: Final = (
    _australia(
        "qld", "Queensland",
        ("Buderim", "4556", -26.684, 153.057), ("Toowong", "4066", -27.485, 152.992),
        ("Paddington", "4064", -27.460, 152.999), ("Southport", "4215", -27.967, 153.400),
        ("Carindale", "4152", -27.504, 153.102), ("Garden City", "4122", -27.562, 153.083),
        ("Townsville", "4810", -19.258, 146.818), ("Cairns", "4870", -16.920, 145.771),
    ),
    _australia(
        "nsw", "New South Wales",
        ("Newtown", "2042", -33.898, 151.178), ("Parramatta", "2150", -33.815, 151.003),
        ("Penrith", "2750", -33.751, 150.694), ("Wollongong", "2500", -34.425, 150.893),
        ("Charlestown", "2290", -32.965, 151.694), ("Cronulla", "2230", -34.055, 151.152),
    ),
    _australia(
        "vic", "Victoria",
        ("Richmond", "3121", -37.823, 144.998), ("Fitzroy", "3065", -37.798, 144.978),
        ("Footscray", "3011", -37.800, 144.900), ("Geelong", "3220", -38.149, 144.361),
        ("Ballarat Central", "3350", -37.562, 143.858), ("Frankston", "3199", -38.144, 145.126),
    ),
    _australia(
        "sa", "South Australia",
        ("Glenelg", "5045", -34.980, 138.515), ("Norwood", "5067", -34.921, 138.630),
        ("Port Adelaide", "5015", -34.846, 138.503), ("Mount Barker", "5251", -35.066, 138.857),
    ),
    _australia(
        "wa", "Western Australia",
        ("Fremantle", "6160", -32.056, 115.747), ("Subiaco", "6008", -31.949, 115.827),
        ("Joondalup", "6027", -31.744, 115.767), ("Bunbury", "6230", -33.327, 115.637),
    ),
    _australia("act", "Australian Capital Territory", ("Braddon", "2612", -35.270, 149.136),
               ("Belconnen", "2617", -35.238, 149.066), ("Phillip", "2606", -35.350, 149.092)),
    _australia("tas", "Tasmania", ("Sandy Bay", "7005", -42.896, 147.327), ("Launceston", "7250", -41.434, 147.137),
               ("Devonport", "7310", -41.180, 146.350)),
    _australia("nt", "Northern Territory", ("Darwin City", "0800", -12.463, 130.842),
               ("Palmerston City", "0830", -12.480, 130.984), ("Alice Springs", "0870", -23.698, 133.881)),
)  # fmt: skip


def _alternating(groups: tuple[tuple[Place, ...], ...]) -> tuple[Place, ...]:
    # Neighbours in the list lie in different regions, so that even a world of eight venues crosses time zones.
    longest = max(len(group) for group in groups)
    return tuple(group[i] for i in range(longest) for group in groups if i < len(group))


AUSTRALIA: Final = _alternating(_BY_STATE)

BRITAIN: Final = _alternating(
    (
        _britain(
            "London",
            ("Waterloo", "SE1", 51.503, -0.111), ("Chelsea", "SW10", 51.484, -0.178),
            ("Limehouse", "E14", 51.512, -0.035), ("Holborn", "WC1R", 51.519, -0.117),
            ("West Hampstead", "NW6", 51.547, -0.191), ("Brixton", "SW9", 51.465, -0.114),
            ("Chiswick", "W4", 51.492, -0.256), ("Clapton", "E5", 51.561, -0.056),
            ("Fitzrovia", "W1T", 51.520, -0.137), ("Putney", "SW15", 51.461, -0.217),
            ("Crouch End", "N8", 51.580, -0.123), ("Hammersmith", "W6", 51.492, -0.223),
        ),
        _britain(
            "",
            ("Twickenham", "TW1", 51.449, -0.330), ("Wembley", "HA9", 51.556, -0.280),
            ("Chelmsford", "CM2", 51.730, 0.476), ("Kingston upon Thames", "KT1", 51.410, -0.301),
            ("Reading", "RG1", 51.454, -0.973), ("Brighton", "BN1", 50.829, -0.141),
            ("Canterbury", "CT1", 51.280, 1.080), ("Southend-on-Sea", "SS1", 51.538, 0.714),
            ("Guildford", "GU1", 51.236, -0.570), ("Oxford", "OX4", 51.744, -1.237),
        ),
        _britain(
            "",
            ("Chalfont Saint Peter", "SL9", 51.608, -0.556), ("Poole", "BH15", 50.719, -1.981),
            ("Bristol", "BS1", 51.454, -2.593), ("Cambridge", "CB1", 52.197, 0.140),
            ("Norwich", "NR2", 52.629, 1.282), ("Leeds", "LS1", 53.797, -1.546),
            ("Manchester", "M1", 53.478, -2.235), ("York", "YO1", 53.959, -1.081),
            ("Exeter", "EX4", 50.733, -3.530), ("Nottingham", "NG1", 52.955, -1.149),
        ),
    )
)  # fmt: skip
