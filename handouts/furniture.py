"""The page's own words, in one language: `content/LANGUAGE/furniture.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from string import Formatter
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from handouts.errors import ContentError, RequestError, nearest
from handouts.evidence import STRENGTHS, Strength
from handouts.library import SOURCE_LANGUAGE, Library
from handouts.reading import read_yaml, validated

Text = Annotated[str, Field(min_length=1)]
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

    @field_validator(*_PATTERN_NAMES)
    @classmethod
    def _fills_only_what_it_is_given(cls, pattern: str, about: ValidationInfo) -> str:
        """Raises ValueError for a brace that stands alone or holds another name."""
        names = _PATTERN_NAMES[str(about.field_name)]
        found = {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}
        if not found <= names:
            raise ValueError(f"“{pattern}” may hold only {{{'}, {'.join(sorted(names))}}}")
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
