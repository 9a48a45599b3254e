"""An invented clinic whose papers are laid out in no time, and schedules for it: what tests of the day run stand on."""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from handouts.clinic import load_clinic
from handouts.composing import Composition
from handouts.formats import LETTER
from handouts.house import Houses
from handouts.intake import read_patients
from handouts.joining import Joined, Joining, Sheets
from handouts.making import MadePaper, SharedPages, Task, Workshop
from handouts.parts import take_apart
from handouts.pdf import Pdf
from handouts.pipeline import produce
from handouts.planning import Plan, Planner
from handouts.stamping import StampFont, style_of
from tests.small_clinic import BLOCK, CLINIC_TOML, FILES, HANDOUT, PROTOCOL, TEMPLATE, write

DAY = "2026-11-23"
TODAY = date(2026, 11, 22)
VISITS = """
[visits.first]
handouts = ["small full", "other"]

[visits.later]
handouts = ["other"]

[visits.talk]
handouts = ["small"]
dose = false
"""
FOR_SOME = BLOCK.replace("kind: text", "kind: text\nfor:\n  routes: [infusion]").replace(
    "A small block", "Only infusion"
)
OTHER = (
    HANDOUT.replace("A small handout", "Another handout")
    .replace("SMALL", "OTHER")
    .replace("[small-block, small-safety]", "[small-block, infused, small-safety]")
)
# Links within the paper and out of it; in full, what is linked to stands on the second page.
LINKED = TEMPLATE.replace(
    "<ol>", '<p><a href="#small-safety">The safety part</a>, <a href="https://clinic.example/">the web</a></p><ol>'
).replace(
    '<section id="{{ section.slug }}">',
    '<section id="{{ section.slug }}"{% if section.slug == "small-safety" and format.name == "full" %}'
    ' style="break-before: page"{% endif %}>',
)
TOKENS = ("K7QX2FM", "9HTRW4C", "MCDFHJ3", "PPQQRR2", "23456CD", "YYXXWW3")


def write_day_clinic(folder: Path) -> Path:
    """A clinic with two handouts, of which one is tailored by route, and three kinds of visits."""
    files = {
        **FILES,
        "clinic.toml": CLINIC_TOML + PROTOCOL + VISITS,
        "content/en/handouts/other.md": OTHER,
        "content/en/blocks/infused.md": FOR_SOME,
        "templates/small.html": LINKED,
    }
    # The styles are those that come with us: personal pages need them.
    return write(folder, {name: text for name, text in files.items() if not name.startswith("styles/")})


def schedule(path: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    """Write a schedule of one day; what a row does not say is the same for all."""
    usual: dict[str, object] = {"born": "1980-05-04", "route": "injection", "visit_type": "later"}
    usual |= {"visit_date": DAY, "visit_time": "9:30"}
    filled = [
        {"reference": f"R-{at}", "name": f"Sample Patient {at}", **usual, **row} for at, row in enumerate(rows, 1)
    ]
    columns = list(dict.fromkeys(column for row in filled for column in row))
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, restval="")
    writer.writeheader()
    writer.writerows(filled)
    path.write_text(written.getvalue(), encoding="utf-8", newline="")
    return path


@dataclass(frozen=True)
class Office:
    """Planned papers of a schedule, one task for each row, with what is shared laid out."""

    workshop: Workshop
    plans: tuple[Plan, ...]
    tasks: tuple[Task, ...]
    pdfs: tuple[Pdf, ...]  # of what is shared, by its place

    _made: dict[int, MadePaper] = field(default_factory=dict)

    def made(self, at: int) -> MadePaper:
        if at not in self._made:
            paper = self.workshop.make(self.tasks[at])
            assert isinstance(paper, MadePaper), paper.error
            self._made[at] = paper
        return self._made[at]

    def joined(self, at: int) -> Joined:
        return self.workshop.joined(self.tasks[at], self.made(at).own)


def open_office(clinic: Path, path: Path) -> Office:
    """Read a schedule and lay out what its patients share."""
    houses = Houses(load_clinic(clinic), TODAY)
    planner = Planner(houses, LETTER)
    plans, problems = planner.plans(read_patients(path))
    assert not problems, problems
    shared: list[Composition] = []
    for plan in plans:
        shared += [one for one in plan.shared if not any(one is other for other in shared)]
    workshop = Workshop(houses, LETTER)
    languages = sorted({plan.patient.language for plan in plans})
    fonts = {code: StampFont.of(produce(workshop.stamp_sheet(code)).content) for code in languages}
    pdfs = tuple(produce(one) for one in shared)
    language = {id(one): plan.patient.language for plan in plans for one in plan.shared}
    sheets = tuple(
        Sheets(take_apart(pdf.content, pdf.title, fonts[language[id(one)]]), style_of(one.format))
        for one, pdf in zip(shared, pdfs, strict=True)
    )
    tasks = tuple(
        Task(
            plan.patient,
            plan.titles,
            tuple(next(at for at, one in enumerate(shared) if one is composition) for composition in plan.shared),
            (),
            plan.dose,
            token,
        )
        for plan, token in zip(plans, TOKENS, strict=False)
    )
    return Office(workshop.having(SharedPages(sheets, fonts)), plans, tasks, pdfs)


def written(*papers: Joined, fresh_sheets: bool = False, title: str = "Papers") -> io.BytesIO:
    """The papers in one file."""
    file = io.BytesIO()
    joining = Joining(file, title, "en")
    for paper in papers:
        joining.add(paper, on_a_fresh_sheet=fresh_sheets)
    joining.close()
    return file


def asked(program: str, *arguments: object) -> str:
    """What a program of poppler or qpdf says on standard output."""
    words = [program, *map(str, arguments)]
    return subprocess.run(words, capture_output=True, check=True, encoding="utf-8").stdout
