"""What a brochure is printed for: a print shop, a screen, or the printer in the office."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from handouts.errors import RequestError

Use = Literal["press", "web", "office"]
USES: tuple[Use, ...] = ("press", "web", "office")
_SLUG = 9.0  # millimetres around the bleed for marks: five of them drawn, two away from the bleed
_MOST_BLEED = 12.7  # millimetres: half an inch
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(mm|in)")
# Office printers leave about 4 mm at each edge blank; grounds end here, so that nothing looks cut off.
OFFICE_MARGIN = 5.0


@dataclass(frozen=True)
class Purpose:
    """A use, with the millimetres of bleed around the trimmed sheet, and of room for marks around the bleed.

    `inset` is how far from the edge of the sheet grounds end, in millimetres.
    """

    use: Use
    bleed: float = 0.0
    slug: float = 0.0
    inset: float = 0.0

    @property
    def around(self) -> float:
        """Millimetres between the edge of the page that is laid out and the trimmed sheet."""
        return self.bleed + self.slug


def purpose(use: Use, bleed: str | None) -> Purpose:
    """What `--for` and `--bleed` ask for. Raises RequestError for a bleed that is none, or where there can be none."""
    if use != "press":
        if bleed not in (None, "none"):
            raise RequestError("Only a press file has a bleed", "Take --bleed out, or add --for press.")
        return Purpose(use, inset=OFFICE_MARGIN if use == "office" else 0.0)
    return Purpose("press", _millimetres("3mm" if bleed is None else bleed), _SLUG)


def _millimetres(written: str) -> float:
    if written.strip().lower() == "none":
        return 0.0
    found = _LENGTH.fullmatch(written.strip().lower())
    if found is None:
        raise RequestError(f"“{written}” is no bleed", "Write it as 3mm, as 0.125in, or none.")
    length = float(found[1]) * (25.4 if found[2] == "in" else 1.0)
    if length > _MOST_BLEED:
        raise RequestError(f"A bleed of {written} is more than any shop wants", "Write 3mm or 0.125in.")
    return length
