"""Inks: what a screen's colour becomes on paper.

Three rules come before the profile, in this order: black text is black ink alone (four inks never meet exactly, and
small letters get coloured edges), a clinic's brand colours have the inks that it chose, and a gray is black ink alone.
Everything else goes through LittleCMS, relative to the white of the paper and with black point compensation.
No place gets more than 300 % of ink: more would not dry (the usual limit of sheetfed offset, and of preflight tools).
"""

from __future__ import annotations

import io
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from PIL import Image, ImageChops, ImageCms, ImageMath

from handouts.colours import BLACK, Colour
from handouts.press.profile import Profile

MOST_INK = 300.0  # percent, all four together
_FLAT = 256  # a picture of no more colours than these is a drawing: a logo, a code
_FULL = 255
Triple = tuple[int, int, int]


@dataclass(frozen=True)
class Inks:
    """Cyan, magenta, yellow and black, each in percent from 0 to 100. Raises ValueError for anything else."""

    c: float
    m: float
    y: float
    k: float

    def __post_init__(self) -> None:
        if not all(0 <= part <= 100 for part in self.parts):
            raise ValueError(f"{self} is not four percentages")

    @property
    def parts(self) -> tuple[float, float, float, float]:
        return (self.c, self.m, self.y, self.k)

    @property
    def total(self) -> float:
        """All four together, in percent: from 0 to 400."""
        return sum(self.parts)

    @property
    def black_alone(self) -> bool:
        return self.c == self.m == self.y == 0

    def limited(self, most: float = MOST_INK) -> Inks:
        """With as much less cyan, magenta and yellow, evenly, as the limit in percent asks. Black stays."""
        if self.total <= most:
            return self
        share = max(0.0, most - self.k) / (self.c + self.m + self.y)
        # rounded down: three parts rounded up would be over the limit again
        c, m, y = (int(part * share * 10) / 10 for part in self.parts[:3])
        return Inks(c, m, y, self.k)

    def tint(self, share: float) -> Inks:
        """A share (0 to 1) of these inks, the rest paper: what a brand colour mixed with white is in print."""
        return Inks(*(round(part * share, 1) for part in self.parts))

    def __str__(self) -> str:
        return " ".join(f"{part:g}" for part in self.parts)


NO_INK = Inks(0, 0, 0, 0)
BLACK_INK = Inks(0, 0, 0, 100)


@dataclass(frozen=True)
class Palette:
    """Screen colours, as triples from 0 to 255, that have inks of their own. Black is black ink alone."""

    fixed: Mapping[Triple, Inks] = field(default_factory=lambda: {(0, 0, 0): BLACK_INK})

    @classmethod
    def of(cls, inks: Mapping[str | Colour, Inks], text: str | Colour = BLACK) -> Palette:
        """Colours (`#rrggbb`, or a Colour) with their inks. `text` is the text colour: it becomes black ink alone.

        A tint has to be named itself; `Inks.tint` tells its inks. Raises ValueError for what is no colour.
        """
        fixed = {_triple(colour): wanted.limited() for colour, wanted in inks.items()}
        return cls(fixed | {(0, 0, 0): BLACK_INK, _triple(text): BLACK_INK})

    def inks(self, colour: Colour, profile: Profile) -> Inks:
        """What a colour is printed with."""
        return self.fixed.get(_triple(colour)) or to_inks(colour, profile)


@lru_cache(maxsize=4096)
def to_inks(colour: Colour, profile: Profile) -> Inks:
    """An sRGB colour as inks of a profile. Black and grays are black ink alone; the total is 300 % at most."""
    red, green, blue = _triple(colour)
    if red == green == blue:
        return Inks(0, 0, 0, gray_inks(profile)[red])
    pixel = Image.new("RGB", (1, 1), (red, green, blue))
    found: Any = ImageCms.applyTransform(pixel, _to_cmyk(profile))
    return Inks(*(round(part / _FULL * 100, 1) for part in found.getpixel((0, 0)))).limited()


@lru_cache(maxsize=8)
def gray_inks(profile: Profile) -> tuple[float, ...]:
    """Black ink in percent for each gray of a screen, from 0 (black) to 255 (white).

    As light on paper as the gray is on a screen, between the paper's white and the lightness of full black ink.
    """
    ramp = Image.new("CMYK", (_FULL + 1, 1))
    ramp.putdata([(0, 0, 0, ink) for ink in range(_FULL + 1)])
    seen: Any = ImageCms.applyTransform(ramp, _to_lab(profile))
    light = [_luminance(seen.getpixel((at, 0))[0] / _FULL * 100) for at in range(_FULL + 1)]
    darkest = light[-1]
    # From full ink to none, so that it rises; a bump in the profile must not make two inks of one gray.
    rising: list[float] = []
    for value in reversed(light):
        rising.append(max((value - darkest) / (light[0] - darkest), rising[-1] if rising else 0.0))
    return (100.0, *(_ink_for(gray, rising) for gray in range(1, _FULL)), 0.0)


def picture_in_inks(picture: Image.Image, palette: Palette, profile: Profile) -> Image.Image:
    """A picture in sRGB ("RGB") or gray ("L") as inks ("CMYK"). One without any colour is black alone ("L").

    In "L", 0 is full black ink and 255 none, as in PDF's DeviceGray. In a drawing of few colours, colours of the
    palette keep their inks, and grays are black alone; a photograph goes through the profile whole.
    """
    if picture.mode == "L":
        return picture.point(_gray_table(profile))
    neutral = _neutral(picture)
    if neutral.getextrema() == (_FULL, _FULL):
        return picture.getchannel(0).point(_gray_table(profile))
    made = ImageCms.applyTransform(picture, _to_cmyk(profile))
    assert made is not None  # None only where it is changed in place
    colours: Any = picture.getcolors(_FLAT)
    if colours is not None:
        black = ImageChops.invert(picture.getchannel(0).point(_gray_table(profile)))
        none = Image.new("L", picture.size)
        made.paste(Image.merge("CMYK", (none, none, none, black)), mask=neutral)
        for triple in sorted({triple for _, triple in colours} & palette.fixed.keys()):
            inks = palette.fixed[triple]
            eight_bits = tuple(round(part / 100 * _FULL) for part in inks.parts)
            made.paste(eight_bits, mask=_where(picture, triple))
    return limit_picture(made)


def limit_picture(picture: Image.Image, most: float = MOST_INK) -> Image.Image:
    """A picture in CMYK with no pixel above the limit in percent: less cyan, magenta and yellow there; black stays."""
    largest = int(most / 100 * _FULL)
    if heaviest(picture) <= largest:
        return picture
    *colours, black = picture.split()

    def less(operands: dict[str, Any]) -> Any:
        total = operands["c"] + operands["m"] + operands["y"]
        room = largest - operands["k"]
        over = total > room  # 1 or 0
        return operands["this"] * (1 - over) + operands["this"] * room / (total + (1 - over)) * over

    named = dict(zip("cmy", colours, strict=True)) | {"k": black}
    kept = [ImageMath.lambda_eval(less, this=colour, **named).convert("L") for colour in colours]
    return Image.merge("CMYK", (*kept, black))


def heaviest(picture: Image.Image) -> int:
    """The most ink in any pixel of a picture in CMYK, all four together: from 0 to 1020."""
    bands = dict(zip("cmyk", picture.split(), strict=True))
    total = ImageMath.lambda_eval(lambda band: band["c"] + band["m"] + band["y"] + band["k"], **bands)
    extrema: Any = total.getextrema()
    return int(extrema[1])


def from_profile_to_srgb(picture: Image.Image, source: bytes) -> Image.Image:
    """A picture in the RGB of an embedded ICC profile, in sRGB. Raises ImageCms.PyCMSError if it is damaged."""
    made = ImageCms.applyTransform(picture, _to_srgb(source))
    assert made is not None
    return made


def _triple(colour: str | Colour) -> Triple:
    parts = (Colour.from_hex(colour) if isinstance(colour, str) else colour).parts
    red, green, blue = (round(min(1.0, max(0.0, part)) * _FULL) for part in parts)
    return red, green, blue


def _luminance(lightness: float) -> float:
    """CIE L* (0 to 100) as luminance (0 to 1)."""
    return ((lightness + 16) / 116) ** 3 if lightness > 8 else lightness / 903.3


def _ink_for(gray: int, rising: list[float]) -> float:
    """Black ink in percent for a gray. `rising` holds the luminance of each ink, from full to none."""
    wanted = Colour(*[gray / _FULL] * 3).luminance
    above = bisect_left(rising, wanted)
    if above == 0:
        return 100.0
    low, high = rising[above - 1], rising[above]
    place = above - 1 + (wanted - low) / (high - low)
    return round((_FULL - place) / _FULL * 100, 1)


def _gray_table(profile: Profile) -> list[int]:
    """DeviceGray (0 is full black ink) for each gray of a screen."""
    return [_FULL - round(ink / 100 * _FULL) for ink in gray_inks(profile)]


def _neutral(picture: Image.Image) -> Image.Image:
    """255 where red, green and blue are alike, else 0."""
    red, green, blue = picture.split()
    apart = ImageChops.lighter(ImageChops.difference(red, green), ImageChops.difference(green, blue))
    return apart.point([_FULL] + [0] * _FULL)


def _where(picture: Image.Image, triple: Triple) -> Image.Image:
    """255 where a picture has exactly that colour, else 0."""
    masks = [
        band.point([_FULL if value == part else 0 for value in range(_FULL + 1)])
        for band, part in zip(picture.split(), triple, strict=True)
    ]
    return ImageChops.darker(ImageChops.darker(masks[0], masks[1]), masks[2])


@lru_cache(maxsize=8)
def _to_cmyk(profile: Profile) -> ImageCms.ImageCmsTransform:
    target = ImageCms.ImageCmsProfile(io.BytesIO(profile.content))
    return ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"),
        target,
        "RGB",
        "CMYK",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


@lru_cache(maxsize=8)
def _to_lab(profile: Profile) -> ImageCms.ImageCmsTransform:
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile.content))
    lab, intent = ImageCms.createProfile("LAB"), ImageCms.Intent.RELATIVE_COLORIMETRIC
    return ImageCms.buildTransform(source, lab, "CMYK", "LAB", renderingIntent=intent)


@lru_cache(maxsize=8)
def _to_srgb(source: bytes) -> ImageCms.ImageCmsTransform:
    opened, intent = ImageCms.ImageCmsProfile(io.BytesIO(source)), ImageCms.Intent.RELATIVE_COLORIMETRIC
    return ImageCms.buildTransform(opened, ImageCms.createProfile("sRGB"), "RGB", "RGB", renderingIntent=intent)
