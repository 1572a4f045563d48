"""Which venues are worth comparing with which: pairs that share a block, never all with all (sources.md V4).

V4 asks for one city; a kilometre, a postcode or a place id in common count as well, because one of two sources may
name the suburb and the other the city. A block larger than BLOCK_LIMIT is walked in the order of its names, each
venue with its next NEIGHBOURS: the cost grows with n · NEIGHBOURS, not with n².
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final

from trivia_scraper.policy.identity import name_key, postcode_key
from trivia_scraper.policy.matching import VenueCandidate
from trivia_scraper.policy.places import weighty_words

BLOCK_LIMIT: Final = 150
NEIGHBOURS: Final = 40
# Degrees that span at least 1 km: of latitude everywhere, of longitude up to 72° north or south.
CELL_LATITUDE: Final = 0.01
CELL_LONGITUDE: Final = 0.03

Pair = tuple[VenueCandidate, VenueCandidate]


def pairs_to_compare(venues: Iterable[VenueCandidate]) -> Iterator[Pair]:
    """Every pair that shares a block, once."""
    blocks: dict[Hashable, list[VenueCandidate]] = defaultdict(list)
    for venue in venues:
        for name in _blocks_of(venue):
            blocks[name].append(venue)
    seen: set[tuple[int, int]] = set()
    for block in blocks.values():
        for left, right in _pairs_within(block):
            ids = (min(left.id, right.id), max(left.id, right.id))
            if ids not in seen:
                seen.add(ids)
                yield left, right


def _blocks_of(venue: VenueCandidate) -> Iterator[Hashable]:
    if venue.city and name_key(venue.city):
        yield "city", name_key(venue.city)
    if venue.postcode:
        yield "postcode", postcode_key(venue.postcode)
    if venue.place_id:
        yield "place", venue.place_id
    if venue.latitude is not None and venue.longitude is not None:
        row, column = math.floor(venue.latitude / CELL_LATITUDE), math.floor(venue.longitude / CELL_LONGITUDE)
        # Blocks of two by two cells that overlap by half: who lies in one cell or in neighbouring ones shares one.
        yield from (("cell", row + down, column + right) for down in (0, 1) for right in (0, 1))


def _pairs_within(block: Sequence[VenueCandidate]) -> Iterator[Pair]:
    if len(block) <= BLOCK_LIMIT:
        yield from combinations(block, 2)
        return
    ordered = sorted(block, key=lambda venue: (weighty_words(venue.name), venue.id))
    for number, venue in enumerate(ordered):
        for other in ordered[number + 1 : number + 1 + NEIGHBOURS]:
            yield venue, other
