"""All papers of a day in one file for the printer, with the list to tick off in front.

Each patient's paper begins on a fresh sheet. Where the name on a paper is easily taken for the name on the one before
it, a sheet that says so stands between the two.
"""

from __future__ import annotations

import gc
import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from types import TracebackType

from handouts.batch import Refused, produce_in
from handouts.cache import PdfCache
from handouts.composing import Composition
from handouts.encrypting import encrypted
from handouts.formats import DIVIDER, MANIFEST, Format
from handouts.guard import ReadBack, read_back, verify_packet
from handouts.joining import Joined, Joining, Sheets
from handouts.library import SOURCE_LANGUAGE
from handouts.making import MadePaper, Workshop
from handouts.parts import take_apart
from handouts.pdf import Pdf
from handouts.personal import ManifestRow, Totals, compose_divider, compose_manifest
from handouts.pipeline import produce
from handouts.planning import Plan, look_alikes
from handouts.private_folder import PrivateFolder
from handouts.processes import Processes
from handouts.stamping import StampFont, style_of

_ROWS_AT_A_TIME = 96  # of the manifest: a list of two thousand, laid out in one go, takes more memory than all else


@dataclass(repr=False)
class _Row:
    """A patient in the packet, and how many sheets of paper are theirs."""

    plan: Plan
    sheets: int


class Packet:
    """A packet being written. It grows paper by paper, and keeps nothing of a paper but what it showed.

    A context: the file gets its name at the end of it, after the manifest was put in front and the whole was read back.
    After a fault, or if nobody's paper is in it, no file is kept.
    """

    def __init__(
        self,
        folder: PrivateFolder,
        name: str,
        day: date,
        workshop: Workshop,
        processes: Processes[Workshop],
        password: str | None = None,
    ) -> None:
        self.name = name
        self._day = day
        self._workshop = workshop
        self._processes = processes
        self._password = password
        self._writing = folder.writing(name)
        self._file = self._writing.__enter__()
        self._joining = Joining(self._file, "Papers of the day", SOURCE_LANGUAGE)
        self._rows: list[_Row] = []
        self._papers: list[ReadBack] = []
        self._dividers = 0
        self._divider: Joined | None = None

    def __enter__(self) -> Packet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if fault is None and self.is_empty:
            fault = _NobodyError()
        if fault is None:
            try:
                self._finish()
            except BaseException as found:
                self._writing.__exit__(type(found), found, found.__traceback__)
                raise
        with suppress(_NobodyError):
            self._writing.__exit__(type(fault) if fault else None, fault, trace)

    @property
    def is_empty(self) -> bool:
        return not self._rows

    def add(self, plan: Plan, joined: Joined, paper: MadePaper) -> None:
        """Add a patient's paper, behind a divider if its name could be taken for that of the paper before it."""
        if self._rows and look_alikes([self._rows[-1].plan.patient, plan.patient]):
            self._add(self._divided(), self._divided_shown())
            self._dividers += 1
        self._add(joined, paper.read_back)
        self._rows.append(_Row(plan, _sheets_of(joined)))

    def add_more(self, joined: Joined, paper: MadePaper) -> None:
        """Add another paper for the patient added last: the page for the person who drives home."""
        self._add(joined, paper.read_back)
        self._rows[-1].sheets += _sheets_of(joined)

    def _add(self, joined: Joined, shown: ReadBack) -> None:
        self._joining.add(joined, on_a_fresh_sheet=True)
        self._papers.append(shown)

    def _divided(self) -> Joined:
        """The sheet between two papers: the same in every packet."""
        if self._divider is None:
            composition = compose_divider(self._workshop.house(SOURCE_LANGUAGE), self._workshop.paper)
            [made] = produce_in(self._processes, [composition], PdfCache.of_this_user())
            if isinstance(made, Refused):
                raise made.error
            font = self._workshop.shared.fonts[SOURCE_LANGUAGE]
            self._divider = self._of_staff(_sheets(made.pdf, font, DIVIDER))
        return self._divider

    def _divided_shown(self) -> ReadBack:
        alone = io.BytesIO()
        joining = Joining(alone, self._divided().heading, SOURCE_LANGUAGE)
        joining.add(self._divided())
        joining.close()
        return read_back(alone)

    def _finish(self) -> None:
        """Put the manifest in front, close the file and read it back. It is the last work of the run's processes."""
        font = self._workshop.shared.fonts[SOURCE_LANGUAGE]
        lists = self._processes.each(_lay_out, ((manifest, font) for manifest in self._manifests()))
        leading = self._joining.add_in_front(self._of_staff(made.result()) for made in lists)
        self._processes.dismiss()
        self._joining.close()
        self._file.flush()
        verify_packet(self._file, self._papers, leading)
        if self._password is not None:
            self._file.seek(0)
            content = encrypted(self._file.read(), self._password)
            self._file.seek(0)
            self._file.truncate()
            self._file.write(content)

    def _manifests(self) -> Iterator[Composition]:
        """The list, in so many lists that each can be laid out in little memory."""
        alike = look_alikes([row.plan.patient for row in self._rows])
        rows = [
            ManifestRow(
                number=at + 1,
                name=row.plan.patient.name,
                born=row.plan.patient.born,
                reference=row.plan.patient.reference,
                time=row.plan.patient.visits[0].at if row.plan.patient.visits else None,
                sheets=row.sheets,
                language=row.plan.patient.language,
                large=row.plan.large,
                looks_like=f"no. {alike[at] + 1}" if at in alike else None,
            )
            for at, row in enumerate(self._rows)
        ]
        totals = Totals(len(rows), sum(row.sheets for row in self._rows) + self._dividers, self._dividers)
        house = self._workshop.house(SOURCE_LANGUAGE)
        for start in range(0, len(rows), _ROWS_AT_A_TIME):
            some = rows[start : start + _ROWS_AT_A_TIME]
            yield compose_manifest(some, house, self._day, self._workshop.paper, totals)

    def _of_staff(self, sheets: Sheets) -> Joined:
        """Pages that are nobody's paper: they carry their page numbers and no token."""
        page_of = self._workshop.house(SOURCE_LANGUAGE).furniture.page_of
        return Joined((sheets,), "", page_of, self._workshop.shared.fonts[SOURCE_LANGUAGE], sheets.part.title)


def _lay_out(_: Workshop, asked: tuple[Composition, StampFont]) -> Sheets:
    manifest, font = asked
    sheets = _sheets(produce(manifest, series=True), font, MANIFEST)
    gc.collect()  # laid-out pages refer to each other: they would wait until the next ones are there
    return sheets


def _sheets(pdf: Pdf, font: StampFont, form: Format) -> Sheets:
    return Sheets(take_apart(pdf.content, pdf.title, font), style_of(form))


class _NobodyError(Exception):
    """A packet with nobody's paper in it is not kept."""


def _sheets_of(joined: Joined) -> int:
    return -(-joined.page_count // 2)
