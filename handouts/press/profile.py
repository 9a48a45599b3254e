"""The ICC profile of a print shop: what its inks look like on its paper.

Sources: ICC.1:2010, 7.2 (the header of a profile); ISO 15930-7 (PDF/X-4), which wants an output profile for CMYK.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from handouts.errors import ClinicError, Origin
from handouts.library import bundled_root

UNREGISTERED = "Custom"  # what stands for a printing condition that is in no registry
_OURS, _CONDITION = "fogra39l.icc", "FOGRA39"
_HEADER = 128  # bytes
_LARGEST = 20_000_000  # bytes
_NEWEST = 4  # iccMAX, version 5, is not for PDF
_ASK = "Ask the print shop for the ICC profile of its press and paper."


@dataclass(frozen=True)
class Profile:
    """The profile of a printing condition: its bytes, what it says of itself, and the name of the condition.

    `condition` is the condition's name in the ICC registry, such as FOGRA39; `Custom` if there is none.
    """

    content: bytes = field(repr=False)
    description: str
    condition: str
    origin: Origin

    def __hash__(self) -> int:
        return hash(self.content)


def load_profile(path: Path, condition: str = UNREGISTERED) -> Profile:
    """Read the profile of a print shop.

    Raises ClinicError if there is no such file, or if it is not an ICC profile, not for CMYK, or not for printing.
    """
    where = Origin(path)
    try:
        content = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
    except OSError as problem:
        raise ClinicError(f"The press profile cannot be read ({problem.strerror})", _ASK, where) from None
    return read_profile(content, where, condition)


@cache
def default_profile() -> Profile:
    """The profile that comes with us, for coated paper. `content/press/README.md` tells where it is from."""
    return load_profile(bundled_root() / "content" / "press" / _OURS, _CONDITION)


def read_profile(content: bytes, where: Origin, condition: str = UNREGISTERED) -> Profile:
    """A profile from its bytes. `where` is told in errors. Raises ClinicError as `load_profile` does."""
    whole = len(content) > _HEADER and int.from_bytes(content[:4], "big") == len(content)
    if not whole or content[36:40] != b"acsp":
        raise ClinicError("This is not an ICC profile, or not a whole one", _ASK, where)
    kind, space = content[12:16], content[16:20]
    if space != b"CMYK":
        name = space.decode("ascii", "replace").strip()
        raise ClinicError(f"This profile is for {name}, and a press prints CMYK", _ASK, where)
    if kind != b"prtr":
        name = kind.decode("ascii", "replace").strip()
        raise ClinicError(f"This profile is not for printing (its class is “{name}”, not “prtr”)", _ASK, where)
    if content[8] > _NEWEST:
        raise ClinicError(f"This profile is of ICC version {content[8]}, which PDF does not know", _ASK, where)
    return Profile(content, _description(content, where), condition, where)


def _description(content: bytes, where: Origin) -> str:
    """What the profile says it is for. Raises ClinicError if LittleCMS cannot separate colours with it."""
    from PIL import ImageCms  # here: most commands print nothing for a press

    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(content))
        description = ImageCms.getProfileDescription(opened).strip()
        for source, target, modes in (
            (ImageCms.createProfile("sRGB"), opened, ("RGB", "CMYK")),
            (opened, ImageCms.createProfile("LAB"), ("CMYK", "LAB")),
        ):
            ImageCms.buildTransform(source, target, *modes, renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC)
    except (OSError, ImageCms.PyCMSError):
        raise ClinicError("This ICC profile is damaged: colors cannot be converted with it", _ASK, where) from None
    return description or where.path.stem
