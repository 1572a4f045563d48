"""Fees: amounts, free, unknown; prizes are none (sources.md 8.2)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivia_scraper.text.fee import FeeOutcome, read_fee
from unit.text.telling import told_fee

PHRASES = Path(__file__).parents[4] / "shared" / "captures" / "fee_phrases.tsv"


RULES = {
    "F1-nothing": ("", "GB", "unknown - - -"),
    "F1-free": ("FREE!", "GB", "free 0 GBP -"),
    "F1-free-entry": ("Free entry", "US", "free 0 USD -"),
    "F1-no-charge": ("No charge", "GB", "free 0 GBP -"),
    "F1-zero": ("0", "GB", "free 0 GBP -"),
    "F1-none": ("None", "GB", "free 0 GBP -"),
    "F1-not-applicable": ("N/A to play", "GB", "free 0 GBP -"),
    "F1-polish": ("Wstęp wolny", "PL", "free 0 PLN -"),
    "F1-free-drinks-are-no-entry": ("Free drinks for the winners", "GB", "unknown - - -"),
    "F1-to-be-confirmed": ("Entry TBC", "GB", "unknown - - -"),
    "F2-prize-part": ("Prizes, £45 | £2 to play | Age 18+", "GB", "fee 200 GBP -"),
    "F2-no-play-part": ("Prizes, £45 | Age 18+", "GB", "unknown - - -"),
    "F2-prize-alone": ("Prizes, £45", "GB", "unknown - - -"),
    "F2-jackpot-first": ("£50 jackpot, £2 entry", "GB", "fee 200 GBP -"),
    "F2-jackpot-unseparated": ("£50 jackpot £2 entry", "GB", "fee 200 GBP -"),
    "F2-entry-first": ("£2 entry £50 jackpot", "GB", "fee 200 GBP -"),
    "F2-bar-tab": ("£25 Bar Tab for the winners | FREE to play", "GB", "free 0 GBP -"),
    "F2-free-drink": ("free drink for the winners, £2 entry", "GB", "fee 200 GBP -"),
    "F2-nibbles": ("Entry £2 includes free nibbles", "GB", "fee 200 GBP -"),
    "F2-team-size": ("£2 to play, max 6 per team", "GB", "fee 200 GBP -"),
    "F2-team-size-first": ("up to 6 per team, £2 each", "GB", "fee 200 GBP person"),
    "F2-win": ("Win £100 cash", "GB", "unknown - - -"),
    "F3-decimal": ("£1.5", "GB", "fee 150 GBP -"),
    "F3-comma": ("15,00 zł", "PL", "fee 1500 PLN -"),
    "F3-one-decimal-zloty": ("15.0 zł", "PL", "fee 1500 PLN -"),
    "F3-bare": ("2", "GB", "fee 200 GBP -"),
    "F3-bare-decimal": ("1.00", "GB", "fee 100 GBP -"),
    "F3-pence": ("50p", "GB", "fee 50 GBP -"),
    "F3-pounds": ("3 pounds entry", "GB", "fee 300 GBP -"),
    "F3-euros": ("3 Euros to play", "CY", "fee 300 EUR -"),
    "F3-dirhams": ("500aed", "AE", "fee 50000 AED -"),
    "F3-dollar-at-home": ("$10 entry", "AU", "fee 1000 AUD -"),
    "F3-dollar-abroad": ("$10 entry", "GB", "fee 1000 USD -"),
    "F3-dollars-word": ("5 dollars per person", "CA", "fee 500 CAD person"),
    "F3-thousands": ("£1,000 entry", "GB", "fee 100000 GBP -"),
    "F3-three-decimals-are-no-money": ("£1.555", "GB", "unknown - - -"),
    "F3-bare-without-country": ("2", "XX", "unknown - - -"),
    "F4-person": ("£2 per person", "GB", "fee 200 GBP person"),
    "F4-pp": ("£2pp", "GB", "fee 200 GBP person"),
    "F4-team": ("$5/team", "US", "fee 500 USD team"),
    "F4-head": ("£2.50 a head", "GB", "fee 250 GBP person"),
    "other-text": ("Quiz night 8pm", "GB", "unknown - - -"),
    "cash-only": ("£2 (cash only)", "GB", "fee 200 GBP -"),
}


@pytest.mark.parametrize(("text", "country", "expected"), RULES.values(), ids=RULES)
def test_rule(text: str, country: str, expected: str) -> None:
    assert told_fee(read_fee(text, country)) == expected


def test_f1_no_text_is_unknown() -> None:
    assert read_fee(None, "GB").outcome is FeeOutcome.UNKNOWN


def shared_rows() -> list[list[str]]:
    if not PHRASES.exists():
        return []
    lines = [line for line in PHRASES.read_text("utf-8").split("\n") if line and not line.startswith("#")]
    return [line.split("\t") for line in lines[1:]]


@pytest.mark.skipif(not PHRASES.exists(), reason="the shared captures are not here")
@pytest.mark.parametrize("row", shared_rows(), ids=lambda row: f"{row[1]}-{row[0][:60]}")
def test_shared_phrase(row: list[str]) -> None:
    phrase, country, *expected = row[:6]
    assert told_fee(read_fee(phrase, country)) == " ".join(cell or "-" for cell in expected)


@settings(deadline=None)
@given(st.text(max_size=250), st.sampled_from(["GB", "US", "PL", "XX"]))
def test_no_text_raises_and_unknown_has_no_amount(text: str, country: str) -> None:
    reading = read_fee(text, country)
    assert (reading.fee_minor is None) == (reading.outcome is FeeOutcome.UNKNOWN)
    assert (reading.fee_minor == 0) == (reading.outcome is FeeOutcome.FREE)


@settings(deadline=None)
@given(
    st.integers(1, 99_999),
    st.sampled_from(["£{} to play", "entry £{}", "£{} per person", "£{}", "Prizes, £9 | £{} to play"]),
)
def test_a_generated_amount_reads_back(minor: int, form: str) -> None:
    assert read_fee(form.format(f"{minor // 100}.{minor % 100:02d}"), "GB").fee_minor == minor
