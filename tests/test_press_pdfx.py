"""A separated PDF becomes PDF/X-4: its boxes, its keys, its dates, and nothing that only a screen can use."""

from __future__ import annotations

import io
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name

from handouts.errors import DesignError, MachineError, Origin
from handouts.press.conversion import separate
from handouts.press.pdfx import POINTS, Boxes, write_pdfx
from handouts.press.profile import default_profile, read_profile
from tests.press_pages import BOXES, BRAND, PALETTE, everything, poppler, written

PROFILE = default_profile()
EPOCH = "1795305600"  # 22 November 2026
TITLE = "Ketamine <&> “you”"


@pytest.fixture(autouse=True)
def one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)


def pressed(page: bytes, boxes: Boxes = BOXES, title: str = TITLE) -> bytes:
    return write_pdfx(separate(page, PALETTE, PROFILE), boxes, PROFILE, title)


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def packet(pdf: pikepdf.Pdf) -> str:
    return pdf.Root.Metadata.read_bytes().decode()


def box(pdf: pikepdf.Pdf, name: str, page: int = 0) -> list[float]:
    return [float(side) for side in pdf.pages[page].obj[name]]


def test_the_boxes_are_exact() -> None:
    with opened(pressed(everything())) as pdf:
        whole, edge, slug = (124 * POINTS, 104 * POINTS), 12 * POINTS, 9 * POINTS
        assert box(pdf, "/MediaBox") == pytest.approx([0, 0, *whole], abs=0.001)
        assert box(pdf, "/TrimBox") == pytest.approx([edge, edge, whole[0] - edge, whole[1] - edge], abs=0.001)
        assert box(pdf, "/BleedBox") == pytest.approx([slug, slug, whole[0] - slug, whole[1] - slug], abs=0.001)
        assert not {"/CropBox", "/ArtBox"} & pdf.pages[0].obj.keys()


def test_other_programs_see_the_same_boxes(tmp_path: Path) -> None:
    said = poppler(pressed(everything()), tmp_path, "pdfinfo", "-box")
    found = {name: numbers.split() for name, numbers in re.findall(r"(\w+Box):\s+([\d. ]+)", said)}
    assert [float(number) for number in found["TrimBox"]] == pytest.approx(BOXES.trim, abs=0.01)
    assert [float(number) for number in found["BleedBox"]] == pytest.approx(BOXES.bled, abs=0.01)
    assert "PDF version:     1.6" in said
    assert "No syntax" in poppler(pressed(everything()), tmp_path, "qpdf", "--check")


def test_boxes_in_inches_and_on_each_page() -> None:
    boxes = Boxes(200, 150, bleed=9, slug=20)
    with opened(pressed(written("<p>Words</p>", boxes=boxes, pages=2), boxes)) as pdf:
        assert len(pdf.pages) == 2
        for page in (0, 1):
            assert box(pdf, "/MediaBox", page) == [0, 0, 258, 208]
            assert box(pdf, "/BleedBox", page) == [20, 20, 238, 188]
            assert box(pdf, "/TrimBox", page) == [29, 29, 229, 179]


def test_a_page_of_another_size_is_refused() -> None:
    with pytest.raises(DesignError, match="Page 1 is not as large"):
        pressed(written("", boxes=Boxes.of_millimetres(100, 80, bleed=3, slug=8)))


def test_a_turned_page_is_refused() -> None:
    with opened(separate(written(""), PALETTE, PROFILE)) as pdf:
        pdf.pages[0].obj.Rotate = 90
        saved = io.BytesIO()
        pdf.save(saved)
    with pytest.raises(DesignError, match="turned by 90"):
        write_pdfx(saved.getvalue(), BOXES, PROFILE, TITLE)


def test_the_output_intent_holds_the_profile() -> None:
    with opened(pressed(everything())) as pdf:
        (intent,) = pdf.Root.OutputIntents
        assert intent.S == Name.GTS_PDFX
        assert str(intent.OutputConditionIdentifier) == "FOGRA39"
        assert str(intent.RegistryName) == "http://www.color.org"
        assert str(intent.Info) == PROFILE.description
        assert intent.DestOutputProfile.N == 4
        assert intent.DestOutputProfile.read_bytes() == PROFILE.content


def test_a_profile_of_no_registered_condition_says_so() -> None:
    shop = read_profile(PROFILE.content, Origin(Path("shop.icc")))
    with opened(write_pdfx(separate(written(""), PALETTE, shop), BOXES, shop, TITLE)) as pdf:
        (intent,) = pdf.Root.OutputIntents
        assert str(intent.OutputConditionIdentifier) == "Custom"
        assert "/RegistryName" not in intent


def test_metadata_and_info_say_the_same() -> None:
    with opened(pressed(everything())) as pdf:
        said = packet(pdf)
        for part in (
            "<pdfxid:GTS_PDFXVersion>PDF/X-4</pdfxid:GTS_PDFXVersion>",
            "<pdf:Trapped>False</pdf:Trapped>",
            "<xmp:CreateDate>2026-11-22T00:00:00Z</xmp:CreateDate>",
            "<xmp:ModifyDate>2026-11-22T00:00:00Z</xmp:ModifyDate>",
            "<xmpMM:VersionID>1</xmpMM:VersionID>",
            "<xmpMM:RenditionClass>default</xmpMM:RenditionClass>",
            '<rdf:li xml:lang="x-default">Ketamine &lt;&amp;&gt; “you”</rdf:li>',
        ):
            assert part in said
        assert re.search(r"<xmpMM:DocumentID>uuid:[0-9a-f-]{36}</xmpMM:DocumentID>", said)
        assert "/Filter" not in pdf.Root.Metadata
        assert str(pdf.docinfo.Title) == TITLE
        assert str(pdf.docinfo.CreationDate) == str(pdf.docinfo.ModDate) == "D:20261122000000Z"
        assert pdf.docinfo.Trapped == Name("/False")
        assert pdf.pdf_version == "1.6"
        assert len(pdf.trailer.ID) == 2
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            assert metadata["dc:title"] == TITLE, "a reader of XMP finds it"


def test_the_same_pages_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = pressed(everything())
    time.sleep(1.1)  # a clock in the file would count seconds
    assert pressed(everything()) == first
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795305601")
    later = pressed(everything())
    assert later != first

    def identity(content: bytes) -> str:
        with opened(content) as pdf:
            return packet(pdf).partition("uuid:")[2][:36]

    assert identity(later) == identity(first), "it is still the same brochure"
    assert identity(pressed(everything(), title="Another")) != identity(first)


@pytest.mark.parametrize("given", [None, "0"])
def test_without_a_date_it_is_now(given: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """`typesetting` sets the variable to 0 for the sake of fonts, which is no wish of anybody."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    if given is not None:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", given)
    with opened(pressed(written(""))) as pdf:
        date = datetime.strptime(str(pdf.docinfo.CreationDate), "D:%Y%m%d%H%M%S%z")
    assert abs(datetime.now(UTC) - date) < timedelta(minutes=5)


def test_a_date_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    page = separate(written(""), PALETTE, PROFILE)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "tomorrow")
    with pytest.raises(MachineError, match="tomorrow"):
        write_pdfx(page, BOXES, PROFILE, TITLE)


def test_nothing_for_a_screen_is_left() -> None:
    page = written(
        "<h1 id='a'>Title</h1><a href='https://example.org'>a link</a> <a href='#a'>up</a>", variant="pdf/ua-1"
    )
    with opened(page) as pdf:
        assert "/Annots" in pdf.pages[0].obj and "/StructTreeRoot" in pdf.Root
        pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
        pdf.Root.AA = Dictionary()
        pdf.pages[0].obj.AA = Dictionary()
        pdf.pages[0].obj.CropBox = Array([0, 0, 50, 50])
        pdf.docinfo.GTS_PDFXVersion = "PDF/X-1a:2001"
        saved = io.BytesIO()
        pdf.save(saved)
    with opened(pressed(saved.getvalue())) as pdf:
        assert set(pdf.Root.keys()) == {"/Type", "/Pages", "/Lang", "/OutputIntents", "/Metadata"}
        assert set(pdf.pages[0].obj.keys()) == {
            *("/Type", "/Parent", "/Contents", "/Resources", "/Group", "/MediaBox", "/BleedBox", "/TrimBox")
        }
        assert "/GTS_PDFXVersion" not in pdf.docinfo
        assert not pdf.is_encrypted
    assert b"example.org" not in pressed(saved.getvalue())


def test_a_ground_drawn_to_the_edge_reaches_the_bleed() -> None:
    """By pixels: the ground of an element stops where its box stops, so the box has to reach into the bleed."""
    left, foot, right, top = BOXES.bled
    height = BOXES.media_height
    styles = f"""
      .ground {{ position: absolute; background: {BRAND}; left: {left}pt; top: {height - top}pt;
                 width: {right - left}pt; height: {top - foot}pt }}"""
    content = pressed(written('<div class="ground"></div>', styles))
    scale = 8
    document = pypdfium2.PdfDocument(content)
    picture = document[0].render(scale=scale, grayscale=True).to_pil()
    document.close()
    middle = (picture.width // 2, picture.height // 2)
    inside, outside = 2, 3  # pixels from the edge
    for at, beyond in (
        ((round(left * scale) + inside, middle[1]), (round(left * scale) - outside, middle[1])),
        ((round(right * scale) - inside, middle[1]), (round(right * scale) + outside, middle[1])),
        ((middle[0], round((height - top) * scale) + inside), (middle[0], round((height - top) * scale) - outside)),
        ((middle[0], round((height - foot) * scale) - inside), (middle[0], round((height - foot) * scale) + outside)),
    ):
        assert picture.getpixel(at) < 200
        assert picture.getpixel(beyond) == 255
