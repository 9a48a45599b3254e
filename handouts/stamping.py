"""What is stamped on finished pages: “Page 2 of 9” and the paper's token, in the clinic's own text font.

A stamp is drawn onto pages that were laid out long before; it is an artifact, which a reader's voice leaves out. Its
letters come from a sheet that was laid out once with all that a stamp may hold.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pikepdf

from handouts.formats import Format

RESOURCE = "/HandoutsStamp"
_CHARACTER = re.compile(rb"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>")
_BLOCK = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_OF_A_STAMP = frozenset(("Q", "BDC", "q", "BT", "rg", "Tf", "Tm", "Tj", "ET", "EMC"))


@dataclass(frozen=True)
class StampStyle:
    """Where and how a stamp stands on the pages of a format: points from the right edge, type size, leading.

    The lower line stands `baseline` points above the foot of the sheet: printers leave 4 mm (11.4 pt) blank.
    """

    right: float
    size: float
    leading: float
    baseline: float = 24.0


STANDARD = StampStyle(right=50.4, size=8.5, leading=10.2)
NARROW = StampStyle(right=36.0, size=8.5, leading=10.2)
# Two lines of it are as high as the foot of a large-print summary, 46 points: text ends right above.
LARGE = StampStyle(right=46.8, size=18.0, leading=18.4, baseline=14.0)


def style_of(form: Format) -> StampStyle:
    """The style for the pages of a format."""
    if form.large:
        return LARGE
    return STANDARD if form.name == "full" else NARROW


@dataclass(frozen=True)
class StampFont:
    """A font in a PDF that was laid out with all letters of a stamp: their codes, and widths in thousandths."""

    content: bytes
    codes: dict[str, bytes]
    widths: dict[str, float]

    @classmethod
    def of(cls, content: bytes) -> StampFont:
        """Find the letters in a sheet whose only text is what stamps may hold."""
        with pikepdf.open(io.BytesIO(content)) as pdf:
            fonts = [*pdf.pages[0].Resources.Font.values()]
            font = max(fonts, key=lambda one: len(one.ToUnicode.read_bytes()))
            by_code = _widths(font.DescendantFonts[0].W)
            letters = _letters_of(font)
            codes = {letter: b"%04x" % code for code, letter in letters.items()}
            return cls(content, codes, {letter: by_code.get(code, 0.0) for code, letter in letters.items()})

    def make_known(self, pdf: Any) -> None:
        """Put the font among the resources of every page of another PDF."""
        with pikepdf.open(io.BytesIO(self.content)) as sheet:
            fonts = [*sheet.pages[0].Resources.Font.values()]
            font = pdf.copy_foreign(max(fonts, key=lambda one: len(one.ToUnicode.read_bytes())))
            for page in pdf.pages:
                page.Resources.Font[RESOURCE] = font
            # The copy is written before the sheet that it was taken from is closed.
            _touch(font)

    def width(self, text: str, size: float) -> float:
        """How wide a line is, in points. Raises KeyError for a letter that the sheet did not hold."""
        return sum(self.widths[letter] for letter in text) * size / 1000


def stamp(lines: tuple[str, ...], font: StampFont, style: StampStyle, page_width: float) -> bytes:
    """What to draw on a page: the lines below each other, ending at the right margin."""
    drawn = [b"/Artifact << /Type /Pagination /Subtype /Footer >> BDC q BT 0.08 0.2 0.23 rg"]
    drawn.append(b"%s %.1f Tf" % (RESOURCE.encode(), style.size))
    for above, line in enumerate(reversed(lines)):
        left = page_width - style.right - font.width(line, style.size)
        codes = b"".join(font.codes[letter] for letter in line)
        drawn.append(b"1 0 0 1 %.2f %.2f Tm <%s> Tj" % (left, style.baseline + above * style.leading, codes))
    return b" ".join([*drawn, b"ET Q EMC"])


def read_stamp(page: Any, stamped: Any) -> list[str]:
    """The lines that a stream of a page stamps on it, as they are drawn, read through the page's own font.

    Anything else than a stamp in it makes it worthless: then there are none.
    """
    lines = []
    for part in pikepdf.parse_content_stream(stamped):
        operator = str(part.operator)
        if operator not in _OF_A_STAMP:
            return []
        if operator == "Tf":
            letters = _letters_of(page.Resources.Font[str(part.operands[0])])
        elif operator == "Tj":
            codes = bytes(part.operands[0])
            found = (letters.get(codes[at] << 8 | codes[at + 1], "") for at in range(0, len(codes), 2))
            lines.append("".join(found))
    return lines


def _letters_of(font: Any) -> dict[int, str]:
    return _letters(font.ToUnicode.read_bytes())


@lru_cache(maxsize=64)
def _letters(table: bytes) -> dict[int, str]:
    """The letter of each code of a font, as its table for readers says: ISO 32000-1, 9.10.3."""
    return {
        int(code, 16): bytes.fromhex(letters.decode()).decode("utf-16-be")
        for block in _BLOCK.findall(table)
        for code, letters in _CHARACTER.findall(block)
    }


def _touch(font: Any) -> None:
    font.DescendantFonts[0].FontDescriptor.FontFile2.read_raw_bytes()


def _widths(written: Any) -> dict[int, float]:
    """The widths of a CIDFont: ISO 32000-1, 9.7.4.3, both ways of writing them."""
    found: dict[int, float] = {}
    items = list(written)
    while items:
        first = int(items.pop(0))
        following = items.pop(0)
        if isinstance(following, pikepdf.Array):
            found.update({first + at: float(width) for at, width in enumerate(following)})
        else:
            width = float(items.pop(0))
            found.update(dict.fromkeys(range(first, int(following) + 1), width))
    return found
