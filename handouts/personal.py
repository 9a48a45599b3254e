"""The pages made for one patient, and the list of a day: what stands on them, ready to be laid out.

The personal page comes first in a patient's paper. The page for the ride home says nothing of why a person is treated;
the clinician's copy says why each section was kept; the manifest is the list that staff tick off. Facts about a patient
are printed as given: Jinja escapes them, and nothing in them is read as a blank, a template or HTML.

At the foot of each page the right corner stays empty: joining stamps the token and the page number there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from weakref import WeakKeyDictionary

from markupsafe import Markup

from handouts import pictures
from handouts.clinic import unbroken
from handouts.composing import Composition, faces_of, kept_together, sheets_of, styles_of
from handouts.errors import ContentError, Origin
from handouts.fonts import FALLBACK, FontFace, font_faces
from handouts.formats import (
    CLINICIAN_COPY,
    DIVIDER,
    ESCORT,
    ESCORT_LARGE,
    MANIFEST,
    PERSONAL,
    PERSONAL_LARGE,
    Format,
    Paper,
)
from handouts.furniture import DRUGS, Personal, load_furniture
from handouts.house import House
from handouts.library import SOURCE_LANGUAGE
from handouts.notes import note_as_html
from handouts.patient import Drug, Patient, Visit
from handouts.protocol import rule_in_words
from handouts.templating import Templates

_SHORT_NOTE = 700  # letters; a longer one is not squeezed onto one page


class Decided(Protocol):
    """What tailoring decided about a section, and why in a few words."""

    @property
    def title(self) -> str: ...
    @property
    def kept(self) -> bool: ...
    @property
    def why(self) -> str: ...


class Clashing(Protocol):
    """Facts that do not go together, and what to do about it."""

    @property
    def problem(self) -> str: ...
    @property
    def remedy(self) -> str: ...
    @property
    def detail(self) -> str: ...


@dataclass(frozen=True, repr=False)
class ManifestRow:
    """One patient on the list of a day: two things to know them by, and what of paper is theirs.

    `looks_like` names whom they could be taken for, such as “no. 4”. The `repr` shows the number only.
    """

    number: int
    name: str
    born: date | None
    reference: str
    time: time | None
    sheets: int
    language: str = SOURCE_LANGUAGE
    large: bool = False
    looks_like: str | None = None

    def __repr__(self) -> str:
        return f"<row {self.number} of the manifest>"


@dataclass(frozen=True)
class Totals:
    """What a packet holds besides its manifest; so many of the sheets are dividers."""

    patients: int
    sheets: int
    dividers: int = 0


@dataclass(frozen=True)
class Rule:
    """One of the clinic's rules as a tile: “No food” “after” “1:30 am” “on Sunday…”, read in one go."""

    title: str
    before: str
    big: str
    small: str
    stop: bool = True


@dataclass(frozen=True)
class MedicineTimes:
    """The clinic's rules for one medicine, under their title; `either` says that they hold for both."""

    title: str
    rules: tuple[Rule, ...]
    either: bool = False


@dataclass(frozen=True)
class ShownVisit:
    """A visit in words. What is not known is empty."""

    day: str
    at: str
    clinician: str


@dataclass(frozen=True)
class _Dress:
    """What all pages of a house in one format share: read once."""

    logo: str | None
    styles: Markup
    faces: tuple[FontFace, ...]
    sheets: tuple[Path, ...]
    roots: tuple[Path, ...]


# A house has its templates to itself: what belongs to it goes when it goes.
_dresses: WeakKeyDictionary[Templates, dict[Format, _Dress]] = WeakKeyDictionary()


def compose_personal(
    patient: Patient, house: House, large: bool, paper: Paper, plan: tuple[str, ...], dose: bool = True
) -> Composition:
    """The page that comes first in a patient's paper; `plan` are the titles of the handouts that follow.

    Without a `dose` at the visit (a talk only) there are no rules for food and driving on it. The house must speak the
    patient's language. Raises ClinicError for a rule that the clinic has not set, ContentError if the language has no
    words for personal pages.
    """
    words = personal_words(house)
    form = PERSONAL_LARGE if large else PERSONAL
    if len(patient.note) > _SHORT_NOTE:
        form = replace(form, pages=None, pages_at_most=None)
    drugs = (patient.drug,) if patient.drug else DRUGS
    values: dict[str, object] = {
        "patient": patient,
        "born": day_in_words(patient.born, words) if patient.born else "",
        "visits": tuple(_shown(visit, words) for visit in patient.visits),
        "plan": plan,
        "dose": dose,
        "times": _same_once(tuple(_times(drug, patient, house) for drug in drugs), words) if dose else (),
        "esketamine": "esketamine" in drugs,
        "who": _rule(house, "who takes you home") if dose else "",
        "approval": _approval(house) if dose else "",
        "note": note_as_html(patient.note),
    }
    return _composed(house, form, paper, words.your_visit, patient.origin, values)


def compose_escort(patient: Patient, house: House, large: bool, paper: Paper) -> Composition:
    """The page for the person who drives home. It holds no reason for the treatment, and of the name only what the
    patient likes to be called: nothing if that is not known.

    Raises what `compose_personal` raises.
    """
    words = personal_words(house)
    if patient.drug:
        hours = {key: _rule(house, f"{key} after {patient.drug}") for key in ("stay", "no driving")}
    else:
        hours = {key: _rule(house, key) for key in ("stay", "no driving")}  # the longer of both
    values: dict[str, object] = {
        "called": patient.preferred_name or "",
        "visits": tuple(_shown(replace(visit, clinician=None), words) for visit in patient.visits[:1]),
        "stay": hours["stay"],
        "driving": hours["no driving"],
        "approval": _approval(house),
    }
    return _composed(house, ESCORT_LARGE if large else ESCORT, paper, words.escort, patient.origin, values)


def compose_clinician_copy(
    patient: Patient, house: House, decisions: Sequence[Decided], clashes: Sequence[Clashing], paper: Paper
) -> Composition:
    """What a patient's paper was made from, why each section was kept or left out, and what to talk about first.

    Raises ContentError if the language has no words for it.
    """
    words = personal_words(house)
    values: dict[str, object] = {
        "patient": patient,
        "born": day_in_words(patient.born, words) if patient.born else "",
        "visits": tuple(_shown(visit, words) for visit in patient.visits),
        "kept": tuple(row for row in decisions if row.kept),
        "left_out": tuple(row for row in decisions if not row.kept),
        "clashes": tuple(clashes),
        "reads": load_furniture(house.clinic.library, patient.language).language_name,
    }
    return _composed(house, CLINICIAN_COPY, paper, words.clinician_copy, patient.origin, values)


def compose_manifest(
    rows: Sequence[ManifestRow], house: House, day: date, paper: Paper, totals: Totals | None = None
) -> Composition:
    """The list of a day's papers to tick off, in the order they are printed. No diagnosis is on it.

    A list that is only a part needs the `totals` of the whole. Raises ContentError if the language has no words for it.
    """
    totals = totals or Totals(len(rows), sum(row.sheets for row in rows))
    words = personal_words(house)
    values: dict[str, object] = {
        "rows": tuple(rows),
        "day": day_in_words(day, words),
        "born_of": {row.number: _plain_day(row.born, house) for row in rows},
        "time_of": {row.number: clock(row.time, words) if row.time else "" for row in rows},
        "totals": totals,
    }
    return _composed(house, MANIFEST, paper, words.manifest, Origin(house.clinic.folder), values)


def compose_divider(house: House, paper: Paper) -> Composition:
    """The sheet between two papers whose names are easily confused. It names nobody.

    Raises ContentError if the language has no words for it.
    """
    words = personal_words(house)
    return _composed(house, DIVIDER, paper, words.divider, Origin(house.clinic.folder), {})


def unprintable(text: str, house: House) -> str:
    """The characters of a text that the house's fonts do not hold, each once, in order. White space is no character.

    A letter must be in the text font and the heading font, or in the fallback: names are printed in both.
    """
    known = printable_letters(house.clinic.brand.heading_font, house.clinic.brand.text_font)
    return "".join(dict.fromkeys(sign for sign in text if ord(sign) not in known and sign not in " \n\r\t\xa0"))


@lru_cache(maxsize=8)
def printable_letters(heading: str, text: str) -> frozenset[int]:
    """Every character that can be printed in both families. Raises ClinicError if one is not installed."""
    return _letters(FALLBACK) | (_letters(heading) & _letters(text))


@lru_cache(maxsize=8)
def _letters(family: str) -> frozenset[int]:
    """Every character that all upright files of a family hold: bold type is printed too."""
    from fontTools.ttLib import TTFont  # slow to import

    found: frozenset[int] | None = None
    for face in font_faces(family, Origin(Path())):
        if face.style != "normal":
            continue
        with TTFont(face.path, lazy=True) as font:
            held = frozenset(font.getBestCmap())
        found = held if found is None else found & held
    return found or frozenset()


def personal_words(house: House) -> Personal:
    """The words of personal pages in the house's language. Raises ContentError if there are none."""
    words = house.furniture.personal
    if words is None:
        path = house.clinic.library.find("content", f"{house.language}/furniture.yaml")
        raise ContentError(
            "There are no words for personal pages in this language",
            "Add `personal:` with the keys that our content/en/furniture.yaml has.",
            Origin(path) if path else None,
        )
    return words


def day_in_words(day: date, words: Personal) -> str:
    """A whole date, such as “Sunday, November 22, 2026” or “domingo 22 de noviembre de 2026”."""
    return words.day_in_words.format(**_parts(day, words), year=day.year)


def clock(at: time, words: Personal) -> str:
    """A time of day as people say it: “1:30 am”, “12 noon”; it stays on one line."""
    if (at.hour, at.minute) == (12, 0):
        return unbroken(words.noon).replace(" ", "\N{NO-BREAK SPACE}")
    pattern = words.morning if at.hour < 12 else words.afternoon
    return pattern.format(time=f"{at.hour % 12 or 12}:{at.minute:02}").replace(" ", "\N{NO-BREAK SPACE}")


def last_moment(day: date, at: time, hours: float) -> datetime:
    """From when on nothing may be taken, counted back from a visit: the earliest time that the dose can be given.

    Midnight could be read as the one before or after: a minute earlier cannot, and is on the safe side.
    """
    moment = datetime.combine(day, at) - timedelta(hours=hours)
    return moment - timedelta(minutes=1) if (moment.hour, moment.minute) == (0, 0) else moment


def _parts(day: date, words: Personal) -> dict[str, object]:
    return {"weekday": words.weekdays[day.weekday()], "month": words.months[day.month - 1], "day": day.day}


def _plain_day(day: date | None, house: House) -> str:
    return house.furniture.whole_date(day) if day else ""


def _is_one(at: time) -> bool:
    return at.hour % 12 == 1


def _shown(visit: Visit, words: Personal) -> ShownVisit:
    at = ""
    if visit.at is not None:
        at = (words.at_one if _is_one(visit.at) else words.at).format(time=clock(visit.at, words))
    return ShownVisit(
        day_in_words(visit.day, words) if visit.day else "",
        at,
        words.with_clinician.format(clinician=visit.clinician) if visit.clinician else "",
    )


def _rule(house: House, blank: str) -> str:
    return rule_in_words(house.clinic, house.furniture, blank, house.today)


def _approval(house: House) -> str:
    """Who approved the clinic's rules, and from when on they hold."""
    name, day = _rule(house, "protocol approved by"), _rule(house, "protocol in force from")
    return personal_words(house).approved.format(name=name, date=day)


def _times(drug: Drug, patient: Patient, house: House) -> MedicineTimes:
    """The clinic's rules for a medicine.

    Times before the dose become times of day if the visit has one: it can only be stricter, as the dose comes later.
    Times after it do not, as they would be too short; staff write that time down.
    """
    words = personal_words(house)
    visit = next((visit for visit in patient.visits if visit.day and visit.at), None)

    def before(title: str, blank: str, key: str) -> Rule:
        hours = _rule(house, f"{blank} before {drug}")
        protocol = house.clinic.protocol
        number = protocol.value(f"{drug}.{key}") if protocol else None
        if visit is None or visit.day is None or visit.at is None or not isinstance(number, float):
            return Rule(title, words.hours_long, hours, words.before_dose)
        moment = last_moment(visit.day, visit.at, number)
        day = words.weekday_in_words.format(**_parts(moment.date(), words))
        return Rule(
            title,
            words.after_one if _is_one(moment.time()) else words.after,
            clock(moment.time(), words),
            words.before_visit.format(day=day, hours=hours),
        )

    def after(title: str, blank: str, small: str) -> Rule:
        return Rule(title, words.at_least, _rule(house, f"{blank} after {drug}"), small)

    return MedicineTimes(
        (words.times_for if patient.drug else words.if_you_get)[drug],
        (
            before(words.no_food, "no food", "no_food_hours"),
            before(words.no_drink, "no drink", "no_drink_hours"),
            replace(after(words.stay, "stay", words.until_safe), stop=False),
            after(words.no_driving, "no driving", words.until_slept),
        ),
    )


def _same_once(times: tuple[MedicineTimes, ...], words: Personal) -> tuple[MedicineTimes, ...]:
    """The rules of both medicines: those for the time after the dose once, if they are the same."""
    if len(times) == 1 or len({row.rules[2:] for row in times}) > 1:
        return times
    return (
        *(replace(row, rules=row.rules[:2]) for row in times),
        MedicineTimes(words.either, times[0].rules[2:], True),
    )


def _composed(
    house: House, form: Format, paper: Paper, title: str, origin: Origin, values: Mapping[str, object]
) -> Composition:
    dress = _dress(house, form)
    draft = house.furniture.draft if house.language == SOURCE_LANGUAGE else house.furniture.translation_draft
    given = {
        "title": title,
        "language": house.language,
        "clinic": house.clinic,
        "furniture": house.furniture,
        "words": personal_words(house),
        "paper": paper,
        "format": form,
        "logo": dress.logo,
        "styles": dress.styles,
        "draft": draft,
        **values,
    }
    return Composition(
        slug=form.name,
        title=title,
        html=kept_together(house.templates.fill(form.template, given), set(house.furniture.together)),
        format=form,
        paper=paper,
        faces=dress.faces,
        roots=dress.roots,
        base=house.clinic.library.clinic,
        sheets=dress.sheets,
        titles={},
        origin=origin,
    )


def _dress(house: House, form: Format) -> _Dress:
    # A long note changes the pages a form may have, not its styles.
    key = replace(form, pages=None, pages_at_most=None)
    mine = _dresses.setdefault(house.templates, {})
    if key not in mine:
        brand, library = house.clinic.brand, house.clinic.library
        faces = faces_of(brand)
        mine[key] = _Dress(
            logo=pictures.logo(brand),
            styles=Markup(styles_of(house.clinic, form)),
            faces=faces,
            sheets=tuple(sheets_of(library, form)),
            roots=(*library.roots(), *sorted({face.path.parent for face in faces})),
        )
    return mine[key]
