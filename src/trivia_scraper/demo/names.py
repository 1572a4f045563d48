"""The words invented pubs, hosts, streets and blurbs are made of."""

from __future__ import annotations

from typing import Final

from trivia_scraper.demo.places import Place
from trivia_scraper.demo.polish_words import polish_pub_name

ADJECTIVES: Final = (
    "Golden", "Crooked", "Merry", "Silver", "Wandering", "Jolly", "Black", "Laughing", "Old", "Red", "Quiet",
    "White", "Blind", "Drunken", "Green", "Humble", "Iron", "Lucky", "Northern", "Painted", "Proud", "Royal",
    "Running", "Salty", "Seven", "Sleeping", "Spotted", "Tall", "Thirsty", "Twisted", "Velvet", "Wooden",
)  # fmt: skip
NOUNS: Final = (
    "Lion", "Billet", "Magpie", "Anchor", "Possum", "Fiddler", "Swan", "Kestrel", "Lantern", "Fox", "Heron",
    "Hart", "Piper", "Barrel", "Otter", "Badger", "Kettle", "Compass", "Whistle", "Bittern", "Mermaid", "Oak",
    "Hound", "Pelican", "Tankard", "Bell", "Griffin", "Tower", "Camel", "Thistle", "Wheel", "Cricketer",
)  # fmt: skip
SURNAMES: Final = (
    "Thornbury", "Wexcombe", "Ashdown", "Marlowe", "Pemberley", "Quillan", "Harrowgate", "Birchall", "Dunmore",
    "Fairweather", "Garrick", "Holloway", "Inglewood", "Kettering", "Lockyer", "Mandeville", "Norcross", "Oakeshott",
    "Prideaux", "Rathbone", "Silverton", "Tremayne", "Underhill", "Vickery", "Winstanley", "Yarrow", "Zennor",
    "Bellamy", "Cardwell", "Drummond", "Eversley", "Fenwick",
)  # fmt: skip
TRADES: Final = (
    "Miller", "Cooper", "Drover", "Tanner", "Weaver", "Fletcher", "Ferryman", "Chandler", "Mason", "Wheelwright",
    "Boatman", "Shearer", "Surveyor", "Printer", "Brewer", "Carter", "Shepherd", "Pilot", "Gardener", "Glazier",
    "Sawyer", "Thatcher", "Sexton", "Porter", "Archer", "Joiner", "Mariner", "Saddler", "Potter", "Smith",
    "Draper", "Keeper",
)  # fmt: skip
FIRST_NAMES: Final = (
    "Katie", "Dylan", "Priya", "Marcus", "Siobhán", "Tom", "Aisha", "Bronte", "Callum", "Dee", "Ewan", "Freya",
    "Gareth", "Harriet", "Imran", "Jess", "Kofi", "Lena", "Mattias", "Niamh", "Ollie", "Petra", "Quinn", "Rosa",
    "Sam", "Tess", "Umar", "Vera", "Will", "Xanthe", "Yusuf", "Zoë",
)  # fmt: skip

_KINDS: Final = {
    "AU": ("Hotel", "Tavern", "Bowls Club", "Brewing Co."),
    "GB": ("Arms", "Inn", "Tavern", "Taproom"),
    "US": ("Taproom", "Saloon", "Alehouse", "Brewing Co."),
}
_STREET_KINDS: Final = {
    "AU": ("St", "Rd", "Ave", "Pde"),
    "GB": ("Street", "Road", "Lane", "Gardens"),
    "US": ("St", "Ave", "Blvd", "Rd"),
    "PL": ("",),  # ul. …: the provider's own module names its streets
}
_TRADE_PLACES: Final = ("Rest", "Yard", "Table", "Loft")


def pub_name(country: str, town: int, slot: int) -> str:
    """The `slot`-th pub of the `town`-th place. Within one town no two names share their telling words."""
    if country == "PL":
        return polish_pub_name(town, slot)
    shape, turn = (town + slot) % 4, slot // 4
    adjective, noun = _pick(ADJECTIVES, turn + 3 * town), _pick(NOUNS, turn + 7 * town)
    if shape == 0:
        return f"The {adjective} {noun}"
    if shape == 1:
        return f"{_pick(SURNAMES, turn + 5 * town)} {_pick(_KINDS[country], town // 4 + slot)}"
    if shape == 2:
        return f"The {_pick(TRADES, turn + 11 * town)}’s {_pick(_TRADE_PLACES, town // 4 + slot)}"
    return f"{_pick(NOUNS, turn + 13 * town)} & {_pick(TRADES, turn + 17 * town)}"


def host_name(number: int) -> str:
    """The name of the `number`-th host; distinct for any number below 32,768."""
    first = number % len(FIRST_NAMES)
    name = f"{FIRST_NAMES[first]} {_pick(SURNAMES, number // len(FIRST_NAMES) + 7 * first)}"
    generation = number // (len(FIRST_NAMES) * len(SURNAMES))
    return f"{name}-{_pick(SURNAMES, generation)}" if generation else name


def street_name(country: str, number: int) -> str:
    """A street name, e.g. "Fenwick Rd"."""
    return f"{_pick(SURNAMES, 3 * number + 1)} {_pick(_STREET_KINDS[country], number)}"


def blurb(name: str, place: Place, number: int) -> tuple[str, ...]:
    """Two paragraphs a pub would write about its quiz night."""
    openings = (
        f"Quiz night at {name} fills every table in the front bar, so come early and bring your cleverest friends.",
        f"{name} has been asking {place.name} hard questions for years — now it is your turn to answer them.",
        f"Grab a seat at {name}, name your team something regrettable, and see who knows {place.name} best.",
    )
    closings = (
        "Picture rounds, a music round and a jackpot that rolls over. Teams of up to six; bar tabs for the best.",
        "Kitchen open until nine & happy hour for quizzers. Booking advised, latecomers squeezed in.",
        "General knowledge, a wildcard round and prizes for first, second and most creative wrong answer.",
    )
    return _pick(openings, number), _pick(closings, number // 3 + number)


def _pick(words: tuple[str, ...], number: int) -> str:
    return words[number % len(words)]
