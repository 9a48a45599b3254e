"""Finished brochures: what stands where on each sheet, and in which order a voice reads it."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from handouts.brochures.content import load_brochure
from handouts.brochures.folding import FOLDS
from handouts.brochures.qr import qr_code
from handouts.clinic import load_clinic
from handouts.errors import ClinicError
from handouts.house import load_house
from tests.brochure_pages import (
    BRANDS,
    MM,
    SLUG,
    TODAY,
    Brochure,
    bookmarks,
    brochure,
    clinic_in,
    dark_runs,
    letters,
    sections,
    share_of_paper,
    squeezed,
)

# Brochures are made once for all tests of a process.
pytestmark = pytest.mark.xdist_group("brochure-pages")
EVERY = [(*name, language) for name in FOLDS for language in ("en", "es")]
# Each fold, paper and language once: the two sides of a sheet are laid out like the pages of the web.
SHEETS = [("tri", "letter", "en"), ("tri", "a4", "es"), ("half", "letter", "es"), ("half", "a4", "en")]
MOST_BYTES = 150_000  # of a file for a web page


def titles(made: Brochure, language: str) -> list[tuple[str, ...]]:
    """The titles on each panel, in the order of the story."""
    text = load_brochure(load_clinic(BRANDS["harbor"]).library, SLUG, language)
    return [tuple(panel.title for panel in page) for page in text.pages_of(made.fold.panels)]


def boxes(content: bytes, key: str) -> list[list[float]]:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [[float(side) for side in page.obj[key]] for page in pdf.pages]


def save(folder: Path, *made: Brochure) -> list[Path]:
    files = [folder / f"{number}-{one.made.name}" for number, one in enumerate(made)]
    for file, one in zip(files, made, strict=True):
        file.write_bytes(one.content)
    return files


# Every fold, paper and language


@pytest.mark.parametrize(
    ("use", "fold", "paper", "language"), [*(("web", *row) for row in EVERY), *(("office", *row) for row in SHEETS)]
)
def test_tags_follow_the_story_wherever_a_panel_stands(use: str, fold: str, paper: str, language: str) -> None:
    made = brochure(fold, paper, use, language)
    read = sections(made.content)
    wanted = titles(made, language)
    assert len(read) == len(wanted)
    for section, (number, heads) in zip(read, enumerate(wanted, start=1), strict=True):
        assert section.startswith("/Sect ")
        if number == 1:
            assert squeezed(section).startswith(squeezed(f"/Sect Harbor Light Clinic{heads[0]}"))
        else:
            assert squeezed(section).startswith(squeezed(f"/Sect {heads[0]}"))
        assert all(squeezed(head) in squeezed(section) for head in heads)
        # Numbers and bullets are drawn by the style, and stand in another order on the page than in the tags.
        assert Counter(squeezed(section.removeprefix("/Sect "))) == Counter(squeezed(made.text_of(number)))


@pytest.mark.parametrize(("fold", "paper", "language"), SHEETS)
def test_press_and_web_say_the_same_words(fold: str, paper: str, language: str) -> None:
    press, web = (brochure(fold, paper, use, language) for use in ("press", "web"))
    for panel in range(1, press.fold.panels + 1):
        assert press.words_of(panel).total() > 15
        assert press.words_of(panel) == web.words_of(panel)


@pytest.mark.parametrize(("fold", "paper", "language"), SHEETS)
def test_text_keeps_away_from_edges_and_folds(fold: str, paper: str, language: str) -> None:
    made = brochure(fold, paper, "press", language)
    around = made.purpose.around
    for page, side in zip(made.pages, made.fold.sides, strict=True):
        right, top = (around + made.fold.width) * MM, (around + made.fold.height) * MM
        found = list(letters(page))
        assert len(found) > 400
        for sign, *box in found:
            edges = (box[0] - around * MM, box[1] - around * MM, right - box[2], top - box[3])
            assert min(edges) >= 5 * MM, (sign, box)
            for fold_at in side.folds:
                line = (around + fold_at) * MM
                assert box[2] <= line - 3 * MM or box[0] >= line + 3 * MM, (sign, box)


# Web


@pytest.mark.parametrize("name", FOLDS)
def test_web_is_one_page_for_each_panel(name: tuple[str, str]) -> None:
    made = brochure(*name, "web")
    fold = FOLDS[name]
    widest = max(place.width for side in fold.sides for place in side.places)
    assert len(made.pages) == fold.panels
    for box in boxes(made.content, "/MediaBox"):
        assert box == pytest.approx([0, 0, widest * MM, fold.height * MM], abs=0.1)
    assert len(made.content) < MOST_BYTES


@pytest.mark.parametrize("use", ["web", "office", "press"])
def test_a_reader_or_shop_shows_the_title(use: str) -> None:
    with pikepdf.open(io.BytesIO(brochure(use=use).content)) as pdf:
        assert str(pdf.docinfo.Title) == "Ketamine for depression"
        assert str(pdf.Root.Lang) == "en"
        assert ("/StructTreeRoot" in pdf.Root) == (use != "press")


@pytest.mark.parametrize("fold", ["tri", "half"])
def test_bookmarks_of_a_web_page_follow_the_story(fold: str) -> None:
    made = brochure(fold, use="web")
    marks = dict(bookmarks(made.content))
    heads = [title for titles in titles(made, "en") for title in titles]
    assert [title for title, _ in bookmarks(made.content) if title in heads] == heads
    assert [marks[title] for title in heads] == [
        at for at, together in enumerate(titles(made, "en")) for _ in together
    ]  # fmt: skip


def test_accessible(tmp_path: Path, assert_accessible: Callable[..., None]) -> None:
    made = [brochure(fold, paper, "web", language) for fold, paper, language in EVERY]
    made += [brochure(fold, paper, "office", language) for fold, paper, language in SHEETS]
    made += [brochure(use="web", clinic=folder) for folder in (BRANDS["juniper"], BRANDS["kestrel"])]
    report = brochure(use="press").made.report
    assert report is not None
    (tmp_path / "report.pdf").write_bytes(report.content)
    assert_accessible(*save(tmp_path, *made), tmp_path / "report.pdf")


def test_pictures_are_described() -> None:
    with pikepdf.open(io.BytesIO(brochure(use="web").content)) as pdf:
        described = [str(item.Alt) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item]
    assert len(described) == 5
    assert "Hills in layers, with pine trees in front and a pale disk behind." in described
    assert "QR code. It opens harborlight.example." in described
    assert "The logo of Harbor Light Clinic" in described


# Office


@pytest.mark.parametrize("name", FOLDS)
def test_office_sheet_is_the_paper(name: tuple[str, str]) -> None:
    fold = FOLDS[name]
    made = brochure(*name)
    assert boxes(made.content, "/MediaBox") == [pytest.approx([0, 0, fold.width * MM, fold.height * MM], abs=0.1)] * 2


@pytest.mark.parametrize("fold", ["tri", "half"])
def test_office_grounds_end_before_what_a_printer_leaves_blank(fold: str) -> None:
    made = brochure(fold)
    dots = 254
    per_mm = dots / 25.4
    for page in (0, 1):
        picture = made.picture(page, dots)
        wide, high = picture.size
        blank = 4.9 * per_mm
        for strip in (
            (0, 0, wide, blank), (0, high - blank, wide, high), (0, 0, blank, high), (wide - blank, 0, wide, high)
        ):  # fmt: skip
            assert share_of_paper(picture, strip) == 1
    outside = made.picture(0, dots)
    left = made.where(1)[1] / MM * per_mm
    wide, high = outside.size
    first, last = 5.2 * per_mm, 6 * per_mm
    assert share_of_paper(outside, (left + last, first, wide - last, last)) == 0
    assert share_of_paper(outside, (left + last, high - last, wide - last, high - first)) == 0
    assert share_of_paper(outside, (wide - last, last, wide - first, high - last)) == 0


def test_a_ground_ends_at_the_fold() -> None:
    made = brochure()
    picture = made.picture(0, 254)
    line = made.where(1)[1] / MM * 10
    assert share_of_paper(picture, (line - 4, 200, line - 1, 1000)) == 1, "the back is white"
    assert share_of_paper(picture, (line + 1, 200, line + 4, 1000)) == 0, "the cover has its color"


def test_both_sides_are_the_right_way_up_when_the_sheet_is_turned_over_its_short_edge() -> None:
    with pikepdf.open(io.BytesIO(brochure().content)) as pdf:
        assert all(int(page.obj.get("/Rotate", 0)) == 0 for page in pdf.pages)
        assert pdf.Root.ViewerPreferences.Duplex == "/DuplexFlipShortEdge"
        assert pdf.Root.ViewerPreferences.PrintScaling == "/None"


def test_the_office_sheet_has_no_bookmarks() -> None:
    """They would follow the sheet, not the story, and there are two pages."""
    assert bookmarks(brochure().content) == []


# Press


@pytest.mark.parametrize(("bleed", "millimetres"), [(None, 3), ("0.125in", 3.175), ("none", 0)])
@pytest.mark.parametrize("name", [("tri", "letter"), ("half", "a4")])
def test_boxes_of_the_press_file(name: tuple[str, str], bleed: str | None, millimetres: float) -> None:
    fold = FOLDS[name]
    made = brochure(*name, "press", bleed=bleed)
    for media, bled, trim in zip(
        *(boxes(made.content, f"/{key}Box") for key in ("Media", "Bleed", "Trim")), strict=True
    ):
        assert [trim[2] - trim[0], trim[3] - trim[1]] == pytest.approx([fold.width * MM, fold.height * MM], abs=0.01)
        around = [trim[0] - bled[0], trim[1] - bled[1], bled[2] - trim[2], bled[3] - trim[3]]
        assert around == pytest.approx([millimetres * MM] * 4, abs=0.01)
        assert min(bled[0] - media[0], bled[1] - media[1], media[2] - bled[2], media[3] - bled[3]) > 5 * MM
    assert all(line.passed for line in made.made.lines)


@pytest.mark.parametrize("name", [("tri", "letter"), ("half", "a4")])
def test_color_reaches_the_end_of_the_bleed_and_no_further(name: tuple[str, str]) -> None:
    made = brochure(*name, "press")
    per_mm = 100 / 25.4
    outside = made.picture(0, 100)
    slug, bleed, around = (made.purpose.slug * per_mm, made.purpose.bleed * per_mm, made.purpose.around * per_mm)
    wide, high = outside.size
    left = made.where(1)[1] / MM * per_mm
    right, foot = wide - around, high - around
    # From inside the trimmed edge to the end of the bleed, dot by dot
    assert share_of_paper(outside, (left + 2, slug + 1, right, around + 4)) == 0
    assert share_of_paper(outside, (right - 4, slug + 1, wide - slug - 1, high - slug - 1)) == 0
    assert share_of_paper(outside, (left + 2, foot - 4, right, high - slug - 1)) == 0
    assert bleed > 10
    # Around the bleed there is paper, but for the marks
    for strip in (
        (0, 0, wide, slug - 1), (0, high - slug + 1, wide, high),
        (0, 0, slug - 1, high), (wide - slug + 1, 0, wide, high),
    ):  # fmt: skip
        assert 0.97 < share_of_paper(outside, strip) < 1


def test_the_flap_bleeds_to_the_left() -> None:
    made = brochure(use="press")
    slug, around = (at * 100 / 25.4 for at in (made.purpose.slug, made.purpose.around))
    outside = made.picture(0)
    assert share_of_paper(outside, (slug + 1, slug + 1, around + 4, outside.height - slug - 1)) == 0


@pytest.mark.parametrize("bleed", [None, "none"])
@pytest.mark.parametrize("name", [("tri", "letter"), ("half", "a4")])
def test_marks_stand_outside_the_bleed_at_edges_and_folds(name: tuple[str, str], bleed: str | None) -> None:
    made = brochure(*name, "press", bleed=bleed)
    dots = 508
    per_mm, ordered = dots / 25.4, made.purpose
    for page, side in enumerate(made.fold.sides):
        picture = made.picture(page, dots)
        wide, high = picture.size
        across = [ordered.around + at for at in (0, *side.folds, made.fold.width)]
        down = [ordered.around + at for at in (0, made.fold.height)]
        slug = (ordered.slug - 1) * per_mm  # a millimetre around the bleed stays free
        for strip in ((0, 0, wide, slug), (0, high - slug, wide, high)):
            inner = (slug, strip[1], wide - slug, strip[3])
            found = [(at + slug) / per_mm for at in dark_runs(picture, inner, upright=True)]
            assert found == pytest.approx(across, abs=0.15)
        for strip in ((0, 0, slug, high), (wide - slug, 0, wide, high)):
            inner = (strip[0], slug, strip[2], high - slug)
            found = [(at + slug) / per_mm for at in dark_runs(picture, inner, upright=False)]
            assert found == pytest.approx(down, abs=0.15)
        inner_slug = ordered.slug * per_mm
        for ring in (
            (slug, slug, wide - slug, inner_slug - 1), (slug, high - inner_slug + 1, wide - slug, high - slug)
        ):  # fmt: skip
            assert share_of_paper(picture, ring) == 1, "a mark touches the bleed"


@pytest.mark.parametrize("fold", ["tri", "half"])
@pytest.mark.parametrize("brand", BRANDS)
def test_three_brands_pass_preflight(brand: str, fold: str) -> None:
    made = brochure(fold, use="press", clinic=BRANDS[brand]).made
    assert [line for line in made.lines if not line.passed] == []
    measured = {line.what for line in made.lines}
    assert len(measured) > 25
    assert {"Black text", "Text from a fold", "Color at the edge without bleed", "Most ink in one place"} <= measured
    assert made.report is not None
    assert made.report.page_count == 1


@pytest.mark.parametrize("fold", ["tri", "half"])
@pytest.mark.parametrize("brand", BRANDS)
def test_colors_are_inks_alone(brand: str, fold: str) -> None:
    """Nothing in the file names RGB: not the pages, and not what they draw. Text on white is black ink alone."""
    with pikepdf.open(io.BytesIO(brochure(fold, use="press", clinic=BRANDS[brand]).content)) as pdf:
        spaces: Counter[str] = Counter()
        operators: Counter[str] = Counter()
        for item in pdf.objects:
            if isinstance(item, pikepdf.Stream):
                spaces.update([str(item.get("/ColorSpace"))] if item.get("/Subtype") == "/Image" else [])
            holder = item if isinstance(item, (pikepdf.Stream, pikepdf.Dictionary)) else None
            if holder is not None and (holder.get("/Type") == "/Page" or holder.get("/Subtype") == "/Form"):
                operators.update(str(operator) for _, operator in pikepdf.parse_content_stream(_parsed(holder)))
    assert operators["k"] > 20
    assert not operators.keys() & {"rg", "RG", "sc", "SC"}
    assert spaces.keys() <= {"/DeviceCMYK", "/DeviceGray"}


def _parsed(holder: Any) -> Any:
    return pikepdf.Page(holder) if holder.get("/Type") == "/Page" else holder


def test_report_tells_the_shop_what_it_asks() -> None:
    made = brochure(use="press").made
    assert made.report is not None
    document = pypdfium2.PdfDocument(made.report.content)
    text = " ".join(document[0].get_textpage().get_text_bounded().split())
    assert "Preflight: Ketamine for depression" in text
    assert "92.07 + 93.66 + 93.66 mm; inside: 93.66 + 93.66 + 92.07 mm" in text
    assert "bleed 3.00 mm" in text
    assert text.count("passed") >= len(made.lines)
    assert "NOT passed" not in text
    assert all(line.what in text for line in made.lines if " of page" not in line.what)


# QR code


def codes(picture: Image.Image) -> list[Any]:
    return list(zxingcpp.read_barcodes(picture))


@pytest.mark.parametrize("use", ["office", "web", "press"])
@pytest.mark.parametrize("brand", BRANDS)
def test_code_on_the_page_opens_the_clinics_page(brand: str, use: str) -> None:
    folder = BRANDS[brand]
    made = brochure(use=use, clinic=folder)
    page = made.where(6)[0]
    web = load_clinic(folder).names.web
    assert web
    (found,) = codes(made.picture(page, 200))
    assert found.text == f"https://{web}"
    for other in range(len(made.pages)):
        if other != page:
            assert codes(made.picture(other, 100)) == []


@pytest.mark.parametrize("use", ["office", "web", "press"])
@pytest.mark.parametrize("brand", BRANDS)
def test_code_has_a_quiet_zone_and_contrast_and_size(brand: str, use: str) -> None:
    """Measured in the picture: four modules of white around it (ISO/IEC 18004), dark on light, 20 mm wide."""
    made = brochure(use=use, clinic=BRANDS[brand])
    dots = 600
    picture = made.picture(made.where(6)[0], dots).convert("L")
    (found,) = codes(picture)
    corners = found.position
    left = min(corners.top_left.x, corners.bottom_left.x)
    right = max(corners.top_right.x, corners.bottom_right.x)
    top = min(corners.top_left.y, corners.top_right.y)
    foot = max(corners.bottom_left.y, corners.bottom_right.y)
    side = (right - left) / dots * 25.4
    assert side >= 19.8
    modules = _modules(picture, round(left), round((top + foot) / 2), round(right))
    module = (right - left) / modules
    assert module / dots * 25.4 >= 0.49
    inside = picture.crop((left, top, right, foot))
    # A dot at the edge of two modules may be of both: the darkest and the lightest tenths count.
    shades = sorted(inside.tobytes())
    dark, light = shades[len(shades) // 10], shades[-len(shades) // 10]
    assert (_luminance(light) + 0.05) / (_luminance(dark) + 0.05) >= 7
    reach = 3.9 * module
    whole = (left - reach, top - reach, right + reach, foot + reach)
    ring = picture.crop(tuple(round(at) for at in whole))
    ring.paste(255, tuple(round(at) for at in (reach - 3, reach - 3, ring.width - reach + 3, ring.height - reach + 3)))
    assert min(ring.tobytes()) >= 250, "something stands in the quiet zone"


def _modules(picture: Image.Image, left: int, middle: int, right: int) -> int:
    """How many modules wide a code is: the dark square of a corner is seven of them."""
    top = middle - (right - left) // 2
    row = picture.crop((left, top + 4, right, top + 5)).tobytes()
    dark = next(at for at in range(8, len(row)) if row[at] > 128)
    return round((right - left) / (dark / 7))


def _luminance(gray: int) -> float:
    share = gray / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


@pytest.mark.parametrize("web", ["x.example/?id=7", "x.example/#7", "me@x.example", "x.example/a b", "x.example?q"])
def test_address_that_could_tell_one_reader_from_another(web: str) -> None:
    with pytest.raises(ClinicError, match=r"holds more than a page") as caught:
        qr_code(web)
    assert "QR code" in caught.value.remedy


@pytest.mark.parametrize(
    "web", ["x.example", "https://x.example/ketamine", "a-very-long-name-of-a-clinic.example/page"]
)
def test_code_of_an_address(web: str) -> None:
    code = qr_code(web)
    assert code.opens == (web if "://" in web else f"https://{web}")
    assert code.side >= 20 + 8 * 0.5


def test_clinic_without_a_web_page_has_no_code(tmp_path: Path) -> None:
    house = load_house(load_clinic(BRANDS["harbor"]), "en", TODAY)
    assert house.clinic.names.web == "harborlight.example"
    folder = clinic_in(tmp_path / "clinic")
    settings = folder / "clinic.toml"
    settings.write_text(settings.read_text().replace('web = "harborlight.example"\n', ""))
    made = brochure(clinic=folder)
    assert codes(made.picture(0, 200)) == []
    assert "(555) 010-0142, or ask us." in " ".join(made.text_of(6).split())


# Pictures of the clinic's own, and more than one place


def test_each_place_has_its_address() -> None:
    main = " ".join(brochure().text_of(6).split())
    other = brochure(location="north shore")
    text = " ".join(other.text_of(6).split())
    assert "12 Sample Quay" in main
    assert "We are also at: North Shore, (555)\xa0010-0150" in main.replace("(555) 010-0150", "(555)\xa0010-0150")
    assert "40 Placeholder Road" in text
    assert "12 Sample Quay" not in text
    assert "We are also at: Downtown" in text
    assert other.made.name == "ketamine-for-depression-tri-letter-office-north-shore-en.pdf"


def test_nothing_of_a_patient_is_in_a_file() -> None:
    """The only names in it are the clinic's; nobody is named in what the file says of itself."""
    for use in ("office", "web", "press"):
        with pikepdf.open(io.BytesIO(brochure(use=use).content)) as pdf:
            held = {str(key): str(value) for key, value in pdf.docinfo.items()}
            assert held.pop("/Author", "Harbor Light Clinic") == "Harbor Light Clinic"
            assert "/EmbeddedFiles" not in pdf.Root.get("/Names", {})
            for page in pdf.pages:
                assert "/Annots" not in page.obj
