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
    """One file for one family, weight and style; `weight` is None for a variable font, which holds them all.

    A family is never spread over several files of the same weight and style: WeasyPrint 70 then prints wrong
    glyphs without a word. A variable font must not be declared with a weight: the widths in the PDF are then
    those of another weight than the letters (veraPDF: 7.21.5).
    """

    family: str
    weight: int | None
    style: str
    path: Path

    @property
    def css(self) -> str:
        weight = "" if self.weight is None else f"font-weight: {self.weight}; "
        return (
            f'@font-face {{ font-family: "{self.family}"; {weight}font-style: {self.style}; '
            f'src: url("{self.path.as_uri()}"); }}'
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
    for style in ("normal", "italic"):
        files = [file for file in found.files if file.style == style and file.path.is_file()]
        variable = next((file for file in files if file.variable), None)
        if variable is not None:
            faces.append(FontFace(found.name, None, style, variable.path))
            continue
        for weight in (REGULAR, BOLD):
            path = next((file.path for file in files if file.weight == weight), None)
            if path is not None:
                faces.append(FontFace(found.name, weight, style, path))
    if not any(face.style == "normal" for face in faces):
        raise ClinicError(f"The files of the font “{family}” are gone", "Install its package again.", where)
    return tuple(faces)
