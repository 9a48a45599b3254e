"""The day run: everybody on a schedule gets a paper, each one once, and nobody gets another's.

First everything is read and planned, and all problems are told. Then pages that many patients get are laid out once.
Then one paper after the other is made, read back and written, in as many processes as there are cores. A ledger in the
folder says which ones are done, so that a run that was killed can be taken up again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from functools import partial
from pathlib import Path

from handouts.batch import Refused, produce_in
from handouts.cache import PdfCache, makers
from handouts.composing import Composition
from handouts.encrypting import encrypted
from handouts.errors import HandoutError, MachineError, SeveralErrors
from handouts.formats import Paper
from handouts.house import Houses
from handouts.interpreter import keep_what_is_loaded
from handouts.joining import Sheets
from handouts.library import SOURCE_LANGUAGE
from handouts.making import Extra, Failed, MadePaper, SharedPages, Task, Workshop, fingerprint
from handouts.packet import Packet
from handouts.parts import take_apart
from handouts.patient import Patient
from handouts.pdf import Pdf
from handouts.planning import Plan
from handouts.private_folder import PrivateFolder, Record
from handouts.processes import Processes, cores
from handouts.stamping import StampFont, StampStyle, style_of

_WORTH_A_PROCESS = 12  # papers; a new process takes most of a second to load WeasyPrint, a paper a tenth of one


@dataclass(frozen=True)
class Done:
    """A paper that is in the folder. `kept`: it was there already, with the same contents."""

    number: int
    path: Path
    pages: int
    kept: bool
    extras: tuple[Path, ...] = ()


@dataclass(frozen=True)
class NotDone:
    """A paper that could not be made."""

    number: int
    error: HandoutError


@dataclass(frozen=True, repr=False)
class Outcome:
    """What a process hands back: the paper, or what is wrong; and what goes with it."""

    paper: MadePaper | Failed
    extras: tuple[MadePaper | Failed, ...] = ()

    @property
    def failed(self) -> Failed | None:
        return next((made for made in (self.paper, *self.extras) if isinstance(made, Failed)), None)


@dataclass(frozen=True)
class Wishes:
    """What is wanted of a run besides the papers. `packet` is a file name in the folder."""

    resume: bool = False
    extras: tuple[Extra, ...] = ()
    packet: str | None = None
    password: str | None = None


def workshops(
    houses: Houses, paper: Paper, patients: Sequence[Patient], jobs: int | None = None
) -> Processes[Workshop]:
    """A workshop in each of so many processes as these patients are worth, one a core at most, or `jobs`.

    Once they are started, each gets ready for the patients' languages.
    """
    count = min(jobs or cores(), len(patients))
    if jobs is None and len(patients) < _WORTH_A_PROCESS:
        count = 1
    languages = tuple(dict.fromkeys(patient.language for patient in patients))
    return Processes(count, partial(Workshop, houses, paper), partial(Workshop.warm, languages=languages))


class DayRun:
    """The papers of one day, planned and ready to be made."""

    def __init__(self, day: date, plans: Sequence[Plan], folder: PrivateFolder, processes: Processes[Workshop]) -> None:
        self._day = day
        self._plans = plans
        self._folder = folder
        self._processes = processes
        self._shared: list[Composition] = []
        self._tasks = [self._task(plan) for plan in plans]
        self._no_token_twice()

    @property
    def variants(self) -> int:
        """How many different sets of shared pages there are."""
        return len({task.shared for task in self._tasks})

    @property
    def plain(self) -> int:
        """How many papers take the plain road: a clinic's template prints facts of the patient on every page."""
        return sum(bool(task.own) for task in self._tasks)

    def make(self, wishes: Wishes, tell: Callable[[str], None]) -> Iterator[Done | NotDone]:
        """Make the papers, and the packet at the end. Yields one outcome for each patient, in the schedule's order.

        Raises HandoutError where nothing can be made at all: a shared page that cannot be laid out, no room to write.
        """
        try:
            yield from self._made(wishes, tell)
        except BrokenProcessPool:
            raise MachineError(
                "A process that makes papers was ended from outside",
                "Run it again with --resume: what is done stays done.",
            ) from None

    def _made(self, wishes: Wishes, tell: Callable[[str], None]) -> Iterator[Done | NotDone]:
        workshop = self._processes.own.having(self._shared_pages(tell))
        records = self._folder.records()
        stamps = [composition.fingerprint for composition in self._shared]
        by = makers() + str(wishes.password is not None)
        made_from = {
            number: self._folder.keyed(fingerprint(task, tuple(stamps[at] for at in task.shared), by))
            for number, task in enumerate(self._tasks)
        }
        there = {
            number
            for number, task in enumerate(self._tasks)
            if wishes.resume and self._is_there(records.get(self._key(task)), made_from[number], task)
        }
        wanted = range(len(self._tasks)) if wishes.packet else [n for n in range(len(self._tasks)) if n not in there]
        packet = self._packet(workshop, wishes) if wishes.packet else None
        asked = ((self._tasks[number], wishes.extras) for number in wanted)
        outcomes = self._processes.each_given(workshop.shared, _make, asked)
        pending = dict.fromkeys(wanted)
        with packet or nullcontext():
            for number, task in enumerate(self._tasks):
                outcome = next(outcomes).result() if number in pending else None
                if outcome is None:
                    yield Done(number, self._folder.path / self._name(task), records[self._key(task)].pages, kept=True)
                    continue
                if failed := outcome.failed:
                    yield NotDone(number, failed.error)
                    continue
                assert isinstance(outcome.paper, MadePaper)
                if number in there:
                    path = self._folder.path / self._name(task)
                else:
                    path = self._write(task, outcome, made_from[number], wishes)
                if packet is not None:
                    packet.add(self._plans[number], workshop.joined(task, outcome.paper.own), outcome.paper)
                    for extra, made in zip(wishes.extras, outcome.extras, strict=True):
                        if extra == "escort" and isinstance(made, MadePaper):
                            packet.add_more(workshop.joined(replace(task, shared=()), made.own), made)
                extras = tuple(self._folder.path / self._name(task, extra) for extra in wishes.extras)
                yield Done(number, path, outcome.paper.pdf.page_count, number in there, extras)
        if packet is not None and not packet.is_empty:
            self._remember_packet(packet.name)

    def _packet(self, workshop: Workshop, wishes: Wishes) -> Packet:
        assert wishes.packet is not None
        return Packet(self._folder, wishes.packet, self._day, workshop, self._processes, wishes.password)

    def _remember_packet(self, name: str) -> None:
        """`handouts tidy` knows a packet of any name by its hash."""
        with (self._folder.path / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        about = self._folder.keyed(f"packet {self._day.isoformat()} {name}")
        self._folder.record(Record(about, about, found, 0, datetime.now(timezone.utc)))  # noqa: UP017

    def _task(self, plan: Plan) -> Task:
        places = []
        if not plan.plain:
            for composition in plan.shared:
                at = next((at for at, one in enumerate(self._shared) if one is composition), None)
                if at is None:
                    at = len(self._shared)
                    self._shared.append(composition)
                places.append(at)
        token = self._folder.token(plan.patient.reference, self._day)
        return Task(
            plan.patient,
            plan.titles,
            tuple(places),
            plan.shared if plan.plain else (),
            plan.dose,
            token,
            plan.decisions,
            plan.clashes,
        )

    def _no_token_twice(self) -> None:
        tokens = [task.token for task in self._tasks]
        twice = [task for task in self._tasks if tokens.count(task.token) > 1]
        if twice:
            raise MachineError(
                "Two patients would get the same token", "Use another folder: its tokens are others.",
                twice[1].patient.origin,
            )  # fmt: skip

    def _shared_pages(self, tell: Callable[[str], None]) -> SharedPages:
        """Lay out what is shared, once."""
        languages = dict.fromkeys([SOURCE_LANGUAGE, *(plan.patient.language for plan in self._plans)])
        stamps = [self._processes.own.stamp_sheet(language) for language in languages]
        tell(f"{len(self._shared)} papers that are the same for many: laying out what is not kept from last time.")
        pdfs, errors = [], []
        for made in produce_in(self._processes, [*stamps, *self._shared], PdfCache.of_this_user()):
            if isinstance(made, Refused):
                errors.append(made.error)
            else:
                pdfs.append(made.pdf)
        if errors:
            raise errors[0] if len(errors) == 1 else SeveralErrors(errors)
        fonts = {language: StampFont.of(pdf.content) for language, pdf in zip(languages, pdfs, strict=False)}
        language_of = {id(one): plan.patient.language for plan in self._plans for one in plan.shared}
        whole = [
            (pdf, fonts[language_of[id(one)]], style_of(one.format))
            for one, pdf in zip(self._shared, pdfs[len(stamps) :], strict=True)
        ]
        sheets = tuple(made.result() for made in self._processes.each(_taken_apart, whole))
        return SharedPages(sheets, fonts, frozenset(task.token for task in self._tasks))

    def _key(self, task: Task) -> str:
        return self._folder.keyed(f"{self._day.isoformat()} {task.patient.reference}")

    def _name(self, task: Task, extra: Extra | None = None) -> str:
        reference = task.patient.reference
        return self._folder.paper_name(f"{reference} {extra}" if extra else reference, self._day)

    def _is_there(self, record: Record | None, made_from: str, task: Task) -> bool:
        path = self._folder.path / self._name(task)
        return (
            record is not None
            and record.inputs == made_from
            and path.is_file()
            and hashlib.sha256(path.read_bytes()).hexdigest() == record.file
        )

    def _write(self, task: Task, outcome: Outcome, made_from: str, wishes: Wishes) -> Path:
        assert isinstance(outcome.paper, MadePaper)
        for extra, made in zip(wishes.extras, outcome.extras, strict=True):
            assert isinstance(made, MadePaper)
            self._folder.write(self._name(task, extra), _locked(made.pdf.content, wishes.password))
        content = _locked(outcome.paper.pdf.content, wishes.password)
        path = self._folder.write(self._name(task), content)
        self._folder.record(
            Record(
                self._key(task),
                made_from,
                hashlib.sha256(content).hexdigest(),
                outcome.paper.pdf.page_count,
                datetime.now(timezone.utc),  # noqa: UP017
            )
        )
        return path


def _locked(content: bytes, password: str | None) -> bytes:
    return content if password is None else encrypted(content, password)


def _taken_apart(_: Workshop, whole: tuple[Pdf, StampFont, StampStyle]) -> Sheets:
    pdf, font, style = whole
    return Sheets(take_apart(pdf.content, pdf.title, font), style)


def _make(workshop: Workshop, shared: SharedPages, asked: tuple[Task, tuple[Extra, ...]]) -> Outcome:
    task, extras = asked
    here = workshop.having(shared)
    made = Outcome(here.make(task), tuple(here.make_extra(task, extra) for extra in extras))
    keep_what_is_loaded()
    return made
