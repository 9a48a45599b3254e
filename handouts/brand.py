"""A brand: the table `[brand]` of a clinic's settings, and what becomes of it in print."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from handouts.colours import TEXT_CONTRAST, WHITE, Colour
from handouts.errors import ClinicError, Origin
from handouts.library import Library
from handouts.reading import Written, read_bytes, read_svg

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_HEX = Field(json_schema_extra={"pattern": "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"})
_PNG_BEGINS, _PNG_ENDS = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
_VIEW_BOX = re.compile(r"viewBox=[\"']\s*\S+[\s,]+\S+[\s,]+([\d.]+)[\s,]+([\d.]+)")
_JPEG_BEGINS, _JPEG_ENDS = b"\xff\xd8\xff", b"\xff\xd9"
MOST_INK = 300  # percent, all four inks together: more does not dry on uncoated paper
_PALEST_INK = 3.0  # contrast: an estimate, so it refuses only what is too pale on any paper
_LOGO_HEIGHT = 34  # points: how high the papers print a logo
LEAST_LOGO_HEIGHT_MM = 29 / 72 * 25.4  # on a summary
_PICTURE_KINDS = {".svg": "SVG", ".png": "PNG"}
PHOTO_KINDS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}
# How a whole file of a kind begins and ends. Some programs write a few bytes after the end of a JPEG.
_WHOLE = {"PNG": (_PNG_BEGINS, _PNG_ENDS), "JPEG": (_JPEG_BEGINS, _JPEG_ENDS)}


class Table(BaseModel):
    """A table of clinic.toml: a key that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Colors(Table):
    """The table `[brand.colors]`. Tints are worked out from these; a color too pale for text is darkened."""

    brand: Annotated[str, _HEX, Field(description="The main color: titles, rules, pictures.")] = "#0f5c63"
    accent: Annotated[str, _HEX, Field(description="A warm second color for what matters most.")] = "#b8472a"
    ink: Annotated[str, _HEX, Field(description="The color of running text: very dark.")] = "#15323a"
    ground: Annotated[
        str | None, _HEX, Field(description="A third color for pale grounds. Left out, they are tints of the brand's.")
    ] = None

    @field_validator("*")
    @classmethod
    def _is_a_colour(cls, value: str | None) -> str | None:
        if value is not None:
            Colour.from_hex(value)
        return value


class Fonts(Table):
    """The table `[brand.fonts]`: families from an installed `fontpkg-…` package."""

    heading: Annotated[Line, Field(description="For titles and numbers.")] = "Fraunces"
    text: Annotated[Line, Field(description="For running text.")] = "Atkinson Hyperlegible"
    heading_weight: Annotated[
        Literal[400, 500, 600, 700, 800], Field(description="How bold titles are: 400 is regular, 700 is bold.")
    ] = 600


class Shape(Table):
    """The table `[brand.shape]`: corners, rules, and the band at the head of a paper."""

    corners: Annotated[
        Literal["soft", "square", "round"], Field(description="Of boxes, pictures and icons. Left out: soft.")
    ] = "soft"
    rules: Annotated[
        Literal["plain", "fine", "bold", "double"], Field(description="The lines above sections. Left out: plain.")
    ] = "plain"
    band: Annotated[
        Literal["pale", "open", "deep"],
        Field(description="What the title stands on: a pale tint, white with rules (saves toner), or the brand color."),
    ] = "pale"


class PictureLooks(Table):
    """The table `[brand.pictures]`: how our drawings look."""

    style: Annotated[
        Literal["tinted", "line", "filled"],
        Field(description="Tints with outlines, thin outlines on white, or strong grounds and heavy outlines."),
    ] = "tinted"


Inks = tuple[float, float, float, float]  # cyan, magenta, yellow and black, in percent


def _inks(written: Any) -> Any:
    """Four percentages that a press can print. Raises ValueError for others."""
    numbers = isinstance(written, list | tuple) and all(
        isinstance(share, int | float) and not isinstance(share, bool) for share in written
    )
    if not numbers or len(written) != 4 or not all(0 <= share <= 100 for share in written):
        raise ValueError("write cyan, magenta, yellow and black as percent from 0 to 100: [88, 40, 45, 30]")
    if sum(written) > MOST_INK:
        raise ValueError(f"these inks add up to {sum(written):g} percent; {MOST_INK} is the most that dries")
    return tuple(map(float, written))


def _inks_of_text(written: Any) -> Any:
    inks = _inks(written)
    if (ratio := _about(inks).contrast(WHITE)) < _PALEST_INK:
        raise ValueError(f"these inks are too pale for text: about {ratio:.1f}:1 on white")
    return inks


_INKS_SCHEMA = WithJsonSchema(
    {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number", "minimum": 0, "maximum": 100}}
)
TextInks = Annotated[Inks, BeforeValidator(_inks_of_text), _INKS_SCHEMA]
GroundInks = Annotated[Inks, BeforeValidator(_inks), _INKS_SCHEMA]


class PressColors(Table):
    """The table `[brand.press]`: the brand's own inks for a print shop. Tints follow from them."""

    brand: Annotated[
        TextInks | None, Field(description="Cyan, magenta, yellow and black, in percent; 300 together at most.")
    ] = None
    accent: Annotated[TextInks | None, Field(description="The same for the accent.")] = None
    ink: Annotated[TextInks | None, Field(description="The same for running text. Black alone is sharpest.")] = None
    ground: Annotated[GroundInks | None, Field(description="The same for the third color.")] = None


class Looks(Table):
    """The table `[brand]`: how the papers look."""

    logo: Annotated[str | None, Field(description="A file in the clinic's assets/ folder: SVG or PNG.")] = None
    logo_shows_name: Annotated[
        bool, Field(description="Set to true if the logo already holds the clinic's name in letters.")
    ] = False
    logo_one_color: Annotated[
        str | None, Field(description="The logo for printing in one color, in the same folder: SVG or PNG.")
    ] = None
    logo_least_width_mm: Annotated[
        float | None, Field(ge=4, le=80, strict=True, description="The logo is never printed narrower than this.")
    ] = None
    logo_clear_space: Annotated[
        float | None,
        Field(ge=0, le=1, strict=True, description="Room to keep free around it, as a share of its height."),
    ] = None
    colors: Colors = Colors()
    fonts: Fonts = Fonts()
    shape: Shape = Shape()
    pictures: PictureLooks = PictureLooks()
    press: PressColors = PressColors()

    @model_validator(mode="after")
    def _goes_together(self) -> Looks:
        if self.logo is None and (
            lonely := [name for name in ("one_color", "least_width_mm", "clear_space") if self._logo(name) is not None]
        ):
            raise ValueError(f"“logo_{lonely[0]}” needs a “logo”")
        if self.colors.ground is None and self.press.ground is not None:
            raise ValueError("“press.ground” needs a “ground” under [brand.colors]")
        return self

    def _logo(self, name: str) -> object:
        return getattr(self, f"logo_{name}")


# How much of a color is left in each of its tints; the rest is paper.
_TINTS = {
    "brand-mid": ("brand", 0.55),
    "brand-soft": ("ground", 0.2),
    "brand-pale": ("ground", 0.09),
    "accent-soft": ("accent", 0.3),
    "accent-pale": ("accent", 0.09),
}


_CORNERS = {"soft": "8pt", "square": "0", "round": "15pt"}
# The rule above a section, above what is known, within a page, around a box, and between lines.
_RULES = {
    "plain": ("2.4pt solid", "3pt solid", "1.6pt solid", "1.2pt solid", "0.5pt solid"),
    "fine": ("0.8pt solid", "1.2pt solid", "0.8pt solid", "0.7pt solid", "0.4pt solid"),
    "bold": ("5pt solid", "5pt solid", "4pt solid", "2pt solid", "0.8pt solid"),
    "double": ("3.6pt double", "3.6pt double", "3pt double", "1pt solid", "0.5pt solid"),
}


@dataclass(frozen=True)
class Brand:
    """A clinic's looks, ready to print. `told` are sentences the person should know, such as a darkened colour.

    `ground` is the third colour, of which pale grounds are tints; the brand's own if there is none.
    `logo_clear_space` is a share of the logo's height.
    """

    logo: Path | None
    logo_shows_name: bool
    brand: Colour
    accent: Colour
    ink: Colour
    heading_font: str
    text_font: str
    fonts_origin: Origin
    told: tuple[str, ...]
    third: Colour | None = None
    heading_weight: int = 600
    shape: Shape = field(default_factory=Shape)
    picture_style: str = "tinted"
    inks: PressColors = field(default_factory=PressColors)
    logo_one_color: Path | None = None
    logo_least_width_mm: float = 0
    logo_clear_space: float | None = None

    @property
    def ground(self) -> Colour:
        return self.third or self.brand

    @property
    def tokens(self) -> dict[str, Colour]:
        """Every colour by its name, for CSS custom properties and for drawings."""
        return {
            "ink": self.ink,
            "brand": self.brand,
            "brand-mid": self.brand.mixed(WHITE, 0.45),
            "brand-soft": self.ground.mixed(WHITE, 0.8),
            "brand-pale": _pale(self.ground),
            "accent": self.accent,
            "accent-soft": self.accent.mixed(WHITE, 0.7),
            "accent-pale": _pale(self.accent),
            "paper": WHITE,
        }

    @property
    def measures(self) -> dict[str, str]:
        """Widths, corners and rules by their names, for CSS custom properties."""
        corners, rules = self.shape.corners, self.shape.rules
        rule, strong_rule, thin_rule, box_line, hair_line = _RULES[rules]
        return {
            "corner": _CORNERS[corners],
            # Only drawings with the corners that they are drawn with are cut by the page too.
            "picture-corner": _CORNERS[corners] if (corners, self.picture_style) == ("soft", "tinted") else "0",
            "rule": rule,
            "strong-rule": strong_rule,
            "thin-rule": thin_rule,
            "box-line": box_line,
            "hair-line": hair_line,
            # A thin outline in a pale tint could not be seen.
            "quiet": f"var(--brand-{'mid' if rules == 'fine' else 'soft'})",
            "heading-weight": str(self.heading_weight),
            "logo-space": "9pt" if self.logo_clear_space is None else f"{self.logo_clear_space * _LOGO_HEIGHT:.1f}pt",
        }

    @property
    def manner(self) -> str:
        """The classes of a page's body, for what a style cannot say with a custom property."""
        return f"band-{self.shape.band} corners-{self.shape.corners} rules-{self.shape.rules}"

    @property
    def press(self) -> Mapping[str, Inks]:
        """The brand's own inks by the names of `tokens`, in percent; only those that the clinic has given.

        A tint is the same share of each of its colour's inks.
        """
        given = {name: inks for name in ("ink", "brand", "accent") if (inks := getattr(self.inks, name)) is not None}
        if not given:
            return {}
        ground = self.inks.ground if self.third else self.inks.brand
        of = {**given, **({"ground": ground} if ground else {})}
        tints = {token: _share(of[colour], share) for token, (colour, share) in _TINTS.items() if colour in of}
        return {**given, **tints, "paper": (0.0, 0.0, 0.0, 0.0)}


def read_brand(looks: Looks, library: Library, written: Written) -> Brand:
    """The brand of a clinic's settings. Raises ClinicError, with the line, for a file that is not right."""
    third = Colour.from_hex(looks.colors.ground) if looks.colors.ground else None
    asked = {name: Colour.from_hex(getattr(looks.colors, name)) for name in ("brand", "accent", "ink")}
    printed = {name: _readable(colour, None if name == "accent" else third) for name, colour in asked.items()}
    told = tuple(
        f"{written.origin('brand', 'colors', name)}: the color {name} {colour} is too pale for text "
        f"({colour.contrast(WHITE):.2f}:1 on white, {colour.contrast(_pale(colour)):.2f}:1 on its own tint; "
        f"{TEXT_CONTRAST}:1 is needed). Printed as {printed[name]}."
        for name, colour in asked.items()
        if printed[name] != colour
    )

    def picture(key: str) -> Path | None:
        name = getattr(looks, key)
        if name is None:
            return None
        words = "logo" if key == "logo" else "one-color logo"
        return asset(library, name, words, written.origin("brand", key), _PICTURE_KINDS)

    logo = picture("logo")
    least = looks.logo_least_width_mm
    if logo and least and (width := LEAST_LOGO_HEIGHT_MM * _proportion(logo)) < least:
        raise ClinicError(
            f"The logo is printed {width:.1f} mm wide at least, and {least:g} mm is asked for",
            "Ask for less, or give a simpler logo, which can be read when it is small.",
            written.origin("brand", "logo_least_width_mm"),
        )
    return Brand(
        logo=logo,
        logo_shows_name=looks.logo_shows_name,
        brand=printed["brand"],
        accent=printed["accent"],
        ink=printed["ink"],
        heading_font=looks.fonts.heading,
        text_font=looks.fonts.text,
        fonts_origin=written.origin("brand", "fonts"),
        told=told,
        third=third,
        heading_weight=looks.fonts.heading_weight,
        shape=looks.shape,
        picture_style=looks.pictures.style,
        inks=looks.press,
        logo_one_color=picture("logo_one_color"),
        logo_least_width_mm=least or 0,
        logo_clear_space=looks.logo_clear_space,
    )


def _readable(asked: Colour, third: Colour | None) -> Colour:
    """A colour in which text can be read: as asked, or darker. It stands on white, on its own pale tint, and on that of
    the brand's third colour.
    """
    printed = asked
    while True:
        grounds = (_pale(colour) for colour in (printed, third) if colour is not None)
        hardest = min(grounds, key=printed.contrast)
        if printed.contrast(hardest) >= TEXT_CONTRAST:
            return printed
        printed = printed.darkened_for(hardest, TEXT_CONTRAST)


def asset(library: Library, name: str, what: str, where: Origin, kinds: Mapping[str, str]) -> Path:
    """A picture in the clinic's assets/ folder. Raises ClinicError if it is not there, or no whole picture."""
    path = library.find("assets", name)
    if path is None:
        places = ", ".join(str(place.path) for place in library.places("assets", name)[:1])
        raise ClinicError(f"The {what} “{name}” is not there", f"Put it at {places}, or take the line out.", where)
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        one, other = dict.fromkeys(kinds.values())
        raise ClinicError(f"The {what} “{name}” is neither {one} nor {other}", "Save it as one of the two.", where)
    if kind == "SVG":
        read_svg(path, ClinicError)
        return path
    begins, ends = _WHOLE[kind]
    content = read_bytes(path, ClinicError)
    if not content.startswith(begins) or ends not in content:
        raise ClinicError(f"The {what} “{name}” is not a whole {kind} picture", f"Save it again as {kind}.", where)
    return path


def _proportion(logo: Path) -> float:
    """How wide a logo is, as a share of its height; 1 if it does not say."""
    if logo.suffix.lower() == ".png":
        head = read_bytes(logo, ClinicError)[16:24]
        width, height = float(int.from_bytes(head[:4], "big")), float(int.from_bytes(head[4:], "big"))
    else:
        found = _VIEW_BOX.search(read_svg(logo, ClinicError))
        width, height = (float(found[1]), float(found[2])) if found else (1.0, 1.0)
    return width / height if width and height else 1.0


def _share(inks: Inks, share: float) -> Inks:
    cyan, magenta, yellow, black = (round(part * share, 2) for part in inks)
    return (cyan, magenta, yellow, black)


def _about(inks: Inks) -> Colour:
    """About the colour that inks give on white paper. Only a press profile knows better."""
    *colours, black = (part / 100 for part in inks)
    red, green, blue = ((1 - part) * (1 - black) for part in colours)
    return Colour(red, green, blue)


def _pale(colour: Colour) -> Colour:
    return colour.mixed(WHITE, 0.91).printed
