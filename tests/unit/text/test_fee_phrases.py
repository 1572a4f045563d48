"""Fees as bars write them, and what the rules make of each (sources.md 8.2, 5.4). A "-" is unknown (F1)."""

from __future__ import annotations

import pytest

from trivia_scraper.text.fee import read_fee
from unit.text.telling import told_fee

PHRASES = {
    # F3: ways to write an amount
    ("£2pp", "GB"): "fee 200 GBP person",
    ("£2 pp", "GB"): "fee 200 GBP person",
    ("£2 p.p.", "GB"): "fee 200 GBP person",
    ("£2 p/p", "GB"): "fee 200 GBP person",
    ("2 quid", "GB"): "fee 200 GBP -",
    ("2 quid a head", "GB"): "fee 200 GBP person",
    ("£1 each", "GB"): "fee 100 GBP person",
    ("50p", "GB"): "fee 50 GBP -",
    ("50 pence entry", "GB"): "fee 50 GBP -",
    ("£2.50pp entry", "GB"): "fee 250 GBP person",
    ("Only £1!", "GB"): "fee 100 GBP -",
    ("£2/person", "GB"): "fee 200 GBP person",
    ("GBP 2", "GB"): "fee 200 GBP -",
    ("2 GBP", "GB"): "fee 200 GBP -",
    ("entry: 3.50 euro per head", "IE"): "fee 350 EUR person",
    ("€3,50 per person", "IE"): "fee 350 EUR person",
    ("3€", "CY"): "fee 300 EUR -",
    ("EUR 5 per team", "IE"): "fee 500 EUR team",
    ("A$5", "AU"): "fee 500 AUD -",
    ("AUD 5 entry", "AU"): "fee 500 AUD -",
    ("CA$10", "CA"): "fee 1000 CAD -",
    ("C$5 per player", "CA"): "fee 500 CAD person",
    ("$5", "US"): "fee 500 USD -",
    ("US$5", "CA"): "fee 500 USD -",
    ("$5/pp", "US"): "fee 500 USD person",
    ("5 bucks a person", "US"): "fee 500 USD person",
    ("$20 per table", "AU"): "fee 2000 AUD team",
    ("AED 50 per person", "AE"): "fee 5000 AED person",
    ("50 dhs to play", "AE"): "fee 5000 AED -",
    ("$1,000 entry", "US"): "fee 100000 USD -",
    ("Entry fee £2.00", "GB"): "fee 200 GBP -",
    ("entry fee is £2 per team member", "GB"): "fee 200 GBP person",
    ("£10 per team of up to 6", "GB"): "fee 1000 GBP team",
    ("£2 a player", "GB"): "fee 200 GBP person",
    ("£1 per quizzer", "GB"): "fee 100 GBP person",
    ("£6 for a team of six", "GB"): "fee 600 GBP team",
    ("£1 a go", "GB"): "fee 100 GBP -",
    ("Cost: £2", "GB"): "fee 200 GBP -",
    ("Tickets £3", "GB"): "fee 300 GBP -",
    ("Price £2.50", "GB"): "fee 250 GBP -",
    ("£2 cover", "GB"): "fee 200 GBP -",
    ("buy-in $5", "US"): "fee 500 USD -",
    # Polish
    ("wstęp 10 zł", "PL"): "fee 1000 PLN -",
    ("10 PLN od osoby", "PL"): "fee 1000 PLN person",
    ("Wpisowe: 15 zł/os.", "PL"): "fee 1500 PLN person",
    ("15,00 zł", "PL"): "fee 1500 PLN -",
    ("bilet 20 złotych", "PL"): "fee 2000 PLN -",
    ("40 zł za drużynę", "PL"): "fee 4000 PLN team",
    ("wjazd 5 zł", "PL"): "fee 500 PLN -",
    ("udział 10 zł od drużyny", "PL"): "fee 1000 PLN team",
    ("cena: 12,50 zł", "PL"): "fee 1250 PLN -",
    # F1: free
    ("wjazd wolny", "PL"): "free 0 PLN -",
    ("wstęp darmowy", "PL"): "free 0 PLN -",
    ("bezpłatnie", "PL"): "free 0 PLN -",
    ("za darmo", "PL"): "free 0 PLN -",
    ("gratis", "PL"): "free 0 PLN -",
    ("udział bezpłatny", "PL"): "free 0 PLN -",
    ("free to enter, £100 jackpot", "GB"): "free 0 GBP -",
    ("Free to play!", "US"): "free 0 USD -",
    ("It's free!", "US"): "free 0 USD -",
    ("Always free to play", "US"): "free 0 USD -",
    ("no entry fee", "GB"): "free 0 GBP -",
    ("No cover charge", "US"): "free 0 USD -",
    ("Entry is free", "GB"): "free 0 GBP -",
    ("Free admission", "US"): "free 0 USD -",
    ("free entrance", "IE"): "free 0 EUR -",
    ("costs nothing", "GB"): "unknown - - -",
    ("complimentary entry", "AE"): "free 0 AED -",
    ("£0", "GB"): "free 0 GBP -",
    ("0.00", "US"): "free 0 USD -",
    ("nil", "GB"): "free 0 GBP -",
    # F2: prizes are no fees
    ("first prize £50, entry £2", "GB"): "fee 200 GBP -",
    ("£50 first prize, entry £2", "GB"): "fee 200 GBP -",
    ("£2 entry, £50 first prize", "GB"): "fee 200 GBP -",
    ("$20 bar tab for winners", "US"): "unknown - - -",
    ("£50 cash prize", "GB"): "unknown - - -",
    ("Win a £30 bar tab!", "GB"): "unknown - - -",
    ("£100 jackpot", "GB"): "unknown - - -",
    ("Cash jackpot now £450", "GB"): "unknown - - -",
    ("1st prize: $50, 2nd prize: $25", "US"): "unknown - - -",
    ("$50 gift card to the winning team", "US"): "unknown - - -",
    ("£2 per person, winner takes all", "GB"): "fee 200 GBP person",
    ("£2 entry per person. Prize: £40 bar tab", "GB"): "fee 200 GBP person",
    ("£25 voucher, £1 to play", "GB"): "fee 100 GBP -",
    ("rollover £1,250; £2 to enter", "GB"): "fee 200 GBP -",
    ("£3 pints all night", "GB"): "unknown - - -",
    ("£5 burgers and a quiz", "GB"): "unknown - - -",
    ("2-for-1 cocktails", "GB"): "unknown - - -",
    ("nagroda 100 zł", "PL"): "unknown - - -",
    ("nagroda 100 zł, wstęp 10 zł", "PL"): "fee 1000 PLN -",
    ("wstęp wolny, pula nagród 500 zł", "PL"): "free 0 PLN -",
    # 5.4: the parts of a SpeedQuizzing description
    ("Prizes, £45 | £2 to play | Age 18+", "GB"): "fee 200 GBP -",
    ("£2 to play | Max 8 per team | Age n/a+", "GB"): "fee 200 GBP -",
    ("Prizes, Free drink | None to play | Max No per team", "GB"): "free 0 GBP -",
    ("N/A to play | Age 18++", "US"): "free 0 USD -",
    ("Prizes, 500aed | 30 dirhams to play", "AE"): "fee 3000 AED -",
    ("5 dollars to play | Age All+", "US"): "fee 500 USD -",
    ("2 pounds to play", "GB"): "fee 200 GBP -",
    ("Max 6 per team | Age 18+", "GB"): "unknown - - -",
    ("Prizes, £20 | Age 18+", "GB"): "unknown - - -",
    # neither
    ("Donation", "GB"): "unknown - - -",
    ("Suggested donation £2", "GB"): "unknown - - -",
    ("Free drink with entry", "GB"): "unknown - - -",
    ("Free entry (donations welcome)", "GB"): "free 0 GBP -",
    ("Free (donations welcome)", "GB"): "free 0 GBP -",
    ("bez opłat", "PL"): "free 0 PLN -",
    ("Free with any purchase to play", "US"): "free 0 USD -",
    ("Pay what you want", "GB"): "unknown - - -",
    ("Free parking", "US"): "unknown - - -",
    ("Free pizza at half time", "GB"): "unknown - - -",
    ("Feel free to join", "GB"): "unknown - - -",
    ("Gluten-free menu", "GB"): "unknown - - -",
    ("Tuesday 8pm", "GB"): "unknown - - -",
    ("Ask at the bar", "GB"): "unknown - - -",
    ("max 6 per team", "GB"): "unknown - - -",
    ("£2-£3", "GB"): "unknown - - -",
}


@pytest.mark.parametrize(("phrase", "expected"), PHRASES.items(), ids=lambda value: str(value))
def test_fee_phrase(phrase: tuple[str, str], expected: str) -> None:
    assert told_fee(read_fee(*phrase)) == expected


# 5.4: "Prizes, <text> | <fee> to play | Max <n> per team | Age <n>+", each part optional.
PRIZES = (
    None,
    "Prizes, £45",
    "Prizes, 50 Bar tab",
    "Prizes, Free drinks for 1st & 2nd",
    "Prizes, $100 cash, 3 Euros each",
)
FEES = {
    "£2 to play": "fee 200 GBP -",
    "2 to play": "fee 200 GBP -",
    "£1.50 to play": "fee 150 GBP -",
    "50p to play": "fee 50 GBP -",
    "£5 per team to play": "fee 500 GBP team",
    "3 Euros to play": "fee 300 EUR -",
    "FREE to play": "free 0 GBP -",
    "0 to play": "free 0 GBP -",
    "N/A to play": "free 0 GBP -",
    None: "unknown - - -",
}
LIMITS = (None, "Max 8 per team | Age 18+", "Max No per team", "Age n/a+", "Age 18++", "Age All+")
DESCRIPTIONS = {
    " | ".join(filter(None, (prize, fee, LIMITS[(row + column) % len(LIMITS)]))): expected
    for row, prize in enumerate(PRIZES)
    for column, (fee, expected) in enumerate(FEES.items())
}


def test_5_4_speed_quizzing_descriptions_50_of_50() -> None:
    wrong = {text: read for text, fee in DESCRIPTIONS.items() if (read := told_fee(read_fee(text, "GB"))) != fee}
    assert wrong == {}
    assert len(DESCRIPTIONS) == len(PRIZES) * len(FEES) == 50
