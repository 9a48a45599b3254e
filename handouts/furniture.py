"""The page's own words, in one language: `content/LANGUAGE/furniture.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from string import Formatter
from typing import Annotated, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from handouts.errors import ContentError, RequestError, nearest
from handouts.evidence import STRENGTHS, Strength
from handouts.library import SOURCE_LANGUAGE, Library
from handouts.patient import ROUTES, Drug, Route
from handouts.reading import read_yaml, validated

Text = Annotated[str, Field(min_length=1)]
DRUGS: tuple[Drug, ...] = get_args(Drug)
_EVERY_STRENGTH = Field(json_schema_extra={"required": list(STRENGTHS)})
_PATTERN_NAMES = {
    "page_of": {"page", "pages"},
    "updated": {"date"},
    "figure": {"number"},
    "people": {"count", "of"},
    "day": {"month", "day", "year"},
    "hours": {"count"},
    "minutes": {"count"},
    "reviewed": {"name", "date", "next"},
    "review_was_due": {"name", "date", "next"},
}
_PERSONAL_NAMES = {
    "hello": {"name"},
    "born": {"date"},
    "reference": {"number"},
    "day_in_words": {"weekday", "month", "day", "year"},
    "weekday_in_words": {"weekday", "month", "day"},
    "morning": {"time"},
    "afternoon": {"time"},
    "at": {"time"},
    "at_one": {"time"},
    "with_clinician": {"clinician"},
    "which_one": {"phone"},
    "before_visit": {"day", "hours"},
    "approved": {"name", "date"},
    "bring_ride": {"who"},
    "clinic": {"phone"},
    "escort_for": {"name"},
    "escort_stay": {"hours"},
    "escort_driving": {"hours"},
    "escort_clinic": {"phone"},
    "looks_like": {"other"},
    "patients_total": {"count", "sheets"},
    "dividers_among_them": {"count"},
}


class Personal(BaseModel):
    """The words of the pages that are made for one patient, and of those that staff keep. Below `personal:`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    your_visit: Annotated[Text, Field(description="The title of the personal page; never with a name.")]
    hello: Annotated[Text, Field(description="Holds {name}: what the patient likes to be called.")]
    born: Annotated[Text, Field(description="Holds {date}.")]
    reference: Annotated[Text, Field(description="Holds {number}: the clinic's own number for the patient.")]
    weekdays: Annotated[tuple[Text, ...], Field(min_length=7, max_length=7, description="From Monday on.")]
    months: Annotated[tuple[Text, ...], Field(min_length=12, max_length=12, description="Whole names, in order.")]
    day_in_words: Annotated[Text, Field(description="Holds {weekday}, {month}, {day} and {year}.")]
    weekday_in_words: Annotated[Text, Field(description="A day near by. Holds {weekday}, {month} and {day}.")]
    morning: Annotated[Text, Field(description="A time before noon. Holds {time}.")]
    afternoon: Annotated[Text, Field(description="A time after noon. Holds {time}.")]
    noon: Text
    at: Annotated[Text, Field(description="Holds {time}.")]
    at_one: Annotated[Text, Field(description="The same for one o'clock, where a language says it otherwise.")]
    after: Annotated[Text, Field(description="Before a time of day from which on something is not allowed.")]
    after_one: Annotated[Text, Field(description="The same for one o'clock.")]
    next_visit: Text
    next_visits: Text
    with_clinician: Annotated[Text, Field(description="Holds {clinician}.")]
    visit_to_fill_in: Annotated[Text, Field(description="Before a line to write day and time on.")]
    papers: Annotated[Text, Field(description="Above the titles of the handouts that follow.")]
    times: Annotated[Text, Field(description="Above the clinic's rules for food, drink and driving.")]
    times_for: Annotated[Mapping[Drug, Text], Field(description="The same for each medicine: its name and times.")]
    if_you_get: Annotated[Mapping[Drug, Text], Field(description="Where it is not known which one the patient gets.")]
    either: Annotated[Text, Field(description="Above rules that are the same for both.")]
    which_one: Annotated[Text, Field(description="Where it is not known. Holds {phone}.")]
    no_food: Text
    no_drink: Text
    stay: Text
    no_driving: Text
    hours_long: Annotated[Text, Field(description="Small, above a number of hours before a dose.")]
    at_least: Annotated[Text, Field(description="Small, above a number of hours after a dose.")]
    before_dose: Text
    before_visit: Annotated[Text, Field(description="Below a clock time. Holds {day} and {hours}.")]
    until_safe: Text
    until_slept: Annotated[Text, Field(description="Always says a restful night's sleep.")]
    driving_to_fill_in: Annotated[Text, Field(description="Before a line that staff fill in.")]
    if_forgotten: Text
    approved: Annotated[Text, Field(description="Holds {name} and {date}.")]
    note: Annotated[Text, Field(description="Above what the clinician wrote.")]
    bring: Text
    bring_list: Text
    bring_ride: Annotated[Text, Field(description="Holds {who}.")]
    bring_sleeves: Text
    bring_news: Text
    bring_questions: Text
    tick: Annotated[Text, Field(description="Above the checklist.")]
    tick_ride: Text
    tick_times: Text
    tick_alcohol: Text
    tick_sprays: Text
    tick_medicines: Text
    who_to_call: Text
    emergency: Text
    emergency_signs: Text
    crisis: Text
    clinic: Annotated[Text, Field(description="Holds {phone}.")]
    clinic_signs: Text
    escort: Annotated[Text, Field(description="The title of the page for the person who takes a patient home.")]
    escort_for: Annotated[Text, Field(description="Holds {name}: what the patient likes to be called.")]
    escort_thanks: Text
    escort_why: Text
    escort_when: Annotated[Text, Field(description="Above the day and time of the visit.")]
    escort_stay: Annotated[Text, Field(description="Holds {hours}.")]
    escort_do: Text
    escort_steps: Annotated[tuple[Text, ...], Field(min_length=1)]
    escort_driving: Annotated[Text, Field(description="Holds {hours}.")]
    escort_watch: Text
    escort_signs: Text
    escort_crisis: Text
    escort_clinic: Annotated[Text, Field(description="Holds {phone}.")]
    escort_clinic_signs: Text
    escort_phone: Annotated[Text, Field(description="Before a line to write on.")]
    clinician_copy: Text
    staff_only: Annotated[Text, Field(description="In the footer of pages with names that stay with staff.")]
    facts: Text
    not_known: Text
    language: Text
    print_size: Text
    standard_print: Text
    route: Text
    routes: Annotated[Mapping[Route, Text], Field(description="The ways to give the medicine.")]
    conditions: Text
    medicines: Text
    clashes: Text
    no_clashes: Text
    kept: Text
    left_out: Text
    section: Text
    why: Text
    manifest: Text
    manifest_check: Annotated[Text, Field(description="What to compare before a paper is handed over.")]
    dividers_among_them: Annotated[Text, Field(description="Holds {count}.")]
    divider: Text
    divider_check: Annotated[Text, Field(description="What to do where two papers with similar names meet.")]
    staff_only_divider: Text
    looks_like: Annotated[Text, Field(description="Holds {other}.")]
    number: Text
    time: Text
    name: Text
    birth_date: Text
    reference_column: Text
    sheets: Text
    done: Annotated[Text, Field(description="Above the boxes to tick.")]
    remarks: Text
    patients_total: Annotated[Text, Field(description="Holds {count} and {sheets}.")]
    nobody: Text

    @model_validator(mode="after")
    def _fills_only_what_it_is_given(self) -> Personal:
        """Raises ValueError for a brace that stands alone or holds another name, and for words that are missing."""
        for key, names in _PERSONAL_NAMES.items():
            _must_fit(getattr(self, key), names)
        for key, kinds in (("times_for", DRUGS), ("if_you_get", DRUGS), ("routes", ROUTES)):
            if missing := [kind for kind in kinds if kind not in getattr(self, key)]:
                raise ValueError(f"{key}: words for {', '.join(missing)} are missing")
        return self


class BrochureWords(BaseModel):
    """The words of brochures' pages. Below `brochure:`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    proof: Annotated[str, Field(pattern=r"\{number\}", description="Across a proof. Holds {number}.")]
    logo: Annotated[str, Field(pattern=r"\{name\}", description="What a logo shows. Holds {name}.")]
    qr: Annotated[str, Field(pattern=r"\{web\}", description="What the QR code opens. Holds {web}.")]
    also_at: Annotated[Text, Field(description="Before the clinic's other locations.")]
    sources: Annotated[str, Field(pattern=r"\{web\}", description="Where the sources are told. Holds {web}.")]
    testimonial: Annotated[Text, Field(description="The heading above what a patient has said.")]
    typical: Annotated[Text, Field(description="Before what is typical, below what a patient has said.")]
    findings: Annotated[Text, Field(description="The heading of the list on a proof.")]
    no_findings: Text


class Furniture(BaseModel):
    """The words of the page itself, in one language: `content/LANGUAGE/furniture.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language_name: Annotated[Text, Field(description="The language in its own words, at the head of its column.")]
    full: Text
    summary: Text
    large_print: Text
    two_languages: Annotated[Text, Field(description="The kind of a paper with two languages side by side.")]
    page_of: Annotated[str, Field(pattern=r"\{page\}.*\{pages\}", description="Holds {page} and {pages}.")]
    updated: Annotated[str, Field(pattern=r"\{date\}", description="Holds {date}.")]
    months: Annotated[tuple[str, ...], Field(min_length=12, max_length=12, description="Short names, in order.")]
    day: Annotated[Text, Field(description="A date. Holds {month}, {day} and {year}.")]
    hour: Annotated[Text, Field(description="One hour.")]
    hours: Annotated[Text, Field(description="Holds {count}.")]
    minutes: Annotated[Text, Field(description="Holds {count}.")]
    together: Annotated[
        tuple[Text, ...], Field(description="Words that stay on one line, such as the telephone number of the FDA.")
    ] = ()
    leaves_with: Annotated[Mapping[str, Text], Field(description="Who takes a patient home, by the clinic's rule.")]
    draft: Annotated[Text, Field(description="In the footer of every page of a text that nobody has signed.")]
    reviewed: Annotated[Text, Field(description="In the footer of a signed text. Holds {name}, {date} and {next}.")]
    review_was_due: Annotated[Text, Field(description="In the footer after that date. Holds the same.")]
    translation_draft: Annotated[
        Text | None,
        Field(description="In place of `draft` in a translation: neither the text nor the translation is reviewed."),
    ] = None
    translation_stale: Annotated[
        Text | None, Field(description="In place of the review, where the English of a translation has changed since.")
    ] = None
    inside: Text
    know: Text
    learning: Text
    words: Text
    figure: Annotated[str, Field(pattern=r"\{number\}", description="Holds {number}.")]
    people: Annotated[str, Field(pattern=r"\{count\}.*\{of\}", description="Holds {count} and {of}.")]
    sureness: Text
    strengths: Annotated[Mapping[Strength, Text], _EVERY_STRENGTH, Field(description="The words beside the dots.")]
    strengths_explained: Annotated[
        Mapping[Strength, Text], _EVERY_STRENGTH, Field(description="What each strength means, for page one.")
    ]
    contested: Annotated[Text, Field(description="Added to a mark where good sources disagree.")]
    sources: Text
    sources_short: Text
    numbers_of_full: Annotated[Text, Field(description="In place of the sources, in large-print summaries.")]
    details_in_standard: Annotated[Text, Field(description="After the short sources, in large-print handouts.")]
    second_hand: Annotated[Text, Field(description="What the star after a source means.")]
    checklist: Text
    safety_short: Text
    full_safety: Text
    not_a_substitute: Text
    questions: Text
    my_notes: Text
    emergency: Text
    emergency_phone: Text
    crisis: Text
    crisis_line: Annotated[Text, Field(description="The crisis line, for a clinic that has not written its own.")]
    call_us: Text
    after_hours: Text
    locations: Text
    web: Text
    personal: Annotated[
        Personal | None, Field(description="The words of personal pages. Without them no such page can be made.")
    ] = None
    brochure: Annotated[
        BrochureWords | None, Field(description="The words of brochures. Without them none can be made.")
    ] = None

    @field_validator(*_PATTERN_NAMES)
    @classmethod
    def _fills_only_what_it_is_given(cls, pattern: str, about: ValidationInfo) -> str:
        """Raises ValueError for a brace that stands alone or holds another name."""
        _must_fit(pattern, _PATTERN_NAMES[str(about.field_name)])
        return pattern

    @field_validator("leaves_with")
    @classmethod
    def _has_everyone_who_may_take_a_patient_home(cls, words: Mapping[str, str]) -> Mapping[str, str]:
        if missing := [who for who in ("adult", "driver") if who not in words]:
            raise ValueError(f"words for {', '.join(missing)} are missing")
        return words

    @field_validator("strengths", "strengths_explained")
    @classmethod
    def _has_every_strength(cls, words: Mapping[Strength, str]) -> Mapping[Strength, str]:
        if missing := [strength for strength in STRENGTHS if strength not in words]:
            raise ValueError(f"words for {', '.join(missing)} are missing")
        return words

    def month(self, day: date) -> str:
        """A date as the page shows it, such as "Nov 2026"."""
        return f"{self.months[day.month - 1]} {day.year}"

    def whole_date(self, day: date) -> str:
        """A whole date, such as "Nov 22, 2026"."""
        return self.day.format(month=self.months[day.month - 1], day=day.day, year=day.year)

    def duration(self, hours: float) -> str:
        """A time in hours, such as "8 hours"; in minutes if it is not a whole number of them."""
        if hours == int(hours):
            return self.hour if hours == 1 else self.hours.format(count=int(hours))
        return self.minutes.format(count=round(hours * 60))


def _must_fit(pattern: str, names: set[str]) -> None:
    """Raises ValueError for a pattern with a brace that stands alone or holds another name."""
    found = {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}
    if not found <= names:
        raise ValueError(f"“{pattern}” may hold only {{{'}, {'.join(sorted(names))}}}")


def load_furniture(library: Library, language: str) -> Furniture:
    """The page's own words in a language. Raises ContentError with file and line."""
    path = library.find("content", f"{language}/furniture.yaml")
    if path is None or language not in library.languages():
        raise RequestError(
            f"There is no page furniture in the language “{language}”",
            nearest(language, library.languages()),
        )
    written = read_yaml(path, ContentError)
    furniture = validated(written, Furniture, ContentError)
    if language != SOURCE_LANGUAGE and not (furniture.translation_draft and furniture.translation_stale):
        raise ContentError(
            "The words for a translation that is not reviewed, or older than the English, are missing",
            "Add `translation_draft:` and `translation_stale:`.",
            written.origin("draft"),
        )
    return furniture
