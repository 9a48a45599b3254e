"""Drawings carry the clinic's colours, and people are counted right."""

import base64
from pathlib import Path
from xml.etree import ElementTree

import pytest

from handouts import pictures
from handouts.clinic import Clinic, load_clinic
from handouts.errors import ClinicError, ContentError, Origin
from handouts.handout import PeopleGroup
from handouts.library import sample_clinic
from handouts.reading import read_svg
from tests.small_clinic import write

HERE = Origin(Path("block.md"), 9)


def svg(address: str) -> str:
    head, _, coded = address.partition(",")
    assert head == "data:image/svg+xml;base64"
    return base64.b64decode(coded).decode()


@pytest.fixture
def clinic(small_clinic: Path) -> Clinic:
    return load_clinic(small_clinic)


def test_drawing_in_the_brands_colours(clinic: Clinic) -> None:
    path = '<path fill="var(--brand, #000)" stroke="var( --other,#abcdef )"/>'
    text = f'<svg xmlns="http://www.w3.org/2000/svg">{path}</svg>'
    write(clinic.folder, {"content/figures/a.svg": text})
    drawn = svg(pictures.drawing(clinic.library, clinic.brand, "a", HERE))
    assert 'fill="#0f5c63"' in drawn
    assert 'stroke="#abcdef"' in drawn, "an unknown name keeps the colour beside it"


def test_picture_that_is_not_there(clinic: Clinic) -> None:
    with pytest.raises(ContentError, match=r"block\.md:9: There is no picture “squar”. Did you mean “square”"):
        pictures.drawing(clinic.library, clinic.brand, "squar", HERE)


@pytest.mark.parametrize("text", ["hello", '<svg xmlns="http://www.w3.org/2000/svg"><image href="x.png"/></svg>'])
def test_drawing_that_is_not_right(text: str, clinic: Clinic) -> None:
    write(clinic.folder, {"content/figures/a.svg": text})
    with pytest.raises(ContentError, match=r"a\.svg:1: "):
        pictures.drawing(clinic.library, clinic.brand, "a", HERE)


@pytest.mark.parametrize(("count", "of"), [(0, 1), (9, 20), (20, 20), (7, 100), (3, 13)])
def test_people_are_counted(count: int, of: int) -> None:
    clinic = load_clinic(sample_clinic())
    drawn = ElementTree.fromstring(
        svg(pictures.people(clinic.library, clinic.brand, PeopleGroup(count, of, "x"), HERE))
    )
    people = list(drawn)
    assert len(people) == of
    shapes = [ElementTree.tostring(person).split(b">", 1)[1] for person in people]
    assert len(set(shapes[:count])) <= 1
    assert len(set(shapes[count:])) <= 1
    assert not set(shapes[:count]) & set(shapes[count:])
    places = [person.get("transform") for person in people]
    assert len(set(places)) == of, "nobody stands on somebody else"


def test_logo(clinic: Clinic) -> None:
    address = pictures.logo(clinic.brand)
    assert address is not None
    assert "<path" in svg(address)


def test_half_a_png_is_no_logo(small_clinic: Path) -> None:
    toml = (small_clinic / "clinic.toml").read_text().replace("logo.svg", "logo.png")
    start, end = b"\x89PNG\r\n\x1a\n....", b"IEND\xaeB`\x82"
    write(small_clinic, {"clinic.toml": toml, "assets/logo.png": start + end})
    assert str(pictures.logo(load_clinic(small_clinic).brand)).startswith("data:image/png;base64,")
    write(small_clinic, {"assets/logo.png": start})
    with pytest.raises(ClinicError, match="not a whole PNG"):
        load_clinic(small_clinic)


def test_our_drawings_stand_by_themselves() -> None:
    library = load_clinic(sample_clinic()).library
    names = library.names("content", "figures", ".svg")
    assert len(names) > 10
    for name in names:
        text = read_svg(library.bundled_file("content", f"figures/{name}.svg"), ContentError)
        words = "".join(ElementTree.fromstring(text).itertext()).split()
        assert all(word.isdigit() for word in words), f"{name}: words cannot be read aloud or translated"
