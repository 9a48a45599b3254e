"""Fonts come from installed packages, by their exact names."""

from pathlib import Path

import fontpkg
import pytest

from handouts.brand import Fonts
from handouts.errors import ClinicError, Origin
from handouts.fonts import BOLD, FALLBACK, REGULAR, font_faces

HERE = Origin(Path("clinic.toml"), 30)


@pytest.mark.parametrize("family", [Fonts().heading, Fonts().text, FALLBACK])
def test_family_has_a_regular_and_a_bold_face(family: str) -> None:
    faces = font_faces(family, HERE)
    found = {(face.weight, face.style) for face in faces}
    assert found >= {(REGULAR, "normal"), (BOLD, "normal")} or (None, "normal") in found
    assert len({(face.weight, face.style) for face in faces}) == len(faces), "one file for each weight and style"
    packages = Path(fontpkg.__file__).parents[1]
    for face in faces:
        assert face.path.is_file()
        assert face.path.is_relative_to(packages), "a font of the machine"
        assert f'font-family: "{family}"' in face.css
        assert face.path.as_uri() in face.css


@pytest.mark.parametrize("family", ["Fraunce", "fraunces", "atkinson-hyperlegible", 'Fraunces"; } *', "", "Arial"])
def test_family_that_is_not_installed(family: str) -> None:
    with pytest.raises(ClinicError, match=r"clinic\.toml:30: The font “.*” is not installed"):
        font_faces(family, HERE)


def test_nearest_family_is_told() -> None:
    with pytest.raises(ClinicError, match="Did you mean “Atkinson Hyperlegible”"):
        font_faces("atkinson hyperlegible", HERE)


def test_family_whose_files_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_file", lambda path: False)
    with pytest.raises(ClinicError, match="are gone"):
        font_faces(FALLBACK, HERE)
