"""What typesetting lets pass: styles that change how letters look, and not which letters there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import run


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
