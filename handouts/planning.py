"""From patients to what each one's paper is made of. Nothing is laid out here; all that is wrong is found here.

Two patients with the same kit and the same reasons share every page but their own: such a page is a `Composition`
without any fact of a patient in it, and is laid out once however many get it.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from handouts.clinic import Clinic, VisitType
from handouts.composing import Composition, compose
from handouts.content import handout_names, load_handout
from handouts.errors import HandoutError, IntakeError, SeveralErrors, nearest
from handouts.formats import FORMATS, Format, Paper
from handouts.handout import Handout
from handouts.house import House, Houses
from handouts.intake import Intake
from handouts.medicines import MedicineClasses, load_medicines
from handouts.patient import Patient
from handouts.personal import unprintable
from handouts.reviewing import review_of
from handouts.tailoring import (
    Clash,
    Decision,
    TailoredHandout,
    Vocabulary,
    clashes,
    handouts_for,
    slug_of,
    tailor,
    vocabulary_of,
)
from handouts.translating import translations_of

_FULL_MARK = " full"
_ALIKE = 0.8  # of the letters of two names, in their order


@dataclass(frozen=True, repr=False)
class Plan:
    """One patient's paper: the pages that others get too, and what was decided for this patient.

    `shared` are compositions in the order in which their pages stand behind the patient's own page. With `plain`, they
    hold facts of the patient, because the clinic's own templates print some: they are laid out for this patient alone.
    """

    patient: Patient
    titles: tuple[str, ...]
    shared: tuple[Composition, ...]
    decisions: tuple[Decision, ...]
    clashes: tuple[Clash, ...]
    dose: bool
    plain: bool

    @property
    def large(self) -> bool:
        return self.patient.large_print


@dataclass
class Planner:
    """Plans papers of one clinic for one day. What patients have in common is read and composed once."""

    houses: Houses
    paper: Paper
    _handouts: dict[tuple[str, str], Handout] = field(default_factory=dict)
    _vocabularies: dict[tuple[str, frozenset[str]], Vocabulary] = field(default_factory=dict)
    _compositions: dict[object, Composition] = field(default_factory=dict)
    _decisions: dict[tuple[Decision, ...], tuple[Decision, ...]] = field(default_factory=dict)  # many have the same
    _classes: MedicineClasses | None = None

    @property
    def clinic(self) -> Clinic:
        return self.houses.clinic

    def plans(self, intake: Intake) -> tuple[tuple[Plan, ...], tuple[HandoutError, ...]]:
        """A plan for each patient who can have one, and everything that is wrong with the others."""
        plans, problems = [], list(intake.problems)
        for patient in intake.patients:
            try:
                plans.append(self.plan(patient))
            except SeveralErrors as several:
                problems.extend(_in_the_row(error, patient) for error in several.errors)
            except HandoutError as error:
                problems.append(_in_the_row(error, patient))
        return tuple(plans), tuple(dict.fromkeys(problems))

    def plan(self, patient: Patient) -> Plan:
        """Raises HandoutError, with the row, for whatever keeps this patient from having a paper."""
        if patient.language not in self.clinic.library.languages():
            known = ", ".join(sorted(self.clinic.library.languages()))
            raise IntakeError(f"There are no papers in “{patient.language}”", f"There are: {known}.", patient.origin)
        house = self.houses.speaking(patient.language)
        clinicians = " ".join(visit.clinician or "" for visit in patient.visits)
        columns = {"name": patient.name, "preferred_name": patient.called, "note": patient.note}
        for column, text in {**columns, "reference": patient.reference, "clinician": clinicians}.items():
            if strange := unprintable(text, house):
                codes = ", ".join(f"U+{ord(sign):04X}" for sign in strange[:5])
                raise IntakeError(
                    f"No font of the clinic holds {len(strange)} of the characters under “{column}” ({codes})",
                    "Write them in letters that can be printed, or choose a font that holds them.",
                    patient.origin,
                )
        kit, visit = self._kit(patient)
        forms = dict(_form_of(entry, patient.large_print) for entry in kit)
        if self._classes is None:
            self._classes = load_medicines(self.clinic.library)
        slugs = self._handouts_for(patient, tuple(forms))
        tailored = [self._tailored(slug, patient) for slug in slugs]
        plain = self._prints_patients()
        shared = tuple(
            self._composition(one, forms.get(one.handout.slug, FORMATS[("summary", patient.large_print)]), house,
                              patient if plain else None)
            for one in tailored
        )  # fmt: skip
        found = [*clashes(patient, house.clinic, self._classes), *(row for one in tailored for row in one.findings)]
        decisions = tuple(dict.fromkeys(decision for one in tailored for decision in one.decisions))
        return Plan(
            patient,
            tuple(one.handout.title for one in tailored),
            shared,
            self._decisions.setdefault(decisions, decisions),
            tuple(dict.fromkeys(found)),
            visit.dose if visit else True,
            plain,
        )

    def _kit(self, patient: Patient) -> tuple[tuple[str, ...], VisitType | None]:
        """The entries of the row itself, else of its visit type, such as “your-treatment-day full”."""
        visit = None
        if patient.visit_type is not None:
            visit = self.clinic.visits.get(patient.visit_type)
            if visit is None:
                raise IntakeError(
                    f"There is no visit type “{patient.visit_type}”",
                    f"{nearest(patient.visit_type, self.clinic.visits)} They stand in clinic.toml, as [visits.NAME].",
                    patient.origin,
                )
        entries = patient.handouts or (visit.handouts if visit else ())
        if not entries:
            raise IntakeError(
                "Neither a visit type nor handouts are named",
                "Name one of the two: what should this person get?",
                patient.origin,
            )
        known = handout_names(self.clinic.library, patient.language)
        for entry in entries:
            slug = entry.removesuffix(_FULL_MARK).strip()
            if slug not in known:
                raise IntakeError(
                    f"There is no handout “{slug}” in “{patient.language}”", nearest(slug, known), patient.origin
                )
        return entries, visit

    def _handouts_for(self, patient: Patient, kit: tuple[str, ...]) -> tuple[str, ...]:
        """The words of a row are looked for in the handouts that it names; in all others only where they are not there,
        to say what is near.
        """
        names = handout_names(self.clinic.library, patient.language)
        named = (*kit, *(slug for slug in map(slug_of, patient.include) if slug in names))
        try:
            return handouts_for(patient, kit, self._vocabulary(patient.language, named))
        except HandoutError:
            return handouts_for(patient, kit, self._vocabulary(patient.language, names))

    def _vocabulary(self, language: str, names: tuple[str, ...]) -> Vocabulary:
        key = (language, frozenset(names))
        if key not in self._vocabularies:
            self._vocabularies[key] = vocabulary_of(self._handout(name, language) for name in names)
        return self._vocabularies[key]

    def _handout(self, slug: str, language: str) -> Handout:
        key = (slug, language)
        if key not in self._handouts:
            self._handouts[key] = load_handout(self.clinic.library, slug, language)
        return self._handouts[key]

    def _tailored(self, slug: str, patient: Patient) -> TailoredHandout:
        assert self._classes is not None
        return tailor(self._handout(slug, patient.language), patient, self._classes)

    def _composition(self, one: TailoredHandout, form: Format, house: House, patient: Patient | None) -> Composition:
        key = (one.handout.slug, one.left_out, form, house.language)
        if patient is None and key in self._compositions:
            return self._compositions[key]
        whole = self._handout(one.handout.slug, house.language)
        for translation in translations_of(whole, house.clinic.library):
            if translation.is_stale:
                raise IntakeError(translation.problem, "Translate what changed, or print it alone with --stale.")
        review = review_of(whole, house)
        made = compose(one.handout, house, form, self.paper, review, patient=patient, joined=True)
        if patient is None:
            self._compositions[key] = made
        return made

    def _prints_patients(self) -> bool:
        """Whether a clinic's own template prints facts of a patient on pages that others would get too."""
        library = self.clinic.library
        return any(
            "patient" in path.read_text(encoding="utf-8", errors="replace")
            for form in {form.template for form in FORMATS.values()} | {"page.html", "parts.html"}
            if library.is_overridden("templates", form) and (path := library.find("templates", form))
        )


def look_alikes(patients: Sequence[Patient]) -> dict[int, int]:
    """For each row whose name is easily taken for another's, the other row (both counted from 0).

    The same names in another order, the same family name with the same first letter, or four fifths of all letters in
    names that begin alike.
    """
    names = [_letters(patient.name) for patient in patients]
    seen: dict[tuple[object, ...], list[int]] = {}  # so that not everybody is compared with everybody
    found: dict[int, int] = {}
    for at, name in enumerate(names):
        if not name:
            continue
        first, last = name[0], name[-1]
        for key in (("words", *sorted(name)), ("family", last, first[0]), ("beginnings", first[:2], last[:2])):
            for other in seen.get(key, ()):
                if key[0] != "beginnings" or _alike(name, names[other]):
                    found.setdefault(at, other)
                    found.setdefault(other, at)
                    break
            seen.setdefault(key, []).append(at)
    return found


def _letters(name: str) -> tuple[str, ...]:
    """A name in its words, without accents and capitals."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return tuple(re.findall(r"\w+", plain.casefold()))


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return difflib.SequenceMatcher(None, " ".join(one), " ".join(other)).ratio() > _ALIKE


def _form_of(entry: str, large: bool) -> tuple[str, Format]:
    name = "full" if entry.endswith(_FULL_MARK) else "summary"
    return entry.removesuffix(_FULL_MARK).strip(), FORMATS[(name, large)]


def _in_the_row(error: HandoutError, patient: Patient) -> HandoutError:
    """The same error with the row it concerns, if it stands nowhere yet."""
    if error.where is not None:
        return error
    return type(error)(error.problem, error.remedy, patient.origin)
