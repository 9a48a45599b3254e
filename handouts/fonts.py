"""Font files by family name, from installed packages: never what the machine happens to have."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from handouts.errors import ClinicError, Origin, nearest

# Covers what text fonts leave out: ☐ ✓ → ● ○ and all letters of Vietnamese names.
FALLBACK = "Source Sans 3"
REGULAR, BOLD = 400, 700


@dataclass(frozen=True)
class FontFace:
    """One file for one family, weight and style.

    A family is never spread over several files of the same weight and style: WeasyPrint 70 then prints wrong
    glyphs without a word.
    """

    family: str
    weight: int
    style: str
    path: Path

    @property
    def css(self) -> str:
        return (
            f'@font-face {{ font-family: "{self.family}"; font-weight: {self.weight}; '
            f'font-style: {self.style}; src: url("{self.path.as_uri()}"); }}'
        )


def font_faces(family: str, where: Origin) -> tuple[FontFace, ...]:
    """The regular and bold faces of a family, upright and italic where there is one.

    Raises ClinicError, pointing to `where`, if no installed package has the family.
    """
    import fontpkg

    installed = {found.name: found for found in fontpkg.families().values()}
    # By its exact name: the styles name the family in the same letters.
    found = installed.get(family)
    if found is None:
        raise ClinicError(
            f"The font “{family}” is not installed",
            f"{nearest(family, installed)} Others: pip install fontpkg-{family.lower().replace(' ', '-')}",
            where,
        )
    faces = []
    for weight in (REGULAR, BOLD):
        for style in ("normal", "italic"):
            files = [
                file
                for file in found.files
                if file.style == style and (file.variable or file.weight == weight) and file.path.is_file()
            ]
            if files:
                faces.append(FontFace(found.name, weight, style, files[0].path))
    if not any(face.style == "normal" for face in faces):
        raise ClinicError(f"The files of the font “{family}” are gone", "Install its package again.", where)
    return tuple(faces)
