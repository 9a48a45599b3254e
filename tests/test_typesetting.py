"""What typesetting lets pass: styles that change how letters look, and a text that needs another sheet."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from handouts.clinic import load_clinic
from handouts.formats import LETTER, SUMMARY_LARGE
from handouts.pipeline import Order, prepare
from handouts.typesetting import typeset
from tests.command import run
from tests.small_clinic import BLOCK, write


@pytest.mark.parametrize(
    "style",
    [
        "h1 { text-transform: uppercase }",
        "p::first-letter { color: red }",
        'h2::before { content: "§ " }',
    ],
)
def test_a_style_that_keeps_all_letters_is_printed(style: str, small_clinic: Path) -> None:
    (small_clinic / "styles").mkdir(exist_ok=True)
    (small_clinic / "styles" / "clinic.css").write_text(style, "utf-8")
    outcome = run("render", "small", "--clinic", small_clinic)
    assert outcome.code == 0, outcome.err


def test_large_print_takes_another_sheet_where_two_pages_are_not_enough(small_clinic: Path) -> None:
    """Our own pages; the safety list begins on the first."""
    for room in ("styles", "templates"):
        shutil.rmtree(small_clinic / room, ignore_errors=True)
    order = Order("small", SUMMARY_LARGE, "en", LETTER)
    assert typeset(prepare(order, load_clinic(small_clinic))).page_count <= 2
    long = BLOCK.replace("This is the key point.", "This goes on and on and on. " * 70)
    write(small_clinic, {"content/en/blocks/small-block.md": long})
    rendering = typeset(prepare(order, load_clinic(small_clinic)))
    assert 2 < rendering.page_count <= 4
    assert "small-safety" in rendering.sections_on(1)
