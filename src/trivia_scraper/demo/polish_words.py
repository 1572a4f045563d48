"""The words invented Polish pubs, hosts, streets and blurbs are made of."""

from __future__ import annotations

from typing import Final

_ADJECTIVES: Final = (
    "Złotym", "Czarnym", "Białym", "Starym", "Wesołym", "Srebrnym", "Czerwonym", "Zielonym", "Krzywym", "Śpiącym",
    "Żelaznym", "Rudym", "Niebieskim",
)  # fmt: skip
_BEASTS: Final = (
    "Lwem", "Orłem", "Niedźwiedziem", "Żurawiem", "Jeleniem", "Kogutem", "Smokiem", "Borsukiem", "Bobrem", "Rakiem",
    "Wilkiem", "Szczupakiem", "Zającem", "Jeżem", "Sokołem", "Kormoranem",
)  # fmt: skip
_HOUSES: Final = (
    "Latarnia", "Kotwica", "Przystań", "Zaułek", "Wieża", "Spiżarnia", "Kuźnia", "Oranżeria", "Zajezdnia", "Mansarda",
    "Wiatrak", "Rotunda", "Drukarnia", "Gazownia", "Pochylnia", "Strażnica",
)  # fmt: skip
_TRADES: Final = (
    "Młynarza", "Bednarza", "Kowala", "Rybaka", "Zegarmistrza", "Furmana", "Garncarza", "Introligatora", "Kominiarza",
    "Latarnika", "Piwowara", "Rymarza", "Stolarza", "Tkacza", "Zduna", "Szewca",
)  # fmt: skip
_BREWS: Final = (
    "Miodowy", "Portowy", "Klasztorny", "Leśny", "Górny", "Zamkowy", "Mostowy", "Ogrodowy", "Rzeczny", "Jesienny",
    "Kamienny", "Północny", "Wiosenny", "Świetlisty", "Burzowy", "Żeglarski",
)  # fmt: skip
_FIRST_NAMES: Final = (
    "Zofia", "Michał", "Łucja", "Paweł", "Grażyna", "Święcisław", "Ola", "Krzysztof", "Żaneta", "Jędrzej", "Hania",
    "Wojtek", "Bożena", "Rafał", "Agnieszka", "Stanisław",
)  # fmt: skip
_SURNAMES: Final = (
    "Przykład", "Wróbel", "Gołąb", "Sójka", "Dąb", "Żuk", "Kłos", "Mróz", "Świt", "Bystry", "Cichy", "Głowacz",
    "Łąka", "Zając", "Ćwik", "Śliwa", "Pająk",
)  # fmt: skip
_STREETS: Final = (
    "Długa", "Klonowa", "Szewska", "Źródlana", "Święty Marcin", "Krótka", "Piękna", "Młyńska", "Żeglarska",
    "Ogrodowa", "Łąkowa",
)  # fmt: skip


def polish_pub_name(town: int, slot: int) -> str:
    """The `slot`-th pub of the `town`-th city; within one city no name comes twice in several hundred."""
    shape, turn = (town + slot) % 4, slot // 4
    if shape == 0:
        return f"Pod {_pick(_ADJECTIVES, turn + 3 * town)} {_pick(_BEASTS, turn + 7 * town)}"
    if shape == 1:
        return f"Klub {_numbered(_HOUSES, turn, 5 * town)}"
    if shape == 2:
        return f"U {_numbered(_TRADES, turn, 11 * town)}"
    return f"Browar {_numbered(_BREWS, turn, 13 * town)}"


def polish_host_name(number: int) -> str:
    """The name of the `number`-th host; distinct for any number below 272."""
    return f"{_pick(_FIRST_NAMES, number)} {_pick(_SURNAMES, number)}"


def polish_street(number: int) -> str:
    """A street, e.g. "ul. Długa"."""
    return f"ul. {_pick(_STREETS, number)}"


def polish_blurb(name: str, city: str, number: int) -> tuple[str, ...]:
    """Two paragraphs a pub would write about its quiz night."""
    openings = (
        f"{name} zaprasza na quiz: siedem rund, jedna wygrana i wieczór, którego {city} szybko nie zapomni.",
        f"Zbierz drużynę i przyjdź do nas – {name} zna już wszystkie odpowiedzi, a Ty?",
    )
    closings = (
        "Drużyny do sześciu osób, stoliki tylko po rezerwacji.",
        "Runda muzyczna, runda obrazkowa i nagrody za najśmieszniejszą nazwę.",
    )
    return _pick(openings, number), _pick(closings, number // 2 + number)


def _numbered(words: tuple[str, ...], turn: int, start: int) -> str:
    """A word, and from its second use in a city on a number: "Latarnia", later "Latarnia 2"."""
    round_ = turn // len(words)
    return _pick(words, turn + start) + (f" {round_ + 1}" if round_ else "")


def _pick(words: tuple[str, ...], number: int) -> str:
    return words[number % len(words)]
