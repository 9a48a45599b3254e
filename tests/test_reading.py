"""Files that people write: whatever stands in them, there is an answer with a line."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from handouts.errors import ClinicError, ContentError, HandoutError, SeveralErrors
from handouts.reading import read_front_matter, read_svg, read_text, read_toml, read_yaml, validated

junk = st.binary() | st.text().map(str.encode) | st.text("[]{}\"'=:-&*!|>#%@`, \n\tab1.\\").map(str.encode)
wild = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


class Room(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    beds: int = 1


class House(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    rooms: tuple[Room, ...] = ()


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@wild
@given(junk)
def test_toml_junk(tmp_path: Path, content: bytes) -> None:
    try:
        read_toml(put(tmp_path, "a.toml", content), ClinicError)
    except ClinicError as error:
        assert error.where is not None
        assert error.where.line is not None


@wild
@given(junk)
def test_yaml_junk(tmp_path: Path, content: bytes) -> None:
    try:
        written = read_yaml(put(tmp_path, "a.yaml", content), ContentError)
        validated(written, House, ContentError)
    except HandoutError as error:
        assert str(error)


@wild
@given(junk, junk)
def test_front_matter_junk(tmp_path: Path, front: bytes, text: bytes) -> None:
    content = b"---\n" + front + b"\n---\n" + text
    try:
        read_front_matter(put(tmp_path, "a.md", content), ContentError)
    except ContentError as error:
        assert error.where is not None
        assert error.where.line is not None


def test_windows_and_old_mac_files(tmp_path: Path) -> None:
    for end in ("\r\n", "\r", "\n"):
        path = put(tmp_path, "a.md", "\ufeff" + end.join(("---", "title: Ä", "---", "One", "two", "")))
        written, text, line = read_front_matter(path, ContentError)
        assert (written.values, text, line) == ({"title": "Ä"}, "One\ntwo\n", 4)


def test_front_matter_holds_dashes(tmp_path: Path) -> None:
    path = put(tmp_path, "a.md", "---\ntitle: a --- b\n---\n\n---\n")
    written, text, _ = read_front_matter(path, ContentError)
    assert written.values == {"title": "a --- b"}
    assert text == "\n---\n"


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="cannot be read") as caught:
        read_text(tmp_path / "none.md", ContentError)
    assert "No such file" in str(caught.value)


def test_yaml_that_is_a_list(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"a\.yaml:1: Keys and values were expected"):
        read_yaml(put(tmp_path, "a.yaml", "- a\n"), ContentError)


def test_every_fault_has_its_line(tmp_path: Path) -> None:
    path = put(tmp_path, "a.yaml", "titel: x\nrooms:\n- name: a\n- name: b\n  beds: many\n- beds: 2\n")
    with pytest.raises(SeveralErrors) as caught:
        validated(read_yaml(path, ContentError), House, ContentError)
    lines = {error.problem: error.where.line if error.where else None for error in caught.value.errors}
    assert lines == {
        "The key “title” is missing": None,
        "The key “titel” is not known here": 1,
        "“rooms.2.beds” is 'many'; it should be a valid integer, unable to parse string as an integer": 5,
        "The key “rooms.3.name” is missing": 6,
    }


def test_toml_lines(tmp_path: Path) -> None:
    rooms = '[[rooms]]\nname = "a"\n\n[[ rooms ]]\nname = "b"\nbeds = "many"\n'
    text = f'title = "x"\n{rooms}[other.deep]\n"a b" = 1\n'
    written = read_toml(put(tmp_path, "a.toml", text), ClinicError)
    assert written.line(("title",)) == 1
    assert written.line(("rooms",)) == 2
    assert written.line(("rooms", 1)) == 5
    assert written.line(("rooms", 1, "beds")) == 7
    assert written.line(("rooms", 0, "beds")) == 2, "a missing key is told at the table it should stand in"
    assert written.line(("other", "deep")) == 8
    assert written.line(("nowhere",)) is None


def test_long_values_are_told_in_short(tmp_path: Path) -> None:
    path = put(tmp_path, "a.yaml", f"title: [{', '.join(['word'] * 500)}]\n")
    with pytest.raises(ContentError) as caught:
        validated(read_yaml(path, ContentError), House, ContentError)
    assert len(str(caught.value)) < 400


def test_yaml_that_grows_without_end(tmp_path: Path) -> None:
    """A few lines of references that would be billions of words if written out."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at + 1}: &a{at + 1} [{', '.join([f'*a{at}'] * 10)}]" for at in range(12)]
    lines.append("title: *a12")
    with pytest.raises(HandoutError):
        validated(read_yaml(put(tmp_path, "a.yaml", "\n".join(lines)), ContentError), House, ContentError)


DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


@pytest.mark.parametrize(
    "inside",
    [
        '<use href="#a"/><path id="a" d="M0 0"/>',
        '<use xlink:href="#a"/><g clip-path="url(#b)"/>',
        '<image href="data:image/png;base64,AAAA"/>',
        "<style>path { fill: url( '#x' ) }</style>",
        "<title>See http://example.com</title>",
    ],
)
def test_drawing_that_stands_by_itself(inside: str, tmp_path: Path) -> None:
    path = put(tmp_path, "a.svg", DRAWING.format(inside))
    assert read_svg(path, ClinicError) == DRAWING.format(inside)


@pytest.mark.parametrize(
    "inside",
    [
        '<use href="other.svg#a"/>',
        "<use xlink:href = 'file:///etc/passwd'/>",
        '<image xlink:href="//192.0.2.1/x.png"/>',
        "<style>path { fill: url(http://192.0.2.1/) }</style>",
        '<style>@import "x.css";</style>',
    ],
)
def test_drawing_that_needs_something_else(inside: str, tmp_path: Path) -> None:
    path = put(tmp_path, "a.svg", DRAWING.format("\n" + inside))
    with pytest.raises(ClinicError, match=r"a\.svg:2: The drawing refers to"):
        read_svg(path, ClinicError)
