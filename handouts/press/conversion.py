"""Separates a PDF that WeasyPrint wrote: every colour in it becomes inks, wherever it stands.

Colours stand in page content, in forms and tiling patterns and glyphs drawn as pictures (each a content stream with
resources of its own), in shadings and their functions, in pictures, in the blend spaces of transparency groups, and in
soft masks. A mask holds no colour but a coverage: it becomes gray by luminosity, and is never darkened for paper.
Whatever is not known here is refused: a colour that slips through is seen only when ten thousand sheets are printed.

Sources: ISO 32000-1, 8.6 (colour spaces), 8.7 (patterns, shadings), 8.9 (images), 11.6.5 (soft masks), 10.3 (gray).
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Literal

import pikepdf
from pikepdf import Array, Dictionary, Name, Operator
from PIL import Image, ImageChops, ImageCms

from handouts.colours import Colour
from handouts.errors import DesignError
from handouts.press.inks import (
    Inks,
    Palette,
    from_profile_to_srgb,
    limit_picture,
    picture_in_inks,
)
from handouts.press.profile import Profile

# What a content stream may hold besides colours: ISO 32000-1, annex A.
_OTHER_OPERATORS = frozenset(
    (
        *("q", "Q", "cm", "w", "J", "j", "M", "d", "ri", "i", "gs"),
        *("m", "l", "c", "v", "y", "h", "re", "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "n", "W", "W*"),
        *("BT", "ET", "Tc", "Tw", "Tz", "TL", "Tf", "Tr", "Ts", "Td", "TD", "Tm", "T*", "Tj", "TJ", "'", '"'),
        *("d0", "d1", "sh", "Do", "MP", "DP", "BMC", "BDC", "EMC", "BX", "EX"),
    )
)
# What may stand in a graphics state; transfer functions and halftones are the print shop's.
_STATES = frozenset(
    (
        *("Type", "LW", "LC", "LJ", "ML", "D", "RI", "OP", "op", "OPM", "Font", "FL", "SM", "SA"),
        *("BM", "SMask", "CA", "ca", "AIS", "TK"),
    )
)
_DEVICE = {"RGB": "DeviceRGB", "G": "DeviceGray", "CMYK": "DeviceCMYK"}  # short names, in inline images alone
_OPERATOR_SPACES = {"rg": Name.DeviceRGB, "g": Name.DeviceGray, "k": Name.DeviceCMYK}
_PLACES = Decimal("0.0001")
# What pikepdf and Pillow raise for a picture that they cannot decode, or whose data are broken.
_CANNOT_BE_READ = (NotImplementedError, OSError, ValueError, pikepdf.PdfError, pikepdf.UnsupportedImageTypeError)
_MOST_BITS = 8
_REMEDY = "Draw it in another way (PDF keeps sRGB, gray and CMYK colors; gradients along a line or a circle; pictures)."

Purpose = Literal["paint", "mask"]
Values = tuple[float, ...]


@dataclass(frozen=True)
class _Space:
    """A colour space: how many values a colour has, which it starts with, and how it becomes sRGB.

    `srgb` is None for inks. `profile` is the ICC profile of RGB that is not sRGB.
    """

    kind: Literal["gray", "rgb", "inks", "pattern"]
    start: Values
    srgb: Callable[[Values], Colour] | None = None
    profile: bytes | None = None


def _rgb(values: Values) -> Colour:
    red, green, blue = (min(1.0, max(0.0, value)) for value in values)
    return Colour(red, green, blue)


def _gray(values: Values) -> Colour:
    return _rgb((values[0],) * 3)


_RGB = _Space("rgb", (0.0,) * 3, _rgb)
_GRAY = _Space("gray", (0.0,), _gray)
_INKS = _Space("inks", (0.0, 0.0, 0.0, 1.0))
_PATTERN = _Space("pattern", ())


def separate(content: bytes, palette: Palette, profile: Profile) -> bytes:
    """A PDF of WeasyPrint's with every colour in it turned into inks. Its tags, if it has any, are kept.

    Colours of the palette get the inks that it names, text in the text colour black alone; all others go through the
    profile. Gray pictures stay gray: that is black ink alone. Pictures keep their pixels, and are packed without loss.
    The same content gives the same bytes. Raises DesignError for any colour, or anything that may hold one, that is
    not known here.
    """
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        separator = _Separator(pdf, palette, profile)
        for page in pdf.pages:
            separator.page(page)
        pdf.save(written, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return written.getvalue()


class _Separator:
    """Works through one PDF. What stands in many places is separated once for each purpose."""

    def __init__(self, pdf: Any, palette: Palette, profile: Profile) -> None:
        self._pdf = pdf
        self._palette = palette
        self._profile = profile
        self._done: dict[tuple[tuple[int, int], Purpose], Any] = {}

    def page(self, page: Any) -> None:
        """Separate a page, and give it CMYK to blend in: without that, a viewer blends in RGB."""
        for annotation in page.obj.get("/Annots", ()):
            if "/AP" in annotation:
                raise _unknown("a form field or a comment with a look of its own")
        old = self._held(page.obj, Dictionary())
        new = self._resources(old, "paint")
        stream = self._pdf.make_stream(self._stream(page, old, new, "paint"))
        page.obj.Resources, page.obj.Contents = new, stream
        group = Dictionary(page.obj.get("/Group", Dictionary(Type=Name.Group, S=Name.Transparency)))
        group.CS = Name.DeviceCMYK
        page.obj.Group = group

    def _once(self, old: Any, purpose: Purpose, make: Callable[[Any], None], empty: Callable[[], Any]) -> Any:
        """What an object becomes. It is known before it is filled, for it may hold itself."""
        if not old.is_indirect:
            new = empty()
            make(new)
            return new
        key = (old.objgen, purpose)
        if key not in self._done:
            self._done[key] = self._pdf.make_indirect(empty())
            make(self._done[key])
        return self._done[key]

    # Resources

    def _held(self, holder: Any, outer: Any) -> Any:
        """The resources of a page, a form or a font, made an object that can be known again; else those around it."""
        if "/Resources" not in holder:
            return outer
        if not holder.Resources.is_indirect:
            holder.Resources = self._pdf.make_indirect(holder.Resources)
        return holder.Resources

    def _resources(self, old: Any, purpose: Purpose) -> Any:
        return self._once(old, purpose, partial(self._fill_resources, old, purpose), Dictionary)

    def _fill_resources(self, old: Any, purpose: Purpose, new: Any) -> None:
        sorts: dict[str, Callable[[Any], Any]] = {
            "/XObject": lambda drawn: self._drawn(drawn, old, purpose),
            "/Pattern": lambda pattern: self._pattern(pattern, old, purpose),
            "/Shading": lambda shading: self._shading(shading, old, purpose),
            "/ExtGState": lambda state: self._state(state, old),
            "/Font": lambda font: self._font(font, old, purpose),
        }
        for sort, held in old.items():
            if sort == "/ColorSpace":
                continue  # every colour is in DeviceCMYK now; what is used and not known is refused where it is used
            if sort in sorts:
                new[sort] = Dictionary({name: sorts[sort](item) for name, item in held.items()})
            elif sort in ("/ProcSet", "/Properties"):
                new[sort] = held
            else:
                raise _unknown(f"resources of the kind {sort}")

    def _drawn(self, old: Any, outer: Any, purpose: Purpose) -> Any:
        if old.get("/Subtype") == Name.Form:
            return self._form(old, outer, purpose)
        if old.get("/Subtype") == Name.Image:
            return self._once_a_stream(old, purpose, partial(self._fill_picture, old, outer, purpose))
        raise _unknown(f"an object of the kind {old.get('/Subtype')}")

    def _form(self, old: Any, outer: Any, purpose: Purpose) -> Any:
        """A form, which may be a transparency group. Without resources of its own it uses those around it."""
        return self._once_a_stream(old, purpose, partial(self._fill_form, old, outer, purpose))

    def _once_a_stream(self, old: Any, purpose: Purpose, make: Callable[[Any], None]) -> Any:
        return self._once(old, purpose, make, lambda: self._pdf.make_stream(b""))

    def _fill_form(self, old: Any, outer: Any, purpose: Purpose, new: Any) -> None:
        resources = self._held(old, outer)
        _copy(old, new, without=("/Resources", "/Group"))
        new.Resources = self._resources(resources, purpose)
        if "/Group" in old:
            new.Group = Dictionary(old.Group)
            if "/CS" in old.Group:
                self._space(old.Group.CS, resources)  # refused if it is not known
                new.Group.CS = Name.DeviceGray if purpose == "mask" else Name.DeviceCMYK
        new.write(self._stream(old, resources, new.Resources, purpose))

    def _pattern(self, old: Any, outer: Any, purpose: Purpose) -> Any:
        if old.get("/PatternType") == 1 and old.get("/PaintType") == 1:
            return self._form(old, outer, purpose)
        if old.get("/PatternType") == 2:
            return self._once(old, purpose, partial(self._fill_shading_pattern, old, outer, purpose), Dictionary)
        raise _unknown("a pattern that takes its color from outside")

    def _fill_shading_pattern(self, old: Any, outer: Any, purpose: Purpose, new: Any) -> None:
        _copy(old, new, without=("/Shading", "/ExtGState"))
        new.Shading = self._shading(old.Shading, outer, purpose)
        if "/ExtGState" in old:
            new.ExtGState = self._state(old.ExtGState, outer)

    def _font(self, old: Any, outer: Any, purpose: Purpose) -> Any:
        if old.get("/Subtype") != Name.Type3:
            return old
        return self._once(old, purpose, partial(self._fill_drawn_font, old, outer, purpose), Dictionary)

    def _fill_drawn_font(self, old: Any, outer: Any, purpose: Purpose, new: Any) -> None:
        """A font whose glyphs are content streams: emoji, or letters made of pixels."""
        resources = self._held(old, outer)
        _copy(old, new, without=("/CharProcs", "/Resources"))
        new.Resources = self._resources(resources, purpose)
        new.CharProcs = Dictionary()
        for name, glyph in old.CharProcs.items():
            new.CharProcs[name] = self._pdf.make_stream(self._stream(glyph, resources, new.Resources, purpose))

    def _state(self, old: Any, outer: Any) -> Any:
        return self._once(old, "paint", partial(self._fill_state, old, outer), Dictionary)

    def _fill_state(self, old: Any, outer: Any, new: Any) -> None:
        strange = [key for key in old if key.removeprefix("/") not in _STATES]
        if strange:
            raise _unknown(f"{strange[0]} in a graphics state")
        _copy(old, new, without=("/SMask",))
        mask = old.get("/SMask")
        if isinstance(mask, Dictionary):
            new.SMask = self._once(mask, "mask", partial(self._fill_soft_mask, mask, outer), Dictionary)
        elif mask is not None:
            new.SMask = mask

    def _fill_soft_mask(self, old: Any, outer: Any, new: Any) -> None:
        if old.get("/TR", Name.Identity) != Name.Identity:
            raise _unknown("a transfer function in a soft mask")
        _copy(old, new, without=("/G", "/BC", "/TR"))
        # The opacity of a group is a matter of its shapes; its colours are converted, so that none is left in RGB.
        purpose: Purpose = "mask" if str(old.S) == "/Luminosity" else "paint"
        new.G = self._form(old.G, outer, purpose)
        if "/BC" in old and purpose == "mask":
            group = old.G.get("/Group", Dictionary())
            if "/CS" not in group:
                raise _unknown("a backdrop of a soft mask without a color space")
            new.BC = Array(self._numbers(self._space(group.CS, outer), _floats(old.BC), "mask"))

    # Shadings

    def _shading(self, old: Any, outer: Any, purpose: Purpose) -> Any:
        return self._once(old, purpose, partial(self._fill_shading, old, outer, purpose), Dictionary)

    def _fill_shading(self, old: Any, outer: Any, purpose: Purpose, new: Any) -> None:
        if old.get("/ShadingType") not in (2, 3):
            raise _unknown(f"a gradient of type {old.get('/ShadingType')}")
        space = self._space(old.ColorSpace, outer)
        _copy(old, new, without=("/ColorSpace", "/Function", "/Background"))
        new.ColorSpace = Name.DeviceGray if purpose == "mask" else Name.DeviceCMYK
        if "/Background" in old:
            new.Background = Array(self._numbers(space, _floats(old.Background), purpose))
        new.Function = self._function(old.Function, space, purpose)

    def _function(self, old: Any, space: _Space, purpose: Purpose) -> Any:
        """The same function with other ends. Between two ends it mixes inks, as a print shop would, not light."""
        kind = old.get("/FunctionType") if isinstance(old, Dictionary | pikepdf.Stream) else None
        if kind == 2:
            new = Dictionary()
            _copy(old, new, without=("/C0", "/C1", "/Range"))
            new.C0 = Array(self._numbers(space, _floats(old.get("/C0", [0])), purpose))
            new.C1 = Array(self._numbers(space, _floats(old.get("/C1", [1])), purpose))
            return self._pdf.make_indirect(new)
        if kind == 3:
            new = Dictionary()
            _copy(old, new, without=("/Functions", "/Range"))
            new.Functions = Array([self._function(part, space, purpose) for part in old.Functions])
            return self._pdf.make_indirect(new)
        if kind == 0:
            return self._samples(old, space, purpose)
        raise _unknown("a gradient whose colors are computed")

    def _samples(self, old: Any, space: _Space, purpose: Purpose) -> Any:
        bits, sizes, wide = int(old.BitsPerSample), [int(size) for size in old.Size], len(space.start)
        reach = _floats(old.get("/Decode", old.Range))
        if bits not in (8, 16) or len(sizes) != 1 or len(reach) != 2 * wide:
            raise _unknown("a table of colors in this form")
        data, step = old.read_bytes(), bits // 8
        numbers: list[Decimal] = []
        for at in range(0, sizes[0] * wide * step, wide * step):
            found = [data[at + part * step : at + part * step + step] for part in range(wide)]
            shares = [int.from_bytes(value, "big") / (2**bits - 1) for value in found]
            values = [
                low + share * (high - low) for share, low, high in zip(shares, reach[::2], reach[1::2], strict=True)
            ]
            numbers += self._numbers(space, tuple(values), purpose)
        new = self._pdf.make_stream(bytes(round(number * 255) for number in numbers))
        _copy(old, new, without=("/Decode", "/Range", "/BitsPerSample"))
        new.BitsPerSample = 8
        new.Range = Array([0, 1] * (len(numbers) // sizes[0]))
        return new

    # Pictures

    def _fill_picture(self, old: Any, outer: Any, purpose: Purpose, new: Any) -> None:
        """A picture in inks. Its transparency stays beside it as it is, in gray."""
        if old.get("/ImageMask", False):  # it is painted in the colour that holds where it is drawn
            _copy(old, new, without=())
            new.write(old.read_bytes())
            return
        if isinstance(old.get("/Mask"), Array):
            raise _unknown("a picture in which one color is transparent")
        if "/Matte" in old.get("/SMask", {}):
            raise _unknown("a picture whose transparent edges were mixed with a color")
        made = self._picture(old, outer, purpose)
        _copy(old, new, without=("/ColorSpace", "/Decode", "/BitsPerComponent", "/Intent", "/Filter", "/DecodeParms"))
        new.ColorSpace = Name.DeviceCMYK if made.mode == "CMYK" else Name.DeviceGray
        new.BitsPerComponent = 8
        parameters = Dictionary(Predictor=2, Colors=len(made.getbands()), Columns=made.width)
        new.write(_packed(made), filter=Name.FlateDecode, decode_parms=parameters)

    def _picture(self, old: Any, outer: Any, purpose: Purpose) -> Image.Image:
        space = self._picture_space(old.ColorSpace, outer)
        picture = _pixels(old, space)
        if space.kind == "inks":
            return _in_gray(picture) if purpose == "mask" else limit_picture(picture)
        if space.profile is not None:
            try:
                picture = from_profile_to_srgb(picture, space.profile)
            except (OSError, ImageCms.PyCMSError):
                raise _unknown("a picture with a damaged color profile") from None
        if purpose == "mask":
            return picture.convert("L")
        return picture_in_inks(picture, self._palette, self._profile)

    def _picture_space(self, written: Any, outer: Any) -> _Space:
        if isinstance(written, Array) and written[0] in (Name.Indexed, Name.I):
            written = written[1]
        space = self._space(written, outer)
        if space.srgb not in (None, _rgb, _gray) and space.profile is None:
            raise _unknown("a picture in calibrated colors")
        return space

    # Content

    def _stream(self, holder: Any, old: Any, new: Any, purpose: Purpose) -> bytes:
        """The content of a page, a form, a pattern or a glyph with other colour operators."""
        try:
            instructions = pikepdf.parse_content_stream(holder)
        except pikepdf.PdfError as fault:
            raise _unknown(f"content that cannot be read ({fault})") from None
        written: bytes = pikepdf.unparse_content_stream(list(self._instructions(instructions, old, new, purpose)))
        return written

    def _instructions(self, instructions: Any, old: Any, new: Any, purpose: Purpose) -> Iterator[Any]:
        # The spaces of fills and strokes; None where a form goes on with that of whoever draws it.
        spaces: dict[str, _Space | None] = {"fill": None, "stroke": None}
        kept: list[dict[str, _Space | None]] = []
        for instruction in instructions:
            operator, operands = str(instruction.operator), list(instruction.operands)
            side = "stroke" if operator.isupper() else "fill"
            if operator == "INLINE IMAGE":
                yield self._inline(instruction, old, new, purpose)
            elif operator in ("rg", "RG", "g", "G", "k", "K"):
                space = self._space(_OPERATOR_SPACES[operator.lower()], old)
                spaces[side] = space
                yield self._colour(space, _floats(operands), side, purpose)
            elif operator in ("cs", "CS"):
                found = self._space(operands[0], old)
                spaces[side] = found
                if found.kind == "pattern":
                    yield instruction
                else:
                    yield self._colour(found, found.start, side, purpose)
            elif operator in ("sc", "scn", "SC", "SCN"):
                current = spaces[side]
                if current is None:
                    raise _unknown(f"a color whose space is not named ({operator})")
                if current.kind == "pattern":
                    if len(operands) != 1:
                        raise _unknown("a pattern that takes its color from outside")
                    yield instruction
                else:
                    yield self._colour(current, _floats(operands), side, purpose)
            elif operator in _OTHER_OPERATORS:
                if operator == "q":
                    kept.append(dict(spaces))
                elif operator == "Q" and kept:
                    spaces = kept.pop()
                yield instruction
            else:
                raise _unknown(f"the operator {operator}")

    def _colour(self, space: _Space, values: Values, side: str, purpose: Purpose) -> Any:
        if len(values) != len(space.start):
            raise _unknown(f"a color of {len(values)} parts where {len(space.start)} are needed")
        operator = "g" if purpose == "mask" else "k"
        numbers = self._numbers(space, values, purpose)
        return pikepdf.ContentStreamInstruction(numbers, Operator(operator.upper() if side == "stroke" else operator))

    def _inline(self, instruction: Any, old: Any, new: Any, purpose: Purpose) -> Any:
        """A picture amid the content: a stencil stays, any other becomes a picture beside the content."""
        inline = instruction.iimage
        if inline.image_mask:
            return instruction
        written = inline.obj
        space = self._picture_space(written.get("/CS", written.get("/ColorSpace")), old)
        if space is not _RGB and space is not _GRAY:
            raise _unknown("a picture amid the content in these colors")
        try:
            picture = _of_mode(inline.as_pil_image(), space)
        except _CANNOT_BE_READ as fault:
            raise _unknown(f"a picture amid the content that cannot be read ({fault})") from None
        made = picture.convert("L") if purpose == "mask" else picture_in_inks(picture, self._palette, self._profile)
        name = "/Inline" + hashlib.sha256(made.mode.encode() + made.tobytes()).hexdigest()[:16]
        stream = self._pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Image, Width=made.width, Height=made.height)
        stream.ColorSpace = Name.DeviceCMYK if made.mode == "CMYK" else Name.DeviceGray
        stream.BitsPerComponent = 8
        parameters = Dictionary(Predictor=2, Colors=len(made.getbands()), Columns=made.width)
        stream.write(_packed(made), filter=Name.FlateDecode, decode_parms=parameters)
        if "/XObject" not in new:
            new.XObject = Dictionary()
        new.XObject[name] = stream
        return pikepdf.ContentStreamInstruction([Name(name)], Operator("Do"))

    # Colours

    def _space(self, written: Any, resources: Any) -> _Space:
        """What a colour space is, from its name or its description. Raises DesignError for one that is not known."""
        if isinstance(written, Name):
            name = str(written).removeprefix("/")
            name = _DEVICE.get(name, name)
            spaces = resources.get("/ColorSpace", Dictionary())
            default = spaces.get("/Default" + name.removeprefix("Device")) if name.startswith("Device") else None
            if default is not None:
                return self._space(default, Dictionary())
            known = {"DeviceRGB": _RGB, "DeviceGray": _GRAY, "DeviceCMYK": _INKS, "Pattern": _PATTERN}
            if name in known:
                return known[name]
            if f"/{name}" in spaces:
                return self._space(spaces[f"/{name}"], Dictionary())
        elif isinstance(written, Array):
            if len(written) == 1:
                return self._space(written[0], resources)
            if written[0] == Name.ICCBased:
                return self._profiled(written[1])
            if written[0] == Name.CalGray:
                return _Space("gray", (0.0,), partial(_calibrated_gray, float(written[1].get("/Gamma", 1))))
            if written[0] == Name.CalRGB:
                return _Space("rgb", (0.0,) * 3, partial(_calibrated, _Calibration.of(written[1])))
            raise _unknown(f"the color space {str(written[0]).removeprefix('/')}")
        raise _unknown(f"the color space {written}")

    def _profiled(self, stream: Any) -> _Space:
        parts, content = int(stream.N), stream.read_bytes()
        if parts == 1:
            return _GRAY
        if parts == 4 and content == self._profile.content:
            return _INKS
        if parts == 4:
            raise _unknown("inks that were mixed for another press profile")
        if parts == 3:
            try:
                opened = ImageCms.ImageCmsProfile(io.BytesIO(content))
                if "sRGB" in ImageCms.getProfileDescription(opened):
                    return _RGB
                from_profile_to_srgb(Image.new("RGB", (1, 1)), content)
            except (OSError, ImageCms.PyCMSError):
                raise _unknown("colors with a damaged profile") from None
            return _Space("rgb", (0.0,) * 3, partial(_through_profile, content), content)
        raise _unknown(f"colors of {parts} parts")

    def _numbers(self, space: _Space, values: Values, purpose: Purpose) -> list[Decimal]:
        """The operands of a colour: four for paper, one for a mask."""
        if len(values) != len(space.start):
            raise _unknown(f"a color of {len(values)} parts where {len(space.start)} are needed")
        if purpose == "mask":
            return [_number(self._luminosity(space, values))]
        return [_number(part / 100) for part in self._inks(space, values).parts]

    def _inks(self, space: _Space, values: Values) -> Inks:
        if space.srgb is not None:
            return self._palette.inks(space.srgb(values), self._profile)
        if space.kind == "inks":
            c, m, y, k = (min(1.0, max(0.0, value)) * 100 for value in values)
            return Inks(c, m, y, k).limited()
        raise _unknown("a pattern where a color should be")

    def _luminosity(self, space: _Space, values: Values) -> float:
        """The coverage that a colour in a mask stands for: ISO 32000-1, 10.3.2 and 10.3.3."""
        if space.kind == "gray" and space.srgb is _gray:
            return min(1.0, max(0.0, values[0]))
        if space.srgb is not None:
            red, green, blue = space.srgb(values).parts
            return 0.3 * red + 0.59 * green + 0.11 * blue
        c, m, y, k = values
        return 1 - min(1.0, 0.3 * c + 0.59 * m + 0.11 * y + k)


@dataclass(frozen=True)
class _Calibration:
    """CalRGB: the gamma of each part, and what each adds to X, Y and Z, measured against a white point."""

    gamma: Values
    matrix: tuple[Values, Values, Values]  # a row each for X, Y and Z, of a full red, green and blue
    white: Values

    @classmethod
    def of(cls, written: Any) -> _Calibration:
        flat = _floats(written.get("/Matrix", [1, 0, 0, 0, 1, 0, 0, 0, 1]))
        gamma = _floats(written.get("/Gamma", [1, 1, 1]))
        return cls(gamma, (flat[0::3], flat[1::3], flat[2::3]), _floats(written.WhitePoint))


_D65 = (0.9505, 1.0, 1.089)  # the white of sRGB (IEC 61966-2-1)


def _calibrated(space: _Calibration, values: Values) -> Colour:
    """A calibrated colour in sRGB; its white becomes white (scaled part by part, as von Kries did)."""
    linear = [min(1.0, max(0.0, value)) ** gamma for value, gamma in zip(values, space.gamma, strict=True)]
    found = [sum(share * part for share, part in zip(row, linear, strict=True)) for row in space.matrix]
    x, y, z = (value / white * target for value, white, target in zip(found, space.white, _D65, strict=True))
    return _rgb(
        (
            _companded(3.2406 * x - 1.5372 * y - 0.4986 * z),
            _companded(-0.9689 * x + 1.8758 * y + 0.0415 * z),
            _companded(0.0557 * x - 0.2040 * y + 1.0570 * z),
        )
    )


def _calibrated_gray(gamma: float, values: Values) -> Colour:
    return _gray((_companded(min(1.0, max(0.0, values[0])) ** gamma),))


def _companded(linear: float) -> float:
    """A part of light (0 to 1) as sRGB writes it (IEC 61966-2-1)."""
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * min(1.0, linear) ** (1 / 2.4) - 0.055


def _through_profile(content: bytes, values: Values) -> Colour:
    eight_bits = tuple(round(min(1.0, max(0.0, value)) * 255) for value in values)
    pixel: Any = from_profile_to_srgb(Image.new("RGB", (1, 1), eight_bits), content).getpixel((0, 0))
    return _rgb(tuple(part / 255 for part in pixel))


def _pixels(old: Any, space: _Space) -> Image.Image:
    """The pixels of a picture as they are meant: "L", "RGB", or "CMYK" (255 is full ink)."""
    if int(old.get("/BitsPerComponent", 8)) > _MOST_BITS or "/JPXDecode" in str(old.get("/Filter", "")):
        raise _unknown("a picture of more than 8 bits, or in JPEG 2000")
    try:
        picture = pikepdf.PdfImage(old).as_pil_image(apply_decode_array=False, apply_mask=False)
        picture.load()
    except _CANNOT_BE_READ as fault:
        raise _unknown(f"a picture that cannot be read ({fault})") from None
    decode = _floats(old.get("/Decode", []))
    indexed = isinstance(old.ColorSpace, Array) and old.ColorSpace[0] == Name.Indexed
    if indexed and decode:
        raise _unknown("a picture with a table of colors read backwards")
    backwards = decode == (1.0, 0.0) * len(space.start)
    if decode and not backwards and decode != (0.0, 1.0) * len(space.start):
        raise _unknown("a picture whose values are stretched")
    if space.kind == "inks" and "/DCTDecode" in str(old.get("/Filter", "")):
        backwards = not backwards  # Pillow takes a JPEG's inks for those of Photoshop, which are written upside down
    picture = _of_mode(picture, space)
    return ImageChops.invert(picture) if backwards else picture


def _of_mode(picture: Image.Image, space: _Space) -> Image.Image:
    mode = {"gray": "L", "rgb": "RGB", "inks": "CMYK"}.get(space.kind)
    if (
        mode is None
        or picture.mode not in ("1", "L", "P", "RGB", "CMYK")
        or (mode == "CMYK") != (picture.mode == "CMYK")
    ):
        raise _unknown(f"a picture in {picture.mode} pixels where {space.kind} is said")
    return picture.convert(mode)


def _in_gray(picture: Image.Image) -> Image.Image:
    """A picture in inks as coverage."""
    return picture.convert("RGB").convert("L")


def _packed(picture: Image.Image) -> bytes:
    """Pixels for `/Predictor 2`: each as its difference from the one on its left, which packs a third smaller."""
    left = Image.new(picture.mode, picture.size)
    left.paste(picture.crop((0, 0, picture.width - 1, picture.height)), (1, 0))
    bands = [
        ImageChops.subtract_modulo(here, before) for here, before in zip(picture.split(), left.split(), strict=True)
    ]
    differences = bands[0] if len(bands) == 1 else Image.merge(picture.mode, bands)
    return zlib.compress(differences.tobytes(), 9)


def _copy(old: Any, new: Any, without: Sequence[str]) -> None:
    """Give a dictionary, or that of a stream, the entries of another. How a stream is packed is not taken over."""
    packing = ("/Length", "/Filter", "/DecodeParms") if isinstance(new, pikepdf.Stream) else ()
    for key, value in old.items():
        if key not in without and key not in packing:
            new[key] = value


def _floats(values: Any) -> Values:
    return tuple(float(value) for value in values)


def _number(value: float) -> Decimal:
    return Decimal(value).quantize(_PLACES).normalize() + 0


def _unknown(what: str) -> DesignError:
    return DesignError(f"The page holds {what}, which cannot be separated into inks", _REMEDY)
