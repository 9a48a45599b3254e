"""A brochure becomes HTML: its panels at their places on both sides of the sheet, or one page after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from markupsafe import Markup

from handouts import pictures
from handouts.brochures.content import Brochure, Panel, as_handout
from handouts.brochures.folding import Fold, Place, Side
from handouts.brochures.purpose import Purpose
from handouts.brochures.qr import qr_code
from handouts.clinic import Location
from handouts.composing import Composition, composition_of, kept_together, styles_of
from handouts.errors import RequestError, nearest, raise_all
from handouts.formats import BROCHURE, Paper
from handouts.handout import PeopleGroup
from handouts.house import House
from handouts.library import SOURCE_LANGUAGE
from handouts.scribe import Scribe

_AIRS = (1.6, 1.45, 1.3, 1.15, 1.0, 0.88, 0.76, 0.64, 0.52, 0.4, 0.28)


@dataclass(frozen=True)
class Box:
    """A rectangle on the laid-out page: millimetres from its left and top edge."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class PlacedPanel:
    """A panel of the sheet with what it holds, where its text may stand, and how far its ground reaches."""

    number: int
    panels: tuple[Panel, ...]
    box: Box
    ground: Box

    @property
    def kind(self) -> str:
        return self.panels[0].kind


@dataclass(frozen=True)
class Line:
    """A mark for the print shop, from one point to another, in millimetres from the page's left and top edge."""

    x1: float
    y1: float
    x2: float
    y2: float
    is_fold: bool = False


@dataclass(frozen=True)
class Sheet:
    """A page of the file: a side of the sheet, or a panel by itself, with the marks around it."""

    name: str
    panels: tuple[PlacedPanel, ...]
    marks: tuple[Line, ...] = ()


def location_named(house: House, name: str | None) -> Location:
    """The place whose address is printed: the main one, or the one asked for. Raises RequestError if there is none."""
    places = house.clinic.locations
    if name is None:
        return places[0]
    for place in places:
        if place.name.casefold() == name.strip().casefold():
            return place
    raise RequestError(f"The clinic has no location “{name}”", nearest(name, [place.name for place in places]))


def compose_brochure(
    brochure: Brochure,
    house: House,
    fold: Fold,
    purpose: Purpose,
    location: Location,
    proof: int | None = None,
    findings: tuple[str, ...] = (),
) -> Composition:
    """Merge a brochure with a clinic's brand into HTML. With a `proof` number every page says that it is a proof, and
    a last page lists the findings.

    Raises ContentError for unknown claims, blanks and pictures (all at once), DesignError for a broken template,
    ClinicError for a font or a photo that is not there.
    """
    scribe = Scribe(as_handout(brochure), house)
    sheets = _sheets(brochure, fold, purpose)
    width, height = _page(fold, purpose)
    form = replace(BROCHURE, pages=len(sheets) + (proof is not None), airs=_AIRS, code=f"B{fold.name[0].upper()}")
    draft = house.furniture.draft if house.language == SOURCE_LANGUAGE else house.furniture.translation_draft
    values: dict[str, object] = {
        "brochure": brochure,
        "clinic": house.clinic,
        "location": location,
        "elsewhere": tuple(place for place in house.clinic.locations if place != location),
        "furniture": house.furniture,
        "fold": fold,
        "purpose": purpose,
        "format": form,
        "scribe": scribe,
        "sheets": sheets,
        "page_width": width,
        "page_height": height,
        "logo": pictures.logo(house.clinic.brand, one_color=purpose.use == "press"),
        "drawings": {panel.slug: _drawn(panel, house) for panel in _with_pictures(brochure, fold)},
        "crowds": {group: _crowd(group, panel, house) for panel in brochure.panels for group in panel.people},
        "qr": qr_code(house.clinic.names.web) if house.clinic.names.web else None,
        "draft": draft,
        "edition_code": brochure.edition.code_for(form.code),
        "proof": proof,
        "findings": findings,
        "styles": Markup(styles_of(house.clinic, form)),
    }
    html = kept_together(house.templates.fill(form.template, values), set(house.furniture.together))
    raise_all(list(dict.fromkeys(scribe.errors)))
    titles = {f"panel-{number}": _titles(panels) for number, panels in _numbered(brochure, fold)}
    size = Paper(fold.paper.name, width, height)
    return composition_of(house, form, size, html, brochure.slug, brochure.title, brochure.origin, titles)


@dataclass(frozen=True)
class PanelPicture:
    """A picture as an address, what it shows, and whose it is."""

    address: str
    alternative: str
    credit: str = ""


def _with_pictures(brochure: Brochure, fold: Fold) -> list[Panel]:
    """The panels whose pictures are printed: where two share a page there is no room for any."""
    alone = [page[0] for page in brochure.pages_of(fold.panels) if len(page) == 1]
    return [panel for panel in alone if panel.picture]


def _drawn(panel: Panel, house: House) -> PanelPicture:
    """The panel's drawing, or the clinic's own photo in its place: the one that has the panel's name."""
    assert panel.picture is not None
    clinic = house.clinic
    photo = clinic.photos.get(panel.slug)
    if photo is not None:
        return PanelPicture(pictures.photo(photo.path), photo.alternative, photo.credit)
    return PanelPicture(pictures.drawing(clinic.library, clinic.brand, panel.picture, panel.origin), panel.picture_alt)


def _crowd(group: PeopleGroup, panel: Panel, house: House) -> tuple[str, str]:
    """The address of little people, and their number in words."""
    address = pictures.people(house.clinic.library, house.clinic.brand, group, panel.origin)
    return address, house.furniture.people.format(count=group.count, of=group.of)


def _titles(panels: Sequence[Panel]) -> str:
    return " / ".join(panel.title for panel in panels)


def _numbered(brochure: Brochure, fold: Fold) -> list[tuple[int, tuple[Panel, ...]]]:
    return list(enumerate(brochure.pages_of(fold.panels), start=1))


def _page(fold: Fold, purpose: Purpose) -> tuple[float, float]:
    """Width and height of the pages that are laid out, in millimetres: that of a web twin is a panel."""
    if purpose.use == "web":
        return max(place.width for side in fold.sides for place in side.places), fold.height
    return fold.width + 2 * purpose.around, fold.height + 2 * purpose.around


def _sheets(brochure: Brochure, fold: Fold, purpose: Purpose) -> tuple[Sheet, ...]:
    contents = dict(_numbered(brochure, fold))
    if purpose.use == "web":
        width, height = _page(fold, purpose)
        whole = Box(0, 0, width, height)
        return tuple(
            Sheet(f"panel {number}", (PlacedPanel(number, panels, whole, whole),))
            for number, panels in contents.items()
        )
    return tuple(
        Sheet(
            side.name,
            tuple(_placed(place, contents[place.panel], side, fold, purpose) for place in side.in_story_order),
            tuple(_marks(side, fold, purpose)) if purpose.use == "press" else (),
        )
        for side in fold.sides
    )


def _placed(place: Place, panels: tuple[Panel, ...], side: Side, fold: Fold, purpose: Purpose) -> PlacedPanel:
    """A ground ends at a fold, and reaches into the bleed (or ends before the edge) where the sheet is trimmed."""
    around, out = purpose.around, purpose.bleed - purpose.inset
    left = out if place.left == 0 else 0.0
    right = out if place is side.places[-1] else 0.0
    return PlacedPanel(
        place.panel,
        panels,
        Box(around + place.left, around, place.width, fold.height),
        Box(around + place.left - left, around - out, place.width + left + right, fold.height + 2 * out),
    )


def _marks(side: Side, fold: Fold, purpose: Purpose) -> list[Line]:
    """Crop marks at the corners and marks at the folds, all of them outside the bleed."""
    around, far = purpose.around, 2.0
    length = purpose.slug - far - 2.0
    start = around - purpose.bleed - far
    right, bottom = around + fold.width, around + fold.height
    lines = []
    for x in (around, right):
        lines.append(Line(x, start - length, x, start))
        lines.append(Line(x, bottom + purpose.bleed + far, x, bottom + purpose.bleed + far + length))
    for y in (around, bottom):
        lines.append(Line(start - length, y, start, y))
        lines.append(Line(right + purpose.bleed + far, y, right + purpose.bleed + far + length, y))
    for at in side.folds:
        x = around + at
        lines.append(Line(x, start - length, x, start, True))
        lines.append(Line(x, bottom + purpose.bleed + far, x, bottom + purpose.bleed + far + length, True))
    return lines


def file_name(brochure: Brochure, fold: Fold, purpose: Purpose, location: Location | None) -> str:
    """The name of its file, such as `ketamine-for-depression-tri-letter-press-en.pdf`."""
    place = "-" + "-".join(location.name.lower().split()) if location else ""
    where = Path(f"{brochure.slug}-{fold.name}-{fold.paper.name}-{purpose.use}{place}-{brochure.edition.language}.pdf")
    return where.name
