"""The road from an order to a paper."""

import builtins
from pathlib import Path
from types import ModuleType

import pytest

from handouts.clinic import load_clinic
from handouts.errors import MachineError
from handouts.formats import (
    A4,
    FORMAT_NAMES,
    FORMATS,
    FULL,
    FULL_LARGE,
    LETTER,
    PAPERS,
    SUMMARY,
    SUMMARY_LARGE,
)
from handouts.pipeline import Order, prepare, produce


@pytest.mark.parametrize(
    ("order", "name"),
    [
        (Order("a", FULL, "en", LETTER), "a-full-en.pdf"),
        (Order("a", SUMMARY_LARGE, "es", LETTER), "a-summary-large-print-es.pdf"),
        (Order("a", FULL_LARGE, "en", A4), "a-full-large-print-en-a4.pdf"),
    ],
)
def test_file_name(order: Order, name: str) -> None:
    assert order.file_name == name


def test_no_two_orders_share_a_file() -> None:
    orders = [Order("a", row, "en", paper) for row in FORMATS.values() for paper in PAPERS.values()]
    assert len({order.file_name for order in orders}) == len(orders) == 8


def test_formats_are_what_the_command_offers() -> None:
    assert {name for name, _ in FORMATS} == set(FORMAT_NAMES)
    assert len({row.code for row in FORMATS.values()}) == len(FORMATS)
    assert (SUMMARY.pages, SUMMARY_LARGE.pages) == (1, 2)
    assert SUMMARY_LARGE.must_be_first == "safety"


def test_words_and_pages(small_clinic: Path) -> None:
    composition = prepare(Order("small", FULL, "en", LETTER), load_clinic(small_clinic))
    first, second = produce(composition), produce(composition)
    assert (first.title, first.page_count) == ("A small handout", 1)
    assert first.content == second.content, "the same input gives the same bytes"


def test_machine_without_pango(small_clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: object) -> ModuleType:
        if name.partition(".")[0] == "weasyprint" or name == "handouts.typesetting":
            raise OSError("cannot load library 'libpango-1.0-0'\nand more lines")
        return real(name, *arguments)  # type: ignore[arg-type]

    composition = prepare(Order("small", FULL, "en", LETTER), load_clinic(small_clinic))
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MachineError) as caught:
        produce(composition)
    assert "handouts doctor" in str(caught.value)
    assert "\n" not in str(caught.value)
