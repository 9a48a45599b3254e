"""A clinic: its name and contact lines, its brand, and the shelves its folder adds to ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from handouts.brand import PHOTO_KINDS, Brand, Line, Looks, Table, asset, read_brand
from handouts.errors import ClinicError, Origin
from handouts.library import SOURCE_LANGUAGE, Library, bundled_root, is_file, is_folder, sample_clinic
from handouts.reading import read_toml, validated

SETTINGS = "clinic.toml"
SIGN_OFFS = "sign-offs"  # the folder of signatures under texts
_WORD = re.compile(r"[^\W\d_]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def _in_the_language(written: Any, about: ValidationInfo) -> Any:
    """The words for the language that the clinic is read in, of a line that has words for several.

    Raises ValueError for a language that is none, for an empty line, and where the English is missing.
    """
    if not isinstance(written, Mapping):
        return written
    if strange := [key for key in written if not _LANGUAGE.fullmatch(str(key))]:
        raise ValueError(f'“{strange[0]}” is no language; write {{ en = "…", es = "…" }}')
    if SOURCE_LANGUAGE not in written:
        raise ValueError(f"words for {SOURCE_LANGUAGE} are missing")
    if any(not isinstance(words, str) or not words.strip() for words in written.values()):
        raise ValueError("each language needs words, in quotation marks")
    return written.get((about.context or {}).get("language", SOURCE_LANGUAGE), written[SOURCE_LANGUAGE])


# A line of the clinic's own: one for all languages, or a table with the words for each.
SpokenLine = Annotated[
    Line,
    BeforeValidator(_in_the_language),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "object",
                    "required": [SOURCE_LANGUAGE],
                    "additionalProperties": {"type": "string", "minLength": 1},
                },
            ]
        }
    ),
]
_PHONE_GAP = re.compile(r"(?<=\d\)) (?=\d)|(?<=\d) (?=\d{2})")
_TIME_GAP = re.compile(r"(?<=\d) (?=[ap]\.? ?m\b)|(?<=[ap]\.) (?=m\b)", re.IGNORECASE)


class Location(Table):
    """One place where the clinic sees patients. The first one in the file is the main one."""

    name: Annotated[Line, Field(description="How this place is called, for example “Downtown”.")]
    address: Annotated[tuple[Line, ...], Field(min_length=1, description="The lines of the address.")]
    phone: Annotated[Line, Field(description="As patients should dial it, for example “(555) 010-0142”.")]
    hours: Annotated[
        SpokenLine, Field(description="When someone answers, for example “Monday to Friday, 8 am to 5 pm”.")
    ]


class Names(Table):
    """The table `[clinic]`: what the clinic is called, and the lines that every paper carries."""

    name: Annotated[Line, Field(description="The clinic's name, as it stands at the head of every paper.")]
    legal: Annotated[SpokenLine | None, Field(description="A legal line for the foot of every paper.")] = None
    web: Annotated[str | None, Field(description="Web address, without https://.")] = None
    crisis: Annotated[
        SpokenLine | None, Field(description="The crisis line, as a sentence. In the US, and if left out: 988.")
    ] = None


class Photo(Table):
    """A table `[photos.NAME]`: a photo for brochures. Nobody is shown one without its description."""

    file: Annotated[Line, Field(description="A file in the clinic's assets/ folder: JPEG or PNG.")]
    alt: Annotated[SpokenLine, Field(description="What it shows, for people who cannot see it.")]
    credit: Annotated[SpokenLine, Field(description="Who took it, and by what right it is printed.")]


Hours = Annotated[float, Field(gt=0, le=168, strict=True)]


class MedicineRules(Table):
    """The tables `[protocol.ketamine]` and `[protocol.esketamine]`: the clinic's own rules, in hours."""

    no_food_hours: Annotated[Hours | None, Field(description="No food for so many hours before a dose.")] = None
    no_drink_hours: Annotated[Hours | None, Field(description="No drink before a dose; 0.5 is half an hour.")] = None
    stay_hours: Annotated[Hours | None, Field(description="Stay at least so long after a dose.")] = None
    no_driving_hours: Annotated[
        Hours | None, Field(description="No driving after a dose. A restful sleep is always asked for too.")
    ] = None


class Protocol(Table):
    """The table `[protocol]`: what differs from clinic to clinic. It is data with a name under it, never a default."""

    approved_by: Annotated[SpokenLine, Field(description="Who approved these rules: name and role.")]
    approved_on: Annotated[date, Field(strict=True, description="When, such as 2026-11-02.")]
    in_force_from: Annotated[date, Field(strict=True, description="From when they are in force.")]
    after_hours: Annotated[SpokenLine | None, Field(description="Whom to call when you are closed, with a number.")] = (
        None
    )
    leaves_with: Annotated[
        Literal["adult", "driver", "alone"] | None,
        Field(description="adult: an adult the patient knows. driver: anyone who drives them. alone: refused."),
    ] = None
    ketamine: MedicineRules = MedicineRules()
    esketamine: MedicineRules = MedicineRules()

    def value(self, key: str) -> float | str | date | None:
        """What stands under a key such as `ketamine.stay_hours`; None if nothing does."""
        found: object = self
        for part in key.split("."):
            found = getattr(found, part)
        return found if isinstance(found, float | str | date) else None


class VisitType(Table):
    """A table `[visits.NAME]`: the kit of papers for one kind of visit."""

    handouts: Annotated[
        tuple[Line, ...],
        Field(min_length=1, description="Which handouts, in order: as summaries, or in full with “NAME full”."),
    ]
    dose: Annotated[bool, Field(description="Set to false for a visit without a dose, such as a talk.")] = True


VisitName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class ClinicFile(Table):
    """`clinic.toml`: who the clinic is, where it is, and how it looks."""

    clinic: Names
    locations: Annotated[
        tuple[Location, ...], Field(min_length=1, description="One [[locations]] for each place; the main one first.")
    ]
    protocol: Protocol | None = None
    visits: Annotated[
        Mapping[VisitName, VisitType], Field(description="What a patient gets at which kind of visit.")
    ] = {}
    brand: Looks = Looks()
    photos: Annotated[Mapping[VisitName, Photo], Field(description="Photos for brochures, each by a name.")] = {}


@dataclass(frozen=True)
class ClinicPhoto:
    """A photo of the clinic's, with its words in one language."""

    path: Path
    alternative: str
    credit: str


@dataclass(frozen=True)
class Clinic:
    """A clinic as its folder describes it, with its own lines in one language."""

    folder: Path
    language: str
    names: Names
    locations: tuple[Location, ...]
    brand: Brand
    library: Library
    protocol: Protocol | None = None
    visits: Mapping[str, VisitType] = field(default_factory=dict)
    photos: Mapping[str, ClinicPhoto] = field(default_factory=dict)

    @property
    def after_hours(self) -> str | None:
        """Whom to call when the clinic is closed."""
        return self.protocol.after_hours if self.protocol else None

    def where(self, *key: str) -> Origin:
        """Where a key of clinic.toml stands, or the table it would stand in."""
        return read_toml(self.folder / SETTINGS, ClinicError).origin(*key)

    @property
    def main(self) -> Location:
        return self.locations[0]

    @property
    def blanks(self) -> dict[str, str]:
        """What a text's blanks `((…))` are filled with. `line` is a ruled line to write on."""
        return {
            "clinic name": self.names.name,
            "clinic phone": self.main.phone,
            "clinic hours": self.main.hours,
            "clinic web": self.names.web or "",
            "crisis line": self.names.crisis or "",
        }

    def speaking(self, language: str) -> Clinic:
        """The same clinic with its own lines in another language, as far as it has given them."""
        return self if language == self.language else load_clinic(self.folder, language)

    @property
    def english_lines(self) -> tuple[Origin, ...]:
        """Where lines of clinic.toml stand that have words, and none in the clinic's language: English is printed."""
        if self.language == SOURCE_LANGUAGE:
            return ()
        written = read_toml(self.folder / SETTINGS, ClinicError)
        keys: list[tuple[str | int, ...]] = [("clinic", "crisis"), ("clinic", "legal")]
        keys += [("locations", at, "hours") for at in range(len(self.locations))]
        keys += [("protocol", "after_hours"), ("protocol", "approved_by")]
        keys += [("photos", name, words) for name in self.photos for words in ("alt", "credit")]
        return tuple(written.origin(*key) for key in keys if _has_no_words_in(self.language, written.value(*key)))


def unbroken(text: str) -> str:
    """A text whose phone numbers and times of day stay on one line."""
    return _TIME_GAP.sub("\N{NO-BREAK SPACE}", _PHONE_GAP.sub("\N{NO-BREAK SPACE}", text))


def clinic_folder(asked: Path | None) -> Path:
    """The clinic folder to use: the one asked for, else the folder here if it has clinic.toml, else the sample."""
    if asked is not None:
        return asked
    return Path.cwd() if (Path.cwd() / SETTINGS).is_file() else sample_clinic()


def load_library(folder: Path) -> Library:
    """The shelves of a clinic folder. Raises ClinicError if the folder is not one."""
    if is_file(folder):
        raise ClinicError(
            "This is a file, not a clinic folder", f"Name the folder that holds {SETTINGS}.", Origin(folder)
        )
    if not is_folder(folder):
        raise ClinicError("There is no such clinic folder", "Check the path after --clinic.", Origin(folder))
    if not (folder / SETTINGS).is_file():
        raise ClinicError(
            f"This folder has no {SETTINGS}",
            f"Copy one from {sample_clinic() / SETTINGS} and change it.",
            Origin(folder),
        )
    return Library(folder.resolve(), bundled_root().resolve())


def load_clinic(folder: Path, language: str = SOURCE_LANGUAGE) -> Clinic:
    """Read a clinic folder, with the clinic's own lines in a language, or in English where they have no others.

    Raises ClinicError, with file and line, for whatever is wrong in it.
    """
    library = load_library(folder)
    written = read_toml(folder / SETTINGS, ClinicError)
    settings = validated(written, ClinicFile, ClinicError, language=language)
    return Clinic(
        folder,
        language,
        settings.clinic,
        settings.locations,
        read_brand(settings.brand, library, written),
        library,
        settings.protocol,
        settings.visits,
        {
            name: _photo(photo, library, written.origin("photos", name, "file"))
            for name, photo in settings.photos.items()
        },
    )


def _has_no_words_in(language: str, line: object) -> bool:
    """Whether a line is English for want of others. One without words, such as a number, is good in each language."""
    if isinstance(line, Mapping):
        return language not in line and _has_no_words_in(language, line.get(SOURCE_LANGUAGE))
    return isinstance(line, str) and bool(_WORD.search(line))


def _photo(photo: Photo, library: Library, where: Origin) -> ClinicPhoto:
    return ClinicPhoto(asset(library, photo.file, "photo", where, PHOTO_KINDS), photo.alt, photo.credit)
