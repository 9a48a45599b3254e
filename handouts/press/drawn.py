"""What is drawn in a finished press file: a reader of its own, that shares nothing with what separates colours.

It follows every page, form, pattern and soft mask with the state of its graphics, and notes what a print shop asks
about. What it does not know it notes too, as a colour that may not be there. Source: ISO 32000-1, 8 and 11.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pikepdf
from PIL import Image, ImageChops, ImageMath

_PAINT_FILL = frozenset(("f", "F", "f*", "B", "B*", "b", "b*"))
_PAINT_STROKE = frozenset(("S", "s", "B", "B*", "b", "b*"))
_SHOW_TEXT = frozenset(("Tj", "TJ", "'", '"'))
_COLOURS = {"k": "DeviceCMYK", "g": "DeviceGray", "rg": "DeviceRGB"}
_OTHERS = frozenset(
    (
        *("w", "J", "j", "M", "d", "ri", "i", "m", "l", "c", "v", "y", "h", "re", "n", "W", "W*", "BT", "ET", "Tc"),
        *("Tw", "Tz", "TL", "Td", "TD", "Tm", "T*", "Tf", "d0", "d1", "MP", "DP", "BMC", "BDC", "EMC", "BX", "EX"),
    )
)
_ALLOWED = frozenset(("DeviceCMYK", "DeviceGray", "Pattern"))
_DEEPEST = 24  # forms in forms


@dataclass(frozen=True)
class Ink:
    """Cyan, magenta, yellow and black, from 0 to 1; `pattern` stands for a colour that is a pattern."""

    parts: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 1.0)
    pattern: bool = False

    @property
    def percent(self) -> float:
        return 100 * sum(self.parts)

    def __str__(self) -> str:
        return " ".join(f"{100 * part:.0f}" for part in self.parts)


@dataclass(frozen=True)
class Picture:
    """A picture where it is drawn: page (the first is 1), colour space, its least dots per inch, its most ink."""

    page: int
    space: str
    dots: float
    percent: float


@dataclass
class Drawn:
    """What was found in a file. `strange` holds colours that are neither CMYK nor gray, with their page."""

    strange: set[str] = field(default_factory=set)
    pictures: list[Picture] = field(default_factory=list)
    text_inks: set[Ink] = field(default_factory=set)
    heaviest: float = 0.0  # percent, in lines, grounds, letters and gradients
    white_overprints: set[int] = field(default_factory=set)  # pages
    blend_modes: set[str] = field(default_factory=set)
    blend_spaces: set[str] = field(default_factory=set)
    fonts: dict[str, bool] = field(default_factory=dict)  # by name, whether it is embedded
    transparent: bool = False


@dataclass(frozen=True)
class _State:
    matrix: pikepdf.Matrix
    fill: Ink = Ink()
    stroke: Ink = Ink()
    spaces: tuple[str, str] = ("DeviceGray", "DeviceGray")  # of fills and of strokes
    overprints: tuple[bool, bool] = (False, False)
    rendering: int = 0  # of text: 0 fills, 1 strokes, 2 does both, 3 shows nothing


def read_drawn(pdf: Any) -> Drawn:
    """Read all pages of a file that pikepdf has opened."""
    reader = _Reader()
    for number, page in enumerate(pdf.pages, start=1):
        reader.page(page, number)
    return reader.drawn


class _Reader:
    def __init__(self) -> None:
        self.drawn = Drawn()
        self._page = 0
        self._glyphs: set[tuple[int, int]] = set()
        self._weighed: dict[tuple[int, int], tuple[str, float]] = {}

    def page(self, page: Any, number: int) -> None:
        self._page = number
        self._group(page.obj, "page", in_mask=False)
        resources = page.obj.get("/Resources", pikepdf.Dictionary())
        self._content(page, resources, _State(pikepdf.Matrix()), in_mask=False, depth=0)

    def _strange(self, what: str) -> None:
        self.drawn.strange.add(f"{what} on page {self._page}")

    def _content(self, holder: Any, resources: Any, state: _State, in_mask: bool, depth: int) -> None:
        if depth > _DEEPEST:
            self._strange("forms nested without end")
            return
        base = state.matrix
        self._fonts(resources)
        kept: list[_State] = []
        for instruction in pikepdf.parse_content_stream(holder):
            operator, operands = str(instruction.operator), instruction.operands
            at = 1 if operator.isupper() else 0
            if operator == "q":
                kept.append(state)
            elif operator == "Q":
                state = kept.pop() if kept else state
            elif operator == "cm":
                state = replace(state, matrix=_matrix(operands) @ state.matrix)
            elif operator.lower() in _COLOURS:
                state = self._coloured(state, at, _COLOURS[operator.lower()], operands, in_mask)
            elif operator in ("cs", "CS"):
                state = self._spaced(state, at, str(operands[0]).removeprefix("/"))
            elif operator in ("sc", "SC", "scn", "SCN"):
                state = self._in_its_space(state, at, operands, resources, base, in_mask, depth)
            elif operator == "gs":
                state = self._changed(state, resources.ExtGState[operands[0]], resources, depth)
            elif operator == "Tr":
                state = replace(state, rendering=int(operands[0]))
            elif operator == "sh":
                self._shading(resources.Shading[operands[0]], in_mask)
            elif operator == "Do":
                self._object(resources.XObject[operands[0]], resources, state, in_mask, depth)
            elif operator == "INLINE IMAGE":
                if not instruction.iimage.image_mask:
                    self._strange("a picture amid the content")
            elif operator in _SHOW_TEXT:
                self._text(state, in_mask)
            elif operator in _PAINT_FILL | _PAINT_STROKE:
                for side, painting in enumerate((_PAINT_FILL, _PAINT_STROKE)):
                    if operator in painting:
                        self._painted(state, side, in_mask)
            elif operator not in _OTHERS:
                self._strange(f"the operator {operator}")

    # Colours

    def _coloured(self, state: _State, at: int, space: str, values: Sequence[Any], in_mask: bool) -> _State:
        if space not in _ALLOWED:
            self._strange(space)
            return state
        ink = _ink(space, values)
        if not in_mask:
            self.drawn.heaviest = max(self.drawn.heaviest, ink.percent)
        state = _with_space(state, at, space)
        return replace(state, stroke=ink) if at else replace(state, fill=ink)

    def _spaced(self, state: _State, at: int, space: str) -> _State:
        if space not in _ALLOWED:
            self._strange(space)
        state = _with_space(state, at, space)
        return replace(state, stroke=Ink()) if at else replace(state, fill=Ink())

    def _in_its_space(
        self, state: _State, at: int, operands: Any, resources: Any, base: pikepdf.Matrix, in_mask: bool, depth: int
    ) -> _State:
        space = state.spaces[at]
        if space == "Pattern":
            self._pattern(resources.Pattern[operands[-1]], resources, base, in_mask, depth)
            return replace(state, stroke=Ink(pattern=True)) if at else replace(state, fill=Ink(pattern=True))
        return self._coloured(state, at, space, operands, in_mask)

    def _changed(self, state: _State, change: Any, resources: Any, depth: int) -> _State:
        """What a graphics state changes. `OP` alone stands for both sides (ISO 32000-1, 8.6.7)."""
        over = list(state.overprints)
        if "/OP" in change:
            over = [bool(change.OP)] * 2
        if "/op" in change:
            over[0] = bool(change.op)
        if any(float(change.get(key, 1)) < 1 for key in ("/ca", "/CA")):
            self.drawn.transparent = True
        if "/BM" in change:
            modes = change.BM if isinstance(change.BM, pikepdf.Array) else [change.BM]
            self.drawn.blend_modes |= {str(mode).removeprefix("/") for mode in modes}
        for key in ("/TR", "/TR2", "/HT", "/BG", "/UCR"):
            if key in change and change[key] not in (pikepdf.Name.Default, pikepdf.Name.Identity):
                self._strange(f"{key} in a graphics state")
        mask = change.get("/SMask")
        if isinstance(mask, pikepdf.Dictionary):
            self.drawn.transparent = True
            # A mask by luminosity holds coverage, not ink; one by opacity holds shapes in colours that count.
            self._form(mask.G, resources, state, str(mask.S) == "/Luminosity", depth)
        return replace(state, overprints=(over[0], over[1]))

    def _painted(self, state: _State, side: int, in_mask: bool) -> None:
        ink = (state.fill, state.stroke)[side]
        if not in_mask and state.overprints[side] and ink.percent == 0 and not ink.pattern:
            self.drawn.white_overprints.add(self._page)

    def _text(self, state: _State, in_mask: bool) -> None:
        sides = {0: (0,), 1: (1,), 2: (0, 1), 4: (0,), 5: (1,), 6: (0, 1)}.get(state.rendering, ())
        for side in sides:
            self._painted(state, side, in_mask)
            if not in_mask:
                self.drawn.text_inks.add((state.fill, state.stroke)[side])

    def _group(self, holder: Any, what: str, in_mask: bool) -> None:
        group = holder.get("/Group")
        if group is None:
            return
        space = _space_name(group.CS) if "/CS" in group else "that around it"
        self.drawn.blend_spaces.add(f"{what}: {space}")
        if space not in ("DeviceCMYK", "that around it") and not (in_mask and space == "DeviceGray"):
            self._strange(f"a group that blends in {space}")

    # What is drawn

    def _object(self, drawn: Any, resources: Any, state: _State, in_mask: bool, depth: int) -> None:
        kind = drawn.get("/Subtype")
        if kind == pikepdf.Name.Form:
            self._form(drawn, resources, state, in_mask, depth)
        elif kind == pikepdf.Name.Image:
            self._picture(drawn, state, in_mask)
        else:
            self._strange(f"an object of the kind {kind}")

    def _form(self, form: Any, outer: Any, state: _State, in_mask: bool, depth: int) -> None:
        self._group(form, "mask" if in_mask else "group", in_mask)
        inner = replace(state, matrix=_matrix(form.get("/Matrix", (1, 0, 0, 1, 0, 0))) @ state.matrix)
        self._content(form, form.get("/Resources", outer), inner, in_mask, depth + 1)

    def _pattern(self, pattern: Any, outer: Any, base: pikepdf.Matrix, in_mask: bool, depth: int) -> None:
        if pattern.PatternType == 2:
            self._shading(pattern.Shading, in_mask)
            return
        if pattern.PaintType != 1:
            self._strange("a pattern that takes its color from outside")
        self._form(pattern, outer, _State(base), in_mask, depth)

    def _shading(self, shading: Any, in_mask: bool) -> None:
        space = _space_name(shading.ColorSpace)
        if space not in _ALLOWED:
            self._strange(f"a gradient in {space}")
            return
        if in_mask:
            return
        found = [*_ends(shading.Function)]
        if "/Background" in shading:
            found.append(tuple(float(value) for value in shading.Background))
        for values in found:
            if len(values) != {"DeviceCMYK": 4, "DeviceGray": 1}[space]:
                self._strange("a gradient whose function does not fit its colors")
                continue
            self.drawn.heaviest = max(self.drawn.heaviest, _ink(space, values).percent)

    def _picture(self, picture: Any, state: _State, in_mask: bool) -> None:
        width, height = _lengths(state.matrix)
        dots = min(
            float(side) / (length / 72) if length else math.inf
            for side, length in ((picture.Width, width), (picture.Height, height))
        )
        if "/SMask" in picture:
            self.drawn.transparent = True
            if _space_name(picture.SMask.ColorSpace) != "DeviceGray":
                self._strange("the transparency of a picture, not in gray")
        key = picture.objgen
        if picture.get("/ImageMask", False):
            space, percent = "stencil", 0.0
        else:
            if key not in self._weighed:
                self._weighed[key] = self._weigh(picture)
            space, percent = self._weighed[key]
        if space not in (*_ALLOWED, "stencil"):
            self._strange(f"a picture in {space}")
        self.drawn.pictures.append(Picture(self._page, space, dots, 0.0 if in_mask else percent))

    def _weigh(self, picture: Any) -> tuple[str, float]:
        """The colour space of a picture, and the most ink in a pixel in percent."""
        space = _space_name(picture.ColorSpace)
        if space != "DeviceCMYK":
            return space, 100.0 if space == "DeviceGray" else math.nan
        pixels = pikepdf.PdfImage(picture).as_pil_image(apply_decode_array=False, apply_mask=False)
        if pixels.mode != "CMYK":
            return f"{pixels.mode} pixels", math.nan
        turned = [float(value) for value in picture.get("/Decode", [])] == [1, 0] * 4
        if turned != ("/DCTDecode" in str(picture.get("/Filter", ""))):  # Pillow turns the inks of every JPEG round
            pixels = ImageChops.invert(pixels)
        return space, _most(pixels) / 255 * 100

    def _fonts(self, resources: Any) -> None:
        for font in resources.get("/Font", {}).values():
            if font.get("/Subtype") == pikepdf.Name.Type3:
                self.drawn.fonts["drawn glyph by glyph"] = True
                for glyph in font.CharProcs.values():
                    if glyph.objgen not in self._glyphs:
                        self._glyphs.add(glyph.objgen)
                        state = _State(pikepdf.Matrix())
                        self._content(glyph, font.get("/Resources", resources), state, in_mask=False, depth=0)
                continue
            held = font.DescendantFonts[0] if "/DescendantFonts" in font else font
            described = held.get("/FontDescriptor", {})
            name = str(font.get("/BaseFont", "a font without a name")).removeprefix("/")
            embedded = any(key in described for key in ("/FontFile", "/FontFile2", "/FontFile3"))
            self.drawn.fonts[name] = self.drawn.fonts.get(name, True) and embedded


def _with_space(state: _State, at: int, space: str) -> _State:
    fill, stroke = state.spaces
    return replace(state, spaces=(fill, space) if at else (space, stroke))


def _ink(space: str, values: Sequence[Any]) -> Ink:
    numbers = [min(1.0, max(0.0, float(value))) for value in values]
    if space == "DeviceGray":
        return Ink((0.0, 0.0, 0.0, 1 - numbers[0]))
    c, m, y, k = numbers
    return Ink((c, m, y, k))


def _ends(function: Any) -> Iterator[tuple[float, ...]]:
    """Colours between which a gradient's function stays."""
    kind = function.get("/FunctionType")
    if kind == 2:
        yield tuple(float(value) for value in function.get("/C0", [0]))
        yield tuple(float(value) for value in function.get("/C1", [1]))
    elif kind == 3:
        for part in function.Functions:
            yield from _ends(part)
    elif kind == 0 and function.BitsPerSample == 8 and "/Decode" not in function:
        data, wide = function.read_bytes(), len(function.Range) // 2
        yield from (tuple(value / 255 for value in data[at : at + wide]) for at in range(0, len(data), wide))
    else:
        yield ()


def _space_name(space: Any) -> str:
    """A colour space in a word; the one behind it, of a picture with a table of colours."""
    if isinstance(space, pikepdf.Array):
        if space[0] == pikepdf.Name.Indexed:
            return _space_name(space[1])
        if space[0] == pikepdf.Name.ICCBased:
            return f"ICCBased with {space[1].N} parts"
        return _space_name(space[0])
    return str(space).removeprefix("/")


def _matrix(numbers: Any) -> pikepdf.Matrix:
    return pikepdf.Matrix(*(float(number) for number in numbers))


def _lengths(matrix: pikepdf.Matrix) -> tuple[float, float]:
    """How long the sides of a square of one point become, in points."""
    return math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)


def _most(pixels: Image.Image) -> int:
    bands = dict(zip("cmyk", pixels.split(), strict=True))
    together = ImageMath.lambda_eval(lambda band: band["c"] + band["m"] + band["y"] + band["k"], **bands)
    largest: Any = together.getextrema()
    return int(largest[1])
