"""What the finished PDF is like, measured in the file."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from handouts.checking.finding import Finding
from handouts.checking.pages import Measured, measure
from handouts.clinic import load_clinic
from handouts.composing import Composition
from handouts.errors import Origin
from handouts.formats import A4, FULL, FULL_LARGE, LETTER, SUMMARY, SUMMARY_LARGE, Format
from handouts.library import sample_clinic
from handouts.page_inspection import measured_pages
from handouts.pdf import Pdf
from handouts.pipeline import Order, prepare, produce
from tests.command import run
from tests.manuscripts import house_of, rules
from tests.small_clinic import BLOCK, HANDOUT, write

LARGE = "html { font-size: 18pt }"
SMALL_PRINT = """\
{% extends "small.html" %}
{% block more %}
<section class="sources">Dean 2021. A study of it.</section>
<div class="foot">It was printed here.</div>
<div class="aside">It stands beside.</div>
{% endblock %}
"""


def laid_out(clinic: Path, form: Format = FULL, css: str = "") -> tuple[Pdf, Composition]:
    write(clinic, {"styles/clinic.css": css})
    composition = prepare(Order("small", form, "en", LETTER), load_clinic(clinic))
    return produce(composition), composition


def found(clinic: Path, form: Format = FULL, css: str = "") -> list[Finding]:
    findings = list(measure(*laid_out(clinic, form, css)))
    for finding in findings:
        assert finding.severity == "error"
        assert finding.where == Origin(clinic / "content/en/handouts/small.md")
        assert "small (" in finding.problem
    return findings


def problems(findings: list[Finding], rule: str) -> list[str]:
    """What is wrong, without the name of the paper."""
    return [finding.problem.partition("letter)")[2].lstrip(",: ") for finding in findings if finding.rule == rule]


@pytest.mark.parametrize(
    ("form", "css"),
    [
        pytest.param(FULL, "", id="full"),
        pytest.param(SUMMARY, "", id="summary"),
        pytest.param(FULL_LARGE, LARGE, id="full, large"),
        pytest.param(SUMMARY_LARGE, LARGE, id="summary, large"),
    ],
)
def test_paper_that_is_as_it_should_be(form: Format, css: str, small_clinic: Path) -> None:
    assert found(small_clinic, form, css) == []


# Sizes of type


@pytest.mark.parametrize(
    ("form", "css", "said"),
    [
        pytest.param(FULL, "h2 { font-size: 6pt }", "page 1: type of 6.0 points, at “A”; 8 is the least", id="6"),
        pytest.param(FULL, "h2 { font-size: 7.9pt }", "page 1: type of 7.9 points, at “A”; 8 is the least", id="7.9"),
        pytest.param(FULL, "p { font-size: 9pt }", "its text is 9 points; 12 is the least", id="text of 9"),
        pytest.param(FULL, "html { font-size: 11.9pt }", "its text is 11.9 points; 12 is the least", id="text of 11.9"),
        pytest.param(
            SUMMARY, "html { font-size: 10.4pt }", "its text is 10.4 points; 10.5 is the least", id="summary of 10.4"
        ),
        pytest.param(
            FULL,
            "h2 { font-size: 9.9pt }",
            "page 1: “Asmallblock” is smaller than 10 points, and no footer or source",
            id="side note of 9.9",
        ),
        pytest.param(
            FULL_LARGE,
            f"{LARGE} h2 {{ font-size: 17.9pt }}",
            "page 1: type of 17.9 points, at “A”; 18 is the least",
            id="large print of 17.9",
        ),
        pytest.param(
            SUMMARY_LARGE, "", "page 1: type of 12.0 points, at “I”; 18 is the least", id="large print of 12"
        ),
    ],
)  # fmt: skip
def test_small_type(form: Format, css: str, said: str, small_clinic: Path) -> None:
    findings = found(small_clinic, form, css)
    assert rules(findings) == {"type-size"}
    assert said in problems(findings, "type-size")


@pytest.mark.parametrize(
    ("form", "css"),
    [
        pytest.param(FULL, "h2 { font-size: 10pt }", id="side note of 10"),
        pytest.param(SUMMARY, "html { font-size: 10.5pt }", id="summary of 10.5"),
        pytest.param(FULL_LARGE, f"{LARGE} h2 {{ font-size: 30pt }}", id="large print of 18 and more"),
    ],
)
def test_type_that_is_large_enough(form: Format, css: str, small_clinic: Path) -> None:
    assert found(small_clinic, form, css) == []


def test_sources_and_footers_may_be_small(small_clinic: Path) -> None:
    write(small_clinic, {"templates/full.html": SMALL_PRINT})
    assert found(small_clinic, FULL, ".sources, .foot { font-size: 8pt }") == []
    aside = problems(found(small_clinic, FULL, ".aside { font-size: 8pt }"), "type-size")
    assert aside == ["page 1: “Itstandsbeside.” is smaller than 10 points, and no footer or source"]
    tiny = problems(found(small_clinic, FULL, ".sources { font-size: 7.5pt }"), "type-size")
    assert tiny == ["page 1: type of 7.5 points, at “D”; 8 is the least"]


def test_header_and_footer_of_the_page_may_be_small(small_clinic: Path) -> None:
    foot = '@page { @bottom-left { content: "Page one"; font-size: %spt; font-family: var(--text-font) } }'
    assert found(small_clinic, FULL, foot % "8") == []
    assert problems(found(small_clinic, FULL, foot % "7"), "type-size") == [
        "page 1: type of 7.0 points, at “P”; 8 is the least"
    ]


def test_the_page_is_named(small_clinic: Path) -> None:
    findings = found(small_clinic, FULL, "section { break-before: page } section + section h2 { font-size: 6pt }")
    assert [text.partition(":")[0] for text in problems(findings, "type-size")] == ["page 3", "page 3"]


def test_scaled_type_is_measured_as_it_is_printed(small_clinic: Path) -> None:
    assert "type-size" in rules(found(small_clinic, FULL, "h1 { font-size: 14pt; transform: scale(0.5) }"))


# Contrast


def contrasts(clinic: Path, css: str) -> set[str]:
    findings = found(clinic, FULL, css)
    assert rules(findings) <= {"contrast"}
    return {text.partition(": ")[2].partition(", at")[0] for text in problems(findings, "contrast")}


@pytest.mark.parametrize(
    ("css", "said"),
    [
        ("p { color: #888888 }", "#888888 has a contrast of 3.54:1 with what is behind it"),
        ("p { color: #777777 }", "#777777 has a contrast of 4.48:1 with what is behind it"),
        ("p { color: #ffffff }", "#ffffff has a contrast of 1.00:1 with what is behind it"),
        ("p { color: #fff; background: #ccddee }", "#ffffff has a contrast of 1.39:1 with what is behind it"),
        ("section { background: #0f5c63 } h1 { color: #0f5c63 }", "#0f5c63 has a contrast of 1.00:1"),
        ("p { font-size: 18pt; color: #999999 }", "#999999 has a contrast of 2.85:1 with what is behind it"),
    ],
)
def test_faint_letters(css: str, said: str, small_clinic: Path) -> None:
    assert any(text.startswith(said) for text in contrasts(small_clinic, css))


@pytest.mark.parametrize(
    "css",
    [
        "p { color: #767676 }",
        "p { color: #fff; background: #0f5c63 }",
        "p { font-size: 18pt; color: #888888 }",
    ],
)
def test_letters_that_stand_out(css: str, small_clinic: Path) -> None:
    assert contrasts(small_clinic, css) == set()


# BUG: pages.py `_behind` takes the most frequent colour around a letter, its own too, although it says otherwise: a
# dash or a thick stroke is mostly itself. Only what is around the letter's box is behind it.
@pytest.mark.parametrize(("title", "size"), [("Ketamine — a talk", 28), ("Who am I", 72), ("Look", 72)])
def test_letter_that_fills_its_box(title: str, size: int, small_clinic: Path) -> None:
    write(small_clinic, {"content/en/handouts/small.md": HANDOUT.replace("A small handout", title)})
    assert contrasts(small_clinic, f"h1 {{ font-size: {size}pt }}") == set()


# BUG: pages.py `_letters` reads how opaque a letter is (its fourth part) and forgets it; `opacity` is not seen either.
# The darkest dot of the letter in the picture would tell.
@pytest.mark.parametrize("css", ["p { color: rgba(21, 50, 58, .3) }", "p { opacity: .3 }"])
def test_letters_that_one_sees_through(css: str, small_clinic: Path) -> None:
    assert contrasts(small_clinic, css) != set()


# Italics, pages, tags


@pytest.mark.parametrize("form", [pytest.param(FULL_LARGE, id="full"), pytest.param(SUMMARY_LARGE, id="summary")])
def test_italics_in_large_print(form: Format, small_clinic: Path) -> None:
    findings = found(small_clinic, form, f"{LARGE} p {{ font-style: italic }}")
    assert rules(findings) == {"italics"}
    assert "Italic" in findings[0].problem


def test_italics_in_standard_print_pass(small_clinic: Path) -> None:
    assert found(small_clinic, FULL, "p { font-style: italic }") == []


@pytest.mark.parametrize(("form", "most"), [(SUMMARY, 1), (replace(SUMMARY, pages=2), 2)])
def test_page_limit(form: Format, most: int, small_clinic: Path) -> None:
    """Typesetting refuses such a summary; the check looks at the file all the same."""
    css = "section { break-before: page }"
    pdf, composition = laid_out(small_clinic, FULL, css)
    assert pdf.page_count == 3
    findings = list(measure(pdf, replace(composition, format=form)))
    assert problems(findings, "page-limit") == [f"has 3 pages; {most} is the most"]
    assert "page-limit" not in rules(measure(pdf, replace(composition, format=replace(form, pages=3))))


def test_wrong_title(small_clinic: Path) -> None:
    pdf, composition = laid_out(small_clinic)
    assert rules(measure(pdf, replace(composition, title="Another handout"))) == {"tags"}


def test_no_tags(small_clinic: Path) -> None:
    pdf, composition = laid_out(small_clinic)
    content = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf.content)) as opened:
        del opened.Root.MarkInfo
        opened.save(content)
    untagged = replace(pdf, content=content.getvalue())
    assert rules(measure(untagged, composition)) == {"tags"}


def test_no_text(small_clinic: Path) -> None:
    pdf, composition = laid_out(small_clinic)
    content = io.BytesIO()
    with pikepdf.new() as empty:
        empty.add_blank_page()
        empty.save(content)
    findings = list(measure(replace(pdf, content=content.getvalue()), composition))
    assert [(finding.severity, finding.rule) for finding in findings] == [("error", "no-text")]


def test_letters_of_a_paper(small_clinic: Path) -> None:
    pdf, _ = laid_out(small_clinic, FULL, "h1 { font-size: 20pt; color: #ff0000 }")
    letters = Measured(pdf).letters
    title = [letter for letter in letters if letter.size > 19.9]
    assert "".join(letter.sign for letter in title) == "Asmallhandout"
    assert {str(letter.colour) for letter in title} == {"#ff0000"}
    assert {letter.page for letter in letters} == {1}
    assert not any(letter.in_margin for letter in title)
    for left, foot, right, top in (letter.box for letter in letters):
        assert 0 <= left <= right <= 612 and 0 <= foot <= top <= 792


# Shipped papers, and all papers of a handout


@pytest.mark.parametrize("form", [pytest.param(SUMMARY, id="standard"), pytest.param(SUMMARY_LARGE, id="large")])
def test_shipped_summary(form: Format) -> None:
    composition = prepare(Order("how-ketamine-works", form, "en", LETTER), load_clinic(sample_clinic()))
    assert [str(finding) for finding in measure(produce(composition), composition)] == []


def test_paper_is_named_in_full(small_clinic: Path) -> None:
    write(small_clinic, {"styles/clinic.css": "h2 { font-size: 6pt }"})
    composition = prepare(Order("small", FULL_LARGE, "en", A4), load_clinic(small_clinic))
    assert all(
        finding.problem.startswith("small (full, large print, a4), page 1: ")
        for finding in measure(produce(composition), composition)
    )


def test_every_format_and_size_is_measured(small_clinic: Path) -> None:
    """A paper that cannot be laid out is told of, and does not stop the next."""
    long = BLOCK.replace("This is the key point.", "This goes on and on and on. " * 900)
    write(
        small_clinic,
        {
            "content/en/blocks/long.md": long,
            "content/en/handouts/long.md": HANDOUT.replace("small-block", "long"),
            "styles/large-print.css": LARGE,
        },
    )
    said: list[str] = []
    findings = list(measured_pages(said.append)(house_of(small_clinic), ("long", "small")))
    formats = ("full", "full-large-print", "summary", "summary-large-print")
    names = [f"{slug}-{form}-en.pdf" for slug in ("long", "small") for form in formats]
    assert said == [f"{number} of 8: {name}" for number, name in enumerate(names, start=1)]
    assert [(row.severity, row.rule) for row in findings] == [("error", "cannot-be-laid-out")] * 2
    assert {finding.where for finding in findings} == {Origin(small_clinic / "content/en/handouts/long.md")}
    assert all("runs over" in finding.problem for finding in findings)


def test_command_measures_pages_when_it_is_asked(small_clinic: Path) -> None:
    write(small_clinic, {"styles/clinic.css": "h2 { font-size: 6pt }"})
    without = run("check", "small", "--clinic", small_clinic)
    assert without.err == ""
    assert "[type-size]" not in without.out
    outcome = run("check", "small", "--pages", "--clinic", small_clinic)
    assert outcome.code == 1
    assert "4 of 4: small-summary-large-print-en.pdf" in outcome.err
    assert "small.md: error [type-size]: small (full, letter), page 1: type of 6.0 points" in outcome.out
    assert "small (summary, large print, letter), page 1: type of 6.0 points" in outcome.out
