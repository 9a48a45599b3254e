"""A clinic's folder: what it says, what its brand becomes, and what it may not say."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from handouts.clinic import Clinic, clinic_folder, load_clinic, unbroken
from handouts.colours import TEXT_CONTRAST, WHITE, Colour
from handouts.errors import ClinicError, HandoutError, RequestError
from handouts.house import load_house
from handouts.library import sample_clinic
from tests.command import run
from tests.small_clinic import CLINIC_TOML, CRISIS_FR, PROTOCOL, write, write_french

bytes_ = st.integers(0, 255)
hexes = st.builds("#{:02x}{:02x}{:02x}".format, bytes_, bytes_, bytes_)
wild = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
# The lines that may have words for several languages, by the table and key that they stand under.
SPOKEN = {
    ("clinic", "crisis"): ("Call 988.", "Llame al 988."),
    ("clinic", "legal"): ("We are invented.", "Somos inventados."),
    ("locations", "hours"): ("Mondays, 8 am to 9 am", "Lunes, de 8 a. m. a 9 a. m."),
    ("protocol", "after_hours"): ("(555) 010-0911, any time", "(555) 010-0911, a toda hora"),
    ("protocol", "approved_by"): ("Dr. Test, medical director", "Dra. Test, directora médica"),
}
ONE_LANGUAGE = CLINIC_TOML.replace("[[locations]]", 'legal = "We are invented."\n\n[[locations]]') + PROTOCOL


def spoken(text: str, *keys: str) -> str:
    """`clinic.toml` with Spanish too, in the lines with these keys or in all."""
    for (_, key), (english, spanish) in SPOKEN.items():
        if not keys or key in keys:
            assert text.count(f'{key} = "{english}"') == 1
            text = text.replace(f'{key} = "{english}"', f'{key} = {{ en = "{english}", es = "{spanish}" }}')
    return text


TWO_LANGUAGES = spoken(ONE_LANGUAGE)
# Lines of the real thing, shuffled, cut and mixed with junk: further in than junk alone would get.
lines = (CLINIC_TOML + PROTOCOL + TWO_LANGUAGES).splitlines()
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


# Lines in the clinic's languages


def its_lines(clinic: Clinic) -> dict[tuple[str, str], str | None]:
    assert clinic.protocol is not None
    return {
        ("clinic", "crisis"): clinic.names.crisis,
        ("clinic", "legal"): clinic.names.legal,
        ("locations", "hours"): clinic.main.hours,
        ("protocol", "after_hours"): clinic.after_hours,
        ("protocol", "approved_by"): clinic.protocol.approved_by,
    }


def test_lines_with_words_for_several_languages(small_clinic: Path) -> None:
    english = {key: words for key, (words, _) in SPOKEN.items()}
    spanish = {key: words for key, (_, words) in SPOKEN.items()}
    write(small_clinic, {"clinic.toml": TWO_LANGUAGES})
    clinic = load_clinic(small_clinic)
    assert (clinic.language, its_lines(clinic)) == ("en", english)
    assert its_lines(load_clinic(small_clinic, "es")) == spanish
    assert its_lines(load_clinic(small_clinic, "fr")) == english, "better English than nothing"
    assert load_clinic(small_clinic, "es").blanks["clinic hours"] == spanish["locations", "hours"]
    assert load_clinic(small_clinic, "es").blanks["crisis line"] == spanish["clinic", "crisis"]
    write(small_clinic, {"clinic.toml": ONE_LANGUAGE})
    assert its_lines(load_clinic(small_clinic, "es")) == english, "one line stands for all languages"


def test_clinic_speaks_another_language(small_clinic: Path) -> None:
    clinic = clinic_with(small_clinic, TWO_LANGUAGES)
    assert clinic.speaking("en") is clinic
    other = clinic.speaking("es")
    assert (other.language, other.names.crisis) == ("es", "Llame al 988.")
    assert other.speaking("en") == clinic
    assert clinic.names.crisis == "Call 988."


@pytest.mark.parametrize("key", [key for _, key in SPOKEN])
def test_line_that_is_english_for_want_of_others(key: str, small_clinic: Path) -> None:
    others = [other for _, other in SPOKEN if other != key]
    for text in (spoken(ONE_LANGUAGE, *others), only_english(TWO_LANGUAGES, key)):
        write(small_clinic, {"clinic.toml": text})
        (where,) = load_clinic(small_clinic, "es").english_lines
        assert where.path == small_clinic / "clinic.toml"
        assert where.line == next(at for at, line in enumerate(text.splitlines(), 1) if line.startswith(f"{key} = "))
        assert load_clinic(small_clinic).english_lines == ()


def only_english(text: str, key: str) -> str:
    """A table with words for one language is no translation either."""
    (spanish,) = (spanish for (_, row), (_, spanish) in SPOKEN.items() if row == key)
    assert text.count(f', es = "{spanish}"') == 1
    return text.replace(f', es = "{spanish}"', "")


def test_hours_of_each_place_are_looked_at(small_clinic: Path) -> None:
    place = '\n[[locations]]\nname = "There"\naddress = ["x"]\nphone = "2"\nhours = "Tuesdays"\n'
    write(small_clinic, {"clinic.toml": TWO_LANGUAGES + place})
    (where,) = load_clinic(small_clinic, "es").english_lines
    assert where.line == (TWO_LANGUAGES + place).count("\n")


@pytest.mark.parametrize("hours", ["24/7", "8:00 – 17:00", "(555) 010-0100", "8–5"])
def test_line_without_words_is_good_in_each_language(hours: str, small_clinic: Path) -> None:
    write(small_clinic, {"clinic.toml": TWO_LANGUAGES.replace(f"{{ en = {HOURS_IN_BOTH} }}", f'"{hours}"')})
    clinic = load_clinic(small_clinic, "es")
    assert (clinic.main.hours, clinic.english_lines) == (hours, ())


HOURS_IN_BOTH = '"Mondays, 8 am to 9 am", es = "Lunes, de 8 a. m. a 9 a. m."'


def test_lines_that_are_not_there_are_not_missed(small_clinic: Path) -> None:
    bare = CLINIC_TOML.replace('crisis = "Call 988."\n', "").replace('"Mondays, 8 am to 9 am"', '"24/7"')
    write(small_clinic, {"clinic.toml": bare})
    assert load_clinic(small_clinic, "es").english_lines == ()


WRONG_LINES = [
    pytest.param('{ en = "A", EN = "B" }', "“EN” is no language", id="capitals"),
    pytest.param('{ en = "A", es-MX = "B" }', "“es-MX” is no language", id="a country"),
    pytest.param('{ en = "A", spanish = "B" }', "“spanish” is no language", id="a name"),
    pytest.param('{ en = "A", "" = "B" }', "“” is no language", id="nothing"),
    pytest.param('{ es = "B" }', "words for en are missing", id="no English"),
    pytest.param("{}", "words for en are missing", id="an empty table"),
    pytest.param('{ en = "A", es = "" }', "each language needs words", id="an empty line"),
    pytest.param('{ en = "A", es = "  " }', "each language needs words", id="a line of spaces"),
    pytest.param('{ en = "", es = "B" }', "each language needs words", id="empty English"),
    pytest.param('{ en = "A", es = 3 }', "each language needs words", id="a number"),
    pytest.param('{ en = "A", es = { mx = "B" } }', "each language needs words", id="a table in a table"),
    pytest.param('["A", "B"]', "valid string", id="a list"),
    pytest.param('""', "at least 1 character", id="one empty line"),
]


@pytest.mark.parametrize(("line", "words"), WRONG_LINES)
@pytest.mark.parametrize(("table", "key"), SPOKEN)
def test_line_that_is_not_right(table: str, key: str, line: str, words: str, small_clinic: Path) -> None:
    """In whatever language the clinic is read."""
    (english,) = (english for (_, row), (english, _) in SPOKEN.items() if row == key)
    text = ONE_LANGUAGE.replace(f'{key} = "{english}"', f"{key} = {line}")
    at = text.splitlines().index(f"{key} = {line}") + 1
    write(small_clinic, {"clinic.toml": text})
    name = f"{table}.1.{key}" if table == "locations" else f"{table}.{key}"
    for language in ("en", "es", "fr"):
        with pytest.raises(ClinicError) as caught:
            load_clinic(small_clinic, language)
        assert str(caught.value).startswith(f"clinic/clinic.toml:{at}: “{name}”")
        assert words in str(caught.value)


def test_command_tells_a_line_that_is_not_right(small_clinic: Path) -> None:
    write(small_clinic, {"clinic.toml": CLINIC_TOML.replace('"Call 988."', '{ es = "Llame al 988." }')})
    outcome = run("render", "small", "--clinic", small_clinic)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.message.startswith("clinic/clinic.toml:3: “clinic.crisis”: words for en are missing")


@pytest.mark.parametrize("line", ['name = "Test Clinic"', 'name = "Here"', 'phone = "(555) 010-0100"'])
def test_name_and_phone_are_the_same_in_all_languages(line: str, small_clinic: Path) -> None:
    key, _, value = line.partition(" = ")
    with pytest.raises(ClinicError, match="valid string"):
        clinic_with(small_clinic, CLINIC_TOML.replace(line, f"{key} = {{ en = {value}, es = {value} }}"))


def test_crisis_line_that_the_clinic_leaves_out_is_that_of_the_language(small_clinic: Path) -> None:
    def crisis(language: str) -> str | None:
        house = load_house(load_clinic(small_clinic), language, date(2026, 12, 1))
        assert house.clinic.language == language
        assert house.clinic.blanks["crisis line"] == house.clinic.names.crisis == house.furniture.crisis_line
        return house.clinic.names.crisis

    write_french(small_clinic)
    write(small_clinic, {"clinic.toml": CLINIC_TOML.replace('crisis = "Call 988."\n', "")})
    english, spanish = crisis("en"), crisis("es")
    assert english and english.startswith("Call or text 988")
    assert spanish and spanish.startswith("Llame") and "988" in spanish
    assert crisis("fr") == CRISIS_FR


def test_own_crisis_line_is_kept(small_clinic: Path) -> None:
    write(small_clinic, {"clinic.toml": spoken(CLINIC_TOML, "crisis")})
    clinic = load_clinic(small_clinic)
    for language, line in (("en", "Call 988."), ("es", "Llame al 988.")):
        assert load_house(clinic, language, date(2026, 12, 1)).clinic.blanks["crisis line"] == line
    with pytest.raises(RequestError):
        load_house(clinic, "xx", date(2026, 12, 1))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("8 am to 5 pm", "8~am to 5~pm"),
        ("de 8 a. m. a 5 p. m.", "de 8~a.~m. a 5~p.~m."),
        ("8 a.m. – 5:30 p.m.", "8~a.m. – 5:30~p.m."),
        ("(555) 010-0100, 8 am", "(555)~010-0100, 8~am"),
        ("1 Nowhere Street 22 3", "1 Nowhere Street 22 3"),
        ("5 amigos y 3 pmv", "5 amigos y 3 pmv"),
        ("a mí, a. m. y p. m.", "a mí, a.~m. y p.~m."),
        ("no numbers here", "no numbers here"),
        ("8  am", "8  am"),
    ],
)
def test_phone_numbers_and_times_of_day_stay_on_one_line(text: str, kept: str) -> None:
    assert unbroken(text).replace("\N{NO-BREAK SPACE}", "~") == kept
    assert unbroken(unbroken(text)) == unbroken(text)


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


@pytest.mark.parametrize("language", ["en", "es"])
def test_sample_clinic_has_its_lines_in_both_languages(language: str) -> None:
    clinic = load_house(load_clinic(sample_clinic()), language, date(2026, 12, 1)).clinic
    assert clinic.language == language
    assert all(clinic.blanks.values())
    assert clinic.english_lines == ()
    assert "988" in clinic.blanks["crisis line"]
    other = clinic.speaking("es" if language == "en" else "en")
    assert all(one.hours != two.hours for one, two in zip(clinic.locations, other.locations, strict=True))
