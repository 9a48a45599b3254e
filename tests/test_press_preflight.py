"""Each line of the preflight is measured: a file that is right passes, and each fault turns its own line red."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from handouts.press.conversion import separate
from handouts.press.pdfx import POINTS, Boxes, write_pdfx
from handouts.press.preflight import PreflightLine, preflight
from handouts.press.profile import default_profile
from tests.press_pages import BOXES, BRAND, PALETTE, address, everything, photograph, written

PROFILE = default_profile()
FOLDS = [[50.0], [50.0]]
EDGE = 12  # millimetres of bleed and slug
PICTURE = f'<img src="{address(photograph())}" style="width: {240 / 310 * 72}pt">'
STYLES = f"""
  .ground {{ position: absolute; background: {BRAND};
             left: {EDGE - 3}mm; top: {EDGE - 3}mm; width: 30mm; height: 20mm }}
  .left, .right {{ position: absolute; width: 30mm; top: {EDGE + 25}mm; left: {EDGE + 10}mm }}
  .right {{ left: {EDGE + 55}mm }}
  .slug {{ position: absolute; font-size: 5pt; left: 3mm; top: 2mm }}
"""
BODY = f"""
  <div class="ground"></div><div class="slug">Brochure, page</div>
  <div class="left">Words on the left, in black</div>
  <div class="right"><b style="color: {BRAND}">Brand</b> {PICTURE}</div>
"""


def pressed(body: str = BODY, styles: str = STYLES, boxes: Boxes = BOXES, pages: int = 2) -> bytes:
    page = written(body, styles, boxes, pages=pages)
    return write_pdfx(separate(page, PALETTE, PROFILE), boxes, PROFILE, "A brochure")


def measured(content: bytes, boxes: Boxes = BOXES, **options: Any) -> dict[str, PreflightLine]:
    return {line.what: line for line in preflight(content, boxes, options.pop("folds", FOLDS), **options)}


def failed(content: bytes, boxes: Boxes = BOXES, **options: Any) -> dict[str, str]:
    return {line.what: line.found for line in measured(content, boxes, **options).values() if not line.passed}


def tampered(change: Callable[[pikepdf.Pdf], None], **options: Any) -> bytes:
    """The good file with one thing in it changed."""
    with pikepdf.open(io.BytesIO(pressed())) as pdf:
        change(pdf)
        saved = io.BytesIO()
        pdf.save(saved, **{"force_version": "1.6", "fix_metadata_version": False} | options)
    return saved.getvalue()


def drawing(more: bytes, **resources: Any) -> bytes:
    """The good file with something more on its first page."""

    def change(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0]
        page.contents_add(pdf.make_stream(b"\nq\n" + more + b"\nQ\n"))
        held = page.obj.Resources
        for sort, items in resources.items():
            if f"/{sort}" not in held:
                held[f"/{sort}"] = Dictionary()
            for name, item in items.items():
                held[f"/{sort}"][f"/{name}"] = (
                    pdf.make_stream(*item[:1], **item[1]) if isinstance(item, tuple) else item
                )

    return tampered(change)


def test_a_good_file_passes_every_line() -> None:
    lines = measured(pressed(), page_count=2)
    assert {what: line.found for what, line in lines.items() if not line.passed} == {}
    assert len(lines) >= 30
    assert lines["Pages"].found == "2"
    assert lines["Trimmed size of page 2"].found == "100.000 × 80.000 mm"
    assert lines["Bleed of page 1"].found == "3.000 3.000 3.000 3.000 mm"
    assert lines["Room for marks of page 1"].found == "9.00 mm"
    assert lines["Output intent"].found == "FOGRA39; prtr, CMYK, 4 inks"
    assert lines["Black text"].found == "0 0 0 100"
    assert lines["Fonts"].found == "1, all embedded"
    assert lines["Least dots per inch of a picture"].found == "310 on page 1"
    assert lines["Text from a fold"].found.startswith(("4.", "5.", "6.", "7.", "8.", "9.", "10."))
    assert lines["Smallest letter"].found.startswith("12.0 points"), "what is printed beside the sheet is cut off"


def test_a_file_with_everything_has_no_colour_of_a_screen() -> None:
    content = write_pdfx(separate(everything(), PALETTE, PROFILE), BOXES, PROFILE, "All")
    assert set(failed(content, folds=[])) == {"Text from the trimmed edge", "Least dots per inch of a picture"}
    blended = measured(content)["Where transparency blends"].found
    assert blended == "group: DeviceCMYK; mask: DeviceGray; page: DeviceCMYK"


def test_what_weasyprint_writes_by_itself_is_no_press_file() -> None:
    red = set(failed(written(BODY, STYLES)))
    assert {
        *("PDF version", "Standard in the metadata", "Output intent", "Trapped", "Identity"),
        *(
            "Bleed of page 1",
            "Room for marks of page 1",
            "Trimmed size of page 1",
            "Colors that are not inks",
            "Colors of pictures",
        ),
    } <= red


def test_a_file_that_is_none() -> None:
    assert list(failed(b"no PDF")) == ["The file"]


def test_a_picture_of_72_dots() -> None:
    picture = f'<div class="left"><img src="{address(photograph(60, 40))}" style="width: 60pt; margin-top: 40pt"></div>'
    content = pressed(BODY + picture, STYLES, pages=1)
    assert failed(content, folds=[]) == {"Least dots per inch of a picture": "72 on page 1"}


def test_a_picture_that_is_stretched_and_turned() -> None:
    """By where it is really drawn: 240 × 160 pixels, twice as wide as they should be, and turned."""
    picture = (
        f'<div class="left" style="transform: rotate(30deg)">'
        f'<img src="{address(photograph())}" style="width: {240 / 300 * 72}pt; height: {160 / 150 * 72}pt"></div>'
    )
    assert measured(pressed(picture))["Least dots per inch of a picture"].found == "150 on page 1"


@pytest.mark.parametrize(
    ("more", "found"),
    [
        (b"1 0 0 rg", "DeviceRGB on page 1"),
        (b"1 0 0 RG", "DeviceRGB on page 1"),
        (b"/DeviceRGB cs 1 0 0 sc", "DeviceRGB on page 1"),
        (b"/Lab CS", "Lab on page 1"),
        (b"1 frobnicate", "the operator frobnicate on page 1"),
        (b"BI /W 4 /H 4 /CS /G /BPC 8 ID 0123456789abcdef EI", "a picture amid the content on page 1"),
    ],
)
def test_colours_of_a_screen(more: bytes, found: str) -> None:
    assert failed(drawing(more)) == {"Colors that are not inks": found}


FORM = {"Type": Name.XObject, "Subtype": Name.Form, "BBox": Array([0, 0, 9, 9])}
PIXELS = {"Type": Name.XObject, "Subtype": Name.Image, "Width": 40, "Height": 40, "BitsPerComponent": 8}
TABLE = Array([Name.Indexed, Name.DeviceRGB, 0, "?"])
SMALL = b"5 0 0 5 0 0 cm /New Do"


@pytest.mark.parametrize(
    ("more", "resources", "found"),
    [
        (b"/New Do", {"XObject": {"New": (b"1 0 0 rg", FORM)}}, "DeviceRGB on page 1"),
        (
            b"/New Do",
            {"XObject": {"New": (b"", FORM | {"Group": Dictionary(CS=Name.DeviceRGB)})}},
            "a group that blends in DeviceRGB on page 1",
        ),
        (
            b"/Pattern cs /New scn",
            {"Pattern": {"New": (b"1 0 0 rg", {"PatternType": 1, "PaintType": 1, "BBox": Array([0, 0, 1, 1])})}},
            "DeviceRGB on page 1",
        ),
        (
            b"/New sh",
            {"Shading": {"New": Dictionary(ColorSpace=Name.DeviceRGB, Function=Dictionary(FunctionType=2))}},
            "a gradient in DeviceRGB on page 1",
        ),
        (b"/New gs", {"ExtGState": {"New": Dictionary(TR=Name.X)}}, "/TR in a graphics state on page 1"),
        (
            SMALL,
            {
                "XObject": {
                    "New": (b"\0" * 1600, PIXELS | {"ColorSpace": Array([Name.Indexed, Name.DeviceRGB, 0, "?"])})
                }
            },
            "a picture in DeviceRGB on page 1",
        ),
    ],
)
def test_colours_of_a_screen_in_what_is_drawn(more: bytes, resources: dict[str, Any], found: str) -> None:
    assert found in failed(drawing(more, **resources))["Colors that are not inks"]


def test_too_much_ink_in_a_drawing_and_in_a_picture() -> None:
    assert failed(drawing(b"1 0.9 0.8 0.6 k 0 0 9 9 re f")) == {
        "Most ink in one place": "330 % in drawings, 184 % in pictures"
    }
    pixels = Image.new("CMYK", (40, 40), (200, 200, 200, 200)).tobytes()
    heavy = drawing(SMALL, XObject={"New": (pixels, PIXELS | {"ColorSpace": Name.DeviceCMYK})})
    assert failed(heavy)["Most ink in one place"].endswith("314 % in pictures")
    ends = Dictionary(FunctionType=2, C0=Array([1, 1, 1, 1]), C1=Array([0, 0, 0, 0]))
    shaded = drawing(b"/New sh", Shading={"New": Dictionary(ColorSpace=Name.DeviceCMYK, Function=ends)})
    assert failed(shaded)["Most ink in one place"].startswith("400 % in drawings")


def text(inks: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(pressed())) as pdf:
        name = next(iter(pdf.pages[0].obj.Resources.Font.keys()))
    return drawing(b"BT " + inks + b" " + name.encode() + b" 12 Tf 150 60 Td <0003> Tj ET")


def test_black_text_in_four_inks() -> None:
    assert failed(text(b"0.6 0.5 0.5 0.95 k"))["Black text"] == "60 50 50 95 (C M Y K)"
    assert "Black text" not in failed(text(b"0.6 0.2 0.2 0.4 k"))


def test_white_that_overprints() -> None:
    over = Dictionary(OP=True)
    white = b"/Over gs 0 0 0 0 k 0 0 9 9 re f"
    assert failed(drawing(white, ExtGState={"Over": over})) == {"White that overprints": "on page 1"}
    assert failed(drawing(white, ExtGState={"Over": Dictionary(OP=True, op=False)})) == {}
    assert failed(drawing(b"/Over gs 0 0 0 1 k 0 0 9 9 re f", ExtGState={"Over": over})) == {}


def test_blending() -> None:
    multiplied = drawing(b"/New gs", ExtGState={"New": Dictionary(BM=Name.Multiply)})
    assert failed(multiplied) == {"Blend modes that mix inks": "Multiply"}
    content = write_pdfx(separate(everything(), PALETTE, PROFILE), BOXES, PROFILE, "All")
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.pages[0].obj.Group.CS = Name.DeviceRGB
        saved = io.BytesIO()
        pdf.save(saved, force_version="1.6", fix_metadata_version=False)
    assert "page: DeviceRGB" in failed(saved.getvalue())["Where transparency blends"]


def without_font_file(pdf: pikepdf.Pdf) -> None:
    for font in pdf.pages[0].obj.Resources.Font.values():
        described = font.DescendantFonts[0].FontDescriptor
        for key in ("/FontFile", "/FontFile2", "/FontFile3"):
            if key in described:
                del described[key]


def with_box(name: str, by: float) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0].obj
        page[name] = Array([float(page[name][0]) + by, *list(page[name])[1:]])

    return change


def set_on(what: str, key: str, value: Any) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        holder = {"page": pdf.pages[0].obj, "root": pdf.Root, "info": pdf.docinfo}[what]
        holder[key] = value

    return change


def packet_with(old: bytes, new: bytes) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        data = pdf.Root.Metadata.read_bytes()
        assert old in data
        pdf.Root.Metadata.write(data.replace(old, new))

    return change


def without_profile(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents[0].DestOutputProfile


def with_gray_profile(pdf: pikepdf.Pdf) -> None:
    content = PROFILE.content[:16] + b"GRAY" + PROFILE.content[20:]
    pdf.Root.OutputIntents[0].DestOutputProfile.write(content)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (without_font_file, "Fonts"),
        (with_box("/TrimBox", 0.02), "Trimmed size of page 1"),
        (with_box("/BleedBox", 0.02), "Bleed of page 1"),
        (with_box("/MediaBox", 9 * POINTS), "Room for marks of page 1"),
        (set_on("page", "/CropBox", Array([0, 0, 90, 90])), "Other boxes and turns of page 1"),
        (set_on("page", "/Rotate", 90), "Other boxes and turns of page 1"),
        (set_on("page", "/Annots", Array([Dictionary(Subtype=Name.Link)])), "Links and comments"),
        (set_on("page", "/AA", Dictionary()), "Actions, forms and attachments"),
        (set_on("root", "/OpenAction", Dictionary(S=Name.JavaScript)), "Actions, forms and attachments"),
        (set_on("root", "/Names", Dictionary(JavaScript=Dictionary())), "Actions, forms and attachments"),
        (set_on("info", "/Trapped", Name("/True")), "Trapped"),
        (set_on("info", "/Title", "Another"), "Title"),
        (set_on("info", "/ModDate", "D:20200101000000Z"), "Date (ModifyDate)"),
        (set_on("info", "/CreationDate", "yesterday"), "Date (CreateDate)"),
        (packet_with(b"PDF/X-4", b"PDF/X-3"), "Standard in the metadata"),
        (packet_with(b"xmpMM:VersionID", b"xmpMM:Other"), "Identity"),
        (packet_with(b"</rdf:RDF>", b""), "Standard in the metadata"),
        (without_profile, "Output intent"),
        (with_gray_profile, "Output intent"),
    ],
)
def test_each_fault_is_found(change: Callable[[pikepdf.Pdf], None], line: str) -> None:
    assert line in failed(tampered(change))


def test_the_version_and_encryption() -> None:
    assert "PDF version" in failed(tampered(lambda pdf: None, force_version="1.7"))
    locked = tampered(lambda pdf: None, encryption=pikepdf.Encryption(owner="x", R=4))
    assert failed(locked)["Encryption"] == "encrypted"


def test_pages_are_counted() -> None:
    assert failed(pressed(), page_count=4) == {"Pages": "2"}


def test_text_too_near_to_the_edge_or_to_a_fold() -> None:
    near = '<p style="position: absolute; left: 15mm; top: 60mm; margin: 0">Near</p>'
    found = failed(pressed(BODY + near))
    assert list(found) == ["Text from the trimmed edge"]
    assert found["Text from the trimmed edge"].startswith(("3.0 mm", "3.1 mm", "3.2 mm", "3.3 mm", "3.4 mm"))
    assert "“N” on page 1" in found["Text from the trimmed edge"]
    across = '<p style="position: absolute; left: 50mm; top: 60mm; margin: 0; width: 40mm">Words across</p>'
    assert failed(pressed(BODY + across))["Text from a fold"].startswith("0.")
    beyond = '<p style="position: absolute; left: 10mm; top: 60mm; margin: 0">Cut off</p>'
    assert failed(pressed(BODY + beyond))["Text from the trimmed edge"].startswith("-")


def test_folds_differ_from_page_to_page() -> None:
    """The narrow panel is on the left outside, and on the right inside."""
    right = '<p style="position: absolute; left: 72mm; top: 60mm; margin: 0">Right</p>'  # 60 mm from the edge
    assert failed(pressed(right), folds=[[30.0], [30.0]]) == {}
    found = failed(pressed(right), folds=[[30.0], [62.0]])
    assert "on page 2" in found["Text from a fold"]


def test_letters_that_are_too_small() -> None:
    small = '<p style="position: absolute; left: 30mm; top: 60mm; margin: 0; font-size: 5.5pt">small</p>'
    assert failed(pressed(BODY + small))["Smallest letter"].startswith("5.5 points")
    assert failed(pressed(), least_type=12.5)["Smallest letter"].startswith("12.0 points")
    turned = small.replace("5.5pt", "11pt; transform: scale(0.5) rotate(20deg)")
    assert failed(pressed(BODY + turned))["Smallest letter"].startswith("5.5 points")


def test_colour_that_ends_at_the_trimmed_edge() -> None:
    for side, styles in {
        "left": f"left: {EDGE}mm; top: 50mm; width: 20mm; height: 20mm",
        "foot": f"left: 40mm; top: {EDGE + 60}mm; width: 20mm; height: 20mm",
        "right": f"left: {EDGE + 80}mm; top: 50mm; width: 20mm; height: 20mm",
        "top": f"left: 70mm; top: {EDGE}mm; width: 20mm; height: 20mm",
    }.items():
        content = pressed(BODY + f'<div style="position: absolute; background: {BRAND}; {styles}"></div>', pages=1)
        assert failed(content) == {"Color at the edge without bleed": f"20 mm at the {side} of page 1"}


def test_a_sheet_without_text() -> None:
    assert failed(pressed("")) == {"Text": "no letter on the sheet"}
