"""`handouts brochure`, as a person at the marketing desk meets it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageCms

from handouts.cli import main
from handouts.press import pdfx
from handouts.press.profile import default_profile
from tests.brochure_pages import BRANDS, MM, SLUG, brochure, clinic_in, sections
from tests.command import contents, run

pytestmark = pytest.mark.xdist_group("brochure-command")
COMMAND = (sys.executable, "-c", "from handouts.cli import main; main()", "brochure")
NAME = f"{SLUG}-tri-letter"
PHOTO = """
[photos.cover]
file = "cover.jpg"
alt = { en = "A room with two chairs.", es = "Una sala con dos sillas." }
credit = "Photo: Sam Example"
"""
PINK = (214, 60, 140)


def text_of(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    try:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()


# What may be asked for


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--for", "press", "--bleed", "3"), "“3” is no bleed. Write it as 3mm"),
        (("--for", "press", "--bleed", ""), "“” is no bleed"),
        (("--for", "press", "--bleed", "20mm"), "more than any shop wants"),
        (("--bleed", "3mm"), "Only a press file has a bleed. Take --bleed out, or add --for press."),
        (("--for", "web", "--bleed", "3mm"), "Only a press file has a bleed"),
        (("--profile", "shop.icc"), "Only a press file has a color profile"),
        (("--for", "press", "--profile", "not-there.icc"), "not-there.icc"),
        (("--for", "press", "--profile", "no.icc"), "no.icc"),
        (("--location", "Nowhere"), "The clinic has no location “Nowhere”"),
        (("--location", "Nort Shore"), "Did you mean “North Shore”?"),
        (("ketamine-for-pain",), "There is no brochure “ketamine-for-pain” in the language “en”. Did you mean"),
        ((SLUG, "--language", "fr"), "“fr”"),
        (("--clinic", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_had(options: tuple[str, ...], said: str, desk: Path) -> None:
    (desk / "no.icc").write_bytes(b"no profile")
    told = run("brochure", "--output", "out", *options)
    assert told.code != 0
    assert said in told.message
    assert told.out == ""
    assert not (desk / "out").exists()


@pytest.mark.parametrize("option", [("--fold", "z"), ("--paper", "a5"), ("--for", "newspaper")])
def test_what_click_refuses(option: tuple[str, str], desk: Path) -> None:
    told = run("brochure", *option)
    assert told.code == 2
    assert option[1] in told.err
    assert contents(desk) == {}


def test_profile_of_rgb_is_refused(desk: Path) -> None:
    rgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    (desk / "rgb.icc").write_bytes(rgb.tobytes())
    told = run("brochure", "--for", "press", "--profile", "rgb.icc", "--output", "out")
    assert told.code != 0
    assert "rgb.icc" in told.message
    assert "CMYK" in told.message
    assert not (desk / "out").exists()


def test_no_option_takes_a_patient() -> None:
    options = {option.name for option in main.commands["brochure"].params}  # type: ignore[attr-defined]
    assert options == {
        *("name", "fold", "paper", "use", "bleed", "profile", "location", "language", "proof", "output", "clinic")
    }


# What is written


def test_into_a_folder(desk: Path) -> None:
    told = run("brochure", "--output", "out")
    assert told.code == 0
    assert told.out.splitlines() == [f"out/{NAME}-office-en.pdf"]
    assert told.err.splitlines() == ["Print on both sides, turned over the short edge, at 100 %."]
    assert set(contents(desk)) == {f"out/{NAME}-office-en.pdf"}


def test_into_a_file_with_its_preflight_beside_it(desk: Path) -> None:
    told = run("brochure", SLUG, "--for", "press", "--output", "shop/order-7.pdf")
    assert told.code == 0
    assert told.out.splitlines() == ["shop/order-7.pdf", "shop/order-7-preflight.pdf"]
    count = len(brochure(use="press").made.lines)
    assert told.err.splitlines() == [f"Preflight: {count} of {count} lines passed."]
    assert set(contents(desk)) == set(told.out.splitlines())
    (page,) = text_of(desk / "shop/order-7-preflight.pdf")
    assert page.count("passed") >= count
    with pikepdf.open(desk / "shop/order-7.pdf") as pdf:
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFX"


def test_the_shops_own_profile_is_taken(desk: Path) -> None:
    own = default_profile().content
    (desk / "shop.icc").write_bytes(own)
    told = run("brochure", "--for", "press", "--profile", "shop.icc", "--bleed", "0.125in", "--output", "a.pdf")
    assert told.code == 0, told.err
    with pikepdf.open(desk / "a.pdf") as pdf:
        assert pdf.Root.OutputIntents[0].DestOutputProfile.read_bytes() == own
        trim, bled = (pdf.pages[0].obj[key] for key in ("/TrimBox", "/BleedBox"))
        assert float(trim[0] - bled[0]) == pytest.approx(9, abs=0.01)


def test_standard_output_holds_the_file_alone(desk: Path) -> None:
    command = [*COMMAND, "--for", "web", "--output", "-"]
    told = subprocess.run(command, capture_output=True, check=True)
    assert told.stdout.rstrip(b"\n").endswith(b"%%EOF")


def test_another_place(desk: Path) -> None:
    told = run("brochure", "--location", "North Shore", "--output", "out")
    assert told.out.splitlines() == [f"out/{NAME}-office-north-shore-en.pdf"]
    outside = text_of(desk / told.out.strip())[0]
    assert "40 Placeholder Road" in outside
    assert "(555) 010-0150" in outside.replace("\xa0", " ")
    assert "12 Sample Quay" not in outside


# The same bytes


@pytest.mark.parametrize("use", ["web", "office"])
def test_the_same_bytes_in_another_process(use: str, desk: Path) -> None:
    surroundings = {**os.environ, "PYTHONHASHSEED": "7"}
    subprocess.run([*COMMAND, "--for", use, "--output", "a.pdf"], env=surroundings, check=True, capture_output=True)
    assert (desk / "a.pdf").read_bytes() == brochure(use=use).content


def test_press_file_of_a_date_has_the_same_bytes(desk: Path) -> None:
    runs = []
    for name, seed in (("a", "1"), ("b", "2")):
        surroundings = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "PYTHONHASHSEED": seed}
        command = [*COMMAND, "--for", "press", "--output", f"{name}.pdf"]
        runs.append(subprocess.Popen(command, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
    for process in runs:
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert (desk / "a.pdf").read_bytes() == (desk / "b.pdf").read_bytes()
    with pikepdf.open(desk / "a.pdf") as pdf:
        assert str(pdf.docinfo.CreationDate) == "D:20231114221320Z"


def test_press_files_of_two_days_differ_in_the_dates_alone(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, day in (("a", 14), ("b", 15)):
        monkeypatch.setattr(pdfx, "_date", lambda day=day: datetime(2023, 11, day, tzinfo=UTC))
        assert run("brochure", "--for", "press", "--output", f"{name}.pdf").code == 0
    assert (desk / "a.pdf").read_bytes() != (desk / "b.pdf").read_bytes()
    assert _pieces(desk / "a.pdf") == _pieces(desk / "b.pdf")


def test_a_date_for_the_press_changes_nothing_else(desk: Path) -> None:
    for date in ("1700000000", "1700086400"):
        surroundings = {**os.environ, "SOURCE_DATE_EPOCH": date}
        command = [*COMMAND, "--for", "web", "--output", f"{date}.pdf"]
        subprocess.run(command, env=surroundings, check=True, capture_output=True)
    assert (desk / "1700000000.pdf").read_bytes() == (desk / "1700086400.pdf").read_bytes()


def _pieces(path: Path) -> list[object]:
    """All that is in a file, but for its dates."""
    found: list[object] = []
    with pikepdf.open(path) as pdf:
        for item in pdf.objects:
            stream = isinstance(item, pikepdf.Stream)
            if stream and item.get("/Type") in ("/XRef", "/ObjStm"):
                continue
            if isinstance(item, pikepdf.Dictionary) and "/CreationDate" in item:
                del item.CreationDate, item.ModDate
            content = item.read_raw_bytes() if stream else b""
            if stream and item.get("/Type") == "/Metadata":
                content = content.replace(b"2023-11-14", b"DAY").replace(b"2023-11-15", b"DAY")
                found.append(content)
                continue
            found.append((item.unparse() if not stream else b"", content))
    return found


# Proofs


def test_proofs_are_numbered(desk: Path) -> None:
    names = []
    for _ in range(2):
        told = run("brochure", "--proof", "--output", "out")
        assert told.code == 0
        names += told.out.splitlines()
    assert names == [f"out/{NAME}-office-en-proof-{number}.pdf" for number in (1, 2)]
    (desk / names[0]).unlink()
    third = run("brochure", "--proof", "--output", "out").out.strip()
    assert third.endswith("-proof-3.pdf"), "a number is given once"
    outside, inside, last = text_of(desk / third)
    assert "Proof no. 3. Not for print." in outside
    assert "Proof no. 3. Not for print." in inside
    assert "What was found Nothing was found." in last


def test_proof_of_a_broken_brochure_lists_what_is_wrong(desk: Path) -> None:
    clinic_in(desk / "clinic", "says: risk", "says: plain")
    path = desk / "clinic" / "content" / "en" / "brochures" / f"{SLUG}.md"
    items = "".join(f"          - Point {number}\n" for number in range(1, 11))
    more = f"      - heading: Points\n        items:\n{items}        says: plain\n      - heading: Ask us\n"
    path.write_text(path.read_text().replace("      - heading: Ask us\n", more))
    assert run("brochure", "--clinic", "clinic", "--output", "out").code != 0
    assert not (desk / "out").exists()
    told = run("brochure", "--clinic", "clinic", "--proof", "--output", "out")
    assert told.code == 0, told.err
    assert "error [no-risk-text]" in told.err
    assert "error [overfull-panel]" in told.err
    pages = text_of(desk / told.out.strip())
    last = " ".join(pages[2:])
    assert "[no-risk-text]: The brochure says nothing of risks" in last
    assert "[overfull-panel]: The panel “Before you decide” runs over by" in last
    assert all("Proof no. 1. Not for print." in page for page in pages[:3])


def test_proof_of_a_brochure_that_runs_off_the_page(desk: Path) -> None:
    items = "".join(f"          - Point {number}\n" for number in range(1, 61))
    more = f"      - heading: Points\n        items:\n{items}        says: plain\n      - heading: Ask us\n"
    clinic_in(desk / "clinic", "      - heading: Ask us\n", more)
    told = run("brochure", "--clinic", "clinic", "--proof", "--output", "out")
    assert told.code == 0
    assert "error [overfull-panel]" in told.err


def test_proof_is_accessible(desk: Path, assert_accessible: Callable[..., None]) -> None:
    told = run("brochure", "--proof", "--for", "web", "--output", "out")
    assert_accessible(desk / told.out.strip())


def test_proof_for_the_press_has_its_report(desk: Path) -> None:
    told = run("brochure", "--proof", "--for", "press", "--output", "out")
    assert told.code == 0, told.err
    assert [Path(line).name for line in told.out.splitlines()] == [
        f"{NAME}-press-en-proof-1.pdf",
        f"{NAME}-press-en-proof-1-preflight.pdf",
    ]
    again = run("brochure", "--proof", "--for", "press", "--output", "out").out.splitlines()
    assert again[0].endswith("-proof-2.pdf")


# A photo


def photo(size: tuple[int, int], dots: int = 300) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, PINK).save(written, "JPEG", dpi=(dots, dots), quality=95)
    return written.getvalue()


def with_photo(folder: Path, size: tuple[int, int], dots: int = 300) -> Path:
    clinic_in(folder / "clinic", settings=PHOTO)
    (folder / "clinic" / "assets" / "cover.jpg").write_bytes(photo(size, dots))
    return folder / "clinic"


@pytest.mark.parametrize("use", ["office", "web"])
def test_photo_takes_the_drawings_place(use: str, desk: Path) -> None:
    made = brochure(use=use, clinic=with_photo(desk, (1400, 1600)))
    page, left, right = made.where(1)
    picture = made.picture(page, 72)
    found = picture.getpixel((round((left + right) / 2), round(picture.height * 0.75)))
    assert found == pytest.approx(PINK, abs=6)
    assert "Photo: Sam Example" in made.text_of(1)
    assert "Photo: Sam Example" in sections(made.content)[0]
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        told = [str(item.Alt) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item]
    assert "A room with two chairs." in told
    assert not any("Hills" in words for words in told)


def test_photo_for_the_press_is_in_inks_and_reaches_the_bleed(desk: Path) -> None:
    made = brochure(use="press", clinic=with_photo(desk, (1400, 1600)))
    assert all(line.passed for line in made.made.lines)
    picture = made.picture(0, 72)
    slug = made.purpose.slug * MM
    corner = picture.getpixel((round(picture.width - slug - 2), round(picture.height - slug - 2)))
    assert corner[0] > corner[1] + 60, "it is still pink"
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        spaces = {str(item.ColorSpace) for item in pdf.objects if _is_picture(item)}
    assert spaces == {"/DeviceCMYK"}


def _is_picture(item: object) -> bool:
    return isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"


def test_photo_that_is_too_small_for_the_press(desk: Path) -> None:
    with_photo(desk, (280, 320), 72)
    told = run("brochure", "--clinic", "clinic", "--for", "press", "--output", "out")
    assert told.code != 0
    assert "Least dots per inch of a picture should be 300, and is " in told.message
    assert not (desk / "out").exists()
    assert BRANDS["harbor"].is_dir()
    assert run("brochure", "--clinic", "clinic", "--output", "out").code == 0, "the office printer takes it"
