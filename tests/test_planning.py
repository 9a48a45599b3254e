"""Plans of patients: what is read for them, and what they share."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from handouts import planning
from handouts.clinic import load_clinic
from handouts.errors import Origin, RequestError
from handouts.formats import LETTER
from handouts.house import Houses
from handouts.library import sample_clinic
from handouts.patient import Patient
from handouts.planning import Planner

TODAY = date(2026, 11, 23)


@pytest.fixture
def planner() -> Planner:
    return Planner(Houses(load_clinic(sample_clinic()), TODAY), LETTER)


def patient(at: int = 2, **facts: object) -> Patient:
    return Patient(
        **{"reference": f"R-{at}", "name": "Sample Placeholder", "origin": Origin(Path("a.csv"), at), **facts}
    )  # type: ignore[arg-type]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The handouts that are read."""
    seen: list[str] = []
    load = planning.load_handout

    def load_handout(library: object, slug: str, language: str) -> object:
        seen.append(slug)
        return load(library, slug, language)  # type: ignore[arg-type]

    monkeypatch.setattr(planning, "load_handout", load_handout)
    return seen


def test_only_what_a_row_names_is_read(planner: Planner, read: list[str]) -> None:
    planner.plan(patient(handouts=("biological",)))
    assert read == ["biological"]
    planner.plan(patient(handouts=("biological",), include=("spiritual",)))
    assert read == ["biological", "spiritual"]


def test_all_are_read_to_say_what_is_near(planner: Planner, read: list[str]) -> None:
    with pytest.raises(RequestError) as told:
        planner.plan(patient(handouts=("biological",), include=("bladdr",)))
    assert "bladder" in str(told.value)
    assert len(read) == 12


def test_a_section_of_another_handout_is_told_with_where_it_is(planner: Planner) -> None:
    with pytest.raises(RequestError) as told:
        planner.plan(patient(handouts=("biological",), include=("bladder",)))
    assert "in none of the handouts of this row" in str(told.value)
    assert "Add one that has it: " in str(told.value)


def test_patients_with_the_same_reasons_share_pages_and_reasons(planner: Planner) -> None:
    """Else two thousand plans would not fit in memory."""
    one, other, another = (
        planner.plan(patient(at, handouts=("your-treatment-day", "biological"), route=route))
        for at, route in ((2, "infusion"), (3, "infusion"), (4, "nasal"))
    )
    assert one.decisions is other.decisions
    assert all(mine is theirs for mine, theirs in zip(one.shared, other.shared, strict=True))
    assert one.decisions != another.decisions
