"""The clinic's file wins, ours stands behind it, and nothing else can be reached."""

from pathlib import Path

import pytest

from handouts.errors import ClinicError
from handouts.library import ROOMS, Library, bundled_root, is_file, is_folder, sample_clinic
from tests.small_clinic import write


@pytest.fixture
def library(tmp_path: Path) -> Library:
    write(tmp_path / "clinic", {"styles/a.css": "clinic", "content/en/handouts/b.md": ""})
    write(tmp_path / "ours", {"styles/a.css": "ours", "styles/b.css": "ours", "content/fr/handouts/a.md": ""})
    return Library(tmp_path / "clinic", tmp_path / "ours")


def test_clinic_wins(library: Library) -> None:
    assert library.find("styles", "a.css") == library.clinic / "styles" / "a.css"
    assert library.find("styles", "b.css") == library.bundled / "styles" / "b.css"
    assert library.find("styles", "c.css") is None
    assert library.bundled_file("styles", "a.css") == library.bundled / "styles" / "a.css"
    assert library.is_overridden("styles", "a.css")
    assert not library.is_overridden("styles", "b.css")


def test_places_are_told_in_the_order_asked(library: Library) -> None:
    assert [(place.owner, place.found) for place in library.places("styles", "b.css")] == [
        ("clinic", False),
        ("bundled", True),
    ]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "../styles/../../../etc/passwd", "", "x" * 5000])
def test_no_name_climbs_out(name: str, library: Library) -> None:
    for room in ROOMS:
        assert library.find(room, name) is None
        for place in library.places(room, name):
            assert place.path.resolve().is_relative_to((library.clinic.parent).resolve())


def test_link_that_leads_out_is_refused(library: Library) -> None:
    link = library.clinic / "styles" / "out.css"
    link.symlink_to("/etc/passwd")
    with pytest.raises(ClinicError, match=r"out\.css: This is a link"):
        library.find("styles", "out.css")


def test_folder_that_leads_out_is_refused(library: Library) -> None:
    (library.clinic / "assets").symlink_to("/etc")
    with pytest.raises(ClinicError, match="This is a link"):
        library.find("assets", "passwd")


def test_link_to_another_shelf_is_fine(library: Library) -> None:
    (library.clinic / "styles" / "own.css").symlink_to(library.bundled / "styles" / "b.css")
    assert library.find("styles", "own.css") == library.clinic / "styles" / "own.css"


def test_names_and_languages_of_both_shelves(library: Library) -> None:
    assert library.languages() == ("en", "fr")
    assert library.names("content", "en/handouts", ".md") == ("b",)
    assert library.names("styles", "", ".css") == ("a", "b")
    assert library.all_names() == ("a.css", "a.md", "b.css", "b.md")


def test_only_the_four_rooms_may_be_printed_from(library: Library) -> None:
    write(library.clinic, {"private/patients.csv": ""})
    assert {root.name for root in library.roots()} == {"styles", "content"}
    assert all(root.is_dir() for root in library.roots())


def test_what_comes_with_us_is_there() -> None:
    for room in ("templates", "styles", "content"):
        assert any((bundled_root() / room).rglob("*.*")), room
    assert (sample_clinic() / "clinic.toml").is_file()
    assert not list((bundled_root() / "content").rglob("*.py"))


def test_paths_that_no_disk_could_hold() -> None:
    assert not is_file(Path("x" * 5000))
    assert not is_folder(Path("x" * 5000))
