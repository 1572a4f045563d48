"""A town that follows its street without a comma: "1898 S. Flatiron Court Boulder" (sources.md 6.2, 6.6).

The street ends at its last street-type word, route number or unit. Where more than one reading is possible
("Main Street West Hollywood", "Lexington Dr Circle Pines") the town is unknown: never guessed.
"""

from __future__ import annotations

import re
from typing import Final

from trivia_scraper.text.folding import words as listed
from trivia_scraper.text.localities import TOWNS_LIKE_STREETS, accept_locality

_TYPES: Final = listed(
    "street st avenue ave av boulevard blvd road rd drive dr lane ln court ct circle cir parkway pkwy highway hwy"
    " trail trl turnpike tpke pike freeway fwy expressway expy place pl way plaza plz square sq terrace ter loop"
    " alley mall broadway"
)
# Words that begin a town as well as they end a street: behind a finished street nobody can tell.
_BOTH: Final = listed("circle trail pike")
_SAINTS: Final = listed(
    "louis paul petersburg pete augustine charles cloud george joseph peter peters clair matthews john johns"
    " albans mary marys helens helena francis catharines thomas albert james marie simons robert ignace"
)
_ROUTES: Final = listed("highway hwy route rt rte us sr sh fm rm cr ih i interstate road rd loop state")
_UNITS: Final = listed("suite ste unit bldg building floor fl apt space room rm lot level shop store bay dock")
_LETTER_SUFFIXES: Final = listed("n s e w ne nw se sw")
_SPELLED_SUFFIXES: Final = listed("north south east west northeast northwest southeast southwest")
# Towns that exist with and without the letter: "Blvd W Hollywood" may be West Hollywood.
_TWINS: Final = listed(
    "hollywood chicago orange haven hartford lansing bend miami orleans rutherford pasadena palm lafayette padre"
    " hampton st fargo little las plainfield brunswick aurora hills islip babylon ridgefield bergen allis"
)
_CONNECTORS: Final = listed("of or the de la del las los by on")
_LONGEST_TOWN: Final = 4
_UNIT_IDENTITY: Final = re.compile(r"#?(?:[a-z]?-?[0-9][0-9a-z&/-]*|[a-z])")
_NUMBER: Final = re.compile(r"#?[a-z]?-?[0-9][0-9a-z/-]*")
_ROUTE: Final = re.compile(r"(?:i|ih|us|sr|fm|hwy)-[0-9]{1,4}[a-z]?")
_WORD: Final = re.compile(r"[^\W\d_][^\W\d_.'’-]*(?:['’.-][^\W\d_]+)*\.?")


def split_glued_town(street_and_town: str) -> tuple[str, str] | None:
    """("1898 S. Flatiron Court", "Boulder"), or None where the border between the two is not certain."""
    words = street_and_town.split()
    bare = [word.strip(".,").casefold() for word in words]
    border = _border(bare)
    if border is None:
        return None
    border = _behind_direction(bare, border)
    if border is None or not _can_be_town(words[border:], bare[border:]):
        return None
    town = accept_locality(" ".join(words[border:]))
    return (" ".join(words[:border]), town) if town else None


def _border(bare: list[str]) -> int | None:
    """Where the words of the town begin: behind the last street type, route number or unit."""
    behind_unit = 1 + max((at for at in range(len(bare)) if _is_unit(bare, at)), default=-1)
    behind_route = 1 + max((at for at in range(len(bare)) if _is_route(bare, at)), default=-1)
    types = [at for at in range(max(1, behind_unit), len(bare)) if bare[at] in _TYPES]
    while types and _belongs_to_town(bare, types[-1]):
        types.pop()
    if types and types[-1] >= behind_route:
        # A street type behind a unit belongs to neither.
        return None if behind_unit or _is_ambiguous(bare, types[-1]) else types[-1] + 1
    return max(behind_unit, behind_route) or None


def _is_unit(bare: list[str], at: int) -> bool:
    if at == 0:
        return False
    if bare[at].startswith("#") and _UNIT_IDENTITY.fullmatch(bare[at]):
        return True
    if bare[at - 1] == "#" or bare[at - 1] in _UNITS:
        return _UNIT_IDENTITY.fullmatch(bare[at]) is not None
    return bare[at] in ("floor", "fl") and re.fullmatch(r"[0-9]+(?:st|nd|rd|th)", bare[at - 1]) is not None


def _belongs_to_town(bare: list[str], at: int) -> bool:
    """ "Washington Ave St. Louis": a saint behind a finished street is the town's; so is Federal Way."""
    if at == len(bare) - 1 and " ".join(bare[-2:]) in TOWNS_LIKE_STREETS:
        return True
    follows = bare[at + 1] if at + 1 < len(bare) else ""
    return bare[at] == "st" and follows in _SAINTS and at > 0 and bare[at - 1] in _TYPES | _LETTER_SUFFIXES


def _is_ambiguous(bare: list[str], at: int) -> bool:
    follows = bare[at + 1] if at + 1 < len(bare) else ""
    if bare[at] == "st" and follows in _SAINTS:
        return True
    before = bare[at - 1]
    names_a_street = at >= 3 and before in _TYPES and not _is_prefix(bare[at - 2])
    return names_a_street and bare[at] in _BOTH


def _is_prefix(word: str) -> bool:
    return word in _LETTER_SUFFIXES or word in _SPELLED_SUFFIXES or word.isdigit()


def _is_route(bare: list[str], at: int) -> bool:
    """Whether a route's number ends at this word: "Highway 71", "I-35"."""
    if at > 0 and bare[at - 1] in _ROUTES:
        return _NUMBER.fullmatch(bare[at]) is not None
    return at > 0 and _ROUTE.fullmatch(bare[at]) is not None


def _behind_direction(bare: list[str], border: int) -> int | None:
    """Past "NE" in "Ave NE Seattle"; None where a direction may belong to the town."""
    if border >= len(bare):
        return None
    if bare[border] in _SPELLED_SUFFIXES:
        return None
    if bare[border] not in _LETTER_SUFFIXES:
        return border
    follows = bare[border + 1] if border + 1 < len(bare) else ""
    return None if len(bare[border]) == 1 and follows in _TWINS else border + 1


def _can_be_town(words: list[str], bare: list[str]) -> bool:
    if not 1 <= len(words) <= _LONGEST_TOWN:
        return False
    capitals = any(word[:1].isupper() for word in words)
    for at, (word, plain) in enumerate(zip(words, bare, strict=True)):
        if not _WORD.fullmatch(word) or len(plain) < 2 or plain in _UNITS or plain == "level":
            return False
        if plain in _CONNECTORS and (at == 0 and plain in ("of", "or", "by", "on", "the")):
            return False
        if capitals and not word[:1].isupper() and plain not in _CONNECTORS:
            return False
    return True
