"""How a sheet is folded, and what its words have to be before anything is laid out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handouts.brochures.content import Brochure, brochure_names, load_brochure
from handouts.brochures.folding import FOLDS, Fold
from handouts.brochures.purpose import purpose
from handouts.clinic import load_clinic
from handouts.errors import ContentError, HandoutError, RequestError, SeveralErrors
from handouts.formats import PAPERS
from tests.brochure_pages import BRANDS, SLUG, clinic_in

INCH = 25.4
WIDE, NARROW = 3.6875 * INCH, 3.625 * INCH


def widths(fold: Fold) -> tuple[list[float], list[float]]:
    outside, inside = ([place.width for place in side.places] for side in fold.sides)
    return outside, inside


@pytest.mark.parametrize(
    ("name", "outside"),
    [
        (("tri", "letter"), [NARROW, WIDE, WIDE]),
        (("tri", "a4"), [97, 100, 100]),
        (("half", "letter"), [5.5 * INCH, 5.5 * INCH]),
        (("half", "a4"), [148.5, 148.5]),
    ],
)
def test_widths_of_panels(name: tuple[str, str], outside: list[float]) -> None:
    """The narrow panel is on the left of the outside, and so on the right of the inside: it is the same paper."""
    fold = FOLDS[name]
    assert widths(fold) == (pytest.approx(outside), pytest.approx(outside[::-1]))
    assert sum(outside) == pytest.approx(fold.width)


@pytest.mark.parametrize("fold", FOLDS.values(), ids=lambda fold: f"{fold.name}-{fold.paper.name}")
def test_sheet(fold: Fold) -> None:
    paper = PAPERS[fold.paper.name]
    assert (fold.width, fold.height) == (paper.height, paper.width), "it lies across"
    outside, inside = (side.folds for side in fold.sides)
    assert inside == pytest.approx([fold.width - at for at in reversed(outside)]), "both sides are folded in one place"
    for side in fold.sides:
        assert [place.left for place in side.places] == pytest.approx([0, *side.folds])
        assert side.places[-1].right == pytest.approx(fold.width)
    numbers = sorted(place.panel for side in fold.sides for place in side.places)
    assert numbers == list(range(1, fold.panels + 1))


def test_no_two_panels_that_are_told_one_after_the_other_are_mistaken() -> None:
    """The cover is on the right of the outside, where a folded sheet opens; the back beside it; then the flap."""
    tri, half = FOLDS["tri", "letter"], FOLDS["half", "letter"]
    assert [place.panel for place in tri.outside.places] == [2, 6, 1]
    assert [place.panel for place in tri.inside.places] == [3, 4, 5]
    assert [place.panel for place in half.outside.places] == [4, 1]
    assert [place.panel for place in half.inside.places] == [2, 3]
    assert [place.panel for place in tri.outside.in_story_order] == [1, 2, 6]
    assert tri.place(2).left == 0
    assert tri.place(5).right == pytest.approx(tri.width)


@pytest.mark.parametrize(("name", "faces"), [("tri", [(1,), (3, 2), (3, 4, 5), (6,)]), ("half", [(1,), (2, 3), (4,)])])
def test_faces_while_unfolding(name: str, faces: list[tuple[int, ...]]) -> None:
    fold = FOLDS[name, "a4"]
    assert list(fold.faces()) == faces
    assert {panel for face in faces for panel in face} == set(range(1, fold.panels + 1))


@pytest.mark.parametrize(
    ("written", "millimetres"), [(None, 3), ("3mm", 3), ("0.125in", 3.175), ("2.5 MM", 2.5), ("none", 0), ("0mm", 0)]
)
def test_bleed(written: str | None, millimetres: float) -> None:
    ordered = purpose("press", written)
    assert ordered.bleed == pytest.approx(millimetres)
    assert ordered.around > ordered.bleed, "marks need room around the bleed"


@pytest.mark.parametrize("written", ["3", "3cm", "-3mm", "", "mm", "3mm 3mm", "13mm", "1in", "nan mm"])
def test_bleed_that_is_none(written: str) -> None:
    with pytest.raises(RequestError, match=r"bleed") as caught:
        purpose("press", written)
    assert "3mm" in caught.value.remedy


@pytest.mark.parametrize("use", ["web", "office"])
def test_only_the_press_bleeds(use: str) -> None:
    with pytest.raises(RequestError, match=r"Only a press file has a bleed"):
        purpose(use, "3mm")  # type: ignore[arg-type]
    assert purpose(use, "none").bleed == 0  # type: ignore[arg-type]


# Words


def read(folder: Path, old: str = "", new: str = "") -> Brochure:
    return load_brochure(load_clinic(clinic_in(folder / "clinic", old, new)).library, SLUG, "en")


@pytest.mark.parametrize("language", ["en", "es"])
def test_six_panels(language: str) -> None:
    library = load_clinic(BRANDS["harbor"]).library
    assert brochure_names(library, language) == (SLUG,)
    brochure = load_brochure(library, SLUG, language)
    assert [panel.kind for panel in brochure.panels] == ["cover", "steps", "text", "text", "text", "back"]
    assert len({panel.slug for panel in brochure.panels}) == 6
    assert [len(page) for page in brochure.pages_of(6)] == [1] * 6
    assert [len(page) for page in brochure.pages_of(4)] == [1, 2, 2, 1]
    for panels in (4, 6):
        assert tuple(panel for page in brochure.pages_of(panels) for panel in page) == brochure.panels


def test_both_languages_tell_the_same() -> None:
    """Each part of the Spanish stands on the claims that the English part has, and is meant to say the same."""
    library = load_clinic(BRANDS["harbor"]).library
    english, spanish = (load_brochure(library, SLUG, language).panels for language in ("en", "es"))

    def told(panels: object) -> list[object]:
        return [
            [(part.says, part.tone, [re.findall(r"@([\w-]+)", prose.html) for prose in part.prose])]
            for panel in panels  # type: ignore[attr-defined]
            for part in panel.parts
        ]

    assert told(english) == told(spanish)
    assert [panel.slug for panel in english] == [panel.slug for panel in spanish]


COVER_PICTURE = (
    "    picture: cover-hills\n    picture_alt: Hills in layers, with pine trees in front and a pale disk behind.\n"
)
LEAD = """\
    lead: >
      The FDA, the US drug agency, has not approved ketamine for depression.[@status-ketamine-off-label]
      It does not help everyone, and it has risks.[@not-everyone; @common-side-effects; @misuse-and-dependence]
"""
RISK_OF_BLADDER = """\
      - heading: Serious risks
        text: Breathing can slow down or, rarely, stop.[@slow-breathing] Repeated use can hurt the bladder.[@bladder] \
People can misuse these drugs and become dependent.[@misuse-and-dependence] We do not know enough about long-term \
safety.[@long-term-unknown]
"""
FLAP = "  - slug: visit\n"


@pytest.mark.parametrize(
    ("old", "new", "near", "said"),
    [
        (LEAD, "", "slug: cover", "The panel “cover” has no `lead:`"),
        (COVER_PICTURE, "", "slug: cover", "The panel “cover” has no `picture:`"),
        (
            COVER_PICTURE.splitlines(keepends=True)[1], "", "slug: cover",
            "The picture of the panel “cover” has no `picture_alt:`",
        ),
        ("---\n", "---\nSome text below.\n", "Some text below.", "A brochure has no text below its panels"),
        ("kind: steps", "kind: dance", "kind: dance", "kind"),
        (RISK_OF_BLADDER, "      - heading: Serious risks\n", "heading: Serious risks", "needs `text:` or `items:`"),
        ("kind: back", "kind: text", "slug: before-you-decide", "Panel 6 is a “text”, and has to be the back"),
        ("says: choice", "says: fear", "says: fear", "says"),
        ("version: \"1.0\"", "version: \"one\"", "version:", "version"),
        ("kind: steps", "kind: steps\n    colour: red", "colour: red", "colour"),
        (
            "        says: choice", "        says: choice\n        people: [{count: 9, of: 5, label: people}]",
            "people:", "9 of 5 is more than all of them",
        ),
    ],
    ids=[
        *("no-lead", "no-picture", "no-alt", "text-below", "unknown-kind", "part-without-text", "no-back"),
        *("unknown-saying", "version", "mistyped-key", "too-many-people"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_file_and_line(old: str, new: str, near: str, said: str, tmp_path: Path) -> None:
    if new.endswith("below.\n"):
        old, new = f"tone: warning\n{old}", f"tone: warning\n{new}"  # only the end of the front matter
    with pytest.raises(ContentError) as caught:
        read(tmp_path, old, new)
    where = caught.value.where
    assert where is not None
    assert where.path == tmp_path / "clinic" / "content" / "en" / "brochures" / f"{SLUG}.md"
    lines = where.path.read_text(encoding="utf-8").splitlines()
    assert where.line is not None
    assert near in lines[where.line - 1], lines[where.line - 1]
    assert said in caught.value.problem
    assert caught.value.remedy


def test_five_panels(tmp_path: Path) -> None:
    folder = clinic_in(tmp_path / "clinic", FLAP, FLAP)
    path = folder / "content" / "en" / "brochures" / f"{SLUG}.md"
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(FLAP)
    path.write_text(before + rest[rest.index("  - slug: ") :], encoding="utf-8")
    with pytest.raises(ContentError, match=rf"{SLUG}\.md:7: .*panels.*6"):
        load_brochure(load_clinic(folder).library, SLUG, "en")


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    broken = LEAD + COVER_PICTURE
    with pytest.raises(SeveralErrors) as caught:
        read(tmp_path, broken, "    picture: cover-hills\n")
    assert [error.problem for error in caught.value.errors] == [
        "The picture of the panel “cover” has no `picture_alt:`",
        "The panel “cover” has no `lead:`",
    ]


def test_brochure_or_language_that_is_not_there() -> None:
    library = load_clinic(BRANDS["harbor"]).library
    with pytest.raises(RequestError, match=rf"There is no brochure “ketamine-for-pain” .*Did you mean “{SLUG}”"):
        load_brochure(library, "ketamine-for-pain", "en")
    with pytest.raises(HandoutError, match=r"no brochure .* in the language “fr”"):
        load_brochure(library, SLUG, "fr")
