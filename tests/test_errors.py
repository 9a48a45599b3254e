"""A message says where, what and what to do, in one line."""

import pickle
from pathlib import Path

import pytest

from handouts.errors import (
    ClinicError,
    ContentError,
    HandoutError,
    Origin,
    RequestError,
    SeveralErrors,
    nearest,
    raise_all,
)

HERE = Origin(Path("clinic.toml"), 3)


def test_message_says_where_what_and_what_to_do() -> None:
    assert str(ClinicError("It is red", "Paint it", HERE)) == "clinic.toml:3: It is red. Paint it"
    assert str(RequestError("There is none", "Ask for one.")) == "There is none. Ask for one."


def test_place_without_a_line() -> None:
    assert str(Origin(Path("clinic.toml"))) == "clinic.toml"


def test_place_below_the_current_folder_is_short(desk: Path) -> None:
    assert str(Origin(desk / "content" / "a.md", 1)) == "content/a.md:1"
    assert str(Origin(Path("/elsewhere/a.md"), 1)) == "/elsewhere/a.md:1"


def test_message_is_one_line() -> None:
    assert "\n" not in str(ClinicError("“a\nb” is odd", "Mend\nit.", HERE))


def test_error_travels_to_a_worker_and_back() -> None:
    """One error or many: all are told, each with its place."""
    several = SeveralErrors([ClinicError("a", "b", HERE), ContentError("c", "d")])
    for error in (ClinicError("a", "b", HERE), several.errors[1], several):
        back = pickle.loads(pickle.dumps(error))
        assert type(back) is type(error)
        assert str(back) == str(error)


def test_nothing_one_and_several_errors() -> None:
    one, other = ClinicError("one", "x"), ContentError("other", "y")
    raise_all([])
    with pytest.raises(ClinicError) as single:
        raise_all([one])
    assert single.value is one
    with pytest.raises(SeveralErrors) as several:
        raise_all([one, other])
    assert str(several.value) == "one. x\nother. y"
    assert isinstance(several.value, HandoutError)


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("biologcal", ["biological", "spiritual"], "Did you mean “biological”?"),
        ("FRAUNCE", ["Fraunces", "Lora"], "Did you mean “Fraunces”?"),
        ("xyz", ["b", "a"], "There is: a, b."),
        ("xyz", [], "There are none here."),
        ("xyz", [f"{letter}1" for letter in "abcdefghijklmno"], "… "),
    ],
)
def test_nearest_name(word: str, known: list[str], said: str) -> None:
    assert said.strip() in nearest(word, known)
