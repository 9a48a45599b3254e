"""Whether a brand's colours, fonts and letters can be read: what can be said without laying a page out.

Sources: WCAG 2.1, 1.4.3 (contrast 4.5:1 for text) and 1.4.11 (3:1 for pictures); ACB large print guidelines (2025: no
italics, no capitals for emphasis); field guide B.10.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from handouts.brand import Brand
from handouts.checking.finding import Finding
from handouts.checking.manuscript import Passage
from handouts.clinic import SETTINGS, Clinic
from handouts.colours import TEXT_CONTRAST
from handouts.errors import HandoutError, Origin
from handouts.fonts import FALLBACK, FontFace, font_faces

PICTURE_CONTRAST = 3.0
# What stands on what: each text color on white and on the pale grounds it is set on, and the strokes of pictures.
_TEXT_PAIRS = (
    ("ink", "paper"), ("ink", "brand-pale"), ("ink", "accent-pale"),
    ("brand", "paper"), ("brand", "brand-pale"), ("accent", "paper"), ("accent", "accent-pale"),
)  # fmt: skip
_PICTURE_PAIRS = (("ink", "brand-soft"), ("brand", "paper"), ("accent", "paper"))
_SHOUTED = re.compile(r"\b(?:[A-Z]{2,}\s+){2,}[A-Z]{2,}\b|\b[A-Z]{6,}\b")
_ITALIC = re.compile(r"<(?:em|i)>")


def contrast(clinic: Clinic) -> Iterator[Finding]:
    """Each pair of colours that stand on each other; and each colour that had to be darkened, as a note."""
    tokens = clinic.brand.tokens
    where = Origin(clinic.folder / SETTINGS)
    for pairs, least in ((_TEXT_PAIRS, TEXT_CONTRAST), (_PICTURE_PAIRS, PICTURE_CONTRAST)):
        for front, ground in pairs:
            ratio = tokens[front].contrast(tokens[ground])
            if ratio < least:
                yield Finding(
                    "error", "contrast", where,
                    f"The color {front} ({tokens[front]}) on {ground} ({tokens[ground]}) has a contrast of "
                    f"{ratio:.2f}:1; {least:g}:1 is the least", "Choose a darker color under [brand.colors].",
                )  # fmt: skip
    for told in clinic.brand.told:
        line = clinic.where("brand", "colors", told.partition("the color ")[2].split()[0])
        yield Finding("note", "darkened", line, told.partition(": ")[2].rstrip("."), "Nothing has to be done.")


def fonts(brand: Brand) -> Iterator[Finding]:
    """One file for each family, weight and style: WeasyPrint 70 prints wrong glyphs where there are two."""
    faces: list[FontFace] = []
    for family in dict.fromkeys((brand.heading_font, brand.text_font, FALLBACK)):
        try:
            faces.extend(font_faces(family, brand.fonts_origin))
        except HandoutError as error:
            yield Finding("error", "font", error.where, error.problem, error.remedy)
    for (family, weight, style), count in Counter((face.family, face.weight, face.style) for face in faces).items():
        if count > 1:
            yield Finding(
                "error", "font", brand.fonts_origin,
                f"{family} has {count} files for {weight or 'all weights'}, {style}", "Install one of them only.",
            )  # fmt: skip


def glyphs(passages: Iterable[Passage], brand: Brand) -> Iterator[Finding]:
    """Letters that none of the brand's fonts holds: the page would show an empty box, so it is not printed."""
    known = _letters(brand.text_font) | _letters(FALLBACK)
    for passage in passages:
        visible = {sign for sign in passage.text if sign.isprintable() and not sign.isspace()}
        missing = {sign for sign in visible if ord(sign) not in known}
        if missing:
            yield Finding(
                "error", "missing-glyph", passage.place(passage.text[min(map(passage.text.index, missing)) :]),
                f"No font of the brand holds {', '.join(sorted(missing))}",
                "Choose a text font that has it, or write it in other letters.",
            )  # fmt: skip


def emphasis(passages: Iterable[Passage]) -> Iterator[Finding]:
    """Italics and capitals are hard to read for people who see poorly."""
    for passage in passages:
        if slanted := _ITALIC.search(passage.html):
            yield Finding(
                "warning", "italics", passage.place(passage.text_from(slanted.start())),
                "Italics are hard to read; they are printed bold",
                "Write **two stars** for bold.",
            )  # fmt: skip
        if passage.role not in ("page furniture", "label") and (shouted := _SHOUTED.search(passage.text)):
            yield Finding(
                "warning", "capitals", passage.place(shouted[0]), f"“{shouted[0]}” is all in capitals",
                "Write it in small letters; use bold for what matters.",
            )  # fmt: skip


@lru_cache(maxsize=8)
def _letters(family: str) -> frozenset[int]:
    """Every character of a family's upright face."""
    from fontTools.ttLib import TTFont  # slow to import

    try:
        faces = font_faces(family, Origin(Path()))
    except HandoutError:
        return frozenset()
    upright = next(face for face in faces if face.style == "normal")
    with TTFont(upright.path, lazy=True) as font:
        return frozenset(font.getBestCmap())
