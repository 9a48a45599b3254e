"""Makes one patient's paper: lays out the patient's own page, joins it with the shared pages, reads it back.

Works in this process or in several. What a process needs for all papers it reads or is given once.
"""

from __future__ import annotations

import hashlib
import io
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from handouts.composing import Composition
from handouts.errors import HandoutError, MachineError, Origin
from handouts.formats import PERSONAL, Paper
from handouts.furniture import Personal
from handouts.guard import Expected, ReadBack, verify
from handouts.house import House, Houses
from handouts.joining import Joined, Joining, Sheets
from handouts.library import SOURCE_LANGUAGE
from handouts.parts import take_apart
from handouts.patient import Patient
from handouts.pdf import Pdf
from handouts.personal import (
    compose_clinician_copy,
    compose_escort,
    compose_personal,
    day_in_words,
    personal_words,
)
from handouts.pipeline import produce
from handouts.stamping import StampFont, style_of
from handouts.tailoring import Clash, Decision

_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


Extra = Literal["escort", "clinician-copy"]


@dataclass(frozen=True, repr=False)
class Task:
    """What to make for one patient. `shared` are places in the list of shared pages, `own` compositions of a clinic's
    template that prints facts of the patient; one of the two is empty.
    """

    patient: Patient
    titles: tuple[str, ...]
    shared: tuple[int, ...]
    own: tuple[Composition, ...]
    dose: bool
    token: str
    decisions: tuple[Decision, ...] = ()
    clashes: tuple[Clash, ...] = ()

    @property
    def large(self) -> bool:
        return self.patient.large_print

    def __repr__(self) -> str:
        return f"<the paper of {self.patient.origin}>"


@dataclass(frozen=True, repr=False)
class MadePaper:
    """A finished paper of one patient, read back and found right. `own` are the pages that are only in this one."""

    pdf: Pdf
    own: tuple[Sheets, ...]
    expected: Expected
    read_back: ReadBack


@dataclass(frozen=True, repr=False)
class Failed:
    """A paper that could not be made, and why."""

    error: HandoutError


@dataclass(frozen=True, repr=False)
class SharedPages:
    """What is laid out once for all papers of a run: pages that many patients get, and the letters of the stamps by
    language; with every paper's token, so that none is found on another's pages.
    """

    sheets: tuple[Sheets, ...] = ()
    fonts: Mapping[str, StampFont] = field(default_factory=dict)
    tokens: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Workshop:
    """Where papers of one clinic are made, in one process."""

    houses: Houses
    paper: Paper
    shared: SharedPages = SharedPages()

    def having(self, shared: SharedPages) -> Workshop:
        """The same workshop, once there are shared pages."""
        return replace(self, shared=shared)

    def warm(self, languages: Iterable[str]) -> None:
        """Load what the first paper would wait for: WeasyPrint, fonts, styles and words."""
        for language in languages:
            produce(self._nobodys_page(language), series=True)

    def house(self, language: str) -> House:
        return self.houses.speaking(language)

    def stamp_sheet(self, language: str) -> Composition:
        """A sheet with every letter that a stamp may hold, to be laid out once."""
        words = self.house(language).furniture.page_of.replace("{page}", "").replace("{pages}", "")
        like = self._nobodys_page(language)
        head = like.html[: like.html.index("<body")]
        body = f'<body class="stamps"><p style="font-weight: 700">{_LETTERS} {words}</p></body></html>'
        form = replace(PERSONAL, name="stamps", pages=None, pages_at_most=None, airs=(1.0,))
        # The fonts and margins of a personal page, and nothing in its margins: the sheet holds one font only.
        bare = "@page { @top-left { content: none } @top-right { content: none } @bottom-left { content: none } }"
        return replace(like, html=head.replace("</style>", bare + "</style>", 1) + body, format=form, slug="stamps")

    def _nobodys_page(self, language: str) -> Composition:
        nobody = Patient("0", "A", Origin(self.houses.clinic.folder))
        return compose_personal(nobody, self.house(language), False, self.paper, (), dose=False)

    def make(self, task: Task) -> MadePaper | Failed:
        """One paper, or what is wrong with it. One patient's failure is a value: it never stops the next."""
        try:
            patient = task.patient
            composition = compose_personal(
                patient, self.house(patient.language), task.large, self.paper, task.titles, task.dose
            )
            own = tuple(self._sheets(task, one) for one in (composition, *task.own))
            return self._finished(task, self.joined(task, own), own, identity_line(patient, self._words(task)))
        except Exception as fault:  # whatever it is: the others get their papers
            return Failed(_about(fault, task))

    def make_extra(self, task: Task, extra: Extra) -> MadePaper | Failed:
        """A paper of its own that goes with a patient's: for the person who drives home, or for the clinician."""
        try:
            patient = task.patient
            alone = replace(task, shared=(), own=())
            if extra == "escort":
                composition = compose_escort(patient, self.house(patient.language), task.large, self.paper)
            else:  # staff read it, whatever the patient reads
                house = self.house(SOURCE_LANGUAGE)
                composition = compose_clinician_copy(patient, house, task.decisions, task.clashes, self.paper)
                alone = replace(alone, patient=replace(patient, language=SOURCE_LANGUAGE))
            own = (self._sheets(alone, composition),)
            return self._finished(alone, self.joined(alone, own), own, "")
        except Exception as fault:
            return Failed(_about(fault, task))

    def joined(self, task: Task, own: tuple[Sheets, ...]) -> Joined:
        """A paper's pages in order: the patient's page, those that others get too, and what else is only theirs."""
        language = task.patient.language
        sheets = (own[0], *(self.shared.sheets[at] for at in task.shared), *own[1:])
        page_of, font = self.house(language).furniture.page_of, self.shared.fonts[language]
        return Joined(sheets, task.token, page_of, font, task.token)

    def _words(self, task: Task) -> Personal:
        return personal_words(self.house(task.patient.language))

    def _sheets(self, task: Task, composition: Composition) -> Sheets:
        """Pages that are laid out for this patient alone."""
        pdf = produce(composition, series=True)
        font = self.shared.fonts[task.patient.language]
        return Sheets(take_apart(pdf.content, pdf.title, font), style_of(composition.format))

    def _finished(self, task: Task, joined: Joined, own: tuple[Sheets, ...], identity: str) -> MadePaper:
        title = self._words(task).your_visit
        file = io.BytesIO()
        joining = Joining(file, title, task.patient.language)
        joining.add(joined)
        joining.close()
        mine = {id(page) for sheets in own for page in sheets.part.pages}
        drawn = (page for sheets in joined.sheets for page in sheets.part.pages)
        hashes = tuple(None if id(page) in mine else page.drawn for page in drawn)
        expected = Expected(task.token, joined.page_of, hashes, identity)
        read_back = verify(file, expected, self.shared.tokens - {task.token})
        return MadePaper(Pdf(file.getvalue(), title, joined.page_count), own, expected, read_back)


def fingerprint(task: Task, shared: tuple[str, ...], makers: str) -> str:
    """Everything that a paper is made from, as one text to be hashed with a key."""
    whole = hashlib.sha256()
    facts = [getattr(task.patient, name) for name in sorted(task.patient.__dataclass_fields__) if name != "origin"]
    whole.update(repr((facts, task.titles, task.dose, task.token, makers)).encode("utf-8", "surrogatepass"))
    for text in (*shared, *(one.fingerprint for one in task.own)):
        whole.update(text.encode())
    return whole.hexdigest()


def identity_line(patient: Patient, words: Personal) -> str:
    """The line on the patient's own page that says whose it is, as the macro `identity` of the templates writes it."""
    born = (words.born.format(date=day_in_words(patient.born, words)),) if patient.born else ()
    return " · ".join([patient.name, *born, words.reference.format(number=patient.reference)])


def _about(fault: Exception, task: Task) -> HandoutError:
    """The same error with the row it concerns: a message about a page names no patient.

    Of a fault in the program only its kind and place are told: what it says may hold a name.
    """
    where = task.patient.origin
    if isinstance(fault, HandoutError):
        return fault if fault.where == where else type(fault)(fault.problem, fault.remedy, where)
    place = traceback.extract_tb(fault.__traceback__)[-1]
    return MachineError(
        f"The program has a fault ({type(fault).__name__} in {Path(place.filename).name}, line {place.lineno})",
        "Tell whoever keeps the program. All other papers are made.",
        where,
    )
