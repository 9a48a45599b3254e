"""Makes one patient's paper: lays out the patient's own page, joins it with the shared pages, reads it back.

Works in this process or in several. What a process needs for all papers it is given once, when it starts.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from handouts.clinic import load_clinic
from handouts.composing import Composition
from handouts.errors import HandoutError, Origin
from handouts.formats import PERSONAL, Paper
from handouts.guard import Expected, verify
from handouts.house import House, load_house
from handouts.joining import Joined, Joining, Sheets
from handouts.parts import take_apart
from handouts.patient import Patient
from handouts.pdf import Pdf
from handouts.personal import compose_escort, compose_personal, personal_words
from handouts.pipeline import produce
from handouts.stamping import StampFont, style_of

_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


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


@dataclass(frozen=True, repr=False)
class Failed:
    """A paper that could not be made, and why."""

    error: HandoutError


@dataclass
class Workshop:
    """What all papers of a run share: pages that many patients get, and the letters of the stamps, by language."""

    clinic_folder: Path
    paper: Paper
    today: date
    shared: tuple[Sheets, ...] = ()
    fonts: Mapping[str, StampFont] = field(default_factory=dict)
    _houses: dict[str, House] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_houses": {}}  # a house is read anew in each process: templates do not travel

    def house(self, language: str) -> House:
        if language not in self._houses:
            self._houses[language] = load_house(load_clinic(self.clinic_folder), language, self.today)
        return self._houses[language]

    def stamp_sheet(self, language: str) -> Composition:
        """A sheet with every letter that a stamp may hold, to be laid out once."""
        house = self.house(language)
        words = house.furniture.page_of.replace("{page}", "").replace("{pages}", "")
        like = compose_personal(Patient("0", "A", Origin(self.clinic_folder)), house, False, self.paper, (), dose=False)
        head = like.html[: like.html.index("<body")]
        body = f'<body class="stamps"><p style="font-weight: 700">{_LETTERS} {words}</p></body></html>'
        form = replace(PERSONAL, name="stamps", pages=None, pages_at_most=None, airs=(1.0,))
        # The fonts and margins of a personal page, and nothing in its margins: the sheet holds one font only.
        bare = "@page { @top-left { content: none } @top-right { content: none } @bottom-left { content: none } }"
        return replace(like, html=head.replace("</style>", bare + "</style>", 1) + body, format=form, slug="stamps")

    def make(self, task: Task) -> MadePaper | Failed:
        """One paper, or what is wrong with it. One patient's failure is a value: it never stops the next."""
        try:
            patient = task.patient
            composition = compose_personal(
                patient, self.house(patient.language), task.large, self.paper, task.titles, task.dose
            )
            own = tuple(self._sheets(task, one) for one in (composition, *task.own))
            return self._finished(task, self.joined(task, own), own, (patient.name, patient.reference))
        except HandoutError as error:
            return Failed(_about(error, task))

    def make_escort_page(self, task: Task) -> MadePaper | Failed:
        """The page for the person who drives home: a paper of its own, which says nothing of the treatment's reason."""
        try:
            house = self.house(task.patient.language)
            own = (self._sheets(task, compose_escort(task.patient, house, task.large, self.paper)),)
            return self._finished(task, self.joined(replace(task, shared=()), own), own, ())
        except HandoutError as error:
            return Failed(_about(error, task))

    def joined(self, task: Task, own: tuple[Sheets, ...]) -> Joined:
        """A paper's pages in order: the patient's page, those that others get too, and what else is only in this one."""
        language = task.patient.language
        sheets = (own[0], *(self.shared[at] for at in task.shared), *own[1:])
        return Joined(sheets, task.token, self.house(language).furniture.page_of, self.fonts[language], task.token)

    def _sheets(self, task: Task, composition: Composition) -> Sheets:
        """Pages that are laid out for this patient alone."""
        pdf = produce(composition)
        return Sheets(
            take_apart(pdf.content, pdf.title, self.fonts[task.patient.language]), style_of(composition.format)
        )

    def _finished(self, task: Task, joined: Joined, own: tuple[Sheets, ...], identity: tuple[str, ...]) -> MadePaper:
        title = personal_words(self.house(task.patient.language)).your_visit
        file = io.BytesIO()
        joining = Joining(file, title, task.patient.language)
        joining.add(joined)
        joining.close()
        mine = {id(page) for sheets in own for page in sheets.part.pages}
        drawn = (page for sheets in joined.sheets for page in sheets.part.pages)
        hashes = tuple(None if id(page) in mine else page.drawn for page in drawn)
        expected = Expected(task.token, joined.page_of, hashes, identity)
        verify(file, [expected])
        return MadePaper(Pdf(file.getvalue(), title, joined.page_count), own, expected)


def fingerprint(task: Task, shared: tuple[str, ...], makers: str) -> str:
    """Everything that a paper is made from, as one text to be hashed with a key."""
    whole = hashlib.sha256()
    facts = [getattr(task.patient, name) for name in sorted(task.patient.__dataclass_fields__) if name != "origin"]
    whole.update(repr((facts, task.titles, task.dose, task.token, makers)).encode("utf-8", "surrogatepass"))
    for text in (*shared, *(one.fingerprint for one in task.own)):
        whole.update(text.encode())
    return whole.hexdigest()


def _about(error: HandoutError, task: Task) -> HandoutError:
    """The same error with the row it concerns: a message about a page names no patient."""
    return (
        error if error.where == task.patient.origin else type(error)(error.problem, error.remedy, task.patient.origin)
    )
