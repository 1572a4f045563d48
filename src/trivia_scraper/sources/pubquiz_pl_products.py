"""The dated products of a PubQuiz.pl venue, and the recurring evenings they amount to (sources.md 7.2, 7.3)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from trivia_scraper.domain.models import EventFacts, EventStatus
from trivia_scraper.sources.document import Document, Element
from trivia_scraper.sources.reading import evenings, quiz_title
from trivia_scraper.text.fee import read_fee
from trivia_scraper.text.folding import fold
from trivia_scraper.text.schedule import PHRASE_LIMIT, PhraseKind, ScheduleReading, read_schedule
from trivia_scraper.text.status_words import find_status_word
from trivia_scraper.text.weekdays import read_weekdays

_COUNTRY: Final = "PL"
_CURRENCY: Final = "PLN"
_AMOUNT: Final = ".woocommerce-Price-amount"
# The page's cart has a total of its own.
_LOOSE_AMOUNT: Final = f"{_AMOUNT}:not(header *, footer *, .cart *, [class*=mini-cart] *, [class*=menu-cart] *)"
_PRODUCT_PARTS: Final = (
    ":is(.e-n-tab-title, [aria-labelledby], .product-title, .price, .product-price, p.iworks-omnibus[data-iwo-price],"
    f" {_LOOSE_AMOUNT})"
)
_SOMETHING_ON_SALE: Final = f".product-title, .price, .product-price, [data-iwo-price], {_LOOSE_AMOUNT}"
_DATED: Final = re.compile(r"(?<![\w=./-])20[0-9]{2}\.[0-9]{2}\.[0-9]{2}(?![\w.])")
_THOUSANDS: Final = re.compile(r"(?<=[0-9])\s(?=[0-9]{3}(?![0-9]))")
_UNDATED: Final = dt.date.max


@dataclass(slots=True)
class Product:
    """One dated evening as the shop sells it. `tab_days` are the weekdays of the tabs it may stand under."""

    title: str
    tab_days: tuple[int, ...]
    lowest_price: str | None = None
    shown_price: str | None = None

    @property
    def price(self) -> str | None:
        """7.2: the attribute's price, else the one that is shown."""
        return self.lowest_price or self.shown_price

    @property
    def reading(self) -> ScheduleReading:
        """7.2: the weekday in brackets, else of the one tab above, else a word of the title, else of the date."""
        stated = read_schedule(self.title, PhraseKind.PRODUCT_TITLE)
        reading = replace(stated, flag=find_status_word(fold(self.title[:PHRASE_LIMIT])))
        if reading.weekdays and "[" in self.title:
            return reading
        date = reading.date.with_year() if reading.date else None
        under_one_tab = self.tab_days[:1] if len(set(self.tab_days)) == 1 else ()
        dated = (date.isoweekday(),) if date else ()
        return replace(reading, weekdays=under_one_tab or reading.weekdays or dated)

    @property
    def date(self) -> dt.date:
        """The evening's date; products without one come last."""
        date = self.reading.date
        return (date.with_year() if date else None) or _UNDATED


def read_products(document: Document) -> list[Product]:
    """Every product, the earliest first, each with the tabs above it and the prices that follow it."""
    products: list[Product] = []
    tabs: tuple[int, ...] = ()
    after_product = False
    for part in document.select(_PRODUCT_PARTS):
        classes = part.classes()
        if "product-title" in classes:
            products.append(Product(part.line(), tabs))
            after_product = True
        elif "e-n-tab-title" in classes:
            tabs = _tab_days(part) if after_product else (*tabs, *_tab_days(part))
            after_product = False
        elif (label := part.attribute("aria-labelledby")) is not None:
            days = read_weekdays(label, abbreviations=False)
            tabs = days if days or part.attribute("role") == "tabpanel" else tabs
        elif products and "iworks-omnibus" in classes:
            products[-1].lowest_price = products[-1].lowest_price or part.attribute("data-iwo-price")
        elif products:
            products[-1].shown_price = products[-1].shown_price or _shown_amount(part)
    return sorted(products, key=lambda product: product.date)


def sells_nothing(document: Document, markup: str) -> bool:
    """Whether a venue's page is whole and shows neither a product nor a date nor a price.

    A page that was cut, or a shop whose products look different now, must not end every evening (N9).
    """
    whole = "</html>" in markup[-2_048:].lower()
    return whole and document.select_one(_SOMETHING_ON_SALE) is None and _DATED.search(markup) is None


def _shown_amount(price: Element) -> str | None:
    """The amount that is asked: a reduced price stands beside the old one. A free evening may have words instead."""
    amount = price.select_one(f"ins {_AMOUNT}") or price.select_one(_AMOUNT) or price
    return amount.line() or None


def _tab_days(tab: Element) -> tuple[int, ...]:
    return read_weekdays(tab.attribute("id") or "", abbreviations=False) or read_weekdays(
        tab.line(), abbreviations=False
    )


def read_events(products: Sequence[Product], name: str, description: str | None) -> tuple[EventFacts, ...]:
    """One event for each weekday and time, with date and price of its earliest product."""
    events: dict[tuple[int, dt.time], EventFacts] = {}
    for product in products:
        for event in evenings(
            [product.reading],
            title=quiz_title(name),
            description=description,
            fee_minor=_fee(product.price),
            currency=_CURRENCY,
            status=EventStatus.ACTIVE,
        ):
            events.setdefault((event.weekday, event.start_time), event)
    return tuple(events.values())


def _fee(price: str | None) -> int | None:
    fee = read_fee(_THOUSANDS.sub("", price or ""), _COUNTRY)
    return fee.fee_minor if fee.currency == _CURRENCY else None
