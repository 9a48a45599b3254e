"""Colours of a brand: tints, and enough contrast for people who see poorly.

Contrast is the ratio of WCAG 2.1 (success criterion 1.4.3): 4.5:1 for text.
"""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass

TEXT_CONTRAST = 4.5
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


@dataclass(frozen=True)
class Colour:
    """An sRGB colour, each part from 0 to 1."""

    red: float
    green: float
    blue: float

    @classmethod
    def from_hex(cls, text: str) -> Colour:
        """Read `#rrggbb` or `#rgb`. Raises ValueError for anything else."""
        if not _HEX.fullmatch(text.strip()):
            raise ValueError(f"“{text}” is not a color like #0f5c63")
        digits = text.strip().removeprefix("#")
        if len(digits) == 3:
            digits = "".join(digit * 2 for digit in digits)
        return cls(*(int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)))

    @property
    def printed(self) -> Colour:
        """The colour as it is written into a style: rounded to eight bits."""
        return Colour.from_hex(str(self))

    def __str__(self) -> str:
        return "#" + "".join(f"{round(part * 255):02x}" for part in self.parts)

    @property
    def parts(self) -> tuple[float, float, float]:
        return (self.red, self.green, self.blue)

    @property
    def luminance(self) -> float:
        """Relative luminance, as WCAG 2.1 defines it."""
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in self.parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(self, ground: Colour) -> float:
        """Contrast ratio against a ground, from 1 to 21."""
        lighter, darker = sorted((self.luminance, ground.luminance), reverse=True)
        return (lighter + 0.05) / (darker + 0.05)

    def mixed(self, other: Colour, share: float) -> Colour:
        """This colour with that share (0 to 1) of another one in it."""
        pairs = zip(self.parts, other.parts, strict=True)
        return Colour(*(own * (1 - share) + its * share for own, its in pairs))

    def darkened_for(self, ground: Colour, least: float = TEXT_CONTRAST) -> Colour:
        """The nearest darker colour of the same hue that reaches the contrast on the ground; itself if it does."""
        if self.contrast(ground) >= least:
            return self
        hue, lightness, saturation = colorsys.rgb_to_hls(*self.parts)
        dark, light = 0.0, lightness
        for _ in range(24):
            middle = (dark + light) / 2
            tried = Colour(*colorsys.hls_to_rgb(hue, middle, saturation))
            if tried.printed.contrast(ground) >= least:
                dark = middle
            else:
                light = middle
        return Colour(*colorsys.hls_to_rgb(hue, dark, saturation)).printed


WHITE = Colour(1.0, 1.0, 1.0)
BLACK = Colour(0.0, 0.0, 0.0)
