"""A clinic's folder: what it says, what its brand becomes, and what it may not say."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from handouts.clinic import Clinic, clinic_folder, load_clinic
from handouts.colours import TEXT_CONTRAST, WHITE, Colour
from handouts.errors import HandoutError
from handouts.library import sample_clinic
from tests.small_clinic import CLINIC_TOML, PROTOCOL, write

bytes_ = st.integers(0, 255)
hexes = st.builds("#{:02x}{:02x}{:02x}".format, bytes_, bytes_, bytes_)
wild = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
# Lines of the real thing, shuffled, cut and mixed with junk: further in than junk alone would get.
lines = (CLINIC_TOML + PROTOCOL).splitlines()
pieces = st.lists(st.sampled_from(lines) | st.text(max_size=20), max_size=16).map("\n".join)


def clinic_with(folder: Path, text: str | bytes) -> Clinic:
    return load_clinic(write(folder, {"clinic.toml": text}))


@wild
@given(
    st.binary()
    | st.text().map(lambda text: text.encode(errors="ignore"))
    | pieces.map(lambda t: t.encode(errors="ignore"))
)
def test_any_junk_is_an_answer(small_clinic: Path, content: bytes) -> None:
    try:
        clinic_with(small_clinic, content)
    except HandoutError as error:
        assert "clinic.toml" in str(error) or error.where is not None


@wild
@given(st.dictionaries(st.sampled_from(["name", "legal", "web", "crisis"]), st.integers() | st.booleans() | st.dates()))
def test_values_of_the_wrong_kind(small_clinic: Path, values: dict[str, object]) -> None:
    lines = [f"{key} = {str(value).lower()}" for key, value in values.items()]
    text = CLINIC_TOML.replace('name = "Test Clinic"\ncrisis = "Call 988."', "\n".join(lines))
    with pytest.raises(HandoutError):
        clinic_with(small_clinic, text)


def test_what_the_folder_says(small_clinic: Path) -> None:
    clinic = load_clinic(small_clinic)
    assert clinic.names.name == "Test Clinic"
    assert clinic.main.phone == "(555) 010-0100"
    assert clinic.brand.logo == small_clinic / "assets" / "logo.svg"
    assert clinic.brand.told == ()
    assert (clinic.brand.heading_font, clinic.brand.text_font) == ("Fraunces", "Atkinson Hyperlegible")
    assert clinic.protocol is None
    assert clinic.after_hours is None
    assert clinic.blanks["crisis line"] == "Call 988."


def test_what_the_clinics_own_rules_say(small_clinic: Path) -> None:
    clinic = clinic_with(small_clinic, CLINIC_TOML + PROTOCOL)
    assert clinic.protocol is not None
    assert clinic.protocol.approved_by == "Dr. Test, medical director"
    assert clinic.protocol.in_force_from == date(2026, 2, 1)
    assert clinic.after_hours == "(555) 010-0911, any time"
    assert clinic.protocol.value("leaves_with") == "adult"
    assert clinic.protocol.value("esketamine.no_drink_hours") == 0.5


def test_rules_may_be_few(small_clinic: Path) -> None:
    """A clinic that gives only one of the medicines has no rules for the other."""
    few = PROTOCOL.partition("[protocol.ketamine]")[0].replace('leaves_with = "adult"\n', "")
    clinic = clinic_with(small_clinic, CLINIC_TOML + few)
    assert clinic.protocol is not None
    assert clinic.protocol.value("leaves_with") is None
    assert clinic.protocol.value("ketamine.stay_hours") is None


def test_several_locations_and_no_logo(small_clinic: Path) -> None:
    second = '[[locations]]\nname = "There"\naddress = ["x", "y"]\nphone = "2"\nhours = "z"\n\n[brand]\n'
    clinic = clinic_with(small_clinic, CLINIC_TOML.replace('[brand]\nlogo = "logo.svg"\n', second))
    assert [location.name for location in clinic.locations] == ["Here", "There"]
    assert clinic.main.name == "Here"
    assert clinic.brand.logo is None


@wild
@given(hexes)
@example("#767676")  # passes on white, but not on its own tint
@example("#ffffff")
@example("#000000")
def test_text_in_any_brand_can_be_read(small_clinic: Path, colour: str) -> None:
    brand = clinic_with(small_clinic, CLINIC_TOML.replace("#0f5c63", colour)).brand
    ground = Colour.from_hex(str(brand.tokens["brand-pale"]))
    assert brand.brand.contrast(WHITE) >= TEXT_CONTRAST
    assert brand.brand.contrast(ground) >= TEXT_CONTRAST
    assert bool(brand.told) == (str(brand.brand) != colour)


def test_darkened_colour_is_told(small_clinic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    brand = clinic_with(small_clinic, CLINIC_TOML.replace("#0f5c63", "#66ccff")).brand
    (told,) = brand.told
    assert told.startswith("clinic/clinic.toml:15: the color brand #66ccff is too pale for text (")
    assert told.endswith(f"Printed as {brand.brand}.")


def test_which_folder_is_used(desk: Path) -> None:
    asked = Path("somewhere")
    assert clinic_folder(asked) == asked
    assert clinic_folder(None) == sample_clinic()
    write(desk, {"clinic.toml": CLINIC_TOML})
    assert clinic_folder(None) == desk


def test_sample_clinic_is_well() -> None:
    clinic = load_clinic(sample_clinic())
    assert clinic.brand.told == ()
    assert clinic.brand.logo is not None
    assert len(clinic.locations) > 1
    assert clinic.protocol is not None
    assert clinic.after_hours
    assert all(clinic.blanks.values())
