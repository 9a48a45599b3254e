"""Small pages with all that can hold a colour, as WeasyPrint writes them, for the tests of the press side."""

from __future__ import annotations

import base64
import io
import shutil
import subprocess
from functools import cache
from pathlib import Path

from PIL import Image

from handouts import typesetting  # first: it says which fonts WeasyPrint may see
from handouts.errors import Origin
from handouts.fonts import font_faces
from handouts.press.inks import Inks, Palette
from handouts.press.pdfx import Boxes

BRAND, TEXT, ACCENT = "#0f5c63", "#1f2933", "#b3541e"
BRAND_INKS, ACCENT_INKS = Inks(90, 35, 45, 25), Inks(15, 75, 100, 5)
PALETTE = Palette.of({BRAND: BRAND_INKS, ACCENT: ACCENT_INKS, "#e7eff0": BRAND_INKS.tint(0.1)}, text=TEXT)
BOXES = Boxes.of_millimetres(100, 80, bleed=3, slug=9)
_FACE = font_faces("Atkinson Hyperlegible", Origin(Path(__file__)))[0]
GHOSTSCRIPT = shutil.which("gs")


def address(picture: Image.Image, form: str = "PNG", **options: object) -> str:
    """A picture as an address that carries it whole."""
    written = io.BytesIO()
    picture.save(written, form, **options)
    return f"data:image/{form.lower()};base64,{base64.b64encode(written.getvalue()).decode()}"


@cache
def photograph(width: int = 240, height: int = 160) -> Image.Image:
    """Many colours: red grows to the right, green downwards."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (across, down, Image.radial_gradient("L").resize((width, height))))


@cache
def with_holes() -> Image.Image:
    """A picture that fades out to one side."""
    picture = photograph().copy()
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    return picture


def gray_photograph() -> Image.Image:
    return Image.linear_gradient("L").resize((240, 160))


def flat_logo() -> Image.Image:
    """A drawing in four colours: white, the brand colour, black and a gray."""
    picture = Image.new("RGB", (300, 300), "white")
    picture.paste(BRAND, (30, 30, 150, 150))
    picture.paste("black", (150, 150, 270, 270))
    picture.paste("#777777", (150, 30, 270, 150))
    return picture


def written(body: str, styles: str = "", boxes: Boxes = BOXES, variant: str | None = None, pages: int = 1) -> bytes:
    """An HTML body on pages as large as the sheet with bleed and slug, as WeasyPrint writes it."""
    html = f"""
    <html lang="en"><title>A page for the press</title>
    <style>
      {_FACE.css}
      @page {{ size: {boxes.media_width}pt {boxes.media_height}pt; margin: 0 }}
      html {{ font: 12pt "{_FACE.family}"; color: {TEXT} }}
      body {{ margin: 0 }}
      .sheet {{ position: relative; height: {boxes.media_height - 0.5}pt; break-after: page; overflow: hidden }}
      .sheet:last-child {{ break-after: auto }}
      {styles}
    </style>
    {f'<div class="sheet">{body}</div>' * pages}
    </html>"""
    made = typesetting.weasyprint.HTML(string=html).write_pdf(pdf_variant=variant)
    assert isinstance(made, bytes)
    return made


@cache
def everything() -> bytes:
    """A page with text, gradients, patterns, groups, masks and pictures of all kinds."""
    tile = Image.new("RGB", (8, 8), ACCENT)
    return written(
        f"""
        <p class="lead">Black text, <b style="color: #000">pure black</b>, <i style="color: {BRAND}">brand</i>,
          <span style="color: #777">gray</span>, <span style="color: #c02040">red</span> and
          <a href="https://example.org">a link</a></p>
        <div class="linear"></div><div class="radial"></div><div class="stops"></div>
        <div class="tiled" style="background-image: url({address(tile)})"></div>
        <div class="faded">See through<div class="linear"></div></div>
        <img class="picture" src="{address(photograph(), "JPEG", quality=90)}">
        <img class="picture" src="{address(with_holes())}">
        <img class="picture" src="{address(gray_photograph())}">
        <img class="picture" src="{address(gray_photograph(), "JPEG")}">
        <img class="picture" src="{address(flat_logo())}">
        <svg width="90" height="60" viewBox="0 0 90 60">
          <defs>
            <linearGradient id="g1" gradientUnits="userSpaceOnUse" x2="40"><stop offset="0" stop-color="#f00"/>
              <stop offset=".5" stop-color="#0f0" stop-opacity=".4"/><stop offset="1" stop-color="#00f"/>
            </linearGradient>
            <pattern id="p1" width="6" height="6" patternUnits="userSpaceOnUse">
              <rect width="3" height="3" fill="{BRAND}"/></pattern>
            <mask id="m1" maskUnits="userSpaceOnUse" x="0" y="0" width="90" height="60">
              <rect width="90" height="60" fill="#888"/></mask>
          </defs>
          <rect width="40" height="25" fill="url(#g1)"/>
          <rect x="45" width="40" height="25" fill="url(#p1)"/>
          <g opacity=".5"><circle cx="20" cy="42" r="15" fill="#0a0"/><circle cx="32" cy="42" r="15" fill="#a0a"/></g>
          <rect x="50" y="30" width="30" height="20" fill="{ACCENT}" mask="url(#m1)" stroke="#222244"/>
        </svg>
        """,
        f"""
        .lead {{ margin: 40pt 60pt 0 }}
        div {{ margin: 2pt 60pt }}
        .sheet {{ margin: 0 }}
        .linear {{ height: 12pt; background: linear-gradient(to right, {BRAND}, #ffffff00) }}
        .radial {{ height: 12pt; background: radial-gradient(#fff, {ACCENT}) }}
        .stops {{ height: 12pt; background: linear-gradient(to right, #000, #888 30%, {BRAND} 60%, #fff) }}
        .tiled {{ height: 10pt }}
        .faded {{ opacity: 0.4; color: #a01010; background: #ffee88 }}
        .picture {{ width: 20pt; height: 15pt }}
        """,
    )


def ghostscript(content: bytes, folder: Path, *options: str) -> str:
    """What Ghostscript says of a PDF: a reader that is no part of us, as print shops have it."""
    assert GHOSTSCRIPT is not None
    path = folder / "press.pdf"
    path.write_bytes(content)
    asked = [GHOSTSCRIPT, "-q", "-dBATCH", "-dNOPAUSE", "-dSAFER", *options, str(path)]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def poppler(content: bytes, folder: Path, *command: str) -> str:
    """What a tool of poppler's (or qpdf) says of a PDF."""
    path = folder / "press.pdf"
    path.write_bytes(content)
    return subprocess.run([*command, str(path)], capture_output=True, text=True, check=True).stdout
