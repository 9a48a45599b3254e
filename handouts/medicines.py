"""Which medicines belong together, and why that matters: `content/medicines.yaml`.

A class is only there for a safety text of the ledger, which is the reason to talk about it before a dose.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from handouts.errors import ContentError, HandoutError, Origin, nearest, raise_all
from handouts.evidence import SafetyFile, SafetyText
from handouts.library import Library
from handouts.patient import Drug
from handouts.reading import Written, read_yaml, validated

FILE = "medicines.yaml"
_SAFETY = "ledger/safety.yaml"
_WORD = re.compile(r"[a-z0-9]+")
# What people write into the list when there is nothing to write.
_NOTHING = frozenset({"none", "no", "nothing", "nil", "n a", "ninguno", "ninguna", "nada"})


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClassRow(_Row):
    """Medicines that matter in the same way."""

    id: Annotated[
        str,
        Field(pattern=r"^[a-z]+(-[a-z]+)*$", description="What a text names under `for: medicines:`."),
    ]
    title: Annotated[str, Field(min_length=1, description="What the clinician's copy calls one of them.")]
    safety: Annotated[
        tuple[str, ...], Field(min_length=1, description="Ids of ledger/safety.yaml that say why it matters.")
    ]
    names: Annotated[
        tuple[Annotated[str, Field(pattern=r"[A-Za-z]{3}")], ...],
        Field(min_length=1, description="Generic names and US brands. All words of a name must be in what was given."),
    ]


class MedicinesFile(_Row):
    """`content/medicines.yaml`: the classes of medicines that our papers know."""

    classes: Annotated[tuple[ClassRow, ...], Field(min_length=1, description="Each class once.")]


@dataclass(frozen=True)
class Reason:
    """Why a class matters: a safety text of the ledger. `drug` is the one treatment it is about; None is both."""

    safety: str
    text: str
    drug: Drug | None = None


@dataclass(frozen=True)
class MedicineClass:
    """A class of medicines with the words of each of its names."""

    id: str
    title: str
    reasons: tuple[Reason, ...]
    names: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class MedicineClasses:
    """All classes there are. It travels to workers, so that the file is read once."""

    classes: tuple[MedicineClass, ...] = ()

    def of(self, medicine: str) -> tuple[MedicineClass, ...]:
        """The classes of a medicine as it was given, such as “Xanax 0.5 mg at night”; none if it is not known."""
        words = frozenset(plain_words(medicine).split())
        return tuple(found for found in self.classes if any(name <= words for name in found.names))


def plain_words(text: str) -> str:
    """A text as small letters and digits without accents, one space between words: for comparing."""
    letters = unicodedata.normalize("NFD", text.casefold())
    return " ".join(_WORD.findall("".join(sign for sign in letters if not unicodedata.combining(sign))))


def is_nothing(medicine: str) -> bool:
    """Whether a line of the list only says that there is none."""
    return plain_words(medicine) in _NOTHING


def class_names(library: Library) -> tuple[str, ...]:
    """The ids of all classes. Raises ContentError for a file that is not right."""
    return tuple(row.id for row in _read(library)[1].classes)


def load_medicines(library: Library) -> MedicineClasses:
    """Read the classes, each with what the ledger says about it.

    Raises ContentError, with file and line, for a class that stands there twice, or that no safety text supports.
    """
    written, read = _read(library)
    ledger = _safety_texts(library)
    errors: list[HandoutError] = []
    seen: set[str] = set()
    for at, row in enumerate(read.classes):
        if row.id in seen:
            errors.append(
                ContentError(
                    f"The class “{row.id}” stands here twice", "Make one of the two.", written.origin("classes", at)
                )
            )
        seen.add(row.id)
        errors.extend(
            ContentError(
                f"The ledger has no safety text “{name}”",
                f"{nearest(name, ledger)} A class is only here for what the ledger says.",
                written.origin("classes", at, "safety", number),
            )
            for number, name in enumerate(row.safety)
            if name not in ledger and _goes_with_its_ledger(library)
        )
    raise_all(errors)
    return MedicineClasses(tuple(_class(row, ledger) for row in read.classes))


def _class(row: ClassRow, ledger: Mapping[str, SafetyText]) -> MedicineClass:
    texts = [ledger[name] for name in row.safety if name in ledger]
    return MedicineClass(
        row.id,
        row.title,
        tuple(Reason(text.id, text.text, _only_for(text)) for text in texts),
        tuple(frozenset(plain_words(name).split()) for name in row.names),
    )


def _only_for(text: SafetyText) -> Drug | None:
    """The one treatment that a safety text is about."""
    if text.must == "ketamine":
        return "ketamine"
    return "esketamine" if text.must == "esketamine" else None


def _read(library: Library) -> tuple[Written, MedicinesFile]:
    path = library.find("content", FILE)
    if path is None:
        missing = Origin(library.bundled_file("content", FILE))
        raise ContentError("The list of medicines is not there", "Install the program again.", missing)
    written = read_yaml(path, ContentError)
    return written, validated(written, MedicinesFile, ContentError)


def _safety_texts(library: Library) -> Mapping[str, SafetyText]:
    path = library.find("content", _SAFETY)
    if path is None:
        return {}
    return {text.id: text for text in validated(read_yaml(path, ContentError), SafetyFile, ContentError).safety}


def _goes_with_its_ledger(library: Library) -> bool:
    """Whether the list was written for this ledger. Ours beside a clinic's own ledger may know more than that one."""
    return library.is_overridden("content", FILE) or not library.is_overridden("content", _SAFETY)
