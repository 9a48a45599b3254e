"""The road from an order to a brochure's files: words, checks of the words, pages, checks of the pages, and the press.

Nothing is written here: whoever ordered it gets the finished files, or every reason why there are none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from handouts.brochures import honesty
from handouts.brochures.composing import compose_brochure, file_name, location_named
from handouts.brochures.content import Brochure, load_brochure
from handouts.brochures.folding import Fold
from handouts.brochures.purpose import Purpose
from handouts.brochures.testimonials import load_testimonials, with_testimonials
from handouts.checking.finding import Finding, findings_from
from handouts.clinic import Clinic
from handouts.colours import Colour
from handouts.composing import Composition, composition_of, styles_of
from handouts.errors import ContentError, DesignError, SeveralErrors, raise_all
from handouts.formats import PREFLIGHT, Paper
from handouts.furniture import BrochureWords
from handouts.house import House, load_house
from handouts.pdf import Pdf
from handouts.pipeline import lay_out, produce, write
from handouts.press.conversion import separate
from handouts.press.inks import Inks, Palette
from handouts.press.pdfx import Boxes, write_pdfx
from handouts.press.preflight import PreflightLine, preflight
from handouts.press.profile import Profile, default_profile, load_profile
from handouts.protocol import looser_than_allowed

if TYPE_CHECKING:
    from handouts.pipeline import Rendering


@dataclass(frozen=True)
class BrochureOrder:
    """What is asked for. `location` is the name of one of the clinic's places, `profile` the print shop's own.

    With a `proof` number the file is a proof: it is made whatever was found, and lists it.
    """

    slug: str
    language: str
    fold: Fold
    purpose: Purpose
    location: str | None = None
    profile: Path | None = None
    proof: int | None = None


@dataclass(frozen=True)
class MadeBrochure:
    """A finished brochure with the name of its file; what was found; for the press, what the shop can read of it."""

    pdf: Pdf
    name: str
    findings: tuple[Finding, ...]
    report: Pdf | None = None
    lines: tuple[PreflightLine, ...] = ()


def make_brochure(order: BrochureOrder, clinic: Clinic, today: date) -> MadeBrochure:
    """Check the words, lay the brochure out, check the pages; for the press, turn it into inks and measure the file.

    Raises HandoutError, with all errors that were found at once, unless it is a proof.
    """
    house = load_house(clinic, order.language, today)
    raise_all(list(looser_than_allowed(house.clinic, house.ledger)))
    location = location_named(house, order.location)
    profile = _profile(order) if order.purpose.use == "press" else None
    brochure = _brochure(order, house)
    findings = list(honesty.in_words(brochure, order.fold, house))
    if order.proof is None:
        _refuse(findings)
    composition = compose_brochure(brochure, house, order.fold, order.purpose, location, order.proof)
    rendering, more = _laid_out(composition, order)
    findings += [*more, *honesty.on_panels(brochure, rendering)]
    if order.proof is None:
        _refuse(findings)
    else:
        listed = tuple(str(finding) for finding in findings)
        composition = compose_brochure(brochure, house, order.fold, order.purpose, location, order.proof, listed)
        rendering, _ = _laid_out(composition, order)
    pdf = write(rendering)
    name = file_name(brochure, order.fold, order.purpose, location if order.location else None)
    if profile is None:
        return MadeBrochure(pdf, name, tuple(findings))
    pressed = _pressed(pdf, order, house, profile)
    boxes, folds = _boxes(order), tuple(side.folds for side in order.fold.sides)
    pages = len(order.fold.sides) if order.proof is None else None
    lines = preflight(pressed.content, boxes, folds if order.proof is None else (), pages)
    if order.proof is None:
        raise_all(
            [
                DesignError(
                    f"The press file is not right: {line.what} should be {line.wanted}, and is {line.found}",
                    "Nothing was written. Mend what it names, or look at it with --proof.",
                    brochure.origin,
                )
                for line in lines
                if not line.passed
            ]
        )
    return MadeBrochure(pressed, name, tuple(findings), _report(brochure, order, house, profile, lines), lines)


def _brochure(order: BrochureOrder, house: House) -> Brochure:
    """The text, with the clinic's testimonials in it. Raises ContentError for a language without words for it."""
    words = brochure_words(house)
    brochure = load_brochure(house.clinic.library, order.slug, order.language)
    told = load_testimonials(house.clinic, order.language, house.today)
    return with_testimonials(brochure, told, words.testimonial, words.typical)


def brochure_words(house: House) -> BrochureWords:
    """The words of brochures' pages. Raises ContentError if the language has none."""
    if house.furniture.brochure is None:
        raise ContentError(
            f"There are no words for brochures in “{house.language}”",
            "Add `brochure:` with the keys that our content/en/furniture.yaml has.",
        )
    return house.furniture.brochure


def _profile(order: BrochureOrder) -> Profile:
    return load_profile(order.profile) if order.profile else default_profile()


def _laid_out(composition: Composition, order: BrochureOrder) -> tuple[Rendering, list[Finding]]:
    """Pages; of a proof also those on which a panel runs over, and how far."""
    try:
        return lay_out(composition), []
    except (ContentError, SeveralErrors) as error:
        if order.proof is None:
            raise
        return lay_out(_tight(composition), proof=True), findings_from(error, "overfull-panel")


def _tight(composition: Composition) -> Composition:
    """The same with the least white space, and without asking whether each panel holds its text."""
    form = composition.format
    return replace(composition, format=replace(form, panels=False, airs=(min(form.airs),), pages_at_most=99))


def _refuse(findings: list[Finding]) -> None:
    raise_all([finding.as_refusal() for finding in findings if finding.severity == "error"])


def _boxes(order: BrochureOrder) -> Boxes:
    fold, purpose = order.fold, order.purpose
    return Boxes.of_millimetres(fold.width, fold.height, purpose.bleed, purpose.slug)


def _pressed(pdf: Pdf, order: BrochureOrder, house: House, profile: Profile) -> Pdf:
    brand = house.clinic.brand
    fixed: dict[str | Colour, Inks] = {brand.tokens[name]: Inks(*inks) for name, inks in brand.press.items()}
    content = separate(pdf.content, Palette.of(fixed, text=brand.ink), profile)
    return replace(pdf, content=write_pdfx(content, _boxes(order), profile, pdf.title))


def _report(
    brochure: Brochure, order: BrochureOrder, house: House, profile: Profile, lines: tuple[PreflightLine, ...]
) -> Pdf:
    """One page for the print shop: what the file is, and what was measured in it."""
    fold, purpose, clinic = order.fold, order.purpose, house.clinic
    paper = Paper(fold.paper.name, fold.paper.width, fold.paper.height)
    values: dict[str, object] = {
        "title": f"Preflight: {brochure.title}",
        "clinic": clinic,
        "brochure": brochure,
        "fold": fold,
        "purpose": purpose,
        "profile": profile,
        "lines": lines,
        "paper": paper,
        "format": PREFLIGHT,
        "styles": Markup(styles_of(clinic, PREFLIGHT)),
    }
    html = house.templates.fill(PREFLIGHT.template, values)
    title = f"Preflight: {brochure.title}"
    composition = composition_of(house, PREFLIGHT, paper, html, "preflight", title, brochure.origin)
    return produce(composition)
