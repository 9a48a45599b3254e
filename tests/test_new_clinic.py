"""`handouts new-clinic`: a folder that works at once, and says what is to be changed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pypdfium2
import pytest

from handouts.clinic import load_clinic
from tests.command import contents, run


@pytest.fixture
def begun(desk: Path) -> Path:
    told = run("new-clinic", "ours")
    assert told.code == 0, told.err
    assert set(told.out.splitlines()) == {f"ours/{name}" for name in contents(desk / "ours")}
    assert "ours/clinic.toml" in told.err
    assert "invented" in told.err
    return desk / "ours"


def test_what_is_in_it(begun: Path) -> None:
    found = contents(begun)
    assert {"clinic.toml", *(f"{room}/README.md" for room in ("assets", "content", "styles", "templates"))} <= set(
        found
    )
    text = found["clinic.toml"].decode()
    comments = [line for line in text.splitlines() if "#" in line]
    assert len(comments) > 30, "it is explained by comments"
    assert (begun / "assets" / tomllib.loads(text)["brand"]["logo"]).is_file()
    assert "(555) 01" in text, "its numbers are nobody's"


def test_settings_are_right(begun: Path) -> None:
    clinic = load_clinic(begun)
    assert clinic.protocol
    assert clinic.brand.told == ()
    assert clinic.speaking("es").english_lines == ()


def test_every_line_that_is_commented_out_works_too(begun: Path) -> None:
    """Whoever takes a # away gets what the comment promises, not a mistake."""
    path = begun / "clinic.toml"
    lines = [
        line[2:] if re.match(r"# (\[|[a-z_]+ = )", line) else line
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    for name in ("logo-one-color.svg", "cover.jpg"):
        source = (
            (begun / "assets" / "logo.svg").read_bytes() if name.endswith("svg") else b"\xff\xd8\xff\xe0 x \xff\xd9"
        )
        (begun / "assets" / name).write_bytes(source)
    clinic = load_clinic(begun)
    assert len(clinic.locations) == 2
    assert "cover" in clinic.photos
    assert clinic.brand.press
    assert clinic.brand.logo_one_color


def test_papers_can_be_made_at_once(begun: Path) -> None:
    told = run("render", "spiritual", "--format", "summary", "--clinic", begun, "--output", "out")
    assert told.code == 0, told.err
    for language in ("en", "es"):
        told = run("brochure", "--clinic", begun, "--language", language, "--output", "out")
        assert told.code == 0, told.err
        document = pypdfium2.PdfDocument(told.out.strip())
        assert "Willow Bend Clinic" in document[0].get_textpage().get_text_bounded()
        document.close()


def test_a_folder_with_something_in_it_stays_as_it_is(desk: Path) -> None:
    (desk / "ours").mkdir()
    (desk / "ours" / "mine.txt").write_text("mine")
    told = run("new-clinic", "ours")
    assert told.code != 0
    assert told.message.startswith("Error: ours: ") or "ours: There is something there already" in told.message
    assert told.out == ""
    assert contents(desk) == {"ours/mine.txt": b"mine"}


def test_a_file_is_no_folder(desk: Path) -> None:
    (desk / "ours").write_text("mine")
    assert "There is something there already" in run("new-clinic", "ours").message
    assert contents(desk) == {"ours": b"mine"}


def test_an_empty_folder_will_do(desk: Path) -> None:
    (desk / "deep" / "ours").mkdir(parents=True)
    assert run("new-clinic", "deep/ours").code == 0
    assert run("new-clinic", "deep/ours").code != 0, "not twice"


def test_where_nothing_can_be_written(desk: Path) -> None:
    (desk / "file").write_text("mine")
    told = run("new-clinic", "file/ours")
    assert told.code != 0
    assert "file/ours" in told.message
    assert contents(desk) == {"file": b"mine"}
