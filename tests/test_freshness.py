"""Whether somebody has signed a text, and whether it has to be read again."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from handouts.checking.finding import Finding
from handouts.checking.freshness import signed_and_fresh
from handouts.content import load_handout
from handouts.errors import Origin
from handouts.reviewing import review_of, sign
from tests.manuscripts import TODAY, house_of, report_of
from tests.small_clinic import BLOCK, HANDOUT, write

RULES = {"not-signed", "changed-since-signed", "review-due", "review-due-soon"}
NEXT = date(2027, 12, 1)


def signed(clinic: Path, on: date = TODAY, until: date = NEXT, by: str = "Dr. Test") -> None:
    house = house_of(clinic, on)
    sign(load_handout(house.clinic.library, "small", "en"), house, by, until)


def told(clinic: Path, today: date = TODAY) -> Finding | None:
    """The one thing that is said about the review, if anything is."""
    house = house_of(clinic, today)
    handout = load_handout(house.clinic.library, "small", "en")
    found = list(signed_and_fresh(handout, review_of(handout, house), house))
    assert found == [row for row in report_of(clinic, "small", today=today).findings if row.rule in RULES]
    assert len(found) <= 1
    for finding in found:
        assert finding.where == Origin(clinic / "content/en/handouts/small.md")
        assert "handouts sign-off small --by NAME" in finding.remedy
    return found[0] if found else None


def test_draft_is_a_note(small_clinic: Path) -> None:
    found = told(small_clinic)
    assert found is not None
    assert (found.severity, found.rule) == ("note", "not-signed")
    assert "A small handout" in found.problem


def test_signed_text_has_nothing_to_tell(small_clinic: Path) -> None:
    signed(small_clinic)
    assert told(small_clinic) is None


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("content/en/handouts/small.md", "Hello from", "Welcome to"),
        ("content/en/blocks/small-block.md", "Some text.", "Some more text."),
        ("content/en/blocks/small-block.md", "This is the key point.", "This is another."),
    ],
)
def test_changed_text_is_a_note(name: str, old: str, new: str, small_clinic: Path) -> None:
    signed(small_clinic)
    before = (small_clinic / name).read_text(encoding="utf-8")
    assert old in before
    write(small_clinic, {name: before.replace(old, new)})
    found = told(small_clinic)
    assert found is not None
    assert (found.severity, found.rule) == ("note", "changed-since-signed")
    assert "since Dr. Test signed it on 2026-12-01" in found.problem
    write(small_clinic, {name: before})
    assert told(small_clinic) is None, "the old words are signed still"


@pytest.mark.parametrize(
    ("days_before", "expected"),
    [
        (365, None),
        (31, None),
        (30, ("warning", "review-due-soon")),
        (1, ("warning", "review-due-soon")),
        (0, ("warning", "review-due-soon")),
        (-1, ("error", "review-due")),
        (-365, ("error", "review-due")),
    ],
)
def test_review_that_comes_due(days_before: int, expected: tuple[str, str] | None, small_clinic: Path) -> None:
    signed(small_clinic)
    found = told(small_clinic, NEXT - timedelta(days=days_before))
    assert (found and (found.severity, found.rule)) == expected
    if found:
        assert "2027-12-01" in found.problem


def test_changed_text_is_a_draft_even_when_its_review_is_due(small_clinic: Path) -> None:
    signed(small_clinic)
    write(small_clinic, {"content/en/blocks/small-block.md": BLOCK.replace("Some text.", "Other text.")})
    found = told(small_clinic, NEXT + timedelta(days=9))
    assert found is not None and found.rule == "changed-since-signed"


def test_signed_again(small_clinic: Path) -> None:
    signed(small_clinic)
    signed(small_clinic, on=NEXT + timedelta(days=2), until=NEXT + timedelta(days=400), by="Dr. Other")
    assert told(small_clinic, NEXT + timedelta(days=2)) is None


def test_each_handout_has_its_own_signature(small_clinic: Path) -> None:
    write(small_clinic, {"content/en/handouts/other.md": HANDOUT.replace("SMALL", "OTHER")})
    signed(small_clinic)
    found = [row for row in report_of(small_clinic, "small", "other").findings if row.rule in RULES]
    assert [(row.rule, row.where) for row in found] == [
        ("not-signed", Origin(small_clinic / "content/en/handouts/other.md"))
    ]
