"""Prints everything in every format and size, and measures the finished PDFs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from handouts.batch import Refused, produce_all
from handouts.cache import PdfCache
from handouts.checking.finding import Finding, findings_from
from handouts.checking.pages import measure
from handouts.errors import HandoutError
from handouts.formats import FORMATS, LETTER
from handouts.house import House
from handouts.inspection import Pages
from handouts.pipeline import Order, prepare_in


def measured_pages(tell: Callable[[str], None]) -> Pages:
    """A check of pages for `inspect`. `tell` is given a line about each paper while it works."""

    def pages(house: House, slugs: tuple[str, ...]) -> Iterator[Finding]:
        language = house.language
        orders = [Order(slug, form, language, LETTER) for slug in slugs for form in FORMATS.values()]
        compositions = []
        for order in orders:
            try:
                compositions.append((order, prepare_in((house,), order, past_review=True)))
            except HandoutError as error:
                yield from findings_from(error, "cannot-be-printed")
        made = produce_all([composition for _, composition in compositions], PdfCache.of_this_user())
        for number, ((order, _), result) in enumerate(zip(compositions, made, strict=True), start=1):
            tell(f"{number} of {len(orders)}: {order.file_name}")
            if isinstance(result, Refused):
                yield from findings_from(result.error, "cannot-be-laid-out")
            else:
                yield from measure(result.pdf, result.composition)

    return pages
