"""Where PubQuiz.pl's invented pubs stand: sixteen real cities, as many as the provider had in October 2025."""

from __future__ import annotations

from typing import Final

from trivia_scraper.demo.places import Place


def _poland(*rows: tuple[str, str, str, float, float]) -> tuple[Place, ...]:
    """Rows of city, the city's segment in addresses, postcode, position (which the provider does not publish)."""
    return tuple(Place(city, "", segment, postcode, lat, lon, city) for city, segment, postcode, lat, lon in rows)


POLAND: Final = _poland(
    ("Bydgoszcz", "bydgoszcz", "85-005", 53.1220, 18.0080), ("Gdańsk", "gdansk", "80-831", 54.3490, 18.6530),
    ("Warszawa", "warszawa", "00-042", 52.2330, 21.0170), ("Kraków", "krakow", "31-042", 50.0610, 19.9370),
    ("Łódź", "lodz", "90-004", 51.7650, 19.4570), ("Zielona Góra", "zielona-gora", "65-066", 51.9380, 15.5050),
    ("Poznań", "poznan", "61-772", 52.4080, 16.9330), ("Wrocław", "wroclaw", "50-101", 51.1100, 17.0320),
    ("Katowice", "katowice", "40-014", 50.2580, 19.0220), ("Lublin", "lublin", "20-002", 51.2480, 22.5600),
    ("Toruń", "torun", "87-100", 53.0100, 18.6040), ("Szczecin", "szczecin", "70-453", 53.4310, 14.5540),
    ("Rzeszów", "rzeszow", "35-064", 50.0370, 22.0040), ("Białystok", "bialystok", "15-420", 53.1320, 23.1590),
    ("Olsztyn", "olsztyn", "10-026", 53.7760, 20.4760), ("Częstochowa", "czestochowa", "42-200", 50.8120, 19.1200),
)  # fmt: skip
