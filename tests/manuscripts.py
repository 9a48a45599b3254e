"""Papers to try the checks on: an invented handout that a check has nothing to say about, and ways to spoil it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from handouts.checking.finding import Finding
from handouts.checking.manuscript import Manuscript, Passage, Role, manuscript
from handouts.clinic import load_clinic
from handouts.content import load_handout
from handouts.errors import Origin
from handouts.formats import FULL, Format
from handouts.handout import Edition, Figure, Handout, PeopleGroup, Prose, SafetyGroup, Section, Step
from handouts.house import House, load_house
from handouts.inspection import Report, inspect
from handouts.library import sample_clinic
from handouts.prose import read_body, read_line

TODAY = date(2026, 12, 1)
NOWHERE = Path("nowhere.md")
HERE = Origin(NOWHERE, 4)


def house_of(clinic: Path, today: date = TODAY) -> House:
    return load_house(load_clinic(clinic), "en", today)


@lru_cache(maxsize=1)
def sample_house() -> House:
    """The sample clinic with the ledger that comes with us."""
    return house_of(sample_clinic())


def shipped(slug: str = "how-ketamine-works") -> Handout:
    return load_handout(sample_house().clinic.library, slug, "en")


def report_of(clinic: Path, *slugs: str, today: date = TODAY) -> Report:
    return inspect(house_of(clinic, today), slugs)


# A few words


def line(text: str) -> Prose:
    return read_line(text, HERE)


def body(text: str) -> tuple[Prose | Figure, ...]:
    return read_body(text, NOWHERE, 4)


def passage(text: str, role: Role = "paragraph") -> Passage:
    return Passage(role, line(text).html, HERE)


def paper_of(*passages: Passage, form: Format = FULL, handout: Handout | None = None) -> Manuscript:
    return Manuscript(handout or replace(good_handout(), sections=()), form, passages)


def paper(handout: Handout, form: Format = FULL) -> Manuscript:
    """A handout as the sample clinic prints it."""
    return manuscript(handout, form, sample_house())


# A whole handout


def good_handout() -> Handout:
    """A small handout that is built as a handout has to be."""
    return Handout(
        slug="good",
        title="A medicine and you",
        purpose="To be checked.",
        main_message=line("Ketamine may help you.[@not-everyone] It has risks.[@common-side-effects]"),
        welcome=body("You can read this at home."),
        picture=picture("A person on a sled on a snowy hill."),
        edition=Edition("GOOD", "en", "1.0", date(2026, 11, 22)),
        concerns=(),
        sections=(
            Section(
                slug="what",
                title="What it may do",
                kind="mechanism",
                icon="brain",
                origin=HERE,
                key_point=line("You may feel better for a time.[@relapse]"),
                know=(line("You can feel better within a day.[@not-everyone]"),),
                learning=(line("How it helps you is not known.[@mechanism-not-fully-known]"),),
                words={"glutamate": line("A signal that brain cells send each other.")},
                body=(*body("Your brain cells send signals."), picture("Two brain cells with a gap between them.")),
                people={"snowy-hill": (PeopleGroup(5, 10, "felt better"),)},
            ),
            Section(
                slug="day",
                title="Your day with us",
                kind="day",
                icon="day",
                origin=HERE,
                key_point=line("Bring somebody with you."),
                steps=(Step("Come", line("You come to us.")), Step("Rest", line("You rest here."))),
                checklist=(line("You have a ride."),),
            ),
            Section(
                slug="safety",
                title="Stay safe",
                kind="safety",
                icon="safety",
                origin=HERE,
                key_point=line("Tell us what you take."),
                short=(line("**Call 911** for chest pain.[@call-911]"),),
                groups=(SafetyGroup("Get help now", ("call-911",)),),
            ),
            Section(
                slug="help",
                title="Who to call",
                kind="help",
                icon="phone",
                origin=HERE,
                key_point=line("Call us when you need us: ((clinic phone))."),
            ),
        ),
        summary=("what", "safety"),
        origin=Origin(NOWHERE),
    )


def picture(alternative: str, caption: str = "This is only a picture.", kind: str = "figure") -> Figure:
    return Figure(kind, "snowy-hill", alternative, line(caption) if caption else Prose("", HERE), HERE)


def with_section(handout: Handout, slug: str, **changes: Any) -> Handout:
    """The handout with one of its sections changed."""
    assert slug in {section.slug for section in handout.sections}
    sections = (replace(section, **changes) if section.slug == slug else section for section in handout.sections)
    return replace(handout, sections=tuple(sections))


def with_every_section(handout: Handout, **changes: Any) -> Handout:
    return replace(handout, sections=tuple(replace(section, **changes) for section in handout.sections))


def without_section(handout: Handout, slug: str) -> Handout:
    kept = tuple(section for section in handout.sections if section.slug != slug)
    assert len(kept) < len(handout.sections)
    return replace(handout, sections=kept, summary=tuple(name for name in handout.summary if name != slug))


def reworded(handout: Handout, pattern: str, words: str) -> Handout:
    """The handout with a pattern replaced wherever patients read it."""

    def change(text: str) -> str:
        return re.sub(pattern, words, text, flags=re.IGNORECASE)

    changed = _mapped(handout, change)
    assert isinstance(changed, Handout)
    return replace(changed, slug=handout.slug, summary=handout.summary)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, Prose):
        return replace(value, html=change(value.html))
    if isinstance(value, tuple):
        return tuple(_mapped(held, change) for held in value)
    if isinstance(value, Mapping):
        return {name: _mapped(held, change) for name, held in value.items()}
    if is_dataclass(value) and not isinstance(value, Origin | Edition | type):
        said = {row.name: _mapped(getattr(value, row.name), change) for row in fields(value)}
        said |= {name: change(said[name]) for name in ("title", "label", "alternative") if name in said}
        return type(value)(**said)
    return value


# What was found


def rules(findings: Iterable[Finding]) -> set[str]:
    return {finding.rule for finding in findings}


def places(findings: Iterable[Finding], rule: str) -> list[str]:
    """Where a rule was broken, as `file.md:line`."""
    found = (finding.where for finding in findings if finding.rule == rule)
    return [f"{where.path.name}:{where.line}" if where.line else where.path.name for where in found if where]
