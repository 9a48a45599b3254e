"""What patients have said about the clinic: printed only with their consent, and with what is typical beside it.

Source: FTC, Guides Concerning the Use of Endorsements and Testimonials (16 CFR 255.2): one person's result is taken for
what all may expect, so what is usual has to stand with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from handouts.brochures.content import Brochure, Panel, Part
from handouts.clinic import Clinic
from handouts.errors import ClinicError, HandoutError, raise_all
from handouts.handout import Prose
from handouts.library import SOURCE_LANGUAGE, is_file
from handouts.prose import citations, read_line
from handouts.reading import read_toml, validated

FILE = "testimonials.toml"


@dataclass(frozen=True)
class Testimonial:
    """Somebody's words, as who is to be named under them, and what is typical instead, with its claim."""

    words: Prose
    by: str
    typical: Prose


class TestimonialRow(BaseModel):
    """A table `[[testimonials]]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: Annotated[Mapping[str, str], Field(description='What was said: { en = "…", es = "…" }.')]
    by: Annotated[str, Field(min_length=1, description="As agreed with the person, such as “A patient, 2026”.")]
    consent_on: Annotated[date, Field(strict=True, description="When the person signed that it may be printed.")]
    typical: Annotated[
        Mapping[str, str], Field(description="What is typical, with a claim of the ledger: [@not-everyone].")
    ]


class TestimonialsFile(BaseModel):
    """`testimonials.toml` in a clinic's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    testimonials: tuple[TestimonialRow, ...] = ()


def load_testimonials(clinic: Clinic, language: str, today: date) -> tuple[Testimonial, ...]:
    """What may be printed in a language. Raises ClinicError for words without a consent that has been given already,
    without a claim behind what is typical, or without words in the language; all of it at once.
    """
    path = clinic.folder / FILE
    if not is_file(path):
        return ()
    written = read_toml(path, ClinicError)
    errors: list[HandoutError] = []
    found = []
    for at, row in enumerate(validated(written, TestimonialsFile, ClinicError).testimonials):
        where = written.origin("testimonials", at)
        if row.consent_on > today:
            errors.append(
                ClinicError(
                    f"Nobody has agreed yet to print these words: the consent is of {row.consent_on}",
                    "Print them from that day on, or mend the date.",
                    where,
                )
            )
            continue
        words = row.words.get(language)
        typical = row.typical.get(language)
        if words is None or typical is None:
            errors.append(
                ClinicError(
                    f"There are no words in “{language}” for this testimonial",
                    f'Add {language} = "…" under `words` and `typical`. In English: {row.words.get(SOURCE_LANGUAGE)}',
                    where,
                )
            )
            continue
        prose = read_line(typical, where)
        if not citations(prose.html):
            errors.append(
                ClinicError(
                    "What is typical rests on nothing", "Cite a claim of the ledger, such as [@not-everyone].", where
                )
            )
            continue
        found.append(Testimonial(read_line(words, where), row.by, prose))
    raise_all(errors)
    return tuple(found)


def with_testimonials(
    brochure: Brochure, testimonials: tuple[Testimonial, ...], heading: str, typical: str
) -> Brochure:
    """The same brochure with these words on the panel that tells of benefits, each with what is typical below it."""
    if not testimonials:
        return brochure
    at = next((at for at, panel in enumerate(brochure.panels) if panel.tells_benefits), 3)
    parts = tuple(
        Part(
            heading,
            Prose(f"“{row.words.html}” {escape(row.by)}", row.words.origin),
            (Prose(f"<b>{typical}</b> {row.typical.html}", row.typical.origin),),
            "benefit",
            "box",
        )
        for row in testimonials
    )
    panel: Panel = replace(brochure.panels[at], parts=(*brochure.panels[at].parts, *parts))
    return replace(brochure, panels=(*brochure.panels[:at], panel, *brochure.panels[at + 1 :]))
