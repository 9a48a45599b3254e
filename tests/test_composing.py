"""A handout and a clinic become one HTML text: blanks, citations, marks and styles."""

import dataclasses
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

from handouts.clinic import Clinic, load_clinic
from handouts.composing import Composition
from handouts.content import load_handout
from handouts.errors import Origin, SeveralErrors
from handouts.evidence import Claim, Ledger, SafetyText, Source, Strength
from handouts.formats import FORMATS, FULL, LETTER
from handouts.furniture import Furniture, load_furniture
from handouts.handout import Handout, Prose
from handouts.house import House
from handouts.library import sample_clinic
from handouts.pipeline import Order, prepare
from handouts.scribe import Scribe
from handouts.templating import Templates, template_environment
from tests.cases import Case, read_cases
from tests.small_clinic import BLOCK, CLINIC_TOML, LOGO, PROTOCOL, write, write_small_clinic

WHERE = Origin(Path("writing.md"), 1)
NAMED = '{{% extends "small.html" %}}{{% block more %}}<img alt="x" src="{}">{{% endblock %}}'
FRAMED = "body { background: url(assets/frame.svg) }"
NAMES = ("how-ketamine-works", "biological", "psychological", "functional", "spiritual")


def source(key: str) -> Source:
    return Source(
        key=key,
        kind="trial",
        authors="Person T",
        title=key,
        venue="V",
        year=2020,
        cite=None,
        doi=None,
        verified="stored-page",
        checked_level="A",
        seen_kind="abstract",
    )


def claim(name: str, strength: Strength = "strong", **more: str) -> Claim:
    given = {"verdict": "supported", "use": "ok", "sources": (f"{name}-study",), **more}
    return Claim.model_validate(
        {
            "id": name,
            "topic": "t",
            "claim": "c",
            "evidence_says": "It is not so.",
            "strength": strength,
            **given,
        }
    )


LEDGER = Ledger(
    {
        row.id: row
        for row in (
            claim("one"),
            claim("two", "early"),
            claim("three", "anecdotal"),
            claim("torn", "moderate", verdict="contested"),
            claim("left-out", verdict="wrong", use="omit"),
        )
    },
    {
        "care": SafetyText(
            id="care",
            group="g",
            must="always",
            text="Don't go alone.",
            sources=("one-study",),
            strength="strong",
        )
    },
    {"left-out": "It is not so."},
    {key: source(key) for key in ("one-study", "two-study", "three-study", "torn-study", "left-out-study")},
)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    folder = write_small_clinic(tmp_path_factory.mktemp("clinic"))
    text = CLINIC_TOML.replace("Test Clinic", "O'Brien & Sons *Bold* <b>").replace("Mondays, 8 am to 9 am", "Mondays")
    return load_clinic(write(folder, {"clinic.toml": text + PROTOCOL}))


@pytest.fixture(scope="module")
def handout(clinic: Clinic) -> Handout:
    return load_handout(clinic.library, "small", "en")


@pytest.fixture(scope="module")
def furniture(clinic: Clinic) -> Furniture:
    return load_furniture(clinic.library, "en")


@pytest.fixture
def scribe(handout: Handout, clinic: Clinic, furniture: Furniture) -> Scribe:
    return Scribe(handout, house_of(clinic, furniture))


def house_of(clinic: Clinic, furniture: Furniture) -> House:
    return House(clinic, "en", LEDGER, furniture, Templates(clinic.library), date(2026, 11, 22))


def words(html: str) -> str:
    """Without the element that keeps a citation in small type beside its word, and with plain spaces."""
    bare = html.replace('<span class="cite">&#160;', "").replace("]</span>", "]")
    return bare.replace("&#160;", " ").replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("case", [*read_cases("blanks"), *read_cases("citations")], ids=str)
def test_filled_in(case: Case, scribe: Scribe) -> None:
    filled = words(scribe.prose(Prose(case.typed, WHERE)))
    told = "\n".join(dict.fromkeys(map(str, scribe.errors)))
    assert (told or filled) == case.expected


@pytest.mark.parametrize("blank", ["clinic phone", "after hours"])
def test_a_phone_number_stays_on_one_line(blank: str, scribe: Scribe) -> None:
    assert "(555)\N{NO-BREAK SPACE}010-0" in scribe.prose(Prose(f"(({blank}))", WHERE))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)


@settings(deadline=None)
@given(st.text("[@]();&<>\"' one-two:correctionclinic phoneline\n"), st.text(min_size=1))
def test_any_text_and_any_name(text: str, name: str) -> None:
    """Nothing that a clinic or a writer types becomes a tag."""
    clinic = load_clinic(sample_clinic())
    named = dataclasses.replace(clinic, names=clinic.names.model_copy(update={"name": name}))
    house = house_of(named, load_furniture(clinic.library, "en"))
    scribe = Scribe(load_handout(clinic.library, "biological", "en"), house)
    html = scribe.prose(Prose(f"{escape(text)} ((clinic name))", WHERE))
    tags = Tags()
    tags.feed(html)
    assert set(tags.found) <= {"span"}
    assert words(str(escape(name))) in words(html)


def test_numbers_follow_the_order_of_citing(scribe: Scribe) -> None:
    for text in ("[@two]", "[@one]", "[@two]"):
        scribe.prose(Prose(text, WHERE))
    assert [(number, source.key) for number, source in scribe.sources] == [(1, "two-study"), (2, "one-study")]


@pytest.mark.parametrize(
    ("cited", "dots", "said"),
    [
        ("[@one]", 3, "Strong evidence"),
        ("[@one; @two]", 1, "Early evidence"),
        ("[@three]", 0, "Reports and ideas only"),
        ("[@torn]", 2, "Moderate evidence; studies disagree"),
        ("[@torn; @three]", 0, "Reports and ideas only; studies disagree"),
    ],
)
def test_mark_is_that_of_the_weakest_evidence(cited: str, dots: int, said: str, scribe: Scribe) -> None:
    mark = scribe.mark(Prose(cited, WHERE))
    assert mark is not None
    assert (mark.dots, mark.words) == (dots, said)


def test_no_mark_without_a_citation(scribe: Scribe) -> None:
    assert scribe.mark(Prose("Hello.", WHERE)) is None


def test_safety_text_of_the_ledger_or_of_the_block(scribe: Scribe, handout: Handout) -> None:
    safety = handout.sections[1]
    assert words(scribe.safety(safety, "care")) == "Don’t go alone.[1]"
    own = dataclasses.replace(safety, texts={"care": Prose("Bring a friend.", WHERE)})
    assert words(scribe.safety(own, "care")) == "Bring a friend.[1]"
    assert not scribe.errors
    scribe.safety(safety, "car")
    assert "Did you mean “care”?" in str(scribe.errors[0])


def compose_small(folder: Path) -> Composition:
    return prepare(Order("small", FULL, "en", LETTER), load_clinic(folder))


def test_all_faults_of_a_text_are_told_at_once(small_clinic: Path) -> None:
    text = BLOCK.replace("Some text.", "((a)) [@b]").replace("figure:square", "figure:c")
    write(small_clinic, {"content/en/blocks/small-block.md": text})
    with pytest.raises(SeveralErrors) as caught:
        compose_small(small_clinic)
    assert len(caught.value.errors) == 3


def test_colours_and_fonts_travel_as_properties(small_clinic: Path) -> None:
    html = compose_small(small_clinic).html
    assert "--brand: #0f5c63;" in html
    assert '--text-font: "Atkinson Hyperlegible", "Source Sans 3";' in html
    assert "@font-face" not in html  # the faces are given beside the page, so that no template can lose them
    assert "http:" not in html.replace("http://www.w3.org", "")


def test_clinic_name_cannot_end_the_style(small_clinic: Path) -> None:
    environment = template_environment(load_clinic(small_clinic).library)
    wild = 'a"b\\c</style>\n\r\f\x00'
    css = environment.from_string("{{ name | css }}").render(name=wild)
    assert css == '"a\\22 b\\5c c\\3c /style\\3e \\a \\d \\c \\0 "'


def test_clinic_template_leans_on_ours(small_clinic: Path) -> None:
    (small_clinic / "templates" / "full.html").unlink()
    library = load_clinic(small_clinic).library
    ours = (library.bundled / "templates" / "page.html").read_text(encoding="utf-8")
    write(small_clinic, {"templates/page.html": '{% extends "bundled:page.html" %}'})
    environment = template_environment(library)
    assert environment.loader is not None
    source, path, _ = environment.loader.get_source(environment, "bundled:page.html")
    assert source.strip() == ours.strip()
    assert path == str(library.bundled / "templates" / "page.html")
    _, path, _ = environment.loader.get_source(environment, "page.html")
    assert path == str(library.clinic / "templates" / "page.html")


def test_clinic_style_leans_on_ours(small_clinic: Path) -> None:
    write(
        small_clinic,
        {
            "styles/full.css": '@import "bundled:full.css";\np { color: red }',
            "styles/clinic.css": "/* own */",
        },
    )
    html = compose_small(small_clinic).html
    ours = (load_clinic(small_clinic).library.bundled / "styles" / "full.css").read_text(encoding="utf-8")
    assert ours.strip() in html
    assert html.index(ours.strip()) < html.index("p { color: red }") < html.index("/* own */")


@pytest.mark.parametrize(
    "changed",
    [
        {"content/en/blocks/small-block.md": BLOCK.replace("Some text", "Other text")},
        {"clinic.toml": CLINIC_TOML.replace("#0f5c63", "#0f5c64")},
        {"clinic.toml": CLINIC_TOML.replace("010-0100", "010-0101")},
        {"assets/logo.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>'},
        {"styles/clinic.css": "p { color: red }"},
    ],
    ids=lambda files: next(iter(files)),
)
def test_fingerprint_changes_with_whatever_goes_in(small_clinic: Path, changed: dict[str, str | bytes]) -> None:
    before = compose_small(small_clinic).fingerprint
    assert compose_small(small_clinic).fingerprint == before
    write(small_clinic, changed)
    assert compose_small(small_clinic).fingerprint != before


@pytest.mark.parametrize(
    ("naming", "name"),
    [
        ({"styles/clinic.css": "body { background: url(../assets/photo.png) }"}, "photo.png"),
        ({"styles/clinic.css": "body { background: url('assets/my%20photo.png') }"}, "my photo.png"),
        ({"styles/clinic.css": "body { background: url('assets/my%20photo%20(1).png') }"}, "my photo (1).png"),
        ({"templates/full.html": NAMED.format("assets/you &amp; me.png")}, "you & me.png"),
        (
            {"assets/frame.svg": LOGO.replace("<path", '<image href="inner.svg"/><path'), "styles/clinic.css": FRAMED},
            "inner.svg",
        ),
    ],
    ids=["style", "address with signs", "address with brackets", "address in HTML", "drawing in a drawing"],
)
def test_fingerprint_changes_with_a_file_that_is_only_named(
    small_clinic: Path, naming: dict[str, str | bytes], name: str
) -> None:
    write(small_clinic, {**naming, f"assets/{name}": LOGO})
    before = compose_small(small_clinic).fingerprint
    write(small_clinic, {f"assets/{name}": LOGO.replace("h9", "h8")})
    assert compose_small(small_clinic).fingerprint != before


def test_fingerprint_stays_when_a_file_changes_that_nothing_names(small_clinic: Path) -> None:
    """Else one new text or photo would have every paper of the clinic laid out again."""
    other = "content/en/blocks/other.md"
    write(small_clinic, {"assets/photo.png": "one", other: BLOCK})
    before = compose_small(small_clinic).fingerprint
    write(small_clinic, {"assets/photo.png": "two", other: BLOCK.replace("Some", "Other"), "styles/spare.css": "x"})
    assert compose_small(small_clinic).fingerprint == before


def test_fingerprint_changes_with_the_format() -> None:
    clinic = load_clinic(sample_clinic())
    made = [prepare(Order("biological", row, "en", LETTER), clinic).fingerprint for row in FORMATS.values()]
    assert len(set(made)) == len(FORMATS) == 4


@pytest.mark.parametrize("name", NAMES)
def test_bundled_handouts_compose_in_every_format(name: str) -> None:
    clinic = load_clinic(sample_clinic())
    for row in FORMATS.values():
        made = prepare(Order(name, row, "en", LETTER), clinic)
        assert "((" not in made.html.partition("<body")[2]
        assert "[@" not in made.html
        assert made.html.count("--air: 1;") >= 1
        assert made.with_air(0.5).count("--air: 0.5;") == 1


def test_edition_names_its_day(handout: Handout) -> None:
    assert handout.edition.updated == date(2026, 11, 22)
