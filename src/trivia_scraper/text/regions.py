"""States and provinces: full names and codes to codes (sources.md P5, P6, 6.6)."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from trivia_scraper.text.folding import fold


def _table(rows: str) -> dict[str, str]:
    """ "co colorado; ny new york" → folded name and code → code."""
    table: dict[str, str] = {}
    for row in rows.split(";"):
        code, *words = row.split()
        table[code] = table[" ".join(words)] = code.upper()
    return table


_AMERICAN: Final = _table(
    "al alabama; ak alaska; az arizona; ar arkansas; ca california; co colorado; ct connecticut; de delaware;"
    " fl florida;"
    "ga georgia; hi hawaii; id idaho; il illinois; in indiana; ia iowa; ks kansas; ky kentucky; la louisiana;"
    " me maine;"
    "md maryland; ma massachusetts; mi michigan; mn minnesota; ms mississippi; mo missouri; mt montana; ne nebraska;"
    "nv nevada; nh new hampshire; nj new jersey; nm new mexico; ny new york; nc north carolina; nd north dakota;"
    " oh ohio;"
    "ok oklahoma; or oregon; pa pennsylvania; ri rhode island; sc south carolina; sd south dakota; tn tennessee;"
    "tx texas; ut utah; vt vermont; va virginia; wa washington; wv west virginia; wi wisconsin; wy wyoming;"
    "dc district of columbia"
)
_CANADIAN: Final = _table(
    "ab alberta; bc british columbia; mb manitoba; nb new brunswick; nl newfoundland and labrador; ns nova scotia;"
    "nt northwest territories; nu nunavut; on ontario; pe prince edward island; qc quebec; sk saskatchewan; yt yukon"
)
_AUSTRALIAN: Final = _table(
    "act australian capital territory; nsw new south wales; nt northern territory; qld queensland;"
    " sa south australia;"
    "tas tasmania; vic victoria; wa western australia"
)
_BY_COUNTRY: Final = MappingProxyType(
    {
        "US": MappingProxyType(_AMERICAN),
        "CA": MappingProxyType(_CANADIAN | {"newfoundland": "NL", "pei": "PE", "pq": "QC", "yukon territory": "YT"}),
        "AU": MappingProxyType(_AUSTRALIAN),
    }
)


def state_code(text: str | None, country: str) -> str | None:
    """The code of a state or province, from its full name or code in any case: "Colorado" → "CO", "b.c." → "BC"."""
    table = _BY_COUNTRY.get(country)
    if table is None or not text or len(text) > 60:
        return None
    return table.get(" ".join(fold(text).replace(".", "").replace("&", " and ").split()))


def state_pattern(country: str) -> str:
    """A pattern of every code and name of a country's states, longest first; for text in any case."""
    names = sorted(_BY_COUNTRY[country], key=len, reverse=True)
    return "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in names)
