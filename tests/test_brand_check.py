"""Whether a brand's colours, fonts and letters can be read, as far as settings and words tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from handouts.checking import brand as checks
from handouts.checking.brand import contrast, emphasis, fonts, glyphs
from handouts.checking.manuscript import Role
from handouts.clinic import Clinic, load_clinic
from handouts.colours import Colour
from handouts.errors import Origin
from handouts.fonts import FontFace, font_faces
from tests.manuscripts import HERE, passage, places, report_of, rules, sample_house
from tests.small_clinic import BLOCK, CLINIC_TOML, write

SAMPLE = sample_house().clinic


# Colours


def painted(**colours: str) -> Clinic:
    """The sample clinic in other colours, without the darkening that its settings would bring."""
    read = {name: Colour.from_hex(colour) for name, colour in colours.items()}
    return replace(SAMPLE, brand=replace(SAMPLE.brand, **read))


def pairs(clinic: Clinic) -> set[str]:
    """The pairs of colours that are told, as `ink on paper`."""
    found = list(contrast(clinic))
    assert {(finding.severity, finding.rule) for finding in found} <= {("error", "contrast")}
    assert {finding.where for finding in found} <= {Origin(clinic.folder / "clinic.toml")}
    return {" ".join(finding.problem.replace("The color ", "").split()[at] for at in (0, 2, 3)) for finding in found}


def test_sample_clinic_can_be_read() -> None:
    assert list(contrast(SAMPLE)) == []


@pytest.mark.parametrize(
    ("colours", "found"),
    [
        # 4.54:1 on white, and less on its own tint
        ({"brand": "#767676"}, {"brand on brand-pale"}),
        ({"brand": "#777777"}, {"brand on paper", "brand on brand-pale"}),
        ({"accent": "#777777"}, {"accent on paper", "accent on accent-pale"}),
        ({"ink": "#777777"}, {"ink on paper", "ink on brand-pale", "ink on accent-pale"}),
        ({"ink": "#999999"}, {"ink on paper", "ink on brand-pale", "ink on accent-pale", "ink on brand-soft"}),
        # 3:1 is enough for pictures, 4.5:1 for text
        ({"brand": "#909090"}, {"brand on paper", "brand on brand-pale"}),
        ({"brand": "#999999"}, {"brand on paper", "brand on brand-pale"}),
    ],
)
def test_pair_of_colours_that_is_too_pale(colours: dict[str, str], found: set[str]) -> None:
    assert pairs(painted(**colours)) == found


def test_contrast_is_told_in_numbers() -> None:
    said = [str(finding) for finding in contrast(painted(accent="#777777"))]
    assert any("The color accent (#777777) on paper (#ffffff) has a contrast of 4.48:1; 4.5:1 is the least" in text
               for text in said)  # fmt: skip


def test_pictures_need_less_than_text() -> None:
    """#909090 has 3.2:1 on white, #999999 has 2.8:1."""

    def least_told(colour: str) -> set[str]:
        told = (finding.problem for finding in contrast(painted(brand=colour)) if "on paper" in finding.problem)
        return {text.rpartition("; ")[2] for text in told}

    assert least_told("#909090") == {"4.5:1 is the least"}
    assert least_told("#999999") == {"4.5:1 is the least", "3:1 is the least"}


def test_two_colours_that_are_well_apart_and_badly_together(small_clinic: Path) -> None:
    """Each is dark enough for white; the ink is too pale for the ground that a black brand gives."""
    colours = CLINIC_TOML.replace("#0f5c63", "#000000") + 'ink = "#767676"\n'
    write(small_clinic, {"clinic.toml": colours})
    found = [finding for finding in report_of(small_clinic, "small").findings if finding.rule == "contrast"]
    assert "The color ink (#6e6e6e) on brand-pale (#e8e8e8)" in found[0].problem
    assert {(finding.severity, finding.where) for finding in found} == {("error", Origin(small_clinic / "clinic.toml"))}


def test_darkened_colour_is_a_note(small_clinic: Path) -> None:
    write(small_clinic, {"clinic.toml": CLINIC_TOML.replace("#0f5c63", "#66ccff")})
    found = list(contrast(load_clinic(small_clinic)))
    assert [(finding.severity, finding.rule) for finding in found] == [("note", "darkened")]
    assert found[0].problem.startswith("the color brand #66ccff is too pale for text")
    assert "Printed as #" in found[0].problem


# BUG: brand.py:36 names clinic.toml without a line, though `told` and clinic.where("brand", "colors", name) know it.
def test_darkened_colour_is_told_with_its_line(small_clinic: Path) -> None:
    write(small_clinic, {"clinic.toml": CLINIC_TOML.replace("#0f5c63", "#66ccff")})
    assert places(contrast(load_clinic(small_clinic)), "darkened") == ["clinic.toml:15"]


# Fonts


def test_fonts_of_the_sample_clinic() -> None:
    assert list(fonts(SAMPLE.brand)) == []


def test_font_in_two_roles_is_one() -> None:
    assert list(fonts(replace(SAMPLE.brand, heading_font="Source Sans 3", text_font="Source Sans 3"))) == []


@pytest.mark.parametrize("weight", [None, 700])
def test_two_files_for_the_same_letters(weight: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(family: str, where: Origin) -> tuple[FontFace, ...]:
        twice = FontFace(family, weight, "normal", Path("a.ttf")), FontFace(family, weight, "normal", Path("b.ttf"))
        return twice if family == "Fraunces" else font_faces(family, where)

    monkeypatch.setattr(checks, "font_faces", doubled)
    found = list(fonts(SAMPLE.brand))
    assert [(row.severity, row.rule, row.where) for row in found] == [("error", "font", SAMPLE.brand.fonts_origin)]
    assert "Fraunces has 2 files for" in found[0].problem


def test_files_for_other_letters_are_no_doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = [(400, "normal"), (700, "normal"), (400, "italic"), (700, "italic")]

    def four(family: str, where: Origin) -> tuple[FontFace, ...]:
        return tuple(FontFace(family, weight, style, Path(f"{weight}{style}.ttf")) for weight, style in kinds)

    monkeypatch.setattr(checks, "font_faces", four)
    assert list(fonts(SAMPLE.brand)) == []


def test_font_that_is_not_installed(small_clinic: Path) -> None:
    write(small_clinic, {"clinic.toml": CLINIC_TOML + '\n[brand.fonts]\nheading = "Frances"\n'})
    found = list(fonts(load_clinic(small_clinic).brand))
    assert [(row.severity, row.rule) for row in found] == [("error", "font")]
    assert "“Frances” is not installed" in found[0].problem
    assert "Fraunces" in found[0].remedy
    assert found[0].where is not None and found[0].where.path == small_clinic / "clinic.toml"


# Letters


@pytest.mark.parametrize("text", ["Plain words.", "naïve, Nguyễn Đức, Łódź", "☐ ✓ → ● ○ “quotes” – dashes — 5 °C ½"])
def test_letters_that_the_fonts_hold(text: str) -> None:
    assert list(glyphs([passage(text)], SAMPLE.brand)) == []


@pytest.mark.parametrize(
    ("text", "missing"), [("Lift 氣 up.", "氣"), ("Be glad 🙂🙃.", "🙂, 🙃"), ("😀 or 氣 or 氣", "氣, 😀")]
)
def test_letters_that_no_font_holds(text: str, missing: str) -> None:
    found = list(glyphs([passage("Plain words."), passage(text)], SAMPLE.brand))
    assert [(row.severity, row.rule, row.where) for row in found] == [("error", "missing-glyph", HERE)]
    assert found[0].problem == f"No font of the brand holds {missing}"


def test_letters_of_text_font_and_fallback_count() -> None:
    """Source Sans 3 is always there; what it lacks, such as Ȃ, the text font may have."""
    assert list(glyphs([passage("Go → Ȃ")], replace(SAMPLE.brand, text_font="Fraunces"))) == []
    assert rules(glyphs([passage("Go → Ȃ")], replace(SAMPLE.brand, text_font="Source Sans 3"))) == {"missing-glyph"}
    assert list(glyphs([passage("Go →")], replace(SAMPLE.brand, text_font="Not a font"))) == []


def test_missing_letter_is_told_with_file_and_line(small_clinic: Path) -> None:
    text = BLOCK.replace("Some text.", "Some text.[@small-claim]\n\nBreathe your 氣 out.\n\nMore.")
    write(small_clinic, {"content/en/blocks/small-block.md": text})
    found = [finding for finding in report_of(small_clinic, "small").findings if finding.rule == "missing-glyph"]
    assert [(row.severity, row.where) for row in found] == [
        ("error", Origin(small_clinic / "content/en/blocks/small-block.md", 9))
    ]


# BUG: brand.py:74 and :85 ask for the place of the whole passage: in a paragraph of many lines that is its first one.
# plain_words.hard_words asks for the words from the hard one on.
def test_lines_in_a_long_paragraph(small_clinic: Path) -> None:
    text = BLOCK.replace(
        "Some text.", "Some text goes on\nand on and then there\nis your 氣 again, and\nit is *hard* to read."
    )
    write(small_clinic, {"content/en/blocks/small-block.md": text})
    found = report_of(small_clinic, "small").findings
    assert (places(found, "missing-glyph"), places(found, "italics")) == (["small-block.md:9"], ["small-block.md:10"])


# Italics and capitals


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is *hard* to read.", {"italics"}),
        ("It is _hard_ to read.", {"italics"}),
        ("It is **easy** to read.", set()),
        ("It is ***both***.", {"italics"}),
        ("READ THIS NOW.", {"capitals"}),
        ("Do NOT SKIP DOSES today.", {"capitals"}),
        ("It is IMPORTANT.", {"capitals"}),
        ("The NMDA receptor.", set()),
        ("NMDA or AMPA.", set()),
        ("FDA, REMS, EEG.", set()),
        ("It is Not All Caps.", set()),
    ],
)
def test_hard_on_the_eye(text: str, found: set[str]) -> None:
    told = list(emphasis([passage(text)]))
    assert {finding.severity for finding in told} <= {"warning"}
    assert rules(told) == found


@pytest.mark.parametrize("role", ["label", "page furniture"])
def test_labels_may_stand_in_capitals(role: Role) -> None:
    assert list(emphasis([passage("WRITE IT DOWN HERE", role)])) == []


def test_capitals_are_shown_and_found(small_clinic: Path) -> None:
    text = BLOCK.replace("Some text.", "Some text goes on\nand then\nYOU MUST READ it.")
    write(small_clinic, {"content/en/blocks/small-block.md": text})
    found = report_of(small_clinic, "small").findings
    assert places(found, "capitals") == ["small-block.md:9"]
    assert [row.problem for row in found if row.rule == "capitals"] == ["“YOU MUST READ” is all in capitals"]
