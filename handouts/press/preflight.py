"""Measures a finished press file as a print shop would, with readers that did not write it (pikepdf and pdfium).

What is wanted, and where that is from: PDF/X-4 (ISO 15930-7); text 5 mm inside the trimmed edge (pqtp.com); pictures
of 300 dots per inch, black text in black ink alone, white that never overprints (dearnevalleyprinters.co.uk/support);
300 % of ink at most (filecheck.io, preflight); text 3 mm from a fold is our own. Every line is measured in the file;
nothing is taken from whoever made it.
"""

from __future__ import annotations

import ctypes
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pikepdf
import pypdfium2
from pypdfium2 import raw

from handouts.press.drawn import Drawn, Ink, read_drawn
from handouts.press.pdfx import POINTS, Boxes

LEAST_DOTS = 300.0  # in an inch
MOST_INK = 300.0  # percent
LEAST_FROM_TRIM, LEAST_FROM_FOLD = 5.0, 3.0  # millimetres
LEAST_TYPE = 6.0  # points
_ROUNDING = 0.01  # points, of the boxes
_MEASURING = 0.05  # points, of letters
_DOTS_ROUNDING = 0.5
_INK_ROUNDING = 0.05  # percent
_BLACK = 0.1  # a letter that lets less light through than that is meant to be black
_DOTS_OF_A_PICTURE = 4.0  # pixels in a point, for what is measured by its looks
_PAPER = 250  # lighter than that is paper
_STRIP = 1.0  # points
_NAMES = {
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfxid": "http://www.npes.org/pdfx/ns/id/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
_DATE = re.compile(r"D:(\d{14})(?:Z|([+-]\d\d)'?(\d\d)'?)?")


@dataclass(frozen=True)
class PreflightLine:
    """One thing that was measured: what, what is wanted, what was found, and whether that will do."""

    what: str
    wanted: str
    found: str
    passed: bool


@dataclass(frozen=True)
class _Letter:
    """A letter of a page (the first is 1): left, foot, right and top in points, and its size in points."""

    sign: str
    page: int
    box: tuple[float, float, float, float]
    size: float


def preflight(
    content: bytes,
    boxes: Boxes,
    folds: Sequence[Sequence[float]] = (),
    page_count: int | None = None,
    least_type: float = LEAST_TYPE,
) -> tuple[PreflightLine, ...]:
    """Measure a finished file. `boxes` is the sheet that was ordered.

    `folds` says for each page how many millimetres from its left trimmed edge it is folded. `least_type` is the size
    of the smallest letter that may be there, in points. A file that cannot be opened is a line that did not pass.
    """
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            lines = [*_of_the_standard(pdf, content), *_of_the_sheet(pdf, boxes, page_count)]
            drawn = read_drawn(pdf)
            lines += [*_of_colours(drawn), *_of_the_rest(pdf, drawn)]
    except pikepdf.PdfError as fault:
        return (PreflightLine("The file", "can be opened", str(fault), False),)
    document = pypdfium2.PdfDocument(content)
    try:
        lines += [*_of_letters([*_letters(document)], boxes, folds, least_type), _bleed(document, boxes)]
    finally:
        document.close()
    return tuple(lines)


def _of_the_standard(pdf: Any, content: bytes) -> Iterator[PreflightLine]:
    version = content[5:8].decode("ascii", "replace")
    yield PreflightLine("PDF version", "1.6", version, version == "1.6")
    packet = _Packet(pdf)
    yield _equal("Standard in the metadata", "PDF/X-4", packet.value("pdfxid", "GTS_PDFXVersion"))
    info = {str(key): value for key, value in pdf.docinfo.items()}
    title = str(info.get("/Title", ""))
    yield PreflightLine(
        "Title", "the same in both places", f"“{title}”, “{packet.value('dc', 'title')}”",
        bool(title) and title == packet.value("dc", "title"),
    )  # fmt: skip
    for name, key in (("CreateDate", "/CreationDate"), ("ModifyDate", "/ModDate")):
        inside, outside = packet.date(name), _pdf_date(str(info.get(key, "")))
        shown = " and ".join(str(date) if date else "none" for date in (outside, inside))
        yield PreflightLine(
            f"Date ({name})", "the same in both places", shown, inside is not None and inside == outside
        )
    trapped = f"{str(info.get('/Trapped', 'none')).removeprefix('/')}, {packet.value('pdf', 'Trapped')}"
    yield PreflightLine("Trapped", "False, False", trapped, trapped == "False, False")
    marks = [packet.value("xmpMM", name) for name in ("DocumentID", "VersionID", "RenditionClass")]
    numbered = "/ID" in pdf.trailer
    yield PreflightLine(
        "Identity", "in the metadata and the file", f"{', '.join(marks)}; {'/ID' if numbered else 'no /ID'}",
        numbered and "none" not in marks,
    )  # fmt: skip
    yield _output_intent(pdf)
    yield _equal("Encryption", "none", "encrypted" if pdf.is_encrypted else "none")


def _output_intent(pdf: Any) -> PreflightLine:
    wanted = "one, for PDF/X, with an embedded CMYK output profile"
    intents = [intent for intent in pdf.Root.get("/OutputIntents", ()) if intent.get("/S") == pikepdf.Name.GTS_PDFX]
    if len(intents) != 1 or "/DestOutputProfile" not in intents[0]:
        return PreflightLine("Output intent", wanted, f"{len(intents)}, or no profile in it", False)
    stream = intents[0].DestOutputProfile
    header = stream.read_bytes()[:128]
    kind, space = header[12:16].decode("latin-1"), header[16:20].decode("latin-1")
    condition = str(intents[0].get("/OutputConditionIdentifier", ""))
    found = f"{condition or 'no condition'}; {kind}, {space}, {stream.get('/N', 0)} inks"
    passed = bool(condition) and (kind, space, int(stream.get("/N", 0))) == ("prtr", "CMYK", 4)
    return PreflightLine("Output intent", wanted, found, passed)


def _of_the_sheet(pdf: Any, boxes: Boxes, page_count: int | None) -> Iterator[PreflightLine]:
    count = len(pdf.pages)
    if page_count is not None:
        yield PreflightLine("Pages", str(page_count), str(count), count == page_count)
    for number, page in enumerate(pdf.pages, start=1):
        held = page.obj
        media, bled, trim = (_box(held, key) for key in ("/MediaBox", "/BleedBox", "/TrimBox"))
        if media is None or bled is None or trim is None:
            yield PreflightLine(f"Boxes of page {number}", "MediaBox, BleedBox and TrimBox", "not all there", False)
            continue
        wide, high = trim[2] - trim[0], trim[3] - trim[1]
        close = abs(wide - boxes.width) <= _ROUNDING and abs(high - boxes.height) <= _ROUNDING
        yield PreflightLine(
            f"Trimmed size of page {number}", _size(boxes.width, boxes.height), _size(wide, high), close
        )
        around = (trim[0] - bled[0], trim[1] - bled[1], bled[2] - trim[2], bled[3] - trim[3])
        exact = all(abs(edge - boxes.bleed) <= _ROUNDING for edge in around)
        shown = " ".join(f"{edge / POINTS:.3f}" for edge in around)
        yield PreflightLine(
            f"Bleed of page {number}", f"{boxes.bleed / POINTS:.3f} mm on four sides", f"{shown} mm", exact
        )
        room = min(bled[0] - media[0], bled[1] - media[1], media[2] - bled[2], media[3] - bled[3])
        yield PreflightLine(
            f"Room for marks of page {number}", "some around the bleed", f"{room / POINTS:.2f} mm", room > 0
        )
        others = [key for key in ("/CropBox", "/ArtBox", "/Rotate", "/UserUnit") if held.get(key)]
        yield _equal(f"Other boxes and turns of page {number}", "none", ", ".join(others) or "none")


def _of_colours(drawn: Drawn) -> Iterator[PreflightLine]:
    yield _equal("Colors that are not inks", "none", "; ".join(sorted(drawn.strange)) or "none")
    heaviest = max([drawn.heaviest, *(picture.percent for picture in drawn.pictures)])
    places = f"{drawn.heaviest:.0f} % in drawings"
    if drawn.pictures:
        places += f", {max(picture.percent for picture in drawn.pictures):.0f} % in pictures"
    # the shares of a color are written with four digits
    yield PreflightLine(
        "Most ink in one place", f"{MOST_INK:.0f} % at most", places, heaviest <= MOST_INK + _INK_ROUNDING
    )
    black = sorted(str(ink) for ink in drawn.text_inks if _is_black(ink))
    wrong = sorted(str(ink) for ink in drawn.text_inks if _is_black(ink) and any(ink.parts[:3]))
    patterned = any(ink.pattern for ink in drawn.text_inks)
    found = f"{'; '.join(wrong)} (C M Y K)" if wrong else f"{'; '.join(black) or 'no black text'}"
    found += "; text in a pattern" if patterned else ""
    yield PreflightLine("Black text", "black ink alone", found, not wrong and not patterned)
    if drawn.pictures:
        spaces = sorted({picture.space for picture in drawn.pictures})
        least = min(drawn.pictures, key=lambda picture: picture.dots)
        yield PreflightLine(
            "Colors of pictures", "CMYK or gray", ", ".join(spaces),
            {*spaces} <= {"DeviceCMYK", "DeviceGray", "stencil"},
        )  # fmt: skip
        yield PreflightLine(
            "Least dots per inch of a picture", f"{LEAST_DOTS:.0f}", f"{least.dots:.0f} on page {least.page}",
            least.dots >= LEAST_DOTS - _DOTS_ROUNDING,
        )  # fmt: skip
    modes = ", ".join(sorted(drawn.blend_modes - {"Normal", "Compatible"})) or "none"
    yield _equal("Blend modes that mix inks", "none", modes)
    spaces_said = sorted(drawn.blend_spaces)
    blended = not drawn.transparent or "page: DeviceCMYK" in spaces_said
    wrong_spaces = [said for said in spaces_said if "DeviceCMYK" not in said and "that around it" not in said]
    wrong_spaces = [said for said in wrong_spaces if said != "mask: DeviceGray"]
    yield PreflightLine(
        "Where transparency blends", "in CMYK (masks in gray)", "; ".join(spaces_said) or "no group",
        blended and not wrong_spaces,
    )  # fmt: skip
    pages = ", ".join(map(str, sorted(drawn.white_overprints)))
    yield _equal("White that overprints", "none", f"on page {pages}" if pages else "none")


def _of_the_rest(pdf: Any, drawn: Drawn) -> Iterator[PreflightLine]:
    missing = sorted(name for name, embedded in drawn.fonts.items() if not embedded)
    yield PreflightLine(
        "Fonts", "all embedded",
        f"not embedded: {', '.join(missing)}" if missing else f"{len(drawn.fonts)}, all embedded", not missing,
    )  # fmt: skip
    comments = sum(len(page.obj.get("/Annots", ())) for page in pdf.pages)
    yield _equal("Links and comments", "none", str(comments) if comments else "none")
    acting = [key for key in ("/OpenAction", "/AA", "/AcroForm") if key in pdf.Root]
    acting += [key for key in ("/JavaScript", "/EmbeddedFiles") if key in pdf.Root.get("/Names", {})]
    acting += [f"/AA on page {number}" for number, page in enumerate(pdf.pages, start=1) if "/AA" in page.obj]
    yield _equal("Actions, forms and attachments", "none", ", ".join(acting) or "none")


def _of_letters(
    letters: list[_Letter], boxes: Boxes, folds: Sequence[Sequence[float]], least_type: float
) -> Iterator[PreflightLine]:
    """Letters that stand on the sheet. Those beside it, such as a name in the slug, are cut off and do not count."""
    on_sheet = [letter for letter in letters if _overlap(letter.box, boxes.bled)]
    if not on_sheet:
        yield PreflightLine("Text", "some", "no letter on the sheet", False)
        return
    left, foot, right, top = boxes.trim
    edges = [
        (min(letter.box[0] - left, letter.box[1] - foot, right - letter.box[2], top - letter.box[3]), letter)
        for letter in on_sheet
    ]
    yield _distance("Text from the trimmed edge", LEAST_FROM_TRIM, edges)
    near = [
        (_apart(letter, left + fold * POINTS), letter)
        for letter in on_sheet
        for fold in (folds[letter.page - 1] if letter.page <= len(folds) else ())
    ]
    if near:
        yield _distance("Text from a fold", LEAST_FROM_FOLD, near)
    smallest = min(on_sheet, key=lambda letter: letter.size)
    found = f"{smallest.size:.1f} points (“{smallest.sign}” on page {smallest.page})"
    yield PreflightLine(
        "Smallest letter", f"{least_type:g} points at least", found, smallest.size >= least_type - _MEASURING
    )


def _distance(what: str, least: float, measured: list[tuple[float, _Letter]]) -> PreflightLine:
    nearest, letter = min(measured, key=lambda found: found[0])
    found = f"{nearest / POINTS:.1f} mm (“{letter.sign}” on page {letter.page})"
    return PreflightLine(what, f"{least:g} mm at least", found, nearest >= least * POINTS - _MEASURING)


def _bleed(document: Any, boxes: Boxes) -> PreflightLine:
    """Whether what is coloured at the trimmed edge is coloured on to the end of the bleed: measured in a picture.

    The strip just inside the edge is held against the last strip of the bleed, dot by dot.
    """
    gaps: list[str] = []
    for number in range(len(document)):
        picture = document[number].render(scale=_DOTS_OF_A_PICTURE, grayscale=True).to_pil()
        left, foot, right, top = boxes.trim
        outer_left, outer_foot, outer_right, outer_top = boxes.bled
        high = boxes.media_height
        sides = {
            "left": ((left, high - top, left + _STRIP, high - foot), (outer_left, high - top, left, high - foot)),
            "right": ((right - _STRIP, high - top, right, high - foot), (right, high - top, outer_right, high - foot)),
            "top": ((left, high - top, right, high - top + _STRIP), (left, high - outer_top, right, high - top)),
            "foot": ((left, high - foot - _STRIP, right, high - foot), (left, high - foot, right, high - outer_foot)),
        }
        for name, (within, beyond) in sides.items():
            if not boxes.bleed:
                continue
            along = name in ("top", "foot")
            inside = _lightest(picture, within, along)
            outside = _lightest(picture, beyond, along)
            bare = sum(here < _PAPER < there for here, there in zip(inside, outside, strict=False))
            if bare > 2 * _DOTS_OF_A_PICTURE:  # the end of a shape may lie between two dots
                gaps.append(f"{bare / _DOTS_OF_A_PICTURE / POINTS:.0f} mm at the {name} of page {number + 1}")
    return PreflightLine("Color at the edge without bleed", "none", "; ".join(gaps) or "none", not gaps)


def _lightest(picture: Any, area: tuple[float, float, float, float], along: bool) -> list[int]:
    """The lightest gray across a strip, at each dot along it: no paper only where all of the strip is coloured."""
    dots = _DOTS_OF_A_PICTURE
    box = (
        *(math.ceil(side * dots) for side in area[:2]),
        *(math.floor(side * dots) for side in area[2:]),
    )
    strip = picture.crop(box)
    rows = strip.tobytes()
    if along:
        return [max(rows[at :: strip.width]) for at in range(strip.width)]
    return [max(rows[at * strip.width : (at + 1) * strip.width]) for at in range(strip.height)]


class _Packet:
    """The metadata in XMP, whether written as elements or as attributes."""

    def __init__(self, pdf: Any) -> None:
        self._values: dict[str, str] = {}
        try:
            tree = ElementTree.fromstring(pdf.Root.Metadata.read_bytes())
        except (AttributeError, ElementTree.ParseError):
            return
        for element in tree.iter():
            self._values.update(element.attrib)
            self._values.setdefault(element.tag, " ".join("".join(element.itertext()).split()))

    def value(self, prefix: str, name: str) -> str:
        return self._values.get(f"{{{_NAMES[prefix]}}}{name}", "none")

    def date(self, name: str) -> datetime | None:
        try:
            return datetime.fromisoformat(self.value("xmp", name))
        except ValueError:
            return None


def _pdf_date(text: str) -> datetime | None:
    found = _DATE.fullmatch(text)
    if not found:
        return None
    digits, hours, minutes = found.groups()
    return datetime.strptime(f"{digits}{hours or '+00'}{minutes or '00'}", "%Y%m%d%H%M%S%z")


def _letters(document: Any) -> Iterator[_Letter]:
    matrix = raw.FS_MATRIX()
    box = [ctypes.c_double() for _ in range(4)]
    for number in range(len(document)):
        text = document[number].get_textpage()
        for at in range(text.count_chars()):
            sign = chr(raw.FPDFText_GetUnicode(text, at))
            if not sign.strip() or not sign.isprintable():
                continue
            if not raw.FPDFText_GetMatrix(text, at, ctypes.byref(matrix)):
                continue
            raw.FPDFText_GetCharBox(text, at, *(ctypes.byref(side) for side in box))
            left, right, foot, top = (side.value for side in box)
            size = raw.FPDFText_GetFontSize(text, at) * math.hypot(matrix.c, matrix.d)
            yield _Letter(sign, number + 1, (left, foot, right, top), size)


def _is_black(ink: Ink) -> bool:
    """Whether inks together let so little light through that black is meant."""
    c, m, y, k = ink.parts
    return not ink.pattern and max((1 - c) * (1 - k), (1 - m) * (1 - k), (1 - y) * (1 - k)) < _BLACK


def _apart(letter: _Letter, line: float) -> float:
    """How far a letter is from an upright line, in points; 0 if it stands on it."""
    return max(0.0, letter.box[0] - line, line - letter.box[2])


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and one[2] > other[0] and one[1] < other[3] and one[3] > other[1]


def _box(page: Any, key: str) -> tuple[float, ...] | None:
    return tuple(float(side) for side in page[key]) if key in page else None


def _size(width: float, height: float) -> str:
    return f"{width / POINTS:.3f} × {height / POINTS:.3f} mm"


def _equal(what: str, wanted: str, found: str) -> PreflightLine:
    return PreflightLine(what, wanted, found, found == wanted)
