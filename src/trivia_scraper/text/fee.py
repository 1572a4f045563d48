"""Entry fees in prose (sources.md 8.2): integer minor units, unknown is None, prizes are not fees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from trivia_scraper.text.folding import fold
from trivia_scraper.text.zones import currency_of

FEE_LIMIT: Final = 200

_FREE: Final = (
    r"free of charge|free|no (?:entry |entrance |cover )?(?:charge|fee|cover)|none|n/a|nil|gratis|complimentary"
    r"|(?:wstep|wjazd|udzial) (?:wolny|darmowy|bezplatny)|(?:za )?darmo\w*|bezplatn\w+|bez oplat\w*"
)
_PERSON: Final = (
    r"\bper (?:person|player|head|quizzer|guest|team member)\b|(?<![a-z])p\.?p\b|\bp/p\b|/\s?(?:person|player"
    r"|head|pp|os\b)"
    r"|\ba (?:head|person|player)\b|\beach\b|\b(?:od|za) osob[ye]\b"
)
_TEAM: Final = (
    r"\bper (?:team(?! member)|table|group)\b|/\s?(?:team|table)\b|\ba (?:team|table)\b"
    r"|\b(?:od|za) (?:druzyn[ye]|stolik\w*|zesp\w+)\b"
)
_FEE_WORDS: Final = re.compile(
    rf"\bto (?:play|enter|join)\b|\bentry\b|\bentrance\b|\badmission\b|\bcover\b|\btake part\b|\bfee\b"
    rf"|\bcosts?\b|(?<!half )\bprice\b"
    rf"|\btickets?\b|\bbuy-?in\b|\bwstep\b|\bwjazd\b|\bwpisowe\b|\budzial\b|\bbilety?\b|\bcena\b|{_PERSON}|{_TEAM}"
)
_PRIZE_WORDS: Final = re.compile(
    r"\bprizes?\b|\bjackpot\b|\btabs?\b|\bcash\b(?! (?:only|on|at))|\bwin(?:s|ners?|ning)?\b|\bvouchers?\b"
    r"|\brollover\b|\bworth\b|\boff\b|\bnagrod\w*|\bpula\b|\bgift cards?\b"
)
# "£3 pints": what stands behind an amount may say that it buys something else.
_GOODS: Final = re.compile(
    r"\s*(?:\w+\s+)?(?:pints?|beers?|drafts?|draughts?|burgers?|wings|cocktails?|shots?|shooters?|drinks?"
    r"|pizzas?|tacos?|wine"
    r"|wells?|margaritas?|bottles?|pitchers?|cans|meals?|food|specials?|piw\w+)\b"
)
_PRIZE_BEFORE: Final = re.compile(r"\b(?:wins?|prizes?|jackpot|worth|rollover|nagrod\w*)\b\W*(?:of\s+)?$")
_PER_PERSON: Final = re.compile(_PERSON)
_PER_TEAM: Final = re.compile(_TEAM)
_NOT_MONEY: Final = re.compile(r"\b(?:max(?:imum)?|min(?:imum)?|age|up to|ages|teams? of|of|over)\s*$")

_UNITS: Final = {
    "p": "GBP/100", "pence": "GBP/100", "pound": "GBP", "pounds": "GBP", "quid": "GBP", "gbp": "GBP",
    "cent": "USD/100", "cents": "USD/100",
    "euro": "EUR", "euros": "EUR", "eur": "EUR", "€": "EUR",
    "dollar": "$", "dollars": "$", "bucks": "$", "usd": "USD", "aud": "AUD", "cad": "CAD",
    "dirham": "AED", "dirhams": "AED", "dhs": "AED", "dh": "AED", "aed": "AED",
    "zl": "PLN", "zloty": "PLN", "zlotych": "PLN", "pln": "PLN",
}  # fmt: skip
_SIGNS: Final = {
    "£": "GBP", "€": "EUR", "$": "$", "us$": "USD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD",
    "gbp": "GBP", "eur": "EUR", "usd": "USD", "aud": "AUD", "cad": "CAD", "aed": "AED", "pln": "PLN",
}  # fmt: skip
_DOLLAR_COUNTRIES: Final = ("US", "CA", "AU")

_AMOUNT: Final = re.compile(
    r"(?<![\w.,])(?P<sign>us\$|au?\$|ca?\$|[£€$]|(?:gbp|eur|usd|aud|cad|aed"
    r"|pln)(?=\s?[0-9]))?\s?(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,7})"
    r"(?:[.,](?P<fraction>[0-9]{1,2}))?(?![0-9]|[.,][0-9])"
    rf"(?:\s?(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})(?![a-z]))?(?!(?!pp\b)[a-z+])"
)
_FREE_WORD: Final = re.compile(rf"(?<![\w/])(?<!feel )(?:{_FREE})(?![\w/+])")
# "Free drink with entry" gives away a drink.
_NOT_A_GIFT: Final = re.compile(
    r"\W*(?:$|[;,.|!)]|(?:to|of|for|with|and|but|per|on|if|when|as|all|every|entry|entrance|admission|cover|quiz"
    r"|pub|trivia"
    r"|event|game|night|fun|play)\b)"
)
_WHOLLY_FREE: Final = re.compile(
    rf"\W*(?:it'?s )?(?:{_FREE})(?:\W+(?:pub )?(?:quiz|trivia|event|night|entry|entrance|admission|to play"
    rf"|to enter)(?: night)?)?\W*"
)
_ALWAYS_FREE: Final = re.compile(
    r"\bno (?:entry |entrance |cover )?(?:charge|fee|cover)\b|\bfree of charge\b|\b(?:wstep|wjazd"
    r"|udzial) (?:wolny|darmowy|bezplatny)\b"
)
_RANGE: Final = re.compile(r"\s*(?:[-–—/]|to|or)\s*")
_CLAUSE_END: Final = re.compile(r"[;!|\n•·]|,(?![0-9])|\.(?![0-9])")


class FeeOutcome(StrEnum):
    """FEE an amount · FREE stated as free · UNKNOWN nothing stated, or nothing that can be read (F1)."""

    FEE = "fee"
    FREE = "free"
    UNKNOWN = "unknown"


class FeePer(StrEnum):
    """Who pays the amount once (F4)."""

    PERSON = "person"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class FeeReading:
    """A fee. `fee_minor` in minor units (pence, cents, grosz, fils), None when unknown."""

    outcome: FeeOutcome
    fee_minor: int | None = None
    currency: str | None = None
    per: FeePer | None = None


@dataclass(frozen=True, slots=True)
class _Sum:
    left: int
    right: int
    minor: int
    currency: str
    marked: bool


UNKNOWN_FEE: Final = FeeReading(FeeOutcome.UNKNOWN)


def read_fee(text: str | None, country: str) -> FeeReading:
    """Read a fee text of a venue in `country`. Never raises; text beyond 200 characters is unknown (H125)."""
    if not text or len(text) > FEE_LIMIT:
        return UNKNOWN_FEE
    folded = fold(text).strip().replace("p.p", "pp")
    if "|" in folded:
        return _read_parts(folded.split("|"), country)
    return _read_statement(folded, country)


def _read_parts(parts: list[str], country: str) -> FeeReading:
    """F2: of parts separated by bars only the "to play" part counts; all of that part is about the fee."""
    for part in parts:
        if "to play" in part:
            return _best(part, country, anchor=part.index("to play"))
    return UNKNOWN_FEE


def _read_statement(text: str, country: str) -> FeeReading:
    if _WHOLLY_FREE.fullmatch(text.partition("(")[0]):
        return FeeReading(FeeOutcome.FREE, 0, currency_of(country))
    for clause in _CLAUSE_END.split(text):
        anchor = _FEE_WORDS.search(clause)
        if anchor is not None:
            reading = _best(clause, country, anchor=anchor.start())
            if reading.outcome is not FeeOutcome.UNKNOWN:
                return reading
    if _ALWAYS_FREE.search(text):
        return FeeReading(FeeOutcome.FREE, 0, currency_of(country))
    if _FEE_WORDS.search(text) or _PRIZE_WORDS.search(text):
        return UNKNOWN_FEE
    return _lone_sum(text, country)


def _lone_sum(text: str, country: str) -> FeeReading:
    """A text without fee or prize words: a marked amount that buys nothing else, or nothing but a number.

    "£2-£3" is neither of the two.
    """
    if "donation" in text:
        return UNKNOWN_FEE
    sums = [amount for amount in _sums(text, country) if not _GOODS.match(text, amount.right)]
    if len(sums) > 1 and _RANGE.fullmatch(text, sums[0].right, sums[1].left):
        return UNKNOWN_FEE
    for amount in sums:
        if amount.marked or not re.sub(r"\W", "", text[: amount.left] + text[amount.right :]):
            return _reading(amount.minor, amount.currency, text)
    return UNKNOWN_FEE


def _best(clause: str, country: str, *, anchor: int) -> FeeReading:
    """The amount, or the word "free", that stands nearest to the fee word."""
    sums = [amount for amount in _sums(clause, country) if not _is_prize(clause, amount)]
    currency = currency_of(country)
    if currency is not None:
        sums += [
            _Sum(word.start(), word.end(), 0, currency, True)
            for word in _FREE_WORD.finditer(clause)
            if _NOT_A_GIFT.match(clause, word.end())
        ]
    if not sums:
        return UNKNOWN_FEE
    nearest = min(sums, key=lambda amount: (_distance(clause, amount, anchor), amount.left))
    return _reading(nearest.minor, nearest.currency, clause)


def _reading(minor: int, currency: str, clause: str) -> FeeReading:
    if minor == 0:
        return FeeReading(FeeOutcome.FREE, 0, currency)
    if _PER_TEAM.search(clause):
        return FeeReading(FeeOutcome.FEE, minor, currency, FeePer.TEAM)
    return FeeReading(FeeOutcome.FEE, minor, currency, FeePer.PERSON if _PER_PERSON.search(clause) else None)


def _distance(clause: str, amount: _Sum, anchor: int) -> int:
    words = [(word.start(), word.end()) for word in _FEE_WORDS.finditer(clause)] or [(anchor, anchor)]
    return min(max(left - amount.right, amount.left - right, 0) for left, right in words)


def _is_prize(clause: str, amount: _Sum) -> bool:
    """Whether a prize word claims the amount: a few words behind it and before any fee word, or right before it."""
    ahead = " ".join(clause[amount.right :].split()[:4])
    prize, fee = _PRIZE_WORDS.search(ahead), _FEE_WORDS.search(ahead)
    if fee is not None and (prize is None or fee.start() < prize.start()):
        return False
    return prize is not None or _PRIZE_BEFORE.search(clause[: amount.left]) is not None


def _sums(clause: str, country: str) -> list[_Sum]:
    return [
        amount
        for match in _AMOUNT.finditer(clause)
        if not _NOT_MONEY.search(clause[: match.start()])
        if (amount := _sum(match, country)) is not None
    ]


def _sum(match: re.Match[str], country: str) -> _Sum | None:
    sign, unit = match["sign"], match["unit"]
    marked = sign is not None or unit is not None
    money = _SIGNS[sign] if sign else _UNITS[unit] if unit else (currency_of(country) or "")
    in_hundredths = money.endswith("/100")
    if in_hundredths and (sign is not None or match["fraction"]):
        return None
    currency = _resolved(money.removesuffix("/100"), country)
    if not currency:
        return None
    whole = int(match["whole"].replace(",", ""))
    minor = whole if in_hundredths else whole * 100 + int((match["fraction"] or "0").ljust(2, "0"))
    return _Sum(match.start(), match.end(), minor, currency, marked)


def _resolved(money: str, country: str) -> str:
    """F3: "$" is the country's own dollar, elsewhere the US dollar."""
    if money != "$":
        return money
    return (currency_of(country) or "USD") if country in _DOLLAR_COUNTRIES else "USD"
