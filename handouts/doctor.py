"""Is this machine ready to print? Each part is looked at by itself, so that one answer does not hide the next."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from handouts.cache import SHAPERS, library_version
from handouts.clinic import load_clinic
from handouts.errors import HandoutError
from handouts.fonts import FALLBACK, font_faces

_PANGO, _HARFBUZZ = SHAPERS
_SUBSETTER = "libharfbuzz-subset.so.0"


@dataclass(frozen=True)
class Answer:
    """What was looked at, whether it is well, what was seen, and what to do if it is not."""

    part: str
    well: bool
    seen: str
    remedy: str = ""


def examine(clinic_folder: Path) -> Iterator[Answer]:
    """Look at Python, Pango, HarfBuzz, the clinic folder and its fonts."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Answer("Python", sys.version_info >= (3, 11), version, "Install Python 3.11 or newer.")
    pango = library_version(*_PANGO)
    yield Answer("Pango", pango != "missing", pango, "sudo apt-get install -y libpango-1.0-0 libpangoft2-1.0-0")
    harfbuzz = library_version(*_HARFBUZZ)
    yield Answer("HarfBuzz", harfbuzz != "missing", harfbuzz, "sudo apt-get install -y libharfbuzz0b")
    yield _subsetter()
    try:
        clinic = load_clinic(clinic_folder)
    except HandoutError as error:
        yield Answer("Clinic folder", False, str(error), "Mend it, then run this again.")
        return
    yield Answer("Clinic folder", True, f"{clinic.names.name} ({clinic_folder})")
    for told in clinic.brand.told:
        yield Answer("Brand", True, told)
    for use, family in (
        ("Font for headings", clinic.brand.heading_font),
        ("Font for text", clinic.brand.text_font),
        ("Font for symbols and names", FALLBACK),
    ):
        try:
            faces = font_faces(family, clinic.brand.fonts_origin)
        except HandoutError as error:
            yield Answer(use, False, error.problem, error.remedy)
        else:
            yield Answer(use, True, f"{family}, {len(faces)} faces, {faces[0].path.parent}")


def _subsetter() -> Answer:
    try:
        ctypes.CDLL(_SUBSETTER)
    except OSError:
        return Answer(
            "harfbuzz-subset",
            False,
            "missing: fonts are cut down about nine times slower",
            "sudo apt-get install -y libharfbuzz-subset0",
        )
    return Answer("harfbuzz-subset", True, _SUBSETTER)
