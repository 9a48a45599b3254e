"""Markdown becomes handouts and sections."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handouts.clinic import load_library
from handouts.content import handout_names, list_handouts, load_handout, load_section
from handouts.errors import ContentError, HandoutError, Origin, RequestError, SeveralErrors
from handouts.furniture import load_furniture
from handouts.handout import Figure, Prose
from handouts.library import Library, sample_clinic
from tests.cases import Case, read_cases
from tests.small_clinic import BLOCK, HANDOUT, write

FRONT = "---\ntitle: T\nkind: text\nicon: square\n---\n"
FURNITURE = "content/en/furniture.yaml"
NAMES = {"how-ketamine-works", "biological", "psychological", "functional", "spiritual"}
HERE = Origin(Path("here.md"), 1)


@pytest.fixture
def library(small_clinic: Path) -> Library:
    return load_library(small_clinic)


def body(library: Library, text: str) -> tuple[Prose | Figure, ...]:
    write(library.clinic, {"content/en/blocks/typed.md": FRONT + text})
    return load_section(library, "typed", "en", HERE).body


@pytest.mark.parametrize("case", read_cases("markdown"), ids=str)
def test_markdown(case: Case, library: Library) -> None:
    (part,) = body(library, case.typed)
    assert isinstance(part, Prose)
    assert part.html == case.expected


def test_handout_and_its_sections(library: Library) -> None:
    handout = load_handout(library, "small", "en")
    assert (handout.slug, handout.title) == ("small", "A small handout")
    assert (handout.edition.code, handout.edition.version) == ("SMALL", "1.0")
    assert handout.edition.updated == date(2026, 11, 22)
    assert handout.edition.code_for("F") == "SMALL-F-en 1.0"
    assert [section.slug for section in handout.sections] == ["small-block", "small-safety"]
    assert handout.summary_sections == handout.sections
    block, safety = handout.sections
    assert block.key_point is not None
    assert block.key_point.html == "This is the key point.[@small-claim]"
    assert block.key_point.origin.line == 5
    assert safety.carried == {"take-care"}
    prose, figure = block.body
    assert isinstance(prose, Prose)
    assert prose.origin.line == 7
    assert isinstance(figure, Figure)
    assert block.figures == (figure,)
    assert (figure.kind, figure.name, figure.alternative) == ("figure", "square", "A square.")
    assert figure.caption.html == "This is a square."
    assert figure.origin.line == 9


def test_text_is_cut_where_a_picture_stands(library: Library) -> None:
    parts = body(library, '\nOne\n\n![A](figure:square "A [1] “b”")\nTwo\n\n![B](figure:square "C")\n')
    assert [type(part) for part in parts] == [Prose, Figure, Prose, Figure]
    assert [part.origin.line for part in parts] == [7, 9, 10, 12]


def test_all_faults_of_a_text_are_told_at_once(library: Library) -> None:
    with pytest.raises(SeveralErrors) as caught:
        body(library, "# One\n\n![](figure:a)\n\n![A](http://x)\n")
    assert [error.where.line for error in caught.value.errors if error.where] == [6, 8, 10]


def test_faults_of_several_blocks_are_told_at_once(library: Library) -> None:
    write(
        library.clinic,
        {
            "content/en/handouts/small.md": HANDOUT.replace("summary: [", "summary: [nowhere, "),
            "content/en/blocks/small-block.md": BLOCK.replace("kind: text", "kind: test"),
            "content/en/blocks/small-safety.md": "nothing",
        },
    )
    with pytest.raises(SeveralErrors) as caught:
        load_handout(library, "small", "en")
    assert {error.where.path.name for error in caught.value.errors if error.where} == {
        "small.md",
        "small-block.md",
        "small-safety.md",
    }


def test_more_people_than_there_are(library: Library) -> None:
    text = FRONT.replace("icon:", "people:\n  p:\n  - {count: 3, of: 2, label: x}\nicon:")
    write(library.clinic, {"content/en/blocks/typed.md": text})
    with pytest.raises(ContentError, match=r"typed\.md:6: 3 of 2 is more than all of them"):
        load_section(library, "typed", "en", HERE)


@pytest.mark.parametrize("text", ["# Title", "#Title", "> # Title", "- # Title", "## Title"])
def test_heading_that_belongs_to_the_page(text: str, library: Library) -> None:
    with pytest.raises(ContentError, match=r"typed\.md:6: A heading of level [12] cannot stand here"):
        body(library, text)


@pytest.mark.parametrize("text", ["1986. A year", "# Title", "- a list", "> words", "---"])
def test_line_that_is_not_a_sentence(text: str, library: Library) -> None:
    write(library.clinic, {"content/en/blocks/typed.md": FRONT.replace("icon:", f"key_point: '{text}'\nicon:")})
    with pytest.raises(ContentError, match=r"typed\.md:4: .*a sentence is wanted here"):
        load_section(library, "typed", "en", HERE)


def test_block_that_is_not_there(library: Library) -> None:
    with pytest.raises(ContentError, match=r"here\.md:1: There is no building block “small-blok”.*“small-block”"):
        load_section(library, "small-blok", "en", HERE)


def test_unknown_handout_and_language(library: Library) -> None:
    write(library.clinic, {"content/es/handouts/solo.md": HANDOUT})
    for slug, language, said in (
        ("smal", "en", "Did you mean “small”?"),
        ("small", "eng", "Did you mean “en”?"),
        ("solo", "en", "It is there in: es."),
    ):
        with pytest.raises(RequestError) as caught:
            load_handout(library, slug, language)
        assert said in str(caught.value)


def test_list_has_every_language_of_a_handout(library: Library) -> None:
    write(library.clinic, {"content/es/handouts/small.md": HANDOUT.replace("A small handout", "Una hoja")})
    (small,) = [listing for listing in list_handouts(library) if listing.slug == "small"]
    assert (small.title, small.languages) == ("A small handout", ("en", "es"))
    assert not small.overridden


def test_list_says_whose_text_it_is(library: Library) -> None:
    write(library.clinic, {"content/en/handouts/biological.md": HANDOUT})
    overridden = {listing.slug: listing.overridden for listing in list_handouts(library)}
    assert overridden["biological"]
    assert not overridden["spiritual"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('people: "{count} of {of}"', 'people: "{count} of {of} {x}"', "may hold only {count}, {of}"),
        ("figure: Figure {number}.", 'figure: "Figure {number} {"', "figure"),
        ("  early: Early evidence\n", "", "words for early are missing"),
        ("full: Full handout\n", "", "“full” is missing"),
    ],
)
def test_furniture_that_would_leave_a_hole(old: str, new: str, said: str, library: Library) -> None:
    ours = (library.bundled / FURNITURE).read_text(encoding="utf-8")
    assert old in ours
    write(library.clinic, {FURNITURE: ours.replace(old, new)})
    with pytest.raises(ContentError, match=r"furniture\.yaml") as caught:
        load_furniture(library, "en")
    assert said in str(caught.value)


def test_month_of_a_date(library: Library) -> None:
    assert load_furniture(library, "en").month(date(2026, 2, 1)) == "Feb 2026"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text("![](figure:people\"a@;)# \n-*_<>&'`1.\\|~^0é\t", max_size=80) | st.text(max_size=40))
def test_any_text_is_read_or_refused(library: Library, text: str) -> None:
    try:
        parts = body(library, text.replace("\ud800", "").encode(errors="ignore").decode())
    except HandoutError:
        return
    for part in parts:
        html = part.html if isinstance(part, Prose) else part.caption.html
        assert "<script" not in html
        assert "<a " not in html
        assert "<img" not in html
        assert "<h1" not in html
        assert "<h2" not in html


# What comes with us


def test_bundled_handouts_can_all_be_read() -> None:
    library = load_library(sample_clinic())
    names = handout_names(library, "en")
    assert set(names) >= NAMES
    for name in names:
        handout = load_handout(library, name, "en")
        assert any(section.short for section in handout.summary_sections), f"{name}: no safety block"
    assert {listing.slug for listing in list_handouts(library)} == set(names)
