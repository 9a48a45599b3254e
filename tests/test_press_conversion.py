"""Every colour of a PDF becomes inks, wherever it stands; what is not known is refused."""

from __future__ import annotations

import io
import time
import zlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageChops, ImageCms, ImageStat

from handouts.colours import Colour
from handouts.errors import DesignError
from handouts.press.conversion import separate
from handouts.press.inks import BLACK_INK, Inks, Palette, picture_in_inks, to_inks
from handouts.press.profile import default_profile
from tests.press_pages import (
    BRAND,
    BRAND_INKS,
    GHOSTSCRIPT,
    PALETTE,
    TEXT,
    address,
    everything,
    ghostscript,
    photograph,
    poppler,
    written,
)

PROFILE = default_profile()
needs_ghostscript = pytest.mark.skipif(GHOSTSCRIPT is None, reason="Ghostscript is not installed (apt install)")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def by_hand(content: bytes, resources: dict[str, Any] | None = None, **streams: tuple[bytes, dict[str, Any]]) -> bytes:
    """A PDF of one page. `streams` become objects that a `{name}` in `resources` stands for."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(200, 100))
        made = {name: pdf.make_stream(data, **entries) for name, (data, entries) in streams.items()}

        def filled(value: Any) -> Any:
            if isinstance(value, dict):
                return Dictionary({key: filled(item) for key, item in value.items()})
            if isinstance(value, list):
                return Array([filled(item) for item in value])
            return made[value] if isinstance(value, str) and value in made else value

        pdf.pages[0].obj.Contents = pdf.make_stream(content)
        pdf.pages[0].obj.Resources = filled(resources or {})
        saved = io.BytesIO()
        pdf.save(saved)
        return saved.getvalue()


def separated(content: bytes, palette: Palette = PALETTE) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(separate(content, palette, PROFILE)))


def operators(pdf: pikepdf.Pdf) -> list[tuple[str, tuple[float, ...]]]:
    """The colour operators of the first page."""
    found = []
    for instruction in pikepdf.parse_content_stream(pdf.pages[0]):
        name = str(instruction.operator)
        if name in ("k", "K", "g", "G", "rg", "RG", "sc", "SC", "scn", "SCN", "cs", "CS"):
            values = tuple(float(value) for value in instruction.operands if isinstance(value, int | float | Decimal))
            found.append((name, values))
    return found


def written_as(inks: Inks) -> tuple[float, ...]:
    return tuple(round(part / 100, 4) for part in inks.parts)


def refused(content: bytes) -> DesignError:
    with pytest.raises(DesignError) as caught:
        separate(content, PALETTE, PROFILE)
    assert "cannot be separated into inks" in caught.value.problem
    return caught.value


def everything_in(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every object that is reached from the pages: dictionaries and streams."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [page.obj for page in pdf.pages]
    while waiting:
        held = waiting.pop()
        if isinstance(held, Array):
            waiting.extend(held)
        elif isinstance(held, Dictionary | pikepdf.Stream):
            if held.is_indirect and held.objgen in seen:
                continue
            seen.add(held.objgen)
            yield held
            waiting.extend(value for key, value in held.items() if key != "/Parent")


def test_no_colour_of_a_screen_is_left_in_a_page_with_everything() -> None:
    kinds: set[str] = set()
    with separated(everything()) as pdf:
        for held in everything_in(pdf):
            for key in ("/ColorSpace", "/CS"):
                if key in held and not isinstance(held[key], Dictionary):
                    assert held[key] in (Name.DeviceCMYK, Name.DeviceGray), (key, held[key])
            assert "DeviceRGB" not in repr(dict(held.items()))
            kinds |= {str(held.get(key)) for key in ("/Subtype", "/PatternType", "/ShadingType", "/S") if key in held}
            if isinstance(held, pikepdf.Stream) and held.get("/Subtype") != Name.Image and "/Length1" not in held:
                data = held.read_bytes().replace(b"/Pattern cs", b"").replace(b"/Pattern CS", b"")
                for operator in (b" rg", b" RG", b" cs", b" CS"):
                    assert operator + b"\n" not in data, data[:200]
    # The page must hold what this test is about, or it proves nothing.
    assert {"/Form", "/Image", "1", "2", "3", "/Luminosity", "/Transparency"} <= kinds


def test_other_programs_find_no_colour_of_a_screen_either(tmp_path: Path) -> None:
    content = separate(everything(), PALETTE, PROFILE)
    assert "No syntax or stream encoding errors" in poppler(content, tmp_path, "qpdf", "--check")
    listed = [line.split() for line in poppler(content, tmp_path, "pdfimages", "-list").splitlines()[2:]]
    assert {row[5] for row in listed} == {"cmyk", "gray"}
    assert sorted(row[2] for row in listed).count("smask") == 1
    before = [line.split() for line in poppler(everything(), tmp_path, "pdfimages", "-list").splitlines()[2:]]
    assert sorted(row[3:5] for row in listed) == sorted(row[3:5] for row in before), "pixels are kept"
    assert {row[5] for row in before} == {"rgb", "gray"}


def test_the_same_content_gives_the_same_bytes() -> None:
    first = separate(everything(), PALETTE, PROFILE)
    time.sleep(1.1)  # a clock in the file would count seconds
    assert separate(everything(), PALETTE, PROFILE) == first


def test_the_page_looks_as_before() -> None:
    """Drawn by pdfium, which has no profile: colours differ, but nothing is lost, moved or covered."""
    pictures = []
    for content in (everything(), separate(everything(), PALETTE, PROFILE)):
        document = pypdfium2.PdfDocument(content)
        pictures.append(document[0].render(scale=2).to_pil().convert("L"))
        document.close()
    apart = ImageChops.difference(*pictures)
    assert ImageStat.Stat(apart).mean[0] < 4
    inked = [picture.point([255] * 250 + [0] * 6) for picture in pictures]
    assert ImageStat.Stat(ImageChops.difference(*inked)).mean[0] < 1.5, "something is there in one of them alone"


@needs_ghostscript
def test_ghostscript_prints_black_text_on_the_black_plate_alone(tmp_path: Path) -> None:
    page = written("<p>Words in black</p>", "p { margin: 60pt }")
    said = ghostscript(separate(page, PALETTE, PROFILE), tmp_path, "-o", "-", "-sDEVICE=inkcov").split()
    assert [float(share) for share in said[:3]] == [0, 0, 0]
    assert float(said[3]) > 0.001


@needs_ghostscript
def test_ghostscript_finds_no_place_with_too_much_ink(tmp_path: Path) -> None:
    content = separate(everything(), PALETTE, PROFILE)
    ghostscript(content, tmp_path, "-sDEVICE=tiffsep", "-r100", f"-sOutputFile={tmp_path}/p%d.tif")
    plates = [Image.open(tmp_path / f"p1({ink}).tif").convert("L") for ink in ("Cyan", "Magenta", "Yellow", "Black")]
    rows = zip(*(plate.tobytes() for plate in plates), strict=True)
    assert max(sum(255 - value for value in row) for row in rows) <= 765 + 4


def test_each_colour_operator() -> None:
    content = (
        b"1 0 0 rg 1 0 0 RG 0 g 0.5 G 0.1 0.2 0.3 0.4 k /DeviceRGB cs 0 0 1 sc /DeviceGray CS 1 SCN "
        b"q /DeviceRGB CS 0 1 0 SC Q 0 SC"
    )
    red, blue, green = (to_inks(Colour.from_hex(name), PROFILE) for name in ("#f00", "#00f", "#0f0"))
    gray = to_inks(Colour.from_hex("#808080"), PROFILE)
    black = written_as(BLACK_INK)
    with separated(by_hand(content)) as pdf:
        assert operators(pdf) == [
            *(("k", written_as(red)), ("K", written_as(red)), ("k", black), ("K", written_as(gray))),
            *(("k", (0.1, 0.2, 0.3, 0.4)), ("k", black), ("k", written_as(blue))),
            *(("K", black), ("K", (0, 0, 0, 0)), ("K", black), ("K", written_as(green)), ("K", black)),
        ]


def test_the_text_colour_and_the_brand_colour_of_a_page() -> None:
    page = written(f"<p>Text</p><p style='color: {BRAND}'>Brand</p><p style='color: #fff'>White</p>")
    with separated(page) as pdf:
        found = {values for name, values in operators(pdf) if name == "k"}
    assert found == {written_as(BLACK_INK), written_as(BRAND_INKS), (0, 0, 0, 0)}
    with separated(page, Palette()) as pdf:
        found = {values for name, values in operators(pdf) if name == "k"}
    assert written_as(to_inks(Colour.from_hex(TEXT), PROFILE)) in found, "without a palette it is a colour as any other"


def test_inks_that_are_too_much_are_limited() -> None:
    with separated(by_hand(b"1 1 1 1 k")) as pdf:
        ((_, values),) = operators(pdf)
    assert sum(values) <= 3 and values[3] == 1


def test_colours_with_profiles() -> None:
    spaces = {
        "/ColorSpace": {
            "/S": [Name.ICCBased, "srgb"],
            "/G": [Name.ICCBased, "gray"],
            "/P": [Name.ICCBased, "press"],
            "/C": [
                Name.CalRGB,
                {
                    "/WhitePoint": [0.9505, 1, 1.089],
                    "/Gamma": [2.2, 2.2, 2.2],
                    "/Matrix": [0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505],
                },
            ],
            "/K": [Name.CalGray, {"/WhitePoint": [0.95, 1, 1.08], "/Gamma": 1}],
        }
    }
    content = b"/S cs 0.0588 0.3608 0.3882 sc /G cs 0 sc /P cs 0 .5 0 0 sc /C cs 0.6 0.4 0.3 sc /K cs 0.5 sc"
    made = by_hand(
        content, spaces, srgb=(SRGB, {"N": 3}), gray=(b"", {"N": 1}), press=(PROFILE.content, {"N": 4})
    )  # fmt: skip
    with separated(made) as pdf:
        found = [values for _, values in operators(pdf)][1::2]
    assert found[:3] == [written_as(BRAND_INKS), written_as(BLACK_INK), (0, 0.5, 0, 0)]
    assert found[3] == pytest.approx(written_as(to_inks(Colour(0.6, 0.4, 0.3), PROFILE)), abs=0.02)
    assert found[4] == pytest.approx(written_as(to_inks(Colour(0.735, 0.735, 0.735), PROFILE)), abs=0.01)


def test_a_default_for_rgb_is_heeded() -> None:
    made = by_hand(b"0 0.5 0 0 k 0 0 0 rg", {"/ColorSpace": {"/DefaultRGB": [Name.Lab, {}]}})
    assert "Lab" in refused(made).problem


def gradient(function: Any, kind: int = 2, space: Any = Name.DeviceRGB, **streams: Any) -> bytes:
    shading = {"/ShadingType": kind, "/ColorSpace": space, "/Coords": [0, 0, 9, 0], "/Function": function}
    return by_hand(b"/S sh", {"/Shading": {"/S": shading}}, **streams)


def test_gradients_and_their_functions() -> None:
    red, blue = (written_as(to_inks(Colour.from_hex(name), PROFILE)) for name in ("#f00", "#00f"))
    ends = {"/FunctionType": 2, "/Domain": [0, 1], "/C0": [1, 0, 0], "/C1": [0, 0, 1], "/N": 1}
    stitched = {"/FunctionType": 3, "/Domain": [0, 1], "/Functions": [ends, ends], "/Bounds": [0.5], "/Encode": [0] * 4}
    for function in (ends, stitched):
        with separated(gradient(function)) as pdf:
            shading = pdf.pages[0].obj.Resources.Shading.S
            assert shading.ColorSpace == Name.DeviceCMYK
            parts = shading.Function.get("/Functions", [shading.Function])
            for part in parts:
                assert tuple(float(value) for value in part.C0) == red
                assert tuple(float(value) for value in part.C1) == blue
    with separated(gradient({"/FunctionType": 2, "/Domain": [0, 1], "/N": 1}, space=Name.DeviceGray)) as pdf:
        function = pdf.pages[0].obj.Resources.Shading.S.Function
        assert [float(value) for value in function.C0] == [0, 0, 0, 1]
        assert [float(value) for value in function.C1] == [0, 0, 0, 0]


def test_the_ground_of_a_gradient() -> None:
    function = {"/FunctionType": 2, "/Domain": [0, 1], "/N": 1}
    shading = {"/ShadingType": 2, "/ColorSpace": Name.DeviceGray, "/Function": function, "/Background": [0]}
    pattern = {"/P": {"/PatternType": 2, "/Shading": shading}}
    with separated(by_hand(b"/Pattern cs /P scn", {"/Pattern": pattern})) as pdf:
        made = pdf.pages[0].obj.Resources.Pattern.P.Shading
        assert [float(value) for value in made.Background] == [0, 0, 0, 1]


def test_a_gradient_out_of_a_table() -> None:
    entries = {"FunctionType": 0, "Domain": Array([0, 1]), "Size": Array([2]), "Range": Array([0, 1] * 3)}
    table = (b"\xff\0\0\0\0\xff", {**entries, "BitsPerSample": 8})
    with separated(gradient("table", table=table)) as pdf:
        function = pdf.pages[0].obj.Resources.Shading.S.Function
        data = function.read_bytes()
        assert (len(data), [int(value) for value in function.Range]) == (8, [0, 1] * 4)
        red = to_inks(Colour.from_hex("#f00"), PROFILE)
        assert [value / 2.55 for value in data[:4]] == pytest.approx(red.parts, abs=0.3)
    backwards = (b"\0\xff\xff\xff\xff\0", {**entries, "BitsPerSample": 8, "Decode": Array([1, 0] * 3)})
    with separated(gradient("table", table=backwards)) as pdf:
        assert pdf.pages[0].obj.Resources.Shading.S.Function.read_bytes() == data
        assert "/Decode" not in pdf.pages[0].obj.Resources.Shading.S.Function
    twelve = (b"\0" * 9, {**entries, "BitsPerSample": 12})
    assert "a table of colors" in refused(gradient("table", table=twelve)).problem


def picture_page(data: bytes, **entries: Any) -> bytes:
    size = {"Type": Name.XObject, "Subtype": Name.Image, "Width": 2, "Height": 1, "BitsPerComponent": 8}
    return by_hand(b"/I Do", {"/XObject": {"/I": "held"}}, held=(data, {**size, **entries}))


def pixels(pdf: pikepdf.Pdf, name: str = "/I") -> Image.Image:
    held = pdf.pages[0].obj.Resources.XObject[name]
    made: Image.Image = pikepdf.PdfImage(held).as_pil_image(apply_mask=False)
    return made


def test_pictures_in_all_spaces() -> None:
    brand = bytes(round(part * 255) for part in Colour.from_hex(BRAND).parts)
    inks = tuple(round(part / 100 * 255) for part in BRAND_INKS.parts)
    table = Array([Name.Indexed, Name.DeviceRGB, 1, pikepdf.String(b"\xff\xff\xff" + brand)])
    for content in (
        picture_page(b"\xff\xff\xff" + brand, ColorSpace=Name.DeviceRGB),
        picture_page(b"\0\1", ColorSpace=table),
        picture_page(b"\x40", ColorSpace=table, BitsPerComponent=1),
        picture_page(zlib.compress(b"\xff\xff\xff" + brand), ColorSpace=Name.DeviceRGB, Filter=Name.FlateDecode),
        picture_page(
            b"\0\0\0" + bytes(255 - part for part in brand), ColorSpace=Name.DeviceRGB, Decode=Array([1, 0] * 3)
        ),
    ):
        with separated(content) as pdf:
            made = pixels(pdf)
            assert [made.getpixel((at, 0)) for at in (0, 1)] == [(0, 0, 0, 0), inks]
    with separated(picture_page(b"\0\xff", ColorSpace=Name.DeviceGray)) as pdf:
        assert pdf.pages[0].obj.Resources.XObject.I.ColorSpace == Name.DeviceGray
        assert pixels(pdf).tobytes() == b"\0\xff"
    with separated(picture_page(b"\0\xff", ColorSpace=Name.DeviceGray, Decode=Array([1, 0]))) as pdf:
        assert pixels(pdf).tobytes() == b"\xff\0"
    with separated(picture_page(b"\xff\xff\xff\xff\1\2\3\4", ColorSpace=Name.DeviceCMYK)) as pdf:
        assert pixels(pdf).tobytes() == b"\xaa\xaa\xaa\xff\1\2\3\4"


def test_a_photograph_is_packed_without_loss() -> None:
    page = written(f'<img src="{address(photograph())}">')
    wanted = picture_in_inks(photograph(), PALETTE, PROFILE)
    with separated(page) as pdf:
        (name,) = pdf.pages[0].obj.Resources.XObject.keys()
        made = pixels(pdf, name)
        assert made.tobytes() == wanted.tobytes()
        held = pdf.pages[0].obj.Resources.XObject[name]
        assert held.Filter == Name.FlateDecode
        assert len(held.read_raw_bytes()) < len(zlib.compress(wanted.tobytes(), 9)) * 1.05


@pytest.mark.parametrize("adobe", [True, False])
def test_a_photograph_that_is_in_inks_already(adobe: bool) -> None:
    """JPEGs in CMYK are written upside down by some programs; what counts is what a viewer shows."""
    picture = Image.merge("CMYK", [Image.linear_gradient("L")] * 2 + [Image.new("L", (256, 256), 30)] * 2)
    if adobe:
        page = written(f'<img src="{address(picture, "JPEG", quality=98)}">')
    else:
        data = io.BytesIO()
        ImageChops.invert(picture).save(data, "JPEG", quality=98)
        page = picture_page(
            data.getvalue(), ColorSpace=Name.DeviceCMYK, Filter=Name.DCTDecode, Width=256, Height=256
        )  # fmt: skip
    with pikepdf.open(io.BytesIO(page)) as pdf:
        (name,) = pdf.pages[0].obj.Resources.XObject.keys()
    with separated(page) as pdf:
        made = pixels(pdf, name)
    assert made.getpixel((128, 250)) == pytest.approx(picture.getpixel((128, 250)), abs=8)
    assert made.getpixel((128, 5)) == pytest.approx(picture.getpixel((128, 5)), abs=8)


def test_a_stencil_and_transparency_stay_as_they_are() -> None:
    with separated(picture_page(b"\x40", ImageMask=True, BitsPerComponent=1)) as pdf:
        held = pdf.pages[0].obj.Resources.XObject.I
        assert held.ImageMask and "/ColorSpace" not in held
        assert held.read_bytes() == b"\x40"
    with separated(everything()) as pdf:
        masks = [held.SMask for held in everything_in(pdf) if held.get("/Subtype") == Name.Image and "/SMask" in held]
    assert len(masks) == 1
    with separated(everything()) as pdf, pikepdf.open(io.BytesIO(everything())) as old:
        after, before = (
            [held.SMask.read_bytes() for held in everything_in(each) if isinstance(held.get("/SMask"), pikepdf.Stream)]
            for each in (pdf, old)
        )
    assert after == before


def test_a_picture_amid_the_content() -> None:
    inline = b"BI /W 4 /H 3 /CS /RGB /BPC 8 ID " + b"\xff\xff\xff\x0f\x5c\x63" * 6 + b" EI"
    with separated(by_hand(b"q 20 0 0 10 0 0 cm " + inline + b"\nQ")) as pdf:
        (name,) = pdf.pages[0].obj.Resources.XObject.keys()
        inks = tuple(round(part / 100 * 255) for part in BRAND_INKS.parts)
        assert pixels(pdf, name).getpixel((1, 0)) == inks
        assert f"{name} Do".encode() in pdf.pages[0].obj.Contents.read_bytes()
    with separated(by_hand(b"q BI /W 8 /H 1 /IM true /BPC 1 ID \x55 EI Q")) as pdf:
        assert b"\x55" in pdf.pages[0].obj.Contents.read_bytes()


def masked(content: bytes, **entries: Any) -> bytes:
    mask = {"/S": Name.Luminosity, "/G": "form", **entries}
    group = Dictionary(S=Name.Transparency, CS=Name.DeviceRGB)
    form = {"Type": Name.XObject, "Subtype": Name.Form, "BBox": Array([0, 0, 9, 9]), "Group": group}
    return by_hand(b"/M gs 1 0 0 rg 0 0 9 9 re f", {"/ExtGState": {"/M": {"/SMask": mask}}}, form=(content, form))


def test_a_soft_mask_keeps_its_coverage() -> None:
    """Half of the light in a mask is half of the opacity, whatever paper does to a gray."""
    with separated(masked(b"0.5 g 0 0 9 9 re f 1 1 0 rg 0 0 4 4 re f", **{"/BC": [1, 1, 1]})) as pdf:
        mask = pdf.pages[0].obj.Resources.ExtGState.M.SMask
        assert Name.DeviceGray == mask.G.Group.CS
        assert mask.G.read_bytes().split()[:2] == [b"0.5", b"g"]
        assert b"0.89 g" in mask.G.read_bytes()
        assert [float(value) for value in mask.BC] == [1]
        ((_, values),) = operators(pdf)
        assert values == written_as(to_inks(Colour.from_hex("#f00"), PROFILE))


def test_one_form_as_a_mask_and_as_a_drawing() -> None:
    form = {"Type": Name.XObject, "Subtype": Name.Form, "BBox": Array([0, 0, 9, 9])}
    state = {"/M": {"/SMask": {"/S": Name.Luminosity, "/G": "form"}}}
    made = by_hand(b"/M gs /F Do", {"/ExtGState": state, "/XObject": {"/F": "form"}}, form=(b"0.5 g", form))
    with separated(made) as pdf:
        resources = pdf.pages[0].obj.Resources
        assert resources.ExtGState.M.SMask.G.read_bytes().split() == [b"0.5", b"g"]
        assert resources.XObject.F.read_bytes().endswith(b"k")


def test_a_form_that_holds_itself_is_read_once() -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        form = pdf.make_stream(b"1 0 0 rg", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
        form.Resources = Dictionary(XObject=Dictionary(F=form))
        pdf.pages[0].obj.Resources = Dictionary(XObject=Dictionary(F=form))
        pdf.pages[0].obj.Contents = pdf.make_stream(b"/F Do")
        saved = io.BytesIO()
        pdf.save(saved)
    with separated(saved.getvalue()) as pdf:
        form = pdf.pages[0].obj.Resources.XObject.F
        assert form.read_bytes().endswith(b"k")
        assert form.Resources.XObject.F.objgen == form.objgen


def test_glyphs_that_are_drawn() -> None:
    font = {"/Type": Name.Font, "/Subtype": Name.Type3, "/CharProcs": {"/a": "glyph"}, "/FontBBox": [0, 0, 1, 1]}
    made = by_hand(b"BT /F 9 Tf (a) Tj ET", {"/Font": {"/F": font}}, glyph=(b"9 0 d0 1 0 0 rg 0 0 9 9 re f", {}))
    with separated(made) as pdf:
        glyph = pdf.pages[0].obj.Resources.Font.F.CharProcs.a.read_bytes()
    assert b"rg" not in glyph and b" k\n" in glyph and glyph.startswith(b"9 0 d0")


def test_pages_blend_in_cmyk() -> None:
    with separated(by_hand(b"0 g")) as pdf:
        assert Name.DeviceCMYK == pdf.pages[0].obj.Group.CS
    with separated(everything()) as pdf:
        assert Name.DeviceCMYK == pdf.pages[0].obj.Group.CS


CALIBRATED = Array([Name.CalRGB, Dictionary(WhitePoint=Array([0.95, 1, 1.09]))])
POSTSCRIPT = (b"{0 0 0}", {"FunctionType": 4, "Domain": Array([0, 1]), "Range": Array([0, 1] * 3)})


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (by_hand(b"/L cs 50 0 0 sc", {"/ColorSpace": {"/L": [Name.Lab, {}]}}), "the color space Lab"),
        (by_hand(b"/Spot cs 1 sc", {"/ColorSpace": {"/Spot": [Name.Separation, Name.Gold]}}), "color space Separation"),
        (by_hand(b"/Lost cs 1 sc"), "the color space /Lost"),
        (by_hand(b"/P cs 1 1 1 1 sc", {"/ColorSpace": {"/P": [Name.ICCBased, "p"]}}, p=(b"?", {"N": 4})), "inks that"),
        (by_hand(b"/P cs 1 1 1 sc", {"/ColorSpace": {"/P": [Name.ICCBased, "p"]}}, p=(b"?", {"N": 3})), "damaged"),
        (by_hand(b"/P cs 1 1 sc", {"/ColorSpace": {"/P": [Name.ICCBased, "p"]}}, p=(b"?", {"N": 2})), "2 parts"),
        (by_hand(b"0.5 sc"), "whose space is not named"),
        (by_hand(b"0.5 0.5 rg"), "a color of 2 parts where 3"),
        (by_hand(b"1 zz"), "the operator zz"),
        (by_hand(b"/Pattern cs 1 0 0 /P scn"), "takes its color from outside"),
        (by_hand(b"", {"/Strange": {}}), "resources of the kind /Strange"),
        (by_hand(b"", {"/ExtGState": {"/S": {"/TR": Name.X}}}), "/TR in a graphics state"),
        (by_hand(b"", {"/Pattern": {"/P": "p"}}, p=(b"", {"PatternType": 1, "PaintType": 2})), "color from outside"),
        (by_hand(b"", {"/XObject": {"/P": "p"}}, p=(b"", {"Subtype": Name.PS})), "an object of the kind /PS"),
        (gradient({"/FunctionType": 2, "/N": 1}, kind=1), "a gradient of type 1"),
        (gradient([{"/FunctionType": 2}] * 3), "whose colors are computed"),
        (gradient("code", code=POSTSCRIPT), "whose colors are computed"),
        (gradient({"/FunctionType": 2, "/C0": [1], "/C1": [0], "/N": 1}), "a color of 1 parts where 3"),
        (masked(b"0 g", **{"/TR": Name.X}), "a transfer function in a soft mask"),
        (picture_page(b"\0" * 6, ColorSpace=CALIBRATED), "a picture in calibrated colors"),
        (picture_page(b"\0" * 6, ColorSpace=Name.DeviceRGB, Decode=Array([0, 0.5] * 3)), "values are stretched"),
        (picture_page(b"\0" * 6, ColorSpace=Name.DeviceRGB, Mask=Array([0, 0] * 3)), "one color is transparent"),
        (picture_page(b"\0" * 12, ColorSpace=Name.DeviceRGB, BitsPerComponent=16), "more than 8 bits"),
        (picture_page(b"?", ColorSpace=Name.DeviceRGB, Filter=Name.DCTDecode), "cannot be read"),
        (picture_page(b"?", ColorSpace=Name.DeviceRGB, Filter=Name.JPXDecode), "JPEG 2000"),
    ],
)
def test_what_is_not_known_is_refused(content: bytes, problem: str) -> None:
    assert problem in refused(content).problem


def test_colours_of_css_that_are_no_srgb_are_refused() -> None:
    page = written("<p style='color: oklch(0.6 0.2 30)'>Vivid</p>")
    assert "color space Lab" in refused(page).problem or "CalRGB" in refused(page).problem


def test_form_fields_are_refused() -> None:
    with pikepdf.open(io.BytesIO(by_hand(b""))) as pdf:
        pdf.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.Stamp, AP=Dictionary())])
        saved = io.BytesIO()
        pdf.save(saved)
    assert "form field" in refused(saved.getvalue()).problem
