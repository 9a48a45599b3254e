"""What the finished PDF is like: measured in the file, not in the styles. Reads it with pdfium.

Sources: the type rule of our first issue (full 12 points, summary 10.5, side notes 10, footers and sources 8, large
print 18 everywhere: ACB 2025, APH, RNIB); PDF/UA-1 (tags, title, language); WCAG 2.1, 1.4.3.
"""

from __future__ import annotations

import ctypes
import html
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pypdfium2
from PIL.Image import Image
from pypdfium2 import raw

from handouts.checking.finding import Finding
from handouts.colours import TEXT_CONTRAST, WHITE, Colour
from handouts.composing import Composition
from handouts.errors import Origin
from handouts.formats import Format
from handouts.pdf import Pdf

LARGE, TINIEST, SIDE_NOTE = 18.0, 8.0, 10.0  # points
BODY = {"full": 12.0, "summary": 10.5}
_ROUNDING = 0.06  # points
_LARGE_TEXT, _LARGE_CONTRAST = 18.0, 3.0  # WCAG: text of 18 points needs only 3:1
_MARGIN = 0.79 * 72  # points: headers and footers stand here
_FAINTER = 2.0  # times: by so much a letter must look paler than its colour before the picture is believed
_DOTS = 2.0  # pixels of the picture in a point
_SMALL_PRINT = re.compile(r'<(section|div) class="(?:sources|foot)"[^>]*>(.*?)</\1>', re.DOTALL)


@dataclass(frozen=True)
class Letter:
    """One printed letter.

    Its size in points, its page (the first is 1), its colour, its box in points from the lower left corner, its font's
    name, and whether it stands in a header or footer.
    """

    sign: str
    size: float
    page: int
    colour: Colour
    box: tuple[float, float, float, float]
    font: str
    in_margin: bool


class Measured:
    """A finished PDF with every letter in it."""

    def __init__(self, pdf: Pdf) -> None:
        self._pdf = pdf

    @cached_property
    def letters(self) -> tuple[Letter, ...]:
        document = pypdfium2.PdfDocument(self._pdf.content)
        try:
            return tuple(letter for number in range(len(document)) for letter in _letters(document, number))
        finally:
            document.close()

    @cached_property
    def faint(self) -> list[tuple[Letter, float]]:
        """Letters that stand out too little from what is behind them, with their contrast. One a line is asked."""
        document = pypdfium2.PdfDocument(self._pdf.content)
        found = []
        try:
            for number, page in enumerate(document, start=1):
                # The widest letter of a line: in a picture, the stroke of an apostrophe is paler than its colour.
                here = [letter for letter in self.letters if letter.page == number and letter.sign.isalnum()]
                here.sort(key=lambda letter: letter.box[2] - letter.box[0])
                lines = {(round(letter.box[1]), letter.colour): letter for letter in here}
                picture = page.render(scale=_DOTS).to_pil().convert("RGB")
                for letter in lines.values():
                    ratio = _contrast(picture, letter)
                    least = _LARGE_CONTRAST if letter.size >= _LARGE_TEXT else TEXT_CONTRAST
                    if ratio < least:
                        found.append((letter, ratio))
        finally:
            document.close()
        return found


def measure(pdf: Pdf, composition: Composition) -> Iterator[Finding]:
    """The finished PDF against the rules of its format."""
    form, where = composition.format, composition.origin
    name = f"{composition.slug} ({form.name}{', large print' if form.large else ''}, {composition.paper.name})"
    measured = Measured(pdf)
    if not measured.letters:
        yield Finding("error", "no-text", where, f"{name} has no text in it", "Look at the template.")
        return
    most = form.pages_at_most or form.pages
    if most is not None and pdf.page_count > most:
        said = f"{name} has {pdf.page_count} pages; {most} is the most"
        yield Finding("error", "page-limit", where, said, "Shorten the key points.")
    yield from _type_sizes(measured, composition, form, name, where)
    for letter, ratio in measured.faint[:5]:
        yield Finding(
            "error", "contrast", where,
            f"{name}, page {letter.page}: {letter.colour} has a contrast of {ratio:.2f}:1 with what is behind it, "
            f"at “{letter.sign}”",
            "Choose a darker color, or a paler ground, in the styles.",
        )  # fmt: skip
    if form.large:
        slanted = sorted({letter.font for letter in measured.letters if re.search("italic|oblique", letter.font, re.I)})
        if slanted:
            yield Finding(
                "error", "italics", where, f"{name} is printed in italics in part ({', '.join(slanted)})",
                "Take `font-style` out of the style.",
            )  # fmt: skip
    yield from _for_screen_readers(pdf, composition, name)


def _type_sizes(
    measured: Measured, composition: Composition, form: Format, name: str, where: Origin
) -> Iterator[Finding]:
    smallest = min(measured.letters, key=lambda letter: letter.size)
    least = LARGE if form.large else TINIEST
    if smallest.size < least - _ROUNDING:
        yield Finding(
            "error", "type-size", where,
            f"{name}, page {smallest.page}: type of {smallest.size:.1f} points, at “{smallest.sign}”; "
            f"{least:g} is the least", "Mend the size in the styles.",
        )  # fmt: skip
    if form.large:
        return
    body, _ = Counter(round(letter.size, 1) for letter in measured.letters).most_common(1)[0]
    if body < BODY[form.name] - _ROUNDING:
        yield Finding(
            "error", "type-size", where, f"{name}: its text is {body:g} points; {BODY[form.name]:g} is the least",
            "Mend the size in the styles.",
        )  # fmt: skip
    found = _SMALL_PRINT.finditer(composition.html)
    small_print = _only_letters(" ".join(html.unescape(re.sub(r"<[^>]+>", " ", part[2])) for part in found))
    for run, page in _runs_below(measured, SIDE_NOTE - _ROUNDING):
        if _only_letters(run) not in small_print:
            yield Finding(
                "error", "type-size", where,
                f"{name}, page {page}: “{run[:50]}” is smaller than {SIDE_NOTE:g} points, and no footer or source",
                "Mend the size in the styles.",
            )  # fmt: skip


def _runs_below(measured: Measured, size: float) -> Iterator[tuple[str, int]]:
    """Stretches of small letters, with their page."""
    run, page = "", 0
    for letter in measured.letters:
        small = letter.size < size and not letter.in_margin
        if run and (not small or letter.page != page):
            yield run, page
            run = ""
        if small:
            run, page = run + letter.sign, letter.page
    if run:
        yield run, page


def _only_letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalpha()).casefold()


def _for_screen_readers(pdf: Pdf, composition: Composition, name: str) -> Iterator[Finding]:
    document = pypdfium2.PdfDocument(pdf.content)
    try:
        tagged = bool(raw.FPDFCatalog_IsTagged(document))
        title = document.get_metadata_value("Title")
    finally:
        document.close()
    if not tagged or title != composition.title:
        yield Finding(
            "error", "tags", composition.origin, f"{name} has no tags, or not its own title", "Print it again."
        )


def _letters(document: pypdfium2.PdfDocument, number: int) -> Iterator[Letter]:
    text = document[number].get_textpage()
    height = document[number].get_height()
    matrix = raw.FS_MATRIX()
    parts = [ctypes.c_uint() for _ in range(4)]
    box = [ctypes.c_double() for _ in range(4)]
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    for at in range(text.count_chars()):
        sign = chr(raw.FPDFText_GetUnicode(text, at))
        if not sign.strip() or not sign.isprintable():
            continue
        if not raw.FPDFText_GetMatrix(text, at, ctypes.byref(matrix)):
            continue
        raw.FPDFText_GetFillColor(text, at, *(ctypes.byref(part) for part in parts))
        raw.FPDFText_GetCharBox(text, at, *(ctypes.byref(side) for side in box))
        raw.FPDFText_GetFontInfo(text, at, name, 128, ctypes.byref(flags))
        left, right, foot, top = (side.value for side in box)
        yield Letter(
            sign,
            raw.FPDFText_GetFontSize(text, at) * abs(matrix.d),
            number + 1,
            Colour(*(part.value / 255 for part in parts[:3])),
            (left, foot, right, top),
            name.value.decode(errors="replace"),
            top < _MARGIN or foot > height - _MARGIN,
        )


def _contrast(picture: Image, letter: Letter) -> float:
    """The contrast of a letter with what is behind it: by its colour, or less if the picture shows it fainter."""
    width, height = picture.size
    left, foot, right, top = letter.box
    inner = (
        max(0, math.floor(left * _DOTS)), max(0, math.floor(height - top * _DOTS)),
        min(width, math.ceil(right * _DOTS)), min(height, math.ceil(height - foot * _DOTS)),
    )  # fmt: skip
    outer = (max(0, inner[0] - 3), max(0, inner[1] - 3), min(width, inner[2] + 3), min(height, inner[3] + 3))
    within, around = _colours(picture, inner), _colours(picture, outer)
    around.subtract(within)
    ground, _ = max(around.items(), key=lambda row: row[1], default=(WHITE, 1))
    shown = max((colour.contrast(ground) for colour in within), default=1.0)
    nominal = letter.colour.contrast(ground)
    # Thin strokes are never quite as dark in the picture as their colour is.
    return shown if shown * _FAINTER < nominal else nominal


def _colours(picture: Image, area: tuple[int, int, int, int]) -> Counter[Colour]:
    found = picture.crop(area).getcolors(100_000) or []
    return Counter(
        {Colour(*(part / 255 for part in colour)): count for count, colour in found if isinstance(colour, tuple)}
    )
