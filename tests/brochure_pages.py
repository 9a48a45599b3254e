"""Makes brochures as the command does, and asks the finished files: what stands where, and in which order."""

from __future__ import annotations

import ctypes
import io
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image
from pypdfium2 import raw

from handouts.brochures.folding import FOLDS, Fold, Place
from handouts.brochures.making import BrochureOrder, MadeBrochure, make_brochure
from handouts.brochures.purpose import Purpose, purpose
from handouts.clinic import load_clinic
from handouts.library import bundled_root, sample_clinic

SLUG = "ketamine-for-depression"
TODAY = date(2026, 11, 22)
EXAMPLES = bundled_root() / "content" / "example-clinics"
BRANDS = {"harbor": sample_clinic(), "juniper": EXAMPLES / "juniper-house", "kestrel": EXAMPLES / "kestrel-row"}
MM = 72 / 25.4  # points in a millimetre
TEXT = bundled_root() / "content" / "en" / "brochures" / f"{SLUG}.md"

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Brochure:
    """A finished brochure with what was ordered."""

    fold: Fold
    purpose: Purpose
    made: MadeBrochure

    @property
    def content(self) -> bytes:
        return self.made.pdf.content

    @cached_property
    def pages(self) -> Any:
        return pypdfium2.PdfDocument(self.content)

    def where(self, panel: int) -> tuple[int, float, float]:
        """Page (the first is 0), left and right edge of a panel on it, in points."""
        if self.purpose.use == "web":
            return panel - 1, 0.0, self.pages[panel - 1].get_width()
        for page, side in enumerate(self.fold.sides):
            for place in side.places:
                if place.panel == panel:
                    return page, (self.purpose.around + place.left) * MM, (self.purpose.around + place.right) * MM
        raise AssertionError(panel)

    def text_of(self, panel: int) -> str:
        page, left, right = self.where(panel)
        text = self.pages[page].get_textpage()
        return str(text.get_text_bounded(left=left, right=right, bottom=0, top=self.pages[page].get_height()))

    def words_of(self, panel: int) -> Counter[str]:
        """Words as they are counted: a line may end anywhere, also after a hyphen."""
        return Counter(re.sub(r"(?<=\w)-\s*", "- ", self.text_of(panel)).split())

    def picture(self, page: int, dots: float = 100) -> Image.Image:
        """A page as it looks, with so many dots in an inch."""
        return self.pages[page].render(scale=dots / 72).to_pil().convert("RGB")


def brochure(
    fold: str = "tri",
    paper: str = "letter",
    use: str = "office",
    language: str = "en",
    clinic: Path = BRANDS["harbor"],
    bleed: str | None = None,
    location: str | None = None,
) -> Brochure:
    """A brochure that is made once for all tests of a process."""
    ordered = purpose(use, bleed)  # type: ignore[arg-type]
    return _made(BrochureOrder(SLUG, language, FOLDS[fold, paper], ordered, location), clinic)


@cache
def _made(order: BrochureOrder, clinic: Path) -> Brochure:
    return Brochure(order.fold, order.purpose, make_brochure(order, load_clinic(clinic), TODAY))


def clinic_in(folder: Path, old: str = "", new: str = "", settings: str = "", brand: Path = BRANDS["harbor"]) -> Path:
    """A copy of a clinic, whose own brochure is ours with other words in one place, and with more settings."""
    shutil.copytree(brand, folder)
    if old:
        text = TEXT.read_text(encoding="utf-8")
        assert old in text, "the brochure has changed"
        own = folder / "content" / "en" / "brochures" / f"{SLUG}.md"
        own.parent.mkdir(parents=True)
        own.write_text(text.replace(old, new), encoding="utf-8")
    if settings:
        with (folder / "clinic.toml").open("a", encoding="utf-8") as file:
            file.write(settings)
    return folder


def sections(content: bytes) -> list[str]:
    """The words of each section right below the document, in the order of the tags: what a voice reads of a panel."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        said = [_words_by_mark(page) for page in pdf.pages]
        numbers = {page.objgen: at for at, page in enumerate(pdf.pages)}
        top = pdf.Root.StructTreeRoot.K[0]
        assert top.S == "/Document"
        return [
            f"{kid.S} " + "".join(said[numbers[page]].get(mark, "") for page, mark in _marks(kid, None))
            for kid in top.K
        ]


def _marks(element: Any, page: Any) -> Iterator[tuple[Any, int]]:
    """Every piece of marked content below an element: its page and number."""
    page = element.Pg.objgen if "/Pg" in element else page
    kids = element.get("/K", ())
    for kid in kids if isinstance(kids, pikepdf.Array) else (kids,):
        if isinstance(kid, int):
            yield page, int(kid)
        elif "/S" in kid:
            yield from _marks(kid, page)
        elif "/MCID" in kid:
            yield kid.Pg.objgen if "/Pg" in kid else page, int(kid.MCID)


def _words_by_mark(page: Any) -> dict[int, str]:
    """What is written in each piece of marked content, through the fonts' own tables."""
    found: dict[int, str] = {}
    _read_marks(page, page.obj.Resources, {}, found)
    return found


def _read_marks(stream: Any, resources: Any, tables: dict[Any, dict[int, str]], found: dict[int, str]) -> None:
    marks: list[int | None] = []
    table: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(stream):
        name = str(operator)
        if name in ("BDC", "BMC"):
            held = operands[1] if name == "BDC" else None
            marks.append(int(held.MCID) if isinstance(held, pikepdf.Dictionary) and "/MCID" in held else None)
        elif name == "EMC":
            marks.pop()
        elif name == "Tf":
            font = resources.Font[operands[0]]
            if font.objgen not in tables:
                tables[font.objgen] = _letters(font)
            table = tables[font.objgen]
        elif name in ("Tj", "TJ"):
            pieces = operands[0] if name == "TJ" else [operands[0]]
            codes = b"".join(bytes(piece) for piece in pieces if isinstance(piece, pikepdf.String))
            text = "".join(table.get((one << 8) + two, "?") for one, two in zip(codes[::2], codes[1::2], strict=True))
            mark = next((mark for mark in reversed(marks) if mark is not None), None)
            if mark is not None:
                found[mark] = found.get(mark, "") + text
        elif name == "Do":
            form = resources.XObject[operands[0]]
            if form.get("/Subtype") == "/Form":
                _read_marks(form, form.get("/Resources", resources), tables, found)


def _letters(font: Any) -> dict[int, str]:
    table = font.ToUnicode.read_bytes().decode("latin-1")
    return {
        int(code, 16): bytes.fromhex(text).decode("utf-16-be")
        for code, text in re.findall(r"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>", table)
    }


def squeezed(text: str) -> str:
    return "".join(text.split())


def bookmarks(content: bytes) -> list[tuple[str, int]]:
    """Every bookmark, in order, with the number of its page (the first is 0)."""
    with pikepdf.open(io.BytesIO(content)) as pdf, pdf.open_outline() as outline:
        pages = {page.objgen: at for at, page in enumerate(pdf.pages)}

        def below(items: Any) -> Iterator[tuple[str, int]]:
            for item in items:
                yield str(item.title), pages[item.destination[0].objgen]
                yield from below(item.children)

        return list(below(outline.root))


def letters(page: Any) -> Iterator[tuple[str, float, float, float, float]]:
    """Every letter of a page of pdfium's: left, foot, right and top of its ink, in points."""
    text = page.get_textpage()
    sides = [ctypes.c_double() for _ in range(4)]
    for at in range(text.count_chars()):
        sign = chr(raw.FPDFText_GetUnicode(text, at))
        if sign.strip() and sign.isprintable():
            raw.FPDFText_GetCharBox(text, at, *(ctypes.byref(side) for side in sides))
            left, right, foot, top = (side.value for side in sides)
            yield sign, left, foot, right, top


def is_paper(colour: Any) -> bool:
    return min(colour) > 250


def share_of_paper(picture: Image.Image, box: tuple[float, float, float, float]) -> float:
    """How much of a part of a picture is white: 0 to 1. The box is in dots: left, top, right and foot."""
    part = picture.crop(tuple(round(side) for side in box))
    colours = part.getcolors(part.width * part.height)
    assert colours, "an empty box"
    return sum(count for count, colour in colours if is_paper(colour)) / (part.width * part.height)


def dark_runs(picture: Image.Image, box: tuple[float, float, float, float], upright: bool) -> list[float]:
    """Where lines cross a part of a picture, in dots from its own left edge (`upright` lines) or top edge."""
    part = picture.crop(tuple(round(side) for side in box)).convert("L")
    size = part.width if upright else part.height
    dark = [
        at
        for at in range(size)
        if min(part.crop((at, 0, at + 1, part.height) if upright else (0, at, part.width, at + 1)).tobytes()) < 160
    ]
    ends = [at for at in range(len(dark)) if at == 0 or dark[at] > dark[at - 1] + 1] + [len(dark)]
    return [(dark[start] + dark[end - 1] + 1) / 2 for start, end in pairwise(ends)]


def narrow(fold: Fold) -> list[Place]:
    """The panels that are narrower than the others."""
    places = [place for side in fold.sides for place in side.places]
    widest = max(place.width for place in places)
    return [place for place in places if place.width < widest]
